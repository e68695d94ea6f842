// Values that no run can have and changes that no optimisation explains: a time of zero, a rate below zero, milliseconds written as
// seconds. Never turns a worsening into anything milder.
import { dimensionOf } from '../metrics/units.ts';
import type { Direction } from '../stats/direction.ts';

/** What a value of this unit can be: an amount is above zero, a rate not below it; of the others nothing is known. */
export type Quantity = 'amount' | 'rate' | 'tally' | 'unknown';

const AMOUNTS: readonly string[] = ['time', 'bytes', 'energy_per_token'];
const TALLIES: readonly string[] = ['count', 'ratio', 'temperature'];

export const quantityOf = (unit: string | null): Quantity => {
  const dimension = unit === null ? null : dimensionOf(unit);
  if (dimension === null) return 'unknown';
  if (AMOUNTS.includes(dimension)) return 'amount';
  return TALLIES.includes(dimension) ? 'tally' : 'rate';
};

/** Factors between units that are mistaken for one another: seconds and minutes, milli, hours, micro. */
const UNIT_FACTORS = [60, 1000, 3600, 1e6];
const NEAR = 0.1;
/** Better by more than this is taken for a mistake until somebody vouches for it. */
const TOO_GOOD = 20;
/** Better by more than this deserves a second run before it becomes the new normal. */
const SURPRISING = 3;

/** True for a value that no run can have. Two zeros are an empty slot in both files, not a change. */
export const isImpossible = (baseline: number, candidate: number, quantity: Quantity): boolean => {
  if (quantity === 'amount') return (baseline <= 0 || candidate <= 0) && !(baseline === 0 && candidate === 0);
  return quantity === 'rate' && (baseline < 0 || candidate < 0);
};

/** True for a value of one trial that no run can have: the median of several may hide it. A trial of zero may be an empty slot. */
export const isBelowAll = (value: number, quantity: Quantity): boolean =>
  value < 0 && (quantity === 'amount' || quantity === 'rate');

const isUnitFactor = (factor: number): boolean =>
  UNIT_FACTORS.some((unit) => factor >= unit * (1 - NEAR) && factor <= unit * (1 + NEAR));

export type Surprise = 'unit_factor' | 'too_good' | 'surprising';

/** What is odd about a change between two positive values; null for a plain one. */
export const surpriseOf = (
  baseline: number,
  candidate: number,
  direction: Direction,
  quantity: Quantity,
): Surprise | null => {
  if (quantity === 'tally' || baseline <= 0 || candidate <= 0) return null;
  const growth = candidate / baseline;
  const factor = growth < 1 ? 1 / growth : growth;
  if (factor < SURPRISING) return null;
  if (isUnitFactor(factor)) return 'unit_factor';
  const better = direction === 'lower-is-better' ? growth < 1 : direction === 'higher-is-better' && growth > 1;
  if (!better) return null;
  return factor > TOO_GOOD ? 'too_good' : 'surprising';
};

/** True where the change must not pass until somebody vouches for it: an improvement that is one too many. */
export const isImplausible = (
  surprise: Surprise | null,
  baseline: number,
  candidate: number,
  direction: Direction,
): boolean => {
  if (surprise === null || surprise === 'surprising') return false;
  return direction === 'lower-is-better'
    ? candidate < baseline
    : direction === 'higher-is-better' && candidate > baseline;
};
