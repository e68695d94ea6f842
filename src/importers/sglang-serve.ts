// Reads the JSON Lines of sglang.bench_serving (--output-file), formats of December 2024 to 2026: one line is one run. The bare
// `Infinity` that Python writes for an unlimited rate is the only liberty taken with JSON.
import { type ContextNames, USUAL_NAMES, contextFrom, contextOf, loadLabels, statedRate } from './context-fields.ts';
import { servingContradictions } from './serving-contradictions.ts';
import { timedRequests } from './serving-requests.ts';
import { steadyWindow } from './steady-window.ts';
import { arrayAt, hasMembers, numberAt, objectAt, parseObjects, textAt } from './json-fields.ts';
import { type Point, type Sample, assemble, noMeasurement, present } from './point.ts';
import { latency, meanLengths, perUserSpeed, requestOutcome, writtenSamples } from './serving-metrics.ts';
import { latenciesWrittenBy } from '../metrics/catalogue.ts';
import type { Context } from '../metrics/context.ts';
import type { Labels } from '../metrics/metric.ts';
import type { ReadOutcome, Reader } from '../metrics/reading.ts';
import { type JsonObject, isJsonObject } from '../text/json.ts';

const LATENCIES = latenciesWrittenBy('sglang');
const LATENCY_KEY = /^(mean|median|p\d+(?:\.\d+)?)_([a-z0-9_]+)_ms$/;
const UNLIMITED = /("request_rate"\s*:\s*)Infinity\b/g;

const latencySamples = (run: JsonObject, path: string): (Sample | undefined)[] =>
  Object.keys(run).map((key) => {
    const [, statistic = '', metric = ''] = LATENCY_KEY.exec(key) ?? [];
    const kind = LATENCIES.get(metric);
    return kind && latency(kind, statistic === 'median' ? 'p50' : statistic, numberAt(run, key, path), key);
  });

/** Requests that failed, known only with --output-details: `errors` has an empty text for each success. */
const failedRequests = (run: JsonObject): number | undefined =>
  Array.isArray(run['errors']) ? arrayAt(run, 'errors').filter((error) => error !== '').length : undefined;

const samplesOf = (run: JsonObject, path: string): Sample[] => {
  const number = (key: string): number | undefined => numberAt(run, key, path);
  const completed = number('completed');
  const measured = present([
    ...writtenSamples('sglang', number),
    ...latencySamples(run, path),
    ...requestOutcome(completed, failedRequests(run), 'completed'),
    ...meanLengths(
      completed,
      { total: number('total_input_tokens'), key: 'total_input_tokens' },
      { total: number('total_output_tokens'), key: 'total_output_tokens' },
    ),
  ]);
  return [...measured, ...present([perUserSpeed(measured)])];
};

/** Lengths are a setting of the random data sets only; the keys are there for every data set. */
const requestedLengths = (run: JsonObject, path: string): { isl?: number; osl?: number } => {
  if (textAt(run, 'dataset_name')?.startsWith('random') !== true) return {};
  const isl = numberAt(run, 'random_input_len', path);
  const osl = numberAt(run, 'random_output_len', path);
  return { ...(isl === undefined ? {} : { isl }), ...(osl === undefined ? {} : { osl }) };
};

const requestRate = (run: JsonObject, path: string): number | 'inf' | undefined =>
  statedRate(run['request_rate']) ?? numberAt(run, 'request_rate', path);

const labelsOf = (run: JsonObject, path: string): Labels => {
  const dataset = textAt(run, 'dataset_name');
  return {
    ...(dataset === undefined ? {} : { dataset }),
    ...requestedLengths(run, path),
    ...loadLabels({ concurrency: numberAt(run, 'max_concurrency', path), request_rate: requestRate(run, path) }),
  };
};

const SERVER_NAMES: ContextNames = {
  ...USUAL_NAMES,
  model: ['served_model_name', 'model_path'],
  engine_version: ['version'],
  spec_method: ['speculative_algorithm'],
  max_num_seqs: ['max_running_requests'],
};

/** The arguments of a server. */
const contextOfServer = (server: JsonObject): Context => {
  const { disable_radix_cache: uncached } = server;
  return {
    ...contextFrom(server, SERVER_NAMES),
    ...(typeof uncached === 'boolean' ? { prefix_caching: !uncached } : {}),
  };
};

type Role = NonNullable<Context['roles']>[number];

