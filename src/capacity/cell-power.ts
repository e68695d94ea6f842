// Power that counters of the GPUs saw while a cell was measured, from its `dcgm_correlation.json`. Power without its window and its nodes
// could never be asked for again and is not used.
import { existsSync } from 'node:fs';
import { cellFile } from '../campaign/layout.ts';
import { isSafeSegment } from '../fs/safe-path.ts';
import { readNamedText } from '../fs/named-text.ts';
import { arrayAt, textAt } from '../importers/json-fields.ts';
import { Fault } from '../text/fault.ts';
import { parseJsonObject, type JsonObject } from '../text/json.ts';

export interface CellPower {
  /** Mean of one GPU over the window; null where none is known. */
  readonly watts: number | null;
  readonly scope: string | null;
  /** Why there is none; null where there is. */
  readonly lacks: string | null;
}

const none = (lacks: string): CellPower => ({ watts: null, scope: null, lacks });

const FILE = 'dcgm_correlation.json';
const NOT_CAPTURED = `no power was captured: neither beside the point nor in the cell's ${FILE}`;

const powerIn = (document: JsonObject): CellPower => {
  const { power_watts_per_gpu: watts } = document;
  if (typeof watts !== 'number' || watts <= 0) return none(`${FILE} holds no power_watts_per_gpu`);
  if (textAt(document, 'sweep_start_utc') === undefined || textAt(document, 'sweep_end_utc') === undefined)
    return none(`${FILE} does not say the window of its power`);
  if (arrayAt(document, 'nodes').length === 0) return none(`${FILE} does not say the node of its power`);
  return { watts, scope: textAt(document, 'power_scope') ?? 'gpu', lacks: null };
};

const readPower = async (path: string): Promise<CellPower> => {
  try {
    return powerIn(parseJsonObject(await readNamedText(path), path));
  } catch (error) {
    if (error instanceof Fault) return none(error.message);
    throw error;
  }
};

/** Power of cells of a campaign, each read once. */
export const powerOfCells = (campaign: string): ((cell: string, arm: string | undefined) => Promise<CellPower>) => {
  const read = new Map<string, Promise<CellPower>>();
  return async (cell, arm) => {
    const names = [cell, ...(arm === undefined || !isSafeSegment(arm) ? [] : [arm])];
    const path = names.map((name) => cellFile(campaign, name, 'dcgm')).find((file) => existsSync(file));
    if (path === undefined) return none(NOT_CAPTURED);
    const power = read.get(path) ?? readPower(path);
    read.set(path, power);
    return power;
  };
};
