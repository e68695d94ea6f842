// How sure a row's figures are, from its repeats: intervals to draw around a point. Judges nothing; a row of one repeat has none.
import { latencyName, nameOf } from '../metrics/catalogue.ts';
import { isValidTrial } from '../metrics/trial.ts';
import { centreInterval } from '../stats/centre-interval.ts';
import { DEFAULT_GOAL } from '../stats/power.ts';
import type { AtlasRow } from '../campaign/row.ts';
import type { Interval } from '../render/scatter-panel.ts';

/** Figures that are drawn with an interval, with the metrics of a trial that each may come from, the first that is there. */
const METRICS = {
  ttft_avg_ms: [latencyName('ttft', 'mean'), latencyName('ttft', 'p50')],
  request_throughput_avg: [nameOf('requestRate')],
  output_tps_per_gpu: [nameOf('throughput'), nameOf('outputPerGpu')],
  output_tps_per_user: [nameOf('perUser')],
} as const satisfies Partial<Readonly<Record<keyof AtlasRow, readonly string[]>>>;

export type DrawnFigure = keyof typeof METRICS;

/** Coverage of the intervals, in percent: both ends may be missed. */
export const INTERVAL_PERCENT = Math.round(100 * (1 - 2 * DEFAULT_GOAL.alpha));

/** Ends of the interval around a row's figure, in its unit; null where fewer than two repeats that count have it. */
export const intervalOf = (row: AtlasRow, figure: DrawnFigure): Interval | null => {
  const value = row[figure];
  if (value === null) return null;
  const trials = row.trials.filter(isValidTrial);
  const name = METRICS[figure].find((metric) => trials.some(({ values }) => values[metric] !== undefined));
  if (name === undefined) return null;
  const found = centreInterval(trials.flatMap(({ values }) => values[name] ?? []), DEFAULT_GOAL.alpha);
  return found === null ? null : [value * found.low, value * found.high];
}; // prettier-ignore
