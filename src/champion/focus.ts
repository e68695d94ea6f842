// What is asked of a campaign: which metric at which load, and how fast a token must come. Names and defaults only.
import { nameOf, latencyName } from '../metrics/catalogue.ts';
import { isValidTrial } from '../metrics/trial.ts';
import { valueIn } from '../importers/atlas-trials.ts';
import type { AtlasRow } from '../campaign/row.ts';

export const CHAMPION_FOCUSES = ['throughput', 'latency', 'mixed'] as const;
export type ChampionFocus = (typeof CHAMPION_FOCUSES)[number];

export const CHAMPION_METRICS = ['tok_s_gpu', 'tpot'] as const;
export type ChampionMetric = (typeof CHAMPION_METRICS)[number];

interface MetricFacts {
  /** Name in the catalogue. */
  readonly name: string;
  readonly field: 'output_tps_per_gpu' | 'tpot_median_ms';
  readonly unit: string;
  readonly direction: 'higher-is-better' | 'lower-is-better';
  readonly title: string;
}

export const METRIC_FACTS: Readonly<Record<ChampionMetric, MetricFacts>> = {
  tok_s_gpu: { name: nameOf('outputPerGpu'), field: 'output_tps_per_gpu', unit: 'tok/s/GPU', direction: 'higher-is-better', title: 'output tok/s/GPU' },
  tpot: { name: latencyName('tpot', 'p50'), field: 'tpot_median_ms', unit: 'ms', direction: 'lower-is-better', title: 'median TPOT' },
}; // prettier-ignore

/** One request at a time for latency, a full batch for the rest. */
export const defaultLoad = (focus: ChampionFocus): number => (focus === 'latency' ? 1 : 32);
export const defaultMetric = (focus: ChampionFocus): ChampionMetric => (focus === 'latency' ? 'tpot' : 'tok_s_gpu');

/** A metric of a point: the row's own figure. */
export const valueOf = (row: AtlasRow, metric: ChampionMetric): number | null => row[METRIC_FACTS[metric].field];

/** Valid trials of a row; none where it was not repeated. */
export const validTrials = (row: AtlasRow): AtlasRow['trials'] =>
  row.trials.length < 2 ? [] : row.trials.filter((trial) => isValidTrial(trial));

/** The metric in every valid trial of a point; its one value where it was not repeated, nothing where it has none. */
export const trialValues = (row: AtlasRow, metric: ChampionMetric): number[] => {
  const each = validTrials(row).flatMap((trial) => valueIn(METRIC_FACTS[metric].name, trial, row.n_gpus) ?? []);
  const own = valueOf(row, metric);
  return each.length > 0 ? each : own === null ? [] : [own];
};

/** Percent by which a value is better than the baseline's: of the rate, or of the speed that a latency stands for. */
export const percentWin = (metric: ChampionMetric, baseline: number | null, value: number | null): number | null => {
  if (baseline === null || value === null || baseline <= 0 || value <= 0) return null;
  return 100 * ((metric === 'tok_s_gpu' ? value / baseline : baseline / value) - 1);
};

/** True where the first value is better. */
export const isBetter = (metric: ChampionMetric, one: number, other: number): boolean =>
  metric === 'tok_s_gpu' ? one > other : one < other;
