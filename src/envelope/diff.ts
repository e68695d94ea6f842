// `bench diff`: rows of baseline against candidate in the words improvement, regression, no_change, unknown, missing. With one
// value a side the point rule speaks, with trials the decision does. Pure; reading and printing are elsewhere.
import { contextWarnings, resolveAxis, type ContextDifference } from '../verdict/context-match.ts';
import { judge } from '../compare/judge.ts';
import type { JudgedRow, Judgement } from '../compare/judgement.ts';
import type { LoneMetric } from '../verdict/delta-row.ts';
import type { PolicySources } from '../verdict/policy.ts';
import { latencyName, nameOf } from '../metrics/catalogue.ts';
import type { PolicyRule } from '../metrics/policy-rule.ts';
import { reasonsText } from '../metrics/trial.ts';
import type { Decision, FailRule, MetricDecision, MetricInterval } from '../verdict/decision.ts';
import type { Direction } from '../stats/direction.ts';
import { Fault } from '../text/fault.ts';
import { joinFiles } from './diff-side.ts';
import type { DiffFile } from './diff-files.ts';
import { compareFacts, type ContextMatch } from './context-match.ts';
import { matchPoints, splitPoints, type MatchedPoint } from './load-point.ts';
import { classifyChange, type RowTolerance, type RowVerdict } from './point-rule.ts';

export interface DiffOptions {
  /** Fraction of the baseline; default 0.02. */
  readonly tolerance: number;
  /** The tolerance was named with the call: then it counts for tails too. */
  readonly toleranceGiven?: boolean;
  /** Rules of `configs/metrics.yaml`. */
  readonly defaults: readonly PolicyRule[];
  /** Rules of a policy file. */
  readonly policy?: readonly PolicyRule[];
  /** Rules given with the call. */
  readonly rules?: readonly PolicyRule[];
  readonly headline?: readonly string[];
  readonly axis?: readonly string[];
  readonly strictContext: boolean;
  readonly failRule?: FailRule;
}

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
  /** What repeated trials decide; null for a metric that one side lacks. */
  readonly decision: Pick<
    MetricDecision,
    'status' | 'strength' | 'basis' | 'reason' | 'trials_needed' | 'mde' | 'warnings'
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

export interface PointDiff {
  readonly point: string;
  readonly baseline_paths: readonly string[];
  readonly candidate_paths: readonly string[];
  readonly decision: Decision;
  readonly verdict: Judgement['verdict'];
  readonly tier: Judgement['tier'];
  readonly tier_missing: readonly string[];
  readonly trials: Judgement['trials'];
  readonly context_mismatches: readonly ContextDifference[];
}

export interface DiffResult {
  readonly baseline_path: string;
  readonly candidate_path: string;
  readonly context_match: ContextMatch;
  /** Something that both sides tell differs, and not on purpose. */
  readonly context_differs: boolean;
  readonly metrics: readonly DiffRow[];
  /** Over all points: the worst of theirs. */
  readonly decision: Decision;
  readonly summary: DiffSummary;
  readonly points: readonly PointDiff[];
  readonly tolerance: number;
  readonly warnings: readonly string[];
}

/** Shares of requests that have their own tolerance, whatever that of the rest. */
const SHARES: readonly PolicyRule[] = [
  { match: nameOf('okRate'), tolerance_percent: 0, gating: true },
  { match: nameOf('complianceRate'), tolerance_absolute: 0.01, gating: true },
];

/** What a service is held to: these gate beside the headline when trials decide. */
const GATING: readonly PolicyRule[] = [latencyName('ttft', 'p99'), nameOf('joulesPerToken')].map((match) => ({
  match,
  gating: true,
}));

/** Rules of `configs/metrics.yaml` for p95 and above. */
const isAboutTails = ({ match }: PolicyRule): boolean => /p9[5-9]|_p[15]$/.test(match);

/** Tails keep their wider tolerance only where repeats say how far they vary and the call names no tolerance for all. */
const tailRules = ({ defaults, tolerance }: DiffOptions): PolicyRule[] =>
  defaults.filter(isAboutTails).map(({ match }) => ({ match, tolerance_percent: 100 * tolerance }));

const policySources = (options: DiffOptions, isRepeated: boolean): PolicySources => ({
  flags: options.rules ?? [],
  file: options.policy ?? [],
  document: [
    ...SHARES,
    ...(isRepeated && options.toleranceGiven !== true
      ? GATING
      : [...GATING.map((rule) => ({ ...rule, tolerance_percent: 100 * options.tolerance })), ...tailRules(options)]),
  ],
  defaults: options.defaults,
  umbrella: { percent: options.tolerance * 100 },
  headline: options.headline ?? [],
});

