// Student's t distribution with real-valued degrees of freedom (Welch's test needs them so).
import { regularizedBeta } from './incomplete-beta.ts';
import { solveIncreasing, upperBracket } from './root.ts';

/** P(|T| ≥ |t|). */
export const studentTTwoSided = (t: number, df: number): number => {
  const square = t * t;
  return regularizedBeta(df / (df + square), square / (df + square), df / 2, 0.5);
};

/** P(T > t). */
export const studentTUpper = (t: number, df: number): number => {
  const tail = studentTTwoSided(t, df) / 2;
  return t >= 0 ? tail : 1 - tail;
};

/** The t with P(T ≤ t) = `p`, for 0 < p < 1. */
export const studentTQuantile = (p: number, df: number): number => {
  if (p === 0.5) return 0;
  if (p < 0.5) return -studentTQuantile(1 - p, df);
  const lower = (t: number): number => -studentTUpper(t, df);
  return solveIncreasing(lower, p - 1, [0, upperBracket(lower, p - 1, 1)]);
};
