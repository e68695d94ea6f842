import { describe, expect, it } from 'vitest';
import { detectablePairedShift, detectableShift } from '../../src/stats/power.ts';
import { certainEvidence, pairedEvidence, unpairedEvidence } from '../../src/stats/shift-evidence.ts';
import { near } from './sample.ts';

describe('two sides of trials', () => {
  const evidence = unpairedEvidence([10, 11, 12], [13, 14, 15, 17], 0.05, 1e-12);

  it('state the shift, its interval and the smaller number of trials', () => {
    expect(evidence).toMatchObject({ analysis: 'unpaired', n: 3, estimate: 3.5 });
    expect(evidence.interval).toMatchObject({ low: 1, high: 7, order: 1 });
    near(evidence.interval?.level, 1 - 2 / 35);
  });

  it('state how likely the shift is above or below a limit', () => {
    near(evidence.tails(0).greater, 1 / 35);
    near(evidence.tails(0).less, 1);
    near(evidence.tails(100).greater, 1);
    near(evidence.tails(100).less, 1 / 35);
  });

  it('take values as far apart as the grain for equal', () => {
    const fine = unpairedEvidence([1, 2, 3], [1.01, 2.01, 3.01], 0.05, 1e-12).tails(0);
    const coarse = unpairedEvidence([1, 2, 3], [1.01, 2.01, 3.01], 0.05, 0.1).tails(0);
    expect(coarse.greater).toBeGreaterThan(fine.greater);
    near(coarse.greater, coarse.less);
  });

  it('have the pooled spread, and what that spread lets be seen', () => {
    // Sums of squares 2 and 8.75 with 5 degrees of freedom.
    near(evidence.noise, Math.sqrt(10.75 / 5));
    near(evidence.detectable, Math.sqrt(10.75 / 5) * (detectableShift(3, 4) ?? 0));
  });

  it('take the error allowed for the smallest change too', () => {
    const strict = unpairedEvidence([10, 11, 12], [13, 14, 15, 17], 0.01, 1e-12);
    near(strict.detectable, Math.sqrt(10.75 / 5) * (detectableShift(3, 4, { alpha: 0.01, power: 0.8 }) ?? 0));
  });

  it('show no interval below three a side, and no spread where there is one value a side', () => {
    const many = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
    expect(unpairedEvidence([3, 4], many, 0.2, 0).interval).toBeNull();
    expect(unpairedEvidence([3, 4, 5], many, 0.2, 0).interval).not.toBeNull();
    expect(unpairedEvidence([3], [5], 0.05, 0)).toMatchObject({ estimate: 2, noise: null, detectable: null });
    near(unpairedEvidence([3], [5, 7], 0.05, 0).noise, Math.SQRT2);
  });
});

describe('paired trials', () => {
  const differences = [1, 2, 4, 5, 8, -1];
  const evidence = pairedEvidence(differences, 0.05, 1e-12);

  it('state shift, interval, chances and what could be seen', () => {
    expect(evidence).toMatchObject({ analysis: 'paired', n: 6, estimate: 3 });
    expect(evidence.interval).toMatchObject({ low: 0.5, high: 6 });
    near(evidence.tails(0).greater, 3 / 64);
    near(evidence.tails(0).less, 63 / 64);
    near(evidence.tails(20).less, 1 / 64);
    const noise = Math.sqrt(50.83333333333333 / 5);
    near(evidence.noise, noise, 1e-9);
    near(evidence.detectable, noise * (detectablePairedShift(6) ?? 0));
  });

  it('leave out differences within the grain of the limit', () => {
    near(pairedEvidence([0.5, 3, 4], 0.05, 1).tails(0).greater, 1 / 4);
    near(pairedEvidence([0.5, 3, 4], 0.05, 0.1).tails(0).greater, 1 / 8);
  });

  it('of one pair show no spread', () => {
    expect(pairedEvidence([2], 0.05, 0)).toMatchObject({ n: 1, estimate: 2, noise: null, detectable: null });
    expect(pairedEvidence([2, 4], 0.05, 0).noise).toBeCloseTo(Math.SQRT2, 12);
  });
});

it('counters that do not vary are certain: beyond the limit or not, but for rounding', () => {
  const evidence = certainEvidence(3, 4, 0.01);
  expect(evidence).toMatchObject({
    analysis: 'unpaired',
    n: 4,
    estimate: 3,
    interval: { low: 3, high: 3, level: 1, order: 1 },
    noise: 0,
    detectable: 0,
  });
  expect([2, 2.995, 3.005, 4].map((limit) => evidence.tails(limit))).toEqual([
    { greater: 0, less: 1 },
    { greater: 1, less: 1 },
    { greater: 1, less: 1 },
    { greater: 1, less: 0 },
  ]);
});
