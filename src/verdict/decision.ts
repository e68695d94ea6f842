// The decision about one metric from repeated trials of a baseline and a candidate: PASS, FAIL (proven or likely) or
// INCONCLUSIVE, with its rule, its reason, its p-values and the number of trials that would settle it. Pure, deterministic, and
// never a PASS or FAIL that the number of trials cannot carry. The model is explained in docs/statistics.md.
import { cliffsDelta } from '../stats/cliffs-delta.ts';
import { type Summary, describe } from '../stats/describe.ts';
import type { Direction } from '../stats/direction.ts';
import { pairByBlock } from '../stats/pair-trials.ts';
import { type Analysis, DEFAULT_GOAL } from '../stats/power.ts';
import { requestsForTail } from '../stats/tail-requests.ts';
import type { FailRule, IntervalReason } from './interval-verdict.ts';
import type { Rule } from './rules.ts';
import {
  type Case,
  type Judgement,
  type ScaledTolerance,
  type Usable,
  isSuspectByRanks,
  judgeSides,
  pValues,
  smallestReachableP,
  trialsNeeded,
} from './scaled-judgement.ts';
import { type ShareCounts, judgeShares } from './share-decision.ts';

export type Status = 'PASS' | 'FAIL' | 'INCONCLUSIVE' | 'INCOMPARABLE';
export type MetricStatus = Status | 'MISSING' | 'UNKNOWN' | 'INVALID' | 'IMPLAUSIBLE';
/**
 * `proven`: the whole interval is beyond the tolerance. `likely`: the estimate is, and the interval excludes no change.
 */
export type Strength = 'proven' | 'likely';
/**
 * What the decision rests on: one value a side, repeated trials by ranks, two to four of them by Student's t, counts of requests,
 * counters that do not vary, or one capture a side.
 */
export type Basis = 'point' | 'interval' | 'interval_t' | 'counts' | 'exact' | 'capture';

/** A decision as it stands in results and files. */
export interface Decision {
  readonly status: Status;
  readonly strength: Strength | null;
  readonly basis: Basis;
  /** The rule that decided, as docs/statistics.md numbers them. */
  readonly rule: Rule;
  /** Stable code; some carry names after a colon. */
  readonly reason: string;
  /**
   * Trials a side (or pairs) that should settle an INCONCLUSIVE; null when settled, or when no practical number would.
   */
  readonly trials_needed: number | null;
  /** Smallest change that these trials show with a chance of 80 percent, in the unit of `worsening`. */
  readonly mde: number | null;
  /** Metrics whose failure stands. At most 100 names, as in the lists below. */
  readonly failed: readonly string[];
  /** Metrics beyond their tolerance whose failure is not shown; with one value a side all that are beyond it. */
  readonly suspect: readonly string[];
  /** Metrics that do not gate and stay undecided; they never change an exit code. */
  readonly open: readonly string[];
}

/** A decision with nothing to add: no strength, no figures, no names, unless `more` has them. */
export const bareDecision = (
  status: Status,
  rule: Rule,
  reason: string,
  more: Partial<Omit<Decision, 'status' | 'rule' | 'reason'>> = {},
): Decision => ({
  status,
  strength: null,
  basis: 'point',
  rule,
  reason,
  trials_needed: null,
  mde: null,
  failed: [],
  suspect: [],
  open: [],
  ...more,
});

export type MetricReason =
  | IntervalReason
  | 'metric_missing'
  | 'trials_invalid'
  | 'direction_unknown'
  | 'blocks_missing'
  | 'failures_from_none'
  | 'value_impossible'
  | 'contradicts_itself'
  | 'check_the_unit'
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
  /** The estimate is so near the tolerance that no practical number of trials would separate them. */
  | 'indistinguishable_from_tolerance'
  /** Shares whose counts of requests are not known: judged by the runs' shares alone. */
  | 'request_counts_unknown';

export interface MetricInterval {
  readonly low: number;
  readonly high: number;
  /** Coverage, as a fraction: at least 0.90 (0.95 for a two-sided metric), which is alpha 0.05. */
  readonly level: number;
}

/** p-values of one method against no change and against a change of just the tolerance. */
export interface Evidence {
  readonly p_worse: number;
  readonly p_beyond_tolerance: number;
}