const toRowTolerance = (tolerance: JudgedRow['tolerance']): RowTolerance =>
  'absolute' in tolerance ? tolerance : { relative: tolerance.percent / 100 };

/** A decision in the words of a row. A doubt is `unknown`: neither changed nor unchanged. */
const decidedVerdict = ({ status, reason }: MetricDecision, byPoint: RowVerdict): RowVerdict => {
  if (status === 'FAIL') return 'regression';
  if (status !== 'PASS') return 'unknown';
  return reason === 'improved' && byPoint === 'improvement' ? 'improvement' : 'no_change';
};

const rowOf = (point: string, row: JudgedRow): DiffRow => {
  const { decision } = row;
  const direction = row.direction_source === 'default' ? null : row.direction;
  const tolerance = toRowTolerance(row.tolerance);
  const change = classifyChange(direction, row.baseline, row.current, tolerance);
  const { status, strength, basis, reason, trials_needed, mde, warnings } = decision;
  const isDecided = basis !== 'point' && direction !== null;
  return {
    name: row.key,
    point,
    baseline: row.baseline,
    candidate: row.current,
    ...change,
    verdict: isDecided ? decidedVerdict(decision, change.verdict) : change.verdict,
    unit: row.unit,
    direction,
    tolerance,
    gating: row.gating && !decision.report_only,
    decision: { status, strength, basis, reason, trials_needed, mde, warnings },
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
    ...classifyChange(null, baseline, candidate, { relative: tolerance }),
    unit: metric.unit,
    direction: null,
    tolerance: { relative: tolerance },
    gating: metric.headline,
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
const compareRows = (a: DiffRow, b: DiffRow): number => {
  const rank = rankOf(a) - rankOf(b);
  if (rank !== 0) return rank;
  const changed = a.verdict === 'regression' || a.verdict === 'improvement' || isUnsettled(a);
  const bySize = changed && size(a) !== size(b) ? size(b) - size(a) : 0;
  return bySize !== 0 ? bySize : compareText(a.name, b.name) || compareText(a.point, b.point);
};

const summarise = (rows: readonly DiffRow[]): DiffSummary => {
  const count = (verdict: RowVerdict): number => rows.filter((row) => row.verdict === verdict).length;
  return {
    regression: count('regression'),
    improvement: count('improvement'),
    no_change: count('no_change'),
    unknown: count('unknown'),
    missing: count('missing'),
  };
};

interface JudgedPoint {
  readonly matched: MatchedPoint;
  readonly judgement: Judgement;
}

const judgePoint = (matched: MatchedPoint, options: DiffOptions): JudgedPoint => {
  const [baseline, candidate] = [joinFiles(matched.baseline), joinFiles(matched.candidate)];
  const isRepeated = Math.min(baseline.trials.length, candidate.trials.length) > 1;
  const judgement = judge(baseline, candidate, {
    policy: policySources(options, isRepeated),
    axis: options.axis ?? [],
    strictContext: options.strictContext,
    ...(options.failRule === undefined ? {} : { failRule: options.failRule }),
  });
  return { matched, judgement };
};

const rowsOf = ({ matched: { name }, judgement }: JudgedPoint, tolerance: number): DiffRow[] => [
  ...judgement.rows.map((row) => rowOf(name, row)),
  ...judgement.vanished.map((metric) => loneRow(name, metric, 'baseline', tolerance)),
  ...judgement.added.map((metric) => loneRow(name, metric, 'candidate', tolerance)),
];

const pointDiff = ({ matched, judgement }: JudgedPoint): PointDiff => ({
  point: matched.name,
  baseline_paths: matched.baseline.map(({ path }) => path),
  candidate_paths: matched.candidate.map(({ path }) => path),
  decision: judgement.decision,
  verdict: judgement.verdict,
  tier: judgement.tier,
  tier_missing: judgement.tier_missing,
  trials: judgement.trials,
  context_mismatches: judgement.context.mismatches,
});

const SEVERITY: readonly Decision['status'][] = ['FAIL', 'INCOMPARABLE', 'INCONCLUSIVE', 'PASS'];

/** `decisions` is not empty. */
const worst = (first: Decision, others: readonly Decision[]): Decision =>
  others.reduce((bad, next) => (SEVERITY.indexOf(next.status) < SEVERITY.indexOf(bad.status) ? next : bad), first);

/** How many trials do not count and why; where none counts, the figures shown are those of invalid trials. */
const invalidWarnings = (point: string, { trials }: Judgement): string[] =>
  (['baseline', 'current'] as const).flatMap((side) => {
    const { valid, invalid, reasons } = trials[side];
    if (invalid === 0) return [];
    const outcome = valid > 0 ? 'left out' : 'none counts, the figures decide nothing';
    return `${point}: ${invalid} of ${invalid + valid} ${side === 'current' ? 'candidate' : side} trials invalid (${reasonsText(reasons)}): ${outcome}`;
  });

const silentWarnings = (point: string, { context }: Judgement): string[] =>
  (['baseline', 'current'] as const).flatMap((side) => {
    const fields = context.unknown.filter(({ missing_on }) => missing_on === side).map(({ field }) => field);
    return fields.length === 0
      ? []
      : [`${point}: the ${side === 'current' ? 'candidate' : side} does not tell ${fields.join(', ')}`];
  });

const pointWarnings = ({ matched, judgement }: JudgedPoint): string[] => [
  ...contextWarnings(judgement.context),
  ...(matched.assumed ? [`one side does not tell its load: it is taken to be ${matched.name}`] : []),
  ...invalidWarnings(matched.name, judgement),
  ...silentWarnings(matched.name, judgement),
];

const warningsOf = (
  points: readonly JudgedPoint[],
  unused: readonly string[],
  differences: readonly string[],
): string[] => [
  ...new Set([
    ...differences,
    ...points.flatMap(pointWarnings),
    ...unused.map((name) => `baseline ${name} has no candidate`),
  ]),
];

/** Compares the files of two sides. Both are not empty. Throws the Faults of `matchPoints`, `joinFiles` and `judge`. */
export const diffFiles = (
  baseline: readonly DiffFile[],
  candidate: readonly DiffFile[],
  options: DiffOptions,
): DiffResult => {
  const split = (files: readonly DiffFile[]) => files.flatMap(({ path, reading }) => splitPoints(path, reading));
  const { matched, unused } = matchPoints(split(baseline), split(candidate));
  const points = matched.map((point) => judgePoint(point, options));
  const mismatches = points.flatMap(({ judgement }) => judgement.context.mismatches);
  const facts = compareFacts(baseline, candidate, mismatches, resolveAxis(options.axis ?? []));
  const rows = points.flatMap((point) => rowsOf(point, options.tolerance)).sort(compareRows);
  const [first, ...others] = points.map(({ judgement }) => judgement.decision);
  if (first === undefined) throw new Fault('internal', 'no_load_point', 'no load point was matched');
  return {
    baseline_path: baseline.map(({ path }) => path).join(', '),
    candidate_path: candidate.map(({ path }) => path).join(', '),
    context_match: facts.context_match,
    context_differs: mismatches.length > 0 || facts.differences.length > 0,
    metrics: rows,
    decision: worst(first, others),
    summary: summarise(rows),
    points: points.map(pointDiff),
    tolerance: options.tolerance,
    warnings: warningsOf(points, unused, facts.differences),
  };
};

export interface ExitRules {
  readonly strict: boolean;
  readonly strictContext: boolean;
}

const hasRepeats = ({ trials }: PointDiff): boolean => trials.baseline.valid >= 2 && trials.current.valid >= 2;
const isInvalid = ({ trials }: PointDiff): boolean =>
  [trials.baseline, trials.current].some(({ valid, invalid }) => valid === 0 && invalid > 0);

/**
 * 4: circumstances differ under `--strict-context`, or no trial of a side is valid under `--strict`. 1 under `--strict`: a
 * regression (with trials: a FAIL) or a vanished metric. 3 under `--strict`: trials that do not settle it. Else 0.
 */
export const diffExitCode = (result: DiffResult, { strict, strictContext }: ExitRules): 0 | 1 | 3 | 4 => {
  if (strictContext && result.context_differs) return 4;
  if (!strict) return 0;
  if (result.points.some(isInvalid)) return 4;
  const repeated = new Set(result.points.filter(hasRepeats).map(({ point }) => point));
  const isAdverse = ({ verdict, point }: DiffRow): boolean =>
    verdict === 'missing' || (verdict === 'regression' && !repeated.has(point));
  const decisions = result.points.filter(hasRepeats).map(({ decision }) => decision.status);
  if (result.metrics.some(isAdverse) || decisions.includes('FAIL')) return 1;
  if (decisions.includes('INCOMPARABLE')) return 4;
  return decisions.includes('INCONCLUSIVE') ? 3 : 0;
};
