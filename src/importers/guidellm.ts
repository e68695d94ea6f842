// Reads the JSON report of GuideLLM, versions 1 (0.2 to 0.5) and 2: one point per benchmark, requests that succeeded only.
// `request_latency` is in seconds; "inter token latency" is (E2E - TTFT) / (output tokens - 1), which is TPOT, and "time per
// output token" is E2E / output tokens, which is neither.
import { contextOf } from './context-fields.ts';
import { arrayAt, hasMembers, memberAt, numberAt, objectAt } from './json-fields.ts';
import { type Point, type Sample, assemble, noMeasurement, present } from './point.ts';
import { latency, milliseconds, perUserSpeed, requestOutcome, writtenSamples } from './serving-metrics.ts';
import { type TimedRequest, steadyWindow } from './steady-window.ts';
import { latenciesWrittenBy } from '../metrics/catalogue.ts';
import type { Context } from '../metrics/context.ts';
import type { Labels } from '../metrics/metric.ts';
import type { ReadOutcome, Reader } from '../metrics/reading.ts';
import { inputFault } from '../text/fault.ts';
import { type JsonObject, type JsonValue, isJsonObject, parseJsonObject } from '../text/json.ts';

const LATENCIES = latenciesWrittenBy('guidellm');

const PERCENTILES = ['p50', 'p90', 'p95', 'p99'] as const;

/** The statistics of a metric over the requests that succeeded. */
const successful = (benchmark: JsonObject, metric: string): JsonObject => {
  const found = memberAt(benchmark, 'metrics', metric, 'successful');
  return isJsonObject(found) ? found : {};
};

const latencySamples = (benchmark: JsonObject, path: string): (Sample | undefined)[] =>
  [...LATENCIES].flatMap(([metric, kind]) => {
    const statistics = successful(benchmark, metric);
    const percentiles = objectAt(statistics, 'percentiles');
    const scaled = (value: number | undefined): number | undefined =>
      metric.endsWith('_ms') ? value : milliseconds(value);
    return [
      latency(kind, 'mean', scaled(numberAt(statistics, 'mean', path)), `${metric}.mean`),
      ...PERCENTILES.map((name) => latency(kind, name, scaled(numberAt(percentiles, name, path)), `${metric}.${name}`)),
    ];
  });

/** The mean of a rate over the window; its percentiles are over instants and say little. */
const meanOf = (benchmark: JsonObject, metric: string, path: string): number | undefined => {
  const mean = numberAt(successful(benchmark, metric), 'mean', path);
  return mean !== undefined && mean > 0 ? mean : undefined;
};

const countsOf = (benchmark: JsonObject): JsonObject => {
  const places: (JsonValue | undefined)[] = [
    memberAt(benchmark, 'metrics', 'request_totals'),
    memberAt(benchmark, 'scheduler_metrics', 'requests_made'),
    memberAt(benchmark, 'run_stats', 'requests_made'),
    benchmark['request_totals'],
  ];
  return places.find(isJsonObject) ?? {};
};

const samplesOf = (benchmark: JsonObject, path: string): Sample[] => {
  const counts = countsOf(benchmark);
  const mean = (metric: string): number | undefined => meanOf(benchmark, metric, path);
  const measured = present([
    ...writtenSamples('guidellm', mean).map((sample) => ({ ...sample, source_key: `${sample.source_key}.mean` })),
    ...latencySamples(benchmark, path),
    ...requestOutcome(numberAt(counts, 'successful', path), numberAt(counts, 'errored', path), 'request_totals'),
  ]);
  return [...measured, ...present([perUserSpeed(measured)])];
};

const strategyOf = (benchmark: JsonObject): JsonObject => {
  const places = [
    memberAt(benchmark, 'config', 'strategy'),
    memberAt(benchmark, 'args', 'strategy'),
    memberAt(benchmark, 'scheduler', 'strategy'),
  ];
  return places.find(isJsonObject) ?? {};
};

/** The load: streams of a concurrent run, rate of a constant or poisson one. A cap on concurrency is not a load. */
const loadOf = (benchmark: JsonObject, path: string): Labels => {
  const strategy = strategyOf(benchmark);
  const kind = typeof strategy['type_'] === 'string' ? strategy['type_'] : undefined;
  const streams =
    numberAt(strategy, 'streams', path) ??
    (kind === 'concurrent' ? numberAt(strategy, 'max_concurrency', path) : undefined);
  const rate = kind === 'constant' || kind === 'poisson' ? numberAt(strategy, 'rate', path) : undefined;
  const concurrency = kind === 'synchronous' ? 1 : streams;
  return {
    ...(kind === undefined ? {} : { strategy: kind }),
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(rate === undefined ? {} : { request_rate: rate }),
  };
};

