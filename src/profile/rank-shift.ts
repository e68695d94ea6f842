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

/** A test that could not reach this p is none. */
const SHOWS = 0.05;

/** What one stratum adds to the test; strata add up. */
export interface Shift {
  readonly excess: number;
  readonly variance: number;
  /** Excess where every call of the candidate is longer than every call of the baseline. */
  readonly largest: number;
}

/** Evidence of one stratum that calls differ once the baseline is multiplied by `factor`. */
export const shiftOf = ({ baseline, candidate }: Stratum, factor: number): Shift => {
  if (baseline.length === 0 || candidate.length === 0) return { excess: 0, variance: 0, largest: 0 };
  const [a, b] = [thinned(baseline, factor), thinned(candidate, 1)];
  const [inA, inB] = [a.length - 1, b.length - 1];
  const n = inA + inB;
  const { excess, ties } = rankExcess(a, b);
  const variance = ((inA * inB) / 12) * (n + 1 - ties / Math.max(1, n * (n - 1)));
  return { excess: excess / (n + 1), variance: variance / (n + 1) ** 2, largest: (inA * inB) / 2 / (n + 1) };
};

/** Two-sided p of strata together; null without data, or with so few calls that no change could show. */
export const shiftP = (shifts: readonly Shift[]): number | null => {
  const excess = shifts.reduce((sum, shift) => sum + shift.excess, 0);
  const variance = shifts.reduce((sum, shift) => sum + shift.variance, 0);
  const largest = shifts.reduce((sum, shift) => sum + shift.largest, 0);
  const pOf = (value: number): number => Math.min(1, 2 * normalCdf(-Math.abs(value) / Math.sqrt(variance)));
  return variance <= 0 || pOf(largest) > SHOWS ? null : pOf(excess);
};

/** At most MOST_CALLS of the calls times `factor`, and Infinity last, so that merging two need not look for the end. */
const thinned = (sorted: Sorted, factor: number): Float64Array => {
  const count = Math.min(sorted.length, MOST_CALLS);
  const step = sorted.length / count;
  const kept = new Float64Array(count + 1).fill(Infinity);
  for (let i = 0; i < count; i++) {
    const ns = sorted[Math.floor((i + 0.5) * step)] ?? 0;
    // Durations are whole ns, also after the clock factor: otherwise no two would ever tie.
    kept[i] = factor === 1 ? ns : Math.round(ns * factor);
  }
  return kept;
};

/** U of the candidate less its mean under no shift, and the sum of t^3 - t over ties. Merges the two sorted sides. */
const rankExcess = (a: Float64Array, b: Float64Array): { excess: number; ties: number } => {
  let [u, ties, i, j] = [0, 0, 0, 0];
  for (;;) {
    const left = a[i] ?? Infinity;
    const right = b[j] ?? Infinity;
    const value = left < right ? left : right;
    if (value === Infinity) break;
    const fromA = i;
    const fromB = j;
    while (a[i] === value) i++;
    while (b[j] === value) j++;
    const inB = j - fromB;
    const tied = i - fromA + inB;
    u += inB * (fromA + (i - fromA) / 2);
    if (tied > 1) ties += tied ** 3 - tied;
  }
  return { excess: u - (i * j) / 2, ties };
};
