// Judges the configurations of a run against their baselines by the rules of the verdict room, and says which result would take the
// baseline's place. Pure; writes nothing.
import { ROUNDING_EPSILON } from '../stats/worsening-scale.ts';
import { createDecider, type Samples } from '../verdict/decide.ts';
import { sameContextValue } from '../verdict/context-match.ts';
import type { MetricDecision } from '../verdict/decision.ts';
import type { JudgedMetric, Standing } from '../verdict/overall.ts';
import { createPolicy, type MetricPolicy } from '../verdict/policy.ts';
import { PROMOTION_SAMPLES, promotionRefusal, type PromotionRefusal } from '../verdict/promotion.ts';
import { exceeds, isWorse } from '../verdict/value-rule.ts';
import type { ConfigResult } from './result-file.ts';
import { findWaiver, type Waiver } from './waiver.ts';

export interface Thresholds {
  /** Change in percent below which a configuration regressed; at most zero. Positive change is faster. */
  readonly regressionPercent: number;
  /** Change in percent above which it improved; at least zero. */
  readonly improvementPercent: number;
  /** Improvements of at least this many percent are worth a profile. */
  readonly profilePercent: number;
}

export const DEFAULT_THRESHOLDS: Thresholds = { regressionPercent: -3, improvementPercent: 5, profilePercent: 10 };

export const ROW_STATUSES = [
  'regression',
  'waived',
  'improvement',
  'unchanged',
  'inconclusive',
  /** Faster by so much that it is not promoted until somebody vouches for it. */
  'implausible',
  'new',
  /** In the baseline, not in this run. */
  'missing',
  'invalid',
  'not_comparable',
] as const;
export type RowStatus = (typeof ROW_STATUSES)[number];

/** One configuration of a check, as it stands in the JSON result. */
export interface RatchetRow {
  readonly config: string;
  readonly status: RowStatus;
  readonly baseline_ms: number | null;
  readonly current_ms: number | null;
  /** 100 * (baseline - candidate) / baseline: positive is faster. */
  readonly delta_pct: number | null;
  readonly is_regression: boolean;
  readonly is_improvement: boolean;
  readonly keep_baseline: boolean;
  /** True where a profile should say why. */
  readonly profile: boolean;
  /** Null where nothing was compared. */
  readonly decision: MetricDecision | null;
  readonly waiver: Waiver | null;
  readonly notes: readonly string[];
}

/** A configuration of both sides, decided by itself. */
export interface ConfigDraft extends JudgedMetric {
  readonly baseline: ConfigResult;
  readonly candidate: ConfigResult;
}

const policyFor = ({ regressionPercent }: Thresholds): MetricPolicy => {
  const rule = {
    match: '*',
    direction: 'lower-is-better',
    tolerance_percent: -regressionPercent,
    headline: true,
  } as const;
  return createPolicy({ defaults: [rule] })({ name: 'time_ms', key: 'time_ms', unit: 'ms', direction: null });
};

/** Facts in which two results differ although both state them; times that differ in one of these are not comparable. */
const mismatches = (baseline: ConfigResult, candidate: ConfigResult): string[] => {
  const differs = (field: 'hardware' | 'shape' | 'statistic', a: unknown, b: unknown): boolean =>
    a !== null && b !== null && !sameContextValue(field, a, b);
  return [
    ...(differs('hardware', baseline.gpu, candidate.gpu) ? ['gpu'] : []),
    ...(differs('shape', baseline.shape, candidate.shape) ? ['config'] : []),
    ...(differs('statistic', baseline.statistic, candidate.statistic) ? ['statistic'] : []),
  ];
};

const samplesOf = ({ samplesMs, timeMs }: ConfigResult, excluded: boolean): Samples => ({
  value: timeMs,
  samples: (samplesMs.length > 0 ? samplesMs : [timeMs]).map((value) => ({ value, block: null, excluded })),
});

export interface JudgeRules {
  readonly thresholds: Thresholds;
  /** Gains that look too large have been vouched for. */
  readonly acceptImplausible: boolean;
}

/** Decides one configuration alone; what the family of all of them leaves of it comes later. */
export const draftConfig = (baseline: ConfigResult, candidate: ConfigResult, rules: JudgeRules): ConfigDraft => {
  const policy = policyFor(rules.thresholds);
  const { acceptImplausible } = rules;
  const mismatch = mismatches(baseline, candidate);
  const decider = createDecider({ analysis: 'unpaired', mismatch, acceptImplausible }, null);
  const sides = { baseline: samplesOf(baseline, false), candidate: samplesOf(candidate, candidate.invalid !== null) };
  const decided = decider.repeated({ policy, statistic: null, ...sides });
  const { decision } = decider.vetted(policy, decided, {
    key: 'time_ms',
    baseline: baseline.timeMs,
    candidate: candidate.timeMs,
  });
  return {
    key: candidate.name,
    gating: true,
    beyond:
      exceeds(baseline.timeMs, candidate.timeMs, policy.tolerance) &&
      isWorse(baseline.timeMs, candidate.timeMs, policy.direction),
    decision,
    baseline,
    candidate,
  };
};

