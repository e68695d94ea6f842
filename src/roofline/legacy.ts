// The formulas of the predecessor, kept so that rows and files it wrote can be compared with: one label of quantisation for
// the whole model, no attention FLOPs, every expert of the union read. Nothing that is published is computed from them.
import { numberAt } from '../importers/json-fields.ts';
import type { JsonObject } from '../text/json.ts';
import { languageModel } from './config-fields.ts';

export interface LegacyShape {
  readonly hidden: number;
  readonly layers: number;
  readonly heads: number;
  readonly vocabulary: number;
  readonly intermediate: number;
  readonly kvHeads: number;
  readonly headDim: number;
  readonly extraAttention: number;
  readonly experts: number;
  readonly perToken: number;
  readonly expertWidth: number;
  readonly sharedExperts: number;
  readonly denseLayers: number;
  readonly kvRank: number;
  readonly queryRank: number;
  readonly nope: number;
  readonly rope: number;
  readonly valueDim: number;
}

/** Shape by the predecessor's names and defaults: the first key that holds a number. */
export const legacyShape = (config: JsonObject, path: string): LegacyShape => {
  const values = { ...languageModel(config), ...('hidden_size' in config ? config : {}) };
  const first = (fallback: number, ...names: readonly string[]): number =>
    names.map((name) => numberAt(values, name, path)).find((value) => value !== undefined) ?? fallback;
  const hidden = first(4096, 'hidden_size', 'n_embd');
  const heads = first(Math.max(Math.floor(hidden / 128), 1), 'num_attention_heads', 'n_head');
  const intermediate = first(4 * hidden, 'intermediate_size', 'ffn_dim', 'n_inner');
  return {
    hidden,
    heads,
    intermediate,
    layers: first(32, 'num_hidden_layers', 'n_layer', 'num_layers'),
    vocabulary: first(128000, 'vocab_size'),
    kvHeads: first(heads, 'num_key_value_heads', 'num_kv_heads') || heads,
    headDim: first(0, 'head_dim') || Math.floor(hidden / heads),
    extraAttention: first(0, 'extra_attn_params_per_layer'),
    experts: first(0, 'n_routed_experts', 'num_experts', 'num_local_experts', 'n_experts'),
    perToken: first(0, 'num_experts_per_tok', 'num_experts_per_token', 'moe_topk', 'n_experts_per_tok'),
    expertWidth: first(0, 'moe_intermediate_size', 'expert_intermediate_size') || intermediate,
    sharedExperts: first(0, 'n_shared_experts', 'num_shared_experts', 'moe_num_shared_experts'),
    denseLayers: first(0, 'first_k_dense_replace', 'moe_layer_start_index'),
    kvRank: first(0, 'kv_lora_rank'),
    queryRank: first(0, 'q_lora_rank'),
    nope: first(0, 'qk_nope_head_dim'),
    rope: first(0, 'qk_rope_head_dim'),
    valueDim: first(0, 'v_head_dim'),
  };
};

const isMoe = ({ experts, perToken }: LegacyShape): boolean => experts > 0 && perToken > 0;
const isMla = ({ kvRank, rope }: LegacyShape): boolean => kvRank > 0 && rope > 0;

const weightBytesPerParam = (quant: string): number =>
  ({ NVFP4: 0.5625, FP4: 0.5625, FP8: 1, INT8: 1, FP32: 4 })[quant.toUpperCase()] ?? 2;

const kvBytesPerElement = (dtype: string): number =>
  ({ nvfp4: 0.5, bf16: 2, fp16: 2, bfloat16: 2, float16: 2 })[dtype.toLowerCase()] ?? 1;

