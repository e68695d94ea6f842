// Judges one configuration against its baseline: the point rule where there is one time a side, the interval of repeated trials
// where there are samples. Pure; says what it would promote and writes nothing.
import { decideMetric, type MetricDecision } from '../verdict/decision.ts';
import { walshInterval } from '../stats/signed-rank.ts';
import { canonicalJson } from '../text/json.ts';
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

export type RowStatus =
  | 'regression'
  | 'waived'
  | 'improvement'
  | 'unchanged'
  | 'inconclusive'
  | 'new'
  /** In the baseline, not in this run. */
  | 'missing'
  | 'invalid'
  | 'not_comparable';

/** One configuration of a check, as it stands in the JSON result. */
export interface RatchetRow {
  readonly config: string;
  readonly status: RowStatus;
  readonly baseline_ms: number | null;
  readonly current_ms: number | null;
  /** 100 * (baseline - current) / baseline: positive is faster. */
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

/** Fewest samples on which a baseline may be replaced by the interval rule. */
export const PROMOTION_SAMPLES = 5;

/**
 * Chance of replacing a baseline by an equally fast result, in one run. Far below the 5 percent of the verdict, because the best
 * of many runs is kept: luck that is promoted stays, and makes later runs look slow.
 */
const PROMOTION_ALPHA = 0.005;

/** Percentages closer than this are equal: what rounding in the last place may do. */
const GRAIN = 1e-9;
const above = (value: number, limit: number): boolean => value - limit > GRAIN;

const deltaPercent = (baseline: number, current: number): number => (100 * (baseline - current)) / baseline;

/** Facts in which two results differ although both state them; times that differ in one of these are not comparable. */
const mismatches = (baseline: ConfigResult, current: ConfigResult): string[] => {
  const differs = <T>(a: T | null, b: T | null): boolean =>
    a !== null && b !== null && canonicalJson(a) !== canonicalJson(b);
  return [
    ...(differs(baseline.gpu, current.gpu) ? ['gpu'] : []),
    ...(differs(baseline.shape, current.shape) ? ['config'] : []),
    ...(differs(baseline.statistic, current.statistic) ? ['statistic'] : []),
  ];
};

const VERDICT_ALPHA = 0.05;

const decide = (
  baseline: ConfigResult,
  current: ConfigResult,
  tolerancePercent: number,
  alpha = VERDICT_ALPHA,
): MetricDecision => {
  const trials = ({ samplesMs, timeMs }: ConfigResult, excluded: boolean) =>
    (samplesMs.length > 0 ? samplesMs : [timeMs]).map((value) => ({ value, block: null, excluded }));
  return decideMetric({
    direction: 'lower-is-better',
    tolerance: { relative: tolerancePercent / 100, absolute: null },
    baseline: trials(baseline, false),
    candidate: trials(current, current.invalid !== null),
    analysis: 'unpaired',
    alpha,
    mismatch: mismatches(baseline, current),
  });
};

/**
 * True when the 95 percent upper bound of the new time lies below the old one, which has no samples of its own. The bound is the
 * upper end of the exact Walsh interval of the logarithms; it exists from 5 samples on.
 */
const boundBelow = (samples: readonly number[], baselineMs: number): boolean => {
  if (samples.length < PROMOTION_SAMPLES) return false;
  const { interval } = walshInterval(samples.map(Math.log), VERDICT_ALPHA);
  return interval !== null && Math.exp(interval.high) < baselineMs;
};

/** Whether the current result takes the baseline's place. Without samples any gain does; with samples only a proven one. */
const promotes = (baseline: ConfigResult, current: ConfigResult): boolean => {
  if (current.samplesMs.length === 0) return current.timeMs < baseline.timeMs && baseline.samplesMs.length === 0;
  if (baseline.samplesMs.length === 0) return boundBelow(current.samplesMs, baseline.timeMs);
  const enough = Math.min(baseline.samplesMs.length, current.samplesMs.length) >= PROMOTION_SAMPLES;
  return enough && decide(baseline, current, 0, PROMOTION_ALPHA).reason === 'improved';
};

/** The status that the rule of thumb (one value a side) or the decision (repeated trials) gives. */
const compared = (
  delta: number,
  decision: MetricDecision,
  thresholds: Thresholds,
): 'regression' | 'improvement' | 'unchanged' | 'inconclusive' => {
  const improvement = above(delta, thresholds.improvementPercent);
  if (decision.interval === null) {
    if (above(thresholds.regressionPercent, delta)) return 'regression';
    return improvement ? 'improvement' : 'unchanged';
  }
  if (decision.status === 'FAIL') return 'regression';
  if (decision.status !== 'PASS') return 'inconclusive';
  return improvement && decision.reason === 'improved' ? 'improvement' : 'unchanged';
};

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
const newRow = (current: ConfigResult): RatchetRow => ({
  ...NOTHING,
  config: current.name,
  status: current.invalid === null ? 'new' : 'invalid',
  current_ms: current.timeMs,
  is_improvement: current.invalid === null,
  keep_baseline: current.invalid !== null,
  notes: current.invalid === null ? [] : [current.invalid],
});

/** A configuration of the baseline that this run did not measure. */
export const missingRow = (baseline: ConfigResult): RatchetRow => ({
  ...NOTHING,
  config: baseline.name,
  status: 'missing',
  baseline_ms: baseline.timeMs,
});

const promotionNote = (baseline: ConfigResult, current: ConfigResult, promoted: boolean): string[] => {
  if (promoted || current.timeMs >= baseline.timeMs) return [];
  if (current.samplesMs.length === 0 && baseline.samplesMs.length === 0) return [];
  return [`baseline kept: the gain is not proven, or fewer than ${PROMOTION_SAMPLES} samples on a side`];
};

const compareWith = (
  baseline: ConfigResult,
  current: ConfigResult,
  thresholds: Thresholds,
  waivers: readonly Waiver[],
  day: string,
): RatchetRow => {
  const delta = deltaPercent(baseline.timeMs, current.timeMs);
  const decision = decide(baseline, current, -thresholds.regressionPercent);
  const figures = { baseline_ms: baseline.timeMs, current_ms: current.timeMs, delta_pct: delta, decision };
  const row = { ...NOTHING, ...figures, config: current.name };
  if (current.invalid !== null) return { ...row, status: 'invalid', notes: [current.invalid] };
  if (decision.status === 'INCOMPARABLE') return { ...row, status: 'not_comparable', notes: [decision.reason] };
  const status = compared(delta, decision, thresholds);
  if (status === 'regression') {
    const { covering, note } = findWaiver(waivers, current.name, -delta, day);
    const notes = note === null ? [] : [note];
    const waived = covering !== null;
    return {
      ...row,
      status: waived ? 'waived' : status,
      is_regression: !waived,
      profile: !waived,
      waiver: covering,
      notes,
    };
  }
  const promoted = promotes(baseline, current);
  const improved = status === 'improvement';
  return {
    ...row,
    status,
    is_improvement: improved,
    keep_baseline: !promoted,
    profile: improved && !above(thresholds.profilePercent, delta),
    notes: promotionNote(baseline, current, promoted),
  };
};

/** Judges one configuration; `baseline` is null for a new one. `day` is `YYYY-MM-DD`, for waivers. */
export const judgeConfig = (
  baseline: ConfigResult | null,
  current: ConfigResult,
  thresholds: Thresholds,
  waivers: readonly Waiver[],
  day: string,
): RatchetRow => (baseline === null ? newRow(current) : compareWith(baseline, current, thresholds, waivers, day));
