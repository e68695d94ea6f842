// Reads the history of one measurement: where its level changed, whether it creeps, whether the newest points are off. One odd
// point warns; only a change that persists fails.
import type { Verdict } from '../verdict/delta-row.ts';
import { changePoints } from '../stats/e-divisive.ts';
import { median } from '../stats/describe.ts';
import { predictionInterval } from '../stats/prediction-interval.ts';
import { bareDecision, type Decision } from '../verdict/decision.ts';
import type { Rule } from '../verdict/rules.ts';
import type { Direction } from '../stats/direction.ts';
import { inputFault } from '../text/fault.ts';
import { driftWithin, type Drift } from './drift.ts';
import { splitEras, type Era, type EraStart, type TrendPoint } from './eras.ts';

export interface TrendOptions {
  /** Name of the metric, for people. */
  readonly metric: string;
  readonly unit: string | null;
  readonly direction: Direction;
  /** Changes up to this fraction are tolerated. */
  readonly tolerance: number;
  /** Ids of points whose level was accepted as the new normal. */
  readonly accepted?: readonly string[];
  /** Error allowed for a change point (default 0.01) and for one prediction (default 0.05). */
  readonly changeAlpha?: number;
  readonly predictionAlpha?: number;
}

/** A level change: between the last point of the old level and the first of the new one. */
export interface TrendChange {
  /** Index in the whole history of the first point of the new level. */
  readonly index: number;
  readonly last_before: string;
  readonly first_after: string;
  readonly commit_before: string | null;
  readonly commit_after: string | null;
  readonly median_before: number;
  readonly median_after: number;
  /** Null where the old level is zero. */
  readonly change_pct: number | null;
  readonly p_adjusted: number;
  readonly adverse: boolean;
}

export interface TrendEra {
  readonly start: EraStart;
  readonly from: number;
  readonly points: number;
  readonly context_key: string;
}

export interface TrendSegment {
  readonly from: number;
  readonly points: number;
  readonly median: number;
}

export interface TrendPrediction {
  readonly centre: number;
  readonly low: number;
  readonly high: number;
  /** Number of points it rests on. */
  readonly history: number;
}

export interface Trend {
  readonly metric: string;
  readonly unit: string | null;
  readonly direction: Direction;
  readonly verdict: Verdict;
  readonly decision: Decision;
  readonly points: readonly TrendPoint[];
  readonly eras: readonly TrendEra[];
  readonly changes: readonly TrendChange[];
  readonly segments: readonly TrendSegment[];
  /** For the newest point, from the stable points before it; null with fewer than five of them. */
  readonly prediction: TrendPrediction | null;
  /** Indices of the newest points that lie outside on the adverse side, without a gap up to the end. */
  readonly alarms: readonly number[];
  /** Creep within the segments of the current era; null with too few points or values at or below zero. */
  readonly drift: Drift | null;
}

/** Fewest stable points on which a prediction rests. */
export const STABLE_POINTS = 5;

/** Alarms in a row that make a failure. */
const PERSISTENT = 2;

interface CutEra {
  readonly era: Era;
  readonly changes: readonly TrendChange[];
  readonly segments: readonly TrendSegment[];
}

const valuesOf = (points: readonly TrendPoint[]): number[] => points.map(({ value }) => value);

/** Signed change as a worsening: positive is worse; for a two-sided metric any change is. */
const worsening = (before: number, after: number, direction: Direction): number => {
  const change = before === 0 ? after - before : (after - before) / Math.abs(before);
  if (direction === 'two-sided') return Math.abs(change);
  return direction === 'lower-is-better' ? change : -change;
};

const cutEra = (era: Era, { direction, tolerance, changeAlpha = 0.01 }: TrendOptions): CutEra => {
  const values = valuesOf(era.points);
  const { accepted } = changePoints(values, changeAlpha);
  const changes = accepted.map(({ index, pAdjusted, medianBefore, medianAfter }): TrendChange => {
    const [before, after] = [era.points[index - 1], era.points[index]];
    return {
      index: era.from + index,
      last_before: before?.id ?? '',
      first_after: after?.id ?? '',
      commit_before: before?.commit ?? null,
      commit_after: after?.commit ?? null,
      median_before: medianBefore,
      median_after: medianAfter,
      change_pct: medianBefore === 0 ? null : (100 * (medianAfter - medianBefore)) / Math.abs(medianBefore),
      p_adjusted: pAdjusted,
      adverse: worsening(medianBefore, medianAfter, direction) > tolerance,
    };
  });
  const bounds = [0, ...accepted.map(({ index }) => index), values.length];
  const segments = bounds.slice(1).map((end, position) => {
    const from = bounds[position] ?? 0;
    return { from: era.from + from, points: end - from, median: median(values.slice(from, end)) };
  });
  return { era, changes, segments };
};

/** Outside the interval on the adverse side, and worse than its centre by more than is tolerated. */
const isOff = (
  value: number,
  { centre, low, high }: TrendPrediction,
  { direction, tolerance }: TrendOptions,
): boolean =>
  ((direction !== 'higher-is-better' && value > high) || (direction !== 'lower-is-better' && value < low)) &&
  worsening(centre, value, direction) > tolerance;

const predict = (history: readonly number[], options: TrendOptions): TrendPrediction | null => {
  if (history.length < STABLE_POINTS) return null;
  const alpha = (options.predictionAlpha ?? 0.05) / (options.direction === 'two-sided' ? 2 : 1);
  const interval = predictionInterval(history, alpha, history.every((value) => value > 0) ? 'log' : 'linear');
  return interval === null ? null : { ...interval, history: history.length };
};

