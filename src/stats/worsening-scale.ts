// Puts the values of a metric on a scale where larger is worse. Noise is judged on the logarithm (the plain difference where values
// have none); a tolerance stays what people read, a share of the baseline, and is carried over to that scale exactly.
import type { Direction } from './direction.ts';

/** Figures that differ by no more than this share of their size are the same figure: what rounding in the last places may do. */
export const ROUNDING_EPSILON = 1e-12;

export interface WorseningScale {
  readonly name: 'ratio' | 'difference';
  /** A value on the scale: ln x or x, negated when higher is better. */
  readonly place: (value: number) => number;
  /**
   * A shift on the scale as people read it: a fraction of the baseline (0.05 = 5 percent of it for the worse) or a
   * difference in the metric's unit.
   */
  readonly shown: (shift: number) => number;
  /** The tolerance as people read it. */
  readonly tolerance: number;
  /** The tolerance as a shift for the worse (for a two-sided metric: upwards), above or at 0. */
  readonly limit: number;
  /** The same change the other way, as a positive shift. */
  readonly reverseLimit: number;
  /** Figures no further apart than this are the same figure. */
  readonly grain: number;
}

const sign = (direction: Direction): number => (direction === 'higher-is-better' ? -1 : 1);

/** Shift of ln x down to a value that is `fraction` smaller; no value is as small as a fraction of 1 or more asks for. */
const downShift = (fraction: number): number => (fraction < 1 ? -Math.log1p(-fraction) : Infinity);

/**
 * Scale of ratios for values > 0; `tolerance` is a fraction ≥ 0 of the baseline. A rise of 5 percent is ln 1.05, a fall of 5
 * percent -ln 0.95: a change of exactly the tolerance lies on the limit in every direction.
 */
export const ratioScale = (direction: Direction, tolerance: number): WorseningScale => {
  const orient = sign(direction);
  const [up, down] = [Math.log1p(tolerance), downShift(tolerance)];
  return {
    name: 'ratio',
    place: (value) => orient * Math.log(value),
    shown: orient > 0 ? Math.expm1 : (shift) => -Math.expm1(-shift),
    tolerance,
    limit: orient > 0 ? up : down,
    reverseLimit: orient > 0 ? down : up,
    grain: ROUNDING_EPSILON,
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
    reverseLimit: tolerance,
    grain: Math.max(tolerance, ...values.map(Math.abs)) * ROUNDING_EPSILON,
  };
};
