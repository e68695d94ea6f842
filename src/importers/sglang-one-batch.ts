// Reads the JSON Lines of sglang.bench_one_batch (--result-filename): one line per batch size and length, latencies in seconds.
// Decode keys are absent for one output token, and are then not measured.
import { contextOf } from './context-fields.ts';
import { hasMembers, numberAt, parseObjects, textAt } from './json-fields.ts';
import { type Point, assemble, present } from './point.ts';
import { latency, milliseconds, serving } from './serving-metrics.ts';
import type { Reader } from '../metrics/reading.ts';
import type { JsonObject } from '../text/json.ts';

const batchPoint = (run: JsonObject, path: string): Point => {
  const number = (key: string): number | undefined => numberAt(run, key, path);
  const [batch, isl, osl] = [number('batch_size'), number('input_len'), number('output_len')];
  const name = textAt(run, 'run_name');
  return {
    labels: {
      ...(batch === undefined ? {} : { batch_size: batch }),
      ...(isl === undefined ? {} : { isl }),
      ...(osl === undefined ? {} : { osl }),
      ...(name === undefined || name === 'default' ? {} : { run_name: name }),
    },
    samples: present([
      latency('prefill', 'mean', milliseconds(number('prefill_latency')), 'prefill_latency'),
      serving('prefillThroughput', number('prefill_throughput'), 'prefill_throughput'),
      latency('decode_step', 'p50', milliseconds(number('median_decode_latency')), 'median_decode_latency'),
      serving('decodeThroughput', number('median_decode_throughput'), 'median_decode_throughput', 'p50'),
      latency('batch', 'mean', milliseconds(number('total_latency')), 'total_latency'),
      serving('totalThroughput', number('overall_throughput'), 'overall_throughput'),
    ]),
    context: contextOf({ isl, osl, engine: 'sglang' }),
  };
};

/** `sglang.bench_one_batch --result-filename`: latencies in seconds; decode keys are absent for one output token. */
export const sglangOneBatch: Reader = {
  format: 'sglang_one_batch_jsonl',
  sniff: (_path, head) =>
    hasMembers(head, 'batch_size', 'prefill_latency', 'prefill_throughput', 'total_latency') ? 0.95 : 0,
  parse: (text, path) =>
    assemble({
      format: 'sglang_one_batch_jsonl',
      path,
      points: parseObjects(text, path).map((run) => batchPoint(run, path)),
    }),
};
