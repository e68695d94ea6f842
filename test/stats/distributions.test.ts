import { describe, expect, it } from 'vitest';
import { noncentralTCdf } from '../../src/stats/noncentral-t.ts';
import { normalCdf, normalQuantile } from '../../src/stats/normal-distribution.ts';
import { studentTQuantile, studentTTwoSided, studentTUpper } from '../../src/stats/student-t.ts';
import { near } from './sample.ts';

// Reference values: SciPy 1.17.
describe('distributions', () => {
  it.each([
    [-8.5, 9.47953482220325e-18],
    [-1.959963984540054, 0.025],
    [0, 0.5],
    [3.0, 0.9986501019683699],
  ])('P(Z ≤ %f) keeps its relative accuracy', (z, p) => near(normalCdf(z) / p, 1, 1e-12));

  it.each([1e-300, 1e-20, 1e-5, 0.025, 0.4, 0.5, 0.77, 0.999])('the quantile undoes the distribution at %f', (p) =>
    near(normalCdf(normalQuantile(p)) / p, 1, 1e-11),
  );

  it('Student: real degrees of freedom, far tails', () => {
    near(studentTQuantile(0.975, 7.35), 2.3419883077524375, 1e-12);
    near(studentTTwoSided(20, 3.5) / 9.82581648654801e-5, 1, 1e-12);
    expect(studentTQuantile(0.5, 4)).toBe(0);
    near(studentTQuantile(0.1, 4), -studentTQuantile(0.9, 4), 1e-15);
    near(studentTUpper(-1.3, 6) + studentTUpper(1.3, 6), 1, 1e-14);
  });

  it('non-central t', () => {
    near(noncentralTCdf(2.5, 9, 1.25), 0.8466417164670685, 1e-12);
    near(noncentralTCdf(1.1, 5, 0), 1 - studentTUpper(1.1, 5), 1e-13);
    near(noncentralTCdf(-0.7, 5, 1) + noncentralTCdf(0.7, 5, -1), 1, 1e-13);
  });
});
