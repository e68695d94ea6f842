import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { orderKeys } from '../../src/compare/order-keys.ts';

describe('orderKeys', () => {
  const plain = fc.string({
    unit: fc.constantFrom('a', 'b', '0', '9', '_', '.', '~', '\u007f', '\u0000', 'é', 'ß', '漢'),
  });

  it('is sorting by code units, equal keys in the order given', () => {
    const keys = fc.array(
      fc.tuple(fc.constantFrom('', 'pair_', 'a long common beginning '), plain).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(keys, (of) => {
        const expected = of.map((_, position) => position);
        expected.sort((a, b) => {
          const [one = '', other = ''] = [of[a], of[b]];
          return one < other ? -1 : one > other ? 1 : a - b;
        });
        expect([...orderKeys(of)]).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  it('sorts a hundred thousand keys that share their beginning', () => {
    const keys = Array.from({ length: 100_000 }, (_, index) => `pair_${(index * 7919) % 100_000}_bw_gb_per_s`);
    expect(Array.from(orderKeys(keys), (position) => keys[position])).toEqual(
      keys.toSorted((a, b) => (a < b ? -1 : 1)),
    );
  });
});
