// Reads the GPUs while a command loads a server beside them, by dcgmi or else nvidia-smi, and keeps the readings beside what the command
// writes: those of this machine from here, those of a pod or a node by a reader that the command itself runs there. GPUs of another machine
// are not those that serve, and are never taken for them; readings never stop a measurement.
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { PROCESS_QUERY } from '../../load/gpu-query.ts';
import type { ValidityCode } from '../../metrics/trial.ts';
import { besideWords, readBeside } from '../../telemetry/beside-command.ts';
import { summarise, takeReadings, writeCapture, writeReadings } from '../../telemetry/capture.ts';
import type { Captured, GpuPlace } from '../../telemetry/captured.ts';
import { FIELD_NAMES, type GpuReading } from '../../telemetry/gpu-fields.ts';
import { gpuMeans, type GpuMeans } from '../../telemetry/gpu-means.ts';
import { faultOf } from '../../verb/failure.ts';
import { onFile } from '../../fs/io-fault.ts';
import { readNamedText } from '../../fs/named-text.ts';
import { GPU_FOLDER, gpuFolder, loadOf } from '../gpu-window.ts';
import { loadedSpans, type Span } from '../server-gauges.ts';
import { scrapeFiles, scrapesIn } from '../server-times.ts';
import { sweptLoads } from './around-load.ts';
import type { CellCommand } from './cell-command.ts';
import type { Watch, WatchedPoint } from './server-watch.ts';

/** Bounds a reader that outlives the job. */
const LONGEST_S = 6 * 3600;
const PERIOD_MS = 1000;

const HERE = /^(localhost|127(\.\d+){3}|\[::1\]|0\.0\.0\.0)$/;

/** Whether the server stands on the machine, or in the pod, that the command runs on; one that the tool starts does. */
const servesBeside = ({ server }: WatchedPoint): boolean =>
  server === undefined || (URL.canParse(server) && HERE.test(new URL(server).hostname));

/** Whether the server stands on this machine. */
const servesHere = (point: WatchedPoint): boolean =>
  servesBeside(point) ||
  (point.server !== undefined && URL.canParse(point.server) && new URL(point.server).hostname === hostname());

/** The command with a reader of the GPUs beside it, where its server stands beside it in a place that is not here. `raw`: as it sees it. */
export const readingGpus = (command: CellCommand, raw: string): CellCommand =>
  servesBeside(command)
    ? {
        ...command,
        argv: besideWords(
          { folder: gpuFolder(raw, loadOf(command)), shared: join(raw, GPU_FOLDER), fields: FIELD_NAMES },
          command.argv,
        ),
        readsGpus: true,
      }
    : command;

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

/** What the GPUs did beside a command. */
interface Beside {
  readonly captured: Captured;
  /** A process came or went between the ends of the command. */
  readonly changed: boolean;
}

const within = (readings: readonly GpuReading[], spans: readonly Span[]): GpuReading[] =>
  readings.filter(({ at_ms: at }) => spans.some(([start, end]) => at >= start && at <= end));

/** Summarises the readings of a load into its folder. `spans` where the lines of gauges say when requests ran. */
const keepPoint = async ({ captured, changed }: Beside, folder: string, spans: readonly Span[]): Promise<void> => {
  const inside = within(captured.readings, spans);
  const loaded = inside.length > 0;
  const summary = summarise({ ...captured, readings: ofWorking(loaded ? inside : captured.readings) });
  const validity = [
    ...(loaded ? summary.validity : withoutIdle(summary.validity)),
    ...(changed ? ['foreign_gpu_process' satisfies ValidityCode] : []),
  ];
  await writeCapture(folder, { ...summary, validity }, null, {
    frozen: null,
    window_of: loaded ? 'requests' : 'command',
  });
};

/** Keeps what a source of counters gave while one load was measured; `during` the file of its gauges. */
export const keepLoad = async (captured: Captured, folder: string, during: string | undefined): Promise<void> => {
  await onFile(folder, () => mkdir(folder, { recursive: true }));
  await writeReadings(folder, captured.readings);
  const spans = during === undefined ? [] : loadedSpans(await gaugesText(during)).requests;
  await keepPoint({ captured, changed: false }, folder, spans);
};

/** The loads of a sweep, each with the readings of its own window beside its result; those that have none. */
const keepSwept = async ({ captured, changed }: Beside, raw: string, loads: readonly number[]): Promise<number[]> => {
  const lacks = new Set(loads);
  for (const { folder, concurrency } of await sweptLoads(raw)) {
    const { requests, command } = loadedSpans(await gaugesText(scrapesIn(folder, concurrency).during));
    const readings = within(captured.readings, command);
    if (readings.length === 0) continue;
    const at = gpuFolder(folder, concurrency);
    await onFile(at, () => mkdir(at, { recursive: true }));
    await writeReadings(at, readings);
    await keepPoint({ captured: { ...captured, readings }, changed }, at, requests);
    lacks.delete(concurrency);
  }
  return [...lacks];
};

const silent = (reason: string | null): Watch => ({ stop: () => Promise.resolve(reason) });

/** Ends with what the reading gave, or why it gave nothing. */
const kept = async (raw: string, point: WatchedPoint, read: () => Promise<Beside>): Promise<string | null> => {
  try {
    const beside = await read();
    const load = loadOf(point);
    const spans = load === 'all' ? [] : loadedSpans(await gaugesText(scrapeFiles(raw, load).during)).requests;
    await keepPoint(beside, gpuFolder(raw, load), spans);
    const lacks = load === 'all' ? await keepSwept(beside, raw, point.concurrencies) : [];
    return lacks.length === 0 ? null : `no counters of the GPUs of its own at concurrency ${lacks.join(', ')}`;
  } catch (error) {
    return `no counters of the GPUs: ${faultOf(error).message}`;
  }
}; // prettier-ignore

/** Takes up what the command's own reader left, when its files are here. */
const besideCommand = (raw: string, point: WatchedPoint): Watch => ({
  stop: () =>
    kept(raw, point, async () => {
      const folder = gpuFolder(raw, loadOf(point));
      const { captured, changed } = await readBeside(folder);
      await writeReadings(folder, captured.readings);
      return { captured, changed: changed === true };
    }),
});

interface WatchAsk {
  readonly raw: string;
  /** Absent where no GPU is asked from here. */
  readonly gpus: GpuPlace | undefined;
  readonly signal: AbortSignal;
}

/** Begins to read the GPUs beside a command. */
export const watchGpus = async (point: WatchedPoint & Pick<CellCommand, 'readsGpus'>, { raw, gpus, signal }: WatchAsk): Promise<Watch> => {
  if (point.readsGpus === true) return besideCommand(raw, point);
  if (gpus === undefined || !servesHere(point)) return silent('no counters of the GPUs: the server is on another machine');
  const over = new AbortController();
  const end = (): void => over.abort();
  signal.addEventListener('abort', end, { once: true });
  const before = await processes(gpus);
  const ask = { fields: FIELD_NAMES, gpus: undefined, periodMs: PERIOD_MS, durationS: LONGEST_S, until: over.signal };
  const reading = takeReadings({ kind: 'auto' }, gpus, ask, gpuFolder(raw, loadOf(point)));
  reading.catch(() => undefined); // said when the command has ended
  const stop = (): Promise<string | null> => {
    end();
    signal.removeEventListener('abort', end);
    return kept(raw, point, async () => {
      const captured = await reading;
      const after = await processes(gpus);
      return { captured, changed: before !== undefined && after !== undefined && before !== after };
    });
  };
  return { stop };
}; // prettier-ignore
