// perf_baseline_record: stores a measurement in the registry.
import { join } from 'node:path';
import { z } from 'zod';
import { REPLICATE_LEVELS } from '../../src/source/given-context.ts';
import { missingContext } from '../../src/metrics/full-context.ts';
import type { RecordRequest } from '../../src/registry/entry-facts.ts';
import { Fault } from '../../src/text/fault.ts';
import type { VerbContext } from '../../src/verb/context.ts';
import { withNewBench, withNewNumber, withNewResult, withoutName } from '../../src/registry/entry-steps.ts';
import { recordMeasurement, type RecordedMeasurement } from '../../src/registry/record-measurement.ts';
import { metricKey, type Metric } from '../../src/metrics/metric.ts';
import { formatNumber, withUnit } from '../../src/render/numbers.ts';
import { withStatedOrigin } from '../../src/registry/stated-origin.ts';
import { tierText } from '../../src/verdict/tier-text.ts';
import { contextSchema, type Context } from '../../src/metrics/context.ts';
import { solSchema } from '../../src/registry/entry-schema.ts';
import { defineVerb, pathField } from '../../src/verb/define-verb.ts';
import { reads, readsPatterns } from '../../src/verb/path-use.ts';

const LISTED = 20;

/** The metrics that verdicts hang on first, those of the whole file before those of one point. */
const notableFirst = ({ measured: { metrics }, claimed }: RecordedMeasurement, most: number): Metric[] => {
  const ofWhole = claimed.filter(({ labels }) => Object.keys(labels).length === 0);
  const notable = new Set([...ofWhole, ...claimed.slice(0, most), ...metrics.slice(0, most)]);
  return [...notable].slice(0, most);
};

type Given = RecordRequest & { readonly from_bench?: string | undefined };

type Recorded = RecordedMeasurement & { readonly contexts: readonly Context[] };

const recordGiven = async (input: Given, context: VerbContext): Promise<Recorded> => {
  const { from_bench: _bench, ...request } = input;
  const recorded = await recordMeasurement(
    {
      ...request,
      ...(input.source === undefined ? {} : { source: context.path(input.source) }),
      ...(input.schema === undefined ? {} : { schema: context.path(input.schema) }),
    },
    context,
  );
  return { ...recorded, contexts: [] };
};

/** What says the measurement itself, beside a bench that holds it. */
const MEASURED = ['source', 'value', 'values', 'trials', 'format'] as const satisfies readonly (keyof Given)[];

/** Records the document of a bench. Throws a Fault `source_given_twice`, or one of `withBenchDocument` and of recording. */
const recordBench = async ({ from_bench: bench = '', select, ...input }: Given, context: VerbContext): Promise<Recorded> => {
  const twice = MEASURED.find((field) => field in input && Reflect.get(input, field) !== undefined);
  if (twice !== undefined)
    throw new Fault('usage', 'source_given_twice', `from_bench and ${twice} are both given`, { fix: 'give one of them' });
  const { withBenchDocument } = await import('../../src/campaign/perfbench/as-document.ts');
  return withBenchDocument(context.path(bench), select, context, async (document) => {
    const recorded = await recordGiven({ ...input, source: document.path }, document.context);
    return { ...recorded, contexts: document.contexts, warnings: [...document.warnings, ...recorded.warnings] };
  });
}; // prettier-ignore

interface Repeats {
  readonly n: number | null;
  readonly mean: number | null;
  readonly median: number | null;
  readonly std: number | null;
  readonly unit: string | null;
}

/** `n 3: median 310 GB/s, mean 310.067 GB/s, std 0.902 GB/s`; nothing for a single run. */
const repeatLines = ({ n, mean, median, std, unit }: Repeats): string[] => {
  if (n === null || n < 2) return [];
  if (mean === null || median === null) return [`  n ${n} trials, each figure the median of them`];
  const spread = std === null ? '' : `, std ${formatNumber(std, 3)}`;
  return [`  n ${n}: median ${withUnit(median, unit)}, mean ${withUnit(mean, unit)}${spread}`];
};

const missingLines = (missing: readonly string[] | undefined): string[] =>
  missing === undefined || missing.length === 0 ? [] : [`not stated (give as context): ${missing.join(', ')}`];

const DIRECTIONS = ['two-sided', 'higher-is-better', 'lower-is-better'] as const;

