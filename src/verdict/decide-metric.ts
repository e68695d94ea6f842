// Decides about one metric from repeated trials of a baseline and a candidate: PASS, FAIL (proven or likely) or INCONCLUSIVE, with
// its rule, its reason, its p-values and the number of trials that would settle it. Pure, deterministic, and never a PASS or FAIL
// that the number of trials cannot carry. The model is explained in docs/statistics.md.
import { cliffsDelta } from '../stats/cliffs-delta.ts';
import { type Summary, describe } from '../stats/describe.ts';
import type { Direction } from '../stats/direction.ts';
import { pairByBlock } from '../stats/pair-trials.ts';
import { DEFAULT_GOAL } from '../stats/power.ts';
import { requestsForTail } from '../stats/tail-requests.ts';
import type { Rule } from './rules.ts';
import {
  type Case,
  type Judgement,
  type Usable,
  isSuspectByRanks,
  judgeSides,
  pValues,
  smallestReachableP,
  trialsNeeded,
} from './scaled-judgement.ts';
import { type ShareCounts, judgeShares } from './share-decision.ts';
import type {
  Basis,
  DecisionWarning,
  Evidence,
  MetricDecision,
  MetricQuestion,
  MetricReason,
  MetricStatus,
  Sample,
} from './decision.ts';

type UsableSample = Usable & Pick<Sample, 'requests'>;

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
