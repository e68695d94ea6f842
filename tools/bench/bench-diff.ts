// bench_diff: two sets of result files, row by row.
import { z } from 'zod';
import { defaultRules, policyFile } from '../../src/verdict/judging-rules.ts';
import { tolerancesToRules } from '../../src/verdict/policy-file.ts';
import {
  colourSchema,
  decisionSchema,
  differenceSchema,
  loneMetricSchema,
  trialCountSchema,
} from '../../src/verdict/answer-schema.ts';
import type { ReportCase } from '../../src/render/junit.ts';
import { changeText } from '../../src/verdict/wording.ts';
import { STRICT_FIELDS } from '../../src/verdict/strict-fields.ts';
import { fractionTolerance } from '../../src/verdict/tolerance.ts';
import { readSide } from '../../src/envelope/diff-files.ts';
import { diffJson, diffMarkdown, diffTable, pointRecord } from '../../src/envelope/diff-report.ts';
import { diffExitCode, diffFiles, type DiffResult } from '../../src/envelope/diff.ts';
import { isUnsettled, type DiffRow } from '../../src/envelope/diff-rows.ts';
import { formatPercent, plural } from '../../src/render/numbers.ts';
import { defineVerb, oneOrMany, pathField } from '../../src/verb/define-verb.ts';
import type { NextStep } from '../../src/verb/next-step.ts';
import { answeredText, keepWhole } from '../../src/verb/whole-text.ts';
import { reads } from '../../src/verb/path-use.ts';

const MOST_ROWS = 60;
const MOST_WARNINGS = 4;

/** A row by name and change, `, first ttft_p99_ms +5.0%`; nothing for no row. */
const named = (word: string, row: DiffRow | undefined): string => {
  if (row === undefined) return '';
  return `, ${word} ${row.name}${row.delta_rel === null ? '' : ` ${formatPercent(100 * row.delta_rel)}`}`;
};

/** The colour over all load points, the counts, the row that weighs most, and the whole decision. */
const verdictLine = (result: DiffResult, exitCode: number): string => {
  const { verdict, metrics, summary, decision_text: decided, decision } = result;
  const first = named(
    'first',
    metrics.find(({ verdict: row }) => row === 'regression'),
  );
  const open = named('largest', metrics.find(isUnsettled));
  const { regression, improvement, no_change: same, unknown, missing } = summary;
  const counts = `${plural(regression, 'regression')}${first}, ${plural(improvement, 'improvement')}, ${same} unchanged, ${unknown} unknown${open}, ${missing} missing`;
  return `${verdict}: ${counts}\ndecision: ${decided} (rule ${decision.rule}), exit ${exitCode}`;
};

const adviceOf = ({ decision }: DiffResult): string[] => {
  if (decision.reason === 'trials_invalid')
    return ['advice: fix what the warnings name and measure again with bench_run'];
  if (decision.reason === 'contradicts_itself')
    return ['advice: give the result as the tool wrote it, or measure again'];
  return decision.reason === 'check_the_unit'
    ? ['advice: check the unit of what improved; accept_implausible vouches for it']
    : [];
};

interface Compared {
  readonly counts: Readonly<Record<string, number>>;
  readonly decision: { readonly status: string; readonly trials_needed: number | null };
  readonly metrics_count: number;
}

/** Rows of a short answer's table, at most. */
const SHORT_ROWS = 8;

/** What explains a loss, what would decide, or what keeps the candidate; and where all rows are when they are many. */
const nextSteps = ({ counts, decision, metrics_count: rows }: Compared, input: Readonly<Record<string, unknown>>) => {
  const steps: NextStep[] = [];
  if ((counts['regression'] ?? 0) + (counts['missing'] ?? 0) > 0)
    steps.push({
      verb: 'profile_profile_diff',
      input: { baseline: '<capture>', candidate: '<capture>' },
      with: 'a capture of each side',
    });
  else if (decision.status === 'INCONCLUSIVE' && decision.trials_needed !== null)
    steps.push({
      verb: 'bench_run',
      input: { suite: 'random', base_url: '<address>', output: '<folder>', trials: decision.trials_needed },
      with: 'a server of each side',
    });
  else
    steps.push({
      verb: 'perf_baseline_record',
      input: { family: '<name>', measurement: '<name>', source: input['candidate'] },
      with: 'names for the candidate as a baseline',
    });
  return rows > SHORT_ROWS ? [...steps, { verb: 'bench_diff', input: { ...input, report: 'json' } }] : steps;
};

