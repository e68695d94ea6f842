// Exact statistics over any set of kernel groups: their calls are sorted group by group, so an order statistic of the
// union is found by bisection over the value and no data is moved. Never estimates what the file does not hold.
import type { KernelGroup, ProfileSide } from '../model/profile-side.ts';

/** Calls and their durations in ns. Quantiles by linear interpolation (type 7), standard deviation with n - 1. */
export interface Distribution {
  readonly count: number;
  readonly totalNs: number;
  readonly meanNs: number | null;
  readonly medianNs: number | null;
  readonly p95Ns: number | null;
  readonly stdNs: number | null;
}

type Sorted = Uint32Array | Float64Array;

/** Durations of the calls of one group, ascending; empty where single calls are unknown. */
export const callsOf = (side: Pick<ProfileSide, 'durations'>, group: KernelGroup): Sorted =>
  group.offset < 0 ? new Uint32Array(0) : side.durations.subarray(group.offset, group.offset + group.count);

/** A group beside its calls. */
export interface Counted {
  readonly group: KernelGroup;
  readonly calls: Sorted;
}

export const distributionOf = (counted: readonly Counted[]): Distribution => {
  let [count, totalNs, known] = [0, 0, true];
  for (const { group } of counted) {
    count += group.count;
    totalNs += group.totalNs;
    known &&= group.offset >= 0;
  }
  if (count === 0) return { count, totalNs, meanNs: null, medianNs: null, p95Ns: null, stdNs: null };
  const meanNs = totalNs / count;
  const given = counted.length === 1 ? counted[0]?.group.given : null;
  const slices = known ? counted.map(({ calls }) => calls) : [];
  return {
    count,
    totalNs,
    meanNs,
    medianNs: known ? quantileOfUnion(slices, 0.5) : (given?.medianNs ?? null),
    p95Ns: known ? quantileOfUnion(slices, 0.95) : (given?.p95Ns ?? null),
    stdNs: standardDeviation(counted, count, meanNs),
  };
};

/** Spread within groups and between their means, put together. */
const standardDeviation = (counted: readonly Counted[], count: number, mean: number): number | null => {
  if (count < 2) return null;
  let squares = 0;
  for (const { group } of counted) {
    if (group.squaresNs === null) return null;
    squares = squares + group.squaresNs + group.count * (group.totalNs / group.count - mean) ** 2;
  }
  return Math.sqrt(squares / (count - 1));
};

/** Quantile `p` of all values in `slices`, each ascending and of integers. */
export const quantileOfUnion = (slices: readonly Sorted[], p: number): number => {
  const count = slices.reduce((sum, slice) => sum + slice.length, 0);
  const place = (count - 1) * p;
  const rank = Math.floor(place);
  const { value, next } = neighboursAt(slices, rank);
  const part = place - rank;
  return part === 0 ? value : value + part * (next - value);
};

interface Neighbours {
  /** The value of a rank (from 0) of the union, and the one of the rank after it. */
  readonly value: number;
  readonly next: number;
}

const neighboursAt = (slices: readonly Sorted[], rank: number): Neighbours => {
  const [only] = slices;
  if (only !== undefined && slices.length === 1) return { value: only[rank] ?? NaN, next: only[rank + 1] ?? NaN };
  const { value, windows } = orderStatistic(slices, rank);
  let [upTo, next] = [0, Infinity];
  for (const { slice, to } of windows) {
    upTo += to;
    if (to < slice.length) next = Math.min(next, slice[to] ?? Infinity);
  }
  return { value, next: upTo > rank + 1 ? value : next };
};

/** The part of a slice that holds its values from `low` to `high`. */
interface Window {
  readonly slice: Sorted;
  from: number;
  middle: number;
  to: number;
}

/**
 * Bisects the value between bounds, starting with the places that the rank would have in each slice if all were spread alike.
 * The windows close in with every step, and one without values is not searched again; those returned end after the value.
 */
const orderStatistic = (
  slices: readonly Sorted[],
  rank: number,
): { readonly value: number; readonly windows: readonly Window[] } => {
  let { low, high } = boundsOf(slices, rank);
  const windows = slices.map((slice): Window => {
    const from = countUpTo(slice, low - 1, 0, slice.length);
    return { slice, from, middle: from, to: countUpTo(slice, high, from, slice.length) };
  });
  let [open, below] = [windows.length, 0];
  while (low < high) {
    const middle = low + Math.floor((high - low) / 2);
    let count = below;
    for (let at = 0; at < open; at++) {
      const window = windows[at];
      if (window === undefined) continue;
      window.middle = countUpTo(window.slice, middle, window.from, window.to);
      count += window.middle;
    }
    const inUpper = count <= rank;
    if (inUpper) low = middle + 1;
    else high = middle;
    for (let at = open - 1; at >= 0; at--) {
      const window = windows[at];
      if (window === undefined) continue;
      if (inUpper) window.from = window.middle;
      else window.to = window.middle;
      if (window.from < window.to) continue;
      below += window.from;
      open--;
      const last = windows[open];
      if (last !== undefined) [windows[at], windows[open]] = [last, window];
    }
  }
  return { value: low, windows };
};

/** Values between which that of a rank lies: of places that leave out at most, and take in at least, as many as it has below. */
const boundsOf = (slices: readonly Sorted[], rank: number): { low: number; high: number } => {
  const count = slices.reduce((sum, { length }) => sum + length, 0);
  let [low, high] = [Infinity, -Infinity];
  for (const slice of slices) {
    if (slice.length === 0) continue;
    const place = (rank * slice.length) / count;
    low = Math.min(low, slice[Math.max(0, Math.floor(place) - 1)] ?? Infinity);
    high = Math.max(high, slice[Math.min(slice.length - 1, Math.ceil(place) + 1)] ?? -Infinity);
  }
  return { low, high };
};

/** How many values are at most `value`; known to be between `from` and `to`. */
const countUpTo = (sorted: Sorted, value: number, from: number, to: number): number => {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? Infinity) <= value) low = middle + 1;
    else high = middle;
  }
  return low;
};
