// Argument lists for dcgmi, and what it prints: the table of `dmon`, the list of `discovery -l`, and the reasons for which it watches
// nothing. Starts nothing. Formats: DCGM 2 to 4 print the same table with other widths, so columns are found by their names. A value that
// is not known (`N/A`, or one of the blanks of dcgm_fields.h) is null, never 0.

export interface DmonCall {
  /** Ids of fields. */
  readonly fields: readonly number[];
  /** Indices of GPUs; all where undefined. */
  readonly gpus?: readonly number[] | undefined;
  readonly periodMs: number;
  /** Number of samples; until it is stopped where undefined. */
  readonly count?: number | undefined;
}

export const dmonArgv = ({ fields, gpus, periodMs, count }: DmonCall): string[] => [
  'dcgmi',
  'dmon',
  '-e',
  fields.join(','),
  ...(gpus === undefined ? [] : ['-i', gpus.join(',')]),
  '-d',
  String(periodMs),
  ...(count === undefined ? [] : ['-c', String(count)]),
];

export const DISCOVERY: readonly string[] = ['dcgmi', 'discovery', '-l'];

/** Blanks of DCGM, as they leak into text: "not found", "not supported" and the like, of 64-bit and 32-bit integers and of doubles. */
const BLANK = /^(?:922337203685477579[2-5]|214748363[2-5]|14073748835532[89](?:\.0+)?|14073748835533[01](?:\.0+)?)$/;

/** A value as DCGM writes it; null for `N/A`, a blank, and what is no number. */
export const dcgmAmount = (written: string): number | null => {
  if (written === '' || BLANK.test(written)) return null;
  const value = Number(written);
  return Number.isFinite(value) ? value : null;
};

export interface DmonRow {
  /** `GPU`, `GPU-I`, `GPU-CI`, `Switch`, `CPU`, … */
  readonly entity: string;
  readonly id: number;
  /** By the short name of the field: `SMACT`. */
  readonly values: Readonly<Record<string, number | null>>;
}

const HEADER = /^#\s*Entity\s+(\S.*)$/;
const ROW = /^\s*([A-Za-z][A-Za-z -]*?)\s+(\d+)\s+(\S.*)$/;

/** Reads the table line by line: a row, or null for headers, units and all else. The header is printed again and again. */
export const createDmonReader = (): ((line: string) => DmonRow | null) => {
  let columns: readonly string[] = [];
  return (line) => {
    const header = HEADER.exec(line)?.[1];
    if (header !== undefined) columns = header.trim().split(/\s+/);
    const [, entity, id, cells] = header === undefined ? (ROW.exec(line) ?? []) : [];
    if (entity === undefined || cells === undefined) return null;
    const values = cells.trim().split(/\s+/);
    if (columns.length === 0 || values.length !== columns.length) return null;
    return { entity, id: Number(id), values: Object.fromEntries(columns.map((name, index) => [name, dcgmAmount(values[index] ?? '')])) };
  };
}; // prettier-ignore

export interface Refusal {
  /** Of dcgm_structs.h; null where this version prints none. -6 not supported, -29 needs root, -33 module not loaded. */
  readonly code: number | null;
  readonly says: string;
}

const REFUSED = /Error setting watches\. Result: (?:(-?\d+): )?([^\n]+)/;

/** Why dcgmi watches none of the fields that it was asked for; null where it does. One field that it cannot watch is enough. */
export const watchRefusal = (output: string): Refusal | null => {
  const found = REFUSED.exec(output);
  if (found === null) return null;
  const [, code, says = ''] = found;
  return { code: code === undefined ? null : Number(code), says: says.trim().replace(/\.$/, '') };
};

/** True for a refusal of all profiling fields, whichever are asked for. */
export const refusesProfiling = ({ code, says }: Refusal): boolean =>
  code === -29 || code === -33 || /profiling module|not currently loaded|running as root/i.test(says);

export interface DcgmGpu {
  readonly index: number;
  readonly name: string | null;
  readonly uuid: string | null;
}

const GPU_LINE = /^\|\s*(\d*)\s*\|\s*(Name|Device UUID):\s*(.*?)\s*\|\s*$/;

/** GPUs of `discovery -l`. */
export const parseDiscovery = (text: string): DcgmGpu[] => {
  const gpus: { index: number; name: string | null; uuid: string | null }[] = [];
  for (const line of text.split('\n')) {
    const [, index = '', key, value = ''] = GPU_LINE.exec(line) ?? [];
    if (key === undefined) continue;
    if (index !== '') gpus.push({ index: Number(index), name: null, uuid: null });
    const gpu = gpus.at(-1);
    if (gpu === undefined) continue;
    if (key === 'Name') gpu.name = value;
    else gpu.uuid = value;
  }
  return gpus;
};
