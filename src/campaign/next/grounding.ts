// What a cell lacks of the ladder from kernels (L1) to counters or a sweep (L3), by the files that lie beside its rows.
import { existsSync } from 'node:fs';
import { cellFile } from '../layout.ts';
import { groundingOf } from '../status.ts';

export interface Ladder {
  readonly has: readonly string[];
  /** What would make it L3; empty where it is, and where the config says why an arm stays below. */
  readonly missing_for_l3: readonly string[];
}

/** A sweep lies in a cell of its own, named after the cell. */
const hasSweep = (campaign: string, cell: string): boolean =>
  [cell, `${cell}-decode`].some((each) => existsSync(cellFile(campaign, each, 'roofline')));

export const ladderOf = (campaign: string, cell: string, isExempt: boolean): Ladder => {
  const own = groundingOf(campaign, cell);
  const has = [...new Set([...own, ...(hasSweep(campaign, cell) ? ['L3 sweep'] : [])])];
  if (isExempt) return { has, missing_for_l3: [] };
  return {
    has,
    missing_for_l3: [
      ...(has.includes('L1 kernels') ? [] : ['kernels of a profile (import_nsys or import_zymtrace)']),
      ...(has.some((level) => level.startsWith('L3')) ? [] : ['counters of the GPUs beside the load (roofline_sweep, or dcgm_capture and its correlation)']),
    ],
  };
}; // prettier-ignore
