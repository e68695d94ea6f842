// Reads the report of trtllm-bench (--report_json): one run of a data set. Its times are in ms, with `_ms` in the name or without.
// Its number of requests in flight is a mean that was measured, not a setting, and its tok/s/user is output over the whole time of
// a request: neither is read as the other. Format: tensorrt_llm/bench/dataclasses/reporting.py.
import { contextOf } from './context-fields.ts';
import { type PointContradiction, rateContradiction } from './contradictions.ts';
import { hasMembers, numberAt, objectAt } from './json-fields.ts';
import { type Sample, assemble, noMeasurement, present } from './point.ts';
import { latency, perUserSpeed, serving } from './serving-metrics.ts';
import { type Latency, writtenBy } from '../metrics/catalogue.ts';
import type { Context } from '../metrics/context.ts';
import type { ReadOutcome, Reader } from '../metrics/reading.ts';
import { type JsonObject, parseJsonObject } from '../text/json.ts';

const FIGURES = writtenBy('trtllm');

/** Mean and percentiles of a time: the mean beside the object, or in it as `average`. */
const latencySamples = (kind: Latency, figures: JsonObject, keys: { mean: string; percentiles: string }, path: string): (Sample | undefined)[] => {
  const percentiles = objectAt(figures, keys.percentiles);
  const mean = numberAt(figures, keys.mean, path) ?? numberAt(percentiles, 'average', path);
  return [
    latency(kind, 'mean', mean, keys.mean),
    ...Object.keys(percentiles)
      .filter((key) => /^p\d+(\.\d+)?$/.test(key))
      .map((key) => latency(kind, key, numberAt(percentiles, key, path), `${keys.percentiles}.${key}`)),
  ];
}; // prettier-ignore

const samplesOf = (report: JsonObject, path: string): Sample[] => {
  const [performance, request, streaming] = ['performance', 'request_info', 'streaming_metrics'].map((key) => objectAt(report, key));
  const figures = { ...request, ...performance };
  const measured = present([
    ...[...FIGURES].map(([key, id]) => serving(id, numberAt(figures, key, path), key)),
    ...latencySamples('e2e', figures, { mean: 'avg_request_latency_ms', percentiles: 'request_latency_percentiles_ms' }, path),
    ...latencySamples('ttft', streaming ?? {}, { mean: 'avg_ttft_ms', percentiles: 'ttft_percentiles' }, path),
    ...latencySamples('tpot', streaming ?? {}, { mean: 'avg_tpot_ms', percentiles: 'tpot_percentiles' }, path),
  ]);
  return [...measured, ...present([perUserSpeed(measured)])];
}; // prettier-ignore

const contextOfReport = (report: JsonObject): Context => {
  const [engine, world, machine] = ['engine', 'world_info', 'machine'].map((key) => objectAt(report, key));
  return contextOf({
    model: engine?.['model'],
    model_path: engine?.['model_path'],
    engine: 'trtllm',
    engine_version: engine?.['version'],
    quant: engine?.['quantization'],
    kv_cache_dtype: engine?.['kv_cache_dtype'],
    hardware: machine?.['name'],
    tp: world?.['tp_size'],
    pp: world?.['pp_size'],
    ep: world?.['ep_size'],
    n_gpus: world?.['world_size'],
    max_num_seqs: world?.['max_batch_size'],
    max_num_batched_tokens: world?.['max_num_tokens'],
    gpu_memory_utilization: world?.['kv_cache_percentage'],
  });
};

const seconds = (milliseconds: number | undefined): number | undefined =>
  milliseconds === undefined ? undefined : milliseconds / 1000;

const contradictionsOf = (report: JsonObject, path: string): PointContradiction[] => {
  const performance = objectAt(report, 'performance');
  const figure = (object: JsonObject, key: string) => ({ key, value: numberAt(object, key, path) });
  return rateContradiction({
    rate: figure(performance, 'request_throughput_req_s'),
    counts: [figure(objectAt(report, 'request_info'), 'num_requests')],
    duration: { key: 'total_latency_ms', value: numberAt(performance, 'total_latency_ms', path) },
    scale: 1000,
  });
};

const parse = (text: string, path: string): ReadOutcome => {
  const report = parseJsonObject(text, path);
  const completed = numberAt(objectAt(report, 'request_info'), 'num_requests', path);
  if (completed === 0) return noMeasurement('trtllm_bench_json', 'num_requests is 0');
  return assemble({
    format: 'trtllm_bench_json',
    path,
    points: [
      {
        labels: {},
        samples: samplesOf(report, path),
        context: contextOfReport(report),
        counts: {
          completed,
          failed: undefined,
          requested: undefined,
          duration_s: seconds(numberAt(objectAt(report, 'performance'), 'total_latency_ms', path)),
        },
        contradictions: contradictionsOf(report, path),
      },
    ],
  });
};

/** `trtllm-bench throughput --report_json`. */
export const trtllmBench: Reader = {
  format: 'trtllm_bench_json',
  sniff: (_path, head) => (hasMembers(head, 'world_info', 'request_info', 'performance') ? 0.95 : 0),
  parse,
};
