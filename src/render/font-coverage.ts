// Which characters a TrueType font has a glyph for, from its table `cmap`, format 12 (OpenType specification, "cmap"). A typesetter that
// may not fall back to fonts of the machine needs to know before it meets one.

const ENTRY = 16;

/** Where a table of the font begins; 0 where it has none. */
const tableAt = (font: DataView, tag: string): number => {
  for (let entry = 0; entry < font.getUint16(4); entry += 1) {
    const at = 12 + entry * ENTRY;
    const name = [0, 1, 2, 3].map((index) => String.fromCharCode(font.getUint8(at + index))).join('');
    if (name === tag) return font.getUint32(at + 8);
  }
  return 0;
};

/** Ranges of characters, sorted: [first, last]. */
const rangesOf = (bytes: Uint8Array): (readonly [number, number])[] => {
  const font = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const cmap = tableAt(font, 'cmap');
  const tables = Array.from(
    { length: font.getUint16(cmap + 2) },
    (_, index) => cmap + font.getUint32(cmap + 8 + 8 * index),
  );
  const full = tables.find((at) => font.getUint16(at) === 12);
  if (full === undefined) return [];
  return Array.from({ length: font.getUint32(full + 12) }, (_, index) => {
    const at = full + 16 + 12 * index;
    return [font.getUint32(at), font.getUint32(at + 4)] as const;
  });
};

const REPLACEMENT = '\ufffd';
/** Beyond what every font of ours has; of these each is looked up. */
const FOREIGN = /[^\n -~]/gu;
/** No reader knows what these mean, so the standard for archives forbids them. */
const PRIVATE = /\p{Co}/u;

/** Text in which every character that one of the fonts lacks is `\ufffd`. Line ends stay. */
export const coveredBy = (fonts: readonly Uint8Array[]): ((text: string) => string) => {
  const all = fonts.map(rangesOf);
  const has = (character: string): boolean => {
    const code = character.codePointAt(0) ?? 0;
    return (
      !PRIVATE.test(character) && all.every((ranges) => ranges.some(([first, last]) => code >= first && code <= last))
    );
  };
  const known = new Map<string, string>();
  const shown = (character: string): string => {
    const found = known.get(character) ?? (has(character) ? character : REPLACEMENT);
    known.set(character, found);
    return found;
  };
  return (text) => text.replaceAll(FOREIGN, shown);
};
