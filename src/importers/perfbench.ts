// Reads inference_perfbench_v1 documents: metrics per concurrency, server counters and kernel shares, judged by the format's
// own tolerances. A null was not measured: it is left out, named, and by an ignore rule not held against the other side.
import { atlasTrials } from './atlas-trials.ts';
import { contextFrom, contextOf } from './context-fields.ts';
import { trialContradictions } from './contradictions.ts';
import { objectAt, parseDocument } from './json-fields.ts';
import { type LoadBlock, type LoadTrial, type PerfbenchDocument, perfbenchSchema } from './perfbench-schema.ts';
import { type Point, type Sample, assemble, noMeasurement, present } from './point.ts';
import { latency, serving } from './serving-metrics.ts';
import { type MetricId, nameOf } from '../metrics/catalogue.ts';
import type { Context } from '../metrics/context.ts';
import { metricKey } from '../metrics/metric.ts';
import { HEADLINE_CONCURRENCY, headlineConcurrency, perfbenchPolicy } from '../metrics/perfbench-policy.ts';
import type { PolicyRule } from '../metrics/policy-rule.ts';
import type { Reading, ReadOutcome, Reader } from '../metrics/reading.ts';
import { isValidTrial } from '../metrics/trial.ts';
import { type Fault, inputFault } from '../text/fault.ts';
import { type JsonObject, type JsonValue, isJsonObject } from '../text/json.ts';

type Value = number | null | undefined;

const figure = (id: MetricId, value: Value, key: string): Sample | undefined => serving(id, value ?? undefined, key);

/** A share of 0..1, also out of a document that wrote percent. */
const ratio = (value: Value): Value => (typeof value === 'number' && value > 1 ? value / 100 : value);

const loadSamples = (block: LoadBlock, at: string): Sample[] => {
  const value = (key: keyof LoadBlock & string): number | undefined => {
    const number = block[key];
    return typeof number === 'number' ? number : undefined;
  };
  return present([
    serving('throughput', value('throughput_toks_per_s'), `${at}.throughput_toks_per_s`),
    latency('ttft', 'p50', value('ttft_p50_ms'), `${at}.ttft_p50_ms`),
    latency('ttft', 'p95', value('ttft_p95_ms'), `${at}.ttft_p95_ms`),
    latency('ttft', 'p99', value('ttft_p99_ms'), `${at}.ttft_p99_ms`),
    latency('itl', 'p50', value('itl_p50_ms'), `${at}.itl_p50_ms`),
    serving('perUser', value('tps_per_user'), `${at}.tps_per_user`, 'p50'),
    latency('e2e', 'p50', value('request_latency_p50_ms'), `${at}.request_latency_p50_ms`),
    serving('failedRequests', value('errors'), `${at}.errors`, 'count'),
    latency('tpot', 'p50', value('tpot_p50_ms'), `${at}.tpot_p50_ms`),
    figure('cacheHitRateAfter', ratio(value('prefix_cache_hit_rate_post')), `${at}.prefix_cache_hit_rate_post`),
    figure('cacheUsage', ratio(value('gpu_cache_usage_perc_peak')), `${at}.gpu_cache_usage_perc_peak`),
    figure('requestsRunning', value('num_requests_running_peak'), `${at}.num_requests_running_peak`),
  ]);
};

/** Counters of the server and the shares of CPU and GPU time, which belong to the run and not to one load. */
const runPoints = (document: PerfbenchDocument, context: Context): Point[] => {
  const server = document.server_metrics_delta ?? {};
  const at = 'server_metrics_delta';
  const { prefix_cache_hit_rate_pre: pre, prefix_cache_hit_rate_post: post, gpu_cache_usage_perc_peak: cache } = server;
  const generation = server.avg_generation_throughput_toks_per_s ?? undefined;
  const samples = present([
    figure('cacheHitRateBefore', ratio(pre), `${at}.prefix_cache_hit_rate_pre`),
    figure('cacheHitRateAfter', ratio(post), `${at}.prefix_cache_hit_rate_post`),
    figure('cacheUsage', ratio(cache), `${at}.gpu_cache_usage_perc_peak`),
    figure('requestsRunning', server.num_requests_running_peak, `${at}.num_requests_running_peak`),
    serving('generationThroughput', generation, `${at}.avg_generation_throughput_toks_per_s`, 'mean'),
    figure('spinpoll', document.cpu_spinpoll_pct, 'cpu_spinpoll_pct'),
  ]);
  const kernels = Object.entries(document.kernel_class_gpu_pct ?? {}).map(([kernelClass, share]) => ({
    labels: { kernel_class: kernelClass },
    samples: present([figure('kernelShare', share, `kernel_class_gpu_pct.${kernelClass}`)]),
    context,
  }));
  return [{ labels: {}, samples, context }, ...kernels].filter((point) => point.samples.length > 0);
};

