// A capture of GPU readings from start to end: takes them from the source that was asked for, keeps what it wrote as it wrote it, and says
// what the GPUs did over the window. Never takes a field that a source lacks for zero, nor one source for another without saying so.
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { finished } from 'node:stream/promises';
import { join } from 'node:path';
import { replaceFile } from '../fs/atomic-file.ts';
import { onFile } from '../fs/io-fault.ts';
import type { CeilingTable } from '../hardware/ceilings.ts';
import { telemetryValidity, type TelemetrySample } from '../load/telemetry.ts';
import { Fault } from '../text/fault.ts';
import { jsonFile, type JsonObject, type JsonValue } from '../text/json.ts';
import { captureDmon } from './dmon-source.ts';
import { captureExporters } from './exporter-source.ts';
import { frozenYaml, hardwareOf, powerPerGpu } from './frozen.ts';
import { FIELD_NAMES, GPU_FIELDS, type FieldName, type GpuReading } from './gpu-fields.ts';
import { gpuMeans, overGpus, type GpuMeans } from './gpu-means.ts';
import { paused, type CaptureAsk, type Captured, type GpuPlace } from './captured.ts';
import { queryPrometheus } from './prometheus-source.ts';
import { captureSmi } from './smi-source.ts';

/** Where readings come from; JSON. `auto` is dcgmi, and nvidia-smi where there is none. */
export type SourceAsk =
  | { readonly kind: 'auto' | 'dcgmi' | 'nvidia-smi' }
  | { readonly kind: 'exporter'; readonly urls: readonly string[] }
  | {
      readonly kind: 'prometheus';
      readonly url: string;
      readonly selector?: string | undefined;
      /** Milliseconds since the epoch; the coming `durationS` where undefined. */
      readonly window?: { readonly startMs: number; readonly endMs: number } | undefined;
    };

/** Why dcgmi gave nothing, though nvidia-smi may. */
const NO_DCGM: ReadonlySet<string> = new Set(['tool_missing', 'dcgm_unreachable', 'dcgm_watches_nothing']);

const takeAuto = async (place: GpuPlace, ask: CaptureAsk): Promise<Captured> => {
  try {
    return await captureDmon(place, ask);
  } catch (error) {
    if (!(error instanceof Fault) || !NO_DCGM.has(error.code)) throw error;
    const captured = await captureSmi(place, ask);
    return { ...captured, notes: [...captured.notes, `no dcgmi (${error.message}): power, clocks and errors by nvidia-smi`] };
  }
}; // prettier-ignore

const takePrometheus = async (source: Extract<SourceAsk, { kind: 'prometheus' }>, ask: CaptureAsk): Promise<Captured> => {
  const startMs = source.window?.startMs ?? Date.now();
  if (source.window === undefined) await paused((ask.durationS ?? 0) * 1000, ask.until);
  const window = source.window ?? { startMs, endMs: Date.now() };
  return queryPrometheus({ ...ask, ...window, url: source.url, selector: source.selector, stepS: ask.periodMs / 1000 });
}; // prettier-ignore

const take = (source: SourceAsk, place: GpuPlace, ask: CaptureAsk): Promise<Captured> => {
  switch (source.kind) {
    case 'auto':
      return takeAuto(place, ask);
    case 'dcgmi':
      return captureDmon(place, ask);
    case 'nvidia-smi':
      return captureSmi(place, ask);
    case 'exporter':
      return captureExporters(source.urls, ask);
    case 'prometheus':
      return takePrometheus(source, ask);
  }
};

/** Files of a capture in its folder. */
export const CAPTURE_FILES = {
  /** As the source wrote it: the table of dmon, or a reading on a line. */
  raw: 'dcgm-raw.txt',
  readings: 'dcgm-readings.jsonl',
  capture: 'dcgm-capture.json',
  frozen: 'dcgm-frozen.yaml',
} as const;

