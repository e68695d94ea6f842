// perf_tune_report_roofline_estimate: what a model can do on given hardware, without a run, and where a measured time per token went.
import { z } from 'zod';
import { kernelsOfCell, modelByName, rowOfCell } from '../../src/campaign/cell-facts.ts';
import { CAMPAIGN_FIELDS } from '../../src/campaign/campaign-field.ts';
import { findCampaign } from '../../src/campaign/find-campaign.ts';
import type { AtlasRow } from '../../src/campaign/row.ts';
import type { Estimate, LineEstimate } from '../../src/roofline/estimate.ts';
import { estimateText } from '../../src/roofline/estimate-text.ts';
import { ledgerOf, type Ledger } from '../../src/roofline/ledger.ts';
import { legacyFigures } from '../../src/roofline/legacy.ts';
import { PARTS, partShares } from '../../src/roofline/profile-share.ts';
import { hardwareRates, LINES } from '../../src/roofline/rates.ts';
import { modelOfConfigs, readConfigs, type ModelConfigs } from '../../src/roofline/read-model.ts';
import type { RowFacts } from '../../src/roofline/row-bound.ts';
import { estimateOfLoad, meanContext } from '../../src/roofline/row-estimate.ts';
import { Fault } from '../../src/text/fault.ts';
import { ceilings } from '../../src/verdict/judging-rules.ts';
import type { VerbContext } from '../../src/verb/context.ts';
import { defineVerb, pathField } from '../../src/verb/define-verb.ts';
import { reads } from '../../src/verb/path-use.ts';

const size = (description: string) => z.number().int().positive().max(1_000_000_000).optional().describe(description);

const operationSchema = z.object({
  name: z.string(),
  flops: z.number(),
  hbm_bytes: z.number(),
  ms: z.number(),
  limited_by: z.enum(['compute', 'hbm']),
});

const lineSchema = z.object({
  line: z.enum(LINES),
  step_ms: z.number(),
  communication_ms: z.number(),
  overlapped_step_ms: z.number(),
  tpot_ms: z.number(),
  output_tps_per_gpu: z.number(),
  tps_per_user: z.number(),
  ttft_ms: z.number().nullable(),
  limited_by: z.enum(['compute', 'hbm', 'link']),
});

const ledgerSchema = z.object({
  measured_ms: z.number(),
  bound_ms: z.number(),
  communication_ms: z.number(),
  communication_by: z.enum(['bytes', 'latency', 'none']),
  idle_ms: z.number().nullable(),
  inefficiency_ms: z.number(),
  share_percent: z.number(),
  impossible: z.boolean(),
});

const partSchema = z.object({
  part: z.enum(PARTS),
  bound_ms: z.number(),
  kernel_percent: z.number(),
  kernel_ms: z.number(),
  times_bound: z.number().nullable(),
});

const ledgerData = (ledger: Ledger): z.infer<typeof ledgerSchema> => ({
  measured_ms: ledger.measuredMs,
  bound_ms: ledger.boundMs,
  communication_ms: ledger.communicationMs,
  communication_by: ledger.communicationBy,
  idle_ms: ledger.idleMs,
  inefficiency_ms: ledger.inefficiencyMs,
  share_percent: ledger.sharePercent,
  impossible: ledger.impossible,
});

const lineData = (line: LineEstimate): z.infer<typeof lineSchema> => ({
  line: line.line,
  step_ms: line.stepMs,
  communication_ms: line.communicationMs,
  overlapped_step_ms: line.overlappedStepMs,
  tpot_ms: line.tpotMs,
  output_tps_per_gpu: line.outputTokPerSecPerGpu,
  tps_per_user: line.outputTokPerSecPerUser,
  ttft_ms: line.ttftMs,
  limited_by: line.limitedBy,
});

const FIELDS = {
  model_config: pathField('config.json of the model, or its folder.').optional(),
  model: z.string().min(1).optional().describe('Or its name.'),
  campaign: z.string().min(1).optional().describe('Of the cell. Path, folder name, experiment id or slug.'),
  campaigns_dir: CAMPAIGN_FIELDS.campaigns_dir,
  cell_id: z.string().min(1).optional().describe('Its row is explained.'),
  hardware: z.string().min(1).optional().describe('GPU, as in B200. Default of the row.'),
  tensor_parallel: size('TP size. Default 1.'),
  expert_parallel: size('EP size.'),
  data_parallel: size('DP size.'),
  pipeline_parallel: size('Pipeline stages.'),
  fp8_dispatch: z.boolean().optional().describe('Tokens go to experts in FP8.'),
  concurrency: size('Sequences at once. Default 1.'),
  context_tokens: size('Mean context in decode.'),
  isl: size('Prompt tokens.'),
  osl: size('Output tokens.'),
  kv_cache_dtype: z.string().min(1).optional().describe('auto, bf16, fp8, nvfp4 or fp8_ds_mla.'),
  weights: z.string().min(1).optional().describe('Format of every matrix, in place of the checkpoint.'),
  spec_tokens: z.number().int().nonnegative().max(1000).optional().describe('Draft tokens per step.'),
  acceptance_length: z.number().min(1).optional().describe('Tokens per step with drafts, bonus included.'),
  measured_tpot_ms: z.number().positive().optional().describe('TPOT to explain.'),
  idle_percent: z.number().min(0).max(100).optional().describe('GPU idle share of it, from a profile.'),
};

