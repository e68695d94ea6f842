// The canonical metrics of LLM serving: names, units and directions, and the rules by which they follow from what tools
// report. A latency of zero or less means that nothing was measured and never becomes a value.
import type { Sample } from './point.ts';
import type { Direction } from '../stats/direction.ts';

const HIGHER = 'higher-is-better' satisfies Direction;
const LOWER = 'lower-is-better' satisfies Direction;
const TWO_SIDED = 'two-sided' satisfies Direction;

/**
 * Metrics other than latency percentiles. A throughput is output tokens per second of the whole window unless its name says
 * otherwise; `isl`, `osl` are achieved means, and two-sided because a change either way is a different workload.
 */
const SERVING = {
  req_per_s: ['req/s', HIGHER],
  goodput_req_per_s: ['req/s', HIGHER],
  throughput_tok_per_s: ['tok/s', HIGHER],
  input_throughput_tok_per_s: ['tok/s', HIGHER],
  total_throughput_tok_per_s: ['tok/s', HIGHER],
  peak_throughput_tok_per_s: ['tok/s', HIGHER],
  prefill_throughput_tok_per_s: ['tok/s', HIGHER],
  decode_throughput_tok_per_s: ['tok/s', HIGHER],
  generation_throughput_tok_per_s: ['tok/s', HIGHER],
  output_tps_per_gpu: ['tok/s/GPU', HIGHER],
  output_tps_per_decode_gpu: ['tok/s/GPU', HIGHER],
  input_tps_per_gpu: ['tok/s/GPU', HIGHER],
  input_tps_per_prefill_gpu: ['tok/s/GPU', HIGHER],
  total_tps_per_gpu: ['tok/s/GPU', HIGHER],
  tps_per_user: ['tok/s/user', HIGHER],
  throughput_per_concurrency_tok_per_s: ['tok/s', HIGHER],
  ok_rate: ['ratio', HIGHER],
  compliance_rate: ['ratio', HIGHER],
  completed_requests: ['count', HIGHER],
  failed_requests: ['count', LOWER],
  isl_mean_tokens: ['tokens', TWO_SIDED],
  osl_mean_tokens: ['tokens', TWO_SIDED],
  reasoning_mean_tokens: ['tokens', TWO_SIDED],
  prefix_cache_hit_rate: ['ratio', HIGHER],
  acceptance_length: ['tokens', HIGHER],
  spec_accept_rate: ['ratio', HIGHER],
  joules_per_token: ['J/tok', LOWER],
  power_mean_w: ['W', LOWER],
} as const satisfies Record<string, readonly [string, Direction]>;

export type ServingMetric = keyof typeof SERVING;

export const isServingMetric = (name: string): name is ServingMetric => Object.hasOwn(SERVING, name);

/** A metric of the vocabulary; undefined where the tool has no value for it. */
export const serving = (
  name: ServingMetric,
  value: number | undefined,
  sourceKey: string,
  statistic: string | null = null,
): Sample | undefined => {
  if (value === undefined) return undefined;
  const [unit, direction] = SERVING[name];
  return { name, source_key: sourceKey, unit, value, direction, statistic };
};

/** What a latency is of. `tpot` is per request, (E2E - TTFT) / (output tokens - 1); `itl` is the gap between two chunks. */
export type Latency =
  'ttft' | 'ttst' | 'ttfo' | 'tpot' | 'itl' | 'e2e' | 'e2e_per_token' | 'prefill' | 'decode_step' | 'batch';

/** `p99.9` as part of a name: `p99_9`. */
export const statisticInName = (statistic: string): string => statistic.replace('.', '_');

/** A latency in milliseconds; undefined when absent, zero or negative: one-chunk responses and runs without tokens print 0. */
export const latency = (
  kind: Latency,
  statistic: string,
  value: number | undefined,
  sourceKey: string,
): Sample | undefined => {
  if (value === undefined || value <= 0) return undefined;
  const name = `${kind}_${statisticInName(statistic)}_ms`;
  return { name, source_key: sourceKey, unit: 'ms', value, direction: LOWER, statistic };
};

/** Milliseconds of a time in seconds, without the digits that the multiplication makes up. */
export const inMilliseconds = (seconds: number): number => Number((seconds * 1000).toPrecision(15));

/** As `inMilliseconds`, for a time that may be missing. */
export const milliseconds = (seconds: number | undefined): number | undefined =>
  seconds === undefined ? undefined : inMilliseconds(seconds);

/** Decode speed that one user sees: 1000 / median TPOT in ms, from the samples of one point. */
export const perUserSpeed = (samples: readonly Sample[]): Sample | undefined => {
  const tpot = samples.find((sample) => sample.name === 'tpot_p50_ms');
  return tpot === undefined ? undefined : serving('tps_per_user', 1000 / tpot.value, tpot.source_key, 'p50');
};

/**
 * A percentile of tok/s/user as a metric of its own. The p-th percentile of a rate is the rate at the (100 - p)-th percentile
 * of the latency: `p1` is the slow tail. `statistic` is that of the rate.
 */
export const perUserPercentile = (
  statistic: string,
  value: number | undefined,
  sourceKey: string,
): Sample | undefined => {
  const sample = serving('tps_per_user', value, sourceKey, statistic);
  return sample && { ...sample, name: `tps_per_user_${statisticInName(statistic)}` };
};

/** `ok_rate` and `failed_requests` from the counts of a run; empty where either is not known. */
export const requestOutcome = (
  completed: number | undefined,
  failed: number | undefined,
  sourceKey: string,
): (Sample | undefined)[] => {
  if (completed === undefined || failed === undefined || completed + failed <= 0) return [];
  return [
    serving('ok_rate', completed / (completed + failed), sourceKey),
    serving('failed_requests', failed, sourceKey, 'count'),
  ];
};

/** Mean prompt and output length of the requests that completed. */
export const meanLengths = (
  completed: number | undefined,
  input: { readonly total: number | undefined; readonly key: string },
  output: { readonly total: number | undefined; readonly key: string },
): (Sample | undefined)[] => {
  if (completed === undefined || completed <= 0) return [];
  const mean = (total: number | undefined): number | undefined =>
    total === undefined || total <= 0 ? undefined : total / completed;
  return [
    serving('isl_mean_tokens', mean(input.total), input.key, 'mean'),
    serving('osl_mean_tokens', mean(output.total), output.key, 'mean'),
  ];
};
