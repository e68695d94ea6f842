// Reads the shape of a model from its Hugging Face config.json. What a configuration does not state is an assumption that the
// shape carries along; what it states and nobody here knows refuses the estimate.
import { arrayAt, objectAt, textAt } from '../importers/json-fields.ts';
import type { JsonObject } from '../text/json.ts';
import { configFields, invalid, languageModel, type ConfigFields } from './config-fields.ts';
import { layerKinds, refuseUnknown, unsupported, type AttentionKind, type MlpKind } from './layer-kinds.ts';
import type { Attention, GqaAttention, Indexer, LayerShape, LinearAttention, MlaAttention, Mlp, ModelShape, MoeMlp, Reach } from './model-shape.ts'; // prettier-ignore

const modelTypeOf = ({ values }: ConfigFields): string => textAt(values, 'model_type') ?? 'unknown';

const reachOf = (fields: ConfigFields, kind: AttentionKind): Reach => {
  if (kind === 'sliding') return { kind, keys: fields.need('sliding_window', 'sliding_window_size') };
  if (kind === 'chunked') return { kind, keys: fields.need('attention_chunk_size') };
  if (kind === 'sparse') return { kind, keys: fields.need('index_topk') };
  return { kind: 'full' };
};

/** Layers whose entry is `shared` take the selection of an earlier one. */
const indexerOf = (fields: ConfigFields, kind: AttentionKind, index: number): Indexer | null => {
  const shared = arrayAt(fields.values, 'indexer_types')[index] === 'shared';
  if (kind !== 'sparse' || shared) return null;
  return { heads: fields.need('index_n_heads'), dim: fields.need('index_head_dim') };
};

const mlaAttention = (fields: ConfigFields, kind: AttentionKind, index: number): MlaAttention => ({
  kind: 'mla',
  heads: fields.need('num_attention_heads'),
  queryRank: fields.size('q_lora_rank') ?? 0,
  kvRank: fields.need('kv_lora_rank'),
  nope: fields.need('qk_nope_head_dim'),
  rope: fields.need('qk_rope_head_dim'),
  valueDim: fields.need('v_head_dim'),
  reach: reachOf(fields, kind),
  indexer: indexerOf(fields, kind, index),
});

interface Heads {
  readonly heads: number;
  readonly kvHeads: number;
  readonly keyDim: number;
  readonly valueDim: number;
}

/** Sliding layers may have heads of their own (`swa_`). */
const headsOf = (fields: ConfigFields, kind: AttentionKind): Heads => {
  const { size, need } = fields;
  const own = (name: string): readonly string[] => (kind === 'sliding' ? [`swa_${name}`, name] : [name]);
  const heads = need(...own('num_attention_heads'), 'n_head');
  const keyDim = size(...own('head_dim')) ?? Math.floor(need('hidden_size', 'n_embd') / heads);
  const kvHeads = size(...own('num_key_value_heads'), 'num_kv_heads') ?? heads;
  if (heads % kvHeads !== 0)
    throw invalid(fields.path, `${heads} heads cannot share ${kvHeads} of the cache`, 'num_key_value_heads');
  return {
    heads,
    kvHeads,
    keyDim,
    valueDim: size(...own('v_head_dim')) ?? keyDim,
  };
};

/** Biases of the projections and one sink a head where the architecture has them. */
const biasesOf = (fields: ConfigFields, { heads, kvHeads, keyDim, valueDim }: Heads, kind: AttentionKind): number => {
  const modelType = modelTypeOf(fields);
  const inputs = heads * keyDim + kvHeads * (keyDim + valueDim);
  const sinks =
    modelType === 'gpt_oss' || (kind === 'sliding' && fields.flag('add_swa_attention_sink_bias')) ? heads : 0;
  if (fields.flag('attention_bias')) return inputs + fields.need('hidden_size') + sinks;
  return (/^qwen2/.test(modelType) || fields.flag('qkv_bias') ? inputs : 0) + sinks;
};

const queryKeyNormOf = (fields: ConfigFields, { heads, kvHeads, keyDim }: Heads): number => {
  if (textAt(fields.values, 'qk_norm_type') === 'per_layer') return (heads + kvHeads) * keyDim;
  return /^(qwen3|gemma3)/.test(modelTypeOf(fields)) || fields.flag('use_qk_norm') ? 2 * keyDim : 0;
};

