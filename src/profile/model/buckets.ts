// What kinds of kernels there are: the buckets of a diff and the categories of the report. Words alone, no rules.

export const BUCKETS = [
  'gemm',
  'attention',
  'moe',
  'norm',
  'elementwise',
  'reduction',
  'collective',
  'copy',
  'memset',
  'sampling',
  'quantise',
  'other',
] as const;
export type Bucket = (typeof BUCKETS)[number];

/** The categories of the report's kernel pages. */
export const CATEGORIES = [
  'NCCL',
  'MoE',
  'FMHA',
  'BMM-NVFP4',
  'Triton-fused',
  'cuBLAS',
  'Elementwise',
  'Other',
] as const;
export type Category = (typeof CATEGORIES)[number];
