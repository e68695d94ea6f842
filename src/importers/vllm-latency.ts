// Reads the JSON of `vllm bench latency` (formerly benchmark_latency.py): seconds for a whole batch. The file does not say model,
// batch or lengths: those live in its name or command and are never guessed from it.
import { latencyName } from '../metrics/catalogue.ts';
import { arrayAt, finite, hasMembers, numberAt, objectAt } from './json-fields.ts';
import { type Sample, assemble, present } from './point.ts';
import { inMilliseconds, latency, milliseconds } from './serving-metrics.ts';
import type { ReadOutcome, Reader } from '../metrics/reading.ts';
import type { PolicyRule } from '../metrics/policy-rule.ts';
import { type JsonObject, parseJsonObject } from '../text/json.ts';

/** The file holds no rate of work done: the mean batch time is the figure that the tool is run for. */
const POLICY: readonly PolicyRule[] = [{ match: latencyName('batch', 'mean'), headline: true }];

const percentileSamples = (run: JsonObject, path: string): (Sample | undefined)[] => {
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
  const outcome = assemble({
    format: 'vllm_latency_json',
    path,
    points: [{ labels: {}, samples, context: {} }],
    policy: POLICY,
  });
  const iterations = arrayAt(run, 'latencies').filter((seconds) => typeof seconds === 'number');
  if (outcome.kind !== 'measured' || iterations.length < 2) return outcome;
  const trials = iterations.map((seconds, index) => ({
    index,
    block: null,
    started_at: null,
    replicate_level: 'window' as const,
    values: { batch_p50_ms: finite(inMilliseconds(seconds), path, `latencies[${index}]`) },
    validity: ['no_telemetry' as const],
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
