// Whether a new result may take the place of the best known one. Harder than a PASS: luck that is promoted stays, and makes later
// honest runs look slow.
import { walshInterval } from '../stats/signed-rank.ts';
import { decideMetric } from './decide-metric.ts';
import { surpriseOf } from './plausibility.ts';

/** Fewest samples on which a baseline may be replaced by the interval rule. */
export const PROMOTION_SAMPLES = 5;

/** Chance of replacing a baseline by an equally fast result, in one run: far below the 5 percent of the verdict. */
const PROMOTION_ALPHA = 0.005;

/** Error allowed for the bound of new samples against an old value that has none. */
const BOUND_ALPHA = 0.05;

/** A time in ms with the samples behind it; no samples where only one value is known. Lower is better. */
export interface Timed {
  readonly timeMs: number;
  readonly samplesMs: readonly number[];
}

export type PromotionRefusal =
  /** Not faster, or only one value where the baseline has samples. */
  | 'not_faster'
  | 'gain_not_proven'
  /** Better by so much that a second run, or a person, has to confirm it. */
  | 'gain_to_confirm';

/**
 * True when the 95 percent upper bound of the new time lies below the old one, which has no samples of its own. The bound is the
 * upper end of the exact Walsh interval of the logarithms; it exists from 5 samples on.
 */
const boundBelow = (samples: readonly number[], baselineMs: number): boolean => {
  if (samples.length < PROMOTION_SAMPLES) return false;
  const { interval } = walshInterval(samples.map(Math.log), BOUND_ALPHA);
  return interval !== null && Math.exp(interval.high) < baselineMs;
};

const isProven = (baseline: Timed, candidate: Timed): boolean => {
  if (candidate.samplesMs.length === 0) return baseline.samplesMs.length === 0;
  if (baseline.samplesMs.length === 0) return boundBelow(candidate.samplesMs, baseline.timeMs);
  if (Math.min(baseline.samplesMs.length, candidate.samplesMs.length) < PROMOTION_SAMPLES) return false;
  const samples = (values: readonly number[]) => values.map((value) => ({ value, block: null, excluded: false }));
  const decision = decideMetric({
    direction: 'lower-is-better',
    tolerance: { relative: 0, absolute: null },
    baseline: samples(baseline.samplesMs),
    candidate: samples(candidate.samplesMs),
    analysis: 'unpaired',
    alpha: PROMOTION_ALPHA,
  });
  return decision.reason === 'improved';
};

/** Why the candidate does not take the baseline's place; null when it does. `accept` vouches for a gain that looks too large. */
export const promotionRefusal = (baseline: Timed, candidate: Timed, accept: boolean): PromotionRefusal | null => {
  if (candidate.timeMs >= baseline.timeMs) return 'not_faster';
  if (!isProven(baseline, candidate)) return 'gain_not_proven';
  const surprise = surpriseOf(baseline.timeMs, candidate.timeMs, 'lower-is-better', 'amount');
  return surprise === null || accept ? null : 'gain_to_confirm';
};
