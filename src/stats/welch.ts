// Shifts with a standard error, for the t methods: Welch's of two samples, the pooled one, and the one of paired differences.
// They decide where a side has too few values for an interval of ranks (2 to 4), and order the p-values of large families.
import { mean, sampleVariance } from 'simple-statistics';
import type { OneSided } from './mann-whitney.ts';
import { studentTQuantile, studentTUpper } from './student-t.ts';

/** A mean difference candidate - baseline, its standard error, and the degrees of freedom behind that. */
export interface TShift {
  readonly estimate: number;
  readonly standardError: number;
  readonly df: number;
}

export interface TBounds {
  readonly low: number;
  readonly high: number;
}

const variance = (values: readonly number[], floor: number): number => Math.max(sampleVariance([...values]), floor);

/**
 * Welch's shift; both samples hold two values or more. `floor` is the least variance a side can have, `dfCap` the most degrees
 * of freedom: with 2 against 10 values Welch's own number claims more than the small side can show.
 */
export const welchShift = (
  baseline: readonly number[],
  candidate: readonly number[],
  floor = 0,
  dfCap = Infinity,
): TShift => {
  const [n, m] = [baseline.length, candidate.length];
  const [a, b] = [variance(baseline, floor) / n, variance(candidate, floor) / m];
  const df = (a + b) ** 2 / (a ** 2 / (n - 1) + b ** 2 / (m - 1));
  return {
    estimate: mean([...candidate]) - mean([...baseline]),
    standardError: Math.sqrt(a + b),
    df: Number.isNaN(df) ? Math.min(n + m - 2, dfCap) : Math.min(df, dfCap),
  };
};

/** Student's shift with one variance for both sides. */
export const pooledShift = (
  baseline: readonly number[],
  candidate: readonly number[],
  floor = 0,
  dfCap = Infinity,
): TShift => {
  const [n, m] = [baseline.length, candidate.length];
  const pooled = ((n - 1) * variance(baseline, floor) + (m - 1) * variance(candidate, floor)) / (n + m - 2);
  return {
    estimate: mean([...candidate]) - mean([...baseline]),
    standardError: Math.sqrt(pooled * (1 / n + 1 / m)),
    df: Math.min(n + m - 2, dfCap),
  };
};

/** Student's shift of two or more paired differences candidate - baseline. */
export const pairedShift = (differences: readonly number[], floor = 0): TShift => ({
  estimate: mean([...differences]),
  standardError: Math.sqrt(variance(differences, floor) / differences.length),
  df: differences.length - 1,
});

/** Chances of a shift this far above or below `limit`, were it equal to it. Without any spread only equality is a chance. */
export const tTails = ({ estimate, standardError, df }: TShift, limit: number, grain = 0): OneSided => {
  const distance = Math.abs(estimate - limit) <= grain ? 0 : estimate - limit;
  if (standardError === 0) return { greater: distance > 0 ? 0 : 1, less: distance < 0 ? 0 : 1 };
  const t = distance / standardError;
  return { greater: studentTUpper(t, df), less: studentTUpper(-t, df) };
};

/** The interval that errs by at most `alpha` on each side. */
export const tInterval = ({ estimate, standardError, df }: TShift, alpha: number): TBounds => {
  const reach = standardError === 0 ? 0 : studentTQuantile(1 - alpha, df) * standardError;
  return { low: estimate - reach, high: estimate + reach };
};
