// What a tolerance is and how people write one. Percent everywhere; only the benchmark diff reads a bare number as a fraction.
import { Fault } from '../text/fault.ts';

/** Allowed adverse change: percent of the baseline, or an amount in the metric's unit. */
export type Tolerance = { readonly percent: number } | { readonly absolute: number };

export const DEFAULT_TOLERANCE: Tolerance = Object.freeze({ percent: 5 });

export const halfOf = (tolerance: Tolerance): Tolerance =>
  'absolute' in tolerance ? { absolute: tolerance.absolute / 2 } : { percent: tolerance.percent / 2 };

const unreadable = (given: unknown, fix: string): Fault =>
  new Fault('usage', 'tolerance_invalid', `tolerance is ${JSON.stringify(given)}`, { fix });

/** The number of `5`, `"5"` or `"5%"`, and whether a percent sign was there. */
const readNumber = (given: number | string): { readonly value: number; readonly percent: boolean } => {
  const text = typeof given === 'number' ? String(given) : given.trim();
  const value = Number(text.replace(/\s*%$/, ''));
  if (text === '' || text === '%' || !Number.isFinite(value) || value < 0)
    throw unreadable(given, 'give a number that is not negative, such as 5 or 5%');
  return { value, percent: text.endsWith('%') };
};

/** Percent from `5`, `"5"` or `"5%"`. Throws a Fault `tolerance_invalid`. */
export const percentTolerance = (given: number | string): number => readNumber(given).value;

/**
 * A fraction from `0.05`, `"0.05"` or `"5%"`, as the benchmark diff takes it. A fraction of 1 or more is refused, since it may be
 * meant as percent. Throws a Fault `tolerance_invalid`.
 */
export const fractionTolerance = (given: number | string): number => {
  const { value, percent } = readNumber(given);
  if (percent) return value / 100;
  if (value < 1) return value;
  throw unreadable(
    given,
    `write ${value}% for ${value} percent, or ${value * 100}% if ${value} times the baseline is meant`,
  );
};
