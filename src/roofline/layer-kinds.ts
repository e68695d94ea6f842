// Which kind each layer of a model is, from the lists and patterns that configurations state. A kind that is not known here
// refuses the estimate by its name.
import { arrayAt, textAt } from '../importers/json-fields.ts';
import { Fault } from '../text/fault.ts';
import type { ConfigFields } from './config-fields.ts';

export type AttentionKind = 'full' | 'sliding' | 'chunked' | 'sparse' | 'gated_delta_net' | 'mamba2' | 'none';
export type MlpKind = 'dense' | 'moe' | 'none';

/** The Fault `model_shape_unsupported`: parts of the architecture that no formula here counts. */
export const unsupported = (what: string, { path }: ConfigFields, at: string): Fault =>
  new Fault('input', 'model_shape_unsupported', `${path}: ${what} is not known, so no estimate is made`, {
    path,
    at,
    fix: 'estimate a model of a known architecture; the documentation lists them',
  });

/** Members whose presence means an architecture that is counted in no formula here. */
const REFUSED: Readonly<Record<string, string>> = {
  compress_ratios: 'compressed attention (compress_ratios)',
  hc_mult: 'hyper-connections (hc_mult)',
  linear_attn_config: 'Kimi delta attention (linear_attn_config)',
  moe_latent_size: 'a latent mixture of experts (moe_latent_size)',
  attention_k_eq_v: 'keys that serve as values (attention_k_eq_v)',
  is_encoder_decoder: 'an encoder with a decoder (is_encoder_decoder)',
  block_configs: 'layers of different sizes (block_configs)',
  hidden_size_per_layer_input: 'embeddings per layer (hidden_size_per_layer_input)',
};

/** Throws the Fault `model_shape_unsupported` for an architecture that is known to be different. */
export const refuseUnknown = (fields: ConfigFields): void => {
  for (const [name, what] of Object.entries(REFUSED)) {
    const value = fields.values[name];
    if (value !== undefined && value !== null && value !== false && value !== 0) throw unsupported(what, fields, name);
  }
};

const LAYER_TYPES: Readonly<Record<string, AttentionKind>> = {
  full_attention: 'full',
  attention: 'full',
  global_attention: 'full',
  sliding_attention: 'sliding',
  local_attention: 'sliding',
  chunked_attention: 'chunked',
  deepseek_sparse_attention: 'sparse',
  linear_attention: 'gated_delta_net',
  mamba: 'mamba2',
};

const inTurn = (count: number, kindAt: (index: number) => AttentionKind): AttentionKind[] =>
  Array.from({ length: count }, (_, index) => kindAt(index));

/** A list of as many entries as there are layers; longer ones name the layers for prediction last. */
const listOf = (fields: ConfigFields, name: string, count: number): readonly unknown[] | undefined => {
  const list = arrayAt(fields.values, name);
  if (list.length === 0) return undefined;
  if (list.length < count) throw unsupported(`${name} with ${list.length} entries for ${count} layers`, fields, name);
  return list.slice(0, count);
};

const fromLayerTypes = (fields: ConfigFields, types: readonly unknown[]): AttentionKind[] =>
  types.map((type) => {
    const kind = typeof type === 'string' ? LAYER_TYPES[type] : undefined;
    if (kind === undefined) throw unsupported(`layer type ${JSON.stringify(type)}`, fields, 'layer_types');
    return kind;
  });

/** 0 and 1 in a list: what each stands for. */
const fromFlags = (
  fields: ConfigFields,
  name: string,
  list: readonly unknown[],
  kinds: readonly AttentionKind[],
): AttentionKind[] =>
  list.map((flag) => {
    const kind = typeof flag === 'number' ? kinds[flag] : undefined;
    if (kind === undefined) throw unsupported(`${name} entry ${JSON.stringify(flag)}`, fields, name);
    return kind;
  });

/** Windows of models that list no types: `use_sliding_window` with `max_window_layers`, every n-th layer full, or all. */
const windowed = (fields: ConfigFields, count: number): AttentionKind[] | undefined => {
  if (fields.size('sliding_window') === undefined || fields.values['use_sliding_window'] === false) return undefined;
  const everyNth = fields.size('sliding_window_pattern');
  if (everyNth !== undefined) return inTurn(count, (index) => ((index + 1) % everyNth === 0 ? 'full' : 'sliding'));
  const from = fields.flag('use_sliding_window') ? (fields.size('max_window_layers') ?? 0) : 0;
  return inTurn(count, (index) => (index < from ? 'full' : 'sliding'));
};

