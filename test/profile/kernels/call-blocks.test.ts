import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addCalls, createCallBlocks, gather, growGroups } from '../../../src/profile/kernels/call-blocks.ts';

const call = fc.record({
  group: fc.integer({ min: 0, max: 6 }),
  start: fc.integer({ min: 0, max: 1e6 }),
  duration: fc.oneof(
    { weight: 20, arbitrary: fc.integer({ min: 1, max: 5000 }) },
    fc.constantFrom(2 ** 32 - 1, 2 ** 40),
  ),
});

test('calls come out by group in order of arrival, whatever the order and however many, with the longest known', () => {
  fc.assert(
    fc.property(fc.array(call, { maxLength: 3000, size: 'max' }), fc.constantFrom(0, 10_000), (calls, expected) => {
      const blocks = createCallBlocks(4, expected);
      growGroups(blocks, 8);
      for (let from = 0; from < calls.length; from += 500) {
        const batch = calls.slice(from, from + 500);
        const starts = Float64Array.from(batch, ({ start }) => start);
        const ends = Float64Array.from(batch, ({ start, duration }) => start + duration);
        addCalls(
          blocks,
          Int32Array.from(batch, ({ group }) => group),
          starts,
          ends,
          batch.length,
        );
      }
      const { durations, offsets } = gather(blocks, 7);
      for (let group = 0; group < 7; group++) {
        const own = calls.filter((each) => each.group === group);
        expect([...durations.subarray(offsets[group], offsets[group + 1])]).toEqual(
          own.map(({ duration }) => duration),
        );
        const longest = Math.max(0, ...own.map(({ duration }) => duration));
        expect(blocks.slowest[group]).toBe(longest);
        expect(blocks.slowestStart[group]).toBe(own.find(({ duration }) => duration === longest)?.start ?? 0);
      }
      expect(durations.length).toBe(calls.length);
    }),
    { numRuns: 60 },
  );
});
