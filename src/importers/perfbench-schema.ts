// The inference_perfbench_v1 document: its schema, and the tolerances by which the format judges itself.
import { z } from 'zod';
import { latencyName, nameOf } from '../metrics/catalogue.ts';
import type { PolicyRule } from '../metrics/policy-rule.ts';

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
});

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
  metrics: z.record(z.string().regex(/^[1-9]\d*$/, 'must be a concurrency'), loadSchema),
  server_metrics_delta: serverSchema.nullable().optional(),
  kernel_class_gpu_pct: z.record(z.string(), z.number().nonnegative().nullable()).nullable().optional(),
  cpu_spinpoll_pct: measured,
});

export type PerfbenchDocument = z.infer<typeof perfbenchSchema>;
export type LoadBlock = z.infer<typeof loadSchema>;

/**
 * Rates are 0..1, so "2 points" are 0.02; shares of GPU and CPU time are in percent. The hit rate before the run and the peak
 * of running requests describe the run and are not judged.
 */
export const PERFBENCH_POLICY: readonly PolicyRule[] = [
  { match: `${nameOf('throughput')}[concurrency=16]`, tolerance_percent: 3, headline: true },
  { match: `${nameOf('throughput')}*`, tolerance_percent: 3 },
  { match: `${latencyName('ttft', 'p50')}*`, tolerance_percent: 5 },
  { match: `${latencyName('ttft', 'p95')}*`, tolerance_percent: 10 },
  { match: `${latencyName('ttft', 'p99')}*`, tolerance_percent: 15 },
  { match: `${latencyName('itl', 'p50')}*`, tolerance_percent: 3 },
  { match: `${nameOf('perUser')}*`, tolerance_percent: 3 },
  { match: `${latencyName('e2e', 'p50')}*`, tolerance_percent: 5 },
  { match: nameOf('cacheHitRateAfter'), tolerance_absolute: 0.02 },
  { match: nameOf('cacheHitRateBefore'), ignore: true },
  { match: nameOf('cacheUsage'), tolerance_absolute: 0.05 },
  { match: `${nameOf('kernelShare')}*`, tolerance_absolute: 3 },
  { match: nameOf('spinpoll'), tolerance_absolute: 5 },
  { match: nameOf('requestsRunning'), ignore: true },
];
