// The configurations of a benchmark result as the ratchet judges them, from what the reader made of the file. Never clamps a figure
// that is too good to be true.
import { readRatchetDocument } from '../importers/ratchet-result.ts';
import { metricKey, type Metric } from '../metrics/metric.ts';
import type { PointFacts, Reading } from '../metrics/reading.ts';
import type { JsonObject, JsonValue } from '../text/json.ts';

/** Highest rates that the hardware can reach; a measurement above them is invalid. Null where nobody said. */
export interface RatePeaks {
  readonly bandwidthGbPerS: number | null;
  readonly throughputGflops: number | null;
}

export const NO_PEAKS: RatePeaks = { bandwidthGbPerS: null, throughputGflops: null };

export interface ConfigResult {
  readonly name: string;
  /** Time of one iteration in ms, always above zero. */
  readonly timeMs: number;
  /** Which statistic `timeMs` is; null in baselines written by tools that mixed the two. */
  readonly statistic: 'median' | 'mean' | null;
  /** One value per trial in ms; empty when the benchmark kept none. */
  readonly samplesMs: readonly number[];
  readonly throughputGflops: number | null;
  readonly bandwidthGbPerS: number | null;
  /** Shape and type that were run (`batch`, `seq`, `dtype`, …); null when the file does not say. */
  readonly shape: JsonObject | null;
  readonly gpu: string | null;
  readonly gitCommit: string | null;
  readonly timestamp: string | null;
  /** Why the figure cannot count; null when it can. */
  readonly invalid: string | null;
}

const invalidReason = (
  stated: string | null,
  rates: Pick<ConfigResult, 'throughputGflops' | 'bandwidthGbPerS'>,
  peaks: RatePeaks,
): string | null => {
  if (stated !== null) return stated;
  const above = (value: number | null, peak: number | null): boolean => value !== null && peak !== null && value > peak;
  if (above(rates.bandwidthGbPerS, peaks.bandwidthGbPerS)) return 'bandwidth_above_peak';
  return above(rates.throughputGflops, peaks.throughputGflops) ? 'throughput_above_peak' : null;
};

const isStatistic = (statistic: string | null): statistic is 'median' | 'mean' =>
  statistic === 'median' || statistic === 'mean';

const configOf = (facts: PointFacts, own: readonly Metric[], reading: Reading, peaks: RatePeaks): ConfigResult => {
  const time = own.find(({ unit }) => unit === 'ms');
  if (time === undefined) throw new Error('a configuration was read without its time');
  const rate = (name: string): number | null => own.find((metric) => metric.name === name)?.value ?? null;
  const rates = { throughputGflops: rate('throughput_gflops'), bandwidthGbPerS: rate('bandwidth_gb_per_s') };
  const key = metricKey(time);
  return {
    name: String(facts.labels['config']),
    timeMs: time.value,
    statistic: isStatistic(time.statistic) ? time.statistic : null,
    samplesMs: reading.trials.flatMap(({ values }) => values[key] ?? []),
    ...rates,
    shape: facts.settings,
    gpu: facts.context.hardware ?? null,
    gitCommit: facts.git_commit,
    timestamp: facts.measured_at,
    invalid: invalidReason(facts.invalid, rates, peaks),
  };
};

/** The configurations of a result or of a baseline, in the order of the file. Throws the Faults of its reader. */
export const parseResult = (document: JsonValue, path: string, peaks: RatePeaks = NO_PEAKS): ConfigResult[] => {
  const reading = readRatchetDocument(document, path);
  return (reading.points ?? []).map((facts) => {
    const own = reading.metrics.filter(({ labels }) => labels['config'] === facts.labels['config']);
    return configOf(facts, own, reading, peaks);
  });
};