/** The servers of a role; those of one size together. With data-parallel attention the ranks share the GPUs, so none multiplies. */
const rolesOf = (servers: readonly JsonObject[], role: string): Role[] => {
  const found = new Map<string, Role>();
  for (const server of servers) {
    const { tp, pp, dp, ep, dp_attention: shares, hardware } = contextOfServer(server);
    const sizes = { hardware, tp, pp, dp: shares === true ? undefined : dp, ep };
    const known = Object.fromEntries(Object.entries(sizes).filter(([, value]) => value !== undefined));
    const key = JSON.stringify(known);
    found.set(key, { role, ...known, workers: (found.get(key)?.workers ?? 0) + 1 });
  }
  return [...found.values()];
};

const serversAt = (info: JsonObject, role: string): JsonObject[] =>
  Array.isArray(info[role]) ? arrayAt(info, role).filter(isJsonObject) : [];

/** Of a disaggregated deployment a router gives the arguments of every prefill and every decode server. */
const contextOfServers = (info: JsonObject): Context => {
  const [prefill, decode] = [serversAt(info, 'prefill'), serversAt(info, 'decode')];
  const [first] = decode;
  if (first === undefined || prefill.length === 0) return contextOfServer(first ?? info);
  const { tp: _tp, pp: _pp, dp: _dp, ep: _ep, dp_attention: _shares, ...shared } = contextOfServer(first);
  return { ...shared, disagg: true, roles: [...rolesOf(prefill, 'prefill'), ...rolesOf(decode, 'decode')] };
};

const contextOfRun = (run: JsonObject, path: string): Context => ({
  ...contextOfServers(objectAt(run, 'server_info')),
  ...contextOf({
    engine: textAt(run, 'backend')?.startsWith('sglang') === true ? 'sglang' : undefined,
    dataset: run['dataset_name'],
    ...requestedLengths(run, path),
    concurrency: run['max_concurrency'],
    request_rate: statedRate(run['request_rate']),
  }),
});

/** Lines are appended to one file, whatever server is asked: runs against different ones are no repeats of one another. */
const DISTINGUISHING = [
  'model',
  'quant',
  'tp',
  'pp',
  'dp',
  'engine_version',
] as const satisfies readonly (keyof Context)[];

const labelsOfServers = (contexts: readonly Context[]): Labels[] => {
  const differing = DISTINGUISHING.filter((field) => new Set(contexts.map((context) => context[field])).size > 1);
  return contexts.map((context) =>
    Object.fromEntries(
      differing.flatMap((field) => {
        const value = context[field];
        return value === undefined || value === null ? [] : [[field, value] as const];
      }),
    ),
  );
};

const parseServing = (text: string, path: string): ReadOutcome => {
  const runs = parseObjects(text.replaceAll(UNLIMITED, '$1"inf"'), path);
  const completed = runs.filter((run) => run['completed'] !== 0);
  if (completed.length === 0)
    return noMeasurement('sglang_serve_jsonl', `no request completed in any of ${runs.length} runs`);
  const serverLabels = labelsOfServers(completed.map((run) => contextOfRun(run, path)));
  const points = completed.map((run, index): Point => ({
    labels: { ...labelsOf(run, path), ...serverLabels[index] },
    samples: samplesOf(run, path),
    context: contextOfRun(run, path),
    counts: {
      completed: numberAt(run, 'completed', path),
      failed: failedRequests(run),
      requested: undefined,
      duration_s: numberAt(run, 'duration', path),
      steady: steadyWindow(timedRequests(run), numberAt(run, 'max_concurrency', path)),
    },
    contradictions: servingContradictions(run, path),
  }));
  const empty = runs.filter((run) => run['completed'] === 0);
  return assemble({
    format: 'sglang_serve_jsonl',
    path,
    points,
    warnings: empty.length > 0 ? [`${empty.length} of ${runs.length} runs completed no request and are left out`] : [],
    failed: empty.map((run) => ({ labels: labelsOf(run, path), reason: 'no request completed' })),
  });
};

/** `sglang.bench_serving --output-file`, also against other backends. */
export const sglangServe: Reader = {
  format: 'sglang_serve_jsonl',
  sniff: (_path, head) =>
    hasMembers(head, 'completed', 'output_throughput') &&
    (hasMembers(head, 'total_output_tokens_retokenized') ||
      hasMembers(head, 'random_range_ratio', 'sharegpt_output_len'))
      ? 0.95
      : 0,
  parse: parseServing,
};