/** A load at which nothing came through, whatever else is filled in. */
const nothingCompleted = (block: LoadBlock): boolean =>
  block.throughput_toks_per_s === 0 || Object.values(block).every((value) => value === null);

/** Places that are null, as a person finds them in the file. */
const nullPlaces = (value: JsonValue | undefined, at: string): string[] => {
  if (value === null) return [at];
  return isJsonObject(value) ? Object.entries(value).flatMap(([key, inner]) => nullPlaces(inner, `${at}.${key}`)) : [];
};

const pointsOf = (document: PerfbenchDocument, context: Context): Point[] => [
  ...Object.entries(document.metrics).map(([concurrency, block]) => ({
    labels: { concurrency: Number(concurrency) },
    samples: loadSamples(block, `metrics.${concurrency}`),
    context: { ...context, ...contextOf(document.contexts?.[concurrency] ?? {}) },
  })),
  ...runPoints(document, context),
];

const MEASURED_MEMBERS = ['metrics', 'server_metrics_delta', 'kernel_class_gpu_pct', 'cpu_spinpoll_pct'];

/** Numbers where the value has nulls, and nothing elsewhere. */
const onesForNulls = (value: JsonValue): JsonValue | undefined => {
  if (value === null) return 1;
  if (!isJsonObject(value)) return undefined;
  const entries = Object.entries(value).flatMap(([key, inner]) => {
    const one = onesForNulls(inner);
    return one === undefined ? [] : [[key, one] as const];
  });
  return Object.fromEntries(entries);
};

/** What a whole block would have held, when it is null. */
const KEYS_OF_BLOCKS = [
  ['kernel_class_gpu_pct', [`${nameOf('kernelShare')}*`]],
  ['cpu_spinpoll_pct', [nameOf('spinpoll')]],
  [
    'server_metrics_delta',
    [`${nameOf('cacheHitRate')}_*`, nameOf('cacheUsage'), nameOf('requestsRunning'), nameOf('generationThroughput')],
  ],
] as const;

/** Reading a document that has numbers only where this one has nulls gives the keys that neither side is judged by. */
const ignoreNulls = (json: JsonObject): PolicyRule[] => {
  const members = MEASURED_MEMBERS.flatMap((key) => (isJsonObject(json[key]) ? [[key, json[key]] as const] : []));
  const nulls = onesForNulls(Object.fromEntries(members));
  const checked = perfbenchSchema.safeParse(Object.assign({ schema: 'inference_perfbench_v1' }, nulls));
  const points = checked.success ? pointsOf(checked.data, {}) : [];
  const single = points.flatMap(({ samples, labels }) => samples.map(({ name }) => metricKey({ name, labels })));
  const whole = KEYS_OF_BLOCKS.flatMap(([member, keys]) => (json[member] === null ? keys : []));
  return [...single, ...whole].map((match) => ({ match, ignore: true }));
};

const contextOfDocument = (json: JsonObject, document: PerfbenchDocument): Context => {
  const deployment = isJsonObject(json['deployment']) ? json['deployment'] : {};
  const workload = isJsonObject(json['workload']) ? json['workload'] : {};
  const speculation = document.deployment?.speculative_decoding ?? undefined;
  return {
    ...contextFrom({ ...json, ...workload, ...deployment }),
    ...(typeof speculation === 'object'
      ? contextOf({ spec_method: speculation.method, spec_tokens: speculation.num_speculative_tokens })
      : {}),
    ...contextOf(objectAt(json, 'context')),
  };
};

