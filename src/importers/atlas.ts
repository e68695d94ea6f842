// Reads atlas.jsonl and normalized.json: one row per operating point of a campaign cell, keyed by cell, concurrency, ISL, OSL
// and phase. Rows of cells that failed or were evicted hold no measurement. Names that say one statistic and hold another are
// put right where the row says so.
import { USUAL_NAMES, contextFrom } from './context-fields.ts';
import { hasMembers, numberAt, objectAt, parseObjects, textAt } from './json-fields.ts';
import { type Point, type Sample, assemble, noMeasurement, present } from './point.ts';
import { latency, serving } from './serving-metrics.ts';
import type { Labels } from '../metrics/metric.ts';
import { metricKey } from '../metrics/metric.ts';
import type { ReadOutcome, Reader } from '../metrics/reading.ts';
import { inputFault } from '../text/fault.ts';
import type { JsonObject } from '../text/json.ts';

/** `ttft_avg_ms` holds a median when the row came from vLLM text, a mean when it came from AIPerf; else nobody knows. */
const timeToFirstToken = (row: JsonObject, path: string): Sample | undefined => {
  const value = numberAt(row, 'ttft_avg_ms', path);
  if (objectAt(row, 'extra')['ttft_median_ms_substituted_for_avg'] === true)
    return latency('ttft', 'p50', value, 'ttft_avg_ms');
  if (row['backend'] === 'aiperf') return latency('ttft', 'mean', value, 'ttft_avg_ms');
  const sample = latency('ttft', 'mean', value, 'ttft_avg_ms');
  return sample && { ...sample, name: 'ttft_ms', statistic: null };
};

const agree = (a: number, b: number): boolean => Math.abs(a - b) <= 0.02 * Math.abs(b);

/** Some writers put throughput / concurrency under the name of tok/s/user, which is 1000 / median TPOT. */
const perUser = (row: JsonObject, path: string): Sample | undefined => {
  const stated = numberAt(row, 'output_tps_per_user', path);
  const tpot = numberAt(row, 'tpot_median_ms', path);
  if (tpot !== undefined && tpot > 0) return serving('perUser', 1000 / tpot, 'tpot_median_ms', 'p50');
  const perGpu = numberAt(row, 'output_tps_per_gpu', path);
  const gpus = numberAt(row, 'tensor_parallel', path);
  const concurrency = numberAt(row, 'concurrency', path);
  const share = perGpu !== undefined && gpus !== undefined && concurrency ? (perGpu * gpus) / concurrency : undefined;
  const isShare = stated !== undefined && share !== undefined && agree(stated, share);
  return serving(isShare ? 'throughputPerConcurrency' : 'perUser', stated, 'output_tps_per_user');
};

const ratio = (row: JsonObject, key: string, path: string): Sample | undefined => {
  const value = numberAt(row, key, path);
  return value === undefined
    ? undefined
    : { name: key, source_key: key, unit: 'ratio', value, direction: null, statistic: 'mean' };
};

const samplesOf = (row: JsonObject, path: string): Sample[] => {
  const number = (key: string): number | undefined => numberAt(row, key, path);
  return present([
    timeToFirstToken(row, path),
    serving('requestRate', number('request_throughput_avg'), 'request_throughput_avg'),
    perUser(row, path),
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

/**
 * A length that names the point: the one that was asked for, or a mean that is a whole number, as with prompts of one length.
 * A mean of mixed lengths moves from run to run and names nothing; it stays a metric.
 */
const lengthLabel = (row: JsonObject, requested: string, mean: string, path: string): number | undefined => {
  const asked = numberAt(objectAt(row, 'extra'), requested, path);
  const achieved = numberAt(row, mean, path);
  return asked ?? (achieved !== undefined && Number.isInteger(achieved) ? achieved : undefined);
};

const labelsOf = (row: JsonObject, path: string): Labels => {
  const concurrency = numberAt(row, 'concurrency', path);
  const isl = lengthLabel(row, 'isl', 'mean_input_tokens', path);
  const osl = lengthLabel(row, 'osl', 'mean_output_tokens', path);
  const phase = textAt(objectAt(row, 'extra'), 'phase');
  return {
    cell_id: textAt(row, 'cell_id') ?? '',
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(isl === undefined ? {} : { isl }),
    ...(osl === undefined ? {} : { osl }),
    ...(phase === undefined ? {} : { phase }),
  };
};

const ATLAS_NAMES = { ...USUAL_NAMES, spec_tokens: ['num_speculative_tokens'], isl: [], osl: [] };

/** Two rows with one key would be taken for repeats, which an atlas does not hold. */
const checkUnique = (points: readonly Point[], path: string): void => {
  const seen = new Set<string>();
  for (const { labels } of points) {
    const key = metricKey({ name: '', labels });
    if (seen.has(key))
      throw inputFault('duplicate_point', `${path}: two rows describe the same point ${key}`, {
        path,
        at: key,
        fix: 'keep one row for each cell, concurrency, ISL, OSL and phase',
      });
    seen.add(key);
  }
};

const parse = (text: string, path: string): ReadOutcome => {
  const rows = parseObjects(text, path);
  const measuredRows = rows.filter(({ status }) => status !== 'failed' && status !== 'evicted');
  const points = measuredRows
    .map((row): Point => ({
      labels: labelsOf(row, path),
      samples: samplesOf(row, path),
      context: contextFrom(row, ATLAS_NAMES),
    }))
    .filter(({ samples }) => samples.length > 0);
  if (points.length === 0) return noMeasurement('atlas', `none of ${rows.length} rows holds a measurement`);
  checkUnique(points, path);
  const left = rows.length - points.length;
  return assemble({
    format: 'atlas',
    path,
    points,
    warnings: left > 0 ? [`${left} of ${rows.length} rows hold no measurement and are left out`] : [],
  });
};

/** Rows of a campaign. */
export const atlas: Reader = {
  format: 'atlas',
  sniff: (_path, head) => (hasMembers(head, 'cell_id', 'parallel_strategy', 'concurrency', 'status') ? 0.95 : 0),
  parse,
};
