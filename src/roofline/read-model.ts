// A model from the config.json that a caller names, or from the folder of a checkpoint, with the hf_quant_config.json beside it.
import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CONFIGURATION_BYTES, readNamedText } from '../fs/named-text.ts';
import { parseJsonObject, type JsonObject } from '../text/json.ts';
import { Fault } from '../text/fault.ts';
import type { Model } from './build-step.ts';
import { languageModel } from './config-fields.ts';
import { legacyShape, type LegacyShape } from './legacy.ts';
import { readModelShape } from './read-model-shape.ts';
import { readQuantisation } from './read-quantisation.ts';
import { NAMED_FORMATS } from './weight-format.ts';
import { countWeights, everyMatrixIn, modelWeights, type WeightCounts } from './weights.ts';

export interface ReadModel {
  readonly model: Model;
  readonly counts: WeightCounts;
  /** Format of the KV cache that the checkpoint states. */
  readonly kvCache: 'fp8' | null;
  readonly assumptions: readonly string[];
  /** As the predecessor read it, and the one label that it would have had. */
  readonly legacy: { readonly shape: LegacyShape; readonly quant: string };
}

const readObject = async (path: string, signal: AbortSignal | undefined): Promise<JsonObject> =>
  parseJsonObject(
    await readNamedText(path, { limit: CONFIGURATION_BYTES, ...(signal === undefined ? {} : { signal }) }),
    path,
  );

/** Stands beside a config and says how the weights are stored. */
export const SIDE_CONFIG = 'hf_quant_config.json';

const configPath = (path: string): string =>
  existsSync(path) && statSync(path).isDirectory() ? join(path, 'config.json') : path;

/** The format that a caller wants every matrix in. Throws a Fault `weight_format_unknown`. */
const wantedFormat = (name: string) => {
  const format = NAMED_FORMATS[name.trim().toLowerCase()];
  if (format !== undefined) return format;
  throw new Fault(
    'usage',
    'weight_format_unknown',
    `${JSON.stringify(name)} is no format of weights that has known bytes`,
    {
      fix: `give one of ${Object.keys(NAMED_FORMATS).join(', ')}`,
    },
  );
};

/** The format that most bytes of matrices are in. */
const mainFormat = ({ weights }: Model): string => {
  const bytes = new Map<string, number>();
  for (const { format, matrixBytes } of weights.main)
    bytes.set(format.name, (bytes.get(format.name) ?? 0) + matrixBytes);
  return [...bytes].sort(([, a], [, b]) => b - a)[0]?.[0] ?? 'bf16';
};

/** What a config says, and the hf_quant_config.json that was beside it. */
export interface ModelConfigs {
  readonly config: JsonObject;
  readonly side: JsonObject | null;
  /** For messages. */
  readonly path: string;
}

/** The model of parsed configs; `weights` counts every matrix in that format. Throws as `readModel`, but for reading. */
export const modelOfConfigs = ({ config, side, path }: ModelConfigs, weights?: string): ReadModel => {
  const shape = readModelShape(config, path);
  const stated =
    weights === undefined
      ? readQuantisation(config, languageModel(config), side, path)
      : {
          formatOf: everyMatrixIn(wantedFormat(weights)),
          kvCache: null,
          assumptions: [`every matrix counts as ${weights}`],
        };
  const model = { shape, weights: modelWeights(shape, stated.formatOf) };
  return {
    model,
    counts: countWeights(shape, model.weights),
    kvCache: stated.kvCache,
    assumptions: [...shape.assumptions, ...stated.assumptions],
    legacy: { shape: legacyShape(config, path), quant: mainFormat(model).toUpperCase().replace(/_.*/, '') },
  };
};

/** The configs at a path, which is a config.json or the folder of one. Throws Faults of reading and parsing. */
export const readConfigs = async (named: string, signal?: AbortSignal): Promise<ModelConfigs> => {
  const path = configPath(named);
  const side = join(dirname(path), SIDE_CONFIG);
  return {
    config: await readObject(path, signal),
    side: existsSync(side) ? await readObject(side, signal) : null,
    path,
  };
};

/**
 * Reads a model; `weights` counts every matrix in that format instead of what the checkpoint states. Throws Faults of reading
 * and parsing, `model_config_invalid`, `model_shape_unsupported`, `quantisation_unknown` and `weight_format_unknown`.
 */
export const readModel = async (named: string, weights: string | undefined, signal: AbortSignal): Promise<ReadModel> =>
  modelOfConfigs(await readConfigs(named, signal), weights);