export interface MetricDecision extends Omit<Decision, 'status' | 'failed' | 'suspect' | 'open'> {
  readonly status: MetricStatus;
  readonly reason: MetricReason;
  readonly direction: Direction | null;
  readonly analysis: Analysis | null;
  /** `ratio`: worsening, interval, tolerance and mde are fractions of the baseline. `difference`: they are in the metric's unit. */
  readonly scale: 'ratio' | 'difference' | null;
  readonly tolerance: number | null;
  /** Usable trials: baseline, candidate. */
  readonly n: readonly [baseline: number, candidate: number];
  readonly pairs: number | null;
  /** Trials that were excluded as invalid or hold no finite value of this metric. */
  readonly excluded: readonly [baseline: number, candidate: number];
  /** Positive is worse (for a two-sided metric: larger). 0.05 on the ratio scale is 5 percent of the baseline. */
  readonly worsening: number | null;
  readonly interval: MetricInterval | null;
  /** One-sided p against no change; for a two-sided metric against no change in either direction. */
  readonly p_worse: number | null;
  /** p against a worsening of just the tolerance: small when the change is beyond it. */
  readonly p_beyond_tolerance: number | null;
  /** p against a worsening of just the tolerance: small when the change is within it. */
  readonly p_within_tolerance: number | null;
  /** The same by Student's t, for families in which ranks of so few trials could not reach; null where the row has no other. */
  readonly by_t: Evidence | null;
  /** Smallest p_worse that this many trials can have; 0 where any can be had. */
  readonly smallest_p: number;
  /** Standard deviation of one trial, or of one paired difference, in the unit of `worsening`. */
  readonly noise: number | null;
  /** Not failed, but too far beyond the tolerance to count as passed. */
  readonly suspect: boolean;
  /** Positive when the candidate's values are larger. */
  readonly cliffs_delta: number | null;
  readonly baseline: Summary | null;
  readonly candidate: Summary | null;
  /** True where the figure may be shown and judged but must not gate. */
  readonly report_only: boolean;
  readonly warnings: readonly DecisionWarning[];
}

/** One trial's value of the metric. A request is never a trial. */
export interface Sample {
  /** null when the trial holds no such value. */
  readonly value: number | null;
  /** The interleaved block it ran in; null when the sides were not interleaved. */
  readonly block: string | number | null;
  /** True for an invalid trial: counted, never used. */
  readonly excluded: boolean;
  /** Requests behind a share; null or absent where nobody says. */
  readonly requests?: number | null;
}

export interface MetricQuestion {
  readonly direction: Direction | null;
  readonly tolerance: ScaledTolerance;
  readonly baseline: readonly Sample[];
  readonly candidate: readonly Sample[];
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
  /** A share of requests; its trials carry `requests`. */
  readonly share?: boolean;
  /** Fields in which the contexts differ although they should not: the sides cannot be compared. */
  readonly mismatch?: readonly string[];
  /** For a tail percentile: which (0.99 for p99), and the fewest requests that any trial holds. */
  readonly tail?: { readonly quantile: number; readonly requests: number };
}

type UsableSample = Usable & Pick<Sample, 'requests'>;

/** How many times better a candidate is than its baseline, from its worsening as a share of the baseline: above 1 is better. */
export const timesBetter = (direction: Direction, worsening: number): number =>
  direction === 'higher-is-better' ? 1 - worsening : 1 / (1 + worsening);

interface Sides {
  readonly baseline: readonly UsableSample[];
  readonly candidate: readonly UsableSample[];
}

const isUsable = (sample: Sample): sample is Sample & UsableSample =>
  sample.value !== null && Number.isFinite(sample.value) && !sample.excluded;

const valuesOf = (samples: readonly Usable[]): number[] => samples.map(({ value }) => value);
const holdsValue = (samples: readonly Sample[]): boolean => samples.some(({ value }) => value !== null);
const isConstant = (samples: readonly Usable[]): boolean => samples.every(({ value }) => value === samples[0]?.value);

const summaryOf = (samples: readonly Usable[]): Summary | null =>
  samples.length === 0 ? null : describe(valuesOf(samples));
const countsOf = ({ baseline, candidate }: Sides): [number, number] => [baseline.length, candidate.length];
const excludedFrom = (question: MetricQuestion, sides: Sides): [number, number] => [
  question.baseline.length - sides.baseline.length,
  question.candidate.length - sides.candidate.length,
];

const RULE_OF_STATUS: Partial<Record<MetricStatus, Rule>> = { INCOMPARABLE: 'V9', INCONCLUSIVE: 'V1' };

