import { describe, expect, test } from 'vitest';
import { survivors } from '../../src/autotune/elimination.ts';
import { seededRandom } from '../../src/stats/random.ts';

describe('who stays in a search', () => {
  test('statistical ties stay, what is clearly worse goes', () => {
    const field = [
      { key: 'best', values: [1, 1.01, 0.99] },
      { key: 'tie', values: [1.01, 1, 1.02] },
      { key: 'worse', values: [1.5, 1.51, 1.49] },
    ];
    expect(survivors(field)).toEqual(['best', 'tie']);
  });

  test('all stay while no noise is known', () => {
    expect(
      survivors([
        { key: 'a', values: [1] },
        { key: 'b', values: [9] },
      ]),
    ).toEqual(['a', 'b']);
  });

  test('one trial is enough to go when others show how large the noise is', () => {
    const field = [
      { key: 'baseline', values: [1, 1.01, 0.99, 1, 1.005] },
      { key: 'slow', values: [2] },
      { key: 'near', values: [1.01] },
    ];
    expect(survivors(field)).toEqual(['baseline', 'near']);
  });

  test('a candidate alone stays', () => {
    expect(survivors([{ key: 'a', values: [1, 2] }])).toEqual(['a']);
  });

  test('a true best that leads by little is lost in at most 5 of 100 fields of noise', () => {
    const random = seededRandom(4);
    const lost = Array.from({ length: 400 }, () => {
      const field = Array.from({ length: 8 }, (_, index) => ({
        key: String(index),
        values: Array.from({ length: 3 }, () => (index === 0 ? 0.99 : 1) * Math.exp(0.03 * random.normal())),
      }));
      return !survivors(field).includes('0');
    }).filter(Boolean);
    expect(lost.length / 400).toBeLessThanOrEqual(0.05);
  });
});
