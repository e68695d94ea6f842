// What counters of a cell's GPUs say beside its rows: of `dcgm_correlation.json`, else the hardware of `dcgm-frozen.yaml`. Reads what it
// needs and nothing else; a file that cannot be read says nothing of the rows.
import { existsSync } from 'node:fs';
import { z } from 'zod';
import { CONFIGURATION_BYTES, readNamedText } from '../../fs/named-text.ts';
import { Fault } from '../../text/fault.ts';
import { parseJson } from '../../text/json.ts';
import { parseYaml } from '../../text/yaml.ts';
import { cellFile } from '../layout.ts';
import type { CellCounters } from './evidence.ts';

const positive = z.number().positive().nullish().catch(null);

const countersSchema = z.looseObject({
  hw_key: z.string().min(1),
  n_gpus: positive,
  power_watts_per_gpu: positive,
  energy_j: positive,
  duration_s: positive,
});

const parsed = (value: unknown): CellCounters | null => {
  const { data } = countersSchema.safeParse(value);
  if (data === undefined) return null;
  const { hw_key, n_gpus, power_watts_per_gpu, energy_j, duration_s } = data;
  return {
    hwKey: hw_key,
    gpus: n_gpus ?? null,
    wattsPerGpu: power_watts_per_gpu ?? null,
    joules: energy_j ?? null,
    seconds: duration_s ?? null,
  };
};

/** Counters of a cell; null where there are none that can be read. */
export const readCellCounters = async (campaign: string, cell: string, signal: AbortSignal): Promise<CellCounters | null> => {
  const [correlation, frozen] = [cellFile(campaign, cell, 'dcgm'), cellFile(campaign, cell, 'dcgmFrozen')];
  const options = { limit: CONFIGURATION_BYTES, signal };
  try {
    if (existsSync(correlation)) return parsed(parseJson(await readNamedText(correlation, options), correlation));
    if (existsSync(frozen)) return parsed(await parseYaml(await readNamedText(frozen, options), frozen));
    return null;
  } catch (error) {
    if (error instanceof Fault) return null;
    throw error;
  }
}; // prettier-ignore