/** A decision that ends before any arithmetic. */
const undecidable = (
  question: MetricQuestion,
  sides: Sides,
  status: MetricStatus,
  reason: MetricReason,
): MetricDecision => ({
  status,
  strength: null,
  basis: Math.min(...countsOf(sides)) < 2 ? 'point' : 'interval',
  rule: RULE_OF_STATUS[status] ?? 'V10',
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
  by_t: null,
  smallest_p: 0,
  noise: null,
  suspect: false,
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
    ['request_counts_unknown', question.share === true],
  ];
  return holds.flatMap(([warning, so]) => (so ? [warning] : []));
};

const METHODS: Readonly<Record<Judgement['evidence']['method'], readonly [Basis, Rule]>> = {
  none: ['point', 'V1'],
  t: ['interval_t', 'V2'],
  rank: ['interval', 'V3'],
  certain: ['exact', 'V5'],
};

/** The p-values by which a row is held against its family: of two values a side those of the pooled variance. */
const familyEvidence = (judged: Judgement, direction: Direction): Evidence | null => {
  const { evidence, scale } = judged;
  if (evidence.t === null) return null;
  const own = pValues(evidence.t.tails, scale, direction);
  const worse = evidence.pooled === null ? own : pValues(evidence.pooled.tails, scale, direction);
  return { p_worse: worse.worse, p_beyond_tolerance: own.beyondTolerance };
};

/** The record of a judged metric. */
const written = (question: MetricQuestion, sides: Sides, asked: Case): MetricDecision => {
  const judged = judgeSides(asked);
  const { scale, evidence, verdict } = judged;
  const { interval, detectable, noise, method } = evidence;
  const p = pValues(evidence.tails, scale, asked.direction);
  const open = verdict.status === 'INCONCLUSIVE';
  const needed = open ? trialsNeeded(judged, asked) : null;
  const [basis, rule] = METHODS[method];
  return {
    status: verdict.status,
    strength: verdict.strength,
    basis,
    rule,
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
    by_t: familyEvidence(judged, asked.direction),
    smallest_p: method === 'rank' ? smallestReachableP(evidence) * (asked.direction === 'two-sided' ? 2 : 1) : 0,
    noise: noise === null ? null : Math.abs(scale.shown(noise)),
    suspect: verdict.status !== 'FAIL' && isSuspectByRanks(judged, asked.direction),
    cliffs_delta: cliffsDelta(valuesOf(sides.baseline), valuesOf(sides.candidate)),
    baseline: summaryOf(sides.baseline),
    candidate: summaryOf(sides.candidate),
    report_only: hasThinTail(question),
    warnings: warningsOf(question, asked, judged, open && needed === null),
  };
};

const countsOfRuns = (samples: readonly UsableSample[]): ShareCounts | null => {
  const runs = samples.map(({ value, requests }) => ({ share: value, requests: requests ?? 0 }));
  return runs.length >= 2 && runs.every(({ share, requests }) => requests > 0 && share >= 0 && share <= 1)
    ? runs
    : null;
};

/** A share judged by the counts behind it; null where they are not known on both sides. */
const byCounts = (question: MetricQuestion, sides: Sides, { alpha, failRule }: Case): MetricDecision | null => {
  const [before, after] = [countsOfRuns(sides.baseline), countsOfRuns(sides.candidate)];
  if (question.share !== true || before === null || after === null) return null;
  const { absolute, relative } = question.tolerance;
  const margin = absolute ?? relative ?? 0;
  const { verdict, suspect, evidence } = judgeShares(before, after, { margin, alpha, failRule });
  return {
    ...undecidable(question, sides, verdict.status, verdict.reason),
    strength: verdict.strength,
    basis: 'counts',
    rule: 'V4',
    scale: 'difference',
    tolerance: margin,
    analysis: 'unpaired',
    worsening: evidence.drop,
    interval: { low: evidence.low, high: evidence.high, level: 1 - 2 * alpha },
    p_worse: evidence.tails(0).greater,
    p_beyond_tolerance: evidence.tails(margin).greater,
    p_within_tolerance: evidence.tails(margin).less,
    suspect,
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
  const asked: Case = { baseline, candidate, direction, tolerance, pairing, exact, alpha, failRule };
  return byCounts(question, sides, asked) ?? written(question, sides, asked);
};
