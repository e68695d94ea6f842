// Remembers which number a key of words stands for: an open-addressing hash table over typed arrays, without an object or a
// string per lookup. Bounded: when it is full it forgets everything, which costs time and never a result.

/** Words of an entry, one line of the processor's cache: those of its key, then the number that it stands for. */
export const ENTRY_WORDS = 16;
export const VALUE = ENTRY_WORDS - 1;

const MOST_ENTRIES = 1 << 16;
const FIRST_ENTRIES = 1 << 10;
/** So many that two keys hardly ever meet in one: the processor guesses what comes next. */
const BUCKETS_PER_ENTRY = 4;
const EMPTY = -1;

export interface WordMemo {
  /** ENTRY_WORDS of each entry. */
  entries: Int32Array;
  /**
   * Entry in each bucket, -1 in an empty one. A key is in bucket `hash >>> shift`, or in the next that was free: the upper
   * bits of a hash are those that every word of the key moves.
   */
  buckets: Int32Array;
  shift: number;
  hashes: Int32Array;
  size: number;
}

export const createWordMemo = (): WordMemo => {
  const none = new Int32Array(0);
  const memo = { entries: none, buckets: none, hashes: none, shift: 0, size: 0 };
  resize(memo, FIRST_ENTRIES);
  return memo;
};

/** Remembers an entry whose key was not found. */
export const remember = (memo: WordMemo, entry: readonly number[], hash: number): void => {
  if (memo.size === MOST_ENTRIES) forgetAll(memo);
  if (memo.size === memo.hashes.length) resize(memo, 2 * memo.size);
  const index = memo.size++;
  memo.entries.set(entry, index * ENTRY_WORDS);
  memo.hashes[index] = hash;
  place(memo, index);
};

const forgetAll = (memo: WordMemo): void => {
  memo.size = 0;
  memo.buckets.fill(EMPTY);
};

const place = ({ buckets, hashes, shift }: WordMemo, index: number): void => {
  let bucket = (hashes[index] ?? 0) >>> shift;
  while (buckets[bucket] !== EMPTY) bucket = (bucket + 1) & (buckets.length - 1);
  buckets[bucket] = index;
};

const resize = (memo: WordMemo, capacity: number): void => {
  memo.entries = grown(memo.entries, capacity * ENTRY_WORDS);
  memo.hashes = grown(memo.hashes, capacity);
  memo.buckets = new Int32Array(BUCKETS_PER_ENTRY * capacity).fill(EMPTY);
  memo.shift = Math.clz32(memo.buckets.length) + 1;
  for (let index = 0; index < memo.size; index++) place(memo, index);
};

const grown = (from: Int32Array, length: number): Int32Array => {
  const target = new Int32Array(length);
  target.set(from);
  return target;
};
