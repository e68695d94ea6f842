// How wide text is, so that nothing in a picture is cut off or lies over something else. Widths are those of DejaVu Sans, which is
// wider than the fonts that stand in for it; characters outside ASCII count as wide.

/** Advance widths of U+0020 to U+007E in hundredths of the font size, from the hmtx table of DejaVu Sans 2.37. */
const REGULAR = [
  32, 40, 46, 84, 64, 95, 78, 27, 39, 39, 50, 84, 32, 36, 32, 34, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 34, 34, 84,
  84, 84, 53, 100, 68, 69, 70, 77, 63, 58, 77, 75, 29, 29, 66, 56, 86, 75, 79, 60, 79, 69, 63, 61, 73, 68, 99, 69, 61,
  69, 39, 34, 39, 84, 50, 50, 61, 63, 55, 63, 62, 35, 63, 63, 28, 28, 58, 28, 97, 63, 61, 63, 63, 41, 52, 39, 63, 59,
  82, 59, 59, 52, 64, 34, 64, 84,
] as const;
const BOLD = [
  35, 46, 52, 84, 70, 100, 87, 31, 46, 46, 52, 84, 38, 42, 38, 37, 70, 70, 70, 70, 70, 70, 70, 70, 70, 70, 40, 40, 84,
  84, 84, 58, 100, 77, 76, 73, 83, 68, 68, 82, 84, 37, 37, 77, 64, 100, 84, 85, 73, 85, 77, 72, 68, 81, 77, 110, 77, 72,
  73, 46, 37, 46, 84, 50, 50, 67, 72, 59, 72, 68, 44, 72, 71, 34, 34, 67, 34, 104, 71, 69, 72, 72, 49, 60, 48, 71, 65,
  92, 65, 65, 58, 71, 37, 71, 84,
] as const;

const LETTER = 84;
const IDEOGRAPH = 115;

export interface Type {
  /** Font size in pixels. */
  readonly size: number;
  readonly bold?: boolean;
}

/** Width of one line in pixels. */
export const textWidth = (text: string, { size, bold = false }: Type): number => {
  const widths: readonly number[] = bold ? BOLD : REGULAR;
  let sum = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    sum += widths[code - 32] ?? (code < 0x1100 || (code >= 0x2000 && code < 0x2e80) ? LETTER : IDEOGRAPH);
  }
  return (sum * size) / 100;
};

/** The text, shortened in the middle until it fits `width` pixels: names differ at both ends. */
export const fitText = (text: string, width: number, type: Type): string => {
  if (textWidth(text, type) <= width) return text;
  const characters = [...text];
  let kept = characters.length;
  let shown = text;
  while (kept > 1 && textWidth(shown, type) > width) {
    kept -= 1;
    shown = `${characters.slice(0, Math.ceil(kept / 2)).join('')}…${characters.slice(characters.length - Math.floor(kept / 2)).join('')}`;
  }
  return shown;
};

/** Lines of at most `width` pixels, broken at blanks; a word that is wider alone is shortened. The last of `most` lines takes the rest. */
export const wrapText = (text: string, width: number, type: Type, most = Infinity): string[] => {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    const longer = last === undefined ? word : `${last} ${word}`;
    if (last !== undefined && (lines.length === most || textWidth(longer, type) <= width))
      lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines.map((line) => fitText(line, width, type));
};

/** How many lines a typesetter makes of a text that is broken at blanks and after hyphens; nothing is shortened. */
export const lineCount = (text: string, width: number, type: Type): number => {
  let [lines, taken] = [1, 0];
  for (const part of text.split(/(?<=[ -])/)) {
    const own = textWidth(part.trimEnd(), type);
    if (taken > 0 && taken + own > width) [lines, taken] = [lines + 1, 0];
    taken += textWidth(part, type);
    // A word that is wider alone goes on over as many lines as it fills.
    if (own > width) lines += Math.ceil(own / width) - 1;
  }
  return lines;
};
