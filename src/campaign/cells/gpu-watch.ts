// Reads the GPUs of this machine while a command loads a server on it, by dcgmi or else nvidia-smi, and keeps the readings beside what the
// command writes. GPUs of another machine are not those that serve, and are never taken for them; readings never stop a measurement.
import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { PROCESS_QUERY } from '../../load/gpu-query.ts';
import type { ValidityCode } from '../../metrics/trial.ts';
import { summarise, takeReadings, writeCapture } from '../../telemetry/capture.ts';
import type { Captured, GpuPlace } from '../../telemetry/captured.ts';
import { FIELD_NAMES, type GpuReading } from '../../telemetry/gpu-fields.ts';
import { gpuMeans, type GpuMeans } from '../../telemetry/gpu-means.ts';
import { faultOf } from '../../verb/failure.ts';
import { readNamedText } from '../../fs/named-text.ts';
import { gpuFolder } from '../gpu-window.ts';
import { loadedWindow } from '../server-gauges.ts';
import { scrapeFiles } from '../server-times.ts';
import type { Watch, WatchedPoint } from './server-watch.ts';

/** Bounds a reader that outlives the job. */
const LONGEST_S = 6 * 3600;
const PERIOD_MS = 1000;

const HERE = /^(localhost|127(\.\d+){3}|\[::1\]|0\.0\.0\.0)$/;

/** Whether the server stands on this machine; one that the tool starts does. */
const servesHere = ({ server }: WatchedPoint): boolean => {
  if (server === undefined) return true;
  if (!URL.canParse(server)) return false;
  const host = new URL(server).hostname;
  return HERE.test(host) || host === hostname();
};

/** Processes with a context on a GPU; undefined where nobody says. */
const processes = async ({ run }: GpuPlace): Promise<string | undefined> => {
  try {
    const { code, stdout } = await run(PROCESS_QUERY, { timeoutMs: 15_000 });
    return code === 0 ? stdout.trim().split('\n').toSorted().join('\n') : undefined;
  } catch {
    return undefined; // without nvidia-smi nobody says
  }
};

/** Share of time, or percent, above which a GPU is one of those that serve. */
const isWorking = ({ fields }: GpuMeans): boolean => {
  const shares = [fields.gr_engine_active?.mean, fields.sm_active?.mean, (fields.gpu_util?.mean ?? 0) / 100];
  return shares.some((share) => (share ?? 0) > 0.02);
};

/** Readings of the GPUs that work; all where no field says which do. */
const ofWorking = (readings: readonly GpuReading[]): readonly GpuReading[] => {
  const working = new Set(gpuMeans(readings).filter(isWorking).map(({ node, gpu }) => JSON.stringify([node, gpu]))); // prettier-ignore
  return working.size === 0 ? readings : readings.filter(({ node, gpu }) => working.has(JSON.stringify([node, gpu])));
};

const gaugesText = async (path: string): Promise<string> => (existsSync(path) ? readNamedText(path) : '');

/** Clocks fall when no request runs: their spread says something of the loaded window only. */
const withoutIdle = (validity: readonly string[]): string[] => validity.filter((code) => code !== 'clock_spread');

interface Ended {
  readonly raw: string;
  readonly concurrency: number;
  /** A process came or went between the ends of the command. */
  readonly changed: boolean;
}

const keepPoint = async (captured: Captured, { raw, concurrency, changed }: Ended): Promise<void> => {
  const window = loadedWindow(await gaugesText(scrapeFiles(raw, concurrency).during));
  const inside = window === null ? [] : captured.readings.filter(({ at_ms: at }) => at >= window[0] && at <= window[1]);
  const loaded = inside.length > 0;
  const summary = summarise({ ...captured, readings: ofWorking(loaded ? inside : captured.readings) });
  const validity = [
    ...(loaded ? summary.validity : withoutIdle(summary.validity)),
    ...(changed ? ['foreign_gpu_process' satisfies ValidityCode] : []),
  ];
  const head = { frozen: null, window_of: loaded ? 'requests' : 'command' };
  await writeCapture(gpuFolder(raw, concurrency), { ...summary, validity }, null, head);
};

const silent = (reason: string | null): Watch => ({ stop: () => Promise.resolve(reason) });

/** Begins to read the GPUs beside a command that measures one load; `gpus` is undefined where its place has none to ask. */
export const watchGpus = async (
  point: WatchedPoint,
  { raw, gpus, signal }: { readonly raw: string; readonly gpus: GpuPlace | undefined; readonly signal: AbortSignal },
): Promise<Watch> => {
  const [concurrency, ...others] = point.concurrencies;
  if (gpus === undefined || !servesHere(point)) return silent('no counters of the GPUs: the server is on another machine');
  if (concurrency === undefined || others.length > 0) return silent('no counters of the GPUs: one command measures several loads');
  const over = new AbortController();
  const end = (): void => over.abort();
  signal.addEventListener('abort', end, { once: true });
  const before = await processes(gpus);
  const ask = { fields: FIELD_NAMES, gpus: undefined, periodMs: PERIOD_MS, durationS: LONGEST_S, until: over.signal };
  const reading = takeReadings({ kind: 'auto' }, gpus, ask, gpuFolder(raw, concurrency)).then(
    (captured) => ({ captured }),
    (error: unknown) => ({ reason: faultOf(error).message }),
  );
  const stop = async (): Promise<string | null> => {
    end();
    signal.removeEventListener('abort', end);
    const read = await reading;
    if ('reason' in read) return `no counters of the GPUs: ${read.reason}`;
    const after = await processes(gpus);
    try {
      await keepPoint(read.captured, { raw, concurrency, changed: before !== undefined && after !== undefined && before !== after });
      return null;
    } catch (error) {
      return `no counters of the GPUs: ${faultOf(error).message}`;
    }
  };
  return { stop };
}; // prettier-ignore