/**
 * Judges the newest points of a segment. The points under suspicion never belong to the history that judges them: with enough
 * points both of the last two are held back.
 */
const newest = (
  values: readonly number[],
  options: TrendOptions,
): { readonly prediction: TrendPrediction | null; readonly alarms: number } => {
  const held = values.length - PERSISTENT >= STABLE_POINTS ? PERSISTENT : 1;
  const prediction = predict(values.slice(0, -held), options);
  if (prediction === null) return { prediction, alarms: 0 };
  const suspects = values.slice(-held).reverse();
  const inside = suspects.findIndex((value) => !isOff(value, prediction, options));
  return { prediction, alarms: inside === -1 ? held : inside };
};

const REASONS = {
  stable: ['GREEN', 'PASS', 'T3'],
  improved: ['GREEN', 'PASS', 'T3'],
  one_alarm: ['YELLOW', 'INCONCLUSIVE', 'T4'],
  too_few_points: ['YELLOW', 'INCONCLUSIVE', 'T4'],
  persistent_alarm: ['RED', 'FAIL', 'T2'],
  crept_away: ['RED', 'FAIL', 'T2'],
  level_changed: ['RED', 'FAIL', 'T1'],
} as const satisfies Record<string, readonly [Verdict, Decision['status'], Rule]>;

type Reason = keyof typeof REASONS;

/** Points of one segment from which its level counts as one that was really held, not as luck. */
const SUSTAINED = 5;
/** Points of the newest segment from which its level counts as a change and not as one odd night. */
const NEWEST = 2;

/** Worsening of the newest level against the last and the first level of the era that were held; 0 where none was. */
const sinceSustained = (segments: readonly TrendSegment[], direction: Direction): number => {
  const held = segments.slice(0, -1).filter(({ points }) => points >= SUSTAINED);
  const newest = segments.at(-1);
  if (newest === undefined || newest.points < NEWEST) return 0;
  const levels = [held.at(-1), held[0]].filter((segment) => segment !== undefined);
  return Math.max(0, ...levels.map((level) => worsening(level.median, newest.median, direction)));
};

/** Trend of the current era in one word, the gravest first. */
const judge = (
  { era, changes, segments }: CutEra,
  alarms: number,
  drift: Drift | null,
  { direction, tolerance }: TrendOptions,
): Reason => {
  const [reference, level] = [segments[0]?.median ?? 0, segments.at(-1)?.median ?? 0];
  const since = worsening(reference, level, direction);
  const creeps = drift?.significant === true && worsening(1, 1 + drift.percent_per_run / 100, direction) > 0;
  const slid = creeps ? Math.abs(drift.percent_per_run / 100) * era.points.length : 0;
  if (Math.max(slid, since) > tolerance && creeps) return 'crept_away';
  if (sinceSustained(segments, direction) > tolerance) return 'level_changed';
  if (alarms >= PERSISTENT) return 'persistent_alarm';
  if (era.points.length < STABLE_POINTS + 1) return 'too_few_points';
  if (alarms > 0) return 'one_alarm';
  return changes.length > 0 && since < -tolerance ? 'improved' : 'stable';
};

const refuseUnusable = (points: readonly TrendPoint[], { metric }: TrendOptions): void => {
  const bad = points.find(({ value }) => !Number.isFinite(value));
  if (bad !== undefined)
    throw inputFault('not_a_number', `${metric} of ${bad.id} is ${bad.value}`, {
      at: bad.id,
      fix: 'leave the entry out',
    });
  if (points.length === 0)
    throw inputFault('no_history', `there is no measurement of ${metric}`, { fix: 'record at least one' });
};

/** The trend of a history, oldest point first. Throws a Fault `no_history` or `not_a_number`. */
export const analyseTrend = (points: readonly TrendPoint[], options: TrendOptions): Trend => {
  refuseUnusable(points, options);
  const cut = splitEras(points, options.accepted ?? []).map((era) => cutEra(era, options));
  const current = cut.at(-1) ?? { era: { start: 'first', from: 0, points }, changes: [], segments: [] };
  const segmentValues = current.segments.map(({ from, points: n }) => valuesOf(points.slice(from, from + n)));
  const { prediction, alarms } = newest(segmentValues.at(-1) ?? [], options);
  const drift = points.every(({ value }) => value > 0) ? driftWithin(segmentValues) : null;
  const reason = judge(current, alarms, drift, options);
  const [verdict, status, rule] = REASONS[reason];
  const missing = STABLE_POINTS + 1 - current.era.points.length;
  return {
    metric: options.metric,
    unit: options.unit,
    direction: options.direction,
    verdict,
    decision: bareDecision(status, rule, reason, {
      strength: status === 'FAIL' ? 'likely' : null,
      basis: 'interval',
      trials_needed: reason === 'too_few_points' ? missing : reason === 'one_alarm' ? 1 : null,
      failed: status === 'FAIL' ? [options.metric] : [],
      suspect: reason === 'one_alarm' ? [options.metric] : [],
    }),
    points,
    eras: cut.map(({ era }) => ({
      start: era.start,
      from: era.from,
      points: era.points.length,
      context_key: era.points[0]?.context_key ?? '',
    })),
    changes: cut.flatMap(({ changes }) => changes),
    segments: cut.flatMap(({ segments }) => segments),
    prediction,
    alarms: Array.from({ length: alarms }, (_, index) => points.length - alarms + index),
    drift,
  };
};
