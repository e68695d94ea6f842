// `bench diff`: two sets of files, load point by load point, judged as one family. What a row says is in diff-rows.ts. Pure; reading
// and printing are elsewhere.
import { judgePoints } from '../compare/judge.ts';
import type { JudgedRow, Judgement } from '../compare/judgement.ts';
import { requireTolerancesMatch } from '../compare/named-tolerances.ts';
import type { PolicyRule } from '../metrics/policy-rule.ts';
import { reasonsText } from '../metrics/trial.ts';
import { Fault } from '../text/fault.ts';
import { gravestColour } from '../verdict/colour.ts';
import { contextWarnings, resolveAxis, type ContextDifference } from '../verdict/context-match.ts';
import type { Decision } from '../verdict/decision.ts';
import type { FailRule } from '../verdict/interval-verdict.ts';
import type { LoneMetric, Verdict } from '../verdict/delta-row.ts';
import { comparisonExitCode, gravestExit, type ComparisonExit, type Strictness } from '../verdict/exit-code.ts';
import type { PolicySources } from '../verdict/policy.ts';
import { decisionText, surpriseWarnings } from '../verdict/wording.ts';
import { compareFacts, type ContextMatch } from './context-match.ts';
import type { DiffFile } from './diff-files.ts';
import { joinFiles } from './diff-side.ts';
import { matchPoints, splitPoints } from './load-point.ts';
import type { DiffRow, DiffSummary, JudgedPoint } from './diff-rows.ts';
import { compareRows, rowsOf, summarise } from './diff-rows.ts';

export interface DiffOptions {
  /** Fraction of the baseline; null for the default, 0.02, which leaves tails of repeated runs their own. */
  readonly tolerance: number | null;
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
  /** Improvements too large to be believed have been vouched for. */
  readonly acceptImplausible?: boolean;
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
  readonly adverse: readonly JudgedRow[];
  readonly vanished: readonly LoneMetric[];
  readonly context_mismatches: readonly ContextDifference[];
}

export interface DiffResult {
  readonly baseline_path: string;
  readonly candidate_path: string;
  readonly context_match: ContextMatch;
  /** Something that both sides state differs, and not on purpose. */
  readonly context_differs: boolean;
  readonly metrics: readonly DiffRow[];
  /** The gravest colour of the points. */
  readonly verdict: Verdict;
  /** Over the metrics of all points as one family. */
  readonly decision: Decision;
  /** The decision in one line. */
  readonly decision_text: string;
  /** Both sides of every point have two valid trials or more. */
  readonly repeated: boolean;
  readonly summary: DiffSummary;
  readonly points: readonly PointDiff[];
  readonly tolerance: number;
  readonly warnings: readonly string[];
}

/** Allowed change where the caller names none. */
export const DEFAULT_FRACTION = 0.02;

/** Metrics with rules of their own whatever tolerance is given: shares, and what must not fall at all. */
const keepsItsTolerance = ({ tolerance_absolute: absolute, tolerance_percent: percent }: PolicyRule): boolean =>
  absolute !== undefined || percent === 0;

/** With one run a side, or with a tolerance given, percentages of the table give way to it; with repeats tails keep theirs. */
const defaultsFor = ({ defaults, tolerance }: DiffOptions, repeated: boolean): readonly PolicyRule[] =>
  repeated && tolerance === null
    ? defaults
    : defaults.map((rule) => (keepsItsTolerance(rule) ? rule : { ...rule, tolerance_percent: undefined }));

const policySources = (options: DiffOptions, repeated: boolean): PolicySources => ({
  flags: options.rules ?? [],
  file: options.policy ?? [],
  defaults: defaultsFor(options, repeated),
  umbrella: { percent: (options.tolerance ?? DEFAULT_FRACTION) * 100 },
  headline: options.headline ?? [],
});

const pointDiff = ({ matched, judgement }: JudgedPoint): PointDiff => ({
  point: matched.name,
  baseline_paths: matched.baseline.map(({ path }) => path),
  candidate_paths: matched.candidate.map(({ path }) => path),
  decision: judgement.decision,
  verdict: judgement.verdict,
  tier: judgement.tier,
  tier_missing: judgement.tier_missing,
  trials: judgement.trials,
  adverse: judgement.adverse,
  vanished: judgement.vanished,
  context_mismatches: judgement.context.mismatches,
});

