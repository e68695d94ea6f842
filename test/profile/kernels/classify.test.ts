import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadBucketRules } from '../../../src/profile/kernels/bucket-rules.ts';
import { classifier, kernelHead } from '../../../src/profile/kernels/classify.ts';
import type { Classify } from '../../../src/profile/kernels/classify.ts';
import { readProfile } from '../../../src/profile/read/read-profile.ts';
import { KERNEL_NAMES } from './kernel-name-cases.ts';
import { scratchFolder } from '../../fs/scratch.ts';
import { hasSamples, sample } from '../shared-samples.ts';

let classify: Classify;
beforeAll(async () => {
  classify = classifier(await loadBucketRules());
});

test('at least 150 names of real kernels are listed', () => {
  const names = KERNEL_NAMES.flatMap((group) => group.names.map(([name]) => name));
  expect(new Set(names).size).toBe(names.length);
  expect(names.length).toBeGreaterThanOrEqual(150);
});

describe.each(KERNEL_NAMES)('kernels of $source', ({ names }) => {
  test.each(names)('%s is %s', (name, bucket) => {
    expect(classify(name).bucket).toBe(bucket);
  });
});

test.each([
  ['ncclDevKernel_SendRecv(ncclDevKernelArgsStorage<4096ul>)', 'NCCL'],
  ['void moe::dev::routing::routingCustom::routingIndicesClusterKernel', 'MoE'],
  ['bmm_Bfloat16_Bfloat16Bfloat16_Fp32_t128x8x128u2_s6', 'MoE'],
  ['bmm_E2m1_E2m1E2m1_Fp32_t128x8x512_s7', 'BMM-NVFP4'],
  ['fmhaSm100aKernel_QE4m3KvE2m1OE4m3H128', 'FMHA'],
  ['triton_poi_fused_add_mul_12', 'Triton-fused'],
  ['triton_red_fused_fused_add_rms_norm_moe_forward_0', 'Triton-fused'],
  ['nvjet_tst_64x32_64x16_2x2_2cta_h_bz_splitK_TNT', 'cuBLAS'],
  ['void at::native::vectorized_elementwise_kernel<4, at::native::CUDAFunctor_add<float>>(int)', 'Elementwise'],
  ['some_kernel_that_nobody_knows', 'Other'],
])('%s is in the report column %s', (name, category) => {
  expect(classify(name).category).toBe(category);
});

test('the head of a name has no return type, template arguments or parameters', () => {
  expect(kernelHead('void at::native::(anonymous namespace)::softmax<float>(int)')).toBe(
    'at::native::anonymous::softmax',
  );
  expect(kernelHead('nvjet_tst')).toBe('nvjet_tst');
});

describe.skipIf(!hasSamples)('at most 2 percent of GPU time is in no bucket', () => {
  const captures = [
    'nsys/mfu_2gpu_before.sqlite',
    'nsys/mfu_2gpu_after.sqlite',
    'nsys/export_mock.sqlite',
    'nsys/export_healthy_1pct.sqlite',
    'nsys/cuda_gpu_kern_sum_table_b200_vllm_nvfp4.txt',
    'torch-profiler/alexnet.json',
    'torch-profiler/mi250_minitoy_train.json',
    'torch-profiler/triton_example.json',
    'ncu/cublaslt_gemm_sm100_details.csv.log',
    'bundles/nsys-bundle/nsys/cuda_gpu_kern_sum.txt',
  ];
  test.each(['nsys', 'torch-profiler', 'ncu', 'bundles'])('of the captures in %s', async (folder) => {
    for (const name of captures.filter((path) => path.startsWith(`${folder}/`))) {
      const side = await readProfile([sample(name)], { cacheDir: join(import.meta.dirname, 'none') });
      const timeOf = (groups: typeof side.groups): number => groups.reduce((sum, group) => sum + group.totalNs, 0);
      const other = side.groups.filter((group) => side.kernels[group.kernel]?.bucket === 'other');
      expect(timeOf(other) / timeOf(side.groups)).toBeLessThanOrEqual(0.02);
      expect(side.groups.length).toBeGreaterThan(0);
    }
  });
});

test('rules that name no bucket of ours are a fault with the place', async () => {
  await expect(loadBucketRules(join(import.meta.dirname, '../../../package.json'))).rejects.toMatchObject({
    code: 'bucket_rules_invalid',
  });
});

describe('rules that somebody has edited', () => {
  const folder = scratchFolder('bucket-rules');
  const rulesWith = async (pattern: string) => {
    mkdirSync(join(folder, 'configs'), { recursive: true });
    const path = join(folder, 'configs', 'kernel-buckets.yaml');
    const rule = { bucket: 'gemm', category: 'cuBLAS', name: [pattern] };
    writeFileSync(path, JSON.stringify({ category_of_triton: 'Triton-fused', rules: [rule] }));
    return loadBucketRules(path);
  };

  test('count, and a pattern that never ends is ended and named', async () => {
    const edited = classifier(await rulesWith('^(a+)+$'));
    expect(edited('aaa').bucket).toBe('gemm');
    expect(() => edited(`${'a'.repeat(50)}!`)).toThrow(
      expect.objectContaining({ code: 'bucket_rules_too_slow', message: expect.stringContaining('aaa') }),
    );
    expect(edited('aa').bucket).toBe('gemm');
  });

  test('are refused where a pattern is none', async () => {
    await expect(rulesWith('(a')).rejects.toMatchObject({
      code: 'bucket_rules_invalid',
      message: 'the pattern "(a" of gemm cannot be read',
    });
  });
});
