// How far a cell is grounded in what was seen of the hardware: nothing, kernels of a profile (L1), counters of the GPUs (L3), counters of
// single kernels by ncu (L4). The one home of that rule. A file counts when it holds what its level is made of, not because it is there.
import { existsSync } from 'node:fs';
import { relative } from 'node:path';
import { readNamedText } from '../../fs/named-text.ts';
import { arrayAt } from '../../importers/json-fields.ts';
import { Fault } from '../../text/fault.ts';
import { isJsonObject, parseJsonObject, type JsonObject, type JsonValue } from '../../text/json.ts';
import { cellFile, type CELL_FILES } from '../layout.ts';

/** From nothing to the most. A level L2 (bytes of a workload shared out over its kernels by time) says nothing of a kernel and is none. */
export const SOL_RIGORS = ['none', 'L1', 'L3', 'L4'] as const;
export type SolRigor = (typeof SOL_RIGORS)[number];

export interface Evidence {
  readonly level: Exclude<SolRigor, 'none'>;
  readonly what: 'kernels' | 'DCGM' | 'sweep' | 'ncu';
  /** Relative to the campaign. */
  readonly path: string;
}

export interface Grounding {
  /** The highest level that there is evidence of. */
  readonly sol_rigor: SolRigor;
  /** Counters of the GPUs were read beside the load: evidence of L3, whatever else there is. */
  readonly dcgm_grounded: boolean;
  /** Lowest level first. */
  readonly evidence: readonly Evidence[];
  /** Files that ground nothing, and why. */
  readonly empty: readonly { readonly path: string; readonly reason: string }[];
}

const isFilled = (value: JsonValue | undefined): boolean =>
  Array.isArray(value) ? value.length > 0 : isJsonObject(value) && Object.keys(value).length > 0;

/** Kernels of any source; version 1 of the file held one source at its top. */
const hasKernels = (document: JsonObject): boolean =>
  [document, ...arrayAt(document, 'sources').filter(isJsonObject)].some(
    ({ top_kernels: kernels, per_category: categories }) => isFilled(kernels) || isFilled(categories),
  );

/** A share of a ceiling that was measured. */
const hasResources = (document: JsonObject): boolean =>
  arrayAt(document, 'resources').some((resource) => isJsonObject(resource) && typeof resource['sol_pct'] === 'number');

const COUNTERS = ['sm_active', 'tensor_active', 'dram_active', 'nvlink_tx_Bps'] as const;

/** A point with a counter: one that was placed by its model alone is no measurement of the hardware. */
const hasCounters = (document: JsonObject): boolean =>
  ['decode', 'prefill'].flatMap((phase) => arrayAt(document, phase)).some(
    (point) => isJsonObject(point) && COUNTERS.some((counter) => typeof point[counter] === 'number'),
  ); // prettier-ignore

interface Kind {
  readonly level: Evidence['level'];
  readonly what: Evidence['what'];
  readonly file: keyof typeof CELL_FILES;
  /** A sweep lies in cells of its own, named after the cell. */
  readonly suffixes: readonly string[];
  readonly grounds: (document: JsonObject) => boolean;
  readonly lacks: string;
}

const KINDS: readonly Kind[] = [
  { level: 'L1', what: 'kernels', file: 'kernels', suffixes: [''], grounds: hasKernels, lacks: 'no kernel' },
  { level: 'L3', what: 'DCGM', file: 'dcgm', suffixes: [''], grounds: hasResources, lacks: 'no share of a ceiling' },
  { level: 'L3', what: 'sweep', file: 'roofline', suffixes: ['', '-decode', '-prefill'], grounds: hasCounters, lacks: 'no counter of a GPU at any point' },
  { level: 'L4', what: 'ncu', file: 'ncuKernels', suffixes: [''], grounds: (document) => isFilled(document['kernels']), lacks: 'no kernel' },
]; // prettier-ignore

/** Why the file grounds nothing; null where it does. */
const lackOf = async (path: string, { grounds, lacks }: Kind): Promise<string | null> => {
  try {
    return grounds(parseJsonObject(await readNamedText(path), path)) ? null : `holds ${lacks}`;
  } catch (error) {
    if (error instanceof Fault) return error.message.replace(`${path}: `, '');
    throw error;
  }
};

/** The highest of several; `none` of none. */
export const highestRigor = (rigors: readonly SolRigor[]): SolRigor =>
  SOL_RIGORS.findLast((rigor) => rigors.includes(rigor)) ?? 'none';

/**
 * What a cell is grounded in. `arm`: the cell whose folder holds its artifacts, where a row names another one than its own
 * (`extra.arm`).
 */
export const solRigorOf = async (campaign: string, cell: string, arm?: string): Promise<Grounding> => {
  const evidence: Evidence[] = [];
  const empty: { path: string; reason: string }[] = [];
  const names = [...new Set([cell, ...(arm === undefined ? [] : [arm])])];
  for (const kind of KINDS)
    for (const name of names.flatMap((each) => kind.suffixes.map((suffix) => `${each}${suffix}`))) {
      const file = cellFile(campaign, name, kind.file);
      if (!existsSync(file)) continue;
      const path = relative(campaign, file);
      const reason = await lackOf(file, kind);
      if (reason === null) evidence.push({ level: kind.level, what: kind.what, path });
      else empty.push({ path, reason });
    }
  return {
    sol_rigor: highestRigor(evidence.map(({ level }) => level)),
    dcgm_grounded: evidence.some(({ level }) => level === 'L3'),
    evidence,
    empty,
  };
};

/** `L1 kernels`, `L3 DCGM`, each once. */
export const evidenceWords = ({ evidence }: Grounding): string[] => [
  ...new Set(evidence.map(({ level, what }) => `${level} ${what}`)),
];
