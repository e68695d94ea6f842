// Who recorded what: processes, devices, GPU names and the capture's own description. Reads the small tables of an export.
// Never reads the environment or the command line that the export also holds: they carry secrets.
import { createHash } from 'node:crypto';
import type { GraphMode, Rank } from '../model/profile-side.ts';
import type { Database, SqlRow } from '../../sqlite/table-source.ts';
import { NSYS_TABLES, bigintField, field, findTable, numberField, rowsIfAny, textField } from './tables.ts';

const PID_MASK = 2 ** 24;

/** Process id in the upper 40 bits of a serialized global id. */
export const pidOf = (high40: number): number | null => (Number.isNaN(high40) ? null : high40 % PID_MASK);

/** Ranks as they are met: (process, device ordinal) to an index. */
export interface RankTable {
  readonly indexOf: (high40: number, device: number) => number;
  readonly ranks: readonly Rank[];
  /** Upper 40 bits of the process of each rank. */
  readonly processes: readonly number[];
}

export const createRankTable = (describe: (pid: number | null, device: number) => Rank): RankTable => {
  const ranks: Rank[] = [];
  const processes: number[] = [];
  const devices: number[] = [];
  let last = -1;
  const find = (high40: number, device: number): number => {
    for (let i = 0; i < ranks.length; i++) if (Object.is(processes[i], high40) && devices[i] === device) return i;
    processes.push(high40);
    devices.push(device);
    return ranks.push(describe(pidOf(high40), device)) - 1;
  };
  const indexOf = (high40: number, device: number): number => {
    if (last >= 0 && processes[last] === high40 && devices[last] === device) return last;
    return (last = find(high40, device));
  };
  return { indexOf, ranks, processes };
};

/** Describes ranks with the GPU that the export names for them. */
export const rankDescriber = (database: Database): ((pid: number | null, device: number) => Rank) => {
  const gpus = rowsIfAny(database, 'TARGET_INFO_GPU');
  const cudaDevices = rowsIfAny(database, 'TARGET_INFO_CUDA_DEVICE');
  const host = systemProperty(database, 'Hostname');
  return (pid, device) => {
    const mapped = cudaDevices.find(
      (row) => numberField(row, 'cudaId') === device && (pid === null || numberField(row, 'pid') === pid),
    );
    const gpu = gpus.find((row) => isGpuOf(row, mapped, device));
    const gpuUuid = (mapped && textField(mapped, 'uuid')) ?? (gpu && textField(gpu, 'uuid')) ?? null;
    return { label: '', host, pid, device, gpuUuid, gpuName: gpu === undefined ? null : textField(gpu, 'name') };
  };
};

const isGpuOf = (gpu: SqlRow, mapped: SqlRow | undefined, device: number): boolean => {
  const id = mapped === undefined ? null : numberField(mapped, 'gpuId');
  return id === null
    ? (numberField(gpu, 'cuDevice') ?? numberField(gpu, 'id')) === device
    : numberField(gpu, 'id') === id;
};

const systemProperty = (database: Database, name: string): string | null => {
  const row = rowsIfAny(database, 'TARGET_INFO_SYSTEM_ENV').find((candidate) => field(candidate, 'name') === name);
  return row === undefined ? null : textField(row, 'value');
};

export interface CaptureIdentity {
  readonly product: string | null;
  readonly schema: string | null;
  readonly driver: string | null;
  readonly graphMode: GraphMode;
  /** Capture window on the session clock. */
  readonly window: { readonly start: bigint; readonly stop: bigint } | null;
  /** UTC of session clock zero. */
  readonly utcZero: bigint | null;
  readonly diagnostics: readonly string[];
  readonly fingerprint: string;
}

export const readIdentity = (database: Database): CaptureIdentity => {
  const exported = new Map(
    rowsIfAny(database, 'META_DATA_EXPORT').map((row) => [field(row, 'name'), textField(row, 'value')]),
  );
  const [session] = rowsIfAny(database, 'TARGET_INFO_SESSION_START_TIME');
  const [details] = rowsIfAny(database, 'ANALYSIS_DETAILS');
  const epoch = session === undefined ? null : bigintField(session, 'utcEpochNs');
  const clock = session === undefined ? null : bigintField(session, 'systemClockNs');
  const start = details === undefined ? null : bigintField(details, 'startTime');
  const stop = details === undefined ? null : bigintField(details, 'stopTime');
  return {
    product: exported.get('EXPORT_PRODUCT_VERSION') ?? null,
    schema: exported.get('EXPORT_SCHEMA_VERSION') ?? null,
    driver: systemProperty(database, 'NvDriverVersion'),
    graphMode: graphModeOf(database),
    window: start === null || stop === null ? null : { start, stop },
    utcZero: epoch === null || clock === null ? null : epoch - clock,
    diagnostics: diagnosticsOf(database),
    fingerprint: createHash('sha256').update(`${epoch}|${clock}|${start}|${stop}`).digest('hex'),
  };
};

/** `CUDA_GRAPH_TRACE_OPTIONS:MODE` says how graphs were captured; without it the rows do. */
const graphModeOf = (database: Database): GraphMode => {
  const option = rowsIfAny(database, 'META_DATA_CAPTURE').find(
    (row) => field(row, 'name') === 'CUDA_GRAPH_TRACE_OPTIONS:MODE',
  );
  const mode = option === undefined ? null : textField(option, 'value')?.toLowerCase();
  if (mode === 'graph' || mode === 'node') return mode;
  return findTable(database, NSYS_TABLES.graphTrace) === null ? 'unknown' : 'graph';
};

const WORTH_SAYING = /drop|lost|incomplete|discard|not all|truncat|overflow|exceed/i;

/** What the profiler itself said about lost data, each once. */
const diagnosticsOf = (database: Database): string[] => [
  ...new Set(
    rowsIfAny(database, 'DIAGNOSTIC_EVENT')
      .map((row) => textField(row, 'text') ?? '')
      .filter((text) => WORTH_SAYING.test(text))
      .map((text) => `profiler: ${text.slice(0, 160)}`),
  ),
];
