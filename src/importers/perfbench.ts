// Reads inference_perfbench_v1 documents: a schema with one block of metrics per concurrency, server counters, and kernel
// shares, judged by tolerances of its own. A null is not measured: it is left out, named, and not held against either side.
import { z } from 'zod';
import { USUAL_NAMES, contextFrom, contextOf } from './context-fields.ts';
import { parseDocument } from './json-fields.ts';
import { type Point, type Sample, assemble, noMeasurement, present } from './point.ts';
import { latency, serving } from './serving-metrics.ts';
import type { Context } from '../measurement/context.ts';
import { metricKey } from '../measurement/metric.ts';
import type { PolicyRule } from '../measurement/policy.ts';
import type { ReadOutcome, Reader } from '../measurement/reading.ts';
import { type Fault, inputFault } from '../text/fault.ts';
import { type JsonValue, isJsonObject } from '../text/json.ts';

const measured = z.number().nonnegative().nullable().optional();
const words = z.string().nullable().optional();
const count = z.number().int().nonnegative().nullable().optional();

/** Additive changes keep the name of the schema, so members that are not listed are allowed everywhere. */
const documentSchema = z.looseObject({
  schema: z.literal('inference_perfbench_v1'),
  model: words,
  model_path: words,
  deployment: z
    .looseObject({
      namespace: words,
      cluster: words,
      service: words,
      vllm_version: words,
      tensor_parallel_size: count,
      quantization: words,
      kv_cache_dtype: words,
      speculative_decoding: z
        .union([z.string(), z.looseObject({ method: words, num_speculative_tokens: count })])
        .nullable()
        .optional(),
    })
    .nullable()
    .optional(),
  workload: z
    .looseObject({
      dataset: words,
      split: words,
      conversation_num: count,
      concurrency_sweep: z.array(z.number().int().positive()).nullable().optional(),
      input_token_band: words,
      output_token_band: words,
    })
    .nullable()
    .optional(),
  metrics: z.record(
    z.string().regex(/^[1-9]\d*$/, 'must be a concurrency'),
    z.looseObject({
      throughput_toks_per_s: measured,
      ttft_p50_ms: measured,
      ttft_p95_ms: measured,
      ttft_p99_ms: measured,
      itl_p50_ms: measured,
      tps_per_user: measured,
      request_latency_p50_ms: measured,
      errors: count,
    }),
  ),
  server_metrics_delta: z
    .looseObject({
      prefix_cache_hit_rate_pre: measured,
      prefix_cache_hit_rate_post: measured,
      gpu_cache_usage_perc_peak: measured,
      num_requests_running_peak: count,
      avg_generation_throughput_toks_per_s: measured,
    })
    .nullable()
    .optional(),
  kernel_class_gpu_pct: z.record(z.string(), z.number().nonnegative().nullable()).nullable().optional(),
  cpu_spinpoll_pct: measured,
});

type Document = z.infer<typeof documentSchema>;
type LoadBlock = Document['metrics'][string];

/** Tolerances of the format. Rates are 0..1, so "2 points" are 0.02; shares of GPU and CPU time are in percent. */
const TOLERANCES: readonly PolicyRule[] = [
  { match: 'throughput_tok_per_s[concurrency=16]', tolerance_percent: 3, headline: true },
  { match: 'throughput_tok_per_s*', tolerance_percent: 3 },
  { match: 'ttft_p50_ms*', tolerance_percent: 5 },
  { match: 'ttft_p95_ms*', tolerance_percent: 10 },
  { match: 'ttft_p99_ms*', tolerance_percent: 15 },
  { match: 'itl_p50_ms*', tolerance_percent: 3 },
  { match: 'tps_per_user*', tolerance_percent: 3 },
  { match: 'e2e_p50_ms*', tolerance_percent: 5 },
  { match: 'prefix_cache_hit_rate_post', tolerance_absolute: 0.02 },
  { match: 'prefix_cache_hit_rate_pre', ignore: true },
  { match: 'gpu_cache_usage_peak', tolerance_absolute: 0.05 },
  { match: 'kernel_class_gpu_pct*', tolerance_absolute: 3 },
  { match: 'cpu_spinpoll_pct', tolerance_absolute: 5 },
  { match: 'requests_running_peak', ignore: true },
];

