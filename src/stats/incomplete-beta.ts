// The regularised incomplete beta function I_x(a, b), which the t distributions stand on. Accurate relative to its
// value, so that a p-value of 1e-20 is as good as one of 0.2.
import { gammaln } from 'simple-statistics';

const TINY = 1e-300;
const awayFromZero = (x: number): number => (Math.abs(x) < TINY ? TINY : x);

/**
 * Lentz's evaluation of the continued fraction of I_x(a, b) (DLMF 8.17.22). Converges fast for x < (a + 1)/(a + b + 2).
 */
const continuedFraction = (x: number, a: number, b: number): number => {
  let c = 1;
  let d = 1 / awayFromZero(1 - ((a + b) * x) / (a + 1));
  let value = d;
  for (let m = 1; m <= 10_000; m += 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / awayFromZero(1 + even * d);
    c = awayFromZero(1 + even / c);
    value *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / awayFromZero(1 + odd * d);
    c = awayFromZero(1 + odd / c);
    value *= d * c;
    if (Math.abs(d * c - 1) < 1e-16) break;
  }
  return value;
};

/** I_x(a, b), given x and 1 - x separately so that neither loses digits near 1. a, b > 0. */
export const regularizedBeta = (x: number, oneMinusX: number, a: number, b: number): number => {
  if (x <= 0) return 0;
  if (oneMinusX <= 0) return 1;
  const logBeta = gammaln(a) + gammaln(b) - gammaln(a + b);
  const front = Math.exp(a * Math.log(x) + b * Math.log(oneMinusX) - logBeta);
  if (x < (a + 1) / (a + b + 2)) return (front * continuedFraction(x, a, b)) / a;
  return 1 - (front * continuedFraction(oneMinusX, b, a)) / b;
};
