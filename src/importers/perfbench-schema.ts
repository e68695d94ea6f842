// The inference_perfbench_v1 document: its schema, with what this product adds to it (repeats, context).
import { z } from 'zod';
import { type ReplicateLevel, VALIDITY_CODES } from '../metrics/trial.ts';

const LEVELS = ['request', 'window', 'process', 'placement'] as const satisfies readonly ReplicateLevel[];

const measured = z.number().nonnegative().nullable().optional();
const words = z.string().nullable().optional();
const count = z.number().int().nonnegative().nullable().optional();

const speculation = z.union([z.string(), z.looseObject({ method: words, num_speculative_tokens: count })]);

const deploymentSchema = z.looseObject({
  namespace: words,
  cluster: words,
  service: words,
  vllm_version: words,
  tensor_parallel_size: count,
  quantization: words,
  kv_cache_dtype: words,
  speculative_decoding: speculation.nullable().optional(),
});

const workloadSchema = z.looseObject({
  dataset: words,
  split: words,
  conversation_num: count,
  concurrency_sweep: z.array(z.number().int().positive()).nullable().optional(),
  input_token_band: words,
  output_token_band: words,
});

/** Metrics at one concurrency: tok/s, ms, and the number of failed requests. */
const loadSchema = z.looseObject({
  throughput_toks_per_s: measured,
  ttft_p50_ms: measured,
  ttft_p95_ms: measured,
  ttft_p99_ms: measured,
  itl_p50_ms: measured,
  tps_per_user: measured,
  request_latency_p50_ms: measured,
  errors: count,
  tpot_p50_ms: measured,
  prefix_cache_hit_rate_post: measured,
  gpu_cache_usage_perc_peak: measured,
  num_requests_running_peak: measured,
});

/** A repeat of one load; its metrics have the names that those of the load have. */
const trialSchema = z.looseObject({
  replicate_level: z.enum(LEVELS).nullable().default(null),
  /** A trial that does not say was not watched. */
  validity: z.array(z.enum(VALIDITY_CODES)).default(['no_telemetry']),
  metrics: loadSchema,
});

const loadName = z.string().regex(/^[1-9]\d*$/, 'must be a concurrency');

const serverSchema = z.looseObject({
  prefix_cache_hit_rate_pre: measured,
  prefix_cache_hit_rate_post: measured,
  gpu_cache_usage_perc_peak: measured,
  num_requests_running_peak: count,
  avg_generation_throughput_toks_per_s: measured,
});

/** Additive changes keep the name of the schema, so members that are not listed are allowed everywhere. */
export const perfbenchSchema = z.looseObject({
  schema: z.literal('inference_perfbench_v1'),
  model: words,
  model_path: words,
  deployment: deploymentSchema.nullable().optional(),
  workload: workloadSchema.nullable().optional(),
  metrics: z.record(loadName, loadSchema),
  server_metrics_delta: serverSchema.nullable().optional(),
  kernel_class_gpu_pct: z.record(z.string(), z.number().nonnegative().nullable()).nullable().optional(),
  cpu_spinpoll_pct: measured,
  /** Repeats by concurrency. */
  trials: z.record(loadName, z.array(trialSchema)).nullable().optional(),
  /** The context in our own names: of the whole run, and of each load what differs there. */
  context: z.record(z.string(), z.json()).nullable().optional(),
  contexts: z.record(loadName, z.record(z.string(), z.json())).nullable().optional(),
});

export type PerfbenchDocument = z.infer<typeof perfbenchSchema>;
export type LoadBlock = z.infer<typeof loadSchema>;
export type LoadTrial = z.infer<typeof trialSchema>;
