// A figure that a file states must agree with the samples that stand beside it. A result that contradicts itself is refused with
// both values, never silently read one way or the other.
import { agrees, halfDigit } from './stated-figure.ts';
import { median } from '../stats/describe.ts';
import { inputFault } from '../text/fault.ts';
import { formatNumber } from '../render/numbers.ts';

interface Stated {
  readonly stated: number;
  readonly statistic: 'median' | 'mean';
  /** All values that the statistic was made from, at least one. */
  readonly samples: readonly number[];
  readonly path: string;
  /** Object that holds the figure, and its member. */
  readonly where: string;
  readonly key: string;
}

const meanOf = (samples: readonly number[]): number => samples.reduce((sum, value) => sum + value, 0) / samples.length;

/**
 * Throws a Fault `samples_contradict` where the figure lies outside its samples, or differs from their statistic by more than 2
 * percent and half the last digit of both figures.
 */
export const requireAgreement = ({ stated, statistic, samples, path, where, key }: Stated): void => {
  const found = statistic === 'median' ? median(samples) : meanOf(samples);
  // Trailing zeros are not in a number: the finest of the samples shows with how many digits they are written.
  const rounding = halfDigit(stated) + Math.min(...samples.map(halfDigit));
  const [low, high] = [Math.min(...samples), Math.max(...samples)];
  const outside = stated < low - rounding || stated > high + rounding;
  if (!outside && agrees(stated, found, rounding)) return;
  const range = outside ? `, all between ${formatNumber(low)} and ${formatNumber(high)}` : '';
  throw inputFault(
    'samples_contradict',
    `${path}: ${where}.${key} is ${stated}, but the ${statistic} of its ${samples.length} samples is ${formatNumber(found)}${range}`,
    {
      path,
      at: `${where}.${key}`,
      fix: `leave ${key} out, or write the samples that it was made from`,
      data: { stated, from_samples: found, samples: samples.length },
    },
  );
};
