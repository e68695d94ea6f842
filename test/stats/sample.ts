// Shorthand for the samples of these tests.
import { expect } from 'vitest';
import type { Sample } from '../../src/verdict/decision.ts';

/** Valid trials that were not interleaved. */
export const trials = (values: readonly number[]): Sample[] =>
  values.map((value) => ({ value, block: null, excluded: false }));

/** Valid trials, the k-th of them in block k. */
export const blocked = (values: readonly number[]): Sample[] =>
  values.map((value, block) => ({ value, block, excluded: false }));

/** Equal to within `allowed`, relative above 1; no value stands for no value. */
export const near = (actual: number | null | undefined, expected: number | null | undefined, allowed = 1e-9): void => {
  if (typeof expected !== 'number') return expect(actual ?? null).toBeNull();
  expect(actual).toBeTypeOf('number');
  expect(Math.abs((actual ?? Number.NaN) - expected)).toBeLessThanOrEqual(allowed * Math.max(1, Math.abs(expected)));
};