type Input = z.output<z.ZodObject<typeof FIELDS>>;

/** What is estimated: the caller's fields, and those of the row where the caller names one. */
interface Asked {
  readonly campaign: string | null;
  readonly row: AtlasRow | null;
  readonly hardware: string;
  readonly facts: RowFacts;
  readonly contextTokens: number;
}

const missing = (code: string, message: string, fix: string): Fault => new Fault('usage', code, message, { fix });

/** Mean keys of a query: as given, else the prompt and half of the output. */
const contextOf = ({ context_tokens: context }: Input, input: number | null, output: number | null): number => {
  if (context !== undefined) return context;
  if (input !== null && output !== null) return meanContext(input, output);
  throw missing('context_unknown', 'neither context_tokens nor isl with osl is given', 'give the mean context, or both lengths');
}; // prettier-ignore

const askedRow = async (input: Input, context: VerbContext): Promise<Pick<Asked, 'campaign' | 'row'>> => {
  const { campaign: named, cell_id: cell } = input;
  if (named === undefined) {
    if (cell !== undefined) throw missing('campaign_missing', 'a cell belongs to a campaign', 'give campaign with cell_id');
    return { campaign: null, row: null };
  }
  const campaign = findCampaign(named, context, input.campaigns_dir);
  return { campaign, row: cell === undefined ? null : await rowOfCell(campaign, cell, input.concurrency) };
}; // prettier-ignore

const factsOf = (input: Input, row: AtlasRow | null): RowFacts => ({
  tensor_parallel: input.tensor_parallel ?? row?.tensor_parallel ?? 1,
  pipeline_parallel: input.pipeline_parallel ?? row?.pipeline_parallel ?? 1,
  data_parallel: input.data_parallel ?? row?.data_parallel ?? 1,
  expert_parallel: input.expert_parallel ?? row?.expert_parallel ?? null,
  dp_attention: row?.dp_attention ?? null,
  parallel_strategy: row?.parallel_strategy ?? 'TP',
  kv_cache_dtype: input.kv_cache_dtype ?? row?.kv_cache_dtype ?? 'auto',
  concurrency: input.concurrency ?? row?.concurrency ?? 1,
  mean_input_tokens: input.isl ?? row?.mean_input_tokens ?? null,
  mean_output_tokens: input.osl ?? row?.mean_output_tokens ?? null,
  num_speculative_tokens: input.spec_tokens ?? row?.num_speculative_tokens ?? null,
  acceptance_length: input.acceptance_length ?? row?.acceptance_length ?? null,
});

const askedOf = async (input: Input, context: VerbContext): Promise<Asked> => {
  const { campaign, row } = await askedRow(input, context);
  const facts = factsOf(input, row);
  const hardware = input.hardware ?? row?.hardware;
  if (hardware === undefined) throw missing('hardware_missing', 'nothing says on which GPU', 'give hardware, as in B200');
  return {
    campaign,
    row,
    hardware,
    facts,
    contextTokens: contextOf(input, facts.mean_input_tokens, facts.mean_output_tokens),
  };
}; // prettier-ignore

const configsOf = async (input: Input, { campaign, row }: Asked, context: VerbContext): Promise<ModelConfigs> => {
  if (input.model_config !== undefined) return readConfigs(context.path(input.model_config), context.signal);
  const name = input.model ?? row?.model;
  if (name === undefined) throw missing('model_missing', 'nothing says which model', 'give model_config with its config.json, or model with its name');
  return modelByName(name, campaign, context);
}; // prettier-ignore

/** A caller's own lengths are taken at their word; those of a row must be possible. */
const draftsOf = ({ spec_tokens: drafts = 0, acceptance_length: perStep = 1 }: Input, { row }: Asked) =>
  row === null ? { drafts, perStep } : undefined;

const measuredLedger = (input: Input, { row }: Asked, { lines: [first], collectives }: Estimate): Ledger | null => {
  const tpotMs = input.measured_tpot_ms ?? row?.tpot_median_ms ?? null;
  if (first === undefined || tpotMs === null) return null;
  return ledgerOf(first, collectives, { tpotMs, idleShare: input.idle_percent === undefined ? null : input.idle_percent / 100 });
}; // prettier-ignore

/** Kernels of the named cell beside the operations; none where it holds no profile. */
const partsOf = async (input: Input, { campaign, row }: Asked, { lines: [first] }: Estimate, ledger: Ledger | null) => {
  if (campaign === null || row === null || first === undefined || ledger === null) return [];
  return partShares(first, ledger, await kernelsOfCell(campaign, input.cell_id ?? row.cell_id));
};