/** The table alone, without what follows it at a terminal, and how many rows it lacks. */
const shortTable = (result: DiffResult): string => {
  const [table = ''] = diffTable({ ...result, metrics: result.metrics.slice(0, MOST_ROWS) }).split('\n\n');
  const beyond = result.metrics.length - MOST_ROWS;
  return beyond > 0 ? `${table}\n… ${beyond} more rows: with report json` : table;
};

const tableText = (result: DiffResult, exitCode: number, whole: boolean, width: number): string =>
  [verdictLine(result, exitCode), whole ? diffTable(result, width) : shortTable(result), ...adviceOf(result)].join(
    '\n',
  );

const rowSchema = z.looseObject({
  name: z.string(),
  point: z.string(),
  baseline: z.number().nullable(),
  candidate: z.number().nullable(),
  delta_rel: z.number().nullable(),
  verdict: z.enum(['regression', 'improvement', 'no_change', 'unknown', 'missing']),
  unit: z.string().nullable(),
});

const factMatchSchema = z.object({
  baseline: z.string().nullable(),
  candidate: z.string().nullable(),
  match: z.boolean(),
});

/** The six facts that the envelope tool compares. */
const contextMatchSchema = z.object({
  suite_id: factMatchSchema,
  model_id: factMatchSchema,
  engine_name: factMatchSchema,
  engine_version: factMatchSchema,
  quantization_format: factMatchSchema,
  hardware_fingerprint: factMatchSchema,
  all_match: z.boolean(),
});

const paths = z.array(z.string()).readonly();

/** A load point with its decision; its rows are in `metrics`. */
const pointSchema = z.object({
  point: z.string(),
  baseline_paths: paths,
  candidate_paths: paths,
  decision: decisionSchema,
  verdict: colourSchema,
  tier: z.enum(['VERDICT', 'DRAFT']),
  tier_missing: z.array(z.string()).readonly(),
  trials: z.object({ baseline: trialCountSchema, current: trialCountSchema }),
  adverse_count: z.number(),
  vanished: z.array(loneMetricSchema),
  vanished_count: z.number(),
  context_mismatches: z.array(differenceSchema).readonly(),
});

/** Where a report goes that is too long for an answer. */
const REPORT_FILES = {
  json: { kind: 'bench-diffs', extension: '.json' },
  markdown: { kind: 'bench-diffs', extension: '.md' },
} as const;

const mimeTypeOf = (path: string): string => (path.endsWith('.json') ? 'application/json' : 'text/markdown');
const TABLE_COLUMNS = [
  { title: 'point' },
  { title: 'metric' },
  { title: 'baseline', align: 'right' },
  { title: 'candidate', align: 'right' },
  { title: 'delta_rel', align: 'right' },
  { title: 'unit' },
  { title: 'verdict' },
] as const;

const tableRow = ({ point, name, baseline, candidate, delta_rel, unit, verdict }: z.input<typeof rowSchema>) => [
  point,
  name,
  baseline,
  candidate,
  delta_rel,
  unit,
  verdict,
];

const OUTCOMES = {
  regression: 'failed',
  missing: 'failed',
  unknown: 'skipped',
  improvement: 'passed',
  no_change: 'passed',
} as const;

const caseOf = ({
  name,
  point,
  baseline,
  candidate,
  delta_rel,
  unit,
  verdict,
}: z.input<typeof rowSchema>): ReportCase => ({
  group: point,
  name,
  outcome: OUTCOMES[verdict],
  message:
    baseline === null || candidate === null
      ? verdict
      : `${verdict.replaceAll('_', ' ')}: ${changeText({ baseline, candidate, unit, delta_pct: delta_rel === null ? null : 100 * delta_rel })}`,
});

