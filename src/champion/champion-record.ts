// The shape of `champion_select.json` and of the rows that the lake keeps of it. The predecessor's keys keep their names and meaning;
// ours stand beside them. Shapes only.
import { z } from 'zod';
import { SOL_RIGORS } from '../campaign/grounding/sol-rigor.ts';
import { CHAMPION_METRICS } from './focus.ts';
import { GATE_RESULTS, GATE_STATUSES, GATES } from './gate.ts';

const amount = z.number().nullable();

const solSchema = z.object({
  l1_present: z.boolean(),
  l1_top_categories: z.array(z.object({ category: z.string(), time_share_pct: z.number() })),
  l2_present: z.boolean(),
  l3_present: z.boolean(),
  hbm_pct_sol: amount,
  tensor_pct_sol: amount,
  sm_active_pct: amount,
  nvlink_pct_sol: amount,
  l4_present: z.boolean(),
  l4_kernel_count: z.number(),
  sol_rigor: z.enum(SOL_RIGORS),
});

const leadSchema = z.object({
  rank: z.enum(['better', 'worse', 'not_distinguishable', 'not_comparable']),
  /** Percent better than the baseline. */
  low: amount,
  high: amount,
  /** Coverage of the interval, as a fraction. */
  level: amount,
  /** Valid trials of the baseline and of the variant. */
  n: z.tuple([z.number(), z.number()]),
  /** Pairs measured in turn; null where none were. */
  pairs: amount,
  basis: z.string(),
  reason: z.string(),
  /** Corrected for all variants that were looked at. */
  p: amount,
  trials_needed: amount,
});

const SLO_VERDICTS = ['BASELINE', 'PASS-SLO', 'SLO-FAIL', 'NO-DATA'] as const;

const variantSchema = z.object({
  cell_id: z.string(),
  /** The point that was compared; files of earlier versions have none. */
  row_id: z.string().optional(),
  /** The cell, with what else tells its points apart. */
  name: z.string(),
  engine: z.string(),
  is_baseline: z.boolean(),
  focus_metric: amount,
  output_tps_per_gpu: amount,
  tpot_median_ms: amount,
  pct_win_vs_baseline: amount,
  slo_verdict: z.enum(SLO_VERDICTS),
  lead: leadSchema.nullable(),
  n_gpus: amount,
  quant: z.string(),
  delivery: z.string().nullable(),
  /** Metrics that are worse than the baseline's beyond tolerance, each with its change. */
  worse: z.array(z.string()),
  sol: solSchema,
  has_roofline: z.boolean(),
  /** The decode point of its sweep at this load. */
  roofline_point: z.record(z.string(), z.json()).nullable(),
});

const gateSchema = z.object({
  name: z.enum(GATES),
  status: z.enum(GATE_STATUSES),
  result: z.enum(GATE_RESULTS),
  detail: z.string(),
  /** Relative to the campaign. */
  evidence: z.array(z.string()),
  /** The record that would take the place of a typed word, or fill what is missing. */
  needs: z.string().nullable(),
});

const sensitivitySchema = z.object({
  draws: z.number(),
  seed: z.number(),
  pick: z.string(),
  /** Share of draws in which something else is picked; null where no noise was measured. */
  changes: amount,
  picks: z.array(z.object({ cell_id: z.string(), share: z.number() })),
  not_repeated: z.array(z.string()),
});

const NOT_COMPARED = [
  'other_model',
  'other_hardware',
  'other_shape',
  'no_row_at_focus',
  'not_measured',
  'excluded',
] as const;

