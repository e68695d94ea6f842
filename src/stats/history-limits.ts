// Upper and lower limits for the next value of a series under the threshold models that continuous-benchmarking
// services offer. For people who bring such a policy with them; the verdict itself never uses these.
import { mean, sampleStandardDeviation } from 'simple-statistics';
import { median, quantile } from './describe.ts';
import { normalQuantile } from './normal-distribution.ts';
import { predictionInterval } from './prediction-interval.ts';

export type HistoryModel = 'percentage' | 'z_score' | 't_test' | 'log_normal' | 'iqr' | 'delta_iqr';

export interface Limits {
  readonly centre: number;
  readonly low: number;
  readonly high: number;
}

const around = (centre: number, reach: number): Limits => ({ centre, low: centre - reach, high: centre + reach });
const interquartile = (values: readonly number[]): number => quantile(values, 0.75) - quantile(values, 0.25);

/** |x(i+1) / x(i) - 1| for neighbours. */
const relativeSteps = (values: readonly number[]): number[] =>
  values.slice(1).map((value, index) => Math.abs(value / (values[index] ?? value) - 1));

const MODELS: Readonly<Record<HistoryModel, (history: readonly number[], boundary: number) => Limits | null>> = {
  percentage: (history, boundary) => {
    const centre = mean([...history]);
    return around(centre, centre * boundary);
  },
  z_score: (history, boundary) =>
    around(mean([...history]), normalQuantile(boundary) * sampleStandardDeviation([...history])),
  t_test: (history, boundary) => predictionInterval(history, 1 - boundary, 'linear'),
  log_normal: (history, boundary) => {
    const logs = history.map(Math.log);
    const reach = normalQuantile(boundary) * sampleStandardDeviation(logs);
    const centre = mean(logs);
    return { centre: Math.exp(centre), low: Math.exp(centre - reach), high: Math.exp(centre + reach) };
  },
  iqr: (history, boundary) => around(median(history), boundary * interquartile(history)),
  delta_iqr: (history, boundary) => {
    const centre = median(history);
    return around(centre, centre * boundary * interquartile(relativeSteps(history)));
  },
};

/**
 * Limits of `model` after `history`. `boundary` is a fraction for `percentage`, a multiple of the interquartile range
 * for `iqr` and `delta_iqr`, and the one-sided probability (0.5 … 1) for the others. Null with fewer than two values.
 */
export const historyLimits = (model: HistoryModel, history: readonly number[], boundary: number): Limits | null =>
  history.length < 2 ? null : MODELS[model](history, boundary);
