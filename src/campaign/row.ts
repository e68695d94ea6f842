// One row of an atlas: an operating point of a cell, which is one serving configuration. The 53 fields that every reader of
// atlas files knows keep their names and meaning; ours stand beside them. Rows of files that the predecessor wrote are read.
// Never holds a number that is not finite, nor a field that nobody declared.
import { z } from 'zod';
import { REPLICATE_LEVELS } from '../source/given-context.ts';
import { VALIDITY_CODES } from '../metrics/trial.ts';
import { LATENCY_PERCENTILES } from './row-latencies.ts';

/** Version of the rows that are written; rows without one are the predecessor's. */
export const ROW_VERSION = 2;

export const ROW_STATUSES = ['full', 'partial', 'failed', 'evicted'] as const;
export type RowStatus = (typeof ROW_STATUSES)[number];

export const CACHE_MODES = ['warm', 'cold', 'unknown'] as const;
export type CacheMode = (typeof CACHE_MODES)[number];

export const PARALLEL_STRATEGIES = ['EP', 'TP'] as const;
export type ParallelStrategy = (typeof PARALLEL_STRATEGIES)[number];

/** What produced a cell. The first four are those of the predecessor. */
export const CELL_BACKENDS = [
  'vllm-sweep', 'sglang-sweep', 'aiperf', 'trtllm', 'bench', 'guidellm', 'inferencex', 'genai-perf', 'mlperf', 'drive-load',
  'model-eval', '',
] as const; // prettier-ignore
export type CellBackend = (typeof CELL_BACKENDS)[number];

const amount = z.number().nonnegative().nullable().default(null);
const share = z.number().min(0).max(1).nullable().default(null);
const count = z.number().int().nonnegative().nullable().default(null);
const flag = z.boolean().nullable().default(null);
/** The predecessor writes `unknown` where a text is not known. */
const named = z.string().min(1).default('unknown');
const text = z.string().default('');
const size = z.number().int().positive();

const roleSchema = z.strictObject({
  role: z.string().min(1),
  workers: z.number().int().positive().nullable().default(null),
  hardware: z.string().min(1).nullable().default(null),
  tp: count,
  pp: count,
  dp: count,
  ep: count,
  n_gpus: z.number().int().positive().nullable().default(null),
});

const rowTrialSchema = z.strictObject({
  index: z.number().int().nonnegative(),
  replicate_level: z.enum(REPLICATE_LEVELS).nullable(),
  validity: z.array(z.enum(VALIDITY_CODES)),
  /** Canonical name of a metric to its value in this trial. */
  values: z.record(z.string(), z.number()),
  raw_path: text,
});

/** Why a part of the time to first token is not there is said by its absence: no server metrics. */
const FIRST_TOKEN_PARTS = {
  ttft_queue_ms: amount,
  ttft_prefill_ms: amount,
  ttft_kv_transfer_ms: amount,
  ttft_first_decode_ms: amount,
};

const OURS = {
  schema_version: z.number().int().positive().default(1),
  /** GPUs that served: recorded, or derived from the parallel sizes, as `n_gpus_source` says. */
  n_gpus: size.nullable().default(null),
  n_gpus_source: z.enum(['recorded', 'derived']).nullable().default(null),
  expert_parallel: count,
  dp_attention: flag,
  /** Output tokens per second of the whole window, over all GPUs. */
  throughput_tok_per_s: amount,
  total_throughput_tok_per_s: amount,
  tpot_mean_ms: amount,
  e2e_mean_ms: amount,
  ...LATENCY_PERCENTILES(amount),
  goodput_req_per_s: amount,
  ok_rate: share,
  completed_requests: count,
  failed_requests: count,
  num_prompts: count,
  duration_s: amount,
  request_rate: z
    .union([z.number().nonnegative(), z.literal('inf')])
    .nullable()
    .default(null),
  /** Mean number of requests in flight over the concurrency, by Little's law. */
  occupancy: amount,
  /** Requests over concurrency: how many times the window was filled. */
  waves: amount,
  /** Output tokens per second and GPU of the part of the window that was full. */
  steady_output_tps_per_gpu: amount,
  joules_per_token: amount,
  power_watts_per_gpu: amount,
  n_trials: z.number().int().nonnegative().default(1),
  trials: z.array(rowTrialSchema).default([]),
  disagg: flag,
  roles: z.array(roleSchema).default([]),
  output_tps_per_gpu_all: amount,
  output_tps_per_decode_gpu: amount,
  input_tps_per_prefill_gpu: amount,
  ...FIRST_TOKEN_PARTS,
  saturated_role: z.string().min(1).nullable().default(null),
  engine_version: z.string().min(1).nullable().default(null),
  spec_method: z.string().min(1).nullable().default(null),
  node: z.string().min(1).nullable().default(null),
  gpu_uuids: z.array(z.string().min(1)).nullable().default(null),
};

