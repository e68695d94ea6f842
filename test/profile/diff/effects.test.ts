import { describe, expect, test } from 'vitest';
import { effectsOf, perCallPercent, percentOf } from '../../../src/profile/diff/effects.ts';

const of = (count: number, totalNs: number) => ({ count, totalNs });

describe('a change of ten calls of 100 ns is split into calls and their length:', () => {
  test.each([
    ['nothing', of(10, 1000), [0, 0, 0]],
    ['two calls more', of(12, 1200), [200, 200, 0]],
    ['calls of 130 ns', of(10, 1300), [300, 0, 300]],
    ['five calls fewer, of 300 ns', of(5, 1500), [500, -500, 1000]],
    ['all calls gone', of(0, 0), [-1000, -1000, 0]],
  ] as const)('%s', (_, after, [delta, count, perCall]) => {
    expect(effectsOf(of(10, 1000), after)).toEqual({
      delta_ns: delta,
      count_effect_ns: count,
      per_call_effect_ns: perCall,
    });
  });

  test('what is new is calls alone', () => {
    expect(effectsOf(of(0, 0), of(4, 601))).toEqual({ delta_ns: 601, count_effect_ns: 601, per_call_effect_ns: 0 });
    expect(effectsOf(of(0, 0), of(0, 0))).toEqual({ delta_ns: 0, count_effect_ns: 0, per_call_effect_ns: 0 });
  });

  test('in whole nanoseconds that add up', () => {
    expect(effectsOf(of(3, 100), of(4, 150))).toEqual({ delta_ns: 50, count_effect_ns: 33, per_call_effect_ns: 17 });
  });
});

test.each([
  [of(10, 1000), of(20, 3000), 50],
  [of(10, 1000), of(1, 75), -25],
  [of(1, 50), of(1, 100), 100],
  [of(0, 0), of(1, 100), null],
  [of(1, 100), of(0, 0), null],
  [of(1, 0), of(1, 100), null],
])('a call of %j is by so many percent longer in %j: %s', (before, after, percent) => {
  expect(perCallPercent(before, after)).toBe(percent);
});

test.each([
  [100, 150, 50],
  [1, 0.5, -50],
  [0, 5, null],
  [null, 5, null],
  [5, null, null],
])('from %s to %s are %s percent', (before, after, percent) => {
  expect(percentOf(before, after)).toBe(percent);
});
