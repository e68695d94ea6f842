// Summaries of one sample: mean, median, spread and type-7 quantiles. Says null where a figure does not exist (no
// spread of one value) and never drops a value.
import { mean, quantileSorted, sampleStandardDeviation } from 'simple-statistics';

export interface Summary {
  readonly n: number;
  readonly mean: number;
  readonly median: number;
  /** Standard deviation with n - 1; null for one value. */
  readonly std: number | null;
  /** Coefficient of variation, std / |mean|, as a fraction; null for one value or a mean of zero. */
  readonly cv: number | null;
  readonly min: number;
  readonly max: number;
}

/** A new ascending array. */
export const ascending = (values: readonly number[]): number[] => values.toSorted((left, right) => left - right);

/**
 * Quantile by linear interpolation between order statistics (type 7 of Hyndman and Fan), 0 ≤ p ≤ 1, of a non-empty
 * sample.
 */
export const quantile = (values: readonly number[], p: number): number => quantileSorted(ascending(values), p);

/** The middle value, or the mean of the two middle ones, of a non-empty sample. */
export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** The summary of a non-empty sample. */
export const describe = (values: readonly number[]): Summary => {
  const sorted = ascending(values);
  const centre = mean(sorted);
  const std = sorted.length > 1 ? sampleStandardDeviation(sorted) : null;
  return {
    n: sorted.length,
    mean: centre,
    median: quantileSorted(sorted, 0.5),
    std,
    cv: std === null || centre === 0 ? null : std / Math.abs(centre),
    min: quantileSorted(sorted, 0),
    max: quantileSorted(sorted, 1),
  };
};
