// Which module of a checkpoint is stored in which format, read from `quantization_config` of its config.json or from
// hf_quant_config.json, module name by module name. Never guesses a format from a label and refuses methods it does not know.
import { arrayAt, numberAt, objectAt, textAt } from '../importers/json-fields.ts';
import { inputFault } from '../text/fault.ts';
import { compileGlobs } from '../text/glob-set.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../text/json.ts';
import { BF16, FP8, fp8Block, INT8, MXFP4, NVFP4, weightOnly, type WeightFormat } from './weight-format.ts';

/** Format of a matrix by the name of its module, such as `model.layers.3.self_attn.o_proj`. */
export type FormatOfModule = (module: string) => WeightFormat;

export interface Quantisation {
  readonly formatOf: FormatOfModule;
  /** Format of the KV cache that the checkpoint asks for. */
  readonly kvCache: 'fp8' | null;
  readonly assumptions: readonly string[];
}

const unsupported = (what: string, path: string): Error =>
  inputFault('quantisation_unknown', `${path}: ${what} is no quantisation that an estimate can be made for`, {
    path,
    at: 'quantization_config',
    fix: 'name the format of the weights yourself, or leave the estimate out',
  });

/** Names as checkpoints spell them, brought to the names that `modules.ts` uses. */
const plainName = (name: string): string =>
  name
    .replace(/^model\.language_model\./, 'model.')
    .replace(/^language_model\./, '')
    .replace(/^(layers\.)/, 'model.$1')
    .replace(/^backbone\./, 'model.')
    .replace(/\.(block_sparse_moe|feed_forward|ffn)(?=[.*]|$)/, '.mlp')
    .replace(/\.mlp\.router(?=[.*]|$)/, '.mlp.gate');

/** A name and everything under it; a name of one part stands for that part anywhere. `mlp.gate` never means `mlp.gate_proj`. */
const globsOf = (name: string): readonly string[] => {
  const plain = plainName(name);
  const anywhere = plain.includes('.') || plain.includes('*') ? [] : [`*.${plain}`, `*.${plain}.*`];
  return [plain, `${plain}.*`, ...anywhere];
};

const PYTHON_MATCH = /^re:/;

/** Whether a module is in a list of names, globs and `re:` expressions. Throws `quantisation_unknown` for a bad expression. */
export const moduleList = (names: readonly string[], path: string): ((module: string) => boolean) => {
  const globs = compileGlobs(names.filter((name) => !PYTHON_MATCH.test(name)).flatMap(globsOf));
  const expressions = names.flatMap((name) => {
    if (!PYTHON_MATCH.test(name)) return [];
    try {
      return [new RegExp(`^(?:${name.slice(3)})`)];
    } catch {
      throw unsupported(name, path);
    }
  });
  return (module) => globs(module).matched.length > 0 || expressions.some((expression) => expression.test(module));
};

/** In these checkpoints never quantised, whether a list says so or not. */
const ALWAYS_PLAIN = moduleList(
  ['lm_head', 'model.embed_tokens', '*.mlp.gate', '*.shared_expert_gate', '*.indexers_proj', '*.eh_proj', '*.conv1d'],
  '',
);

const texts = (values: readonly JsonValue[]): string[] => values.filter((value) => typeof value === 'string');

const except = (format: WeightFormat, plain: readonly string[], path: string): FormatOfModule => {
  const listed = moduleList(plain, path);
  return (module) => (ALWAYS_PLAIN(module) || listed(module) ? BF16 : format);
};

/** Scales for whole rows: `group_size` -1. */
const WHOLE_ROW = Number.MAX_SAFE_INTEGER;

/** Weight-only integers, as far as their bits and groups can be. Throws `quantisation_unknown`. */
const integers = (bits: number, group: number, path: string): WeightFormat => {
  const size = group === -1 ? WHOLE_ROW : group;
  if (![2, 3, 4, 5, 6, 8].includes(bits) || !Number.isInteger(size) || size < 1)
    throw unsupported(`integers of ${bits} bits in groups of ${group}`, path);
  return group === -1 ? { ...weightOnly(bits, size), name: `int${bits}` } : weightOnly(bits, size);
};

/** FP8 in blocks. Throws `quantisation_unknown` for blocks that hold nothing. */
const blocks = (rows: number, columns: number, path: string): WeightFormat => {
  if ([rows, columns].every((size) => Number.isInteger(size) && size > 0)) return fp8Block(rows, columns);
  throw unsupported(`blocks of ${rows} x ${columns}`, path);
};

const algorithmFormat = (algorithm: string, group: number | undefined, path: string): WeightFormat => {
  switch (algorithm.toUpperCase()) {
    case 'NVFP4':
    case 'NVFP4_AWQ':
      return NVFP4;
    case 'FP8':
    case 'FP8_PER_CHANNEL_PER_TOKEN':
      return FP8;
    case 'FP8_PB_WO':
    case 'FP8_BLOCK_SCALES':
      return fp8Block(128, 128);
    case 'MXFP4':
      return MXFP4;
    case 'W4A16':
    case 'W4A16_AWQ':
    case 'INT4_AWQ':
      return integers(4, group ?? 128, path);
    default:
      throw unsupported(algorithm, path);
  }
};

