// How small a change a number of trials can see, and how many trials a change needs. Exact power of the t tests, which
// the rank tests follow closely; never a promise about one run.
import { rankSumCdf } from './rank-sum-null.ts';
import { noncentralTCdf } from './noncentral-t.ts';
import { normalQuantile } from './normal-distribution.ts';
import { solveIncreasing, upperBracket } from './root.ts';
import { signedRankCdf } from './signed-rank-null.ts';
import { studentTQuantile } from './student-t.ts';

export type Analysis = 'paired' | 'unpaired';

export interface PowerGoal {
  /** Error allowed on the side tested: 0.05 one-sided, 0.025 for a two-sided test at 5 percent. */
  readonly alpha: number;
  /** Chance of seeing a change of the stated size. */
  readonly power: number;
}

export const DEFAULT_GOAL: PowerGoal = { alpha: 0.05, power: 0.8 };

/** More trials than this are never proposed: a gap that needs them is as good as indistinguishable. */
export const TRIALS_CAP = 200;

/** The non-centrality at which a t test with `df` degrees of freedom reaches the goal. */
const neededNoncentrality = (df: number, goal: PowerGoal): number => {
  const critical = studentTQuantile(1 - goal.alpha, df);
  const power = (ncp: number): number => 1 - noncentralTCdf(critical, df, ncp);
  return solveIncreasing(power, goal.power, [0, upperBracket(power, goal.power, 1)]);
};

const known = new Map<string, Map<number, number>>();
const noncentrality = (df: number, goal: PowerGoal): number => {
  const key = `${goal.alpha}:${goal.power}`;
  const byDf = known.get(key) ?? new Map<number, number>();
  known.set(key, byDf);
  const value = byDf.get(df) ?? neededNoncentrality(df, goal);
  byDf.set(df, value);
  return value;
};

/**
 * Smallest difference of means, in standard deviations of one trial, that samples of n and m show with the goal's
 * power. On the log scale that is the smallest detectable change over the coefficient of variation. Null with fewer
 * than three values in all.
 */
export const detectableShift = (n: number, m: number, goal: PowerGoal = DEFAULT_GOAL): number | null =>
  n + m < 3 ? null : noncentrality(n + m - 2, goal) * Math.sqrt(1 / n + 1 / m);

/** The same for `pairs` paired differences, in standard deviations of one difference. Null with fewer than two. */
export const detectablePairedShift = (pairs: number, goal: PowerGoal = DEFAULT_GOAL): number | null =>
  pairs < 2 ? null : noncentrality(pairs - 1, goal) / Math.sqrt(pairs);

const detectable = (analysis: Analysis, n: number, goal: PowerGoal): number =>
  (analysis === 'paired' ? detectablePairedShift(n, goal) : detectableShift(n, n, goal)) ?? Number.POSITIVE_INFINITY;

/** Smallest possible p-value of the exact one-sided rank test: 1/C(2n, n) for n values a side, 2^-n for n pairs. */
export const smallestP = (analysis: Analysis, n: number): number => {
  const cdf = analysis === 'paired' ? signedRankCdf(n) : rankSumCdf(n, n);
  return cdf[0] ?? 1;
};

/** With one value a side, or one pair, nothing shows the noise; from two on Student's t decides, from five on ranks. */
export const FEWEST_TRIALS = 2;

/** From this many values on the smaller side (or pairs) the interval is one of ranks, below it one of Student's t. */
export const FEWEST_FOR_RANKS = 5;

/** Ranks of more trials than this reach every error that is asked for: 2^-20 is one in a million. */
const MOST_WITHOUT_INTERVAL = 20;

/** Whether this many trials have an interval at all: five pairs cannot reach 2.5 percent by ranks, which four can by t. */
export const hasInterval = (analysis: Analysis, n: number, alpha: number): boolean =>
  n < FEWEST_FOR_RANKS ? n >= FEWEST_TRIALS : n > MOST_WITHOUT_INTERVAL || smallestP(analysis, n) <= alpha * (1 + 1e-9);

/**
 * Fewest trials a side (or pairs) that see a `gap` measured in standard deviations (of a trial, or of a difference),
 * with one more than the t test needs because ranks, and Welch's t of few trials, lose about 5 percent. Null above `TRIALS_CAP`.
 */
export const trialsToSee = (analysis: Analysis, gap: number, goal: PowerGoal = DEFAULT_GOAL): number | null => {
  let [tooFew, enough] = [FEWEST_TRIALS - 1, TRIALS_CAP];
  if (gap < detectable(analysis, enough, goal)) return null;
  while (enough - tooFew > 1) {
    const n = (tooFew + enough) >> 1;
    if (detectable(analysis, n, goal) > gap) tooFew = n;
    else enough = n;
  }
  return enough + 1;
};

/**
 * A shift on a scale where larger is worse, its tolerance, and the standard deviation of a trial (or of a difference).
 */
export interface OpenQuestion {
  readonly analysis: Analysis;
  readonly shift: number;
  readonly limit: number;
  readonly noise: number;
  /** True where only a proven failure counts. */
  readonly provenOnly: boolean;
}

/** Trials whose estimate falls on the right side of a line `gap` standard deviations away with the goal's power. */
const trialsToPlace = (analysis: Analysis, gap: number, { power }: PowerGoal): number =>
  Math.ceil((analysis === 'paired' ? 1 : 2) * (normalQuantile(power) / gap) ** 2);

/** Smallest error on a side of a row's own interval: 5 percent one-sided, half of it two-sided. Families only correct p-values. */
const SMALLEST_ALPHA = 0.025;

/** The next number from `n` on that has an interval. */
const withInterval = (analysis: Analysis, n: number | null, alpha: number): number | null =>
  n === null || hasInterval(analysis, n, Math.max(alpha, SMALLEST_ALPHA)) ? n : withInterval(analysis, n + 1, alpha);

/**
 * Trials a side (or pairs) that reach a PASS or FAIL with the goal's power if `shift` is the truth. Within the
 * tolerance, its distance to the tolerance must show. Beyond it, its distance to no change must show and the estimate
 * must land beyond the tolerance; under the proven rule, its distance to the tolerance must show. Null above
 * `TRIALS_CAP`.
 */
export const trialsToSettle = (
  { analysis, shift, limit, noise, provenOnly }: OpenQuestion,
  goal: PowerGoal = DEFAULT_GOAL,
): number | null => {
  const margin = Math.abs(shift - limit);
  if (margin === 0) return null;
  if (shift < limit || provenOnly)
    return withInterval(analysis, trialsToSee(analysis, margin / noise, goal), goal.alpha);
  const toSee = trialsToSee(analysis, shift / noise, goal);
  const toPlace = trialsToPlace(analysis, margin / noise, goal);
  return toSee === null || toPlace > TRIALS_CAP ? null : withInterval(analysis, Math.max(toSee, toPlace), goal.alpha);
};
