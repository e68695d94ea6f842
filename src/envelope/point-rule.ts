// The rule for one value a side: a change beyond the tolerance is an improvement or a regression by the direction of the
// metric. Knows nothing of noise; that is what trials are for.
import type { Direction } from '../stats/direction.ts';

export type RowVerdict = 'improvement' | 'regression' | 'no_change' | 'unknown' | 'missing';

/** A fraction of the baseline, or an amount in the metric's unit. */
export type RowTolerance = { readonly relative: number } | { readonly absolute: number };

export interface PointChange {
  /** Candidate - baseline; null unless both are known. */
  readonly delta_abs: number | null;
  /** `delta_abs` / |baseline|; null at a baseline of zero. */
  readonly delta_rel: number | null;
  readonly verdict: RowVerdict;
}

const byDirection = (direction: Direction, delta: number): RowVerdict => {
  if (direction === 'two-sided') return 'regression';
  return delta > 0 === (direction === 'higher-is-better') ? 'improvement' : 'regression';
};

const isWithin = (delta: number, relative: number | null, tolerance: RowTolerance): boolean => {
  if ('absolute' in tolerance) return Math.abs(delta) <= tolerance.absolute;
  // A share of nothing is nothing: at a baseline of zero every change counts.
  return relative === null ? delta === 0 : Math.abs(relative) <= tolerance.relative;
};

/**
 * Null stands for a value that is not there: gone from the candidate is `missing`, new in the candidate `unknown`, absent on
 * both sides `no_change`. The tolerance is inclusive. A metric of unknown direction is `unknown`, whatever it did.
 */
export const classifyChange = (
  direction: Direction | null,
  baseline: number | null,
  candidate: number | null,
  tolerance: RowTolerance,
): PointChange => {
  if (baseline === null || candidate === null) {
    const verdict = baseline !== null ? 'missing' : candidate !== null ? 'unknown' : 'no_change';
    return { delta_abs: null, delta_rel: null, verdict };
  }
  const delta = candidate - baseline;
  const relative = baseline === 0 ? null : delta / Math.abs(baseline);
  const within = isWithin(delta, relative, tolerance);
  const verdict = direction === null ? 'unknown' : within ? 'no_change' : byDirection(direction, delta);
  return { delta_abs: delta, delta_rel: relative, verdict };
};
