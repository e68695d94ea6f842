// The metrics that AIPerf and GenAI-Perf export, by the tool's own names, as canonical ones. Every value is converted from the
// unit that the file states. AIPerf's "inter token latency" is TPOT, its "inter chunk latency" is ITL.
import { type Sample, present } from './point.ts';
import {
  type Latency,
  type ServingMetric,
  latency,
  perUserPercentile,
  requestOutcome,
  serving,
} from './serving-metrics.ts';
import { convertUnit, dimensionOf } from '../metrics/units.ts';

/** One exported metric: its unit and the statistics it has, by AIPerf's names (`avg`, `p50`, …). */
export interface ToolMetric {
  readonly unit: string;
  readonly statistics: ReadonlyMap<string, number>;
}

/** Statistics that are read. The others (`min`, `max`, `std`, low percentiles) stay in the file, selectable by path. */
const QUOTED: readonly (readonly [string, string])[] = [
  ['avg', 'mean'],
  ['p50', 'p50'],
  ['p90', 'p90'],
  ['p95', 'p95'],
  ['p99', 'p99'],
];

/** Low percentiles of a rate are its slow tail. */
const SLOW_TAIL = ['p10', 'p5', 'p1'] as const;

const LATENCIES = new Map<string, Latency>([
  ['time_to_first_token', 'ttft'],
  ['time_to_second_token', 'ttst'],
  ['time_to_first_output_token', 'ttfo'],
  ['inter_token_latency', 'tpot'],
  ['inter_chunk_latency', 'itl'],
  ['request_latency', 'e2e'],
]);

const RATES = new Map<string, readonly [ServingMetric, string]>([
  ['request_throughput', ['req_per_s', 'req/s']],
  ['goodput', ['goodput_req_per_s', 'req/s']],
  ['output_token_throughput', ['throughput_tok_per_s', 'tok/s']],
  ['total_token_throughput', ['total_throughput_tok_per_s', 'tok/s']],
]);

const LENGTHS = new Map<string, ServingMetric>([
  ['input_sequence_length', 'isl_mean_tokens'],
  ['output_sequence_length', 'osl_mean_tokens'],
  ['reasoning_token_count', 'reasoning_mean_tokens'],
]);

const CACHE_READ = /^overall_usage_prompt_cache_read_(pct|%)$/;
const PER_USER = 'output_token_throughput_per_user';

const latencySamples = (key: string, kind: Latency, metric: ToolMetric): (Sample | undefined)[] =>
  QUOTED.map(([statistic, canonical]) => {
    const value = metric.statistics.get(statistic);
    const milliseconds = value === undefined ? undefined : convertUnit(value, metric.unit, 'ms');
    return latency(kind, canonical, milliseconds, `${key}.${statistic}`);
  });

const average = (metric: ToolMetric, unit: string): number | undefined => {
  const value = metric.statistics.get('avg');
  const fits = dimensionOf(metric.unit) === dimensionOf(unit);
  return value === undefined || !fits ? undefined : convertUnit(value, metric.unit, unit);
};

const samplesOfMetric = (key: string, metric: ToolMetric): (Sample | undefined)[] => {
  const kind = LATENCIES.get(key);
  if (kind !== undefined) return latencySamples(key, kind, metric);
  const rate = RATES.get(key);
  if (rate !== undefined) return [serving(rate[0], average(metric, rate[1]), `${key}.avg`)];
  const length = LENGTHS.get(key);
  if (length !== undefined) return [serving(length, metric.statistics.get('avg'), `${key}.avg`, 'mean')];
  if (CACHE_READ.test(key)) return [serving('prefix_cache_hit_rate', average(metric, 'ratio'), `${key}.avg`, 'mean')];
  if (key !== PER_USER) return [];
  return SLOW_TAIL.map((statistic) =>
    perUserPercentile(statistic, metric.statistics.get(statistic), `${key}.${statistic}`),
  );
};

/** Median decode speed of a user: 1000 / median TPOT; the tool's own median where the file has no median TPOT. */
const perUser = (metrics: ReadonlyMap<string, ToolMetric>, samples: readonly Sample[]): Sample | undefined => {
  const tpot = samples.find(({ name }) => name === 'tpot_p50_ms');
  if (tpot !== undefined) return serving('tps_per_user', 1000 / tpot.value, tpot.source_key, 'p50');
  return serving('tps_per_user', metrics.get(PER_USER)?.statistics.get('p50'), `${PER_USER}.p50`, 'p50');
};

/** Requests that completed and failed; null where the file does not say. `failed` of the caller wins. */
export const requestCounts = (
  metrics: ReadonlyMap<string, ToolMetric>,
  failed: number | undefined,
): { readonly completed: number | undefined; readonly failed: number | undefined } => ({
  completed: metrics.get('request_count')?.statistics.get('avg'),
  failed: metrics.get('error_request_count')?.statistics.get('avg') ?? failed,
});

/** All canonical samples of an export. */
export const samplesOfExport = (
  metrics: ReadonlyMap<string, ToolMetric>,
  counts: ReturnType<typeof requestCounts>,
): Sample[] => {
  const measured = present([
    ...[...metrics].flatMap(([key, metric]) => samplesOfMetric(key, metric)),
    ...requestOutcome(counts.completed, counts.failed, 'request_count.avg'),
  ]);
  return [...measured, ...present([perUser(metrics, measured)])];
};
