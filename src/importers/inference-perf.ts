// Reads the lifecycle report of kubernetes-sigs/inference-perf, as JSON (summary_lifecycle_metrics.json, stage_<N>_…) or as YAML: one
// stage or the whole run. Times are in seconds. Its time per output token is (E2E - TTFT) / (tokens - 1), which is TPOT;
// "inter token latency" is the gap between chunks. Format: inference_perf/reportgen.
import { contextOf, loadLabels } from './context-fields.ts';
import { numberAt, objectAt } from './json-fields.ts';
import { assemble, noMeasurement, present, type Sample } from './point.ts';
import { perUserSpeed, requestOutcome, serving } from './serving-metrics.ts';
import { latencyStatistics, namesMembers, parseReport } from './yaml-report.ts';
import type { Latency, MetricId } from '../metrics/catalogue.ts';
import type { ReadOutcome, Reader } from '../metrics/reading.ts';
import type { JsonObject } from '../text/json.ts';

const FORMAT = 'inference_perf_lifecycle';

const LATENCIES: readonly (readonly [string, Latency])[] = [
  ['time_to_first_token', 'ttft'],
  ['time_per_output_token', 'tpot'],
  ['inter_token_latency', 'itl'],
  ['request_latency', 'e2e'],
];

const RATES: readonly (readonly [string, MetricId])[] = [
  ['requests_per_sec', 'requestRate'],
  ['output_tokens_per_sec', 'throughput'],
  ['total_tokens_per_sec', 'totalThroughput'],
];

const samplesOf = (report: JsonObject, path: string): Sample[] => {
  const [successes, failures] = [objectAt(report, 'successes'), objectAt(report, 'failures')];
  const [latencies, rates] = [objectAt(successes, 'latency'), objectAt(successes, 'throughput')];
  const mean = (key: string): number | undefined => numberAt(objectAt(successes, key), 'mean', path);
  const measured = present([
    ...RATES.map(([key, id]) => serving(id, numberAt(rates, key, path), key)),
    ...LATENCIES.flatMap(([key, kind]) => latencyStatistics(kind, objectAt(latencies, key), key, path)),
    ...requestOutcome(numberAt(successes, 'count', path), numberAt(failures, 'count', path), 'successes.count'),
    serving('promptLength', mean('prompt_len'), 'prompt_len.mean'),
    serving('outputLength', mean('output_len'), 'output_len.mean'),
  ]);
  return [...measured, ...present([perUserSpeed(measured)])];
};

const parse = async (text: string, path: string): Promise<ReadOutcome> => {
  const report = await parseReport(text, path);
  const [successes, load] = [objectAt(report, 'successes'), objectAt(report, 'load_summary')];
  const completed = numberAt(successes, 'count', path);
  if (completed === 0) return noMeasurement(FORMAT, 'no request succeeded');
  const context = contextOf({
    concurrency: load['concurrency'] ?? undefined,
    request_rate: load['requested_rate'] ?? undefined,
  });
  return assemble({
    format: FORMAT,
    path,
    points: [
      {
        labels: loadLabels(context),
        samples: samplesOf(report, path),
        context,
        counts: {
          completed,
          failed: numberAt(objectAt(report, 'failures'), 'count', path),
          requested: numberAt(load, 'count', path),
          duration_s: numberAt(report, 'benchmark_time_seconds', path),
        },
      },
    ],
  });
};

/** `summary_lifecycle_metrics.json`, `stage_<N>_lifecycle_metrics.json`, or the same in YAML. */
export const inferencePerf: Reader = {
  format: FORMAT,
  sniff: (_path, head) => (namesMembers(head, 'load_summary', 'successes', 'failures') ? 0.95 : 0),
  parse,
};
