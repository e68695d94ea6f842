import { describe, expect, it } from 'vitest';
import { numberAt, objectAt } from '../../src/importers/json-fields.ts';
import { legacyAttentionParams, legacyDecodeBytes, legacyDecodeIntensity, legacyFlopsPerToken, legacyHeadParams, legacyKvBytes, legacyKvElements, legacyParams, legacyPrefillIntensity, legacyShape, legacyWeightBytes } from '../../src/roofline/legacy.ts'; // prettier-ignore
import type { JsonObject } from '../../src/text/json.ts';
import { absent, legacy } from './golden.ts';

/** Our names of what the predecessor called otherwise. */
const asConfig = (shape: JsonObject): JsonObject => ({
  ...shape,
  num_hidden_layers: shape['num_layers'] ?? null,
  num_key_value_heads: shape['num_kv_heads'] ?? null,
});

const golden = absent ? {} : legacy();
const models = Object.keys(golden).filter((name) => name !== 'per_gpu_example');

describe.skipIf(absent)('the formulas of the predecessor come out again', () => {
  it.each(models)('%s', (name) => {
    const expected = objectAt(golden, name);
    const shape = legacyShape(asConfig(objectAt(expected, 'shape')), name);
    const perToken = shape.experts > 0 ? shape.perToken : 0;
    const number = (key: string): number | undefined => numberAt(expected, key, name);
    expect(legacyAttentionParams(shape)).toBe(number('attn_params_per_layer'));
    expect(legacyFlopsPerToken(shape)).toBe(number('flop_per_token'));
    expect(legacyParams(shape, perToken)).toBe(number('active_params_per_tok'));
    expect(legacyParams(shape, shape.experts)).toBe(number('total_params_all_experts'));
    expect(legacyKvElements(shape)).toBe(number('kv_elems_per_token_per_layer'));
    expect(legacyHeadParams(shape)).toBe(number('lm_head_params'));
    for (const [quant, bytes] of Object.entries(objectAt(expected, 'weight_bytes_active')))
      expect(legacyWeightBytes(shape, perToken, quant)).toBe(bytes);
    for (const [quant, bytes] of Object.entries(objectAt(expected, 'weight_bytes_all')))
      expect(legacyWeightBytes(shape, shape.experts, quant)).toBe(bytes);
    for (const quant of ['BF16', 'FP8', 'NVFP4']) {
      for (const [tokens, intensity] of Object.entries(objectAt(objectAt(expected, 'prefill_ai'), quant)))
        expect(legacyPrefillIntensity(shape, Number(tokens), quant)).toBeCloseTo(Number(intensity), 9);
      for (const [key, intensity] of Object.entries(objectAt(objectAt(expected, 'decode_ai'), quant))) {
        const [c = '', ctx = '', kvDtype = ''] = key.split('/');
        const load = { quant, kvDtype, concurrency: Number(c.slice(1)), context: Number(ctx.slice(3)) };
        expect(legacyDecodeIntensity(shape, load)).toBeCloseTo(Number(intensity), 9);
      }
    }
    for (const [key, bytes] of Object.entries(objectAt(expected, 'kv_bytes_per_token'))) {
      const [ctx = '', kvDtype = ''] = key.split('/');
      expect(legacyKvBytes(shape, Number(ctx.slice(3)), kvDtype)).toBe(bytes);
    }
  });

  it('counts 20.99 GB per token of DeepSeek-V3 at concurrency 32', () => {
    const shape = legacyShape(asConfig(objectAt(objectAt(golden, 'deepseek-v3 (MoE MLA)'), 'shape')), 'golden');
    const load = { quant: 'FP8', kvDtype: 'fp8', concurrency: 32, context: 512 };
    expect(legacyDecodeBytes(shape, load)).toBe(20_987_533_312);
  });
});
