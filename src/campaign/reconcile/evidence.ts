// What rows are held against beyond their own figures: ceilings of hardware, the shape of the model, and what counters say of a cell's GPUs.
// All of it may be absent; a balance that lacks its evidence is not checked, and nothing is taken in its place.
import type { CeilingTable } from '../../hardware/ceilings.ts';
import { Fault } from '../../text/fault.ts';
import { convertUnit } from '../../metrics/units.ts';
import type { Model } from '../../roofline/build-step.ts';
import { hardwareRates, type HardwareRates } from '../../roofline/rates.ts';

export interface ModelEvidence {
  readonly model: Model;
  /** Format of the KV cache that the checkpoint states. */
  readonly kvCache: 'fp8' | null;
  /** Format that most of its weights are in: `BF16`, `FP8`, `NVFP4`. */
  readonly format: string;
  /** Only rows of this model are held against it; all where null. */
  readonly name: string | null;
}

/** What counters say of the GPUs of a cell, over a window of their own. */
export interface CellCounters {
  /** Part of the ceilings that the GPUs were found to be. */
  readonly hwKey: string;
  readonly gpus: number | null;
  readonly wattsPerGpu: number | null;
  /** Energy of all GPUs over the window. */
  readonly joules: number | null;
  readonly seconds: number | null;
}

export interface Evidence {
  readonly ceilings?: CeilingTable | undefined;
  readonly model?: ModelEvidence | undefined;
  /** By the name of the cell. */
  readonly counters?: ReadonlyMap<string, CellCounters> | undefined;
}

export const NO_EVIDENCE: Evidence = {};

export interface HardwareFacts {
  readonly rates: HardwareRates;
  /** Watts that one GPU may draw. */
  readonly boardPower: number | null;
}

const known = new WeakMap<CeilingTable, Map<string, HardwareFacts | null>>();

const readHardware = (table: CeilingTable, name: string): HardwareFacts | null => {
  try {
    const rates = hardwareRates(table, name);
    const power = table.byKey.get(`${rates.hardware}.board_power_w`);
    return { rates, boardPower: power === undefined ? null : convertUnit(power.value, power.unit, 'W') };
  } catch (error) {
    if (error instanceof Fault) return null;
    throw error;
  }
};

/** Ceilings of the GPU that a row names; null where the table has none of that name. */
export const hardwareOf = ({ ceilings }: Evidence, name: string): HardwareFacts | null => {
  if (ceilings === undefined) return null;
  const byName = known.get(ceilings) ?? new Map<string, HardwareFacts | null>();
  known.set(ceilings, byName);
  const found = byName.get(name);
  if (found !== undefined) return found;
  const facts = readHardware(ceilings, name);
  byName.set(name, facts);
  return facts;
};