/** Takes readings, and keeps them and what the source wrote in the folder. Throws a Fault `no_gpu_readings` where there are none. */
export const takeReadings = async (
  source: SourceAsk,
  place: GpuPlace,
  ask: Omit<CaptureAsk, 'keep'>,
  folder: string,
): Promise<Captured> => {
  await onFile(folder, () => mkdir(folder, { recursive: true }));
  const path = join(folder, CAPTURE_FILES.raw);
  const stream = createWriteStream(path);
  const written = finished(stream);
  written.catch(() => undefined); // said below, also where the source fails first
  let captured: Captured;
  try {
    captured = await take(source, place, { ...ask, keep: (line) => void stream.write(`${line}\n`) });
  } finally {
    stream.end();
  }
  await onFile(path, () => written);
  await writeReadings(folder, captured.readings);
  return captured;
};

/** Writes the readings of a capture, one of one GPU on a line. */
export const writeReadings = (folder: string, readings: readonly GpuReading[]): Promise<void> =>
  replaceFile(join(folder, CAPTURE_FILES.readings), readings.map((reading) => `${JSON.stringify(reading)}\n`).join(''));

/** First and last reading; null where there are none. */
export const windowOf = (readings: readonly GpuReading[], intervalS: number): readonly [startMs: number, endMs: number] | null => {
  if (readings.length === 0) return null;
  const [start, end] = readings.reduce(([low, high], { at_ms: at }) => [Math.min(low, at), Math.max(high, at)], [Infinity, -Infinity]);
  return [start, end > start ? end : start + intervalS * 1000];
}; // prettier-ignore

/** Readings as the load generator's rules of validity take them. */
export const asTelemetry = (readings: readonly GpuReading[]): TelemetrySample[] => {
  const moments = new Map<number, GpuReading[]>();
  for (const reading of readings) moments.set(reading.at_ms, [...(moments.get(reading.at_ms) ?? []), reading]);
  return [...moments].map(([atMs, gpus]) => ({
    atMs,
    gpus: gpus.map(({ node, gpu, uuid, values }) => ({
      uuid: uuid ?? `${node}/${gpu}`,
      powerW: values.power_w ?? null,
      smClockMhz: values.sm_clock_mhz ?? null,
      clockReasons: values.clock_reasons ?? null,
      eccUncorrected: values.ecc_uncorrected ?? null,
      processes: null,
    })),
  }));
};

/** Field to its mean over the GPUs; only what was read. */
const meansOf = (gpus: readonly GpuMeans[]): Record<string, number> =>
  Object.fromEntries(
    FIELD_NAMES.flatMap((field) => {
      const mean = overGpus(gpus, field);
      return mean === null ? [] : [[field, mean] as const];
    }),
  );

const zerosOf = (gpus: readonly GpuMeans[]): Partial<Record<FieldName, number>> => {
  const total: Partial<Record<FieldName, number>> = {};
  for (const field of FIELD_NAMES) {
    const count = gpus.reduce((sum, { multiplexed_zeros: zeros }) => sum + (zeros[field] ?? 0), 0);
    if (count > 0) total[field] = count;
  }
  return total;
};

/** Below this a window is short beside the interval of an exporter. */
const SHORT_S = 60;

export interface CaptureSummary {
  readonly source: Captured['source'];
  readonly window: { readonly start: string; readonly end: string; readonly duration_s: number };
  readonly nodes: readonly string[];
  readonly n_gpus: number;
  readonly interval_s: number;
  readonly clock: Captured['clock'];
  /** Field to its mean over the GPUs. */
  readonly means: Readonly<Record<string, number>>;
  readonly power_watts_per_gpu: number | null;
  /** Power is that of the GPUs alone, without hosts and network. */
  readonly power_scope: 'gpu';
  readonly energy_j: number | null;
  readonly lacking: Captured['lacking'];
  readonly multiplexed_zeros: Readonly<Partial<Record<FieldName, number>>>;
  /** Reasons for which a measurement in this window would not count. */
  readonly validity: readonly string[];
  readonly short_window: boolean;
  readonly gpus: readonly GpuMeans[];
  readonly notes: readonly string[];
}

