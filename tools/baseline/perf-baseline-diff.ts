// perf_baseline_diff: compares a measurement with a recorded baseline.
import { basename, join } from 'node:path';
import { z } from 'zod';
import { Fault } from '../../src/text/fault.ts';
import { dataWithGivenNames } from '../../src/verb/spooled-pipes.ts';
import { readsEntries } from '../../src/registry/entry-paths.ts';
import { answerDiff } from '../../src/compare/diff-answer.ts';
import {
  colourSchema,
  contextComparisonSchema,
  decisionSchema,
  loneMetricSchema,
  nextLeverSchema,
  rowDecisionSchema,
  sinceSchema,
  solDeltaSchema,
  standingSchema,
  toleranceSchema,
  trialCountSchema,
} from '../../src/verdict/answer-schema.ts';
import { toleranceText } from '../../src/verdict/wording.ts';
import { diffCases } from '../../src/verdict/gate-cases.ts';
import { namedResults } from '../../src/registry/entries-as-results.ts';
import { headlineOf } from '../../src/verb/gate-report.ts';
import { STRICT_FIELDS } from '../../src/verdict/strict-fields.ts';
import { REPLICATE_LEVELS } from '../../src/source/given-context.ts';
import type { NextStep } from '../../src/verb/next-step.ts';
import { defineVerb, oneOrMany, pathField } from '../../src/verb/define-verb.ts';
import { reads } from '../../src/verb/path-use.ts';

const rowSchema = z.object({
  key: z.string(),
  baseline: z.number(),
  current: z.number(),
  delta: z.number(),
  delta_pct: z.number().nullable(),
  unit: z.string().nullable(),
  direction: z.string(),
  tolerance: toleranceSchema,
  standing: standingSchema.optional(),
  /** False where nobody says which way is better: then the row only changed. */
  direction_known: z.boolean().optional(),
  /** Where something was repeated, or the value itself is odd. */
  decision: rowDecisionSchema.optional(),
});

interface Answered {
  readonly next_verb: string | null;
  readonly baseline_dir: string;
  readonly context: { readonly mismatches?: readonly { readonly field: string }[] | undefined };
}

interface Asked {
  readonly baseline: readonly string[];
  readonly current?: readonly string[] | undefined;
  readonly axis?: readonly string[] | undefined;
  readonly from_bench?: string | undefined;
  readonly current_value?: readonly number[] | undefined;
  readonly unit?: string | undefined;
  readonly tolerance_percent?: number | undefined;
}

/** What the recommendation leads to, as a call where all it needs is known, and the history of what was compared with. */
const nextSteps = ({ next_verb: verb, context, baseline_dir: entry }: Answered, asked: Asked): NextStep[] => {
  const [family = '', measurement = ''] = entry.split('/').slice(-3);
  const { current = [], axis = [], tolerance_percent: tolerance = 5 } = asked;
  const mismatches = (context.mismatches ?? []).map(({ field }) => field);
  const show: NextStep = {
    verb: 'perf_baseline_show',
    input: { entry: `${family}/${measurement}@${basename(entry)}` },
  };
  if (verb === 'perf_baseline_diff' && mismatches.length > 0)
    return [{ verb, input: { ...asked, axis: [...axis, ...mismatches] } }];
  if (verb === 'perf_baseline_diff') {
    const { current_value: _values, unit: _unit, from_bench: bench, ...others } = asked;
    if (bench !== undefined)
      return [{ verb, input: { ...others, from_bench: '<bundle>' }, with: 'a bench with repeats' }, show];
    return [{ verb, input: { ...others, current: ['<result files>'] }, with: 'repeats of the run' }, show];
  }
  if (verb === 'perf_baseline_record' && asked.from_bench !== undefined)
    return [{ verb, input: { family, measurement, from_bench: asked.from_bench } }];
  const [source, ...more] = current;
  if (verb === 'perf_baseline_record' && source !== undefined && more.length === 0 && !source.includes('@'))
    return [{ verb, input: { family, measurement, source } }];
  if (verb === 'profile_profile_diff')
    return [{ verb, input: { baseline: '<capture>', candidate: '<capture>' }, with: 'a profile of each side' }, show];
  if (verb === 'plan_trials')
    return [
      { verb, input: { tolerance_percent: tolerance, cv_percent: '<percent>' }, with: 'the spread of one trial' },
      show,
    ];
  return [show];
};

