// The decision about one metric from repeated trials of a baseline and a candidate: PASS, FAIL (proven or likely) or
// INCONCLUSIVE, with its reason, its error rate and the number of trials that would settle it. Pure, deterministic, and
// never a PASS or FAIL that the number of trials cannot carry. The model is told in docs/statistics.md.
import { cliffsDelta } from '../stats/cliffs-delta.ts';
import { type Summary, describe } from '../stats/describe.ts';
import type { FailRule, IntervalReason } from './interval-verdict.ts';
import {
  type Case,
  type Judgement,
  type Tolerance,
  type Usable,
  judgeSides,
  pValues,
  trialsNeeded,
} from './scaled-judgement.ts';
import { pairByBlock } from '../stats/pair-trials.ts';
import { type Analysis, DEFAULT_GOAL } from '../stats/power.ts';
import { requestsForTail } from '../stats/tail-requests.ts';
import type { Direction } from '../stats/direction.ts';

export type { Analysis, FailRule, Tolerance };

export type Status = 'PASS' | 'FAIL' | 'INCONCLUSIVE' | 'INCOMPARABLE';
export type MetricStatus = Status | 'MISSING' | 'UNKNOWN' | 'INVALID';
/**
 * `proven`: the whole interval is beyond the tolerance. `likely`: the estimate is, and the interval excludes no change.
 */
export type Strength = 'proven' | 'likely';
/** What the decision rests on: one value a side, repeated trials, counters that do not vary, or one capture a side. */
export type Basis = 'point' | 'interval' | 'exact' | 'capture';

/** A decision as it stands in results and files. */
export interface Decision {
  readonly status: Status;
  readonly strength: Strength | null;
  readonly basis: Basis;
  /** Stable code; some carry names after a colon. */
  readonly reason: string;
  /**
   * Trials a side (or pairs) that should settle an INCONCLUSIVE; null when settled, or when no practical number would.
   */
  readonly trials_needed: number | null;
  /** Smallest change that these trials show with a chance of 80 percent, in the unit of `worsening`. */
  readonly mde: number | null;
}

export type MetricReason =
  | IntervalReason
  | 'metric_missing'
  | 'trials_invalid'
  | 'direction_unknown'
  | 'blocks_missing'
  | `context_mismatch:${string}`;

export type DecisionWarning =
  /** Too few requests in a trial for this percentile: reported, never gating. */
  | 'underpowered_tail'
  /** Declared a counter, but its values vary: judged like any other metric. */
  | 'counter_varies'
  /** Trials whose block had no partner were left out of the paired analysis. */
  | 'unpaired_trials_left_out'
  /** Values at or below zero have no ratio, and no absolute tolerance was given: zero was used. */
  | 'no_absolute_tolerance'
  /** The estimate is so near the tolerance that no practical number of trials would tell them apart. */
  | 'indistinguishable_from_tolerance';

export interface MetricInterval {
  readonly low: number;
  readonly high: number;
  /** Coverage reached, as a fraction: at least 0.90 (0.95 for a two-sided metric), which is alpha 0.05. */
  readonly level: number;
}

export interface MetricDecision extends Omit<Decision, 'status'> {
  readonly status: MetricStatus;
  readonly reason: MetricReason;
  readonly direction: Direction | null;
  readonly analysis: Analysis | null;
  /** `ratio`: worsening, interval, tolerance and mde are fractions. `difference`: they are in the metric's unit. */
  readonly scale: 'ratio' | 'difference' | null;
  readonly tolerance: number | null;
  /** Usable trials: baseline, candidate. */
  readonly n: readonly [baseline: number, candidate: number];
  readonly pairs: number | null;
  /** Trials that were excluded as invalid or hold no finite value of this metric. */
  readonly excluded: readonly [baseline: number, candidate: number];
  /** Positive is worse (for a two-sided metric: larger). 0.05 on the ratio scale is 5 percent. */
  readonly worsening: number | null;
  readonly interval: MetricInterval | null;
  /** Exact one-sided p against no change; for a two-sided metric against no change in either direction. */
  readonly p_worse: number | null;
  /** Exact p against a worsening of just the tolerance: small when the change is beyond it. */
  readonly p_beyond_tolerance: number | null;
  /** Exact p against a worsening of just the tolerance: small when the change is within it. */
  readonly p_within_tolerance: number | null;
  /** Positive when the candidate's values are larger. */
  readonly cliffs_delta: number | null;
  readonly baseline: Summary | null;
  readonly candidate: Summary | null;
  /** True where the figure may be shown but must not gate. */
  readonly report_only: boolean;
  readonly warnings: readonly DecisionWarning[];
}