/** The repeats of each load, as trials of the whole run. */
const withTrials = (reading: Reading, { metrics, trials }: PerfbenchDocument): Reading => {
  if (trials === undefined || trials === null) return reading;
  const valuesOf = (block: LoadTrial['metrics']) =>
    Object.fromEntries(loadSamples(block, 'trials').map(({ name, value }) => [name, value]));
  const found = atlasTrials(
    Object.entries(metrics).map(([concurrency, block]) => ({
      labels: { concurrency: Number(concurrency) },
      samples: loadSamples(block, `metrics.${concurrency}`),
      trials: (trials[concurrency] ?? []).map((trial) => ({ ...trial, values: valuesOf(trial.metrics) })),
      gpus: null,
      gpuUuids: reading.context.gpu_uuids ?? null,
    })),
  );
  const counted = found.filter(isValidTrial);
  const contradictions = trialContradictions(reading.metrics, (key) =>
    counted.flatMap(({ values }) => values[key] ?? []),
  );
  return { ...reading, trials: found, ...(contradictions.length === 0 ? {} : { contradictions }) };
};

/** Said where throughput is judged as the headline at another load than the usual one. */
const headlineNote = (concurrencies: readonly number[]): string[] => {
  const headline = headlineConcurrency(concurrencies);
  return headline === HEADLINE_CONCURRENCY
    ? []
    : [`concurrency ${HEADLINE_CONCURRENCY} was not measured: the headline is throughput at ${headline}, the nearest`];
};

const schemaFault = (
  path: string,
  json: JsonValue,
  issue: { readonly path: readonly PropertyKey[]; readonly message: string } | undefined,
): Fault => {
  const keys = (issue?.path ?? []).map(String);
  const seen = keys.reduce<JsonValue | undefined>((inner, key) => (isJsonObject(inner) ? inner[key] : undefined), json);
  const at = keys.join('.');
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

const warningsOf = (json: JsonObject, document: PerfbenchDocument, empty: readonly string[]): string[] => {
  const server = document.server_metrics_delta ?? {};
  const rates = ['prefix_cache_hit_rate_pre', 'prefix_cache_hit_rate_post', 'gpu_cache_usage_perc_peak'];
  const inPercent = rates.filter((key) => typeof server[key] === 'number' && server[key] > 1);
  return [
    ...empty.map((concurrency) => `nothing completed at concurrency ${concurrency}: left out`),
    ...MEASURED_MEMBERS.flatMap((key) => nullPlaces(json[key], key)).map((at) => `${at} is null: not compared`),
    ...inPercent.map((key) => `server_metrics_delta.${key} is above 1: read as percent`),
  ];
};

const parse = (text: string, path: string): ReadOutcome => {
  const json = parseDocument(text, path);
  const checked = perfbenchSchema.safeParse(json);
  if (!checked.success || !isJsonObject(json)) throw schemaFault(path, json, checked.error?.issues[0]);
  const document = checked.data;
  const loads = Object.keys(document.metrics);
  const empty = loads.filter((concurrency) => nothingCompleted(document.metrics[concurrency] ?? {}));
  if (loads.length > 0 && empty.length === loads.length)
    return noMeasurement('inference_perfbench_v1', `no request completed at concurrency ${empty.join(', ')}`);
  const ran = Object.fromEntries(
    Object.entries(document.metrics).filter(([concurrency]) => !empty.includes(concurrency)),
  );
  const measured = { ...document, metrics: ran };
  const concurrencies = Object.keys(ran).map(Number);
  const outcome = assemble({
    format: 'inference_perfbench_v1',
    path,
    points: pointsOf(measured, contextOfDocument(json, document)),
    warnings: [...warningsOf(json, document, empty), ...headlineNote(concurrencies)],
    policy: [...ignoreNulls(json), ...perfbenchPolicy(concurrencies)],
  });
  if (outcome.kind !== 'measured') return outcome;
  return { ...outcome, reading: withTrials(outcome.reading, measured) };
};

/** The name of the schema decides; a file that is called by it must be one. */
export const perfbench: Reader = {
  format: 'inference_perfbench_v1',
  sniff: (path, head) => {
    if (/"schema"\s*:\s*"inference_perfbench_v\d+"/.test(head)) return 1;
    return /(^|[/\\])inference_perfbench_v\d+\.json$/.test(path) ? 0.9 : 0;
  },
  parse,
};