const schemaFault = (path: string, document: JsonValue, issue: z.core.$ZodIssue | undefined): Fault => {
  const at = issue?.path.join('.') ?? '';
  const seen = issue?.path.reduce<unknown>(
    (inner, key) => (isJsonObject(inner) ? inner[String(key)] : undefined),
    document,
  );
  const value = seen === undefined ? 'missing' : JSON.stringify(seen).slice(0, 60);
  return inputFault(
    'schema_mismatch',
    `${path}: ${at === '' ? 'the document' : at} is ${value}: ${issue?.message ?? 'not valid'}`,
    {
      path,
      at,
      fix: 'write the document to the inference_perfbench_v1 schema',
    },
  );
};

const loadSamples = (block: LoadBlock, at: string): (Sample | undefined)[] => {
  const value = (number: number | null | undefined): number | undefined => number ?? undefined;
  return [
    serving('throughput_tok_per_s', value(block.throughput_toks_per_s), `${at}.throughput_toks_per_s`),
    latency('ttft', 'p50', value(block.ttft_p50_ms), `${at}.ttft_p50_ms`),
    latency('ttft', 'p95', value(block.ttft_p95_ms), `${at}.ttft_p95_ms`),
    latency('ttft', 'p99', value(block.ttft_p99_ms), `${at}.ttft_p99_ms`),
    latency('itl', 'p50', value(block.itl_p50_ms), `${at}.itl_p50_ms`),
    serving('tps_per_user', value(block.tps_per_user), `${at}.tps_per_user`, 'p50'),
    latency('e2e', 'p50', value(block.request_latency_p50_ms), `${at}.request_latency_p50_ms`),
    serving('failed_requests', value(block.errors), `${at}.errors`, 'count'),
  ];
};

/** A load at which nothing came through: no throughput, whatever else is filled in. */
const nothingCompleted = (block: LoadBlock): boolean =>
  block.throughput_toks_per_s === 0 || Object.values(block).every((value) => value === null);

/** A share of 0..1 from a document that may have written percent; says so when it did. */
const asRatio = (value: number, at: string): { readonly ratio: number; readonly warnings: readonly string[] } =>
  value > 1 ? { ratio: value / 100, warnings: [`${at} is ${value}: read as percent`] } : { ratio: value, warnings: [] };

const RATIOS = [
  ['prefix_cache_hit_rate_pre', 'prefix_cache_hit_rate_pre', 'higher-is-better'],
  ['prefix_cache_hit_rate_post', 'prefix_cache_hit_rate_post', 'higher-is-better'],
  ['gpu_cache_usage_perc_peak', 'gpu_cache_usage_peak', 'lower-is-better'],
] as const;

const serverPoint = (
  document: Document,
  context: Context,
): { readonly point: Point; readonly warnings: readonly string[] } => {
  const server = document.server_metrics_delta ?? {};
  const ratios = RATIOS.flatMap(([key, name, direction]) => {
    const value = server[key];
    if (value == null) return [];
    const at = `server_metrics_delta.${key}`;
    const { ratio, warnings } = asRatio(value, at);
    return [{ sample: { name, source_key: at, unit: 'ratio', value: ratio, direction, statistic: null }, warnings }];
  });
  const running = server.num_requests_running_peak;
  const generation = server.avg_generation_throughput_toks_per_s ?? undefined;
  const samples = present([
    ...ratios.map(({ sample }) => sample),
    running == null
      ? undefined
      : {
          name: 'requests_running_peak',
          source_key: 'server_metrics_delta.num_requests_running_peak',
          unit: 'count',
          value: running,
          direction: 'two-sided',
          statistic: 'max',
        },
    serving(
      'generation_throughput_tok_per_s',
      generation,
      'server_metrics_delta.avg_generation_throughput_toks_per_s',
      'mean',
    ),
    document.cpu_spinpoll_pct == null
      ? undefined
      : {
          name: 'cpu_spinpoll_pct',
          source_key: 'cpu_spinpoll_pct',
          unit: '%',
          value: document.cpu_spinpoll_pct,
          direction: 'lower-is-better',
          statistic: null,
        },
  ]);
  return { point: { labels: {}, samples, context }, warnings: ratios.flatMap(({ warnings }) => warnings) };
};

const kernelPoints = (document: Document, context: Context): Point[] =>
  Object.entries(document.kernel_class_gpu_pct ?? {}).flatMap(([kernelClass, share]) =>
    share === null
      ? []
      : [
          {
            labels: { kernel_class: kernelClass },
            samples: [
              {
                name: 'kernel_class_gpu_pct',
                source_key: `kernel_class_gpu_pct.${kernelClass}`,
                unit: '%',
                value: share,
                direction: 'lower-is-better' as const,
                statistic: null,
              },
            ],
            context,
          },
        ],
  );

