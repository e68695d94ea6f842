// The metrics of one row of an atlas, under the names of the catalogue. Fields that say one statistic and hold another are put
// right where the row says so, and no figure becomes two metrics of one name.
import { numberAt, objectAt } from './json-fields.ts';
import { type Sample, present } from './point.ts';
import { latency, serving } from './serving-metrics.ts';
import { latencyName, type Latency } from '../metrics/catalogue.ts';
import type { JsonObject } from '../text/json.ts';

/** The first version of rows in which `ttft_avg_ms` is always the mean unless the row says otherwise. */
const MEANS_SAY_SO = 2;

/** Rows of the predecessor hold a median here when they came from vLLM text, a mean when they came from AIPerf; else nobody knows. */
const timeToFirstToken = (row: JsonObject, path: string): Sample | undefined => {
  const value = numberAt(row, 'ttft_avg_ms', path);
  if (objectAt(row, 'extra')['ttft_median_ms_substituted_for_avg'] === true)
    return latency('ttft', 'p50', value, 'ttft_avg_ms');
  const sample = latency('ttft', 'mean', value, 'ttft_avg_ms');
  if (row['backend'] === 'aiperf' || Number(row['schema_version'] ?? 1) >= MEANS_SAY_SO) return sample;
  return sample && { ...sample, name: 'ttft_ms', statistic: null };
};

/** 1000 / median TPOT, else as the tool reported it. */
const perUser = (row: JsonObject, path: string): Sample | undefined => {
  const tpot = numberAt(row, 'tpot_median_ms', path);
  if (tpot !== undefined && tpot > 0) return serving('perUser', 1000 / tpot, 'tpot_median_ms', 'p50');
  return serving('perUser', numberAt(row, 'output_tps_per_user', path), 'output_tps_per_user');
};

const perConcurrency = (row: JsonObject, path: string): Sample | undefined => {
  const share = numberAt(objectAt(row, 'extra'), 'throughput_per_concurrency_tok_per_s', path);
  return serving('throughputPerConcurrency', share, 'output_tps_per_user');
};

const ratio = (row: JsonObject, key: string, path: string): Sample | undefined => {
  const value = numberAt(row, key, path);
  return value === undefined
    ? undefined
    : { name: key, source_key: key, unit: 'ratio', value, direction: null, statistic: 'mean' };
};

/** What every row may hold. */
const usualSamples = (row: JsonObject, path: string): Sample[] => {
  const number = (key: string): number | undefined => numberAt(row, key, path);
  return present([
    timeToFirstToken(row, path),
    serving('requestRate', number('request_throughput_avg'), 'request_throughput_avg'),
    perUser(row, path),
    perConcurrency(row, path),
    serving('outputPerGpu', number('output_tps_per_gpu'), 'output_tps_per_gpu'),
    serving('totalPerGpu', number('total_tps_per_gpu'), 'total_tps_per_gpu'),
    latency('tpot', 'p50', number('tpot_median_ms'), 'tpot_median_ms'),
    latency('itl', 'mean', number('itl_avg_ms'), 'itl_avg_ms'),
    latency('ttfo', 'mean', number('ttfo_avg_ms'), 'ttfo_avg_ms'),
    serving('promptLength', number('mean_input_tokens'), 'mean_input_tokens', 'mean'),
    serving('outputLength', number('mean_output_tokens'), 'mean_output_tokens', 'mean'),
    serving('reasoningLength', number('reasoning_token_count'), 'reasoning_token_count', 'mean'),
    serving('cacheHitRate', number('prefix_cache_hit_rate'), 'prefix_cache_hit_rate'),
    serving('acceptanceLength', number('acceptance_length'), 'acceptance_length', 'mean'),
    serving('acceptanceRate', number('spec_accept_rate'), 'spec_accept_rate', 'mean'),
    ratio(row, 'dcgm_sm_active', path),
    ratio(row, 'dcgm_dram_active', path),
    ratio(row, 'dcgm_tensor_active', path),
  ]);
};

const LATENCIES = (['ttft', 'tpot', 'itl', 'e2e'] satisfies Latency[]).flatMap((kind) =>
  ['mean', 'p50', 'p90', 'p95', 'p99'].map((statistic) => ({ kind, statistic, field: latencyName(kind, statistic) })),
);

/** What rows hold since version 2. */
const newerSamples = (row: JsonObject, path: string): Sample[] => {
  const number = (key: string): number | undefined => numberAt(row, key, path);
  return present([
    ...LATENCIES.map(({ kind, statistic, field }) => latency(kind, statistic, number(field), field)),
    serving('goodput', number('goodput_req_per_s'), 'goodput_req_per_s'),
    serving('okRate', number('ok_rate'), 'ok_rate'),
    serving('outputPerDecodeGpu', number('output_tps_per_decode_gpu'), 'output_tps_per_decode_gpu'),
    serving('inputPerPrefillGpu', number('input_tps_per_prefill_gpu'), 'input_tps_per_prefill_gpu'),
    serving('joulesPerToken', number('joules_per_token'), 'joules_per_token'),
  ]);
};

/** The metrics of a row; a figure that two fields hold is read from the one that every row has. */
export const rowSamples = (row: JsonObject, path: string): Sample[] => {
  const usual = usualSamples(row, path);
  const names = new Set(usual.map(({ name }) => name));
  return [...usual, ...newerSamples(row, path).filter(({ name }) => !names.has(name))];
};
