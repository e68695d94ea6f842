// What capacity is, as files and answers hold it: groups of like rows, in each the point of most output and the best one within the limits,
// with tokens per minute, dollars and joules. Shapes and units only.
import { z } from 'zod';
import { ROW_STATUSES, CACHE_MODES, PARALLEL_STRATEGIES } from '../campaign/row.ts';

const figure = z.number().nullable();

/** Tokens per minute of one GPU, and of the sets of GPUs that people buy and deploy. */
const perSet = <Name extends string>(name: Name) =>
  ({
    [`${name}_tpm_per_gpu`]: figure,
    [`${name}_tpm_per_replica`]: figure,
    [`${name}_tpm_per_node`]: figure,
    [`${name}_tpm_per_rack`]: figure,
  }) as Record<`${Name}_tpm_per_${'gpu' | 'replica' | 'node' | 'rack'}`, typeof figure>; // checked boundary: the keys above

export const intervalSchema = z.object({
  /** Output tokens per minute and GPU. */
  low: z.number(),
  high: z.number(),
  /** Coverage, as a fraction. */
  level: z.number(),
  /** Valid trials. */
  n: z.number().int(),
  method: z.enum(['t', 'rank']),
  /** What was repeated; null where the trials do not say. */
  replicate_level: z.string().nullable(),
});

export const pointSchema = z.object({
  operating_point: z.enum(['peak', 'sla']),
  cell_id: z.string(),
  row_id: z.string(),
  status: z.enum(ROW_STATUSES),
  concurrency: z.number(),
  request_rate: z.union([z.number(), z.literal('inf')]).nullable(),
  output_tps_per_gpu: z.number(),
  total_tps_per_gpu: figure,
  ...perSet('output'),
  ...perSet('total'),
  /** GPUs that serve one copy of the model by themselves. */
  gpus_per_replica: z.number().int(),
  gpus_per_node: z.number().int(),
  /** Null where a rack has no fixed number. */
  gpus_per_rack: z.number().int().nullable(),
  /** Null for one trial. */
  output_interval: intervalSchema.nullable(),
  ttft_avg_ms: figure,
  tpot_median_ms: figure,
  itl_avg_ms: figure,
  /** Which of the two stood for decode against the limit; null where neither may. */
  decode_by: z.enum(['tpot_median_ms', 'itl_avg_ms']).nullable(),
  /** Trials that meet both limits by themselves, of those that say; null of the peak, and where none says. */
  trials_within_sla: z.object({ met: z.number().int(), of: z.number().int() }).nullable(),
  usd_per_gpu_hour: figure,
  usd_is_estimate: z.boolean().nullable(),
  usd_origin: z.enum(['shipped', 'root', 'campaign']).nullable(),
  usd_per_1m_output_tokens: figure,
  usd_per_1m_total_tokens: figure,
  power_watts_per_gpu: figure,
  /** Whose power it is, in words. */
  power_scope: z.string().nullable(),
  /** Of the point itself, or of the whole window in which its cell was measured. */
  power_window: z.enum(['point', 'cell']).nullable(),
  /** Output tokens per second and GPU over watts per GPU. */
  tokens_per_watt: figure,
  /** Output tokens per joule: of the tool's own energy where it says it, else the same quotient. */
  tokens_per_joule: figure,
  /** Why there is no power; null where there is. */
  power_lacks: z.string().nullable(),
  notes: z.array(z.string()),
});

export type CapacityPoint = z.infer<typeof pointSchema>;

export const SLA_LACKS = ['no_decode_metric', 'itl_under_speculation', 'no_ttft', 'not_met'] as const;

export const groupSchema = z.object({
  model: z.string(),
  hardware: z.string(),
  quant: z.string(),
  tensor_parallel: z.number().int(),
  parallel_strategy: z.enum(PARALLEL_STRATEGIES),
  mtp: z.boolean(),
  /** Empty where nobody says. */
  serving_engine: z.string(),
  dataset: z.string(),
  cache_mode: z.enum(CACHE_MODES),
  /** `decode`, `prefill`: measured apart, no serving. Null for serving. */
  phase: z.string().nullable(),
  disagg: z.boolean(),
  /** Prompt and output tokens by which rows are alike: measured, else as asked for. */
  isl: figure,
  osl: figure,
  shape_from: z.enum(['measured', 'asked']).nullable(),
  /** Means of what was measured, over all rows of the group. */
  mean_isl: figure,
  mean_osl: figure,
  ttft_sla_ms: z.number(),
  tpot_sla_ms: z.number(),
  gpus_per_node: z.number().int(),
  gpus_per_rack: z.number().int().nullable(),
  rows: z.number().int(),
  cells: z.number().int(),
  peak: pointSchema,
  sla: pointSchema.nullable(),
  /** Why there is no point within the limits; null where there is. */
  sla_lacks: z.enum(SLA_LACKS).nullable(),
  sla_says: z.string().nullable(),
});

export type CapacityGroup = z.infer<typeof groupSchema>;

/** A row that counts for nothing here, and why. */
export const leftOutSchema = z.object({
  cell_id: z.string(),
  concurrency: z.number(),
  because: z.enum(['impossible', 'invalid']),
  says: z.string(),
  /** The balance that it breaks; null of a row whose trials do not count. */
  violation: z.object({ balance: z.string(), factor: z.number(), likely_cause: z.string() }).nullable(),
});

export type LeftOut = z.infer<typeof leftOutSchema>;

export interface Capacity {
  readonly groups: readonly CapacityGroup[];
  readonly excluded: readonly LeftOut[];
  /** Rows of the atlas. */
  readonly rows: number;
  /** Rows without an output rate: markers, evaluations. */
  readonly rows_without_rate: number;
}
