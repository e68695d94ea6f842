import { describe, expect, test } from 'vitest';
import { colourOf } from '../../../src/profile/diff/profile-verdict.ts';
import type { ProfileDiff } from '../../../src/profile/diff/profile-diff-schema.ts';

type Adverse = ProfileDiff['adverse'][number];

const adverse = (kind: Adverse['kind'], name: string): Adverse => ({ kind, name, rank: null, effect_ns: 1000, pct: 7 });
const [gemm, norm, silu] = ['gemm', 'rms_norm', 'silu'].map((name) => adverse('kernel', name));
const copies = adverse('bucket', 'copy');
const step = adverse('headline', 'time per step');

describe('the colour of a profile diff', () => {
  test.each([
    ['nothing slower', [], 'GREEN'],
    ['one kernel', [gemm], 'YELLOW'],
    ['a kernel and a bucket', [gemm, copies], 'YELLOW'],
    ['two kernels and a bucket', [gemm, norm, copies], 'RED'],
    ['three kernels', [gemm, norm, silu], 'RED'],
    ['the headline alone', [step], 'RED'],
    ['the headline beside one kernel', [step, gemm], 'RED'],
  ])('%s: %j is %s', (_, listed, colour) => {
    expect(colourOf(listed.flatMap((entry) => entry ?? []))).toBe(colour);
  });
});
