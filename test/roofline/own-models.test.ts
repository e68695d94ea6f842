import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseCeilings } from '../../src/hardware/ceilings.ts';
import { boundOf, type Rates } from '../../src/roofline/bound.ts';
import { decodeStep, prefillStep, type Model } from '../../src/roofline/build-step.ts';
import { estimate, type EstimateRequest } from '../../src/roofline/estimate.ts';
import { expectedDistinct, remoteRanks, worstDistinct } from '../../src/roofline/experts.ts';
import { kvBytesPerToken, kvFormatOf } from '../../src/roofline/kv-cache.ts';
import { hardwareRates } from '../../src/roofline/rates.ts';
import { readModelShape } from '../../src/roofline/read-model-shape.ts';
import { moduleList, readQuantisation } from '../../src/roofline/read-quantisation.ts';
import type { Deployment, Step } from '../../src/roofline/step.ts';
import { matrixBytes, NAMED_FORMATS, NVFP4 } from '../../src/roofline/weight-format.ts';
import { countWeights } from '../../src/roofline/weights.ts';
import { fixture, modelOf } from './fixtures.ts';

/** INT8 weights and activations. */
const W8A8 = {
  quant_method: 'compressed-tensors',
  config_groups: {
    all: { targets: ['Linear'], weights: { num_bits: 8, type: 'int' }, input_activations: { num_bits: 8 } },
  },
};

const ONE: Deployment = { mode: 'tp', ranks: 1, stages: 1, dispatchBytes: 2 };
const RATES: Rates = {
  bf16: 1e12,
  fp8: 2e12,
  nvfp4: null,
  mxfp4: null,
  int8: null,
  hbm: 1e9,
  link: 1e8,
  pipelineLink: null,
};

const decode = (model: Model, concurrency: number, context: number, deployment = ONE, drafts = 0): Step =>
  decodeStep(model, deployment, 'bf16', { concurrency, contextTokens: context, draftTokens: drafts });

const amounts = (step: Step, name: string): { flops: number; hbmBytes: number } => {
  const found = boundOf(step, RATES).operations.find((operation) => operation.name === name);
  return { flops: found?.flops ?? Number.NaN, hbmBytes: found?.hbmBytes ?? Number.NaN };
};

describe('counts of small models', () => {
  it('a dense model: 2 x embedding, 2 layers of attention, MLP and norms, the last norm', () => {
    const { shape, weights } = modelOf('dense');
    const attention = 2 * 64 * 64 + 2 * 64 * 32;
    const layer = attention + 3 * 64 * 128 + 2 * 64;
    const counts = countWeights(shape, weights);
    expect(counts.paramsTotal).toBe(2 * 100 * 64 + 2 * layer + 64);
    expect(counts.bytesTotal).toBe(2 * counts.paramsTotal);
    expect(counts.linearFlopsPerToken).toBe(2 * (2 * (layer - 128) + 6400));
  });

  it('a tied head is one matrix, which is read as the head', () => {
    const { shape, weights } = modelOf('dense', { tie_word_embeddings: true });
    expect(countWeights(shape, weights).paramsTotal).toBe(
      countWeights(shape, modelOf('dense').weights).paramsTotal - 6400,
    );
    expect(amounts(decode({ shape, weights }, 1, 8), 'lm_head.bf16').hbmBytes).toBe(12800);
  });

  it('experts in FP8 blocks: their bytes with scales, the router and its correction bias apart', () => {
    const { shape, weights } = modelOf('latent-experts');
    const counts = countWeights(shape, weights);
    const expert = 3 * 256 * 128;
    expect(counts.paramsByGroup['expert_routed']).toBe(2 * 8 * expert);
    expect(counts.bytesByGroup['expert_routed']).toBe(2 * 8 * (expert + 4 * 3 * 2));
    expect(counts.bytesByGroup['router']).toBe(2 * (2 * 8 * 256 + 4 * 8));
    expect(counts.paramsActiveWithEmbedding).toBe(counts.paramsTotal - 2 * 6 * expert);
  });

  it.each([
    ['bf16', 2 * 300 * 200],
    ['fp8', 300 * 200],
    ['fp8_block128', 300 * 200 + 4 * 3 * 2],
    ['nvfp4', 150 * 200 + 300 * 13],
    ['mxfp4', 150 * 200 + 300 * 7],
    ['int4', 150 * 200 + 2 * 300 * 7],
  ])('a matrix of 300 x 200 in %s has %d bytes', (name, bytes) => {
    const format = NAMED_FORMATS[name];
    expect(format && matrixBytes(format, 300, 200)).toBe(bytes);
  });
});

