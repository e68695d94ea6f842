// Puts the values of a metric on a scale where larger is worse and where a tolerance is one number: the logarithm for positive
// values (so that a latency and the throughput that is its reciprocal get the same answer), the plain difference otherwise.

export type Direction = 'lower-is-better' | 'higher-is-better' | 'two-sided';

export interface WorseningScale {
  readonly name: 'ratio' | 'difference';
  /** A value on the scale: ln x or x, negated when higher is better. */
  readonly place: (value: number) => number;
  /** A shift on the scale as people read it: a fraction (0.05 = 5 percent worse) or a difference in the metric's unit. */
  readonly shown: (shift: number) => number;
  /** The tolerance as people read it, and as a shift on the scale. */
  readonly tolerance: number;
  readonly limit: number;
  /** Figures closer than this are the same figure: what rounding in the last place may do. */
  readonly grain: number;
}

/** `x` on a grid of `grain`, so that values which are equal on paper are equal in the computer. */
export const snap = (x: number, grain: number): number => (grain === 0 ? x : Math.round(x / grain) * grain);

const sign = (direction: Direction): number => (direction === 'higher-is-better' ? -1 : 1);

/** Scale of worsening ratios for values > 0; `tolerance` is a fraction ≥ 0. */
export const ratioScale = (direction: Direction, tolerance: number): WorseningScale => {
  const grain = 1e-12;
  const orient = sign(direction);
  return {
    name: 'ratio',
    place: (value) => orient * snap(Math.log(value), grain),
    shown: Math.expm1,
    tolerance,
    limit: snap(Math.log1p(tolerance), grain),
    grain,
  };
};

/** Scale of differences for values of any sign; `tolerance` ≥ 0 in the metric's unit, `values` all values of both sides. */
export const differenceScale = (direction: Direction, tolerance: number, values: readonly number[]): WorseningScale => {
  const grain = Math.max(tolerance, ...values.map(Math.abs)) * 1e-12;
  const orient = sign(direction);
  return {
    name: 'difference',
    place: (value) => orient * snap(value, grain),
    shown: (shift) => shift,
    tolerance,
    limit: snap(tolerance, grain),
    grain,
  };
};