/** Block-sparse attention over grouped heads: a selection of whole blocks, by an indexer of its own. */
const blockSparse = (fields: ConfigFields, index: number): { reach: Reach; indexer: Indexer } | undefined => {
  const sparse = configFields(objectAt(fields.values, 'sparse_attention_config'), fields.path);
  if (arrayAt(sparse.values, 'sparse_attention_freq')[index] !== 1) return undefined;
  const keys = sparse.need('sparse_topk_blocks') * sparse.need('sparse_block_size');
  return {
    reach: { kind: 'sparse', keys },
    indexer: { heads: sparse.need('sparse_num_index_heads'), dim: sparse.need('sparse_index_dim') },
  };
};

const gqaAttention = (fields: ConfigFields, kind: AttentionKind, index: number): GqaAttention => {
  const heads = headsOf(fields, kind);
  const sparse = blockSparse(fields, index);
  return {
    kind: 'gqa',
    ...heads,
    reach: sparse?.reach ?? reachOf(fields, kind),
    indexer: sparse?.indexer ?? indexerOf(fields, kind, index),
    outputGate: fields.flag('attn_output_gate'),
    biases: biasesOf(fields, heads, kind),
    queryKeyNorm: queryKeyNormOf(fields, heads),
  };
};

const stateBytes = ({ values }: ConfigFields): number =>
  (textAt(values, 'mamba_ssm_dtype') ?? textAt(values, 'mamba_ssm_cache_dtype') ?? 'float32') === 'float32' ? 4 : 2;

/** Gated delta net: read the state with the key, correct it, read it with the query: three products of the state's size. */
const deltaNet = (fields: ConfigFields): LinearAttention => {
  const { need } = fields;
  const [keyHeads, valueHeads] = [need('linear_num_key_heads'), need('linear_num_value_heads')];
  const [keyDim, valueDim] = [need('linear_key_head_dim'), need('linear_value_head_dim')];
  const [keys, values] = [keyHeads * keyDim, valueHeads * valueDim];
  return {
    kind: 'linear',
    variant: 'gated_delta_net',
    projectionWidth: 2 * keys + 2 * values + 2 * valueHeads,
    outputWidth: values,
    convolutionWidth: 2 * keys + values,
    convolutionKernel: need('linear_conv_kernel_dim'),
    stateElements: valueHeads * keyDim * valueDim,
    stateBytesPerElement: stateBytes(fields),
    stateFlops: 6,
    vectors: 2 * valueHeads + valueDim,
  };
};

/** Mamba-2: the outer product of the input into the state and the product that reads it. */
const mamba2 = (fields: ConfigFields): LinearAttention => {
  const { need } = fields;
  const [heads, dim] = [need('mamba_num_heads'), need('mamba_head_dim')];
  const [groups, state] = [need('n_groups', 'mamba_n_groups'), need('ssm_state_size', 'mamba_d_state')];
  const inner = heads * dim;
  const convolution = inner + 2 * groups * state;
  return {
    kind: 'linear',
    variant: 'mamba2',
    projectionWidth: inner + convolution + heads,
    outputWidth: inner,
    convolutionWidth: convolution,
    convolutionKernel: need('conv_kernel', 'mamba_d_conv'),
    stateElements: inner * state,
    stateBytesPerElement: stateBytes(fields),
    stateFlops: 4,
    vectors: 3 * heads + inner + (fields.flag('use_conv_bias') ? convolution : 0),
  };
};

const attentionOf = (fields: ConfigFields, kind: AttentionKind, index: number): Attention | null => {
  if (kind === 'none') return null;
  if (kind === 'gated_delta_net') return deltaNet(fields);
  if (kind === 'mamba2') return mamba2(fields);
  return fields.size('kv_lora_rank') === undefined
    ? gqaAttention(fields, kind, index)
    : mlaAttention(fields, kind, index);
};

const expertCount = ({ size }: ConfigFields): number =>
  size('n_routed_experts', 'num_experts', 'num_local_experts', 'n_experts') ?? 0;

/** Architectures of two matrices whose activation does not say so. */
const UNGATED = /^(starcoder2|gpt_neox|gpt2|phi|opt|falcon|bloom|mpt)$/;

/** `relu2` and plain activations have two matrices, gated ones three. */
const isGated = (fields: ConfigFields): boolean => {
  const { values } = fields;
  const activation = textAt(values, 'mlp_hidden_act') ?? textAt(values, 'hidden_act') ?? 'silu';
  if (UNGATED.test(modelTypeOf(fields))) return false;
  return !/^(relu2?|gelu_new|gelu)$/.test(activation) || modelTypeOf(fields).startsWith('gemma');
};