/** One trial's value of the metric. A request is never a trial. */
export interface Trial {
  /** null when the trial holds no such value. */
  readonly value: number | null;
  /** The interleaved block it ran in; null when the sides were not interleaved. */
  readonly block: string | number | null;
  /** True for an invalid trial: counted, never used. */
  readonly excluded: boolean;
}

export interface MetricQuestion {
  readonly direction: Direction | null;
  readonly tolerance: Tolerance;
  readonly baseline: readonly Trial[];
  readonly candidate: readonly Trial[];
  /**
   * Default `auto`: paired when every trial carries a block and blocks hold both sides. Fix it before looking at the
   * data.
   */
  readonly analysis?: Analysis | 'auto';
  /** Chance of a wrong FAIL at no change, and of a wrong PASS at the tolerance; default 0.05. */
  readonly alpha?: number;
  /** Default `likely`. */
  readonly failRule?: FailRule;
  /**
   * A count that the same program always reproduces (instructions, bytes, launches): compared exactly, one value
   * suffices.
   */
  readonly counter?: boolean;
  /** Fields in which the contexts differ although they should not: the sides cannot be compared. */
  readonly mismatch?: readonly string[];
  /** For a tail percentile: which (0.99 for p99), and the fewest requests that any trial holds. */
  readonly tail?: { readonly quantile: number; readonly requests: number };
}

interface Sides {
  readonly baseline: readonly Usable[];
  readonly candidate: readonly Usable[];
}

const isUsable = (trial: Trial): trial is Trial & Usable =>
  trial.value !== null && Number.isFinite(trial.value) && !trial.excluded;

const valuesOf = (trials: readonly Usable[]): number[] => trials.map(({ value }) => value);
const holdsValue = (trials: readonly Trial[]): boolean => trials.some(({ value }) => value !== null);
const isConstant = (trials: readonly Usable[]): boolean => trials.every(({ value }) => value === trials[0]?.value);

const summaryOf = (trials: readonly Usable[]): Summary | null =>
  trials.length === 0 ? null : describe(valuesOf(trials));
const countsOf = ({ baseline, candidate }: Sides): [number, number] => [baseline.length, candidate.length];
const excludedFrom = (question: MetricQuestion, sides: Sides): [number, number] => [
  question.baseline.length - sides.baseline.length,
  question.candidate.length - sides.candidate.length,
];

const basisOf = (sides: Sides): Basis =>
  Math.min(sides.baseline.length, sides.candidate.length) < 2 ? 'point' : 'interval';

/** A decision that ends before any arithmetic. */
const undecidable = (
  question: MetricQuestion,
  sides: Sides,
  status: MetricStatus,
  reason: MetricReason,
): MetricDecision => ({
  status,
  strength: null,
  basis: basisOf(sides),
  reason,
  trials_needed: null,
  mde: null,
  direction: question.direction,
  analysis: null,
  scale: null,
  tolerance: null,
  n: countsOf(sides),
  pairs: null,
  excluded: excludedFrom(question, sides),
  worsening: null,
  interval: null,
  p_worse: null,
  p_beyond_tolerance: null,
  p_within_tolerance: null,
  cliffs_delta: null,
  baseline: summaryOf(sides.baseline),
  candidate: summaryOf(sides.candidate),
  report_only: false,
  warnings: [],
});

