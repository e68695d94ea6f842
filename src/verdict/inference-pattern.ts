// Which pattern the metrics of an inference bench got worse by: a sign of where to look first, by the rows that were judged outside.
// Judges no row anew.
import { latencyName, nameOf } from '../metrics/catalogue.ts';
import { splitKey } from '../metrics/metric.ts';

/**
 * `prefix_cache`: fewer prompt tokens came from the cache; `throughput`: less work is done; `first_token`: only the wait for the first
 * token grew, so decoding is as fast as before.
 */
export type InferencePattern = 'prefix_cache' | 'throughput' | 'first_token';

const HIT_RATES: readonly string[] = [nameOf('cacheHitRateAfter'), nameOf('cacheHitRate')];
const FIRST_TOKEN: readonly string[] = [
  ...['mean', 'p50', 'p90', 'p95', 'p99'].map((each) => latencyName('ttft', each)),
];

/** The pattern of the keys that are outside; null where there is none of its own. */
export const inferencePattern = (adverse: readonly string[]): InferencePattern | null => {
  const names = adverse.map((key) => splitKey(key).name);
  if (names.some((name) => HIT_RATES.includes(name))) return 'prefix_cache';
  if (names.includes(nameOf('throughput'))) return 'throughput';
  return names.length > 0 && names.every((name) => FIRST_TOKEN.includes(name)) ? 'first_token' : null;
};
