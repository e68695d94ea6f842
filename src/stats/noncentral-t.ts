// The non-central t distribution, on which power and the smallest detectable change rest.
import { gammaln } from 'simple-statistics';
import { regularizedBeta } from './incomplete-beta.ts';
import { normalCdf } from './normal-distribution.ts';

/** P(T ≤ t) for t ≥ 0 as a Poisson mixture of incomplete betas (Lenth 1989, algorithm AS 243). */
const cdfRightOfZero = (t: number, df: number, ncp: number): number => {
  const square = t * t;
  const [x, oneMinusX] = [square / (df + square), df / (df + square)];
  const half = (ncp * ncp) / 2;
  let p = Math.exp(-half) / 2;
  let q = (Math.exp(-half) * ncp) / (2 * Math.SQRT2 * Math.exp(gammaln(1.5)));
  let sum = 0;
  for (let j = 0; j < 5_000; j += 1) {
    const added = p * regularizedBeta(x, oneMinusX, j + 0.5, df / 2) + q * regularizedBeta(x, oneMinusX, j + 1, df / 2);
    sum += added;
    if (j > half && Math.abs(added) <= 1e-17) break;
    p *= half / (j + 1);
    q *= half / (j + 1.5);
  }
  return normalCdf(-ncp) + sum;
};

/**
 * P(T ≤ t) of the non-central t distribution with `df` degrees of freedom and non-centrality `ncp`. Absolute error
 * below 1e-12 for |ncp| ≤ 37; beyond that the mixture's weights underflow and the result is 0 or 1 to within 1e-100.
 */
export const noncentralTCdf = (t: number, df: number, ncp: number): number =>
  t >= 0 ? cdfRightOfZero(t, df, ncp) : 1 - cdfRightOfZero(-t, df, -ncp);
