import { describe, expect, it } from 'vitest';
import { distinctNames } from '../../../src/profile/kernels/reduced-names.ts';

const ELEMENTWISE = 'void at::native::vectorized_elementwise_kernel<4, at::native::';
const TAIL = '<float>, std::array<char*, 2ul> >(int, float)';

describe('names of kernels side by side', () => {
  it('show where they differ when their beginnings and ends are alike', () => {
    const names = ['FillFunctor', 'AddFunctor'].map((functor) => `${ELEMENTWISE}${functor}${TAIL}`);
    expect(distinctNames(names, 42)).toEqual([
      'vectorized_e..., FillFunctor<float>, ar...',
      'vectorized_e..., AddFunctor<float>, arr...',
    ]);
  });

  it('stay whole where they fit, and alike where they are the same', () => {
    expect(distinctNames(['gemm<1>', 'gemm<2>', 'gemm<1>'], 42)).toEqual(['gemm<1>', 'gemm<2>', 'gemm<1>']);
    const long = `${ELEMENTWISE}FillFunctor${TAIL}`;
    expect(new Set(distinctNames([long, long], 42)).size).toBe(1);
  });
});
