// A row whose balances hold: 320 requests of 1000 and 200 tokens, 32 at a time on eight GPUs, answered in 3.2 s each.
import { rowSchema, type AtlasRow, type GivenRow } from '../../../src/campaign/row.ts';

export const HONEST = {
  cell_id: 'base',
  model: 'org/model',
  hardware: 'B200',
  quant: 'NVFP4',
  tensor_parallel: 8,
  parallel_strategy: 'TP',
  mtp: false,
  max_num_batched_tokens: 8192,
  concurrency: 32,
  status: 'full',
  schema_version: 2,
  n_gpus: 8,
  n_gpus_source: 'recorded',
  num_prompts: 320,
  completed_requests: 320,
  duration_s: 32,
  waves: 10,
  request_throughput_avg: 10,
  mean_input_tokens: 1000,
  mean_output_tokens: 200,
  throughput_tok_per_s: 2000,
  total_throughput_tok_per_s: 12_000,
  output_tps_per_gpu: 250,
  total_tps_per_gpu: 1500,
  ttft_avg_ms: 215,
  tpot_mean_ms: 15,
  tpot_median_ms: 15,
  output_tps_per_user: 1000 / 15,
  e2e_mean_ms: 3200,
} as const satisfies GivenRow;

export const rowOf = (more: Partial<GivenRow> = {}): AtlasRow => rowSchema.parse({ ...HONEST, ...more });