/** A limit that was to end the run: requests or seconds. */
const limitOf = (benchmark: JsonObject, name: string): number | undefined => {
  const limit = memberAt(benchmark, 'config', 'constraints', name);
  const value = isJsonObject(limit) ? (memberAt(limit, 'args', 'count') ?? memberAt(limit, 'args', name)) : limit;
  return typeof value === 'number' ? value : undefined;
};

/** The answered requests, where the report keeps them. */
const requestsOf = (benchmark: JsonObject): TimedRequest[] => {
  const requests = memberAt(benchmark, 'requests', 'successful');
  const kept = Array.isArray(requests) ? requests.filter(isJsonObject) : [];
  const timed = kept.flatMap((request): TimedRequest[] => {
    const [start, end, tokens] = [request['request_start_time'], request['request_end_time'], request['output_tokens']];
    if (typeof start !== 'number' || typeof end !== 'number' || typeof tokens !== 'number') return [];
    const first = request['time_to_first_token_ms'];
    return [{ start, end, first: typeof first === 'number' ? start + first / 1000 : undefined, outputTokens: tokens }];
  });
  return timed.length === countsOf(benchmark)['successful'] ? timed : [];
};

const modelOf = (report: JsonObject, benchmark: JsonObject): JsonValue | undefined =>
  [
    memberAt(report, 'config', 'spec', 'backend', 'model'),
    memberAt(benchmark, 'config', 'backend', 'model'),
    memberAt(benchmark, 'worker', 'backend_model'),
    memberAt(report, 'args', 'model'),
  ].find((model) => typeof model === 'string');

const contextOfBenchmark = (report: JsonObject, benchmark: JsonObject, load: Labels): Context => {
  const data = memberAt(report, 'config', 'spec', 'data');
  const first = Array.isArray(data) && data.length === 1 ? data[0] : undefined;
  return contextOf({
    model: modelOf(report, benchmark),
    dataset: memberAt(first, 'kind'),
    isl: memberAt(first, 'prompt_tokens'),
    osl: memberAt(first, 'output_tokens'),
    seed: memberAt(report, 'config', 'spec', 'seed', 'value'),
    concurrency: load['concurrency'],
    request_rate: load['request_rate'],
  });
};

const checkVersion = (report: JsonObject, path: string): void => {
  const version = memberAt(report, 'metadata', 'version');
  if (version === undefined || version === 1 || version === 2) return;
  throw inputFault('format_version', `${path}: GuideLLM report version ${JSON.stringify(version)} is not known`, {
    path,
    at: 'metadata.version',
    fix: 'give a report of version 1 or 2',
  });
};

const parse = (text: string, path: string): ReadOutcome => {
  const report = parseJsonObject(text, path);
  checkVersion(report, path);
  const benchmarks = arrayAt(report, 'benchmarks').filter(isJsonObject);
  const completed = benchmarks.filter((benchmark) => countsOf(benchmark)['successful'] !== 0);
  if (completed.length === 0)
    return noMeasurement('guidellm_json', `no request succeeded in any of ${benchmarks.length} benchmarks`);
  const points = completed.map((benchmark): Point => {
    const labels = loadOf(benchmark, path);
    const totals = countsOf(benchmark);
    return {
      labels,
      samples: samplesOf(benchmark, path),
      context: contextOfBenchmark(report, benchmark, labels),
      counts: {
        completed: numberAt(totals, 'successful', path),
        failed: numberAt(totals, 'errored', path),
        requested: limitOf(benchmark, 'max_requests'),
        duration_s: numberAt(benchmark, 'duration', path),
        time_bounded:
          limitOf(benchmark, 'max_seconds') !== undefined || limitOf(benchmark, 'max_duration') !== undefined,
        steady: steadyWindow(requestsOf(benchmark), Number(labels['concurrency'] ?? 0)),
      },
    };
  });
  const empty = benchmarks.filter((benchmark) => !completed.includes(benchmark));
  return assemble({
    format: 'guidellm_json',
    path,
    points,
    warnings:
      empty.length > 0
        ? [`${empty.length} of ${benchmarks.length} benchmarks completed no request and are left out`]
        : [],
    failed: empty.map((benchmark) => ({ labels: loadOf(benchmark, path), reason: 'no request succeeded' })),
  });
};

/** `guidellm benchmark --output-path report.json`. */
export const guidellm: Reader = {
  format: 'guidellm_json',
  sniff: (_path, head) => {
    if (!hasMembers(head, 'benchmarks')) return 0;
    return /guidellm/i.test(head) || hasMembers(head, 'time_to_first_token_ms', 'inter_token_latency_ms') ? 0.95 : 0;
  },
  parse,
};
