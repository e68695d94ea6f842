import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { paretoFrontOf, type Place } from '../../src/stats/pareto-front.ts';

describe('the front', () => {
  test.each([
    ['of nothing', [], []],
    [
      'leaves out what is beaten on both axes',
      [
        [1, 3],
        [2, 2],
        [1, 1],
        [3, 1],
      ],
      [0, 1, 3],
    ],
    [
      'holds equal points together',
      [
        [1, 1],
        [1, 1],
        [0, 0],
      ],
      [0, 1],
    ],
    [
      'leaves out one that ties on an axis and is worse on the other',
      [
        [2, 2],
        [2, 1],
        [1, 2],
      ],
      [0],
    ],
    ['never holds a point without a place', [null, [1, 1]], [1]],
  ] as const)('%s', (_name, places, expected) => {
    expect(paretoFrontOf(places, ['higher', 'higher'])).toEqual(expected);
  });

  test('is that of comparing every pair, whichever way is better', () => {
    const place = fc.tuple(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 6 }));
    const better = fc.constantFrom('higher' as const, 'lower' as const);
    fc.assert(
      fc.property(fc.array(place, { maxLength: 30 }), better, better, (places: readonly Place[], x, y) => {
        const asGood = (a: number, b: number, way: string): boolean => (way === 'higher' ? a >= b : a <= b);
        const beats = (a: Place, b: Place): boolean =>
          asGood(a[0], b[0], x) && asGood(a[1], b[1], y) && (a[0] !== b[0] || a[1] !== b[1]);
        const slow = places.flatMap((each, index) => (places.some((other) => beats(other, each)) ? [] : [index]));
        expect(paretoFrontOf(places, [x, y])).toEqual(slow);
      }),
    );
  });
});