/** What the readings say. Throws a Fault `no_gpu_readings` where there are none. */
export const summarise = ({ source, readings, lacking, intervalS, clock, notes }: Captured): CaptureSummary => {
  const window = windowOf(readings, intervalS);
  if (window === null)
    throw new Fault('input', 'no_gpu_readings', `${source} gave no reading of any GPU`, {
      fix: 'check the GPUs, the window and the matchers; a dry run shows what is asked',
    });
  const [start, end] = window;
  const gpus = gpuMeans(readings);
  const energies = gpus.flatMap(({ energy_j: energy }) => energy ?? []);
  const seconds = (end - start) / 1000;
  return {
    source,
    window: { start: new Date(start).toISOString(), end: new Date(end).toISOString(), duration_s: seconds },
    nodes: [...new Set(gpus.map(({ node }) => node))],
    n_gpus: gpus.length,
    interval_s: intervalS,
    clock,
    means: meansOf(gpus),
    power_watts_per_gpu: powerPerGpu(gpus),
    power_scope: 'gpu',
    energy_j: energies.length === gpus.length ? energies.reduce((sum, each) => sum + each, 0) : null,
    lacking,
    multiplexed_zeros: zerosOf(gpus),
    validity: telemetryValidity(asTelemetry(readings)),
    short_window: seconds < SHORT_S,
    gpus,
    notes,
  };
}; // prettier-ignore

export interface FreezeAsk {
  readonly table: CeilingTable;
  /** Wins over the names of the GPUs. */
  readonly hwKey: string | undefined;
  /** Where the names of the GPUs say nothing. */
  readonly otherwise: string | null;
  readonly quant: string | undefined;
  readonly namespace: string | undefined;
  readonly podSelector: string | undefined;
  readonly capturedBy: string;
}

/** The frozen snapshot, or why there is none. */
export const freeze = (captured: Captured, summary: CaptureSummary, ask: FreezeAsk): { readonly text: string } | { readonly reason: string } => {
  const names = [...new Set(captured.gpus.map(({ name }) => name ?? 'a GPU without a name'))];
  const hwKey = ask.hwKey ?? hardwareOf(ask.table, captured.gpus.map(({ name }) => name)) ?? ask.otherwise;
  if (hwKey === null) return { reason: `no frozen YAML: the ceilings have no entry for ${names.join(', ')}; give hw_key` };
  const text = frozenYaml(summary.gpus, ask.table, {
    hwKey,
    quant: ask.quant,
    startMs: Date.parse(summary.window.start),
    endMs: Date.parse(summary.window.end),
    capturedAt: new Date().toISOString(),
    capturedBy: ask.capturedBy,
    intervalS: summary.interval_s,
    namespace: ask.namespace,
    podSelector: ask.podSelector,
    queries: captured.queries,
    notes: [`source ${summary.source}`, ...lackingText(summary)],
  });
  if (text === null) return { reason: `no frozen YAML: ${summary.source} gave no field that ${hwKey} has a ceiling of` };
  return { text };
}; // prettier-ignore

const lackingText = ({ lacking }: CaptureSummary): string[] =>
  lacking.length === 0 ? [] : [`without ${lacking.map(({ field }) => GPU_FIELDS[field].names[0] ?? field).join(', ')}`];

/** Writes `dcgm-capture.json` and, where there is one, the frozen snapshot. */
export const writeCapture = async (folder: string, summary: CaptureSummary, frozen: string | null, head: JsonObject): Promise<void> => {
  const body: JsonValue = JSON.parse(JSON.stringify({ schema_version: 1, ...head, ...summary }));
  await replaceFile(join(folder, CAPTURE_FILES.capture), jsonFile(body));
  if (frozen !== null) await replaceFile(join(folder, CAPTURE_FILES.frozen), frozen);
}; // prettier-ignore
