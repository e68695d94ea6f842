// Reads the JSON of `vllm bench throughput` (formerly benchmark_throughput.py). The file does not say model or lengths: those
// live in its name or command and are never guessed from it.
import { contextOf } from './context-fields.ts';
import { type Figure, rateContradiction } from './contradictions.ts';
import { hasMembers, numberAt } from './json-fields.ts';
import { assemble, noMeasurement } from './point.ts';
import { writtenSamples } from './serving-metrics.ts';
import type { ReadOutcome, Reader } from '../metrics/reading.ts';
import { parseJsonObject } from '../text/json.ts';

const parseThroughput = (text: string, path: string): ReadOutcome => {
  const run = parseJsonObject(text, path);
  const requests = numberAt(run, 'num_requests', path);
  if (requests === 0) return noMeasurement('vllm_throughput_json', 'num_requests is 0');
  const samples = writtenSamples('vllm_throughput', (key) => numberAt(run, key, path));
  const context = contextOf({ num_prompts: requests });
  const figure = (key: string): Figure => ({ key, value: numberAt(run, key, path) });
  const duration = figure('elapsed_time');
  const contradictions = [
    ...rateContradiction({ rate: figure('requests_per_second'), counts: [figure('num_requests')], duration }),
    ...rateContradiction({ rate: figure('tokens_per_second'), counts: [figure('total_num_tokens')], duration }),
  ];
  const point = { labels: {}, samples, context, contradictions };
  return assemble({ format: 'vllm_throughput_json', path, points: [point] });
};

/** `tokens_per_second` counts prompt and output tokens. */
export const vllmThroughput: Reader = {
  format: 'vllm_throughput_json',
  sniff: (_path, head) =>
    hasMembers(head, 'elapsed_time', 'num_requests', 'total_num_tokens', 'tokens_per_second') ? 0.95 : 0,
  parse: parseThroughput,
};
