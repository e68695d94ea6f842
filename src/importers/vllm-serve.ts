// Reads the result JSON of `vllm bench serve` (formerly benchmark_serving.py), one object or one per line (--append-result),
// and the run lists of `vllm bench sweep serve` (summary.json). Format: vllm/benchmarks/serve.py and sweep/serve.py, 2024 to
// 2026. Copies of the tool that write seconds under keys without `_ms` are understood. The per-request arrays are no metrics: they
// only show whether the median is theirs.
import { USUAL_NAMES, contextFrom, contextOf, loadLabels, statedRate } from './context-fields.ts';
import { servingContradictions } from './serving-contradictions.ts';
import { timedRequests } from './serving-requests.ts';
import { UNDERCOUNTED, steadyWindow } from './steady-window.ts';
import { hasMembers, numberAt, parseObjects } from './json-fields.ts';
import { type Point, type Sample, assemble, noMeasurement, present } from './point.ts';
import { latency, meanLengths, milliseconds, perUserSpeed, requestOutcome, writtenSamples } from './serving-metrics.ts';
import { latenciesWrittenBy } from '../metrics/catalogue.ts';
import type { Context } from '../metrics/context.ts';
import type { Labels } from '../metrics/metric.ts';
import type { ReadOutcome, Reader } from '../metrics/reading.ts';
import { inputFault } from '../text/fault.ts';
import type { JsonObject } from '../text/json.ts';

const LATENCIES = latenciesWrittenBy('vllm');
const LATENCY_KEY = /^(mean|median|p\d+(?:\.\d+)?)_([a-z0-9]+)(_ms)?$/;

/** Latencies under `median_ttft_ms` (ms) or, in the InferenceX copy of the tool, `median_ttft` (s). */
const latencySamples = (run: JsonObject, path: string): (Sample | undefined)[] =>
  Object.keys(run).map((key) => {
    const [, statistic = '', metric = '', unit] = LATENCY_KEY.exec(key) ?? [];
    const kind = LATENCIES.get(metric);
    if (kind === undefined) return undefined;
    const value = numberAt(run, key, path);
    return latency(kind, statistic === 'median' ? 'p50' : statistic, unit === '_ms' ? value : milliseconds(value), key);
  });

/** Shares that the tool writes in percent. */
const PERCENTS = new Set(['spec_decode_acceptance_rate']);
const ratioOf = (percent: number | undefined): number | undefined =>
  percent === undefined ? undefined : percent / 100;

const samplesOf = (run: JsonObject, path: string): Sample[] => {
  const number = (key: string): number | undefined => numberAt(run, key, path);
  const completed = number('completed');
  const requested = number('num_prompts');
  const failed =
    number('failed') ?? (requested === undefined || completed === undefined ? undefined : requested - completed);
  const measured = present([
    ...writtenSamples('vllm', (key) => (PERCENTS.has(key) ? ratioOf(number(key)) : number(key))),
    ...latencySamples(run, path),
    ...requestOutcome(completed, failed, 'completed'),
    ...meanLengths(
      completed,
      { total: number('total_input_tokens'), key: 'total_input_tokens' },
      { total: number('total_output_tokens'), key: 'total_output_tokens' },
    ),
  ]);
  return [...measured, ...present([perUserSpeed(measured)])];
};

const requestRate = (run: JsonObject, path: string): number | 'inf' | undefined =>
  statedRate(run['request_rate']) ?? numberAt(run, 'request_rate', path);

/** The load and, in a sweep, the lengths that were asked for. */
const labelsOf = (run: JsonObject, path: string): Labels => {
  const isl = numberAt(run, 'random_input_len', path);
  const osl = numberAt(run, 'random_output_len', path);
  return {
    ...loadLabels({ concurrency: numberAt(run, 'max_concurrency', path), request_rate: requestRate(run, path) }),
    ...(isl === undefined ? {} : { isl }),
    ...(osl === undefined ? {} : { osl }),
  };
};

/** `backend` names the client's protocol, not the server, so the engine is only known from `--metadata`. */
const contextOfRun = (run: JsonObject, path: string): Context => ({
  ...contextFrom(run, { ...USUAL_NAMES, model: ['model_id'] }),
  ...contextOf({
    concurrency: run['max_concurrency'],
    request_rate: requestRate(run, path),
    num_prompts: run['num_prompts'],
  }),
});

