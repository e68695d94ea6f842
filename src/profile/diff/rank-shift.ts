// A rank-sum test between two captures within strata (van Elteren's form with weights 1/(n+m+1); ties corrected). Calls
// of one capture are not independent trials, so its q ranks and explains and never decides. Pure, linear in the calls.
import { normalCdf } from '../../stats/normal-distribution.ts';

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
  const inA = thinInto(BASELINE, baseline, factor);
  const inB = thinInto(CANDIDATE, candidate, 1);
  const n = inA + inB;
  const { excess, ties } = rankExcess(BASELINE, CANDIDATE, n);
  const variance = ((inA * inB) / 12) * (n + 1 - ties / Math.max(1, n * (n - 1)));
  return { excess: excess / (n + 1), variance: variance / (n + 1) ** 2, largest: (inA * inB) / 2 / (n + 1) };
};

/** Two-sided p of strata together; null without data, or with so few calls that no change could show. */
export const shiftP = (shifts: readonly Shift[]): number | null => {
  let [excess, variance, largest] = [0, 0, 0];
  for (const shift of shifts) {
    excess += shift.excess;
    variance += shift.variance;
    largest += shift.largest;
  }
  const pOf = (value: number): number => Math.min(1, 2 * normalCdf(-Math.abs(value) / Math.sqrt(variance)));
  return variance <= 0 || pOf(largest) > SHOWS ? null : pOf(excess);
};

/** The calls of a stratum that are tested, used again for each stratum; Infinity after the last. */
const BASELINE = new Float64Array(MOST_CALLS + 1);
const CANDIDATE = new Float64Array(MOST_CALLS + 1);

/** Keeps at most MOST_CALLS of the calls times `factor`; says how many. */
const thinInto = (kept: Float64Array, sorted: Sorted, factor: number): number => {
  const count = Math.min(sorted.length, MOST_CALLS);
  const step = sorted.length / count;
  for (let i = 0; i < count; i++) {
    const ns = sorted[Math.floor((i + 0.5) * step)] ?? 0;
    // Durations are whole ns, also after the clock factor: otherwise no two would ever tie.
    kept[i] = factor === 1 ? ns : Math.round(ns * factor);
  }
  kept[count] = Infinity;
  return count;
};

/** U of the candidate less its mean under no shift, and the sum of t^3 - t over ties. Merges the two sorted sides of n calls. */
const rankExcess = (a: Float64Array, b: Float64Array, n: number): { excess: number; ties: number } => {
  let u = 0;
  let ties = 0;
  let i = 0;
  let j = 0;
  while (i + j < n) {
    const fromA = i;
    const fromB = j;
    const left = a[i] ?? 0;
    const right = b[j] ?? 0;
    if (left <= right)
      do i++;
      while (a[i] === left);
    if (right <= left)
      do j++;
      while (b[j] === right);
    const inB = j - fromB;
    const tied = i - fromA + inB;
    u += (inB * (fromA + i)) / 2;
    if (tied > 1) ties += tied * tied * tied - tied;
  }
  return { excess: u - (i * j) / 2, ties };
};
