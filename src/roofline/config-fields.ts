// Members of a Hugging Face config.json under the names that publishers use. A dimension that is absent, zero or no whole
// number is a Fault that names it, never a default.
import { numberAt } from '../importers/json-fields.ts';
import { inputFault } from '../text/fault.ts';
import { isJsonObject, type JsonObject } from '../text/json.ts';

export interface ConfigFields {
  readonly path: string;
  readonly values: JsonObject;
  /** The first of these names that holds a positive whole number; undefined when none does. */
  readonly size: (...names: readonly string[]) => number | undefined;
  /** As `size`; throws a Fault `model_config_invalid` when none does. */
  readonly need: (...names: readonly string[]) => number;
  readonly flag: (name: string) => boolean;
}

/** Layers and dimensions above this are no model. */
const LARGEST = 1e8;

/** The Fault `model_config_invalid`: a member that no model can have. */
export const invalid = (path: string, message: string, at: string): Error =>
  inputFault('model_config_invalid', `${path}: ${message}`, {
    path,
    at,
    fix: 'give the config.json of the model as it was published',
  });

/** Throws a Fault `model_config_invalid` for a value that is neither 0 nor a positive whole number. */
const sizeAt = (values: JsonObject, name: string, path: string): number | undefined => {
  const value = numberAt(values, name, path);
  if (value === undefined || value === 0) return undefined;
  if (Number.isInteger(value) && value > 0 && value <= LARGEST) return value;
  throw invalid(path, `${name} is ${value}, which is no size`, name);
};

export const configFields = (values: JsonObject, path: string): ConfigFields => {
  const size = (...names: readonly string[]): number | undefined => {
    for (const name of names) {
      const found = sizeAt(values, name, path);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  const need = (...names: readonly string[]): number => {
    const found = size(...names);
    if (found === undefined) throw invalid(path, `${names.join(' or ')} is missing or zero`, names[0] ?? '');
    return found;
  };
  return { path, values, size, need, flag: (name) => values[name] === true };
};

const WRAPPED = ['text_config', 'language_config', 'llm_config', 'thinker_config'];

/** The part of a config that describes the language model: the file itself, or what a multimodal wrapper holds. */
export const languageModel = (config: JsonObject): JsonObject => {
  const name = WRAPPED.find((key) => isJsonObject(config[key]));
  const inner = name === undefined ? undefined : config[name];
  if (!isJsonObject(inner)) return config;
  const tied = 'tie_word_embeddings' in inner ? {} : { tie_word_embeddings: config['tie_word_embeddings'] ?? false };
  return languageModel({ ...inner, ...tied });
};
