// What a campaign knows of a cell beside its rows, for an estimate of it: the row of a load, the model's config that an import kept,
// the kernels of a profile. Reads only.
import { existsSync } from 'node:fs';
import { readNamedText } from '../fs/named-text.ts';
import type { KernelTime } from '../roofline/profile-share.ts';
import { findModel, modelUnknown, type ModelPlaces } from '../roofline/find-model.ts';
import type { ModelConfigs } from '../roofline/read-model.ts';
import { BUCKETS } from '../profile/model/buckets.ts';
import { inputFault } from '../text/fault.ts';
import { arrayAt, numberAt, objectAt, textAt } from '../importers/json-fields.ts';
import { isJsonObject, parseJsonObject } from '../text/json.ts';
import { cellNames } from './cell-files.ts';
import { cellFile } from './layout.ts';
import { parseRows } from './row-text.ts';
import type { AtlasRow } from './row.ts';

/** The one row of a cell with a time per token, at that concurrency where one is given. Throws a Fault `row_open` that lists the loads. */
export const rowOfCell = async (campaign: string, cell: string, concurrency: number | undefined): Promise<AtlasRow> => {
  const path = cellFile(campaign, cell, 'rows');
  if (!existsSync(path))
    throw inputFault('cell_empty', `cell ${cell} holds no rows`, { path, fix: `name one of ${cellNames(campaign).join(', ')}` });
  const timed = parseRows(await readNamedText(path), path).filter(({ tpot_median_ms: tpot }) => tpot !== null && tpot > 0);
  const rows = timed.filter((row) => concurrency === undefined || row.concurrency === concurrency);
  const [row, ...others] = rows;
  if (row !== undefined && others.length === 0) return row;
  const loads = [...new Set(timed.map((each) => each.concurrency))].join(', ');
  const found = row === undefined ? 'no row with a time per token' : `${rows.length} rows`;
  throw inputFault('row_open', `cell ${cell} has ${found}${concurrency === undefined ? '' : ` at concurrency ${concurrency}`}`, {
    path,
    fix: loads === '' ? 'name a cell that was measured in decode' : `give concurrency: one of ${loads}`,
  });
}; // prettier-ignore

/** The config that the import of a sweep kept of this model. */
const keptConfig = async (campaign: string, model: string): Promise<ModelConfigs | null> => {
  for (const cell of cellNames(campaign)) {
    const path = cellFile(campaign, cell, 'roofline');
    if (!existsSync(path)) continue;
    const document = parseJsonObject(await readNamedText(path), path);
    const { config, side } = objectAt(document, 'analytical_shape');
    if (textAt(document, 'model') === model && isJsonObject(config)) return { config, side: isJsonObject(side) ? side : null, path };
  }
  return null;
}; // prettier-ignore

/** Configs of a model by its name: what a campaign kept of it, else what is at hand on this machine. Throws a Fault `model_unknown`. */
export const modelByName = async (
  model: string,
  campaign: string | null,
  places: ModelPlaces,
): Promise<ModelConfigs> => {
  const found = (campaign === null ? null : await keptConfig(campaign, model)) ?? (await findModel(model, places));
  if (found === null) throw modelUnknown(model);
  return found;
};

/** Kernels of a cell by bucket, from times where a capture has them, else from samples; none without a capture. */
export const kernelsOfCell = async (campaign: string, cell: string): Promise<KernelTime[]> => {
  const path = cellFile(campaign, cell, 'kernels');
  if (!existsSync(path)) return [];
  const sources = arrayAt(parseJsonObject(await readNamedText(path), path), 'sources').filter(isJsonObject);
  const best = sources.find((source) => textAt(source, 'unit') === 'ns') ?? sources[0];
  if (best === undefined) return [];
  return arrayAt(best, 'top_kernels').filter(isJsonObject).flatMap((kernel) => {
    const bucket = BUCKETS.find((name) => name === textAt(kernel, 'bucket'));
    const value = numberAt(kernel, 'value', path);
    return bucket === undefined || value === undefined ? [] : [{ bucket, value }];
  });
}; // prettier-ignore
