// A rank-sum test between two captures within strata (van Elteren's form with weights 1/(n+m+1); ties corrected). Calls
// of one capture are not independent trials, so its q ranks and explains and never decides. Pure, linear in the calls.
import { normalCdf } from '../stats/normal-distribution.ts';

type Sorted = Uint32Array | Float64Array;

export interface Stratum {
  /** Ascending. */
  readonly baseline: Sorted;
  readonly candidate: Sorted;
}

/** Calls of a side that enter the test at most; more are thinned evenly over the sorted values. */
const MOST_CALLS = 1000;

/** What one stratum adds to the test; strata add up. */
export interface Shift {
  readonly excess: number;
  readonly variance: number;
}

/** Evidence of one stratum that calls differ once the baseline is multiplied by `factor`. */
export const shiftOf = ({ baseline, candidate }: Stratum, factor: number): Shift => {
  if (baseline.length === 0 || candidate.length === 0) return { excess: 0, variance: 0 };
  const [a, b] = [thinned(baseline), thinned(candidate)];
  const n = a.length + b.length;
  const { excess, ties } = rankExcess(a, b, factor);
  const variance = ((a.length * b.length) / 12) * (n + 1 - ties / Math.max(1, n * (n - 1)));
  return { excess: excess / (n + 1), variance: variance / (n + 1) ** 2 };
};

/** Two-sided p of strata together; null without data. */
export const shiftP = (shifts: readonly Shift[]): number | null => {
  const excess = shifts.reduce((sum, shift) => sum + shift.excess, 0);
  const variance = shifts.reduce((sum, shift) => sum + shift.variance, 0);
  return variance <= 0 ? null : Math.min(1, 2 * normalCdf(-Math.abs(excess) / Math.sqrt(variance)));
};

const thinned = (sorted: Sorted): Sorted => {
  if (sorted.length <= MOST_CALLS) return sorted;
  const step = sorted.length / MOST_CALLS;
  const kept = new Float64Array(MOST_CALLS);
  for (let i = 0; i < MOST_CALLS; i++) kept[i] = sorted[Math.floor((i + 0.5) * step)] ?? 0;
  return kept;
};

/** U of the candidate less its mean under no shift, and the sum of t^3 - t over ties. Merges the two sorted sides. */
const rankExcess = (a: Sorted, b: Sorted, factor: number): { excess: number; ties: number } => {
  let u = 0;
  let ties = 0;
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const left = i < a.length ? scaled(a[i] ?? 0, factor) : Infinity;
    const right = j < b.length ? (b[j] ?? 0) : Infinity;
    const value = Math.min(left, right);
    const [fromA, fromB] = [i, j];
    while (i < a.length && scaled(a[i] ?? 0, factor) === value) i++;
    while (j < b.length && (b[j] ?? 0) === value) j++;
    const [inA, inB] = [i - fromA, j - fromB];
    u += inB * (fromA + inA / 2);
    const tied = inA + inB;
    ties += tied ** 3 - tied;
  }
  return { excess: u - (a.length * b.length) / 2, ties };
};

/** Durations are whole ns, also after the clock factor: otherwise no two would ever tie. */
const scaled = (ns: number, factor: number): number => (factor === 1 ? ns : Math.round(ns * factor));
