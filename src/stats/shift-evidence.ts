// Everything the trials say about how far the candidate lies above the baseline on one scale: estimate, interval, one-sided
// p-values and what this number of trials could have seen. Knows no tolerance and gives no verdict.
import { sampleVariance } from 'simple-statistics';
import { hodgesLehmann } from './hodges-lehmann.ts';
import { type OneSided, mannWhitney } from './mann-whitney.ts';
import {
  type Analysis,
  type PowerGoal,
  DEFAULT_GOAL,
  FEWEST_FOR_RANKS,
  detectablePairedShift,
  detectableShift,
} from './power.ts';
import { signedRank, walshInterval } from './signed-rank.ts';
import { type TShift, pairedShift, pooledShift, tInterval, tTails, welchShift } from './welch.ts';

export interface ShiftBounds {
  readonly low: number;
  readonly high: number;
  /** Coverage, as a fraction: reached exactly by ranks, under normal noise by t. */
  readonly level: number;
}

/** Chances of evidence this strong that the shift is above (`greater`) or below (`less`) `limit`, were it equal to it. */
export type Tails = (limit: number) => OneSided;

export interface ShiftEvidence {
  readonly analysis: Analysis;
  /** What interval and `tails` come from; `none` where a side has one value, `certain` where nothing varies by nature. */
  readonly method: 'none' | 't' | 'rank' | 'certain';
  /** Values on the smaller side, or pairs. */
  readonly n: number;
  /** No side varies at all (no paired difference): what noise there is lies below the last digit. */
  readonly constant: boolean;
  /** Values on both sides; for pairs their number twice. */
  readonly sizes: readonly [baseline: number, candidate: number];
  readonly estimate: number;
  readonly interval: ShiftBounds | null;
  readonly tails: Tails;
  /** What ranks say, whatever decides. */
  readonly ranks: { readonly estimate: number; readonly tails: Tails };
  /** What Student's t says, whatever decides; null where a side has one value. */
  readonly t: { readonly tails: Tails } | null;
  /**
   * Of two values a side: whether the difference counts as worse by the pooled variance, which is steadier there than two of
   * one degree of freedom each. Null elsewhere.
   */
  readonly pooled: { readonly tails: Tails } | null;
  /** Standard deviation of one trial (pooled) or of one difference; null where one value a side shows none. */
  readonly noise: number | null;
  /** Smallest shift that this n shows with power 0.8; null where the noise is unknown. */
  readonly detectable: number | null;
}

const squares = (values: readonly number[]): number =>
  values.length < 2 ? 0 : sampleVariance([...values]) * (values.length - 1);

/**
 * Least variance that values rounded to steps can have. A side whose values are all equal was rounded; its values lie anywhere
 * within the step, of which the smallest distance between any two values is the best guess: step² / 12.
 */
const roundingVariance = (values: readonly number[], grain: number): number => {
  const sorted = Float64Array.from(values).sort();
  let step = Infinity;
  for (let at = 1; at < sorted.length; at += 1) {
    const gap = (sorted[at] ?? 0) - (sorted[at - 1] ?? 0);
    if (gap > grain && gap < step) step = gap;
  }
  return step === Infinity ? 0 : step ** 2 / 12;
};

const isConstant = (values: readonly number[]): boolean => values.every((value) => value === values[0]);

const boundsOf = (shift: TShift, alpha: number): ShiftBounds => ({ ...tInterval(shift, alpha), level: 1 - 2 * alpha });

const tailsOf =
  (shift: TShift, grain: number): Tails =>
  (limit) =>
    tTails(shift, limit, grain);

