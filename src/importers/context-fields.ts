// Takes measurement context out of the settings that tools store beside their results. A field that is missing, of the wrong
// type or a placeholder (`unknown`, zeros, the hash of nothing) is left out; nothing is guessed.
import { type Context, type ContextField, contextSchema } from '../metrics/context.ts';
import type { Labels } from '../metrics/metric.ts';
import type { JsonObject, JsonValue } from '../text/json.ts';

/** For each context field the keys under which a format may store it; the first usable value wins. */
export type ContextNames = Readonly<Partial<Record<ContextField, readonly string[]>>>;

/** Keys that people and tools commonly use for a setting, in result files and in `--metadata` pairs. */
export const USUAL_NAMES: ContextNames = {
  model: ['model', 'model_id', 'model_name', 'served_model_name'],
  model_path: ['model_path'],
  hardware: ['hardware', 'hw', 'gpu_type', 'gpu_name', 'gpu_model'],
  n_gpus: ['n_gpus', 'num_gpus', 'gpu_count'],
  gpus_per_node: ['gpus_per_node'],
  quant: ['quant', 'quantization', 'precision'],
  kv_cache_dtype: ['kv_cache_dtype', 'kv_dtype'],
  tp: ['tensor_parallel_size', 'tensor_parallel', 'tp_size', 'tp'],
  pp: ['pipeline_parallel_size', 'pipeline_parallel', 'pp_size', 'pp'],
  dp: ['data_parallel_size', 'data_parallel', 'dp_size', 'dp'],
  ep: ['expert_parallel_size', 'ep_size', 'ep'],
  dp_attention: ['dp_attention', 'enable_dp_attention'],
  disagg: ['disagg'],
  parallel_strategy: ['parallel_strategy'],
  max_num_seqs: ['max_num_seqs'],
  max_num_batched_tokens: ['max_num_batched_tokens'],
  gpu_memory_utilization: ['gpu_memory_utilization', 'gpu_memory_util', 'mem_fraction_static'],
  max_model_len: ['max_model_len'],
  cudagraph_mode: ['cudagraph_mode'],
  async_scheduling: ['async_scheduling'],
  prefix_caching: ['prefix_caching', 'enable_prefix_caching'],
  spec_method: ['spec_method', 'speculative_decoding', 'spec_decoding'],
  spec_tokens: ['spec_tokens', 'num_speculative_tokens'],
  dataset: ['dataset', 'dataset_name', 'workload_dataset'],
  dataset_hash: ['dataset_hash'],
  seed: ['seed'],
  isl: ['isl', 'random_input_len', 'input_len'],
  osl: ['osl', 'random_output_len', 'output_len'],
  cache_mode: ['cache_mode'],
  regime: ['regime'],
  engine: ['engine', 'serving_engine', 'framework'],
  engine_version: ['engine_version', 'vllm_version', 'sglang_version'],
  image: ['image', 'vllm_image'],
  delivery: ['delivery'],
  driver: ['driver', 'driver_version'],
  cuda: ['cuda', 'cuda_version'],
  node: ['node'],
};

/** Every field of the context. */
export const CONTEXT_FIELDS: readonly ContextField[] = contextSchema.keyof().options;

const EMPTY_SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const PLACEHOLDER = /^(unknown0*|undefined|null|nan|n\/?a|tbd|todo|x{2,}|[-?.]*|0{7,})$/i;

/** True for text that stands for "not known". */
export const isPlaceholder = (text: string): boolean => PLACEHOLDER.test(text.trim()) || text.trim() === EMPTY_SHA256;

/** The ways to understand a stored setting, as it stands first: `"8"` is 8 where a count is asked, `"true"` a flag. */
const interpretations = (value: JsonValue): JsonValue[] => {
  if (typeof value === 'number') return [value, String(value)];
  if (typeof value !== 'string') return [value];
  const text = value.trim();
  const number = /^\d+(\.\d+)?$/.test(text) ? [Number(text)] : [];
  const flag = /^true$/i.test(text) ? [true] : /^false$/i.test(text) ? [false] : [];
  return [text, ...number, ...flag];
};

const understand = (field: ContextField, value: JsonValue): JsonValue | undefined => {
  if (value === null || (typeof value === 'string' && isPlaceholder(value))) return undefined;
  return interpretations(value).find((candidate) => contextSchema.shape[field].safeParse(candidate).success);
};

/** Settings repeat from row to row of a file; objects and arrays, which are rare, are understood anew. */
const MAX_UNDERSTOOD = 4096;
const understood = new Map<string, JsonValue | undefined>();

/** The value of a setting as the context wants it, or undefined when it is of no use. */
const usable = (field: ContextField, value: JsonValue | undefined): JsonValue | undefined => {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'object') return understand(field, value);
  const key = `${field} ${typeof value} ${value}`;
  if (understood.has(key)) return understood.get(key);
  const result = understand(field, value);
  if (understood.size < MAX_UNDERSTOOD) understood.set(key, result);
  return result;
};

type Fields = Readonly<Partial<Record<ContextField, JsonValue | undefined>>>;

/** The usable ones among given fields. */
export const contextOf = (fields: Fields): Context => {
  const known: JsonObject = {};
  for (const field of CONTEXT_FIELDS) {
    const value = usable(field, fields[field]);
    if (value !== undefined) known[field] = value;
  }
  return known as Context; // checked boundary: `usable` lets each field pass its own schema
};

/** The context that an object of settings states under the given names. */
export const contextFrom = (settings: JsonObject, names: ContextNames = USUAL_NAMES): Context => {
  const fields: Partial<Record<ContextField, JsonValue | undefined>> = {};
  for (const field of CONTEXT_FIELDS) {
    const key = names[field]?.find((name) => usable(field, settings[name]) !== undefined);
    if (key !== undefined) fields[field] = settings[key];
  }
  return contextOf(fields);
};

const same = (a: unknown, b: unknown): boolean =>
  a === b || (typeof a === 'object' && typeof b === 'object' && JSON.stringify(a) === JSON.stringify(b));

/** The fields on which all contexts agree: what holds for the whole file. */
export const sharedContext = (contexts: readonly Context[]): Context => {
  const [first = {}, ...rest] = contexts;
  const agreed = CONTEXT_FIELDS.filter(
    (field) => first[field] !== undefined && rest.every((other) => same(other[field], first[field])),
  );
  return contextOf(Object.fromEntries(agreed.map((field) => [field, first[field]])));
};

/** Rates of a billion and more are how some tools write "all at once". */
const UNLIMITED_RATE = 1e9;

/** A request rate as tools state it: `inf`, and numbers that mean it, are `inf`. */
export const statedRate = (rate: JsonValue | undefined): number | 'inf' | undefined => {
  if (typeof rate === 'string') return /^inf(inity)?$/i.test(rate) ? 'inf' : undefined;
  if (typeof rate !== 'number') return undefined;
  return rate >= UNLIMITED_RATE ? 'inf' : rate;
};

/**
 * The labels of a load. An unlimited rate says nothing beside a concurrency; without one it means that everything was sent at
 * once.
 */
export const loadLabels = (context: Pick<Context, 'concurrency' | 'request_rate'>): Labels => {
  const concurrency = context.concurrency ?? undefined;
  const rate = context.request_rate ?? undefined;
  return {
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(rate === undefined || (rate === 'inf' && concurrency !== undefined) ? {} : { request_rate: rate }),
  };
};