/** Members that are null, by the name a person finds them under. */
const nullsOf = (document: Document): string[] => {
  const nulls = (value: unknown, at: string): string[] =>
    value === null
      ? [at]
      : isJsonObject(value)
        ? Object.entries(value).flatMap(([key, inner]) => nulls(inner, `${at}.${key}`))
        : [];
  return ['metrics', 'server_metrics_delta', 'kernel_class_gpu_pct', 'cpu_spinpoll_pct'].flatMap((key) =>
    nulls(document[key], key),
  );
};

/** Canonical keys of members that are null: the other side may have them, and is not judged by them. */
const ignoredKeys = (document: Document): string[] => {
  const filled = Object.entries(document.metrics).flatMap(([concurrency, block]) => {
    const whole = Object.fromEntries(
      Object.keys(block)
        .filter((key) => block[key] === null)
        .map((key) => [key, 1]),
    );
    const samples = present(loadSamples(whole, ''));
    return samples.map(({ name }) => metricKey({ name, labels: { concurrency: Number(concurrency) } }));
  });
  const server = RATIOS.flatMap(([key, name]) => (document.server_metrics_delta?.[key] === null ? [name] : []));
  const kernels = Object.entries(document.kernel_class_gpu_pct ?? {}).flatMap(([name, share]) =>
    share === null ? [metricKey({ name: 'kernel_class_gpu_pct', labels: { kernel_class: name } })] : [],
  );
  return [...filled, ...server, ...kernels, ...(document.cpu_spinpoll_pct === null ? ['cpu_spinpoll_pct'] : [])];
};

const contextOfDocument = (document: Document): Context => {
  const spec = document.deployment?.speculative_decoding;
  const settings = { ...document, ...document.workload, ...document.deployment };
  return {
    ...contextFrom(
      Object.fromEntries(Object.entries(settings).filter((entry): entry is [string, JsonValue] => isScalar(entry[1]))),
      USUAL_NAMES,
    ),
    ...contextOf({
      spec_method: typeof spec === 'string' ? spec : spec?.method,
      spec_tokens: typeof spec === 'string' ? undefined : spec?.num_speculative_tokens,
    }),
  };
};

const isScalar = (value: unknown): value is string | number | boolean =>
  ['string', 'number', 'boolean'].includes(typeof value);

const parse = (text: string, path: string): ReadOutcome => {
  const json = parseDocument(text, path);
  const checked = documentSchema.safeParse(json);
  if (!checked.success) throw schemaFault(path, json, checked.error.issues[0]);
  const document = checked.data;
  const context = contextOfDocument(document);
  const loads = Object.entries(document.metrics);
  const empty = loads.filter(([, block]) => nothingCompleted(block)).map(([concurrency]) => concurrency);
  if (loads.length > 0 && empty.length === loads.length)
    return noMeasurement('inference_perfbench_v1', `no request completed at concurrency ${empty.join(', ')}`);
  const server = serverPoint(document, context);
  const points = loads
    .filter(([concurrency]) => !empty.includes(concurrency))
    .map(([concurrency, block]): Point => ({
      labels: { concurrency: Number(concurrency) },
      samples: present(loadSamples(block, `metrics.${concurrency}`)),
      context,
    }));
  return assemble({
    format: 'inference_perfbench_v1',
    path,
    points: [...points, ...(server.point.samples.length > 0 ? [server.point] : []), ...kernelPoints(document, context)],
    warnings: [
      ...empty.map((concurrency) => `nothing completed at concurrency ${concurrency}: left out`),
      ...nullsOf(document).map((at) => `${at} is null: not compared`),
      ...server.warnings,
    ],
    policy: [...ignoredKeys(document).map((match) => ({ match, ignore: true })), ...TOLERANCES],
  });
};

/** The name of the schema decides; a file that carries it as its name must be one. */
export const perfbench: Reader = {
  format: 'inference_perfbench_v1',
  sniff: (path, head) => {
    if (/"schema"\s*:\s*"inference_perfbench_v\d+"/.test(head)) return 1;
    return /(^|[/\\])inference_perfbench_v\d+\.json$/.test(path) ? 0.9 : 0;
  },
  parse,
};
