// Slow drift of a series: the Theil-Sen slope and its exact distribution-free interval. A few wild values do not move
// it, and it never calls a step a drift by itself: look at the change points too.
import { type ShiftEstimate, middle, orderInterval } from './hodges-lehmann.ts';
import { normalQuantile } from './normal-distribution.ts';
import { intervalOrder } from './rank-sum-null.ts';

/** Above this many values the normal approximation of Kendall's count takes over. */
const EXACT_UP_TO = 100;

const tables = new Map<number, Float64Array>();

/**
 * P(discordant pairs ≤ k) for k = 0 … n(n-1)/2 when order says nothing: the i-th value is equally likely to stand
 * before 0 … i - 1 of the earlier ones (Kendall 1938).
 */
const kendallCdf = (n: number): Float64Array => {
  const known = tables.get(n);
  if (known !== undefined) return known;
  let chances = Float64Array.of(1);
  for (let i = 2; i <= n; i += 1) {
    const next = new Float64Array(chances.length + i - 1);
    for (let before = 0; before < i; before += 1)
      chances.forEach((chance, k) => (next[k + before] = (next[k + before] ?? 0) + chance / i));
    chances = next;
  }
  let total = 0;
  const cdf = chances.map((chance) => (total += chance));
  tables.set(n, cdf);
  return cdf;
};

const normalOrder = (n: number, slopes: number, alpha: number): { order: number; level: number } => {
  const spread = Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18);
  return { order: Math.max(0, Math.floor((slopes + normalQuantile(alpha) * spread) / 2)), level: 1 - 2 * alpha };
};

/**
 * Median slope over all pairs of a series of values in order, per step, with the interval that errs by at most `alpha`
 * on each side (Sen 1968). Take logarithms first for a slope in fractions per step. Null with fewer than two values.
 */
export const theilSen = (series: readonly number[], alpha = 0.05): ShiftEstimate | null => {
  const n = series.length;
  if (n < 2) return null;
  const slopes = Float64Array.from(
    series.flatMap((early, i) => series.slice(i + 1).map((late, gap) => (late - early) / (gap + 1))),
  ).sort();
  const { order, level } =
    n <= EXACT_UP_TO ? intervalOrder(kendallCdf(n), alpha) : normalOrder(n, slopes.length, alpha);
  return { estimate: middle(slopes), interval: orderInterval(slopes, order, level) };
};
