// Puts the values of a metric on a scale where larger is worse and where a tolerance is one number: the logarithm for
// positive values (so that a latency and the throughput that is its reciprocal get the same answer), the plain
// difference otherwise.
import type { Direction } from './direction.ts';

export interface WorseningScale {
  readonly name: 'ratio' | 'difference';
  /** A value on the scale: ln x or x, negated when higher is better. */
  readonly place: (value: number) => number;
  /**
   * A shift on the scale as people read it: a fraction (0.05 = 5 percent worse) or a difference in the metric's unit.
   */
  readonly shown: (shift: number) => number;
  /** The tolerance as people read it, and as a shift on the scale. */
  readonly tolerance: number;
  readonly limit: number;
  /** Figures no further apart than this are the same figure: what rounding in the last places may do. */
  readonly grain: number;
}

const sign = (direction: Direction): number => (direction === 'higher-is-better' ? -1 : 1);

/** Scale of worsening ratios for values > 0; `tolerance` is a fraction ≥ 0. */
export const ratioScale = (direction: Direction, tolerance: number): WorseningScale => {
  const orient = sign(direction);
  return {
    name: 'ratio',
    place: (value) => orient * Math.log(value),
    shown: Math.expm1,
    tolerance,
    limit: Math.log1p(tolerance),
    grain: 1e-12,
  };
};

/**
 * Scale of differences for values of any sign; `tolerance` ≥ 0 in the metric's unit, `values` all values of both sides.
 */
export const differenceScale = (direction: Direction, tolerance: number, values: readonly number[]): WorseningScale => {
  const orient = sign(direction);
  return {
    name: 'difference',
    place: (value) => orient * value,
    shown: (shift) => shift,
    tolerance,
    limit: tolerance,
    grain: Math.max(tolerance, ...values.map(Math.abs)) * 1e-12,
  };
};
