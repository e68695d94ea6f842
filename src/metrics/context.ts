// The measurement context: everything that must match before two numbers may be compared. One schema, one key, one table
// of the names that other formats use for the same facts.
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { canonicalJson } from '../text/json.ts';

const text = z.string().min(1).nullable();
const count = z.number().int().nonnegative().nullable();
const amount = z.number().nonnegative().nullable();
const flag = z.boolean().nullable();

/** One role of a disaggregated deployment. */
export const roleSchema = z.strictObject({
  role: z.string().min(1),
  workers: z.number().int().positive().nullable().optional(),
  n_gpus: z.number().int().positive().nullable().optional(),
  hardware: text.optional(),
  tp: count.optional(),
  pp: count.optional(),
  dp: count.optional(),
  ep: count.optional(),
});

/** Every field may be absent (not asked) or null (unknown). Placeholders (`unknown`, zeros for hashes) are never stored. */
export const contextSchema = z
  .strictObject({
    model: text,
    model_path: text,
    hardware: text,
    n_gpus: z.number().int().positive().nullable(),
    gpus_per_node: z.number().int().positive().nullable(),
    quant: text,
    kv_cache_dtype: text,
    tp: count,
    pp: count,
    dp: count,
    ep: count,
    dp_attention: flag,
    disagg: flag,
    roles: z.array(roleSchema).nullable(),
    parallel_strategy: text,
    max_num_seqs: count,
    max_num_batched_tokens: count,
    gpu_memory_utilization: amount,
    max_model_len: count,
    cudagraph_mode: text,
    async_scheduling: flag,
    prefix_caching: flag,
    spec_method: text,
    spec_tokens: count,
    acceptance_length: amount,
    dataset: text,
    dataset_hash: text,
    seed: z.union([z.number(), z.string()]).nullable(),
    isl: amount,
    osl: amount,
    concurrency: amount,
    request_rate: z.union([amount, z.literal('inf')]),
    num_prompts: count,
    cache_mode: text,
    regime: text,
    engine: text,
    engine_version: text,
    image: text,
    delivery: text,
    driver: text,
    cuda: text,
    node: text,
    gpu_uuids: z.array(z.string().min(1)).nullable(),
    power_scope: text,
    production_representative: flag,
  })
  .partial();

export type Context = z.infer<typeof contextSchema>;
export type ContextField = keyof Context;

/** One fact of a context as answers hold it; null where nobody states it. */
export const contextFactSchema = z.union([
  z.string(),
  z.number(),
  z.boolean(),
  z.array(z.string()),
  z.array(roleSchema),
  z.null(),
]);

export type ContextFact = z.infer<typeof contextFactSchema>;

/** Fields that say where and with which random choices a run happened, not what was measured. */
export const PLACEMENT_FIELDS: readonly ContextField[] = ['seed', 'node', 'gpu_uuids'];

/** Names of the same facts in the result envelope (v1) and in the campaign atlas. One table, used by every reader and writer. */
export const CONTEXT_NAMES: Readonly<Partial<Record<ContextField, { envelope?: string; atlas?: string }>>> = {
  model: { envelope: 'model.id', atlas: 'model' },
  hardware: { envelope: 'hardware_fingerprint.gpus.0.model', atlas: 'hardware' },
  quant: { envelope: 'quantization.format', atlas: 'quant' },
  kv_cache_dtype: { atlas: 'kv_cache_dtype' },
  tp: { atlas: 'tensor_parallel' },
  pp: { atlas: 'pipeline_parallel' },
  dp: { atlas: 'data_parallel' },
  parallel_strategy: { atlas: 'parallel_strategy' },
  max_num_seqs: { atlas: 'max_num_seqs' },
  max_num_batched_tokens: { atlas: 'max_num_batched_tokens' },
  gpu_memory_utilization: { atlas: 'gpu_memory_utilization' },
  cudagraph_mode: { atlas: 'cudagraph_mode' },
  async_scheduling: { atlas: 'async_scheduling' },
  prefix_caching: { atlas: 'enable_prefix_caching' },
  spec_tokens: { atlas: 'num_speculative_tokens' },
  acceptance_length: { atlas: 'acceptance_length' },
  dataset: { envelope: 'dataset.id', atlas: 'dataset' },
  dataset_hash: { envelope: 'dataset.hash' },
  seed: { envelope: 'seed' },
  isl: { envelope: 'driver_options.isl', atlas: 'mean_input_tokens' },
  osl: { envelope: 'driver_options.osl', atlas: 'mean_output_tokens' },
  concurrency: { envelope: 'driver_options.concurrency', atlas: 'concurrency' },
  request_rate: { envelope: 'driver_options.rps' },
  num_prompts: { envelope: 'driver_options.requests', atlas: 'num_prompts' },
  cache_mode: { envelope: 'driver_options.cache_mode', atlas: 'cache_mode' },
  engine: { envelope: 'engine.name', atlas: 'serving_engine' },
  engine_version: { envelope: 'engine.version' },
  image: { envelope: 'engine.image_digest', atlas: 'image' },
  driver: { envelope: 'hardware_fingerprint.driver' },
  cuda: { envelope: 'hardware_fingerprint.cuda' },
};

/** sha256 of the canonical context without placement; null and absent fields are the same: not known. */
export const contextKey = (context: Context): string => {
  const placement: readonly string[] = PLACEMENT_FIELDS;
  const known = Object.entries(context).filter(
    ([field, value]) => value !== null && value !== undefined && !placement.includes(field),
  );
  return createHash('sha256')
    .update(canonicalJson(Object.fromEntries(known)))
    .digest('hex');
};
