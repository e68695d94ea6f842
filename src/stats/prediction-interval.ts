// Where the next value of a stable series should fall, from its history alone. One value outside is a warning, not a
// verdict.
import { mean, sampleStandardDeviation } from 'simple-statistics';
import { studentTQuantile } from './student-t.ts';

export interface PredictionInterval {
  readonly centre: number;
  readonly low: number;
  readonly high: number;
}

/**
 * Mean ± t(n-1, 1-alpha)·s·√(1 + 1/n), each end missed with chance `alpha` by one further value of the same normal
 * series. `scale: 'log'` works on ln x (all values > 0) and returns to x. Null with fewer than two values.
 */
export const predictionInterval = (
  history: readonly number[],
  alpha: number,
  scale: 'linear' | 'log' = 'log',
): PredictionInterval | null => {
  const n = history.length;
  if (n < 2) return null;
  const values = scale === 'log' ? history.map(Math.log) : [...history];
  const back = scale === 'log' ? Math.exp : (x: number): number => x;
  const centre = mean(values);
  const reach = studentTQuantile(1 - alpha, n - 1) * sampleStandardDeviation(values) * Math.sqrt(1 + 1 / n);
  return { centre: back(centre), low: back(centre - reach), high: back(centre + reach) };
};
