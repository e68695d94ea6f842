// Reads profile_export_aiperf.json (AIPerf, schema up to 1.5) and profile_export_genai_perf.json (GenAI-Perf), which share
// one shape: metric name to { unit, avg, p50, … }, and the settings in `input_config`. A metric that is null or absent was
// not measured. Telemetry is not read: it covers every GPU of the host, not those that served.
import { type ToolMetric, countsOfExport, ratesOfExport, requestCounts, samplesOfExport } from './aiperf-metrics.ts';
import { contextOf, loadLabels, statedRate } from './context-fields.ts';
import { arrayAt, hasMembers, memberAt, numberAt, objectAt, textAt } from './json-fields.ts';
import { assemble, noMeasurement } from './point.ts';
import type { Context } from '../metrics/context.ts';
import type { ReadOutcome, Reader } from '../metrics/reading.ts';
import { type JsonObject, type JsonValue, isJsonObject, parseJsonObject } from '../text/json.ts';

const metricsOf = (document: JsonObject, path: string): Map<string, ToolMetric> => {
  const metrics = new Map<string, ToolMetric>();
  for (const [key, value] of Object.entries(document)) {
    if (!isJsonObject(value)) continue;
    const unit = textAt(value, 'unit');
    if (unit === undefined || !('avg' in value)) continue;
    const numeric = Object.keys(value).filter(
      (statistic) => statistic !== 'unit' && typeof value[statistic] === 'number',
    );
    const statistics = numeric.flatMap((statistic) => {
      const number = numberAt(value, statistic, path);
      return number === undefined ? [] : [[statistic, number] as const];
    });
    metrics.set(key, { unit, statistics: new Map(statistics) });
  }
  return metrics;
};

/** Where the tools have kept the load over time: `loadgen`, the phase that is not a warm-up, or the perf_analyzer stimulus. */
const loadSettings = (config: JsonObject): JsonObject => {
  const phases = arrayAt(config, 'phases').filter(isJsonObject);
  const measured = phases.filter((phase) => !/warm/i.test(textAt(phase, 'name') ?? textAt(phase, 'type') ?? ''));
  const stimulus = memberAt(config, 'perf_analyzer', 'stimulus');
  const candidates: (JsonValue | undefined)[] = [config['loadgen'], measured.at(-1), stimulus, config];
  return candidates.filter(isJsonObject).find((found) => found['concurrency'] ?? found['request_rate']) ?? {};
};

/** A single model of the run, from any of the places that have held it. */
const modelOf = (config: JsonObject): JsonValue | undefined => {
  const lists = [
    memberAt(config, 'endpoint', 'model_names'),
    config['model_names'],
    config['models'],
    memberAt(config, 'models', 'items'),
  ];
  const names = lists.find((list) => Array.isArray(list) && list.length === 1);
  const [first] = Array.isArray(names) ? names : [];
  return isJsonObject(first) ? first['name'] : first;
};

/** Name of the GPUs that the telemetry saw, when all are of one kind. */
const hardwareOf = (document: JsonObject): string | undefined => {
  const endpoints = Object.values(objectAt(objectAt(document, 'telemetry_data'), 'endpoints')).filter(isJsonObject);
  const gpus = endpoints.flatMap((endpoint) => Object.values(objectAt(endpoint, 'gpus')).filter(isJsonObject));
  const names = new Set(gpus.flatMap((gpu) => textAt(gpu, 'gpu_name') ?? []));
  return names.size === 1 ? [...names][0] : undefined;
};

const contextOfExport = (document: JsonObject): Context => {
  const config = objectAt(document, 'input_config');
  const load = loadSettings(config);
  return contextOf({
    model: modelOf(config),
    hardware: hardwareOf(document),
    isl: memberAt(config, 'input', 'prompt', 'input_tokens', 'mean'),
    osl: memberAt(config, 'input', 'prompt', 'output_tokens', 'mean'),
    seed: memberAt(config, 'input', 'random_seed'),
    concurrency: load['concurrency'],
    request_rate: statedRate(load['request_rate']),
    num_prompts: load['request_count'],
  });
};

/** Failed requests by `error_summary`; an empty list says there were none. */
const failuresListed = (document: JsonObject, path: string): number | undefined => {
  if (!Array.isArray(document['error_summary'])) return undefined;
  return arrayAt(document, 'error_summary')
    .filter(isJsonObject)
    .reduce((sum, entry) => sum + (numberAt(entry, 'count', path) ?? 1), 0);
};

/** True where the run was to end by the clock, or was cancelled: what had no answer then did not fail. */
const isTimeBounded = (load: JsonObject, document: JsonObject): boolean =>
  ['benchmark_duration', 'duration', 'measurement_interval'].some((key) => typeof load[key] === 'number') ||
  document['was_cancelled'] === true;

/** From the start to the end that the export states, seconds; undefined where it states none. */
const phaseSeconds = (document: JsonObject): number | undefined => {
  const [start, end] = ['start_time', 'end_time'].map((key) => Date.parse(textAt(document, key) ?? ''));
  const span = ((end ?? NaN) - (start ?? NaN)) / 1000;
  return Number.isFinite(span) && span > 0 ? span : undefined;
};

const parse = (format: string, text: string, path: string): ReadOutcome => {
  const document = parseJsonObject(text, path);
  const metrics = metricsOf(document, path);
  const counts = requestCounts(metrics, failuresListed(document, path));
  const failed = counts.failed ?? 0;
  const warnings = [
    ...(document['was_cancelled'] === true ? ['the run was cancelled before it ended'] : []),
    ...(failed > 0 ? [`${failed} requests failed: latencies are over the ones that succeeded`] : []),
  ];
  if (counts.completed === 0 || (counts.completed === undefined && failed > 0))
    return noMeasurement(format, `no request completed, ${failed} failed`, warnings);
  const context = contextOfExport(document);
  const load = loadSettings(objectAt(document, 'input_config'));
  return assemble({
    format,
    path,
    points: [
      {
        labels: loadLabels(context),
        samples: samplesOfExport(metrics, counts),
        context,
        counts: { ...countsOfExport(metrics, counts), time_bounded: isTimeBounded(load, document) },
        contradictions: ratesOfExport(metrics, phaseSeconds(document)),
      },
    ],
    warnings,
  });
};

const STATISTICS = /"(request_throughput|request_latency|request_count)"\s*:\s*\{\s*"unit"/;
const AIPERF_ONLY = ['aiperf_version', 'was_cancelled', 'error_summary', 'telemetry_data'];

const sniffAiperf = (path: string, head: string): number => {
  if (!STATISTICS.test(head) || /genai_perf/.test(path)) return 0;
  return AIPERF_ONLY.some((key) => hasMembers(head, key)) || /aiperf/.test(path) ? 0.95 : 0.7;
};

const sniffGenaiPerf = (path: string, head: string): number => {
  if (!STATISTICS.test(head)) return 0;
  return /genai_perf/.test(path) || hasMembers(head, 'perf_analyzer') || /genai-perf/.test(head) ? 0.97 : 0.5;
};

/** AIPerf's aggregated statistics. */
export const aiperf: Reader = {
  format: 'aiperf_json',
  sniff: sniffAiperf,
  parse: (text, path) => parse('aiperf_json', text, path),
};

/** GenAI-Perf's aggregated statistics: the same shape without a version, a status or an error list. */
export const genaiPerf: Reader = {
  format: 'genai_perf_json',
  sniff: sniffGenaiPerf,
  parse: (text, path) => parse('genai_perf_json', text, path),
};
