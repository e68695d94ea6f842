// Paired samples: Wilcoxon's signed rank test, and the estimate and exact interval from Walsh averages. Assumes only
// that the differences scatter symmetrically about their centre.
import { middle, orderInterval, type ShiftEstimate } from './hodges-lehmann.ts';
import type { OneSided } from './mann-whitney.ts';
import { midranks } from './midranks.ts';
import { normalCdf, normalQuantile } from './normal-distribution.ts';
import { cdfAt, intervalOrder } from './rank-sum-null.ts';
import { EXACT_SIGNED_LIMIT, signedRankCdf, subsetSums } from './signed-rank-null.ts';

export interface SignedRank {
  /** Sum of the ranks of |difference| over positive differences. */
  readonly wPlus: number;
  readonly wMinus: number;
  /** Zero differences carry no sign and are left out of the test (Wilcoxon's rule). */
  readonly nNonzero: number;
  readonly pTwoSided: number;
  readonly pGreater: number;
  readonly pLess: number;
}

const exactTails = (ranks: readonly number[], tied: boolean, wPlus: number): OneSided => {
  const total = (ranks.length * (ranks.length + 1)) / 2;
  if (!tied) {
    const cdf = signedRankCdf(ranks.length);
    return { greater: cdfAt(cdf, total - wPlus), less: cdfAt(cdf, wPlus) };
  }
  const chances = subsetSums(ranks.map((rank) => Math.round(2 * rank)));
  const share = (from: number, to: number): number =>
    chances.subarray(from, to).reduce((sum, chance) => sum + chance, 0);
  const observed = Math.round(2 * wPlus);
  return { greater: share(observed, chances.length), less: share(0, observed + 1) };
};

const normalTails = (ranks: readonly number[], wPlus: number): OneSided => {
  const total = (ranks.length * (ranks.length + 1)) / 2;
  const spread = Math.sqrt(ranks.reduce((sum, rank) => sum + rank * rank, 0)) / 2;
  const upper = (w: number): number => normalCdf(-(w - total / 2 - 0.5) / spread);
  return { greater: upper(wPlus), less: upper(total - wPlus) };
};

/**
 * Test of differences candidate - baseline against a centre of zero; sizes within `grain` of each other, or of zero,
 * are equal.
 */
export const signedRank = (differences: readonly number[], grain = 0): SignedRank => {
  const nonzero = differences.filter((difference) => Math.abs(difference) > grain);
  const { ranks, groups } = midranks(nonzero.map(Math.abs), grain);
  const wPlus = ranks.reduce((sum, rank, index) => sum + ((nonzero[index] ?? 0) > 0 ? rank : 0), 0);
  const tied = groups.some((group) => group > 1);
  const { greater, less } =
    nonzero.length <= EXACT_SIGNED_LIMIT ? exactTails(ranks, tied, wPlus) : normalTails(ranks, wPlus);
  return {
    wPlus,
    wMinus: (nonzero.length * (nonzero.length + 1)) / 2 - wPlus,
    nNonzero: nonzero.length,
    pTwoSided: Math.min(1, 2 * Math.min(greater, less)),
    pGreater: Math.min(1, greater),
    pLess: Math.min(1, less),
  };
};

/** All averages of two differences, each with itself too, ascending. */
const walshAverages = (differences: readonly number[]): Float64Array => {
  const averages = new Float64Array((differences.length * (differences.length + 1)) / 2);
  let filled = 0;
  differences.forEach((first, i) => {
    for (const second of differences.slice(i)) {
      averages[filled] = (first + second) / 2;
      filled += 1;
    }
  });
  return averages.sort();
};

const normalOrder = (n: number, alpha: number): { order: number; level: number } => {
  const spread = Math.sqrt((n * (n + 1) * (2 * n + 1)) / 24);
  return { order: Math.max(0, Math.floor((n * (n + 1)) / 4 + normalQuantile(alpha) * spread)), level: 1 - 2 * alpha };
};

/**
 * Median of the Walsh averages of paired differences, with the exact interval that errs by at most `alpha` on each side
 * (Hollander, Wolfe and Chicken, 3rd ed., 3.3). At 5 percent an interval exists from 5 pairs on. Non-empty input.
 */
export const walshInterval = (differences: readonly number[], alpha: number): ShiftEstimate => {
  const n = differences.length;
  const averages = walshAverages(differences);
  const { order, level } = n <= EXACT_SIGNED_LIMIT ? intervalOrder(signedRankCdf(n), alpha) : normalOrder(n, alpha);
  return { estimate: middle(averages), interval: orderInterval(averages, order, level) };
};
