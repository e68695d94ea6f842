// The `nvidia-smi` calls that telemetry needs, and their output (CSV without header and units) as samples. Starts nothing:
// the caller runs the argument list.
import type { GpuSample } from './telemetry.ts';

const FIELDS = 'uuid,power.draw,clocks.sm,clocks_event_reasons.active,ecc.errors.uncorrected.volatile.total';

/** Arguments of the two calls: the GPUs, and the processes on them. */
export const GPU_QUERY: readonly string[] = [`--query-gpu=${FIELDS}`, '--format=csv,noheader,nounits'];
export const PROCESS_QUERY: readonly string[] = ['--query-compute-apps=gpu_uuid,pid', '--format=csv,noheader,nounits'];

const rows = (text: string): string[][] =>
  text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => line.split(',').map((cell) => cell.trim()));

/** `[N/A]`, `[Not Supported]` and the like are null. */
const amount = (cell: string | undefined): number | null => {
  const value = cell === undefined || cell === '' || cell.startsWith('[') ? Number.NaN : Number(cell);
  return Number.isFinite(value) ? value : null;
};

/** Both answers as samples; `processes` null when that call was not made. Lines without a GPU UUID are passed over. */
export const parseGpuSamples = (gpus: string, processes: string | null): GpuSample[] => {
  const running = processes === null ? null : rows(processes);
  return rows(gpus).flatMap(([uuid = '', power, clock, reasons, ecc]) => {
    if (!uuid.startsWith('GPU-')) return [];
    const own = running?.filter((row) => row[0] === uuid).map((row) => amount(row[1]));
    return {
      uuid,
      powerW: amount(power),
      smClockMhz: amount(clock),
      clockReasons: amount(reasons),
      eccUncorrected: amount(ecc),
      processes: own === undefined ? null : own.filter((pid) => pid !== null),
    };
  });
};
