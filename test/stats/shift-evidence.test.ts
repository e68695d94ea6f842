import { describe, expect, it } from 'vitest';
import { detectablePairedShift, detectableShift } from '../../src/stats/power.ts';
import { certainEvidence, pairedEvidence, unpairedEvidence } from '../../src/stats/shift-evidence.ts';
import { near } from './sample.ts';

describe('two sides of trials', () => {
  const evidence = unpairedEvidence([10, 11, 12], [13, 14, 15, 17], 0.05, 1e-12);

  it('state the shift, its interval and the smaller number of trials', () => {
    expect(evidence).toMatchObject({
      analysis: 'unpaired',
      method: 't',
      n: 3,
      estimate: 3.75,
      ranks: { estimate: 3.5 },
    });
    // Welch by hand: variances 1 and 2.91667, so a standard error of 1.0308 and 4.86 degrees of freedom, capped at 4.
    near(evidence.interval?.low, 3.75 - 2.131846786 * Math.sqrt(1 / 3 + 2.9166666667 / 4), 1e-8);
    near(evidence.interval?.high, 3.75 + 2.131846786 * Math.sqrt(1 / 3 + 2.9166666667 / 4), 1e-8);
    expect(evidence.interval?.level).toBe(0.9);
  });

  it('are judged by ranks from five a side on', () => {
    const five = unpairedEvidence([10, 11, 12, 13, 14], [13, 14, 15, 17, 16], 0.05, 1e-12);
    expect(five).toMatchObject({ method: 'rank', estimate: 3 });
    near(five.interval?.level, 0.9047619047619048);
  });

  it('state how likely the shift is above or below a limit', () => {
    near(evidence.ranks.tails(0).greater, 1 / 35);
    near(evidence.ranks.tails(0).less, 1);
    near(evidence.ranks.tails(100).greater, 1);
    near(evidence.ranks.tails(100).less, 1 / 35);
    near(evidence.tails(3.75).greater, 0.5);
    near(evidence.tails(0).greater + evidence.tails(0).less, 1);
  });

  it('take values as far apart as the grain for equal', () => {
    const fine = unpairedEvidence([1, 2, 3], [1.01, 2.01, 3.01], 0.05, 1e-12).ranks.tails(0);
    const coarse = unpairedEvidence([1, 2, 3], [1.01, 2.01, 3.01], 0.05, 0.1).ranks.tails(0);
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

  it('show no interval and no spread where there is one value a side', () => {
    const many = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
    expect(unpairedEvidence([3], many, 0.2, 0).interval).toBeNull();
    expect(unpairedEvidence([3, 4], many, 0.2, 0).interval).not.toBeNull();
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
    near(pairedEvidence([0.5, 3, 4], 0.05, 1).ranks.tails(0).greater, 1 / 4);
    near(pairedEvidence([0.5, 3, 4], 0.05, 0.1).ranks.tails(0).greater, 1 / 8);
  });

  it('of one pair show no spread', () => {
    expect(pairedEvidence([2], 0.05, 0)).toMatchObject({ n: 1, estimate: 2, noise: null, detectable: null });
    expect(pairedEvidence([2, 4], 0.05, 0).noise).toBeCloseTo(Math.SQRT2, 12);
  });
});

it('counters that do not vary are certain: beyond the limit or not, but for rounding', () => {
  const evidence = certainEvidence(3, [4, 4], 0.01);
  expect(evidence).toMatchObject({
    analysis: 'unpaired',
    n: 4,
    estimate: 3,
    interval: { low: 3, high: 3, level: 1 },
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

it('values rounded to equal steps carry the variance of their rounding', () => {
  const evidence = unpairedEvidence([100, 100, 100], [101, 101, 101], 0.05, 1e-12);
  expect(evidence).toMatchObject({ method: 't', constant: true, estimate: 1 });
  near((evidence.interval?.high ?? 0) - 1, 2.131846786 * Math.sqrt((2 * (1 / 12)) / 3), 1e-7);
  expect(unpairedEvidence([5, 5], [5, 5], 0.05, 1e-12).interval).toMatchObject({ low: 0, high: 0 });
});

it('two values a side are also compared with one variance for both', () => {
  const evidence = unpairedEvidence([10, 10.2], [11, 11.1], 0.05, 1e-12);
  near(evidence.pooled?.tails(0).greater, 0.0074, 1e-3);
  expect(unpairedEvidence([10, 10.2, 10.1], [11, 11.1, 11], 0.05, 1e-12).pooled).toBeNull();
});
