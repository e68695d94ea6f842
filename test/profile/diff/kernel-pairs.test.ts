import { describe, expect, test } from 'vitest';
import { pairKernels } from '../../../src/profile/diff/kernel-pairs.ts';
import type { NamedKernel } from '../../../src/profile/diff/kernel-pairs.ts';

/** A GEMM by its tile; `meanUs` for each of its calls. */
const gemm = (tile: string, count: number, meanUs: number): NamedKernel => ({
  name: `nvjet_tst_${tile}_v_bz_TNT`,
  shortName: `nvjet_tst_${tile}_v_bz_TNT`,
  bucket: 'gemm',
  count,
  totalNs: count * meanUs * 1000,
});

const partnerOf = (old: NamedKernel, candidates: readonly NamedKernel[], workRatio = 1): string | null | undefined =>
  pairKernels([old], candidates, workRatio).find(({ baseline }) => baseline === old.name)?.candidate;

describe('kernels that differ in their tile only', () => {
  const old = gemm('128x256', 100, 400);

  test.each([
    ['as often and as long', gemm('64x64', 100, 400), true],
    ['3.9 times as often', gemm('64x64', 390, 400), true],
    ['4.1 times as often', gemm('64x64', 410, 400), false],
    ['a quarter as often and less', gemm('64x64', 24, 400), false],
    ['calls 15 times as long: a length counts half', gemm('64x64', 100, 15 * 400), true],
    ['calls 17 times as long', gemm('64x64', 100, 17 * 400), false],
    ['twice as often and 3.9 times as long: both add up', gemm('64x64', 200, 3.9 * 400), true],
    ['twice as often and 4.1 times as long', gemm('64x64', 200, 4.1 * 400), false],
  ])('%s', (_, now, paired) => {
    expect(partnerOf(old, [now])).toBe(paired ? now.name : null);
  });

  test('counts are judged by the work that both sides did', () => {
    const now = gemm('64x64', 500, 400);
    expect(partnerOf(old, [now])).toBeNull();
    expect(partnerOf(old, [now], 5)).toBe(now.name);
  });

  test('of two partners the one with the nearer count wins over the one with the nearer length', () => {
    const [often, long] = [gemm('64x64', 180, 400), gemm('32x32', 100, 1000)];
    expect(partnerOf(old, [often, long])).toBe(long.name);
    expect(partnerOf(old, [long, often])).toBe(long.name);
  });

  test('each partner is taken once, by the closest', () => {
    const other = gemm('256x256', 100, 900);
    const now = gemm('64x64', 100, 420);
    expect(pairKernels([other, old], [now], 1)).toEqual([
      { baseline: old.name, candidate: now.name },
      { baseline: other.name, candidate: null },
    ]);
  });
});

test('equal names but for a template literal pair however far apart they are', () => {
  const [old, now] = ['(int)128', '128'].map((literal, at): NamedKernel => ({
    name: `void flash_fwd<${literal}>(Params)`,
    shortName: 'flash_fwd',
    bucket: 'attention',
    count: at === 0 ? 10 : 10_000,
    totalNs: 1e6,
  }));
  expect(old !== undefined && now !== undefined ? partnerOf(old, [now]) : null).toBe(now?.name);
});
