// perf_tune_report_dcgm_correlate: counters of the GPUs of a cell against the ceilings of its hardware, from a snapshot or a capture.
import { z } from 'zod';
import { CAMPAIGN_FIELDS } from '../../src/campaign/campaign-field.ts';
import type { CampaignConfig } from '../../src/campaign/config.ts';
import { findCampaign } from '../../src/campaign/find-campaign.ts';
import { correlateCell } from '../../src/campaign/grounding/correlate-cell.ts';
import { correlationText } from '../../src/campaign/grounding/correlation-text.ts';
import { REGIMES } from '../../src/campaign/grounding/regimes.ts';
import { SOL_RIGORS } from '../../src/campaign/grounding/sol-rigor.ts';
import { configOf } from '../../src/campaign/import-answer.ts';
import { Fault } from '../../src/text/fault.ts';
import { ceilings } from '../../src/verdict/judging-rules.ts';
import { defineVerb, pathField } from '../../src/verb/define-verb.ts';
import { reads } from '../../src/verb/path-use.ts';

/** A config of the predecessor may hold what ours does not know; the rows of the cell still say its hardware. */
const configIn = async (campaign: string, signal: AbortSignal): Promise<CampaignConfig | null> => {
  try {
    return await configOf(campaign, signal);
  } catch (error) {
    if (error instanceof Fault) return null;
    throw error;
  }
};

export const dcgmCorrelate = defineVerb({
  name: 'perf_tune_report_dcgm_correlate',
  family: 'analysis',
  library: 'perf_tune_report',
  verb: 'dcgm_correlate',
  title: 'Correlate GPU counters',
  description:
    "Holds a cell's GPU counters (frozen YAML, or a capture of perf_tune_report_dcgm_capture) against the hardware's ceilings: shares, power, regimes, kernel categories: L3.",
  safety: 'writes_artifacts',
  idempotent: true,
  fields: {
    ...CAMPAIGN_FIELDS,
    cell_id: z.string().min(1).describe('Cell of the campaign.'),
    frozen_yaml: pathField("dcgm_frozen_v1. Default: the cell's.").optional(),
    capture: pathField("Folder of a capture. Default: the snapshot's, else the cell's newest.").optional(),
    kernels_json: pathField("Kernels of a profile. Default: the cell's.").optional(),
    hw_key: z.string().min(1).optional().describe('Hardware of a capture. Default: of the cell.'),
  },
  paths: { frozen_yaml: reads, capture: reads, kernels_json: reads },
  seldom: ['campaigns_dir', 'hw_key'],
  data: {
    campaign_dir: z.string(),
    cell_id: z.string(),
    dcgm_correlation_json: z.string(),
    frozen_yaml: z.string().nullable(),
    capture: z.string().nullable(),
    kernels_json: z.string().nullable(),
    captured_sources: z.array(z.string()),
    hw_key: z.string(),
    n_gpus: z.number(),
    duration_s: z.number(),
    shares: z.array(z.object({ peak_key: z.string(), sol_pct: z.number().nullable(), best_pct: z.number().nullable(), share_of: z.string() })),
    n_resources: z.number(),
    power_watts_per_gpu: z.number().nullable(),
    power_scope: z.string().nullable(),
    regime: z.enum(REGIMES),
    regime_times: z.array(z.object({ regime: z.enum(REGIMES), share_pct: z.number() })),
    per_category_attribution_rows: z.number(),
    per_category_estimate_rows: z.number(),
    lacking: z.array(z.string()),
    notes: z.array(z.string()),
    sol_rigor: z.enum(SOL_RIGORS),
    rows_with_power: z.number(),
    without_power: z.string().nullable(),
    summary: z.string(),
  },
  examples: [
    {
      title: 'A frozen snapshot of a cell',
      input: { campaign: 'glm51-multihw', cell_id: 'b200-nvfp4-tp8-ep-mbt4096', frozen_yaml: 'dcgm-frozen.yaml', dry_run: true },
    },
  ],
  run: async (input, context) => {
    const campaign = findCampaign(input.campaign, context, input.campaigns_dir);
    const at = (path: string | undefined): string | undefined => (path === undefined ? undefined : context.path(path));
    const found = await correlateCell({
      campaign,
      cell: input.cell_id,
      config: await configIn(campaign, context.signal),
      table: await ceilings(context, campaign),
      frozen: at(input.frozen_yaml),
      capture: at(input.capture),
      kernels: at(input.kernels_json),
      hwKey: input.hw_key,
      dryRun: context.dryRun,
      signal: context.signal,
    });
    const { correlation } = found;
    return {
      campaign_dir: campaign,
      cell_id: input.cell_id,
      dcgm_correlation_json: found.path,
      frozen_yaml: found.frozen,
      capture: found.capture,
      kernels_json: correlation.kernels_json_path,
      captured_sources: [...correlation.captured_sources],
      hw_key: correlation.hw_key,
      n_gpus: correlation.n_gpus,
      duration_s: correlation.duration_s,
      shares: correlation.resources.map(({ peak_key, sol_pct, best_pct, share_of }) => ({ peak_key, sol_pct, best_pct, share_of })),
      n_resources: correlation.resources.length,
      power_watts_per_gpu: correlation.power_watts_per_gpu,
      power_scope: correlation.power_scope,
      regime: correlation.regime,
      regime_times: correlation.regime_times.map((each) => ({ ...each })),
      per_category_attribution_rows: correlation.per_category_attribution.length,
      per_category_estimate_rows: correlation.per_category_estimate.length,
      lacking: correlation.lacking.map(({ field, reason }) => `${field}: ${reason}`),
      notes: [...correlation.notes],
      sol_rigor: found.sol_rigor,
      rows_with_power: found.rows_with_power,
      without_power: found.without_power,
      summary: correlationText(input.cell_id, found),
    };
  },
  render: ({ summary, dcgm_correlation_json: path, rows_with_power: rows }, say) =>
    [summary, `${say('wrote', 'write')} ${path}${rows > 0 ? ', and power and activity into its row' : ''}`].join('\n'),
  next: ({ campaign_dir: campaign, rows_with_power: rows }) =>
    rows > 0
      ? [{ verb: 'perf_tune_report_atlas_aggregate', input: { campaign } }]
      : [{ verb: 'perf_tune_report_campaign_status', input: { campaign } }],
  links: ({ dcgm_correlation_json: path }) => [{ path, title: 'Counters against ceilings', mime_type: 'application/json' }],
}); // prettier-ignore