/** Layers of Llama 4 without position embedding see everything: every fourth, as its published code has it. */
const chunked = (fields: ConfigFields, count: number): AttentionKind[] | undefined => {
  if (textAt(fields.values, 'model_type')?.startsWith('llama4') !== true) return undefined;
  if (fields.size('attention_chunk_size') === undefined) return undefined;
  const everyNth = fields.size('no_rope_layer_interval') ?? 4;
  return inTurn(count, (index) => ((index + 1) % everyNth === 0 ? 'full' : 'chunked'));
};

const NEMOTRON: Readonly<Record<string, readonly [AttentionKind, MlpKind]>> = {
  M: ['mamba2', 'none'],
  '*': ['full', 'none'],
  E: ['none', 'moe'],
  '-': ['none', 'dense'],
};

const fromPattern = (fields: ConfigFields, pattern: string): (readonly [AttentionKind, MlpKind])[] =>
  [...pattern].map((letter) => {
    const kinds = NEMOTRON[letter];
    if (kinds === undefined)
      throw unsupported(`layer type ${JSON.stringify(letter)}`, fields, 'hybrid_override_pattern');
    return kinds;
  });

const attentionKinds = (fields: ConfigFields, count: number): AttentionKind[] => {
  const types = listOf(fields, 'layer_types', count);
  if (types !== undefined) return fromLayerTypes(fields, types);
  const hybrid = listOf(fields, 'hybrid_layer_pattern', count);
  if (hybrid !== undefined) return fromFlags(fields, 'hybrid_layer_pattern', hybrid, ['full', 'sliding']);
  const listed = listOf(fields, 'attn_type_list', count);
  if (listed?.some((flag) => flag !== 1) === true)
    throw unsupported('lightning attention (attn_type_list)', fields, 'attn_type_list');
  const interval = fields.size('full_attention_interval');
  if (interval !== undefined)
    return inTurn(count, (index) => ((index + 1) % interval === 0 ? 'full' : 'gated_delta_net'));
  const all = fields.size('index_topk') === undefined ? 'full' : 'sparse';
  return windowed(fields, count) ?? chunked(fields, count) ?? inTurn(count, () => all);
};

const isListed = (list: readonly unknown[], index: number): boolean => list.includes(index);

/** Whether layer `index` is a mixture of experts; the rules of publishers, first one that is stated. */
const moeRule = (fields: ConfigFields, count: number): ((index: number) => boolean) => {
  const typed = listOf(fields, 'mlp_layer_types', count);
  if (typed !== undefined) return (index) => typed[index] === 'sparse';
  const frequency = listOf(fields, 'moe_layer_freq', count);
  if (frequency !== undefined) return (index) => frequency[index] === 1;
  const interleaved = fields.size('interleave_moe_layer_step');
  if (interleaved !== undefined) return (index) => (index + 1) % interleaved === 0;
  const dense = fields.size('first_k_dense_replace', 'moe_layer_start_index') ?? 0;
  const step = fields.size('decoder_sparse_step', 'moe_layer_freq') ?? 1;
  const only = arrayAt(fields.values, 'mlp_only_layers');
  const isStep = (index: number): boolean =>
    fields.size('decoder_sparse_step') === undefined ? index % step === 0 : (index + 1) % step === 0;
  return (index) => index >= dense && isStep(index) && !isListed(only, index);
};

/** Attention and feed-forward kind of each layer. Throws a Fault `model_shape_unsupported` that names what is not known. */
export const layerKinds = (
  fields: ConfigFields,
  count: number,
  hasExperts: boolean,
): (readonly [AttentionKind, MlpKind])[] => {
  const pattern = textAt(fields.values, 'hybrid_override_pattern');
  if (pattern !== undefined) {
    if (pattern.length !== count)
      throw unsupported(`a pattern of ${pattern.length} for ${count} layers`, fields, 'hybrid_override_pattern');
    return fromPattern(fields, pattern);
  }
  const isMoe = hasExperts ? moeRule(fields, count) : () => false;
  return attentionKinds(fields, count).map((kind, index) => [kind, isMoe(index) ? 'moe' : 'dense'] as const);
};