export const benchDiff = defineVerb({
  name: 'bench_diff',
  family: 'bench',
  library: 'bench',
  verb: 'diff',
  title: 'Diff benchmark results',
  description:
    'Compares result files (envelopes, vLLM, SGLang, AIPerf, GuideLLM, InferenceX) without a registry, regressions first. With trials a decision. With a recorded baseline: perf_baseline_diff.',
  safety: 'read_only',
  fields: {
    baseline: oneOrMany('Result files before. Several, or a folder, are trials.'),
    candidate: oneOrMany('Result files after. Several, or a folder, are trials.'),
    tolerance: z
      .union([z.number(), z.string()])
      .optional()
      .describe('Fraction, or percent as "5%". Default 0.02; tails of repeated runs 20%.'),
    tolerances: z
      .record(z.string(), z.strictObject({ percent: z.number().optional(), absolute: z.number().optional() }))
      .optional()
      .describe('{"ttft_*": {"percent": 3}, "ok_rate": {"absolute": 0.01}}. Per metric or glob.'),
    policy: pathField('File of metric rules.').optional(),
    headline: z.array(z.string()).optional().describe('Deciding metrics or globs.'),
    axis: z.array(z.string()).optional().describe('Context fields changed on purpose.'),
    report: z.enum(['table', 'json', 'markdown']).optional().describe('Report. Form of the text, default table.'),
    ...STRICT_FIELDS,
  },
  keyed_flags: { tolerance: 'tolerances' },
  positionals: ['baseline', 'candidate'],
  paths: { baseline: reads, candidate: reads, policy: reads },
  data: {
    baseline_path: z.string(),
    candidate_path: z.string(),
    context_match: contextMatchSchema,
    context_differs: z.boolean(),
    metrics: z.array(rowSchema),
    metrics_count: z.number(),
    verdict: colourSchema,
    decision: decisionSchema,
    decision_text: z.string(),
    counts: z.record(z.string(), z.number()),
    summary: z.string(),
    report_path: z.string().nullable(),
    points: z.array(pointSchema),
    tolerance: z.number(),
    warnings: z.array(z.string()),
    exit_code: z.number(),
    /** Empty where it is long and lies in `report_path`. */
    text: z.string(),
  },
  examples: [
    { title: 'A gate', input: { baseline: 'baseline/c16-0123456789ab.json', candidate: 'candidate/', strict: true } },
  ],
  run: async (input, context) => {
    const [baseline, candidate] = await Promise.all([
      readSide(input.baseline.map(context.path)),
      readSide(input.candidate.map(context.path)),
    ]);
    const strictContext = input.strict_context ?? false;
    const result = diffFiles(baseline, candidate, {
      tolerance: input.tolerance === undefined ? null : fractionTolerance(input.tolerance),
      defaults: await defaultRules(context),
      policy: input.policy === undefined ? [] : await policyFile(context.path(input.policy)),
      rules: tolerancesToRules(input.tolerances ?? {}),
      headline: input.headline ?? [],
      axis: input.axis ?? [],
      strictContext,
      acceptImplausible: input.accept_implausible ?? false,
    });
    const exitCode = diffExitCode(result, { strict: input.strict, failOn: input.fail_on, strictContext });
    const { report = 'table' } = input;
    const most = context.textLimit === Infinity ? undefined : MOST_ROWS;
    const forms = {
      json: () => JSON.stringify(diffJson(result, exitCode), null, 2),
      markdown: () => diffMarkdown(result),
      table: () => tableText(result, exitCode, context.textLimit === Infinity, context.columns),
    };
    const text = forms[report]();
    const kept = report === 'table' ? null : await keepWhole(text, REPORT_FILES[report], context);
    return {
      baseline_path: result.baseline_path,
      candidate_path: result.candidate_path,
      context_match: { ...result.context_match },
      context_differs: result.context_differs,
      metrics: result.metrics.slice(0, most).map((row) => ({ ...row })),
      metrics_count: result.metrics.length,
      verdict: result.verdict,
      decision: result.decision,
      decision_text: result.decision_text,
      counts: { ...result.summary },
      summary: verdictLine(result, exitCode),
      report_path: kept,
      points: result.points.map(pointRecord).map(({ adverse, vanished, ...point }) => ({
        ...point,
        adverse_count: adverse.length,
        vanished: vanished.slice(0, most),
        vanished_count: vanished.length,
      })),
      tolerance: result.tolerance,
      warnings: [...result.warnings],
      exit_code: exitCode,
      text: answeredText(text, kept),
    };
  },
  render: (data) => (data.report_path === null ? data.text : `${data.summary}\nwhole report: ${data.report_path}`),
  next: (data, input) => (input.report === undefined || input.report === 'table' ? nextSteps(data, input) : []),
  links: (data) =>
    data.report_path === null
      ? []
      : [{ path: data.report_path, title: 'whole report', mime_type: mimeTypeOf(data.report_path) }],
  rows: ({ metrics }) => ({ columns: TABLE_COLUMNS, rows: metrics.map(tableRow) }),
  notices: (data) => data.warnings.slice(0, MOST_WARNINGS),
  gate: (data) => ({ headline: `${data.verdict}: ${data.decision_text}`, cases: data.metrics.map(caseOf) }),
  exit_code: (data) => data.exit_code,
});
