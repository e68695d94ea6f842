// The GPUs of a machine and their driver, from one `nvidia-smi` query. Never fails because there is none: the facts are null
// then and say why; a value that the GPU does not report is null, never 0.
import type { Runner } from '../exec/run-process.ts';
import { howItEnded, outputTail } from '../exec/tool-fault.ts';
import { parseCsv } from '../text/csv.ts';
import { Fault } from '../text/fault.ts';

export interface Gpu {
  readonly index: number | null;
  readonly name: string | null;
  readonly uuid: string | null;
  readonly memory_mib: number | null;
  readonly power_limit_w: number | null;
  readonly max_sm_clock_mhz: number | null;
}

export interface GpuFacts {
  readonly driver: string | null;
  readonly gpus: readonly Gpu[] | null;
  /** Why `gpus` is null; null otherwise. */
  readonly reason: string | null;
}

const FIELDS = ['index', 'name', 'uuid', 'driver_version', 'memory.total', 'power.limit', 'clocks.max.sm'];

export const GPU_QUERY: readonly string[] = [
  'nvidia-smi',
  `--query-gpu=${FIELDS.join(',')}`,
  '--format=csv,noheader,nounits',
];

const absent = (reason: string): GpuFacts => ({ driver: null, gpus: null, reason });

/** `[N/A]`, `[Not Supported]`, `[Insufficient Permissions]` and the like stand for a value that is not known. */
const known = (cell: string | undefined): string | null =>
  cell === undefined || cell === '' || /^\[.*\]$/.test(cell) || cell === 'N/A' ? null : cell;

const amount = (cell: string | undefined): number | null => {
  const text = known(cell);
  const value = text === null ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : null;
};

/** Rows in the order of `GPU_QUERY`. */
export const parseGpuQuery = async (text: string): Promise<GpuFacts> => {
  const rows = (await parseCsv(text, 'nvidia-smi')).filter((row) => row.length >= FIELDS.length);
  const gpus = rows.map(([index, name, uuid, , memory, power, clock]) => ({
    index: amount(index),
    name: known(name),
    uuid: known(uuid),
    memory_mib: amount(memory),
    power_limit_w: amount(power),
    max_sm_clock_mhz: amount(clock),
  }));
  if (gpus.length === 0) return absent('nvidia-smi lists no GPU');
  return { driver: known(rows[0]?.[3]), gpus, reason: null };
};

/** Asks the machine, or pod, that `run` reaches. */
export const readGpuFacts = async (run: Runner): Promise<GpuFacts> => {
  try {
    const result = await run(GPU_QUERY, { timeoutMs: 15_000 });
    if (result.timedOut) return absent('nvidia-smi did not answer within 15 s');
    if (result.code !== 0) return absent(`nvidia-smi ended with ${howItEnded(result)}: ${outputTail(result, [], 1)}`);
    return await parseGpuQuery(result.stdout);
  } catch (error) {
    if (error instanceof Fault && error.code === 'tool_missing') return absent('nvidia-smi is not installed');
    throw error;
  }
};
