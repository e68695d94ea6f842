import { describe, expect, test } from 'vitest';
import { headlineOf } from '../../../src/profile/diff/headline.ts';
import { EMPTY_SIDE } from '../../../src/profile/inputs/side-parts.ts';
import { cellsOf } from '../../../src/profile/kernels/kernel-cells.ts';
import type { ProfileSide } from '../../../src/profile/model/profile-side.ts';

/** A capture without steps on one rank: kernels by name with their total time in us, ten calls each. */
const capture = (times: Readonly<Record<string, number>>): ProfileSide => ({
  ...EMPTY_SIDE,
  format: 'nsys-stats',
  sources: [],
  ranks: [{ label: 'rank 0', host: null, pid: null, device: 0, gpuUuid: null, gpuName: null }],
  kernels: Object.keys(times).map((name) => ({
    name,
    shortName: name,
    bucket: 'gemm',
    category: 'cuBLAS',
    collective: false,
  })),
  groups: Object.values(times).map((us, kernel) => ({
    rank: 0,
    kernel,
    config: -1,
    stepType: -1,
    count: 10,
    totalNs: us * 1000,
    squaresNs: null,
    offset: -1,
    given: null,
    slowestStartNs: null,
  })),
});

const basisOf = (before: ProfileSide, after: ProfileSide): string =>
  headlineOf([before], [after], { baseline: cellsOf([before]), candidate: cellsOf([after]) }, null).basis;

describe('without steps the largest kernel of both sides counts the work, where both do the same work', () => {
  test.each([
    ['half of the time of each side is in kernels of both', { gemm: 50, prefill: 50 }, { gemm: 50, decode: 50 }, true],
    ['51 and 90 percent', { gemm: 51, prefill: 49 }, { gemm: 90, decode: 10 }, true],
    ['49 percent of the baseline', { gemm: 49, prefill: 51 }, { gemm: 90, decode: 10 }, false],
    ['49 percent of the candidate', { gemm: 90, prefill: 10 }, { gemm: 49, decode: 51 }, false],
    ['no kernel in common', { prefill: 100 }, { decode: 100 }, false],
  ])('%s', (_, before, after, same) => {
    expect(basisOf(capture(before), capture(after))).toBe(same ? 'dominant_kernel' : 'none');
  });

  test('of two that take as long the first of the baseline counts', () => {
    const side = capture({ gemm: 50, softmax: 50 });
    expect(headlineOf([side], [side], { baseline: cellsOf([side]), candidate: cellsOf([side]) }, null).unit).toBe(
      'gemm call',
    );
  });

  test('kernels that differ in their tile only are the same work', () => {
    const before = capture({ nvjet_tst_128x256_v: 60, softmax: 40 });
    const after = capture({ nvjet_tst_64x64_v: 60, softmax: 40 });
    expect(basisOf(before, after)).toBe('dominant_kernel');
  });
});
