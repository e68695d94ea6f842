// How far the centre of repeated values may lie from what they show, as factors of it: by ranks from five values on, by Student's t below,
// on logarithms as every other interval here. One value shows nothing.
import { median } from './describe.ts';
import { pairedEvidence } from './shift-evidence.ts';

export interface CentreInterval {
  /** Factors of the median: 0.97 and 1.04. */
  readonly low: number;
  readonly high: number;
  /** Coverage, as a fraction. */
  readonly level: number;
  readonly n: number;
  readonly method: 't' | 'rank';
}

/** The interval that errs by at most `alpha` on each side; null for fewer than two values, or one that is not above zero. */
export const centreInterval = (values: readonly number[], alpha: number): CentreInterval | null => {
  if (values.length < 2 || values.some((value) => !(value > 0))) return null;
  const centre = median(values);
  const { interval, method } = pairedEvidence(
    values.map((value) => Math.log(value / centre)),
    alpha,
    0,
  );
  if (interval === null || (method !== 't' && method !== 'rank')) return null;
  const { low, high, level } = interval;
  return { low: Math.exp(low), high: Math.exp(high), level, n: values.length, method };
};