export const CHAMPION_DATA = {
  schema_version: z.literal('champion_select_v1'),
  campaign_id: z.string(),
  title: z.string(),
  focus: z.string(),
  focus_c: z.number(),
  metric: z.enum(CHAMPION_METRICS),
  slo_ms: amount,
  hardware: z.string(),
  tensor_parallel: z.number(),
  model: z.string(),
  /** Lengths, dataset and cache of the load. */
  shape: z.string(),
  baseline_cell: z.string(),
  /** Who named it: the call, the arms of the config, its own name, or nobody. */
  baseline_source: z.enum(['call', 'arms', 'name', 'first']),
  /** Points beside the baseline, shown or not. */
  variant_count: z.number(),
  variants: z.array(variantSchema),
  recommended_cell: z.string(),
  recommended_engine: z.string(),
  /** The baseline is recommended. */
  no_change: z.boolean(),
  banner: z.string(),
  says: z.string(),
  tier: z.enum(['draft', 'verdict']),
  tier_missing: z.array(z.string()),
  tier_says: z.string(),
  gates: z.array(gateSchema),
  /** The variant that the gates are about. */
  gates_of: z.string(),
  /** For each typed word which record would take its place. */
  flags: z.array(z.string()),
  reasons: z.array(z.string()),
  /** The best by its value that is not decided; null where there is none. */
  leader: z
    .object({ cell_id: z.string(), pct_win_vs_baseline: z.number(), trials_needed: amount, says: z.string() })
    .nullable(),
  /** Other variants that keep the limit and cannot be told from the pick. */
  ties: z.array(z.string()),
  sensitivity: sensitivitySchema,
  not_compared: z.array(
    z.object({ cell_id: z.string(), reason: z.enum(NOT_COMPARED), detail: z.string(), loads: z.array(z.number()) }),
  ),
  /** How many there are; the answer of a call lists the first of them. */
  not_compared_count: z.number(),
  excluded: z.array(z.object({ cell_id: z.string(), concurrency: z.number(), reason: z.string() })),
  excluded_count: z.number(),
  warnings: z.array(z.string()),
  next_step: z.string(),
};

export const championSchema = z.object({
  ...CHAMPION_DATA,
  /** By cell, its `roofline_sweep.json` as it is. */
  roofline_overlay: z.record(z.string(), z.record(z.string(), z.json())),
});
export type ChampionRecord = z.output<typeof championSchema>;
/** Without the sweeps, which only programs read. */
export type ShownRecord = Omit<ChampionRecord, 'roofline_overlay'>;
export type VariantRecord = z.output<typeof variantSchema>;

/** A row of the table `champion_v1`: one variant of one selection. */
export const championRowSchema = z.strictObject({
  campaign_id: z.string(),
  cell_id: z.string(),
  engine: z.string(),
  is_baseline: z.boolean(),
  is_recommended: z.boolean(),
  champion_tier: z.enum(['draft', 'verdict']),
  focus: z.string(),
  focus_c: z.number().int(),
  metric: z.string(),
  focus_metric: amount,
  output_tps_per_gpu: amount,
  tpot_median_ms: amount,
  pct_win_vs_baseline: amount,
  slo_verdict: z.string(),
  sol_rigor: z.string(),
  hbm_pct_sol: amount,
  tensor_pct_sol: amount,
  sm_active_pct: amount,
  l1_present: z.boolean(),
  l2_present: z.boolean(),
  l3_present: z.boolean(),
  l4_present: z.boolean(),
  /** ISO 8601 UTC. */
  captured_at_utc: z.string(),
  /** ISO 8601 UTC; null until it is published. */
  published_at_utc: z.string().nullable(),
});
export type ChampionRow = z.output<typeof championRowSchema>;

/** One row for each variant that the selection shows. */
export const championRows = (record: ShownRecord, capturedAt: string, publishedAt: string | null): ChampionRow[] =>
  record.variants.map((variant) => ({
    campaign_id: record.campaign_id,
    cell_id: variant.cell_id,
    engine: variant.engine,
    is_baseline: variant.is_baseline,
    is_recommended: variant.cell_id === record.recommended_cell,
    champion_tier: record.tier,
    focus: record.focus,
    focus_c: record.focus_c,
    metric: record.metric,
    focus_metric: variant.focus_metric,
    output_tps_per_gpu: variant.output_tps_per_gpu,
    tpot_median_ms: variant.tpot_median_ms,
    pct_win_vs_baseline: variant.pct_win_vs_baseline,
    slo_verdict: variant.slo_verdict,
    sol_rigor: variant.sol.sol_rigor,
    hbm_pct_sol: variant.sol.hbm_pct_sol,
    tensor_pct_sol: variant.sol.tensor_pct_sol,
    sm_active_pct: variant.sol.sm_active_pct,
    l1_present: variant.sol.l1_present,
    l2_present: variant.sol.l2_present,
    l3_present: variant.sol.l3_present,
    l4_present: variant.sol.l4_present,
    captured_at_utc: capturedAt,
    published_at_utc: publishedAt,
  }));
