import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cliffsDelta, cliffsDeltaBand } from '../../src/stats/cliffs-delta.ts';
import { hodgesLehmann } from '../../src/stats/hodges-lehmann.ts';
import { mannWhitney } from '../../src/stats/mann-whitney.ts';
import { midranks } from '../../src/stats/midranks.ts';
import { signedRank, walshInterval } from '../../src/stats/signed-rank.ts';
import { near } from './sample.ts';

const small = (min: number, max: number) =>
  fc.array(fc.integer({ min: -4, max: 4 }), { minLength: min, maxLength: max });

/** All ways to choose `size` of the positions 0 … all - 1. */
const choices = (all: number, size: number): number[][] => {
  if (size === 0) return [[]];
  if (size > all) return [];
  return [...choices(all - 1, size), ...choices(all - 1, size - 1).map((chosen) => [...chosen, all - 1])];
};

const shareOf = (figures: readonly number[], holds: (figure: number) => boolean): number =>
  figures.filter(holds).length / figures.length;

describe('midranks', () => {
  it('equal values share the mean of their ranks', () =>
    expect(midranks([3, 1, 3, 2, 3])).toEqual({ ranks: [4, 1, 4, 2, 4], groups: [1, 1, 3] }));
});

describe('Mann-Whitney', () => {
  it('is exact with ties and unequal sizes', () => {
    const test = mannWhitney([31.2, 30.8, 31.2, 32.0], [31.2, 33.1, 32.0, 34.5, 33.1]);
    near(test.pCandidateGreater, 0.05555555555555555);
    near(test.pCandidateLess, 0.9920634920634921);
  });

  it('agrees with listing every relabeling', () => {
    fc.assert(
      fc.property(small(1, 5), small(1, 5), (baseline, candidate) => {
        const { ranks } = midranks([...baseline, ...candidate]);
        const sum = (positions: readonly number[]): number =>
          positions.reduce((total, at) => total + (ranks[at] ?? 0), 0);
        const all = choices(ranks.length, candidate.length).map(sum);
        const observed = sum(candidate.map((_, index) => baseline.length + index));
        const test = mannWhitney(baseline, candidate);
        near(
          test.pCandidateGreater,
          shareOf(all, (figure) => figure >= observed),
        );
        near(
          test.pCandidateLess,
          shareOf(all, (figure) => figure <= observed),
        );
      }),
      { numRuns: 100 },
    );
  });

  it('matches the textbook normal approximation (SciPy, method asymptotic)', () => {
    const ladder = (count: number, step: number, from: number): number[] =>
      Array.from({ length: count }, (_, index) => from + (index % 12) * step);
    near(mannWhitney(ladder(55, 1, 0), ladder(60, 1, 2)).pTwoSided, 0.0009794284818476406);
  });
});

describe('Hodges-Lehmann', () => {
  it('has no 90 percent interval below 3 a side and none at 95 below 4', () => {
    expect(hodgesLehmann([1, 2], [3, 4], 0.05).interval).toBeNull();
    expect(hodgesLehmann([1, 2, 3], [3, 4, 5], 0.05).interval?.level).toBe(0.9);
    expect(hodgesLehmann([1, 2, 3], [3, 4, 5], 0.025).interval).toBeNull();
  });

  it('is moved little by one wild value', () => {
    const calm = hodgesLehmann([10, 10.1, 10.2, 10.3, 10.4], [11, 11.1, 11.2, 11.3, 11.4], 0.05);
    const wild = hodgesLehmann([10, 10.1, 10.2, 10.3, 10.4], [11, 11.1, 11.2, 11.3, 900], 0.05);
    expect(Math.abs(wild.estimate - calm.estimate)).toBeLessThan(0.11);
  });

  it('holds zero exactly when the test does not reject, where nothing is tied', () => {
    const values = fc.uniqueArray(fc.integer({ min: -1000, max: 1000 }), { minLength: 6, maxLength: 16 });
    fc.assert(
      fc.property(values, fc.integer({ min: 3, max: 8 }), (all, n) => {
        const [baseline, candidate] = [all.slice(0, n), all.slice(n)];
        if (candidate.length < 3 || baseline.length < 3) return;
        const { interval } = hodgesLehmann(baseline, candidate, 0.05);
        const rejected = mannWhitney(baseline, candidate).pCandidateGreater <= 0.05 + 1e-12;
        expect((interval?.low ?? 0) > 0).toBe(rejected);
      }),
    );
  });

  it('passes from the exact order to the normal one without a jump', () => {
    const ramp = (count: number, from: number): number[] => Array.from({ length: count }, (_, i) => from + i * 1.01);
    const exact = hodgesLehmann(ramp(50, 0), ramp(50, 0.3), 0.05).interval;
    const normal = hodgesLehmann(ramp(50, 0), ramp(51, 0.3), 0.05).interval;
    expect(exact?.level).toBeGreaterThanOrEqual(0.9);
    near(normal?.low, exact?.low, 0.6);
  });
});

describe('signed rank', () => {
  it('leaves zeros out and gives ties their midrank', () => {
    const test = signedRank([1.2, -0.4, 2.2, 0.9, 0.4, 0, 1.7, -0.3]);
    expect([test.wPlus, test.nNonzero]).toEqual([24.5, 7]);
    near(test.pGreater, 0.046875);
    near(test.pLess, 0.96875);
  });

  it('agrees with listing every choice of signs', () => {
    fc.assert(
      fc.property(small(1, 8), (differences) => {
        const nonzero = differences.filter((difference) => difference !== 0);
        const { ranks } = midranks(nonzero.map(Math.abs));
        const sums = nonzero.reduce((all, _, i) => all.flatMap((sum) => [sum, sum + (ranks[i] ?? 0)]), [0]);
        const test = signedRank(differences);
        near(
          test.pGreater,
          shareOf(sums, (sum) => sum >= test.wPlus),
        );
        near(
          test.pLess,
          shareOf(sums, (sum) => sum <= test.wPlus),
        );
      }),
      { numRuns: 100 },
    );
  });

  it('needs 5 pairs for a 90 percent interval', () => {
    expect(walshInterval([1, 2, 3, 4], 0.05).interval).toBeNull();
    expect(walshInterval([1, 2, 3, 4, 5], 0.05).interval).toEqual({ low: 1, high: 5, level: 0.9375, order: 1 });
  });

  it('reaches past the exact table', () => {
    const differences = Array.from({ length: 140 }, (_, i) => ((i * 37) % 101) - 45);
    const { interval, estimate } = walshInterval(differences, 0.05);
    expect(interval?.low).toBeLessThan(estimate);
    expect(signedRank(differences).pGreater).toBeLessThan(0.05);
  });
});

describe("Cliff's delta", () => {
  it('runs from -1 to 1 and flips with the sides', () => {
    expect(cliffsDelta([1, 2], [3, 4])).toBe(1);
    expect(cliffsDelta([3, 4], [1, 2])).toBe(-1);
    expect(cliffsDelta([1, 2], [1, 2])).toBe(0);
  });
  it.each([
    [0, 'negligible'],
    [0.1469, 'negligible'],
    [0.147, 'small'],
    [-0.2, 'small'],
    [0.3299, 'small'],
    [0.33, 'medium'],
    [0.4739, 'medium'],
    [0.474, 'large'],
    [-0.9, 'large'],
  ])('%f is %s', (delta, band) => expect(cliffsDeltaBand(delta)).toBe(band));
});
