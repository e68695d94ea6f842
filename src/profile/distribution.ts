// Exact statistics over any set of kernel groups: their calls are sorted group by group, so an order statistic of the
// union is found by bisection over the value and no data is moved. Never estimates what the file does not hold.
import type { KernelGroup, ProfileSide } from './model.ts';

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
  const groups = counted.map(({ group }) => group);
  const count = groups.reduce((sum, group) => sum + group.count, 0);
  const totalNs = groups.reduce((sum, group) => sum + group.totalNs, 0);
  if (count === 0) return { count, totalNs, meanNs: null, medianNs: null, p95Ns: null, stdNs: null };
  const meanNs = totalNs / count;
  const known = groups.every((group) => group.offset >= 0);
  const given = groups.length === 1 ? groups[0]?.given : null;
  const slices = known ? counted.map(({ calls }) => calls) : [];
  return {
    count,
    totalNs,
    meanNs,
    medianNs: known ? quantileOfUnion(slices, 0.5) : (given?.medianNs ?? null),
    p95Ns: known ? quantileOfUnion(slices, 0.95) : (given?.p95Ns ?? null),
    stdNs: standardDeviation(groups, count, meanNs),
  };
};

/** Spread within groups and between their means, put together. */
const standardDeviation = (groups: readonly KernelGroup[], count: number, mean: number): number | null => {
  if (count < 2 || groups.some((group) => group.squaresNs === null)) return null;
  const squares = groups.reduce(
    (sum, group) => sum + (group.squaresNs ?? 0) + group.count * (group.totalNs / group.count - mean) ** 2,
    0,
  );
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
  const value = orderStatistic(slices, rank);
  let [upTo, next] = [0, Infinity];
  for (const slice of slices) {
    const above = countUpTo(slice, value, 0, slice.length);
    upTo += above;
    next = Math.min(next, slice[above] ?? Infinity);
  }
  return { value, next: upTo > rank + 1 ? value : next };
};

/**
 * Bisects the value. Each slice keeps the places between which the values lie that are still in question: they close in with
 * every step, and a slice without such values is not looked at again.
 */
const orderStatistic = (slices: readonly Sorted[], rank: number): number => {
  let windows = slices.map((slice) => ({ slice, from: 0, middle: 0, to: slice.length }));
  let [low, high, below] = [leastOf(slices), mostOf(slices), 0];
  while (low < high) {
    const middle = low + Math.floor((high - low) / 2);
    let count = below;
    for (const window of windows) {
      window.middle = countUpTo(window.slice, middle, window.from, window.to);
      count += window.middle;
    }
    const inUpper = count <= rank;
    if (inUpper) low = middle + 1;
    else high = middle;
    for (const window of windows) {
      if (inUpper) window.from = window.middle;
      else window.to = window.middle;
    }
    const closed = windows.filter(({ from, to }) => from === to);
    if (closed.length === 0) continue;
    below += closed.reduce((sum, { from }) => sum + from, 0);
    windows = windows.filter(({ from, to }) => from < to);
  }
  return low;
};

const leastOf = (slices: readonly Sorted[]): number =>
  slices.reduce((least, slice) => Math.min(least, slice[0] ?? Infinity), Infinity);
const mostOf = (slices: readonly Sorted[]): number =>
  slices.reduce((most, slice) => Math.max(most, slice.at(-1) ?? -Infinity), -Infinity);

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
