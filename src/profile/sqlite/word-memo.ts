// Remembers which number a sequence of words stands for: an open-addressing hash table over typed arrays, without an
// object or a string per lookup. Bounded: when it is full it forgets everything, which costs time and never a result.

/** Longest sequence that is remembered. An entry is these words and its value: one line of the processor's cache. */
export const MEMO_WORDS = 15;

const ENTRY_WORDS = MEMO_WORDS + 1;
const VALUE = MEMO_WORDS;
const MOST_ENTRIES = 1 << 16;
const FIRST_ENTRIES = 1 << 10;

export interface WordMemo {
  /** Fill the leading words, then look up. */
  readonly scratch: Int32Array;
  /** ENTRY_WORDS of each entry. */
  entries: Int32Array;
  hashes: Int32Array;
  buckets: Int32Array;
  size: number;
}

export const createWordMemo = (): WordMemo => ({
  scratch: new Int32Array(ENTRY_WORDS),
  entries: new Int32Array(FIRST_ENTRIES * ENTRY_WORDS),
  hashes: new Int32Array(FIRST_ENTRIES),
  buckets: new Int32Array(2 * FIRST_ENTRIES).fill(-1),
  size: 0,
});

/** Takes the next word into the hash. Words are folded first, since bytes may differ in their high bits alone. */
export const mixed = (hash: number, word: number): number => (Math.imul(hash, 0x9e3779b1) + (word ^ (word >>> 15))) | 0;

/** Value of the first `count` scratch words, whose hash is `hash`; `otherwise` where they are not remembered. */
export const recall = (memo: WordMemo, count: number, hash: number, otherwise: number): number => {
  const { scratch, entries, buckets } = memo;
  const mask = buckets.length - 1;
  for (let bucket = (hash ^ (hash >>> 16)) & mask; ; bucket = (bucket + 1) & mask) {
    const entry = buckets[bucket] ?? -1;
    if (entry < 0) return otherwise;
    const base = entry * ENTRY_WORDS;
    let i = 0;
    while (i < count && entries[base + i] === scratch[i]) i++;
    if (i === count) return entries[base + VALUE] ?? otherwise;
  }
};

/** Remembers the scratch words, which `recall` did not find. `value`: an integer of at most 32 bits. */
export const remember = (memo: WordMemo, hash: number, value: number): void => {
  if (memo.size === memo.hashes.length) makeRoom(memo);
  const entry = memo.size++;
  memo.entries.set(memo.scratch, entry * ENTRY_WORDS);
  memo.entries[entry * ENTRY_WORDS + VALUE] = value;
  memo.hashes[entry] = hash;
  place(memo.buckets, entry, hash);
};

const place = (buckets: Int32Array, entry: number, hash: number): void => {
  const mask = buckets.length - 1;
  let bucket = (hash ^ (hash >>> 16)) & mask;
  while ((buckets[bucket] ?? -1) >= 0) bucket = (bucket + 1) & mask;
  buckets[bucket] = entry;
};

const makeRoom = (memo: WordMemo): void => {
  const capacity = memo.size * 2;
  if (capacity > MOST_ENTRIES) {
    memo.size = 0;
    memo.buckets.fill(-1);
    return;
  }
  memo.entries = grown(memo.entries, capacity * ENTRY_WORDS);
  memo.hashes = grown(memo.hashes, capacity);
  memo.buckets = new Int32Array(2 * capacity).fill(-1);
  for (let entry = 0; entry < memo.size; entry++) place(memo.buckets, entry, memo.hashes[entry] ?? 0);
};

const grown = (from: Int32Array, length: number): Int32Array => {
  const target = new Int32Array(length);
  target.set(from);
  return target;
};
