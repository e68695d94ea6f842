// The test between calls of two captures against counting every pair.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { shiftOf, shiftP } from '../../../src/profile/diff/rank-shift.ts';
import { normalCdf } from '../../../src/stats/normal-distribution.ts';

const ascending = (values: readonly number[]): Float64Array => Float64Array.from(values).sort();

const shift = (baseline: readonly number[], candidate: readonly number[], factor = 1) =>
  shiftOf({ baseline: ascending(baseline), candidate: ascending(candidate) }, factor);

/** Pairs in which the candidate is longer less those in which it is shorter, halved; and the variance of that with its ties. */
const byPairs = (a: readonly number[], b: readonly number[]) => {
  const n = a.length + b.length;
  const signs = b.flatMap((y) => a.map((x) => Math.sign(y - x)));
  const all = [...a, ...b];
  const ties = [...new Set(all)].map((value) => all.filter((each) => each === value).length);
  const correction = ties.reduce((sum, t) => sum + (t ** 3 - t), 0) / (n * (n - 1));
  return {
    excess: signs.reduce<number>((sum, sign) => sum + sign, 0) / 2 / (n + 1),
    variance: ((a.length * b.length) / 12) * ((n + 1 - correction) / (n + 1) ** 2),
    largest: (a.length * b.length) / 2 / (n + 1),
  };
};

describe('what a stratum adds', () => {
  const calls = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 25 });

  test('is the excess of pairs, with ties corrected', () => {
    fc.assert(
      fc.property(calls, calls, (a, b) => {
        const { excess, variance, largest } = byPairs(a, b);
        expect(shift(a, b).excess).toBeCloseTo(excess, 10);
        expect(shift(a, b).variance).toBeCloseTo(variance, 10);
        expect(shift(a, b).largest).toBeCloseTo(largest, 10);
      }),
    );
  });

  test('turns with the sides', () => {
    fc.assert(
      fc.property(calls, calls, (a, b) => {
        expect(shift(a, b).excess).toBeCloseTo(-shift(b, a).excess, 10);
      }),
    );
  });

  test('is judged against the baseline times the factor, in whole ns', () => {
    expect(shift([10, 20, 30], [11, 22, 33], 1.1)).toEqual(shift([11, 22, 33], [11, 22, 33]));
    expect(shift([10, 20, 33], [11, 22, 36], 1.1).excess).toBe(0);
    expect(shift([10, 20, 30], [10, 20, 30], 1.1).excess).toBeLessThan(0);
  });

  test('is nothing where a side has no calls', () => {
    const nothing = { excess: 0, variance: 0, largest: 0 };
    expect(shift([], [1, 2])).toEqual(nothing);
    expect(shift([1, 2], [])).toEqual(nothing);
  });

  test('takes a thousand calls a side, evenly from all', () => {
    const every = Array.from({ length: 5000 }, (_, at) => at);
    const thinned = Array.from({ length: 1000 }, (_, at) => 5 * at + 2);
    expect(shift(every, every.slice(0, 40))).toEqual(shift(thinned, every.slice(0, 40)));
    expect(shift(every.slice(0, 40), every)).toEqual(shift(every.slice(0, 40), thinned));
    const more = Array.from({ length: 1300 }, (_, at) => at);
    const ofMore = Array.from({ length: 1000 }, (_, at) => Math.floor((at + 0.5) * 1.3));
    expect(shift(more, more.slice(0, 400))).toEqual(shift(ofMore, more.slice(0, 400)));
  });
});

describe('the p of strata together', () => {
  const ten = Array.from({ length: 10 }, (_, at) => 10 * at);
  const later = ten.map((ns) => ns + 35);

  test('is two-sided, from the sum of what they add', () => {
    const one = shift(ten, later);
    const z = (count: number): number => (count * one.excess) / Math.sqrt(count * one.variance);
    expect(shiftP([one])).toBeCloseTo(2 * normalCdf(-z(1)), 12);
    expect(shiftP([one, one, one])).toBeCloseTo(2 * normalCdf(-z(3)), 12);
    expect(shiftP([shift(later, ten)])).toBeCloseTo(shiftP([one]) ?? 0, 12);
    expect(shiftP([one, shift(later, ten)])).toBe(1);
  });

  test('is unknown without calls, without a difference among them, or with so few that none could show', () => {
    expect(shiftP([])).toBeNull();
    expect(shiftP([shift([], ten)])).toBeNull();
    expect(shiftP([shift([5, 5, 5, 5, 5, 5], [5, 5, 5, 5, 5, 5])])).toBeNull();
    expect(shiftP([shift([1, 2, 3], [4, 5, 6])])).toBeCloseTo(0.0495, 4);
    expect(shiftP([shift([1, 2, 3], [4, 5])])).toBeNull();
  });
});
