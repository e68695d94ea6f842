// The derived numbers beside the repository, read in place: 12 models and 30 points. Absent, the tests that need them skip.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isJsonObject, parseJsonObject, type JsonObject, type JsonValue } from '../../src/text/json.ts';

const SHARED = join(import.meta.dirname, '..', '..', '..', 'shared');
const PHYSICS = join(SHARED, 'golden', 'report', 'roofline-physics.json');
const LEGACY = join(SHARED, 'golden', 'report', 'roofline.json');
const CONFIGS = join(SHARED, 'samples', 'hf-configs');

export const absent = !existsSync(PHYSICS) || !existsSync(CONFIGS);
if (absent) console.log(`skipped: no derived numbers at ${PHYSICS}`);

/** `{value, unit}` becomes the value. */
const bare = (value: JsonValue): JsonValue => {
  if (Array.isArray(value)) return value.map(bare);
  if (!isJsonObject(value)) return value;
  if ('value' in value && 'unit' in value) return value['value'] ?? null;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, bare(inner)]));
};

const read = (path: string): JsonObject => parseJsonObject(readFileSync(path, 'utf8'), path);

export const physics = (): JsonObject => {
  const found = bare(read(PHYSICS));
  return isJsonObject(found) ? found : {};
};

export const legacy = (): JsonObject => read(LEGACY);

/** Publisher's file name of each model in the derived numbers. */
export const CHECKPOINTS: Readonly<Record<string, string>> = {
  'Llama-3.1-8B': 'meta-llama--Meta-Llama-3.1-8B',
  'Llama-3.1-70B': 'meta-llama--Meta-Llama-3.1-70B',
  'Mixtral-8x7B': 'mistralai--Mixtral-8x7B-v0.1',
  'Qwen3-32B': 'Qwen--Qwen3-32B',
  'Qwen3-235B-A22B': 'Qwen--Qwen3-235B-A22B',
  'Qwen3-235B-A22B-FP8': 'Qwen--Qwen3-235B-A22B-FP8',
  'DeepSeek-V3': 'deepseek-ai--DeepSeek-V3',
  'GLM-5.1': 'zai-org--GLM-5.1',
  'GLM-5.1-FP8': 'zai-org--GLM-5.1-FP8',
  'GLM-5.1-NVFP4': 'nvidia--GLM-5.1-NVFP4',
  'GLM-5-NVFP4': 'nvidia--GLM-5-NVFP4',
  'gpt-oss-120b': 'openai--gpt-oss-120b',
};

export interface Checkpoint {
  readonly config: JsonObject;
  readonly side: JsonObject | null;
  readonly path: string;
}

export const checkpoint = (name: string): Checkpoint => {
  const path = join(CONFIGS, `${name}_config.json`);
  const side = join(CONFIGS, `${name}_hf_quant_config.json`);
  return { config: read(path), side: existsSync(side) ? read(side) : null, path };
};
