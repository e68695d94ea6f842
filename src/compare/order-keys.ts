// Sorts many keys by code units, fast: as numbers made from the characters behind their common beginning, and by the whole key
// only where those are equal.

/** Bits per character: ASCII. */
const CHARACTER_BITS = 7;
/** As many as a double holds exactly. */
const MOST_CHARACTERS = 7;
/** Stands for every other character; whether it is one is left to the comparison of whole keys. */
const NOT_ASCII = 127;

const commonPrefix = (keys: readonly string[]): number => {
  const [first = ''] = keys;
  let length = first.length;
  for (const key of keys)
    if (!key.startsWith(first.slice(0, length))) {
      let same = 0;
      while (same < length && key.charCodeAt(same) === first.charCodeAt(same)) same += 1;
      length = same;
    }
  return length;
};

/** `characters` of the key from `start` as one number; what follows a character that is not ASCII does not count. */
const headOf = (key: string, start: number, characters: number): number => {
  let head = 0;
  for (let at = 0, isAscii = true; at < characters; at += 1) {
    const code = isAscii && start + at < key.length ? key.charCodeAt(start + at) : 0;
    if (code >= NOT_ASCII) isAscii = false;
    head = head * 2 ** CHARACTER_BITS + Math.min(code, NOT_ASCII);
  }
  return head;
};

/** Positions of `keys` in ascending order of the keys. Equal keys keep their order. */
export const orderKeys = (keys: readonly string[]): Uint32Array => {
  const positionBits = Math.max(1, Math.ceil(Math.log2(keys.length)));
  const characters = Math.min(MOST_CHARACTERS, Math.floor((64 - positionBits) / CHARACTER_BITS));
  const start = commonPrefix(keys);
  const packed = new BigUint64Array(keys.length);
  const halves = new Uint32Array(packed.buffer);
  const lowHeads = 2 ** (32 - positionBits);
  const lowPositions = 2 ** positionBits;
  keys.forEach((key, position) => {
    const head = headOf(key, start, characters);
    halves[2 * position] = (head % lowHeads) * lowPositions + position;
    halves[2 * position + 1] = Math.floor(head / lowHeads);
  });
  packed.sort();
  const positions = Uint32Array.from(keys, (_, rank) => (halves[2 * rank] ?? 0) % lowPositions);
  const isSameHead = (a: number, b: number): boolean =>
    halves[2 * a + 1] === halves[2 * b + 1] &&
    Math.floor((halves[2 * a] ?? 0) / lowPositions) === Math.floor((halves[2 * b] ?? 0) / lowPositions);
  const compare = (a: number, b: number): number => {
    const [one, other] = [keys[a] ?? '', keys[b] ?? ''];
    return one < other ? -1 : one > other ? 1 : a - b;
  };
  for (let from = 0; from < keys.length;) {
    let to = from + 1;
    while (to < keys.length && isSameHead(from, to)) to += 1;
    if (to - from > 1) positions.subarray(from, to).sort(compare);
    from = to;
  }
  return positions;
};
