// The rows of `bench diff`: a judged row in the words improvement, regression, no_change, unknown, missing, in the order in which
// they are read, and counted. With one value a side the point rule speaks, with trials the decision does.
import type { JudgedRow, Judgement } from '../compare/judgement.ts';
import type { Direction } from '../stats/direction.ts';
import type { MetricDecision, MetricInterval } from '../verdict/decision.ts';
import type { LoneMetric } from '../verdict/delta-row.ts';
import type { Standing } from '../verdict/overall.ts';
import type { Tolerance } from '../verdict/tolerance.ts';
import { pointVerdict, type PointVerdict } from '../verdict/value-rule.ts';
import type { MatchedPoint } from './load-point.ts';

export type RowVerdict = PointVerdict;

/** A fraction of the baseline, or an amount in the metric's unit: the form of the benchmark diff's own files. */
export type RowTolerance = { readonly relative: number } | { readonly absolute: number };

export interface DiffRow {
  readonly name: string;
  /** Load point, `c16`. */
  readonly point: string;
  readonly baseline: number | null;
  readonly candidate: number | null;
  readonly delta_abs: number | null;
  readonly delta_rel: number | null;
  readonly verdict: RowVerdict;
  readonly unit: string | null;
  /** Null when nothing says which way is better. */
  readonly direction: Direction | null;
  readonly tolerance: RowTolerance;
  readonly gating: boolean;
  readonly headline: boolean;
  /** How the row stands once all rows are looked at together; null for a metric that one side lacks. */
  readonly standing: Standing | null;
  /** What repeated trials decide; null for a metric that one side lacks. */
  readonly decision: Pick<
    MetricDecision,
    'status' | 'strength' | 'basis' | 'rule' | 'reason' | 'trials_needed' | 'mde' | 'worsening' | 'warnings'
  > | null;
  /** Interval of the worsening, as a fraction (or in the unit, for differences); null without trials. */
  readonly interval: MetricInterval | null;
}

export interface DiffSummary {
  readonly regression: number;
  readonly improvement: number;
  readonly no_change: number;
  readonly unknown: number;
  readonly missing: number;
}

const toRowTolerance = (tolerance: Tolerance): RowTolerance =>
  'absolute' in tolerance ? tolerance : { relative: tolerance.percent / 100 };

/** A decision in the words of a row. A doubt is `unknown`: neither changed nor unchanged. */
const decidedVerdict = (row: JudgedRow, byPoint: RowVerdict): RowVerdict => {
  if (row.standing === 'failed') return 'regression';
  if (row.standing !== 'within') return 'unknown';
  return row.improved && byPoint === 'improvement' ? 'improvement' : 'no_change';
};

const rowVerdict = (row: JudgedRow, direction: Direction | null): RowVerdict => {
  const byPoint = pointVerdict(row.baseline, row.candidate, direction, row.tolerance);
  if (direction === null) return 'unknown';
  if (row.standing === 'invalid' || row.standing === 'implausible') return 'unknown';
  return row.decision.basis === 'point' ? byPoint : decidedVerdict(row, byPoint);
};

const rowOf = (point: string, row: JudgedRow): DiffRow => {
  const { decision } = row;
  const direction = row.direction_source === 'default' ? null : row.direction;
  const { status, strength, basis, rule, reason, trials_needed, mde, worsening, warnings } = decision;
  return {
    name: row.key,
    point,
    baseline: row.baseline,
    candidate: row.candidate,
    delta_abs: row.delta,
    delta_rel: row.baseline === 0 ? null : row.delta / Math.abs(row.baseline),
    verdict: rowVerdict(row, direction),
    unit: row.unit,
    direction,
    tolerance: toRowTolerance(row.tolerance),
    gating: row.gating && !decision.report_only,
    headline: row.headline,
    standing: row.standing,
    decision: { status, strength, basis, rule, reason, trials_needed, mde, worsening, warnings },
    interval: decision.interval,
  };
};

const loneRow = (point: string, metric: LoneMetric, on: 'baseline' | 'candidate', tolerance: number): DiffRow => {
  const [baseline, candidate] = on === 'baseline' ? [metric.value, null] : [null, metric.value];
  return {
    name: metric.key,
    point,
    baseline,
    candidate,
    delta_abs: null,
    delta_rel: null,
    verdict: pointVerdict(baseline, candidate, null, { percent: 100 * tolerance }),
    unit: metric.unit,
    direction: null,
    tolerance: { relative: tolerance },
    gating: metric.headline,
    headline: metric.headline,
    standing: null,
    decision: null,
    interval: null,
  };
};

const RANK: readonly RowVerdict[] = ['regression', 'missing', 'improvement'];

/** Repeated trials that leave open whether it changed: `unknown`, but not for want of a direction. */
export const isUnsettled = ({ verdict, decision, delta_abs }: DiffRow): boolean =>
  verdict === 'unknown' && delta_abs !== null && decision !== null && decision.basis !== 'point';

const rankOf = (row: DiffRow): number => {
  const rank = RANK.indexOf(row.verdict);
  return rank >= 0 ? rank : isUnsettled(row) ? RANK.length : RANK.length + 1;
};

/** Infinite from a baseline of zero, so that such a change is the largest. */
const size = ({ delta_rel, delta_abs }: DiffRow): number => Math.abs(delta_rel ?? (delta_abs === 0 ? 0 : Infinity));

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Regressions first, the worst on top; what vanished; improvements; what trials leave open, the largest change on top; the rest by name. */
export const compareRows = (a: DiffRow, b: DiffRow): number => {
  const rank = rankOf(a) - rankOf(b);
  if (rank !== 0) return rank;
  const changed = a.verdict === 'regression' || a.verdict === 'improvement' || isUnsettled(a);
  const bySize = changed && size(a) !== size(b) ? size(b) - size(a) : 0;
  return bySize !== 0 ? bySize : compareText(a.name, b.name) || compareText(a.point, b.point);
};

export const summarise = (rows: readonly DiffRow[]): DiffSummary => {
  const count = (verdict: RowVerdict): number => rows.filter((row) => row.verdict === verdict).length;
  return {
    regression: count('regression'),
    improvement: count('improvement'),
    no_change: count('no_change'),
    unknown: count('unknown'),
    missing: count('missing'),
  };
};

export interface JudgedPoint {
  readonly matched: MatchedPoint;
  readonly judgement: Judgement;
}

export const rowsOf = ({ matched: { name }, judgement }: JudgedPoint, tolerance: number): DiffRow[] => [
  ...judgement.rows.map((row) => rowOf(name, row)),
  ...judgement.vanished.map((metric) => loneRow(name, metric, 'baseline', tolerance)),
  ...judgement.added.map((metric) => loneRow(name, metric, 'candidate', tolerance)),
];
