// Keys of kinds of records: the words that `kind-plans.ts` finds in a record, kept and compared as they are stored. A guess is
// checked over long words as doubles, which compares eight bytes at once.
import { LONG_WORDS, SHORT_WORDS } from './kind-plans.ts';
import type { KindPlans } from './kind-plans.ts';

const HALVES = 2 * LONG_WORDS;

export interface Keys {
  /** LONG_WORDS of each key, and the same bytes as integers. */
  readonly longs: Float64Array;
  readonly halves: Int32Array;
  /** SHORT_WORDS of each key. */
  readonly shorts: Int32Array;
}

export const createKeys = (capacity: number): Keys => {
  const longs = new Float64Array(capacity * LONG_WORDS);
  return { longs, halves: new Int32Array(longs.buffer), shorts: new Int32Array(capacity * SHORT_WORDS) };
};

/** Keys with room for more. */
export const grownKeys = (keys: Keys, capacity: number): Keys => {
  const larger = createKeys(capacity);
  larger.halves.set(keys.halves);
  larger.shorts.set(keys.shorts);
  return larger;
};

/** Writes the key of the record of `shape` at `at` as key number `key`; returns its hash. */
export const readKey = (
  plans: KindPlans,
  view: DataView,
  at: number,
  shape: number,
  { halves, shorts }: Keys,
  key: number,
): number => {
  let hash = 0;
  for (let i = 0; i < LONG_WORDS; i++) {
    const place = at + (plans.longs[shape * LONG_WORDS + i] ?? 0);
    const low = view.getInt32(place, true);
    const high = view.getInt32(place + 4, true);
    halves[key * HALVES + 2 * i] = low;
    halves[key * HALVES + 2 * i + 1] = high;
    hash = Math.imul(hash ^ low, 0x9e3779b1) + (hash >>> 15);
    hash = Math.imul(hash ^ high, 0x9e3779b1) + (hash >>> 15);
  }
  for (let i = 0; i < SHORT_WORDS; i++) {
    const field = shape * SHORT_WORDS + i;
    const word = view.getInt32(at + (plans.shorts[field] ?? 0), true) & (plans.masks[field] ?? 0);
    shorts[key * SHORT_WORDS + i] = word;
    hash = Math.imul(hash ^ word, 0x85ebca6b) + (hash >>> 15);
  }
  return Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
};

/** True where two keys hold the same words. */
export const sameKey = ({ halves, shorts }: Keys, a: number, b: number): boolean => {
  for (let i = 0; i < HALVES; i++) if (halves[a * HALVES + i] !== halves[b * HALVES + i]) return false;
  for (let i = 0; i < SHORT_WORDS; i++) if (shorts[a * SHORT_WORDS + i] !== shorts[b * SHORT_WORDS + i]) return false;
  return true;
};

/** False where doubles may be equal though their bytes are not (zero has a sign), or unequal though they are (NaN). */
export const comparesAsDoubles = ({ longs }: Keys, key: number): boolean =>
  longs.subarray(key * LONG_WORDS, (key + 1) * LONG_WORDS).every((long) => long !== 0 && !Number.isNaN(long));
