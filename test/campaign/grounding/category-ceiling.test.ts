import { describe, expect, test } from 'vitest';
import { categoryCeiling } from '../../../src/campaign/grounding/category-ceiling.ts';
import { shippedCeilings } from '../../report/grounded.ts';

describe('the ceiling of a category', () => {
  test.each([
    ['NCCL', 'b200_sm100', 'NVFP4', 'b200_sm100.nvlink5_oneway_tbps'],
    ['NCCL', 'mi300x', 'FP8', 'mi300x.infinity_fabric_oneway_tbps'],
    ['MoE', 'b200_sm100', 'NVFP4', 'b200_sm100.nvfp4_dense_pflops'],
    ['MoE', 'h100_sxm', 'FP8', 'h100_sxm.fp8_dense_pflops'],
    ['MoE', 'h100_sxm', 'NVFP4', undefined],
    ['MoE', 'b200_sm100', 'a format of its own', undefined],
    ['BMM-NVFP4', 'h100_sxm', 'FP8', undefined],
    ['cuBLAS', 'h100_sxm', 'FP8', 'h100_sxm.fp8_dense_pflops'],
    ['cuBLAS', 'b200_sm100', 'NVFP4', 'b200_sm100.bf16_dense_pflops'],
    ['Triton-fused', 'h100_sxm', 'FP8', 'h100_sxm.bf16_dense_pflops'],
    ['FMHA', 'h100_sxm', 'FP8', 'h100_sxm.hbm3_tbps'],
    ['Elementwise', 'gb300_nvl72', 'NVFP4', 'gb300_nvl72.hbm3e_tbps'],
    ['FMHA', 'gaudi3', 'FP8', undefined],
    ['FMHA', null, 'FP8', undefined],
  ])('%s on %s in %s is %s', (category, hwKey, quant, key) => {
    expect(categoryCeiling(shippedCeilings, hwKey, { category, quant }).datasheet?.key).toBe(key);
  });
});
