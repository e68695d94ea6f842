// How many keys queries attend to, summed over the queries of a pass, and how many of them a pass reads from the cache.
import type { Reach } from './model-shape.ts';

const triangle = (count: number): number => (count * (count + 1)) / 2;

/** Keys that queries with 1, 2, … `context` keys attend to, summed. */
const upTo = (reach: Reach, context: number): number => {
  if (reach.kind === 'full' || context <= 0) return triangle(Math.max(0, context));
  const { keys } = reach;
  if (reach.kind === 'chunked') {
    const whole = Math.floor(context / keys);
    return whole * triangle(keys) + triangle(context - whole * keys);
  }
  return context <= keys ? triangle(context) : triangle(keys) + (context - keys) * keys;
};

/** Sum over `queries` queries in a row of which the first has `first` keys, itself included. */
export const attendedKeys = (reach: Reach, first: number, queries: number): number =>
  upTo(reach, first + queries - 1) - upTo(reach, first - 1);

/** Keys of the last chunk that a query with `context` keys is in. */
const inChunk = (context: number, keys: number): number => ((context - 1) % keys) + 1;

/**
 * Cached tokens that a verification pass reads of one sequence: `context` keys for the first query, `drafts` queries after it.
 * For sparse attention the best case: all queries select the same keys.
 */
export const readInDecode = (reach: Reach, context: number, drafts: number): number => {
  if (reach.kind === 'full') return context + drafts;
  if (reach.kind === 'chunked') return inChunk(context, reach.keys) + drafts;
  const window = reach.kind === 'sliding' ? reach.keys + drafts : reach.keys;
  return Math.min(context + drafts, window);
};

/** Cached tokens of the prefix that a prefill pass reads of one sequence. */
export const readInPrefill = (reach: Reach, prefix: number): number => {
  if (reach.kind === 'sliding') return Math.min(prefix, reach.keys - 1);
  return reach.kind === 'chunked' ? prefix % reach.keys : prefix;
};

/** Tokens of a sequence that must stay in the cache. */
export const residentTokens = (reach: Reach, context: number): number =>
  reach.kind === 'sliding' || reach.kind === 'chunked' ? Math.min(context, reach.keys) : context;