/** `alpha` is the error allowed on each side of the interval. Both sides non-empty, on a scale with this `grain`. */
export const unpairedEvidence = (
  baseline: readonly number[],
  candidate: readonly number[],
  alpha: number,
  grain: number,
): ShiftEvidence => {
  const [n, m] = [baseline.length, candidate.length];
  const fewer = Math.min(n, m);
  const goal: PowerGoal = { ...DEFAULT_GOAL, alpha };
  const noise = n + m < 3 ? null : Math.sqrt((squares(baseline) + squares(candidate)) / (n + m - 2));
  const multiple = detectableShift(n, m, goal);
  const rankTails: Tails = (limit) => {
    const test = mannWhitney(
      baseline,
      candidate.map((value) => value - limit),
      grain,
    );
    return { greater: test.pCandidateGreater, less: test.pCandidateLess };
  };
  const { estimate, interval } = hodgesLehmann(baseline, candidate, alpha);
  const ranks = { estimate, tails: rankTails };
  const common = {
    analysis: 'unpaired',
    n: fewer,
    constant: isConstant(baseline) && isConstant(candidate),
    sizes: [n, m],
    ranks,
    noise,
    detectable: noise === null || multiple === null ? null : noise * multiple,
  } as const;
  if (fewer < 2)
    return { ...common, method: 'none', estimate, interval: null, tails: rankTails, t: null, pooled: null };
  const floor = roundingVariance([...baseline, ...candidate], grain);
  const dfCap = 2 * (fewer - 1);
  const shift = welchShift(baseline, candidate, floor, dfCap);
  const t = { tails: tailsOf(shift, grain) };
  if (fewer >= FEWEST_FOR_RANKS)
    return { ...common, method: 'rank', estimate, interval, tails: rankTails, t, pooled: null };
  const pooled = fewer === 2 ? { tails: tailsOf(pooledShift(baseline, candidate, floor, dfCap), grain) } : null;
  return {
    ...common,
    method: 't',
    estimate: shift.estimate,
    interval: boundsOf(shift, alpha),
    tails: t.tails,
    t,
    pooled,
  };
};

/** The same for paired differences candidate - baseline; at least one. */
export const pairedEvidence = (differences: readonly number[], alpha: number, grain: number): ShiftEvidence => {
  const n = differences.length;
  const goal: PowerGoal = { ...DEFAULT_GOAL, alpha };
  const noise = n < 2 ? null : Math.sqrt(squares(differences) / (n - 1));
  const multiple = detectablePairedShift(n, goal);
  const rankTails: Tails = (limit) => {
    const test = signedRank(
      differences.map((difference) => difference - limit),
      grain,
    );
    return { greater: test.pGreater, less: test.pLess };
  };
  const { estimate, interval } = walshInterval(differences, alpha);
  const common = {
    analysis: 'paired',
    n,
    constant: isConstant(differences),
    sizes: [n, n],
    ranks: { estimate, tails: rankTails },
    pooled: null,
    noise,
    detectable: noise === null || multiple === null ? null : noise * multiple,
  } as const;
  if (n < 2) return { ...common, method: 'none', estimate, interval: null, tails: rankTails, t: null };
  const shift = pairedShift(differences, roundingVariance([0, ...differences], grain));
  const t = { tails: tailsOf(shift, grain) };
  return n >= FEWEST_FOR_RANKS
    ? { ...common, method: 'rank', estimate, interval, tails: rankTails, t }
    : { ...common, method: 't', estimate: shift.estimate, interval: boundsOf(shift, alpha), tails: t.tails, t };
};

/** A shift known without error but for rounding: both sides are counters that do not vary. */
export const certainEvidence = (
  shift: number,
  sizes: readonly [baseline: number, candidate: number],
  grain: number,
): ShiftEvidence => {
  const tails: Tails = (limit) => ({ greater: shift - limit > grain ? 0 : 1, less: limit - shift > grain ? 0 : 1 });
  return {
    analysis: 'unpaired',
    method: 'certain',
    n: Math.min(...sizes),
    constant: true,
    sizes,
    estimate: shift,
    interval: { low: shift, high: shift, level: 1 },
    tails,
    ranks: { estimate: shift, tails },
    t: { tails },
    pooled: null,
    noise: 0,
    detectable: 0,
  };
};
