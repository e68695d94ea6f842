// perf_tune_report_roofline_estimate: what a model can do on given hardware, without a run.
import { z } from 'zod';
import { estimate, type LineEstimate } from '../../src/roofline/estimate.ts';
import { estimateText } from '../../src/roofline/estimate-text.ts';
import { ledgerOf, type Ledger } from '../../src/roofline/ledger.ts';
import { legacyFigures } from '../../src/roofline/legacy.ts';
import { kvFormatOf } from '../../src/roofline/kv-cache.ts';
import { placementOf } from '../../src/roofline/parallelism.ts';
import { hardwareRates, LINES } from '../../src/roofline/rates.ts';
import { readModel } from '../../src/roofline/read-model.ts';
import { Fault } from '../../src/text/fault.ts';
import { ceilings } from '../../src/verdict/judging-rules.ts';
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
  idle_ms: z.number().nullable(),
  inefficiency_ms: z.number(),
  share_percent: z.number(),
  impossible: z.boolean(),
});

const ledgerData = (ledger: Ledger): z.infer<typeof ledgerSchema> => ({
  measured_ms: ledger.measuredMs,
  bound_ms: ledger.boundMs,
  communication_ms: ledger.communicationMs,
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

/** Mean keys of a query: as given, else the prompt and half of the output. */
const contextOf = ({
  context_tokens: context,
  isl,
  osl,
}: {
  context_tokens?: number | undefined;
  isl?: number | undefined;
  osl?: number | undefined;
}): number => {
  if (context !== undefined) return context;
  if (isl !== undefined && osl !== undefined) return isl + Math.ceil(osl / 2);
  throw new Fault('usage', 'context_unknown', 'neither context_tokens nor isl with osl is given', {
    fix: 'give the mean context, or both lengths',
  });
};

export const rooflineEstimate = defineVerb({
  name: 'perf_tune_report_roofline_estimate',
  family: 'analysis',
  library: 'perf_tune_report',
  verb: 'roofline_estimate',
  title: 'Estimate a roofline',
  description:
    'Bounds TPOT, TTFT and tok/s/GPU of a model on a GPU without a run, on datasheet, best and typical rates; explains a measured TPOT. For a sweep at hand: perf_tune_report_import_roofline_sweep.',
  safety: 'read_only',
  fields: {
    model_config: pathField("The model's config.json, or its folder."),
    hardware: z.string().min(1).describe('GPU, as in B200 or gb300_nvl72.'),
    tensor_parallel: size('Tensor-parallel size. Default 1.'),
    expert_parallel: size('Expert-parallel size.'),
    data_parallel: size('Data-parallel size.'),
    pipeline_parallel: size('Pipeline stages.'),
    concurrency: size('Sequences at once. Default 1.'),
    context_tokens: size('Mean context in decode.'),
    isl: size('Prompt tokens.'),
    osl: size('Output tokens.'),
    kv_cache_dtype: z.string().min(1).optional().describe('auto, bf16, fp8, nvfp4 or fp8_ds_mla.'),
    weights: z.string().min(1).optional().describe('Format of every matrix, in place of the checkpoint.'),
    spec_tokens: z.number().int().nonnegative().max(1000).optional().describe('Draft tokens per step.'),
    acceptance_length: z.number().min(1).optional().describe('Tokens per step with drafts, bonus included.'),
    measured_tpot_ms: z.number().positive().optional().describe('A measured TPOT to explain.'),
    idle_percent: z.number().min(0).max(100).optional().describe('GPU idle share of it, from a profile.'),
  },
  aliases: { tp: 'tensor_parallel', ep: 'expert_parallel', dp: 'data_parallel', pp: 'pipeline_parallel' },
  paths: { model_config: reads },
  positionals: ['model_config'],
  seldom: ['weights', 'pipeline_parallel', 'data_parallel'],
  data: {
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
    const { model, counts, kvCache, assumptions, legacy } = await readModel(
      context.path(input.model_config),
      input.weights,
      context.signal,
    );
    const hardware = hardwareRates(await ceilings(context), input.hardware);
    const {
      tensor_parallel: tensor = 1,
      pipeline_parallel: pipeline = 1,
      data_parallel: data = 1,
      expert_parallel: expert = 1,
    } = input;
    const { deployment, replicas } = placementOf({ tensor, pipeline, data, expert }, false);
    const wanted = input.kv_cache_dtype ?? 'auto';
    const kvFormat = wanted === 'auto' && kvCache !== null ? kvCache : kvFormatOf(wanted);
    const contextTokens = contextOf(input);
    const estimated = estimate({
      model,
      hardware,
      deployment,
      kvFormat,
      concurrency: (input.concurrency ?? 1) / replicas,
      contextTokens,
      promptTokens: input.isl ?? null,
      draftTokens: input.spec_tokens ?? 0,
      acceptanceLength: input.acceptance_length ?? 1,
    });
    const [first] = estimated.lines;
    const measured = {
      tpotMs: input.measured_tpot_ms ?? 0,
      idleShare: input.idle_percent === undefined ? null : input.idle_percent / 100,
    };
    const ledger = first === undefined || input.measured_tpot_ms === undefined ? null : ledgerOf(first, measured);
    const assumed =
      wanted === 'auto' && kvCache !== null
        ? [...assumptions, `the KV cache is ${kvCache}, as the checkpoint states`]
        : assumptions;
    const load = {
      quant: legacy.quant,
      kvDtype: kvFormat,
      concurrency: input.concurrency ?? 1,
      context: contextTokens,
    };
    const old = legacyFigures(legacy.shape, load, input.isl ?? null);
    return {
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
      assumptions: [...assumed],
      disputed_ceilings: [...hardware.disputed],
      legacy: {
        flops_per_token: old.flopsPerToken,
        hbm_bytes_per_token: old.hbmBytesPerToken,
        decode_intensity: old.decodeIntensity,
        prefill_intensity: old.prefillIntensity,
      },
      summary: estimateText(estimated, assumed, contextTokens, ledger),
    };
  },
  render: ({ summary }) => summary,
});
