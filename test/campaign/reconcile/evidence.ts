// Ceilings of the product, and a dense model of 32 B parameters in BF16 as its publisher's config has it.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseCeilings } from '../../../src/hardware/ceilings.ts';
import type { Evidence, ModelEvidence } from '../../../src/campaign/reconcile/evidence.ts';
import { readModel } from '../../../src/roofline/read-model.ts';
import { scratchFolder } from '../../fs/scratch.ts';
import { writeTree } from '../bundles.ts';

export const DENSE_32B = {
  architectures: ['Qwen3ForCausalLM'],
  model_type: 'qwen3',
  hidden_size: 5120,
  intermediate_size: 25_600,
  num_hidden_layers: 64,
  num_attention_heads: 64,
  num_key_value_heads: 8,
  head_dim: 128,
  vocab_size: 151_936,
  tie_word_embeddings: false,
  attention_bias: false,
  torch_dtype: 'bfloat16',
};

const CEILINGS = resolve('configs/sol-ceilings.yaml');

export const productCeilings = () => parseCeilings(readFileSync(CEILINGS, 'utf8'), CEILINGS);

export const modelOf = async (config: object): Promise<ModelEvidence> => {
  const folder = writeTree(scratchFolder('model'), { 'config.json': config });
  const { model, kvCache, legacy } = await readModel(folder, undefined, new AbortController().signal);
  return { model, kvCache, format: legacy.quant, name: null };
};

export const evidenceOf = async (config: object = DENSE_32B): Promise<Evidence> => ({
  ceilings: await productCeilings(),
  model: await modelOf(config),
});