const hasThinTail = ({ tail }: MetricQuestion): boolean =>
  tail !== undefined && tail.requests < requestsForTail(tail.quantile);

const warningsOf = (question: MetricQuestion, asked: Case, judged: Judgement, stuck: boolean): DecisionWarning[] => {
  const holds: readonly (readonly [DecisionWarning, boolean])[] = [
    ['underpowered_tail', hasThinTail(question)],
    ['counter_varies', question.counter === true && !asked.exact],
    ['unpaired_trials_left_out', (asked.pairing?.left ?? 0) > 0],
    ['no_absolute_tolerance', judged.scale.name === 'difference' && question.tolerance.absolute === null],
    ['indistinguishable_from_tolerance', stuck],
  ];
  return holds.flatMap(([warning, so]) => (so ? [warning] : []));
};

/** The record of a judged metric. */
const written = (question: MetricQuestion, sides: Sides, asked: Case): MetricDecision => {
  const judged = judgeSides(asked);
  const { scale, evidence, verdict } = judged;
  const { interval, detectable } = evidence;
  const p = pValues(judged, asked.direction);
  const open = verdict.status === 'INCONCLUSIVE';
  const needed = open ? trialsNeeded(judged, asked) : null;
  return {
    status: verdict.status,
    strength: verdict.strength,
    basis: asked.exact ? 'exact' : basisOf(sides),
    reason: verdict.reason,
    trials_needed: needed,
    mde: detectable === null ? null : scale.shown(detectable),
    direction: asked.direction,
    analysis: evidence.analysis,
    scale: scale.name,
    tolerance: scale.tolerance,
    n: countsOf(sides),
    pairs: asked.pairing === null ? null : asked.pairing.pairs.length,
    excluded: excludedFrom(question, sides),
    worsening: scale.shown(evidence.estimate),
    interval: interval && { low: scale.shown(interval.low), high: scale.shown(interval.high), level: interval.level },
    p_worse: p.worse,
    p_beyond_tolerance: p.beyondTolerance,
    p_within_tolerance: p.withinTolerance,
    cliffs_delta: cliffsDelta(valuesOf(sides.baseline), valuesOf(sides.candidate)),
    baseline: summaryOf(sides.baseline),
    candidate: summaryOf(sides.candidate),
    report_only: hasThinTail(question),
    warnings: warningsOf(question, asked, judged, open && needed === null),
  };
};

/** Decides one metric. Values are trusted to be in one unit; what cannot be judged says so in `status` and `reason`. */
export const decideMetric = (question: MetricQuestion): MetricDecision => {
  const sides = { baseline: question.baseline.filter(isUsable), candidate: question.candidate.filter(isUsable) };
  const stop = (status: MetricStatus, reason: MetricReason): MetricDecision =>
    undecidable(question, sides, status, reason);
  const { direction, mismatch = [], analysis = 'auto' } = question;
  if (mismatch.length > 0) return stop('INCOMPARABLE', `context_mismatch:${mismatch.join(',')}`);
  if (!holdsValue(question.baseline) || !holdsValue(question.candidate)) return stop('MISSING', 'metric_missing');
  if (sides.baseline.length === 0 || sides.candidate.length === 0) return stop('INVALID', 'trials_invalid');
  if (direction === null) return stop('UNKNOWN', 'direction_unknown');

  const exact = question.counter === true && isConstant(sides.baseline) && isConstant(sides.candidate);
  const pairing = exact || analysis === 'unpaired' ? null : pairByBlock(sides.baseline, sides.candidate);
  if (analysis === 'paired' && pairing === null && !exact) return stop('INCONCLUSIVE', 'blocks_missing');
  const { tolerance, alpha = DEFAULT_GOAL.alpha, failRule = 'likely' } = question;
  const { baseline, candidate } = sides;
  return written(question, sides, { baseline, candidate, direction, tolerance, pairing, exact, alpha, failRule });
};
