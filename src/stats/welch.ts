// Welch's unequal-variance t test and Student's paired t test. Reported beside the rank methods, never gating: one wild
// value can hide a real change from them.
import { mean, sampleStandardDeviation } from 'simple-statistics';
import { studentTQuantile, studentTTwoSided } from './student-t.ts';

export interface TTest {
  /** null when neither side varies. */
  readonly t: number | null;
  readonly df: number | null;
  readonly pTwoSided: number;
  /** Candidate - baseline. */
  readonly difference: number;
  readonly standardError: number;
  readonly interval: readonly [low: number, high: number];
}

const tTest = (difference: number, standardError: number, df: number, level: number): TTest => {
  if (standardError === 0) {
    const pTwoSided = difference === 0 ? 1 : 0;
    return { t: null, df: null, pTwoSided, difference, standardError, interval: [difference, difference] };
  }
  const reach = studentTQuantile((1 + level) / 2, df) * standardError;
  return {
    t: difference / standardError,
    df,
    pTwoSided: studentTTwoSided(difference / standardError, df),
    difference,
    standardError,
    interval: [difference - reach, difference + reach],
  };
};

/** Null with fewer than two values on either side. `level` is the coverage of the interval. */
export const welch = (baseline: readonly number[], candidate: readonly number[], level = 0.95): TTest | null => {
  const [n, m] = [baseline.length, candidate.length];
  if (n < 2 || m < 2) return null;
  const a = sampleStandardDeviation([...baseline]) ** 2 / n;
  const b = sampleStandardDeviation([...candidate]) ** 2 / m;
  const df = (a + b) ** 2 / (a ** 2 / (n - 1) + b ** 2 / (m - 1));
  return tTest(mean([...candidate]) - mean([...baseline]), Math.sqrt(a + b), df, level);
};

/** Student's test of paired differences candidate - baseline; null with fewer than two. */
export const pairedT = (differences: readonly number[], level = 0.95): TTest | null => {
  const n = differences.length;
  if (n < 2) return null;
  return tTest(mean([...differences]), sampleStandardDeviation([...differences]) / Math.sqrt(n), n - 1, level);
};