const routerBias = (fields: ConfigFields): number | null => {
  if (modelTypeOf(fields) === 'gpt_oss') return 2;
  const corrected = textAt(fields.values, 'topk_method') === 'noaux_tc' || fields.flag('use_routing_bias');
  return corrected || modelTypeOf(fields) === 'nemotron_h' ? 4 : null;
};

const sharedWidth = (fields: ConfigFields, width: number): number => {
  const stated = fields.size('shared_expert_intermediate_size', 'moe_shared_expert_intermediate_size');
  if (stated !== undefined) return stated;
  if (modelTypeOf(fields).startsWith('llama4')) return width;
  return (fields.size('n_shared_experts', 'num_shared_experts', 'moe_num_shared_experts') ?? 0) * width;
};

const moeMlp = (fields: ConfigFields): MoeMlp => {
  const width = fields.need('moe_intermediate_size', 'expert_intermediate_size', 'intermediate_size');
  const perToken = fields.need('num_experts_per_tok', 'experts_per_token', 'moe_topk', 'num_experts_per_token');
  const experts = expertCount(fields);
  if (perToken > experts)
    throw unsupported(`${perToken} of ${experts} experts per token`, fields, 'num_experts_per_tok');
  return {
    kind: 'moe',
    experts,
    perToken,
    width,
    gated: isGated(fields),
    sharedWidth: sharedWidth(fields, width),
    sharedGate: fields.size('shared_expert_intermediate_size') !== undefined,
    routerBiasBytes: routerBias(fields),
    expertBias: modelTypeOf(fields) === 'gpt_oss',
  };
};

const mlpOf = (fields: ConfigFields, kind: MlpKind): Mlp | null => {
  if (kind === 'none') return null;
  if (kind === 'moe') return moeMlp(fields);
  const width = fields.need(
    'dense_intermediate_size',
    'intermediate_size_mlp',
    'intermediate_size',
    'ffn_dim',
    'n_inner',
  );
  return { kind: 'dense', width, gated: isGated(fields) };
};

/** Layers for multi-token prediction are built as the last layer of the model. */
const predictionLayers = (fields: ConfigFields, layers: readonly LayerShape[]): LayerShape[] => {
  const count = fields.size('num_nextn_predict_layers', 'mtp_num_hidden_layers', 'num_mtp_modules') ?? 0;
  const last = layers.at(-1);
  if (last === undefined) return [];
  return Array.from({ length: count }, (_, index) => ({ ...last, index: layers.length + index }));
};

const assumptionsOf = (fields: ConfigFields, kinds: readonly (readonly [AttentionKind, MlpKind])[]): string[] => {
  const has = (kind: AttentionKind): boolean => kinds.some(([attention]) => attention === kind);
  const linear = has('gated_delta_net') || has('mamba2');
  return [
    ...(linear ? ['a recurrent layer counts its state once read and once written per sequence and pass'] : []),
    ...(has('chunked') ? ['every fourth layer sees its whole context, as the published code has it'] : []),
    ...(Object.keys(objectAt(fields.values, 'sparse_attention_config')).length > 0
      ? ['the indexer of block-sparse attention is counted as two projections of the hidden state']
      : []),
  ];
};

/** Far above any model: a list of more layers than this comes from a damaged file. */
const MOST_LAYERS = 10_000;

/**
 * The shape of a model from its parsed config.json; a wrapper around a vision model counts its language model only. Throws a
 * Fault `model_config_invalid` for a missing or impossible size, `model_shape_unsupported` for an architecture not known.
 */
export const readModelShape = (config: JsonObject, path: string): ModelShape => {
  const fields = configFields(languageModel(config), path);
  refuseUnknown(fields);
  const count = fields.need('num_hidden_layers', 'n_layer', 'num_layers');
  if (count > MOST_LAYERS) throw unsupported(`a model of ${count} layers`, fields, 'num_hidden_layers');
  const kinds = layerKinds(fields, count, expertCount(fields) > 0);
  const layers = kinds.map(([attention, mlp], index) => ({
    index,
    attention: attentionOf(fields, attention, index),
    mlp: mlpOf(fields, mlp),
  }));
  const wrapped =
    languageModel(config) === config ? [] : ['only the language model is counted, not the towers beside it'];
  return {
    modelType: modelTypeOf(fields),
    hidden: fields.need('hidden_size', 'n_embd'),
    vocabulary: fields.need('vocab_size'),
    tied: fields.flag('tie_word_embeddings'),
    layers,
    mtpLayers: predictionLayers(fields, layers),
    assumptions: [...assumptionsOf(fields, kinds), ...wrapped],
  };
};
