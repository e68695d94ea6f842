import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sortAscending } from '../../../src/profile/kernels/sort-durations.ts';

const nanoseconds = fc.oneof(
  fc.integer({ min: 900_000, max: 1_100_000 }),
  fc.integer({ min: 0, max: 0xffffffff }),
  fc.constantFrom(0, 0xff, 0x100, 0xffff, 0x10000, 0xffffff, 0x1000000, 0xffffffff),
);

test('durations sort as by comparison, however far apart they lie', () => {
  fc.assert(
    fc.property(fc.array(nanoseconds, { maxLength: 300 }), (values) => {
      const ours = Uint32Array.from(values);
      sortAscending(ours);
      expect([...ours]).toEqual(values.toSorted((a, b) => a - b));
    }),
  );
});

test('durations beyond 2^32 ns sort too', () => {
  const values = Float64Array.from({ length: 100 }, (_, i) => 2 ** 33 - ((i * 37) % 100));
  sortAscending(values);
  expect([...values]).toEqual(Array.from({ length: 100 }, (_, i) => 2 ** 33 - 99 + i));
});
