// Reads the JSON of `vllm bench throughput` and `vllm bench latency` (formerly benchmark_throughput.py, benchmark_latency.py).
// Neither file says model, batch or lengths: those live in its name or command and are never guessed from it.
import { contextOf } from './context-fields.ts';
import { arrayAt, hasMembers, numberAt, objectAt } from './json-fields.ts';
import { assemble, noMeasurement, present } from './point.ts';
import { inMilliseconds, latency, milliseconds, serving } from './serving-metrics.ts';
import type { ReadOutcome, Reader } from '../measurement/reading.ts';
import { type JsonObject, parseJsonObject } from '../text/json.ts';

const parseThroughput = (text: string, path: string): ReadOutcome => {
  const run = parseJsonObject(text, path);
  const requests = numberAt(run, 'num_requests', path);
  if (requests === 0) return noMeasurement('vllm_throughput_json', 'num_requests is 0');
  const samples = present([
    serving('req_per_s', numberAt(run, 'requests_per_second', path), 'requests_per_second'),
    serving('total_throughput_tok_per_s', numberAt(run, 'tokens_per_second', path), 'tokens_per_second'),
  ]);
  const context = contextOf({ num_prompts: requests });
  return assemble({ format: 'vllm_throughput_json', path, points: [{ labels: {}, samples, context }] });
};

/** `tokens_per_second` counts prompt and output tokens. */
export const vllmThroughput: Reader = {
  format: 'vllm_throughput_json',
  sniff: (_path, head) =>
    hasMembers(head, 'elapsed_time', 'num_requests', 'total_num_tokens', 'tokens_per_second') ? 0.95 : 0,
  parse: parseThroughput,
};

const percentileSamples = (run: JsonObject, path: string) => {
  const percentiles = objectAt(run, 'percentiles');
  return Object.keys(percentiles).map((key) => {
    const seconds = numberAt(percentiles, key, path);
    return latency('batch', `p${key}`, milliseconds(seconds), `percentiles.${key}`);
  });
};

/** Each iteration of the batch is a repeat of the median, in one process: a window. */
const parseLatency = (text: string, path: string): ReadOutcome => {
  const run = parseJsonObject(text, path);
  const average = numberAt(run, 'avg_latency', path);
  const samples = present([
    latency('batch', 'mean', milliseconds(average), 'avg_latency'),
    ...percentileSamples(run, path),
  ]);
  const outcome = assemble({ format: 'vllm_latency_json', path, points: [{ labels: {}, samples, context: {} }] });
  const iterations = arrayAt(run, 'latencies').filter((seconds) => typeof seconds === 'number');
  if (outcome.kind !== 'measured' || iterations.length < 2) return outcome;
  const trials = iterations.map((seconds, index) => ({
    index,
    block: null,
    started_at: null,
    replicate_level: 'window' as const,
    values: { batch_p50_ms: inMilliseconds(seconds) },
    validity: [],
    gpu_uuids: null,
  }));
  return { ...outcome, reading: { ...outcome.reading, trials } };
};

/** Seconds for a whole batch, one value per iteration. */
export const vllmLatency: Reader = {
  format: 'vllm_latency_json',
  sniff: (_path, head) => (hasMembers(head, 'avg_latency', 'percentiles') ? 0.95 : 0),
  parse: parseLatency,
};