/** Throws a Fault `source_given_twice`. */
const requireOnlyBench = (current: Asked['current'], values: Asked['current_value']): void => {
  if (current === undefined && values === undefined) return;
  throw new Fault('usage', 'source_given_twice', `from_bench and ${current === undefined ? 'current_value' : 'current'} are both given`, {
    fix: 'give one of them',
  });
}; // prettier-ignore

type DiffedRow = z.input<typeof rowSchema>;

const TABLE_COLUMNS = [
  { title: 'metric' },
  { title: 'baseline', align: 'right' },
  { title: 'current', align: 'right' },
  { title: 'delta', align: 'right' },
  { title: 'delta_pct', align: 'right' },
  { title: 'unit' },
  { title: 'direction' },
  { title: 'tolerance', align: 'right' },
  { title: 'standing' },
  { title: 'status' },
] as const;

const tableRow = ({
  key,
  baseline,
  current,
  delta,
  delta_pct,
  unit,
  direction,
  tolerance,
  standing,
  decision,
}: DiffedRow) => [
  key,
  baseline,
  current,
  delta,
  delta_pct,
  unit,
  direction,
  toleranceText(tolerance, unit),
  standing ?? null,
  decision?.status ?? null,
];

export const perfBaselineDiff = defineVerb({
  name: 'perf_baseline_diff',
  family: 'baseline',
  library: 'perf_baseline',
  verb: 'diff',
  title: 'Compare with a baseline',
  description:
    'Compares a new measurement with a recorded baseline: deltas with direction and tolerance, GREEN/YELLOW/RED, and the decision that the repeats can carry. For two unrecorded files: bench_diff.',
  safety: 'writes_artifacts',
  fields: {
    baseline: oneOrMany('family/measurement[@latest|@slug|@tag], or entry folders. Several are trials.'),
    current: oneOrMany('Result files (several are trials), folder or entry.').optional(),
    from_bench: pathField('Bundle, cell or result of a bench in place of current.').optional(),
    current_value: z.array(z.number()).min(1).optional().describe('Numbers in place of a file.'),
    unit: z.string().min(1).optional().describe('Of current_value; default that of the baseline.'),
    select: z.string().optional().describe('Metric of the file: ttft_p50_ms[concurrency=16]; cell of from_bench.'),
    tolerance_percent: z
      .number()
      .nonnegative()
      .optional()
      .describe('Allowed change. Default 5; known metrics have their own.'),
    tolerance_absolute: z
      .number()
      .nonnegative()
      .optional()
      .describe('Tolerance absolute. Allowed change in the unit; replaces percent.'),
    tolerances: z
      .record(z.string(), z.strictObject({ percent: z.number().optional(), absolute: z.number().optional() }))
      .optional()
      .describe('{"ttft_*": {"percent": 3}, "ok_rate": {"absolute": 0.01}}. Per metric or glob.'),
    policy: pathField('File of metric rules. As configs/metrics.yaml.').optional(),
    headline: z.array(z.string()).optional().describe('Deciding metrics or globs.'),
    axis: z.array(z.string()).optional().describe('Context fields changed on purpose.'),
    context: z
      .record(z.string(), z.unknown())
      .optional()
      .describe('Context. Of the new measurement: model, n_gpus, tp, quant, …'),
    replicate_level: z.enum(REPLICATE_LEVELS).optional().describe('Replicate level. What each repeat was.'),
    claim: z
      .enum(['decode', 'kernel'])
      .optional()
      .describe('Claim. What the result is to prove; checked for the tier.'),
    format: z.string().optional().describe('Format. Reader to use when the format is not recognised.'),
    copy: z.boolean().optional().describe('Copy. Current is copied into the bundle even above 256 MB.'),
    ...STRICT_FIELDS,
  },
  aliases: { tolerance: 'tolerance_percent', candidate: 'current' },
  keyed_flags: { tolerance: 'tolerances' },
  positionals: ['baseline', 'current'],
  paths: { baseline: readsEntries, current: reads, from_bench: reads, policy: reads },
  data: {
    diff_dir: z.string().nullable(),
    verdict: colourSchema,
    decision: decisionSchema,
    tier: z.enum(['VERDICT', 'DRAFT']),
    tier_missing: z.array(z.string()),
    shape: z.string(),
    headline: z.array(z.string()),
    improved_beyond_tolerance: z.boolean(),
    trending_away_from_peak: z.array(z.string()),
    deltas_count: z.number(),
    tolerance_percent: z.number(),
    tolerance_absolute: z.number().nullable(),
    direction: z.string(),
    adverse_count: z.number(),
    adverse: z.array(rowSchema),
    undecided: z.array(rowSchema).optional(),
    improved: z.array(rowSchema),
    headline_rows: z.array(rowSchema).optional(),
    /** Every judged row, where the caller prints a table. */
    rows: z.array(rowSchema).optional(),
    vanished: z.array(loneMetricSchema),
    added: z.array(loneMetricSchema),
    sol: z.array(solDeltaSchema),
    context: contextComparisonSchema.partial(),
    trials: z.object({ baseline: trialCountSchema, current: trialCountSchema }),
    baseline_dir: z.string(),
    baseline_sha256: z.string(),
    current_sha256: z.string().nullable(),
    recommendation: z.string(),
    next_verb: z.string().nullable(),
    next_lever: nextLeverSchema,
    since_oldest: sinceSchema.optional(),
    since_golden: sinceSchema.optional(),
    warnings: z.array(z.string()),
    exit_code: z.number(),
    summary: z.string(),
  },
  examples: [
    { title: 'A new result file', input: { baseline: 'llama31_8b/vllm_serve@latest', current: 'new-results.json' } },
    {
      title: 'Five repeats, as a gate',
      input: {
        baseline: 'llama31_8b/vllm_serve@golden',
        current: ['run-1.json', 'run-2.json', 'run-3.json', 'run-4.json', 'run-5.json'],
        replicate_level: 'process',
        strict: true,
      },
    },
    { title: 'One number', input: { baseline: 'b200/nccl_all_reduce_busbw@latest', current_value: [295] } },
  ],
  run: async (input, context) => {
    const strictness = { strict: input.strict, failOn: input.fail_on };
    const policy = input.policy === undefined ? {} : { policy: context.path(input.policy) };
    if (input.from_bench !== undefined) {
      const { from_bench: bench, select, current, current_value: values, ...request } = input;
      requireOnlyBench(current, values);
      const { withBenchDocument } = await import('../../src/campaign/perfbench/as-document.ts');
      return withBenchDocument(context.path(bench), select, context, async (document) => {
        const answer = await answerDiff(
          { ...request, ...policy, paths: [document.path] },
          strictness,
          document.context,
        );
        return dataWithGivenNames(
          { ...answer, warnings: [...document.warnings, ...answer.warnings] },
          document.context.pipes,
        );
      });
    }
    const { paths, values: recorded } = await namedResults(input.current ?? [], context);
    const values = recorded === undefined ? input.current_value : [...recorded, ...(input.current_value ?? [])];
    return answerDiff({ ...input, ...policy, paths, values }, strictness, context);
  },
  rows: ({ rows, adverse, undecided = [], improved }) => ({
    columns: TABLE_COLUMNS,
    rows: (rows ?? [...adverse, ...undecided, ...improved]).map(tableRow),
  }),
  render: (data) => [data.summary, ...data.warnings.slice(0, 2).map((warning) => `warning: ${warning}`)].join('\n'),
  next: (data, input) => nextSteps(data, input),
  links: (data) =>
    data.diff_dir === null
      ? []
      : [
          { path: join(data.diff_dir, 'diff.md'), title: 'report', mime_type: 'text/markdown' },
          { path: join(data.diff_dir, 'diff.json'), title: 'all rows', mime_type: 'application/json' },
        ],
  gate: (data) => ({ headline: headlineOf(data.summary), cases: diffCases(data.baseline_dir, data) }),
  exit_code: (data) => data.exit_code,
});
