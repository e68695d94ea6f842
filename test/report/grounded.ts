// Evidence of the speed of light for tests of the report: kernels, counters of single kernels and of GPUs, and the ceilings of the product.
import { readFileSync } from 'node:fs';
import { parseCeilings } from '../../src/hardware/ceilings.ts';
import { findModel } from '../../src/roofline/find-model.ts';
import type { CountedKernels, Counters, Kernels } from '../../src/report/cell-captures.ts';
import type { ModelOutcome } from '../../src/report/models.ts';

const CEILINGS = 'configs/sol-ceilings.yaml';
export const shippedCeilings = await parseCeilings(readFileSync(CEILINGS, 'utf8'), CEILINGS);

export const LONG_KERNEL =
  'void_cutlass_device_kernel_flash_attn_enable_sm90_FlashAttnFwdSm90_CollectiveMainloopFwdSm90_2_cute_tuple_C_1_128_128';

const SHARES = [
  ['MoE', 'moe', 380],
  ['FMHA', 'attention', 250],
  ['NCCL', 'collective', 140],
  ['BMM-NVFP4', 'gemm', 90],
  ['cuBLAS', 'gemm', 60],
  ['Elementwise', 'elementwise', 40],
  ['Triton-fused', 'elementwise', 30],
  ['Other', 'other', 10],
] as const;

/** All eight categories, in microseconds of nsys. */
export const kernelsOf = (cell: string): Kernels => ({
  cell,
  document: {
    sources: [
      {
        source: 'nsys',
        unit: 'ns',
        per_category: Object.fromEntries(SHARES.map(([category, , value]) => [category, 1000 * value])),
        top_kernels: SHARES.map(([category, bucket, value]) => ({
          name: `${category}_kernel`,
          category,
          bucket,
          value: 1000 * value,
          calls: 10,
        })),
      },
    ],
  },
});

/** So many kernels of ncu, the first one the longest; every third without a place under the roof. */
export const countedOf = (cell: string, count: number, name = LONG_KERNEL): CountedKernels => ({
  cell,
  document: {
    hw_key: null,
    kernels: Array.from({ length: count }, (_, index) => ({
      name: `${name}_${index}`,
      category: SHARES[index % SHARES.length]?.[0] ?? 'Other',
      launches: 100 + index,
      kernel_time_ns: 200_000 / (1 + index),
      dram_bytes_total: 4e9 / (1 + index),
      sm_flops_total: 1e11,
      tensor_flops_total: 4e12 / (1 + index),
      arithmetic_intensity_flops_per_byte: index % 3 === 2 ? null : 2 * 1.12 ** index,
      achieved_dram_pct_peak: 82 - index,
      achieved_sm_pct_peak: 18 + ((index * 37) % 60),
      achieved_occupancy_pct: 40,
      achieved_tflops: index % 3 === 2 ? null : 12 * 1.1 ** index,
      block_limit_factor: 'shared_mem',
    })),
  },
});

/** Counters of a window, with one category that ncu measured and one that nothing did. */
export const countersOf = (cell: string, given: Partial<Counters['document']> = {}): Counters => ({
  cell,
  document: {
    hw_key: 'b200_sm100',
    n_gpus: 8,
    duration_s: 600,
    regime: 'memory',
    resources: [
      { peak_key: 'hbm3e_tbps', metric: 'DCGM_FI_PROF_DRAM_ACTIVE', measured_avg: 0.42, sol_pct: 42, best_pct: 45.9, share_of: 'rate' },
      { peak_key: 'nvfp4_dense_pflops', metric: 'DCGM_FI_PROF_PIPE_TENSOR_ACTIVE', measured_avg: 0.05, sol_pct: 5, best_pct: null, share_of: 'busy time' },
    ],
    means: { gr_engine_active: 0.9 },
    per_category_attribution: [
      { category: 'FMHA', basis: 'ncu', time_share_pct: 25, sol_pct_bw: 81.25, sol_pct_compute: 18, bound: 'bandwidth', ceiling_metric: 'b200_sm100.hbm3e_tbps' },
    ],
    per_category_estimate: [{ category: 'MoE', share_pct: 38, share_of: 'kernel time' }],
    ...given,
  },
}); // prettier-ignore

/** DeepSeek-V3 in FP8, as the product knows its shape. */
export const knownModel = async (): Promise<ModelOutcome> => {
  const places = { root: '.', productFolder: '.', env: {}, signal: new AbortController().signal };
  const configs = await findModel('deepseek-ai/DeepSeek-V3', places);
  if (configs === null) throw new Error('configs/model-shapes.yaml does not hold the shape');
  return { kind: 'configs', configs };
};