describe('operations of a step', () => {
  it('attention of a decode step: 4 n d per key and layer, the cache read and one token written', () => {
    const core = amounts(decode(modelOf('dense'), 3, 10), 'attention_core_full.bf16');
    expect(core).toEqual({ flops: 3 * 2 * 10 * 4 * 64, hbmBytes: 3 * 2 * (10 + 1) * 2 * 2 * 16 * 2 });
  });

  it('drafts see one key more each', () => {
    const core = amounts(decode(modelOf('dense'), 1, 10, ONE, 2), 'attention_core_full.bf16');
    expect(core).toEqual({ flops: 2 * (10 + 11 + 12) * 4 * 64, hbmBytes: 2 * (12 + 3) * 128 });
  });

  it('a window limits the keys, a recurrent layer reads and writes its state', () => {
    const step = decode(modelOf('hybrid'), 1, 100);
    expect(amounts(step, 'attention_core_sliding.bf16')).toEqual({ flops: 8 * 4 * 64, hbmBytes: 9 * 128 });
    const state = 4 * 8 * 8;
    const convolution = (2 * 16 + 32) * 3 * 2;
    expect(amounts(step, 'linear_state.bf16')).toEqual({
      flops: 2 * 6 * state,
      hbmBytes: 2 * 2 * (4 * state + convolution),
    });
  });

  it('two KV heads on four ranks are held twice, a latent by every rank', () => {
    const four = { ...ONE, ranks: 4 };
    expect(amounts(decode(modelOf('dense'), 1, 10, four), 'attention_core_full.bf16').hbmBytes).toBe(2 * 11 * 32 * 2);
    expect(amounts(decode(modelOf('latent-experts'), 1, 10, four), 'attention_core_full.bf16')).toEqual({
      flops: 3 * 10 * 2 * 1 * (2 * 128 + 16),
      hbmBytes: 3 * 11 * 144 * 2,
    });
  });

  it('a prefill computes what is not cached, and the head for one row', () => {
    const load = { prompts: 1, newTokens: 6, cachedTokens: 4, chunkTokens: 4 };
    const step = prefillStep(modelOf('dense'), ONE, 'bf16', load);
    expect(step.passes).toHaveLength(2);
    expect(amounts(step, 'attention_core_full.bf16').flops).toBe(2 * 4 * 64 * (5 + 6 + 7 + 8 + 9 + 10));
    expect(amounts(step, 'lm_head.bf16')).toEqual({ flops: 2 * 6400, hbmBytes: 2 * 6400 });
    expect(amounts(step, 'mlp_dense.bf16').hbmBytes).toBe(2 * 2 * 2 * 3 * 64 * 128);
  });

  it('stages of a pipeline send hidden states and take a part of the sequences each', () => {
    const step = decode(modelOf('dense'), 4, 10, { ...ONE, stages: 2 });
    expect(step.passes[0]?.transfers).toEqual([
      { name: 'pipeline', count: 1, messageBytes: 256, ringBytes: 256, switchBytes: 256, link: 'pipeline' },
    ]);
    expect(amounts(step, 'attention_core_full.bf16').flops).toBe(2 * 2 * 10 * 4 * 64);
  });

  it('tokens meet experts: expected and worst', () => {
    expect(expectedDistinct(256, 8, 1)).toBeCloseTo(8, 12);
    expect(expectedDistinct(256, 8, 32)).toBeCloseTo(163.31384595, 6);
    expect(worstDistinct(256, 8, 32)).toBe(256);
    expect(remoteRanks(256, 8, 8)).toBeCloseTo(4.63282, 5);
  });
});

describe('formats by module', () => {
  it.each([
    ['mlp.gate', 'model.layers.1.mlp.gate_proj', false],
    ['model.layers.1', 'model.layers.10.mlp.up_proj', false],
    ['model.layers.1', 'model.layers.1.mlp.up_proj', true],
    ['model.layers.0*', 'model.layers.0.self_attn.o_proj', true],
    ['model.layers.*.self_attn', 'model.layers.7.self_attn.q_proj', true],
    ['gate', 'model.layers.3.mlp.gate', true],
    ['language_model.model.layers.2.self_attn*', 'model.layers.2.self_attn.o_proj', true],
    ['re:.*mlp\\.(gate|up|gate_up|down)_proj.*', 'model.layers.0.mlp.up_proj', true],
    ['re:.*shared_experts.*', 'model.layers.1.mlp.experts.0.up_proj', false],
  ])('%s and %s', (pattern, module, listed) => {
    expect(moduleList([pattern], 'x')(module)).toBe(listed);
  });

  it('a list in hf_quant_config.json counts, and its KV cache', () => {
    const side = {
      quantization: { quant_algo: 'NVFP4', kv_cache_quant_algo: 'FP8', exclude_modules: ['lm_head', '*self_attn*'] },
    };
    const config = fixture('dense');
    const { formatOf, kvCache, assumptions } = readQuantisation(config, config, side, 'x');
    expect(formatOf('model.layers.0.mlp.up_proj')).toBe(NVFP4);
    expect(formatOf('model.layers.0.self_attn.o_proj').name).toBe('bf16');
    expect([kvCache, assumptions]).toEqual(['fp8', []]);
  });

  it('no statement is BF16, and says so; an unknown method is refused by name', () => {
    const config = fixture('dense');
    expect(readQuantisation(config, config, null, 'x').assumptions).toEqual([
      'no quantisation is stated, so weights count as BF16',
    ]);
    const odd = { ...config, quantization_config: { quant_method: 'aqlm' } };
    expect(() => readQuantisation(odd, odd, null, 'x')).toThrow(
      expect.objectContaining({ code: 'quantisation_unknown', message: expect.stringContaining('aqlm') }),
    );
  });

  it('KV formats with their scales', () => {
    const [latent] = modelOf('latent-experts').shape.layers;
    const attention = latent?.attention ?? null;
    if (attention === null) throw new Error('no attention');
    const bytes = (name: string): number => kvBytesPerToken(attention, kvFormatOf(name), 1);
    expect(['auto', 'fp8_e4m3', 'nvfp4', 'fp8_ds_mla'].map(bytes)).toEqual([288, 144, 81, 128 + 4 + 32]);
    expect(() => kvFormatOf('fp6')).toThrow(expect.objectContaining({ code: 'kv_format_unknown' }));
  });
});

