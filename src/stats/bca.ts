// Bias-corrected and accelerated bootstrap interval for the relative change of two means. Shown beside the exact
// interval and never gating: below ten values a side it covers 80 to 87 percent where it promises 95.
import { mean } from 'simple-statistics';
import { normalCdf, normalQuantile } from './normal-distribution.ts';
import { seededRandom } from './random.ts';

export interface BootstrapInterval {
  /** mean(candidate) / mean(baseline) - 1. */
  readonly estimate: number;
  readonly bca: readonly [low: number, high: number];
  readonly percentile: readonly [low: number, high: number];
  readonly z0: number;
  readonly acceleration: number;
  readonly method: 'enumerated' | 'monte-carlo' | 'degenerate';
}

export interface BootstrapOptions {
  /** Coverage asked for; default 0.95. */
  readonly level?: number;
  /** Resamples where enumeration is too large; default 10,000. */
  readonly resamples?: number;
  readonly seed?: number;
}

/** Values with the chance of each, ascending by value. */
interface Weighted {
  readonly values: Float64Array;
  readonly weights: Float64Array;
}

/** Every resample is listed up to this many values a side: 462 multisets each. */
const ENUMERATED_UP_TO = 6;

interface WeightedMean {
  readonly mean: number;
  readonly weight: number;
}

/** Means of all multisets of size n drawn from n values, each with its multinomial chance. */
const enumeratedMeans = (values: readonly number[]): WeightedMean[] => {
  const n = values.length;
  const out: WeightedMean[] = [];
  const fill = (index: number, left: number, sum: number, weight: number): void => {
    const value = values[index] ?? 0;
    if (index === n - 1) {
      out.push({ mean: (sum + left * value) / n, weight: weight / factorial(left) });
      return;
    }
    for (let taken = 0; taken <= left; taken += 1)
      fill(index + 1, left - taken, sum + taken * value, weight / factorial(taken));
  };
  fill(0, n, 0, factorial(n) / n ** n);
  return out;
};

const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));

const byValue = (values: Float64Array, weights: Float64Array): Weighted => {
  const order = Uint32Array.from(values, (_, index) => index).sort((i, j) => (values[i] ?? 0) - (values[j] ?? 0));
  const pick = (from: Float64Array): Float64Array => Float64Array.from(order, (index) => from[index] ?? 0);
  return { values: pick(values), weights: pick(weights) };
};

const enumerated = (baseline: readonly number[], candidate: readonly number[]): Weighted => {
  const [below, above] = [enumeratedMeans(baseline), enumeratedMeans(candidate)];
  const values = new Float64Array(below.length * above.length);
  const weights = new Float64Array(values.length);
  below.forEach((a, i) =>
    above.forEach((b, j) => {
      values[i * above.length + j] = b.mean / a.mean - 1;
      weights[i * above.length + j] = a.weight * b.weight;
    }),
  );
  return byValue(values, weights);
};

const monteCarlo = (
  baseline: readonly number[],
  candidate: readonly number[],
  resamples: number,
  seed: number,
): Weighted => {
  const random = seededRandom(seed);
  const resampledMean = (values: readonly number[]): number => {
    let sum = 0;
    for (let drawn = 0; drawn < values.length; drawn += 1) sum += values[random.below(values.length)] ?? 0;
    return sum / values.length;
  };
  const values = Float64Array.from({ length: resamples }, () => resampledMean(candidate) / resampledMean(baseline) - 1);
  return { values: values.sort(), weights: new Float64Array(resamples).fill(1 / resamples) };
};

/** Smallest value whose cumulative weight reaches p. */
const weightedQuantile = ({ values, weights }: Weighted, p: number): number => {
  let total = 0;
  const at = weights.findIndex((weight) => (total += weight) >= p - 1e-12);
  return values[at === -1 ? values.length - 1 : at] ?? Number.NaN;
};

/**
 * Φ⁻¹ of the chance of a resample below the estimate, ties counted half; the estimate's own last bits are no
 * difference.
 */
const biasCorrection = ({ values, weights }: Weighted, estimate: number): number => {
  const slack = 1e-12 * Math.max(1, Math.abs(estimate));
  const below = values.reduce((sum, value, index) => {
    const share = Math.abs(value - estimate) <= slack ? 0.5 : value < estimate ? 1 : 0;
    return sum + share * (weights[index] ?? 0);
  }, 0);
  return normalQuantile(Math.min(1 - 1e-15, Math.max(1e-15, below)));
};

const without = (values: readonly number[], index: number): number => mean(values.filter((_, i) => i !== index));

/**
 * Two-sample jackknife: Σk ΣU³/n³ over 6·(Σk ΣU²/n²)^(3/2), U = (n - 1)(mean of the leave-one-out figures - the
 * figure).
 */
const acceleration = (baseline: readonly number[], candidate: readonly number[]): number => {
  const [a, b] = [mean([...baseline]), mean([...candidate])];
  const sides = [
    baseline.map((_, i) => b / without(baseline, i) - 1),
    candidate.map((_, i) => without(candidate, i) / a - 1),
  ];
  let [squares, cubes] = [0, 0];
  for (const figures of sides) {
    const [n, centre] = [figures.length, mean(figures)];
    for (const figure of figures) {
      const u = ((n - 1) * (centre - figure)) / n;
      squares += u ** 2;
      cubes += u ** 3;
    }
  }
  return squares === 0 ? 0 : cubes / (6 * squares ** 1.5);
};

/** Efron 1987: limits of the resampled figures at Φ(z0 + (z0 + z) / (1 - a·(z0 + z))). */
const bcaLimit = (resampled: Weighted, z0: number, a: number, z: number): number =>
  weightedQuantile(resampled, normalCdf(z0 + (z0 + z) / (1 - a * (z0 + z))));

const isConstant = (values: readonly number[]): boolean => values.every((value) => value === values[0]);

/**
 * Interval for mean(candidate) / mean(baseline) - 1. All resamples are enumerated up to six values a side, so the
 * result is exact; beyond that it is drawn with a seeded generator. Null with fewer than two values a side or a
 * baseline value ≤ 0.
 */
export const bootstrapChangeOfMeans = (
  baseline: readonly number[],
  candidate: readonly number[],
  { level = 0.95, resamples = 10_000, seed = 1 }: BootstrapOptions = {},
): BootstrapInterval | null => {
  const smaller = Math.min(baseline.length, candidate.length);
  const larger = Math.max(baseline.length, candidate.length);
  if (smaller < 2 || baseline.some((value) => value <= 0)) return null;
  const estimate = mean([...candidate]) / mean([...baseline]) - 1;
  if (isConstant(baseline) && isConstant(candidate)) {
    const point = [estimate, estimate] as const;
    return { estimate, bca: point, percentile: point, z0: 0, acceleration: 0, method: 'degenerate' };
  }
  const listed = larger <= ENUMERATED_UP_TO;
  const resampled = listed ? enumerated(baseline, candidate) : monteCarlo(baseline, candidate, resamples, seed);
  const z0 = biasCorrection(resampled, estimate);
  const a = acceleration(baseline, candidate);
  const [low, high] = [(1 - level) / 2, (1 + level) / 2];
  return {
    estimate,
    bca: [bcaLimit(resampled, z0, a, normalQuantile(low)), bcaLimit(resampled, z0, a, normalQuantile(high))],
    percentile: [weightedQuantile(resampled, low), weightedQuantile(resampled, high)],
    z0,
    acceleration: a,
    method: listed ? 'enumerated' : 'monte-carlo',
  };
};
