import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byDifference, byPercent, orderRows } from '../../src/compare/order-rows.ts';
import { judge } from '../../src/compare/judge.ts';
import { defaults, values } from './sides.ts';

describe('orderRows', () => {
  const [template] = judge(values({ a: 1 }), values({ a: 1 }), { policy: defaults }).rows;
  const row = (key: string, delta: number, delta_pct: number | null) => {
    if (template === undefined) throw new Error('no row');
    return { ...template, key, delta, delta_pct };
  };
  const size = fc.oneof(
    fc.constant(null),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.constantFrom(1, -1, 1 + 1e-12),
  );

  it('is sorting by magnitude, then key', () => {
    const rows = fc.uniqueArray(fc.tuple(fc.string({ maxLength: 4 }), size), { selector: ([key]) => key });
    fc.assert(
      fc.property(rows, (of) => {
        const all = of
          .map(([key, percent]) => row(key, percent ?? 0, percent))
          .filter((each) => Math.abs(each.delta_pct ?? 1) > 1e-40);
        const expected = [...all].sort((a, b) => {
          const [x, y] = [byPercent(a), byPercent(b)];
          return x === y ? (a.key < b.key ? -1 : 1) : y - x;
        });
        expect(orderRows(all, byPercent).map(({ key }) => key)).toEqual(expected.map(({ key }) => key));
      }),
    );
  });

  it('is that for a thousand rows of one magnitude, too', () => {
    const sizes = fc.constantFrom(1, -1, 1 + 1e-12, 1 - 1e-13);
    const keys = fc.uniqueArray(fc.string({ unit: fc.constantFrom('a', 'b', 'é', '\u007f', '1', '_') }), {
      minLength: 100,
      maxLength: 1000,
    });
    fc.assert(
      fc.property(keys, fc.array(sizes, { minLength: 1, maxLength: 7 }), (names, some) => {
        const all = names.map((key, index) => row(key, 1, some[index % some.length] ?? 1));
        const expected = [...all].sort((a, b) => byPercent(b) - byPercent(a) || (a.key < b.key ? -1 : 1));
        expect(orderRows(all, byPercent).map(({ key }) => key)).toEqual(expected.map(({ key }) => key));
      }),
      { numRuns: 40 },
    );
  });

  it('leaves the unchanged at the end in the order given', () => {
    const rows = [row('z', 0, 0), row('a', 0, 0), row('m', -2, -1), row('b', 0, 0)];
    expect(orderRows(rows, byDifference).map(({ key }) => key)).toEqual(['m', 'z', 'a', 'b']);
  });
});