const countsOf = (run: JsonObject, path: string): Point['counts'] => ({
  completed: numberAt(run, 'completed', path),
  failed: numberAt(run, 'failed', path),
  requested: numberAt(run, 'num_prompts', path),
  duration_s: numberAt(run, 'duration', path),
  steady: steadyWindow(timedRequests(run), numberAt(run, 'max_concurrency', path)),
});

const pointOf = (run: JsonObject, path: string): Point => ({
  labels: labelsOf(run, path),
  samples: samplesOf(run, path),
  context: contextOfRun(run, path),
  counts: countsOf(run, path),
  contradictions: servingContradictions(run, path),
});

/** Warm-up runs of a sweep carry run number -1. */
const isMeasuredRun = (run: JsonObject): boolean => run['run_number'] !== -1;

const nothingCompleted = (run: JsonObject): boolean => run['completed'] === 0;

/** True when all runs that share labels also had prompts of one length: then they are repeats, else they are other points. */
const sameWorkload = (runs: readonly JsonObject[], path: string): boolean => {
  const lengths = new Map<string, number>();
  return runs.every((run) => {
    const key = JSON.stringify([labelsOf(run, path), run['num_prompts'] ?? null, run['model_id'] ?? null]);
    const tokens = numberAt(run, 'total_input_tokens', path) ?? 0;
    const first = lengths.get(key) ?? tokens;
    lengths.set(key, first);
    return Math.abs(tokens - first) <= 0.02 * first;
  });
};

const warningsOf = (runs: readonly JsonObject[], completed: readonly JsonObject[]): string[] => {
  const empty = runs.length - completed.length;
  const short = completed.filter(
    (run) =>
      typeof run['num_prompts'] === 'number' &&
      typeof run['max_concurrency'] === 'number' &&
      run['num_prompts'] < 2 * run['max_concurrency'],
  );
  return [
    ...(empty > 0 ? [`${empty} of ${runs.length} runs completed no request and are left out`] : []),
    ...short.map(
      (run) =>
        `num_prompts ${String(run['num_prompts'])} is less than twice the concurrency ${String(run['max_concurrency'])}: ${UNDERCOUNTED}`,
    ),
  ];
};

const checkServing = (run: JsonObject, index: number, path: string): void => {
  if (run['completed'] !== undefined || run['request_throughput'] !== undefined) return;
  throw inputFault('not_a_serving_result', `${path}: entry ${index} has neither completed nor request_throughput`, {
    path,
    at: `[${index}]`,
    fix: 'give the file that vllm bench serve --save-result wrote',
  });
};

const parse = (format: string, text: string, path: string, level: 'window' | null): ReadOutcome => {
  const runs = parseObjects(text, path).filter(isMeasuredRun);
  runs.forEach((run, index) => checkServing(run, index, path));
  const completed = runs.filter((run) => !nothingCompleted(run));
  if (completed.length === 0) return noMeasurement(format, `no request completed in any of ${runs.length} runs`);
  const points = completed.map((run) => pointOf(run, path));
  const distinct = sameWorkload(completed, path)
    ? points
    : points.map((point, index) => ({ ...point, labels: { ...point.labels, run: index + 1 } }));
  const failed = runs
    .filter(nothingCompleted)
    .map((run) => ({ labels: labelsOf(run, path), reason: 'no request completed' }));
  return assemble({
    format,
    path,
    points: distinct,
    warnings: warningsOf(runs, completed),
    replicateLevel: level,
    failed,
  });
};

const looksLikeServe = (head: string): boolean =>
  hasMembers(head, 'model_id', 'num_prompts', 'request_rate', 'completed', 'total_input_tokens');

const firstCharacter = (head: string): string => head.trimStart().charAt(0);

/** `vllm bench serve --save-result`. */
export const vllmServe: Reader = {
  format: 'vllm_serve_json',
  sniff: (_path, head) => (looksLikeServe(head) && firstCharacter(head) === '{' ? 0.9 : 0),
  parse: (text, path) => parse('vllm_serve_json', text, path, null),
};

/** `summary.json` of `vllm bench sweep serve`: every run of one combination; repeats share one server, so they are windows. */
export const vllmSweep: Reader = {
  format: 'vllm_sweep_summary',
  sniff: (_path, head) => (looksLikeServe(head) && firstCharacter(head) === '[' ? 0.9 : 0),
  parse: (text, path) => parse('vllm_sweep_summary', text, path, 'window'),
};
