// Everything the trials say about how far the candidate lies above the baseline on one scale: estimate, exact interval,
// exact one-sided p-values and what this number of trials could have seen. Knows no tolerance and gives no verdict.
import { sampleVariance } from 'simple-statistics';
import { type ShiftInterval, hodgesLehmann } from './hodges-lehmann.ts';
import { type OneSided, mannWhitney } from './mann-whitney.ts';
import { type Analysis, type PowerGoal, DEFAULT_GOAL, detectablePairedShift, detectableShift } from './power.ts';
import { signedRank, walshInterval } from './signed-rank.ts';

export interface ShiftEvidence {
  readonly analysis: Analysis;
  /** Trials on the smaller side, or pairs. */
  readonly n: number;
  readonly estimate: number;
  readonly interval: ShiftInterval | null;
  /**
   * Exact chances of evidence this strong that the shift is above (`greater`) or below (`less`) `limit`, were it equal
   * to it.
   */
  readonly tails: (limit: number) => OneSided;
  /** Standard deviation of one trial (pooled) or of one difference; null where one value a side shows none. */
  readonly noise: number | null;
  /** Smallest shift that this n shows with power 0.8; null where the noise is unknown. */
  readonly detectable: number | null;
}

const squares = (values: readonly number[]): number =>
  values.length < 2 ? 0 : sampleVariance([...values]) * (values.length - 1);

/** Fewer values than this on either side show no spread worth an interval, however many the other side has. */
const FEWEST_A_SIDE = 3;

/** `alpha` is the error allowed on each side of the interval. Both sides non-empty, on a scale with this `grain`. */
export const unpairedEvidence = (
  baseline: readonly number[],
  candidate: readonly number[],
  alpha: number,
  grain: number,
): ShiftEvidence => {
  const [n, m] = [baseline.length, candidate.length];
  const goal: PowerGoal = { ...DEFAULT_GOAL, alpha };
  const noise = n + m < 3 ? null : Math.sqrt((squares(baseline) + squares(candidate)) / (n + m - 2));
  const multiple = detectableShift(n, m, goal);
  const { estimate, interval } = hodgesLehmann(baseline, candidate, alpha);
  return {
    analysis: 'unpaired',
    n: Math.min(n, m),
    estimate,
    interval: Math.min(n, m) < FEWEST_A_SIDE ? null : interval,
    tails: (limit) => {
      const test = mannWhitney(
        baseline,
        candidate.map((value) => value - limit),
        grain,
      );
      return { greater: test.pCandidateGreater, less: test.pCandidateLess };
    },
    noise,
    detectable: noise === null || multiple === null ? null : noise * multiple,
  };
};

/** The same for paired differences candidate - baseline; at least one. */
export const pairedEvidence = (differences: readonly number[], alpha: number, grain: number): ShiftEvidence => {
  const n = differences.length;
  const goal: PowerGoal = { ...DEFAULT_GOAL, alpha };
  const noise = n < 2 ? null : Math.sqrt(squares(differences) / (n - 1));
  const multiple = detectablePairedShift(n, goal);
  return {
    analysis: 'paired',
    n,
    ...walshInterval(differences, alpha),
    tails: (limit) => {
      const test = signedRank(
        differences.map((difference) => difference - limit),
        grain,
      );
      return { greater: test.pGreater, less: test.pLess };
    },
    noise,
    detectable: noise === null || multiple === null ? null : noise * multiple,
  };
};

/** A shift known without error but for rounding: both sides are counters that do not vary. */
export const certainEvidence = (shift: number, n: number, grain: number): ShiftEvidence => ({
  analysis: 'unpaired',
  n,
  estimate: shift,
  interval: { low: shift, high: shift, level: 1, order: 1 },
  tails: (limit) => ({ greater: shift - limit > grain ? 0 : 1, less: limit - shift > grain ? 0 : 1 }),
  noise: 0,
  detectable: 0,
});
