// The metrics that AIPerf and GenAI-Perf export, by the tool's own names, as canonical ones. Every value is converted from the
// unit that the file states. AIPerf's "inter token latency" is TPOT, its "inter chunk latency" is ITL.
import { type Figure, type PointContradiction, rateContradiction } from './contradictions.ts';
import { type Point, type Sample, present } from './point.ts';
import { latency, perUserPercentile, perUserSpeed, requestOutcome, serving } from './serving-metrics.ts';
import { CATALOGUE, type Latency, type MetricId, latenciesWrittenBy, writtenBy } from '../metrics/catalogue.ts';
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

const LATENCIES = latenciesWrittenBy('aiperf');
const FIGURES = writtenBy('aiperf');

const latencySamples = (key: string, kind: Latency, metric: ToolMetric): (Sample | undefined)[] =>
  QUOTED.map(([statistic, canonical]) => {
    const value = metric.statistics.get(statistic);
    const milliseconds = value === undefined ? undefined : convertUnit(value, metric.unit, 'ms');
    return latency(kind, canonical, milliseconds, `${key}.${statistic}`);
  });

/** A rate over the window is no mean; what is over requests or states of the server is one. */
const statisticOf = (id: MetricId): string | null => (CATALOGUE[id].over === 'window' ? null : 'mean');

const average = (metric: ToolMetric, unit: string): number | undefined => {
  const value = metric.statistics.get('avg');
  if (unit === 'tokens') return value;
  const fits = dimensionOf(metric.unit) === dimensionOf(unit);
  return value === undefined || !fits ? undefined : convertUnit(value, metric.unit, unit);
};

const samplesOfMetric = (key: string, metric: ToolMetric): (Sample | undefined)[] => {
  const kind = LATENCIES.get(key);
  if (kind !== undefined) return latencySamples(key, kind, metric);
  const id = FIGURES.get(key);
  if (id === undefined) return [];
  if (id !== 'perUser') return [serving(id, average(metric, CATALOGUE[id].unit), `${key}.avg`, statisticOf(id))];
  return SLOW_TAIL.map((statistic) =>
    perUserPercentile(statistic, metric.statistics.get(statistic), `${key}.${statistic}`),
  );
};

const SECONDS = /^s(ec)?$/;

const PER_USER = [...FIGURES].find(([, id]) => id === 'perUser')?.[0] ?? '';

/** Median decode speed of a user: 1000 / median TPOT; the tool's own median where the file has no median TPOT. */
const perUser = (metrics: ReadonlyMap<string, ToolMetric>, samples: readonly Sample[]): Sample | undefined => {
  return perUserSpeed(samples) ?? serving('perUser', metrics.get(PER_USER)?.statistics.get('p50'), `${PER_USER}.p50`);
};

/** Requests that completed and failed; null where the file does not say. `failed` of the caller wins. */
export const requestCounts = (
  metrics: ReadonlyMap<string, ToolMetric>,
  failed: number | undefined,
): { readonly completed: number | undefined; readonly failed: number | undefined } => ({
  completed: metrics.get('request_count')?.statistics.get('avg'),
  failed: metrics.get('error_request_count')?.statistics.get('avg') ?? failed,
});

const averageOf = (metrics: ReadonlyMap<string, ToolMetric>, key: string, unit: RegExp): Figure => {
  const metric = metrics.get(key);
  return { key: `${key}.avg`, value: unit.test(metric?.unit ?? '') ? metric?.statistics.get('avg') : undefined };
};

/** What the tool divides by the duration, by the rate that it becomes. */
const RATES: readonly (readonly [rate: string, counts: readonly string[]])[] = [
  ['request_throughput', ['request_count']],
  ['output_token_throughput', ['total_osl']],
  ['total_token_throughput', ['total_isl', 'total_osl']],
];

/**
 * Rates that the counts refute, over the benchmark's duration as well as over the time from start to end of the phase (`phase_s`):
 * up to 0.12 the tool divides by the first, from 0.13 by the second.
 */
export const ratesOfExport = (
  metrics: ReadonlyMap<string, ToolMetric>,
  phase_s: number | undefined,
): PointContradiction[] => {
  const over = (rate: string, counts: readonly string[], duration: Figure): PointContradiction[] =>
    rateContradiction({
      rate: averageOf(metrics, rate, /\/s(ec)?$/),
      counts: counts.map((key) => averageOf(metrics, key, /./)),
      duration,
    });
  const phase = { key: 'end_time - start_time', value: phase_s };
  return RATES.flatMap(([rate, counts]) =>
    phase_s !== undefined && over(rate, counts, phase).length === 0
      ? []
      : over(rate, counts, averageOf(metrics, 'benchmark_duration', SECONDS)),
  );
};

/** What an export counts beside its metrics. */
export const countsOfExport = (
  metrics: ReadonlyMap<string, ToolMetric>,
  counts: ReturnType<typeof requestCounts>,
): NonNullable<Point['counts']> => {
  const duration = metrics.get('benchmark_duration');
  return {
    ...counts,
    requested: undefined,
    duration_s: SECONDS.test(duration?.unit ?? '') ? duration?.statistics.get('avg') : undefined,
  };
};

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
