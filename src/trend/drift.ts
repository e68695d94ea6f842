// Slow creep inside the segments of a series: a slope per run with its interval. Steps between segments do not count as creep.
import { normalQuantile } from '../stats/normal-distribution.ts';

export interface Drift {
  /** Median slope in percent per run; positive means that the values grow. */
  readonly percent_per_run: number;
  readonly low: number;
  readonly high: number;
  /** True when the interval excludes no slope. */
  readonly significant: boolean;
}

/** Variance of Kendall's S for n values, with groups of equal values taken out (Kendall 1975). */
const kendallVariance = (values: readonly number[]): number => {
  const n = values.length;
  const groups = new Map<number, number>();
  for (const value of values) groups.set(value, (groups.get(value) ?? 0) + 1);
  const tied = [...groups.values()].reduce((sum, t) => sum + t * (t - 1) * (2 * t + 5), 0);
  return (n * (n - 1) * (2 * n + 5) - tied) / 18;
};

const pairSlopes = (values: readonly number[]): number[] =>
  values.flatMap((from, i) => values.slice(i + 1).map((to, step) => (to - from) / (step + 1)));

const at = (sorted: readonly number[], rank: number): number =>
  sorted[Math.min(sorted.length - 1, Math.max(0, rank))] ?? Number.NaN;

/**
 * Theil-Sen slope of ln x over the run number, from pairs within the same segment only, with Sen's interval (1968) on the pooled
 * variance (the seasonal Kendall test of Hirsch and Slack 1984 with segments as seasons). All values > 0. Null with fewer than 8
 * pairs, where the normal approximation of the interval does not hold.
 */
export const driftWithin = (segments: readonly (readonly number[])[], level = 0.95): Drift | null => {
  const logs = segments.map((segment) => segment.map(Math.log));
  const slopes = logs.flatMap(pairSlopes).sort((a, b) => a - b);
  if (slopes.length < 8) return null;
  const variance = logs.reduce((sum, segment) => sum + kendallVariance(segment), 0);
  const reach = normalQuantile((1 + level) / 2) * Math.sqrt(variance);
  const percent = (slope: number): number => 100 * Math.expm1(slope);
  const middle = (at(slopes, Math.floor((slopes.length - 1) / 2)) + at(slopes, Math.ceil((slopes.length - 1) / 2))) / 2;
  const low = percent(at(slopes, Math.floor((slopes.length - reach) / 2) - 1));
  const high = percent(at(slopes, Math.ceil((slopes.length + reach) / 2)));
  return { percent_per_run: percent(middle), low, high, significant: low > 0 || high < 0 };
};
