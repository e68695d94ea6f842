// A rank that is slow at the same work is named, also where all ranks are equally busy because the others wait for it.
import { expect, it } from 'vitest';
import { summariseProfile } from '../../src/profile/summarise-profile.ts';
import { smallSide, times, type Calls } from './small-side.ts';

const GEMM = 'nvjet_tst_128x256_64x4_2x1_v_bz_TNT';
const NORM = 'void vllm::rms_norm_kernel<c10::BFloat16>(c10::BFloat16*, int)';
const REDUCE = 'ncclDevKernel_AllReduce_Sum_bf16_RING_LL(ncclDevKernelArgsStorage<(unsigned long)4096>)';

const rankOf = (rank: number, gemm: number, reduce: number): Calls[] => [
  { rank, kernel: GEMM, ns: times(20, gemm) },
  { rank, kernel: NORM, ns: times(20, 30_000) },
  { rank, kernel: REDUCE, ns: times(20, reduce) },
];

const slowOf = (calls: readonly Calls[]) => summariseProfile(smallSide({ calls })).slow_ranks;

it('one slow rank of four', () => {
  const calls = [0, 1, 2, 3].flatMap((rank) =>
    rank === 2 ? rankOf(rank, 520_000, 100_000) : rankOf(rank, 400_000, 220_000),
  );
  const [slow, ...others] = slowOf(calls);
  expect(others).toEqual([]);
  expect(slow).toMatchObject({ rank: 'rank 2', bucket: 'gemm', excess_ns: 20 * 120_000 });
  expect(slow?.slower_pct).toBeCloseTo(30);
});

it('one slow rank of two', () => {
  expect(slowOf([...rankOf(0, 400_000, 1), ...rankOf(1, 500_000, 1)])).toMatchObject([{ rank: 'rank 1' }]);
});

it('ranks with more calls, or other launches, are not slow', () => {
  const more: Calls[] = [...rankOf(1, 400_000, 1), { rank: 1, kernel: GEMM, ns: times(20, 400_000), grid: 64 }];
  expect(slowOf([...rankOf(0, 400_000, 1), ...more])).toEqual([]);
  expect(slowOf([...rankOf(0, 400_000, 1), { rank: 1, kernel: GEMM, ns: times(40, 400_000) }])).toEqual([]);
});

it('the spread of equal GPUs, one rank alone, and waiting in a collective are not slow', () => {
  expect(slowOf([...rankOf(0, 400_000, 1), ...rankOf(1, 412_000, 500_000)])).toEqual([]);
  expect(slowOf(rankOf(0, 400_000, 1))).toEqual([]);
});
