// The configs of a model that a caller calls by its name: what the hub's cache on this machine holds, else the shapes that a root or
// the product keeps by name. Downloads nothing, and never takes a model of a similar name.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { CONFIGURATION_BYTES, readNamedText } from '../fs/named-text.ts';
import { Fault } from '../text/fault.ts';
import { isJsonObject } from '../text/json.ts';
import { checkAgainst } from '../text/schema-fault.ts';
import { parseYaml } from '../text/yaml.ts';
import type { VerbContext } from '../verb/context.ts';
import { readConfigs, type ModelConfigs } from './read-model.ts';

export type ModelPlaces = Pick<VerbContext, 'root' | 'env' | 'productFolder' | 'signal'>;

const SHAPES = join('configs', 'model-shapes.yaml');

const shapesSchema = z.record(
  z.string(),
  z.strictObject({ source: z.string().min(1), config: z.record(z.string(), z.json()) }),
);

/** Folders in which the hub's cache may be, by the settings of its own client. */
const cacheFolders = (env: ModelPlaces['env']): string[] => {
  const under = (folder: string | undefined, ...rest: readonly string[]): string[] =>
    folder === undefined || folder === '' ? [] : [join(folder, ...rest)];
  return [
    ...under(env['HF_HUB_CACHE']),
    ...under(env['HF_HOME'], 'hub'),
    ...under(env['XDG_CACHE_HOME'], 'huggingface', 'hub'),
    ...under(env['HOME'], '.cache', 'huggingface', 'hub'),
  ];
};

/** A repository's name is `owner/name`; anything else is no name on the hub. */
const REPOSITORY = /^[\w.-]+\/[\w.-]+$/;
const COMMIT = /^[0-9a-f]{40}$/;

/** The snapshot that `main` means in a cache. */
const snapshotIn = (cache: string, model: string): string | undefined => {
  const folder = join(cache, `models--${model.replace('/', '--')}`);
  const main = join(folder, 'refs', 'main');
  if (!existsSync(main)) return undefined;
  const commit = readFileSync(main, 'utf8').trim();
  const snapshot = join(folder, 'snapshots', commit);
  return COMMIT.test(commit) && existsSync(join(snapshot, 'config.json')) ? snapshot : undefined;
};

const fromCache = async (model: string, { env, signal }: ModelPlaces): Promise<ModelConfigs | null> => {
  if (!REPOSITORY.test(model)) return null;
  const snapshot = cacheFolders(env).map((cache) => snapshotIn(cache, model)).find((found) => found !== undefined);
  if (snapshot === undefined) return null;
  return readConfigs(snapshot, signal);
}; // prettier-ignore

const plain = (name: string): string => name.trim().toLowerCase();

/** A shape by the whole name, or by the part after the owner where that is all the caller says. */
const fromShapes = async (model: string, file: string, signal: AbortSignal): Promise<ModelConfigs | null> => {
  if (!existsSync(file)) return null;
  const value = await parseYaml(await readNamedText(file, { limit: CONFIGURATION_BYTES, signal }), file);
  const shapes = checkAgainst(shapesSchema, value, { path: file, code: 'model_shapes_invalid', keys: ['source', 'config'] });
  const found = Object.entries(shapes).find(([name]) => [plain(name), plain(name.slice(name.indexOf('/') + 1))].includes(plain(model)));
  if (found === undefined) return null;
  const [name, { config }] = found;
  return isJsonObject(config) ? { config, side: null, path: `${file}: ${name}` } : null;
}; // prettier-ignore

/** The Fault `model_unknown`: no config of that name is at hand. */
export const modelUnknown = (model: string): Fault =>
  new Fault('usage', 'model_unknown', `no config of ${JSON.stringify(model)} is at hand: not in the hub's cache, not in ${SHAPES}`, {
    fix: 'give model_config with the config.json of the checkpoint, or its folder',
  }); // prettier-ignore

/** Configs of a model by its name; null where none is at hand. Throws Faults of reading, and `model_shapes_invalid`. */
export const findModel = async (model: string, places: ModelPlaces): Promise<ModelConfigs | null> =>
  (await fromCache(model, places)) ??
  (await fromShapes(model, join(places.root, SHAPES), places.signal)) ??
  (await fromShapes(model, join(places.productFolder, SHAPES), places.signal));