export const legacyAttentionParams = (shape: LegacyShape): number => {
  const { hidden, heads, kvHeads, headDim, extraAttention } = shape;
  if (!isMla(shape)) return 2 * hidden * heads * headDim + 2 * hidden * kvHeads * headDim + extraAttention;
  const { kvRank, queryRank, nope, rope, valueDim } = shape;
  const queries = hidden * queryRank + (queryRank || hidden) * heads * (nope + rope);
  return (
    queries + hidden * (kvRank + rope) + kvRank * heads * (nope + valueDim) + heads * valueDim * hidden + extraAttention
  );
};

export const legacyHeadParams = ({ hidden, vocabulary }: LegacyShape): number => hidden * vocabulary;

/** Parameters with `taken` routed experts in each layer; no embedding. */
export const legacyParams = (shape: LegacyShape, taken: number): number => {
  const { hidden, layers, intermediate, expertWidth, sharedExperts, experts } = shape;
  const mlp = (width: number): number => 3 * hidden * width;
  const dense = isMoe(shape) ? Math.min(shape.denseLayers, layers) : layers;
  const moe = (sharedExperts + taken) * mlp(expertWidth) + hidden * experts;
  const blocks = dense * mlp(intermediate) + (layers - dense) * moe;
  return layers * legacyAttentionParams(shape) + blocks + legacyHeadParams(shape);
};

export const legacyWeightBytes = (shape: LegacyShape, taken: number, quant: string): number =>
  (legacyParams(shape, taken) - legacyHeadParams(shape)) * weightBytesPerParam(quant) + 2 * legacyHeadParams(shape);

export const legacyKvElements = (shape: LegacyShape): number =>
  isMla(shape) ? shape.kvRank + shape.rope : 2 * shape.kvHeads * shape.headDim;

/** Cache bytes read for one generated token. */
export const legacyKvBytes = (shape: LegacyShape, context: number, kvDtype: string): number =>
  context * shape.layers * legacyKvElements(shape) * kvBytesPerElement(kvDtype);

export const legacyFlopsPerToken = (shape: LegacyShape): number =>
  2 * legacyParams(shape, isMoe(shape) ? shape.perToken : 0);

export interface LegacyDecode {
  readonly quant: string;
  readonly kvDtype: string;
  readonly concurrency: number;
  readonly context: number;
}

/** HBM bytes for one generated token: the weights shared by the batch, its own cache. */
export const legacyDecodeBytes = (
  shape: LegacyShape,
  { quant, kvDtype, concurrency, context }: LegacyDecode,
): number => {
  const union = isMoe(shape) ? Math.min(shape.experts, shape.perToken * concurrency) : 0;
  return legacyWeightBytes(shape, union, quant) / concurrency + legacyKvBytes(shape, context, kvDtype);
};

/** Arithmetic intensity of decode, FLOP/B. */
export const legacyDecodeIntensity = (shape: LegacyShape, decode: LegacyDecode): number =>
  legacyFlopsPerToken(shape) / legacyDecodeBytes(shape, decode);

/** Arithmetic intensity of a prefill chunk, FLOP/B; every chunk reads every expert. */
export const legacyPrefillIntensity = (shape: LegacyShape, tokens: number, quant: string): number =>
  (legacyFlopsPerToken(shape) * tokens) / legacyWeightBytes(shape, isMoe(shape) ? shape.experts : 0, quant);

export interface LegacyFigures {
  readonly flopsPerToken: number;
  readonly hbmBytesPerToken: number;
  /** FLOP/B. */
  readonly decodeIntensity: number;
  /** FLOP/B of a chunk of the prompt's length; null without one. */
  readonly prefillIntensity: number | null;
}

/** What the predecessor would have said of a model under one label of quantisation. */
export const legacyFigures = (
  shape: LegacyShape,
  decode: LegacyDecode,
  promptTokens: number | null,
): LegacyFigures => ({
  flopsPerToken: legacyFlopsPerToken(shape),
  hbmBytesPerToken: legacyDecodeBytes(shape, decode),
  decodeIntensity: legacyDecodeIntensity(shape, decode),
  prefillIntensity: promptTokens === null ? null : legacyPrefillIntensity(shape, promptTokens, decode.quant),
});
