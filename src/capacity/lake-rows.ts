// Capacity as rows of tables: `tpm_v1` (a group, a point and a set of GPUs each) and `cost_v1` (a group and a point each). Columns that
// readers know keep their names and come first; ours stand behind them.
import { z } from 'zod';
import { CACHE_MODES, PARALLEL_STRATEGIES } from '../campaign/row.ts';
import { pointSchema, type Capacity, type CapacityGroup, type CapacityPoint } from './summary-schema.ts';

const figure = z.number().nullable();
const moment = z.string().nullable();

const IDENTITY = {
  campaign_id: z.string(),
  model: z.string(),
  hardware: z.string(),
  quant: z.string(),
  tensor_parallel: z.number().int(),
  parallel_strategy: z.enum(PARALLEL_STRATEGIES),
  mtp: z.boolean(),
  operating_point: pointSchema.shape.operating_point,
};

/** What else parts one group from another; without it two rows would have one key. */
const WORKLOAD = {
  serving_engine: z.string(),
  dataset: z.string(),
  phase: z.string().nullable(),
  disagg: z.boolean(),
  isl: figure,
  osl: figure,
  cell_id: z.string(),
  ttft_sla_ms: z.number(),
  tpot_sla_ms: z.number(),
};

const TIMES = {
  captured_at_utc: moment,
  /** Null until it is published. */
  published_at_utc: moment,
};

export const BASES = ['per_gpu', 'per_replica', 'per_node', 'per_rack'] as const;

export const tpmRowSchema = z.strictObject({
  ...IDENTITY,
  basis: z.enum(BASES),
  gpus_per_node: z.number().int(),
  concurrency: z.number(),
  output_tpm: figure,
  total_tpm: figure,
  ttft_avg_ms: figure,
  tpot_median_ms: figure,
  itl_avg_ms: figure,
  mean_isl: figure,
  mean_osl: figure,
  cache_mode: z.enum(CACHE_MODES),
  ...TIMES,
  ...WORKLOAD,
  /** GPUs of the basis. */
  gpus: z.number().int(),
  output_tpm_low: figure,
  output_tpm_high: figure,
});

export type TpmRow = z.infer<typeof tpmRowSchema>;

export const costRowSchema = z.strictObject({
  ...IDENTITY,
  concurrency: z.number(),
  usd_per_gpu_hour: figure,
  usd_per_1m_output_tokens: figure,
  usd_per_1m_total_tokens: figure,
  power_watts_per_gpu: figure,
  tokens_per_watt: figure,
  ...TIMES,
  ...WORKLOAD,
  cache_mode: z.enum(CACHE_MODES),
  mean_isl: figure,
  mean_osl: figure,
  usd_is_estimate: z.boolean().nullable(),
  tokens_per_joule: figure,
  power_scope: z.string().nullable(),
  power_window: pointSchema.shape.power_window,
});

export type CostRow = z.infer<typeof costRowSchema>;

/** Which campaign the rows are of. Times are ISO 8601 UTC. */
export interface CampaignStamp {
  readonly campaign_id: string;
  readonly captured_at_utc: string | null;
  readonly published_at_utc: string | null;
}

/** The points of a group: the peak, and the one within the limits where there is one. */
export const pointsOf = ({ peak, sla }: CapacityGroup): CapacityPoint[] => (sla === null ? [peak] : [peak, sla]);

const identityOf = ({ campaign_id }: CampaignStamp, group: CapacityGroup, point: CapacityPoint) => ({
  campaign_id,
  model: group.model,
  hardware: group.hardware,
  quant: group.quant,
  tensor_parallel: group.tensor_parallel,
  parallel_strategy: group.parallel_strategy,
  mtp: group.mtp,
  operating_point: point.operating_point,
});

const workloadOf = (group: CapacityGroup, point: CapacityPoint) => ({
  serving_engine: group.serving_engine,
  dataset: group.dataset,
  phase: group.phase,
  disagg: group.disagg,
  isl: group.isl,
  osl: group.osl,
  cell_id: point.cell_id,
  ttft_sla_ms: group.ttft_sla_ms,
  tpot_sla_ms: group.tpot_sla_ms,
});

const timesOf = ({ captured_at_utc, published_at_utc }: CampaignStamp) => ({ captured_at_utc, published_at_utc });

/** Sets of GPUs of a point, from one to a rack; a rack only where its size is known. */
const basesOf = (point: CapacityPoint) =>
  [
    { basis: 'per_gpu', gpus: 1, output: point.output_tpm_per_gpu, total: point.total_tpm_per_gpu },
    { basis: 'per_replica', gpus: point.gpus_per_replica, output: point.output_tpm_per_replica, total: point.total_tpm_per_replica },
    { basis: 'per_node', gpus: point.gpus_per_node, output: point.output_tpm_per_node, total: point.total_tpm_per_node },
    ...(point.gpus_per_rack === null ? [] : [{ basis: 'per_rack', gpus: point.gpus_per_rack, output: point.output_tpm_per_rack, total: point.total_tpm_per_rack } as const]),
  ] as const; // prettier-ignore

export const tpmRows = ({ groups }: Pick<Capacity, 'groups'>, stamp: CampaignStamp): TpmRow[] =>
  groups.flatMap((group) =>
    pointsOf(group).flatMap((point) =>
      basesOf(point).map(({ basis, gpus, output, total }) => ({
        ...identityOf(stamp, group, point),
        basis,
        gpus_per_node: point.gpus_per_node,
        concurrency: point.concurrency,
        output_tpm: output,
        total_tpm: total,
        ttft_avg_ms: point.ttft_avg_ms,
        tpot_median_ms: point.tpot_median_ms,
        itl_avg_ms: point.itl_avg_ms,
        mean_isl: group.mean_isl,
        mean_osl: group.mean_osl,
        cache_mode: group.cache_mode,
        ...timesOf(stamp),
        ...workloadOf(group, point),
        gpus,
        output_tpm_low: point.output_interval === null ? null : point.output_interval.low * gpus,
        output_tpm_high: point.output_interval === null ? null : point.output_interval.high * gpus,
      })),
    ),
  );

export const costRows = ({ groups }: Pick<Capacity, 'groups'>, stamp: CampaignStamp): CostRow[] =>
  groups.flatMap((group) =>
    pointsOf(group).map((point) => ({
      ...identityOf(stamp, group, point),
      concurrency: point.concurrency,
      usd_per_gpu_hour: point.usd_per_gpu_hour,
      usd_per_1m_output_tokens: point.usd_per_1m_output_tokens,
      usd_per_1m_total_tokens: point.usd_per_1m_total_tokens,
      power_watts_per_gpu: point.power_watts_per_gpu,
      tokens_per_watt: point.tokens_per_watt,
      ...timesOf(stamp),
      ...workloadOf(group, point),
      cache_mode: group.cache_mode,
      mean_isl: group.mean_isl,
      mean_osl: group.mean_osl,
      usd_is_estimate: point.usd_is_estimate,
      tokens_per_joule: point.tokens_per_joule,
      power_scope: point.power_scope,
      power_window: point.power_window,
    })),
  );
