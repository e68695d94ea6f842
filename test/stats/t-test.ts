// The t tests as reference programs report them, from the shifts that decisions are made of.
import { pairedShift, tInterval, tTails, type TShift, welchShift } from '../../src/stats/welch.ts';

const report = (shift: TShift, level: number) => {
  const { greater, less } = tTails(shift, 0);
  const { low, high } = tInterval(shift, (1 - level) / 2);
  const isSpread = shift.standardError > 0;
  return {
    t: isSpread ? shift.estimate / shift.standardError : null,
    df: isSpread ? shift.df : null,
    pTwoSided: Math.min(1, 2 * Math.min(greater, less)),
    difference: shift.estimate,
    standardError: shift.standardError,
    interval: [low, high] as const,
  };
};

/** Null with fewer than two values on either side. */
export const welch = (baseline: readonly number[], candidate: readonly number[], level = 0.95) =>
  Math.min(baseline.length, candidate.length) < 2 ? null : report(welchShift(baseline, candidate), level);

/** Null with fewer than two differences. */
export const pairedT = (differences: readonly number[], level = 0.95) =>
  differences.length < 2 ? null : report(pairedShift(differences), level);