/** Every listed layer has a format of its own, all others are plain or in the method's own format. */
const perLayer = (layers: JsonObject, otherwise: FormatOfModule, path: string): FormatOfModule => {
  const rules = Object.entries(layers).flatMap(([name, rule]) => {
    const algorithm = isJsonObject(rule) ? textAt(rule, 'quant_algo') : undefined;
    if (!isJsonObject(rule) || algorithm === undefined) return [];
    return [
      { has: moduleList([name], path), format: algorithmFormat(algorithm, numberAt(rule, 'group_size', path), path) },
    ];
  });
  return (module) =>
    ALWAYS_PLAIN(module) ? BF16 : (rules.find(({ has }) => has(module))?.format ?? otherwise(module));
};

/** modelopt: one algorithm with a list of what it leaves out, or an algorithm for each layer. */
const modeloptFormats = (config: JsonObject, plain: readonly string[], path: string): FormatOfModule => {
  const algorithm = textAt(config, 'quant_algo') ?? '';
  if (algorithm === 'MIXED_PRECISION') return perLayer(objectAt(config, 'quantized_layers'), () => BF16, path);
  return except(algorithmFormat(algorithm, numberAt(config, 'group_size', path), path), plain, path);
};

const groupFormat = (group: JsonObject, path: string): WeightFormat => {
  const weights = objectAt(group, 'weights');
  const bits = numberAt(weights, 'num_bits', path) ?? 16;
  const size = numberAt(weights, 'group_size', path);
  const [rows, columns] = arrayAt(weights, 'block_structure');
  if (textAt(weights, 'type') === 'float') {
    if (bits === 4) return size === 32 ? MXFP4 : NVFP4;
    if (bits === 8 && typeof rows === 'number' && typeof columns === 'number') return blocks(rows, columns, path);
    if (bits === 8) return FP8;
    throw unsupported(`float of ${bits} bits`, path);
  }
  if (bits === 8 && isJsonObject(group['input_activations'])) return INT8;
  return integers(bits, size ?? 128, path);
};

/** compressed-tensors: groups of modules by class name or by `re:`, and a list of what is left out. */
const compressedFormats = (config: JsonObject, path: string): FormatOfModule => {
  const plain = moduleList(texts(arrayAt(config, 'ignore')), path);
  const groups = Object.values(objectAt(config, 'config_groups')).filter(isJsonObject);
  const rules = groups.map((group) => {
    const targets = texts(arrayAt(group, 'targets'));
    const named = moduleList(targets, path);
    return { has: targets.includes('Linear') ? () => true : named, format: groupFormat(group, path) };
  });
  if (rules.length === 0) throw unsupported('compressed-tensors without config_groups', path);
  return (module) =>
    ALWAYS_PLAIN(module) || plain(module) ? BF16 : (rules.find(({ has }) => has(module))?.format ?? BF16);
};

const fp8Formats = (config: JsonObject, plain: readonly string[], path: string): FormatOfModule => {
  const [rows, columns] = arrayAt(config, 'weight_block_size');
  const inBlocks = typeof rows === 'number' && typeof columns === 'number';
  return except(inBlocks ? blocks(rows, columns, path) : FP8, plain, path);
};

/** MXFP4 of gpt-oss is for the matrices of routed experts only. */
const mxfp4Formats = (plain: readonly string[], path: string): FormatOfModule => {
  const listed = moduleList(plain, path);
  return (module) => (module.includes('.mlp.experts.') && !listed(module) ? MXFP4 : BF16);
};

const formatsOf = (config: JsonObject, path: string): FormatOfModule => {
  const plain = texts([...arrayAt(config, 'modules_to_not_convert'), ...arrayAt(config, 'ignore')]);
  const method = textAt(config, 'quant_method');
  if (method === 'modelopt' || textAt(config, 'quant_algo') !== undefined) return modeloptFormats(config, plain, path);
  if (method === 'fp8') return fp8Formats(config, plain, path);
  if (method === 'mxfp4') return mxfp4Formats(plain, path);
  if (method === 'compressed-tensors') return compressedFormats(config, path);
  if (method === 'awq' || method === 'gptq')
    return except(
      integers(numberAt(config, 'bits', path) ?? 4, numberAt(config, 'group_size', path) ?? 128, path),
      plain,
      path,
    );
  throw unsupported(method ?? 'a configuration without quant_method', path);
};

const scheme = (config: JsonObject, path: string): 'fp8' | null => {
  if (textAt(config, 'kv_cache_quant_algo')?.toUpperCase() === 'FP8') return 'fp8';
  return numberAt(objectAt(config, 'kv_cache_scheme'), 'num_bits', path) === 8 ? 'fp8' : null;
};

/** hf_quant_config.json in the words of `quantization_config`. */
const ofSideFile = (side: JsonObject): JsonObject => {
  const inner = objectAt(side, 'quantization');
  return { ...inner, quant_method: 'modelopt', ignore: [...arrayAt(inner, 'exclude_modules')] };
};

/**
 * Formats of a checkpoint from its config.json (the part that holds the language model may carry the list too) and, where it
 * has one, its hf_quant_config.json. Throws a Fault `quantisation_unknown`.
 */
export const readQuantisation = (
  config: JsonObject,
  inner: JsonObject,
  side: JsonObject | null,
  path: string,
): Quantisation => {
  const own = [config, inner]
    .map((from) => objectAt(from, 'quantization_config'))
    .find((found) => Object.keys(found).length > 0);
  const found = own ?? (side === null ? undefined : ofSideFile(side));
  if (found === undefined)
    return {
      formatOf: () => BF16,
      kvCache: null,
      assumptions: ['no quantisation is stated, so weights count as BF16'],
    };
  return { formatOf: formatsOf(found, path), kvCache: scheme(found, path), assumptions: [] };
};