/** How many trials do not count and why; where none counts, the figures shown are those of invalid trials. */
const invalidWarnings = (point: string, { trials }: Judgement): string[] =>
  (['baseline', 'candidate'] as const).flatMap((side) => {
    const { valid, invalid, reasons } = trials[side];
    if (invalid === 0) return [];
    const outcome = valid > 0 ? 'left out' : 'none counts, the figures decide nothing';
    return `${point}: ${invalid} of ${invalid + valid} ${side} trials invalid (${reasonsText(reasons)}): ${outcome}`;
  });

const silentWarnings = (point: string, { context }: Judgement): string[] =>
  (['baseline', 'current'] as const).flatMap((side) => {
    const fields = context.unknown.filter(({ missing_on }) => missing_on === side).map(({ field }) => field);
    return fields.length === 0
      ? []
      : [`${point}: the ${side === 'current' ? 'candidate' : side} does not state ${fields.join(', ')}`];
  });

const pointWarnings = ({ matched, judgement }: JudgedPoint): string[] => [
  ...contextWarnings(judgement.context),
  ...(matched.assumed ? [`one side does not state its load: it is taken to be ${matched.name}`] : []),
  ...surpriseWarnings(judgement.rows),
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

const hasTrials = (files: readonly DiffFile[]): boolean =>
  files.length > 1 || files.some(({ reading }) => reading.trials.length > 1);

/** Compares the files of two sides. Both are not empty. Throws the Faults of `matchPoints`, `joinFiles`, `judge` and `requireTolerancesMatch`. */
export const diffFiles = (
  baseline: readonly DiffFile[],
  candidate: readonly DiffFile[],
  options: DiffOptions,
): DiffResult => {
  const split = (files: readonly DiffFile[]) => files.flatMap(({ path, reading }) => splitPoints(path, reading));
  const { matched, unused } = matchPoints(split(baseline), split(candidate));
  if (matched.length === 0) throw new Fault('internal', 'no_load_point', 'no load point was matched');
  const repeated = hasTrials(baseline) && hasTrials(candidate);
  const sides = matched.map((point) => ({
    point: point.name,
    baseline: joinFiles(point.baseline),
    candidate: joinFiles(point.candidate),
  }));
  requireTolerancesMatch(
    (options.rules ?? []).map(({ match }) => match),
    sides.flatMap((point) => [...point.baseline.metrics, ...point.candidate.metrics]),
  );
  const joint = judgePoints(sides, {
    policy: policySources(options, repeated),
    axis: options.axis ?? [],
    strictContext: options.strictContext,
    ...(options.failRule === undefined ? {} : { failRule: options.failRule }),
    ...(options.acceptImplausible === undefined ? {} : { acceptImplausible: options.acceptImplausible }),
  });
  const points = matched.flatMap((point, at): JudgedPoint[] => {
    const judgement = joint.points[at];
    return judgement === undefined ? [] : [{ matched: point, judgement }];
  });
  const mismatches = points.flatMap(({ judgement }) => judgement.context.mismatches);
  const facts = compareFacts(baseline, candidate, mismatches, resolveAxis(options.axis ?? []));
  const tolerance = options.tolerance ?? DEFAULT_FRACTION;
  const rows = points.flatMap((point) => rowsOf(point, tolerance)).sort(compareRows);
  return {
    baseline_path: baseline.map(({ path }) => path).join(', '),
    candidate_path: candidate.map(({ path }) => path).join(', '),
    context_match: facts.context_match,
    context_differs: mismatches.length > 0 || facts.differences.length > 0,
    metrics: rows,
    verdict: gravestColour(joint.points.map(({ verdict }) => verdict)),
    decision: joint.decision,
    decision_text: decisionText(
      joint.decision,
      joint.points.flatMap((judgement) => judgement.rows),
    ),
    repeated: joint.points.every((judgement) => judgement.repeated),
    summary: summarise(rows),
    points: points.map(pointDiff),
    tolerance,
    warnings: warningsOf(points, unused, facts.differences),
  };
};

export interface ExitRules extends Strictness {
  readonly strictContext: boolean;
}

/**
 * The exit code of all points as one gate: the one decision over all of their metrics, where they are repeated; 4 also where facts
 * of the envelopes differ under `strictContext`.
 */
export const diffExitCode = (result: DiffResult, { strictContext, ...strictness }: ExitRules): ComparisonExit => {
  if (strictContext && result.context_differs) return 4;
  const { decision } = result;
  return gravestExit(
    result.points.map(({ verdict, trials, adverse, vanished }) =>
      comparisonExitCode({ verdict, decision, trials, adverse, vanished }, strictness),
    ),
  );
};
