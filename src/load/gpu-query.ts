// The `nvidia-smi` calls that telemetry needs, and their output (CSV without header and units) as samples. Starts nothing:
// the caller runs the argument list.
import type { GpuSample, SampleGpus } from './telemetry.ts';

const FIELDS = 'uuid,power.draw,clocks.sm,clocks_event_reasons.active,ecc.errors.uncorrected.volatile.total';

/** The two calls: the GPUs, and the processes on them. */
export const TELEMETRY_QUERY: readonly string[] = [
  'nvidia-smi',
  `--query-gpu=${FIELDS}`,
  '--format=csv,noheader,nounits',
];
export const PROCESS_QUERY: readonly string[] = [
  'nvidia-smi',
  '--query-compute-apps=gpu_uuid,pid',
  '--format=csv,noheader,nounits',
];

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

/** A sampler for `startTelemetry`. `run` runs a command line and gives its standard output, or rejects. */
export const nvidiaSmiSampler =
  (run: (argv: readonly string[]) => Promise<string>): SampleGpus =>
  async () => {
    const [gpus, processes] = await Promise.all([run(TELEMETRY_QUERY), run(PROCESS_QUERY).catch(() => null)]);
    return parseGpuSamples(gpus, processes);
  };
