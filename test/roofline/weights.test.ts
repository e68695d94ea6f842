import { describe, expect, it } from 'vitest';
import { numberAt, objectAt } from '../../src/importers/json-fields.ts';
import { decodeStep, prefillStep } from '../../src/roofline/build-step.ts';
import { languageModel } from '../../src/roofline/config-fields.ts';
import { kvBytesPerToken, kvFormatOf, kvHeadsPerRank } from '../../src/roofline/kv-cache.ts';
import { readModelShape } from '../../src/roofline/read-model-shape.ts';
import { readQuantisation } from '../../src/roofline/read-quantisation.ts';
import type { Step } from '../../src/roofline/step.ts';
import { BF16 } from '../../src/roofline/weight-format.ts';
import { countWeights, modelWeights, type WeightCounts } from '../../src/roofline/weights.ts';
import { absent, checkpoint, CHECKPOINTS, physics } from './golden.ts';

const countsOf = (name: string): WeightCounts => {
  const { config, side, path } = checkpoint(name);
  const shape = readModelShape(config, path);
  const { formatOf } = readQuantisation(config, languageModel(config), side, path);
  return countWeights(shape, modelWeights(shape, formatOf));
};

const without = (values: Readonly<Record<string, unknown>>, prefix: string): Record<string, unknown> =>
  Object.fromEntries(Object.entries(values).filter(([key]) => !key.startsWith(prefix)));

describe.skipIf(absent)('parameters and bytes are the derived ones', () => {
  const models = absent ? {} : objectAt(physics(), 'models');

  it.each(Object.entries(CHECKPOINTS))('%s', (name, file) => {
    const golden = objectAt(models, name);
    const number = (key: string): number => numberAt(golden, key, name) ?? Number.NaN;
    const counts = countsOf(file);
    expect(counts.paramsByGroup).toEqual(without(objectAt(golden, 'params_by_group'), 'mtp.'));
    expect(counts.bytesByGroup).toEqual(without(objectAt(golden, 'weight_bytes_by_group'), 'mtp.'));
    expect(without(counts.bytesByFormat, 'vectors')).toEqual(
      without(objectAt(golden, 'weight_bytes_by_dtype_without_mtp'), 'vec'),
    );
    expect(counts).toMatchObject({
      paramsTotal: number('params_total_without_mtp'),
      paramsMtp: number('params_mtp'),
      paramsActiveWithEmbedding: number('params_active_with_embedding'),
      paramsActiveWithoutEmbedding: number('params_active_without_embedding'),
      bytesTotal: number('weight_bytes_total_without_mtp'),
      bytesOneToken: number('weight_bytes_active_one_token'),
      linearFlopsPerToken: number('linear_flops_per_token_with_lm_head'),
      linearFlopsPerTokenWithoutHead: number('linear_flops_per_token_without_lm_head'),
    });
    expect(counts.bytesTotal + counts.bytesMtp).toBe(number('weight_bytes_total_with_mtp'));
    expect(Math.abs(counts.paramsTotal / number('published_total') - 1)).toBeLessThan(0.02);
  });

  it.each([
    ['meta-llama--Meta-Llama-3.1-405B', 405_853_388_800, 1e-12],
    ['moonshotai--Kimi-K2-Instruct', 1.04e12, 0.015],
    ['moonshotai--Kimi-K2.5', 1.04e12, 0.015],
    ['nvidia--Kimi-K2.6-NVFP4', 1.04e12, 0.015],
    ['mistralai--Mixtral-8x22B-v0.1', 141e9, 0.01],
    ['Qwen--Qwen3-Coder-480B-A35B-Instruct', 480e9, 0.01],
    ['Qwen--Qwen3.5-27B', 27e9, 0.02],
    ['Qwen--Qwen3.5-397B-A17B', 397e9, 0.01],
    ['XiaomiMiMo--MiMo-V2-Flash', 309e9, 0.02],
    ['MiniMaxAI--MiniMax-M2.7', 229e9, 0.02],
    ['meta-llama--Llama-4-Maverick-17B-128E-Instruct', 400e9, 0.02],
    ['nvidia--NVIDIA-Nemotron-3-Nano-30B-A3B-NVFP4', 31.6e9, 0.02],
    ['nvidia--GLM-5.2-NVFP4', 744e9, 0.01],
    ['deepseek-ai--DeepSeek-V3.2', 671e9, 0.01],
  ])('%s has about %d parameters', (file, published, within) => {
    expect(Math.abs(countsOf(file).paramsTotal / published - 1)).toBeLessThanOrEqual(within);
  });
});

describe.skipIf(absent)('cache and attention of a token are the derived ones', () => {
  const models = absent ? {} : objectAt(physics(), 'models');
  const ONE = { mode: 'tp', ranks: 1, stages: 1, dispatchBytes: 2 } as const;

  it.each(Object.entries(CHECKPOINTS))('%s', (name, file) => {
    const golden = objectAt(models, name);
    const { config, path } = checkpoint(file);
    const shape = readModelShape(config, path);
    const model = { shape, weights: modelWeights(shape, () => BF16) };
    const flopsOf = (step: Step): number =>
      step.passes
        .flatMap(({ operations }) => operations)
        .filter((operation) => /^(attention_core|indexer_score)/.test(operation.name))
        .reduce((sum, { flops }) => sum + flops, 0);
    for (const [context, flops] of Object.entries(objectAt(golden, 'decode_attention_flops_per_token_by_context'))) {
      const load = { concurrency: 1, contextTokens: Number(context), draftTokens: 0 };
      expect(flopsOf(decodeStep(model, ONE, 'bf16', load))).toBe(flops);
    }
    for (const [tokens, flops] of Object.entries(objectAt(golden, 'prefill_attention_flops_per_prompt_by_tokens'))) {
      const load = { prompts: 1, newTokens: Number(tokens), cachedTokens: 0, chunkTokens: Number(tokens) };
      expect(flopsOf(prefillStep(model, ONE, 'bf16', load))).toBe(flops);
    }
    const [first] = shape.layers;
    const attention = first?.attention;
    if (attention === null || attention === undefined) throw new Error('no attention');
    for (const [format, bytes] of Object.entries(objectAt(golden, 'kv_bytes_per_token_per_layer')))
      expect(kvBytesPerToken(attention, kvFormatOf(format), 1), format).toBe(bytes);
    for (const [ranks, heads] of Object.entries(objectAt(golden, 'kv_heads_per_gpu_by_tp')))
      if (attention.kind === 'gqa') expect(kvHeadsPerRank(attention.kvHeads, Number(ranks))).toBe(heads);
  });
});
