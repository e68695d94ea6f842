// What the GPUs did while a window was measured: samples once a second, and the reasons for which they make a trial invalid.
// Takes its samples from a function it is given; without one the trial says `no_telemetry`.
import type { ValidityCode } from '../metrics/trial.ts';
import { describe, median } from '../stats/describe.ts';

export interface GpuSample {
  readonly uuid: string;
  readonly powerW: number | null;
  readonly smClockMhz: number | null;
  /** NVML clock event reasons, a bit mask. */
  readonly clockReasons: number | null;
  /** Uncorrected ECC errors since the driver was loaded. */
  readonly eccUncorrected: number | null;
  /** Process ids with a context on the GPU. */
  readonly processes: readonly number[] | null;
}

export interface TelemetrySample {
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  readonly gpus: readonly GpuSample[];
}

export type SampleGpus = () => Promise<readonly GpuSample[]>;

const PERIOD_MS = 1000;

export interface TelemetryRecorder {
  readonly stop: () => Promise<readonly TelemetrySample[]>;
}

/** Samples once a second, never two at a time; a sample that fails is left out. */
export const startTelemetry = (sample: SampleGpus): TelemetryRecorder => {
  const samples: TelemetrySample[] = [];
  let busy: Promise<void> | null = null;
  const take = async (): Promise<void> => {
    const before = performance.timeOrigin + performance.now();
    const gpus = await sample().catch(() => []);
    const after = performance.timeOrigin + performance.now();
    if (gpus.length > 0) samples.push({ atMs: (before + after) / 2, gpus });
  };
  const tick = (): void => {
    busy ??= take().finally(() => (busy = null));
  };
  tick();
  const timer = setInterval(tick, PERIOD_MS);
  const stop = async (): Promise<readonly TelemetrySample[]> => {
    clearInterval(timer);
    await busy;
    await take();
    return samples;
  };
  return { stop };
};

/** Samples inside a window given in milliseconds since the epoch. */
export const within = (samples: readonly TelemetrySample[], window: readonly [number, number]): TelemetrySample[] =>
  samples.filter(({ atMs }) => atMs >= window[0] && atMs <= window[1]);

/** NVML `nvmlClocksEventReason*` bits: slowdowns by temperature or hardware, and the software power cap. */
const POWER_CAP_BIT = 0x4;
const SLOWDOWN_BITS = 0x8 | 0x20 | 0x40 | 0x80;
/** Share of samples above which a reason counts. */
const OFTEN = 0.05;
/** Spread of the SM clocks over GPUs and time, standard deviation over median. */
const CLOCK_SPREAD = 0.05;

const share = (gpus: readonly GpuSample[], holds: (gpu: GpuSample) => boolean): number =>
  gpus.length === 0 ? 0 : gpus.filter(holds).length / gpus.length;

const clocksSpread = (gpus: readonly GpuSample[]): boolean => {
  const clocks = gpus.map(({ smClockMhz }) => smClockMhz).filter((clock) => clock !== null);
  const centre = clocks.length === 0 ? 0 : median(clocks);
  return centre > 0 && (describe(clocks).std ?? 0) / centre > CLOCK_SPREAD;
};

const errorsRose = (samples: readonly TelemetrySample[]): boolean => {
  const first = new Map(samples[0]?.gpus.map((gpu) => [gpu.uuid, gpu.eccUncorrected]));
  return (samples.at(-1)?.gpus ?? []).some(
    ({ uuid, eccUncorrected }) => (eccUncorrected ?? 0) > (first.get(uuid) ?? eccUncorrected ?? 0),
  );
};

/** A process that came or went while the window ran; the server's own processes stay. */
const processesChanged = (samples: readonly TelemetrySample[]): boolean => {
  const sets = samples.map(({ gpus }) =>
    gpus.flatMap(({ uuid, processes }) => processes?.map((pid) => `${uuid}:${pid}`) ?? []),
  );
  const [first, ...others] = sets.map((set) => set.toSorted().join(' '));
  return others.some((set) => set !== first);
};

/** Codes for the samples of one window; `no_telemetry` when there are none. */
export const telemetryValidity = (samples: readonly TelemetrySample[]): ValidityCode[] => {
  if (samples.length === 0) return ['no_telemetry'];
  const gpus = samples.flatMap((sample) => sample.gpus);
  const reasonSet = (bits: number) => (gpu: GpuSample) => ((gpu.clockReasons ?? 0) & bits) !== 0;
  const codes: (ValidityCode | false)[] = [
    share(gpus, reasonSet(SLOWDOWN_BITS)) > OFTEN && 'throttle',
    share(gpus, reasonSet(POWER_CAP_BIT)) > OFTEN && 'power_cap',
    clocksSpread(gpus) && 'clock_spread',
    errorsRose(samples) && 'ecc_or_xid',
    processesChanged(samples) && 'foreign_gpu_process',
  ];
  return codes.filter((code) => code !== false);
};
