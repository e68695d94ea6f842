// The arithmetic of two values of one metric: difference, percent, and whether it is more than a tolerance allows. Every verdict
// about single values is made here, by one rounding rule. Never divides by zero and never rounds.
import type { Direction } from '../stats/direction.ts';
import { ROUNDING_EPSILON } from '../stats/worsening-scale.ts';
import type { Tolerance } from './tolerance.ts';

/** candidate - baseline; never -0, which is what -0 less 0 would be. */
export const difference = (baseline: number, candidate: number): number => candidate - baseline + 0;

/** 100 * (candidate - baseline) / |baseline|. From zero to zero is 0; from zero to anything else has no percentage. */
export const deltaPercent = (baseline: number, candidate: number): number | null => {
  if (baseline !== 0) return (100 * (candidate - baseline)) / Math.abs(baseline);
  return candidate === 0 ? 0 : null;
};

/** True when the values differ by more than the tolerance; exactly the tolerance is within it. */
export const exceeds = (baseline: number, candidate: number, tolerance: Tolerance): boolean => {
  const allowed = 'absolute' in tolerance ? tolerance.absolute : (tolerance.percent / 100) * Math.abs(baseline);
  const grain = ROUNDING_EPSILON * Math.max(Math.abs(baseline), Math.abs(candidate));
  return Math.abs(candidate - baseline) - allowed > grain;
};

/** The same for a change that is known in percent only: exactly the tolerance is within it. */
export const exceedsPercent = (changePercent: number, tolerancePercent: number): boolean =>
  changePercent - tolerancePercent > 100 * ROUNDING_EPSILON;

/** True when a move from `baseline` to `candidate` is for the worse; where both ways count, any move is. */
export const isWorse = (baseline: number, candidate: number, direction: Direction): boolean => {
  if (direction === 'lower-is-better') return candidate > baseline;
  if (direction === 'higher-is-better') return candidate < baseline;
  return candidate !== baseline;
};

/** What one value a side says about a metric, in the words of the benchmark diff. */
export type PointVerdict = 'improvement' | 'regression' | 'no_change' | 'missing' | 'unknown';

/**
 * Verdict of a benchmark diff row. A value only in the baseline is `missing`; one only in the candidate, or of unknown
 * direction, is `unknown`.
 */
export const pointVerdict = (
  baseline: number | null,
  candidate: number | null,
  direction: Direction | null,
  tolerance: Tolerance,
): PointVerdict => {
  if (baseline === null) return candidate === null ? 'no_change' : 'unknown';
  if (candidate === null) return 'missing';
  if (direction === null) return 'unknown';
  if (!exceeds(baseline, candidate, tolerance)) return 'no_change';
  return isWorse(baseline, candidate, direction) ? 'regression' : 'improvement';
};