export const perfBaselineRecord = defineVerb({
  name: 'perf_baseline_record',
  family: 'baseline',
  library: 'perf_baseline',
  verb: 'record',
  title: 'Record a baseline',
  description:
    'Stores a measurement (number, repeats, result file, folder, profile) in the append-only registry with provenance. Reads vLLM, SGLang, AIPerf, nccl-tests, MLPerf, any JSON. To compare only: bench_diff.',
  safety: 'writes_artifacts',
  fields: {
    family: z.string().describe('Group: llama31_8b. One path segment.'),
    measurement: z.string().describe('What is measured: nccl_busbw. One path segment.'),
    source: pathField('File or folder that the tool wrote. Stored as it is. Not needed with value.').optional(),
    from_bench: pathField('Bundle, cell or result of a bench: kept as inference_perfbench_v1.').optional(),
    value: z.number().optional().describe('The number, for a scalar, with its unit. Else source is the payload.'),
    values: z.array(z.number()).min(1).optional().describe('Repeats of the number.'),
    trials: z
      .array(z.record(z.string(), z.unknown()))
      .optional()
      .describe('[{"values": {"<metric>": 1}}]. Repeats of many metrics, with replicate_level, validity, gpu_uuids.'),
    unit: z.string().optional().describe('ms, GB/s, tok/s, … Unit of the number.'),
    select: z.string().optional().describe('Metric of source: ttft_p50_ms[concurrency=16]; cell of from_bench.'),
    direction: z.enum(DIRECTIONS).optional().describe('Direction. Default: by rule, name and unit, else two-sided.'),
    context: z
      .record(z.string(), z.unknown())
      .optional()
      .describe('model, n_gpus, tp, quant, cache_mode, … Context of the measurement.'),
    replicate_level: z.enum(REPLICATE_LEVELS).optional().describe('Replicate level. What each repeat was.'),
    headline: z.array(z.string()).optional().describe('Deciding metrics or globs.'),
    sol_ceiling_key: z
      .array(z.string())
      .optional()
      .describe('b200_sm100.nvlink5_oneway_tbps, or glob=ceiling. Ceilings of configs/sol-ceilings.yaml.'),
    schema: pathField('File of a JSON Schema for source.').optional(),
    format: z.string().optional().describe('Format. Reader to use when the format is not recognised.'),
    capture_command: z.string().optional().describe('Capture command. The one that produced source.'),
    notes: z.string().optional().describe('Notes. Free text.'),
    team: z.string().optional().describe('Team. Or project, for the audit trail.'),
    supersedes: z.string().optional().describe('Slug of the entry that this replaces.'),
  },
  aliases: { sol_ceiling: 'sol_ceiling_key' },
  positionals: ['source'],
  paths: { source: reads, from_bench: reads, schema: readsPatterns },
  data: {
    entry_dir: z.string().nullable(),
    baseline_json: z.string().nullable(),
    slug: z.string().nullable(),
    address: z.string(),
    source_sha256: z.string().nullable(),
    registered_at_utc: z.string().nullable(),
    chain_seq: z.number().nullable(),
    chain_head: z.string().nullable(),
    source: z.string().nullable(),
    shape: z.enum(['scalar', 'file', 'folder', 'profile']),
    format: z.string().nullable(),
    repeats: z.array(z.string()).describe('Files of the folder that became trials of one measurement.'),
    value: z.number().nullable(),
    unit: z.string().nullable(),
    n: z.number().nullable(),
    mean: z.number().nullable(),
    std: z.number().nullable(),
    median: z.number().nullable(),
    metrics_count: z.number(),
    metrics: z.array(z.object({ key: z.string(), value: z.number(), unit: z.string().nullable() })),
    direction: z.enum(DIRECTIONS),
    direction_source: z.string(),
    context: contextSchema,
    context_key: z.string(),
    tier: z.enum(['VERDICT', 'DRAFT']),
    tier_missing: z.array(z.string()),
    sol: z.array(solSchema),
    checked: z.string().nullable(),
    context_missing: z.array(z.string()).optional().describe('Facts of the full context that nobody states.'),
    warnings: z.array(z.string()),
  },
  examples: [
    {
      title: 'A result file of vLLM',
      input: { family: 'llama31_8b', measurement: 'vllm_serve', source: 'results.json', context: { n_gpus: 1 } },
    },
    {
      title: 'One number with its share of speed of light',
      input: {
        family: 'b200',
        measurement: 'nccl_all_reduce_busbw',
        source: 'all_reduce.txt',
        value: 310,
        unit: 'GB/s',
        sol_ceiling_key: ['b200_sm100.nvlink5_oneway_tbps'],
      },
    },
    {
      title: 'Repeats',
      input: {
        family: 'llama31_8b',
        measurement: 'step_time',
        source: 'steps.json',
        values: [41.2, 41.5, 40.9],
        unit: 'ms',
      },
    },
    {
      title: 'A bench, with the tolerances of inference',
      input: { family: 'inference', measurement: 'perfbench', from_bench: 'results.json' },
    },
    {
      title: 'A number that no file holds',
      input: { family: 'b200', measurement: 'hbm_copy', value: 6120.5, unit: 'GB/s', context: { hardware: 'B200' } },
    },
  ],
  run: async (sent, context) => {
    const input = withStatedOrigin(sent, context.path);
    const recorded = await (input.from_bench === undefined ? recordGiven : recordBench)(input, context);
    const { measured, baseline, entry } = recorded;
    const listed = notableFirst(recorded, context.allRows ? Infinity : LISTED).map((metric) => ({
      key: metricKey(metric),
      value: metric.value,
      unit: metric.unit,
    }));
    return {
      entry_dir: entry?.folder ?? null,
      baseline_json: entry?.baselinePath ?? null,
      slug: entry?.slug ?? null,
      address: `${input.family}/${input.measurement}@${entry?.slug ?? 'latest'}`,
      source_sha256: entry?.baseline.source_sha256 ?? null,
      registered_at_utc: entry?.baseline.registered_at_utc ?? null,
      chain_seq: entry?.seq ?? null,
      chain_head: entry?.head ?? null,
      source: input.source ?? input.from_bench ?? null,
      shape: measured.shape === 'structured' ? ('file' as const) : measured.shape,
      format: baseline.format,
      repeats: measured.repeats.slice(0, LISTED),
      value: baseline.value,
      unit: baseline.unit,
      n: baseline.n,
      mean: baseline.mean,
      std: baseline.std,
      median: baseline.median,
      metrics_count: measured.metrics.length,
      metrics: listed,
      direction: baseline.direction,
      direction_source: baseline.direction_source,
      context: baseline.context,
      context_key: baseline.context_key,
      tier: baseline.tier,
      tier_missing: baseline.tier_missing,
      sol: baseline.sol ?? [],
      checked: measured.checked,
      context_missing: input.from_bench === undefined ? undefined : missingContext(baseline.context, recorded.contexts),
      warnings: [...recorded.warnings],
    };
  },
  rows: ({ address, metrics, n, tier }) => ({
    columns: [
      { title: 'address' },
      { title: 'metric' },
      { title: 'value', align: 'right' },
      { title: 'unit' },
      { title: 'n', align: 'right' },
      { title: 'tier' },
    ],
    rows: metrics.map(({ key, value, unit }) => [address, key, value, unit, n, tier]),
  }),
  render: (data, say) => {
    const lines = data.metrics.slice(0, 5).map(({ key, value, unit }) => `  ${key}: ${withUnit(value, unit)}`);
    const more = data.metrics_count > 5 ? [`  … ${data.metrics_count - 5} more metrics`] : [];
    const shares = data.sol.slice(0, 3).map((block) => `  ${block['sol_pct']}% of ${block['sol_ceiling_key']}`);
    const shape = data.repeats.length > 0 ? `a folder of ${data.n} runs, each a trial` : data.shape;
    const format = data.format === null ? shape : `${shape}, ${data.format}`;
    return [
      `${say('recorded', 'record')} ${data.address} (${format})`,
      ...lines,
      ...more,
      ...repeatLines(data),
      ...shares,
      ...(data.shape === 'scalar' ? [`direction: ${data.direction} (${data.direction_source})`] : []),
      `tier: ${tierText(data.tier, data.tier_missing)}`,
      ...(data.checked === null ? [] : [`checked: ${data.checked}`]),
      ...missingLines(data.context_missing),
      ...data.warnings.slice(0, 4).map((warning) => `warning: ${warning}`),
    ].join('\n');
  },
  next: ({ address, source }, { from_bench: bench }) => [
    bench !== undefined
      ? withNewBench(`${withoutName(address)}@latest`)
      : source === null
        ? withNewNumber(`${withoutName(address)}@latest`)
        : withNewResult(`${withoutName(address)}@latest`),
    { verb: 'perf_baseline_show', input: { entry: address } },
  ],
  links: (data) =>
    data.entry_dir === null || data.baseline_json === null
      ? []
      : [
          { path: data.baseline_json, title: 'entry', mime_type: 'application/json' },
          { path: join(data.entry_dir, 'SOURCE.md'), title: 'provenance', mime_type: 'text/markdown' },
        ],
});
