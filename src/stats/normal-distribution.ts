// The standard normal distribution to full double precision, also far out in the tails, where tables and rational
// approximations lose their relative accuracy.
import { probit } from 'simple-statistics';

/** Density of the standard normal at `z`. */
export const normalDensity = (z: number): number => Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);

/** Φ(z) - ½ for moderate z: z·φ(z)·(1 + z²/3 + z⁴/15 + …) (Marsaglia 2004, JSS 11(4)). */
const centralArea = (z: number): number => {
  let term = z;
  let sum = z;
  for (let odd = 3; Math.abs(term) > Math.abs(sum) * 1e-17; odd += 2) {
    term *= (z * z) / odd;
    sum += term;
  }
  return sum * normalDensity(z);
};

/** P(Z > z) for z ≥ 3 by Laplace's continued fraction 1/(z + 1/(z + 2/(z + 3/…))), evaluated from the back. */
const farTail = (z: number): number => {
  let fraction = z;
  for (let k = 120; k >= 1; k -= 1) fraction = z + k / fraction;
  return normalDensity(z) / fraction;
};

/** P(Z ≤ z). */
export const normalCdf = (z: number): number => {
  if (z < -3) return farTail(-z);
  if (z > 3) return 1 - farTail(z);
  return 0.5 + centralArea(z);
};

/** The z with P(Z ≤ z) = `p`, for 0 < p < 1: the library's approximation, polished by Halley steps. */
export const normalQuantile = (p: number): number => {
  if (p > 0.5) return -normalQuantile(1 - p);
  let z = p < 1e-12 ? -Math.sqrt(-2 * Math.log(p)) : probit(p);
  for (let step = 0; step < 50; step += 1) {
    const error = (normalCdf(z) - p) / normalDensity(z);
    const move = error / (1 + (z * error) / 2);
    z -= move;
    if (Math.abs(move) <= 1e-15 * Math.abs(z)) break;
  }
  return z;
};
