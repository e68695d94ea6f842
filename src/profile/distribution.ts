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
  const low = orderStatistic(slices, Math.floor(place));
  const part = place - Math.floor(place);
  return part === 0 ? low : low + part * (orderStatistic(slices, Math.floor(place) + 1) - low);
};

/** The value of rank `k` (from 0) of the union. */
const orderStatistic = (slices: readonly Sorted[], k: number): number => {
  const [only] = slices;
  if (only !== undefined && slices.length === 1) return only[k] ?? NaN;
  let { low, high } = bracketOf(slices, k);
  while (low < high) {
    const middle = low + Math.floor((high - low) / 2);
    if (countInAll(slices, middle) > k) high = middle;
    else low = middle + 1;
  }
  return low;
};

/** Values between which rank `k` lies: those of the same relative rank in each slice, or all where these do not hold it. */
const bracketOf = (slices: readonly Sorted[], k: number): { low: number; high: number } => {
  const part = (k + 0.5) / slices.reduce((sum, slice) => sum + slice.length, 0);
  let [low, high, least, most] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const slice of slices) {
    const at = part * slice.length;
    low = Math.min(low, slice[Math.max(0, Math.floor(at) - 1)] ?? Infinity);
    high = Math.max(high, slice[Math.min(slice.length - 1, Math.ceil(at) + 1)] ?? -Infinity);
    least = Math.min(least, slice[0] ?? Infinity);
    most = Math.max(most, slice.at(-1) ?? -Infinity);
  }
  const holds = countInAll(slices, low - 1) <= k && countInAll(slices, high) > k;
  return holds ? { low, high } : { low: least, high: most };
};

const countInAll = (slices: readonly Sorted[], value: number): number => {
  let count = 0;
  for (const slice of slices) count += countUpTo(slice, value);
  return count;
};

/** How many values are at most `value`. */
const countUpTo = (sorted: Sorted, value: number): number => {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? Infinity) <= value) low = middle + 1;
    else high = middle;
  }
  return low;
};
