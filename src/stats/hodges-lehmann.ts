// How far one sample lies above another: the Hodges-Lehmann shift and its exact distribution-free confidence interval.
// One wild value moves them little, and no form of the noise is assumed beyond its being the same on both sides.
import { normalQuantile } from './normal-distribution.ts';
import { EXACT_PAIRS_LIMIT, intervalOrder, rankSumCdf } from './rank-sum-null.ts';

export interface ShiftInterval {
  readonly low: number;
  readonly high: number;
  /** Coverage actually reached, at least what was asked for: the distribution has steps. */
  readonly level: number;
  /** The ends are the `order`-th smallest and largest of the pairwise figures. */
  readonly order: number;
}

export interface ShiftEstimate {
  readonly estimate: number;
  /** null when the samples are too small for an interval at this level. */
  readonly interval: ShiftInterval | null;
}

/** Median of an ascending, non-empty array. */
export const middle = (sorted: Float64Array): number => {
  const upper = sorted[sorted.length >> 1] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[(sorted.length >> 1) - 1] ?? Number.NaN) + upper) / 2;
};

/** The interval [D(k), D(count + 1 - k)] of ascending pairwise figures. */
export const orderInterval = (sorted: Float64Array, order: number, level: number): ShiftInterval | null =>
  order < 1
    ? null
    : { low: sorted[order - 1] ?? Number.NaN, high: sorted[sorted.length - order] ?? Number.NaN, level, order };

/** All differences candidate - baseline, ascending. */
const pairwiseDifferences = (baseline: readonly number[], candidate: readonly number[]): Float64Array => {
  const differences = new Float64Array(baseline.length * candidate.length);
  baseline.forEach((a, i) => candidate.forEach((b, j) => (differences[i * candidate.length + j] = b - a)));
  return differences.sort();
};

/** Order for many pairs: ⌊nm/2 - z·√(nm(n+m+1)/12)⌋ (Hollander, Wolfe and Chicken, 3rd ed., 4.3). */
const normalOrder = (n: number, m: number, alpha: number): { order: number; level: number } => {
  const spread = Math.sqrt((n * m * (n + m + 1)) / 12);
  return { order: Math.max(0, Math.floor((n * m) / 2 + normalQuantile(alpha) * spread)), level: 1 - 2 * alpha };
};

/**
 * Median of all candidate - baseline differences, with the interval that errs by at most `alpha` on each side (0.05
 * gives the 90 percent interval of two one-sided tests at 5 percent). Lehmann 1975, Nonparametrics, 2.5. Both samples
 * non-empty.
 */
export const hodgesLehmann = (
  baseline: readonly number[],
  candidate: readonly number[],
  alpha: number,
): ShiftEstimate => {
  const [n, m] = [baseline.length, candidate.length];
  const differences = pairwiseDifferences(baseline, candidate);
  const { order, level } =
    n * m <= EXACT_PAIRS_LIMIT ? intervalOrder(rankSumCdf(n, m), alpha) : normalOrder(n, m, alpha);
  return { estimate: middle(differences), interval: orderInterval(differences, order, level) };
};