describe('what is not known is refused by its name', () => {
  it.each([
    [{ layer_types: ['full_attention', 'hyena'] }, 'model_shape_unsupported', 'hyena'],
    [{ compress_ratios: [128, 4] }, 'model_shape_unsupported', 'compress_ratios'],
    [{ linear_attn_config: { kda: true } }, 'model_shape_unsupported', 'linear_attn_config'],
    [{ hybrid_override_pattern: 'M?' }, 'model_shape_unsupported', '?'],
    [{ num_hidden_layers: 0 }, 'model_config_invalid', 'num_hidden_layers'],
    [{ hidden_size: null }, 'model_config_invalid', 'hidden_size'],
    [{ vocab_size: -5 }, 'model_config_invalid', 'vocab_size'],
    [{ num_attention_heads: 2.5 }, 'model_config_invalid', '2.5'],
    [{ num_local_experts: 2, num_experts_per_tok: 4 }, 'model_shape_unsupported', '4 of 2 experts'],
  ])('%j', (changed, code, named) => {
    expect(() => readModelShape({ ...fixture('dense'), ...changed }, 'c.json')).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(named) }),
    );
  });
});

describe('the three lines', async () => {
  const path = 'configs/sol-ceilings.yaml';
  const table = await parseCeilings(readFileSync(path, 'utf8'), path);
  const request = (hardware: string, changed: Partial<EstimateRequest> = {}): EstimateRequest => ({
    model: modelOf('latent-experts'),
    hardware: hardwareRates(table, hardware),
    deployment: ONE,
    kvFormat: 'bf16',
    concurrency: 8,
    contextTokens: 1024,
    promptTokens: 1024,
    draftTokens: 0,
    acceptanceLength: 1,
    ...changed,
  });

  it('stand in order: no measured line is faster than the datasheet', () => {
    const { lines, missing } = estimate(request('H100', { deployment: { ...ONE, ranks: 4 } }));
    expect(lines.map(({ line }) => line)).toEqual(['datasheet', 'best', 'typical']);
    expect(missing).toEqual([]);
    const times = lines.map(({ tpotMs }) => tpotMs);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    for (const { stepMs, overlappedStepMs } of lines) expect(overlappedStepMs).toBeLessThanOrEqual(stepMs);
  });

  it('a line without a figure is left out, and says which', () => {
    const { lines, missing } = estimate(request('H200'));
    expect(lines.map(({ line }) => line)).toEqual(['datasheet']);
    expect(missing.map(({ line }) => line)).toEqual(['best', 'typical']);
  });

  it('INT8 never runs at the peak of FP8', () => {
    const rates = hardwareRates(table, 'GB300').lines.datasheet;
    expect([rates.int8, rates.fp8]).toEqual([165e12, 5000e12]);
    expect(hardwareRates(table, 'MI300X').lines.datasheet.int8).toBeNull();
    const step = decode(modelOf('dense', { quantization_config: W8A8 }), 16, 512);
    const products = (hardware: string): number =>
      boundOf(step, hardwareRates(table, hardware).lines.datasheet).computeSeconds;
    expect(products('GB300')).toBeGreaterThan(5 * products('GB200'));
    expect(() => products('MI300X')).toThrow(expect.objectContaining({ code: 'ceiling_missing' }));
  });

  it('hardware known by name only has no ceiling', () => {
    expect(() => estimate(request('VR200'))).toThrow(expect.objectContaining({ code: 'ceiling_missing' }));
    expect(() => hardwareRates(table, 'H100 NVL')).toThrow(expect.objectContaining({ code: 'hardware_unknown' }));
  });

  it('drafts that are accepted divide the time per token; more than drafted is refused', () => {
    const drafted = estimate(request('H100', { draftTokens: 3, acceptanceLength: 2 })).lines[0];
    expect((drafted?.stepMs ?? 0) / (drafted?.tpotMs ?? 1)).toBeCloseTo(2, 12);
    expect(() => estimate(request('H100', { draftTokens: 1, acceptanceLength: 3 }))).toThrow(
      expect.objectContaining({ code: 'estimate_invalid' }),
    );
  });
});
