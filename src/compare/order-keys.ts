// Sorts many keys by code units, fast: as numbers made from the characters behind their common beginning, and by the whole key
// only where those are equal.

/** Bits per character: ASCII. Keys of other characters are compared as they are. */
const BITS = 7;
/** As many characters as two integers of 28 bits and a double hold exactly. */
const MOST_CHARACTERS = 7;
const FRONT = 4;

const commonPrefix = (keys: readonly string[]): number => {
  const [first = ''] = keys;
  let length = first.length;
  for (const key of keys) {
    let same = 0;
    while (same < length && key.charCodeAt(same) === first.charCodeAt(same)) same += 1;
    length = same;
  }
  return length;
};

/** `count` characters of the key from `start` as one integer, 0 behind its end; -1 where one is not ASCII. */
const charactersAt = (key: string, start: number, count: number): number => {
  let packed = 0;
  for (let at = start; at < start + count; at += 1) {
    const code = at < key.length ? key.charCodeAt(at) : 0;
    if (code >= 2 ** BITS) return -1;
    packed = (packed << BITS) | code;
  }
  return packed;
};

const compareAt =
  (keys: readonly string[]) =>
  (a: number, b: number): number => {
    const [one, other] = [keys[a] ?? '', keys[b] ?? ''];
    return one < other ? -1 : one > other ? 1 : a - b;
  };

const plainOrder = (keys: readonly string[]): Uint32Array =>
  Uint32Array.from(keys, (_, position) => position).sort(compareAt(keys));

/** Positions of `keys` in ascending order of the keys. Equal keys keep their order. */
export const orderKeys = (keys: readonly string[]): Uint32Array => {
  const positionBits = Math.max(1, Math.ceil(Math.log2(keys.length)));
  const back = Math.min(MOST_CHARACTERS, Math.floor((64 - positionBits) / BITS)) - FRONT;
  const start = commonPrefix(keys);
  // One number per key, its characters above, its position below, written as two halves.
  const packed = new BigUint64Array(keys.length);
  const halves = new Uint32Array(packed.buffer);
  const positions = 2 ** positionBits;
  const lowHeads = 2 ** (32 - positionBits);
  for (let position = 0; position < keys.length; position += 1) {
    const key = keys[position] ?? '';
    const [first, second] = [charactersAt(key, start, FRONT), charactersAt(key, start + FRONT, back)];
    if (first < 0 || second < 0) return plainOrder(keys);
    const head = first * 2 ** (BITS * back) + second;
    halves[2 * position] = (head % lowHeads) * positions + position;
    halves[2 * position + 1] = Math.floor(head / lowHeads);
  }
  packed.sort();
  const order = Uint32Array.from(keys, (_, rank) => (halves[2 * rank] ?? 0) % positions);
  const isSameHead = (a: number, b: number): boolean =>
    halves[2 * a + 1] === halves[2 * b + 1] &&
    Math.floor((halves[2 * a] ?? 0) / positions) === Math.floor((halves[2 * b] ?? 0) / positions);
  const compare = compareAt(keys);
  for (let from = 0; from < keys.length;) {
    let to = from + 1;
    while (to < keys.length && isSameHead(from, to)) to += 1;
    if (to - from > 1) order.subarray(from, to).sort(compare);
    from = to;
  }
  return order;
};