export const rooflineEstimate = defineVerb({
  name: 'perf_tune_report_roofline_estimate',
  family: 'analysis',
  library: 'perf_tune_report',
  verb: 'roofline_estimate',
  title: 'Estimate a roofline',
  description:
    'Bounds TPOT, TTFT, tok/s/GPU of a model on a GPU without a run; explains a measured TPOT. For a sweep: perf_tune_report_import_roofline_sweep.',
  safety: 'read_only',
  fields: FIELDS,
  aliases: { tp: 'tensor_parallel', ep: 'expert_parallel', dp: 'data_parallel', pp: 'pipeline_parallel' },
  paths: { model_config: reads },
  positionals: ['model_config'],
  seldom: [
    'weights',
    'pipeline_parallel',
    'data_parallel',
    'fp8_dispatch',
    'campaigns_dir',
    'spec_tokens',
    'acceptance_length',
    'idle_percent',
    'kv_cache_dtype',
  ],
  data: {
    model_source: z.string(),
    hardware: z.string(),
    n_gpus: z.number(),
    context_tokens: z.number(),
    kv_cache_dtype: z.string(),
    params_total: z.number(),
    params_active: z.number(),
    weight_bytes: z.number(),
    flops_per_rank: z.number(),
    hbm_bytes_per_rank: z.number(),
    link_bytes_per_rank: z.number(),
    weight_bytes_per_gpu: z.number(),
    kv_bytes_per_gpu: z.number(),
    fits: z.boolean().nullable(),
    distinct_experts: z.object({ expected: z.number(), worst: z.number(), of: z.number() }).nullable(),
    lines: z.array(lineSchema),
    missing_lines: z.array(z.object({ line: z.enum(LINES), because: z.string() })),
    operations: z.array(operationSchema),
    ledger: ledgerSchema.nullable(),
    parts: z.array(partSchema),
    assumptions: z.array(z.string()),
    disputed_ceilings: z.array(z.string()),
    legacy: z.object({
      flops_per_token: z.number(),
      hbm_bytes_per_token: z.number(),
      decode_intensity: z.number(),
      prefill_intensity: z.number().nullable(),
    }),
    summary: z.string(),
  },
  examples: [
    {
      title: 'GLM-5.1 in NVFP4 on eight B200',
      input: {
        model_config: 'config.json',
        hardware: 'B200',
        tensor_parallel: 8,
        concurrency: 32,
        isl: 1024,
        osl: 512,
      },
    },
  ],
  run: async (input, context) => {
    const asked = await askedOf(input, context);
    const { facts, contextTokens, row } = asked;
    const configs = await configsOf(input, asked, context);
    const read = modelOfConfigs(configs, input.weights);
    const { counts, legacy } = read;
    const hardware = hardwareRates(await ceilings(context, asked.campaign ?? undefined), asked.hardware);
    const drafts = draftsOf(input, asked);
    const load = estimateOfLoad({ facts, read, hardware, contextTokens, fp8Dispatch: input.fp8_dispatch, drafts });
    const { estimated, replicas, kvFormat, promptTokens } = load;
    const assumed = [...read.assumptions, ...load.assumptions];
    const ledger = measuredLedger(input, asked, estimated);
    const parts = await partsOf(input, asked, estimated, ledger);
    const labelled = { quant: legacy.quant, kvDtype: kvFormat, concurrency: facts.concurrency, context: contextTokens };
    const old = legacyFigures(legacy.shape, labelled, promptTokens);
    return {
      model_source: configs.path,
      hardware: hardware.hardware,
      n_gpus: estimated.gpus * replicas,
      context_tokens: contextTokens,
      kv_cache_dtype: kvFormat,
      params_total: counts.paramsTotal,
      params_active: counts.paramsActiveWithoutEmbedding,
      weight_bytes: counts.bytesTotal,
      flops_per_rank: estimated.flopsPerRank,
      hbm_bytes_per_rank: estimated.hbmBytesPerRank,
      link_bytes_per_rank: estimated.linkBytesPerRank,
      weight_bytes_per_gpu: estimated.weightBytesPerGpu,
      kv_bytes_per_gpu: estimated.kvBytesPerGpu,
      fits: estimated.fits,
      distinct_experts: estimated.distinctExperts,
      lines: estimated.lines.map(lineData),
      missing_lines: [...estimated.missing],
      operations: (estimated.lines[0]?.operations ?? []).map(({ name, flops, hbmBytes, seconds, limitedBy }) => ({
        name,
        flops,
        hbm_bytes: hbmBytes,
        ms: 1000 * seconds,
        limited_by: limitedBy,
      })),
      ledger: ledger === null ? null : ledgerData(ledger),
      parts,
      assumptions: [...assumed],
      disputed_ceilings: [...hardware.disputed],
      legacy: {
        flops_per_token: old.flopsPerToken,
        hbm_bytes_per_token: old.hbmBytesPerToken,
        decode_intensity: old.decodeIntensity,
        prefill_intensity: old.prefillIntensity,
      },
      summary: estimateText(estimated, {
        assumptions: assumed,
        contextTokens,
        ledger,
        parts,
        cell: row === null ? null : { id: row.cell_id, concurrency: row.concurrency },
      }),
    };
  },
  render: ({ summary }) => summary,
});
