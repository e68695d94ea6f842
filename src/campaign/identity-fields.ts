// The fields by which a caller says who the cells of a bundle are; the same for every importer.
import { z } from 'zod';
import { joinIdentities, type CellIdentity } from './cell-identity.ts';
import { CACHE_MODES, PARALLEL_STRATEGIES } from './row.ts';

const size = z.number().int().positive().optional();
const text = z.string().min(1).optional();

export const IDENTITY_FIELDS = {
  model: text.describe('Model. Served name or HF path.'),
  hardware: text.describe('B200, GB300, H100.'),
  quant: text.describe('NVFP4, FP8, BF16.'),
  tensor_parallel: size.describe('TP.'),
  data_parallel: size.describe('DP.'),
  pipeline_parallel: size.describe('PP.'),
  expert_parallel: size.describe('EP; multiplies no GPUs.'),
  n_gpus: size.describe('All that served.'),
  parallel_strategy: z.enum(PARALLEL_STRATEGIES).optional().describe('Parallel strategy.'),
  mtp: z.boolean().optional().describe('Speculation on.'),
  max_num_batched_tokens: size.describe('Max num batched tokens.'),
  cache_mode: z.enum(CACHE_MODES).optional().describe('Prefix cache.'),
  dataset: text.describe('Dataset.'),
  cudagraph_mode: text.describe('full, piecewise, eager.'),
  gpu_memory_utilization: z.number().min(0).max(1).optional().describe('0 to 1.'),
  kv_cache_dtype: text.describe('KV cache dtype.'),
  image: text.describe('Image or engine commit.'),
  max_num_seqs: size.describe('Max num seqs.'),
};

type Given = { readonly [Field in keyof typeof IDENTITY_FIELDS]?: z.output<(typeof IDENTITY_FIELDS)[Field]> };

/** The identity that a caller states. */
export const givenIdentity = (given: Given): CellIdentity =>
  joinIdentities(Object.fromEntries(Object.keys(IDENTITY_FIELDS).map((field) => [field, Reflect.get(given, field)])));

/** Those that the list of tools leaves out. */
export const SELDOM_IDENTITY_FIELDS = [
  'data_parallel',
  'pipeline_parallel',
  'expert_parallel',
  'parallel_strategy',
  'mtp',
  'max_num_batched_tokens',
  'cudagraph_mode',
  'gpu_memory_utilization',
  'kv_cache_dtype',
  'image',
  'max_num_seqs',
] as const satisfies readonly (keyof typeof IDENTITY_FIELDS)[];