/** Positive is faster. */
const deltaPercent = ({ baseline, candidate }: ConfigDraft): number =>
  (100 * (baseline.timeMs - candidate.timeMs)) / baseline.timeMs;

const isFasterBy = ({ baseline, candidate }: ConfigDraft, percent: number): boolean =>
  candidate.timeMs < baseline.timeMs && exceeds(baseline.timeMs, candidate.timeMs, { percent });

const NOTHING: Omit<RatchetRow, 'config' | 'status'> = {
  baseline_ms: null,
  current_ms: null,
  delta_pct: null,
  is_regression: false,
  is_improvement: false,
  keep_baseline: true,
  profile: false,
  decision: null,
  waiver: null,
  notes: [],
};

/** A configuration that the baseline does not hold: nothing was compared, and it starts its own baseline. */
export const newRow = (candidate: ConfigResult): RatchetRow => ({
  ...NOTHING,
  config: candidate.name,
  status: candidate.invalid === null ? 'new' : 'invalid',
  current_ms: candidate.timeMs,
  keep_baseline: candidate.invalid !== null,
  notes: candidate.invalid === null ? [] : [candidate.invalid],
});

/** A configuration of the baseline that this run did not measure. */
export const missingRow = (baseline: ConfigResult): RatchetRow => ({
  ...NOTHING,
  config: baseline.name,
  status: 'missing',
  baseline_ms: baseline.timeMs,
});

const isSlower = (draft: ConfigDraft): boolean => draft.beyond || draft.decision.status === 'FAIL';

/** The waiver that covers a slowdown on this day, and what is to be said about waivers that do not. */
export const waiverFor = (
  draft: ConfigDraft,
  waivers: readonly Waiver[],
  day: string,
): ReturnType<typeof findWaiver> =>
  isSlower(draft) ? findWaiver(waivers, draft.key, -deltaPercent(draft), day) : { covering: null, note: null };

const NOTES: Readonly<Record<PromotionRefusal, string | null>> = {
  not_faster: null,
  gain_not_proven: `baseline kept: the gain is not proven, or fewer than ${PROMOTION_SAMPLES} samples on a side`,
  gain_to_confirm:
    'baseline kept: a gain of this size wants a second look; run again, then accept it with accept_implausible',
};

const isPoint = ({ decision: { basis } }: ConfigDraft): boolean => basis === 'point';

const statusOf = (draft: ConfigDraft, standing: Standing, { improvementPercent }: Thresholds): RowStatus => {
  if (draft.candidate.invalid !== null || standing === 'invalid') return 'invalid';
  if (draft.decision.status === 'INCOMPARABLE') return 'not_comparable';
  if (standing === 'implausible') return 'implausible';
  if (standing === 'failed' || (standing === 'suspect' && isPoint(draft))) return 'regression';
  if (standing === 'suspect' || (standing === 'open' && !isPoint(draft))) return 'inconclusive';
  const isProven = isPoint(draft) || draft.decision.reason === 'improved';
  return isProven && isFasterBy(draft, improvementPercent) ? 'improvement' : 'unchanged';
};

const statusNotes = (status: RowStatus, draft: ConfigDraft, standing: Standing, family: number): string[] => {
  const { decision, candidate } = draft;
  if (status === 'invalid') return [candidate.invalid ?? decision.reason];
  if (status === 'not_comparable') return [decision.reason];
  if (status === 'implausible') return ['check the unit: no change explains a gain of this size'];
  if (standing === 'suspect' && decision.status === 'FAIL')
    return [`slower, but not beyond chance with ${family} configurations tested at once`];
  return [];
};

export interface Verdicts {
  readonly standing: Standing;
  /** Configurations tested at once. */
  readonly family: number;
  readonly waiver: ReturnType<typeof findWaiver>;
}

/** One configuration as it is reported. */
export const configRow = (
  draft: ConfigDraft,
  { standing, family, waiver }: Verdicts,
  rules: JudgeRules,
): RatchetRow => {
  const { baseline, candidate, decision } = draft;
  const delta = deltaPercent(draft);
  const judged = statusOf(draft, standing, rules.thresholds);
  const status = judged === 'regression' && waiver.covering !== null ? 'waived' : judged;
  const comparable = status === 'improvement' || status === 'unchanged' || status === 'inconclusive';
  const refusal = comparable ? promotionRefusal(baseline, candidate, rules.acceptImplausible) : 'not_faster';
  const kept = NOTES[refusal ?? 'not_faster'];
  return {
    ...NOTHING,
    config: draft.key,
    status,
    baseline_ms: baseline.timeMs,
    current_ms: candidate.timeMs,
    delta_pct: delta,
    is_regression: status === 'regression',
    is_improvement: status === 'improvement',
    keep_baseline: refusal !== null,
    profile:
      status === 'regression' ||
      (status === 'improvement' && delta >= rules.thresholds.profilePercent * (1 - ROUNDING_EPSILON)),
    decision,
    waiver: status === 'waived' ? waiver.covering : null,
    notes: [
      ...statusNotes(status, draft, standing, family),
      ...(judged === 'regression' && waiver.note !== null ? [waiver.note] : []),
      ...(kept === null ? [] : [kept]),
    ],
  };
};