/** A row as files hold it. Every field but the first ten has a default, so that rows of any age are read. */
export const rowSchema = z.strictObject({
  cell_id: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'is no name of a cell'),
  model: z.string().min(1),
  hardware: z.string().min(1),
  quant: z.string().min(1),
  /** GPUs of one tensor-parallel group. */
  tensor_parallel: size,
  parallel_strategy: z.enum(PARALLEL_STRATEGIES),
  /** Speculation on or off. */
  mtp: z.boolean(),
  /** 0 where nobody says. */
  max_num_batched_tokens: z.number().int().nonnegative(),
  /** Requests in flight; 0 for a marker of a failed or evicted cell, and for prefill points. */
  concurrency: z.number().int().nonnegative(),
  status: z.enum(ROW_STATUSES),
  /** Mean; the median where the tool prints no mean, and `extra.ttft_median_ms_substituted_for_avg` says so. */
  ttft_avg_ms: amount,
  request_throughput_avg: amount,
  /** 1000 / median TPOT, tok/s/user. */
  output_tps_per_user: amount,
  /** Over all GPUs that served. */
  output_tps_per_gpu: amount,
  total_tps_per_gpu: amount,
  tpot_median_ms: amount,
  itl_avg_ms: amount,
  ttfo_avg_ms: amount,
  reasoning_token_count: amount,
  ttfo_coverage: share,
  /** Measured, never the flag that asked for it. */
  mean_input_tokens: amount,
  mean_output_tokens: amount,
  prefix_cache_hit_rate: share,
  cache_mode: z.enum(CACHE_MODES).default('unknown'),
  dataset: named,
  cudagraph_mode: named,
  gpu_memory_utilization: share,
  kv_cache_dtype: named,
  image: named,
  data_parallel: size.default(1),
  pipeline_parallel: size.default(1),
  num_speculative_tokens: count,
  async_scheduling: flag,
  max_num_seqs: count,
  enable_prefix_caching: flag,
  bench_backend: text,
  variant_key: z.string().regex(/^([0-9a-f]{64})?$/, 'is no sha256').default(''),
  router_policy: text,
  prefix_reuse: amount,
  per_replica_cache_hit: share,
  acceptance_length: amount,
  spec_accept_rate: share,
  kv_cache_tokens: count,
  ep_mode: text,
  dcgm_sm_active: share,
  dcgm_dram_active: share,
  dcgm_tensor_active: share,
  backend: z.enum(CELL_BACKENDS).default(''),
  serving_engine: text,
  raw_path: text,
  /** ISO 8601 UTC; empty where nobody says. */
  captured_at: text,
  /** Parts joined by ` | `. */
  notes: text,
  extra: z.record(z.string(), z.json()).default({}),
  ...OURS,
}); // prettier-ignore

export type AtlasRow = z.output<typeof rowSchema>;
/** A row before the defaults are filled in. */
export type GivenRow = z.input<typeof rowSchema>;

/** Fields of a row in the order of the schema. */
export const ROW_FIELDS: readonly string[] = Object.keys(rowSchema.shape);

/** A point that can be drawn: time to first token over request rate. */
export const isPlotReady = (row: Pick<AtlasRow, 'ttft_avg_ms' | 'request_throughput_avg'>): boolean =>
  row.ttft_avg_ms !== null && row.request_throughput_avg !== null;

/** A point of a sweep that looks at prefill or decode alone, which serves nobody: it competes with no point that serves. */
export const isOfOnePhase = ({ extra }: Pick<AtlasRow, 'extra'>): boolean => extra['phase'] !== undefined;

const ENGINES: Readonly<Partial<Record<CellBackend, string>>> = {
  'vllm-sweep': 'vllm',
  'sglang-sweep': 'sglang',
  trtllm: 'trtllm',
};

/** The engine that served: as stated, else the one that the backend implies; empty where neither says. */
export const engineOf = ({ serving_engine: stated, backend }: Pick<AtlasRow, 'serving_engine' | 'backend'>): string =>
  stated === '' ? (ENGINES[backend] ?? '') : stated;

/** What else the file of a row tells points apart by: `extra.point_labels` names the entries of `extra` that do. */
const labelsOf = ({ extra }: AtlasRow): readonly unknown[] => {
  const { point_labels: names } = extra;
  return Array.isArray(names) ? names.map((name) => [name, extra[String(name)] ?? null]) : [];
};

/** What makes two rows the same point: more than cell and concurrency, since a sweep of prompt lengths holds one of both. */
export const pointKey = (row: AtlasRow): string =>
  JSON.stringify([
    row.cell_id,
    row.concurrency,
    row.request_rate,
    row.mean_input_tokens === null ? null : Math.round(row.mean_input_tokens),
    row.mean_output_tokens === null ? null : Math.round(row.mean_output_tokens),
    row.cache_mode,
    row.num_speculative_tokens,
    row.dataset,
    row.extra['phase'] ?? null,
    row.extra['marker'] ?? null,
    ...labelsOf(row),
  ]);
