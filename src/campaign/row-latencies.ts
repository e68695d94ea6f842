// The percentiles of latency that a row carries, by their names in the catalogue. One list, for the schema and for its readers.
import { latencyName } from '../metrics/catalogue.ts';

export const ROW_LATENCIES = ['ttft', 'tpot', 'itl', 'e2e'] as const;
export const ROW_STATISTICS = ['p50', 'p90', 'p95', 'p99'] as const;

type LatencyField = `${(typeof ROW_LATENCIES)[number]}_${(typeof ROW_STATISTICS)[number]}_ms`;

/** `ttft_p50_ms` to `e2e_p99_ms`. */
export const LATENCY_FIELDS: readonly LatencyField[] = ROW_LATENCIES.flatMap((kind) =>
  ROW_STATISTICS.map((statistic) => latencyName(kind, statistic) as LatencyField),
); // checked boundary: the catalogue writes <kind>_<statistic>_ms

/** One schema for each of the fields. */
export const LATENCY_PERCENTILES = <Schema>(schema: Schema): Readonly<Record<LatencyField, Schema>> =>
  Object.fromEntries(LATENCY_FIELDS.map((field) => [field, schema])) as Record<LatencyField, Schema>;
