// Configs that are damaged, incomplete or of no known kind: each is refused by a code that names the file and the member.
import { describe, expect, it } from 'vitest';
import { modelOfConfigs } from '../../src/roofline/read-model.ts';
import type { JsonObject, JsonValue } from '../../src/text/json.ts';
import { fixture } from './fixtures.ts';

const outcome = (config: JsonObject): string => {
  try {
    const { counts } = modelOfConfigs({ config, side: null, path: 'config.json' });
    return Number.isFinite(counts.paramsTotal) && counts.paramsTotal > 0 ? 'read' : 'no number';
  } catch (error) {
    return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : String(error);
  }
};

const QUANT = (more: Readonly<Record<string, JsonValue>>): JsonObject => ({ quantization_config: { ...more } });

describe('a damaged config', () => {
  it.each<[string, JsonObject, string]>([
    ['no layers', { num_hidden_layers: 0 }, 'model_config_invalid'],
    ['negative layers', { num_hidden_layers: -3 }, 'model_config_invalid'],
    ['layers in text', { num_hidden_layers: '61' }, 'not_a_number'],
    ['more layers than any model', { num_hidden_layers: 90_000_000 }, 'model_shape_unsupported'],
    ['a size with a fraction', { hidden_size: 256.5 }, 'model_config_invalid'],
    ['a size beyond any model', { hidden_size: 1e12 }, 'model_config_invalid'],
    ['no vocabulary', { vocab_size: null }, 'model_config_invalid'],
    ['no heads', { num_attention_heads: 0 }, 'model_config_invalid'],
    ['more experts a token than there are', { num_experts_per_tok: 99 }, 'model_shape_unsupported'],
    ['a layer type that nobody knows', { layer_types: ['warp_drive', 'warp_drive', 'warp_drive'] }, 'model_shape_unsupported'],
    ['fewer layer types than layers', { layer_types: ['full_attention'] }, 'model_shape_unsupported'],
    ['a method that nobody knows', QUANT({ quant_method: 'fp3' }), 'quantisation_unknown'],
    ['a quantisation without a method', QUANT({ bits: 4 }), 'quantisation_unknown'],
    ['weights of no bits', QUANT({ quant_method: 'gptq', bits: 0, group_size: 128 }), 'quantisation_unknown'],
    ['groups of no columns', QUANT({ quant_method: 'awq', bits: 4, group_size: 0 }), 'quantisation_unknown'],
    ['blocks of no rows', QUANT({ quant_method: 'fp8', weight_block_size: [0, 128] }), 'quantisation_unknown'],
  ])('with %s is refused', (_, changed, code) => {
    expect(outcome({ ...fixture('latent-experts'), ...changed })).toBe(code);
  }); // prettier-ignore

  it('with a whole row as one group is read', () => {
    expect(outcome({ ...fixture('latent-experts'), ...QUANT({ quant_method: 'gptq', bits: 4, group_size: -1 }) })).toBe(
      'read',
    );
  });

  it('that is empty names what is missing', () => {
    expect(outcome({})).toBe('model_config_invalid');
  });

  it.each([{ num_key_value_heads: 64 }, { num_attention_heads: 3 }])(
    'of grouped heads with %j is refused',
    (changed) => {
      expect(outcome({ ...fixture('dense'), ...changed })).toBe('model_config_invalid');
    },
  );
});
