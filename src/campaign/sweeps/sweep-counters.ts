// What DCGM saw of a point of a sweep, as `dcgm_steady`: from the table that dcgmi wrote beside the command in a pod, else from the capture
// of this machine's GPUs. Only the loaded part of the window counts; where nobody says which that is, there are no figures.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readNamedText } from '../../fs/named-text.ts';
import { readDmonTable } from '../../telemetry/dmon-source.ts';
import { gpuMeans, overGpus } from '../../telemetry/gpu-means.ts';
import type { FieldName, GpuReading } from '../../telemetry/gpu-fields.ts';
import type { JsonObject } from '../../text/json.ts';
import { pointGpus } from '../gpu-window.ts';
import { BESIDE_PERIOD_MS } from '../../telemetry/beside-command.ts';
import { counterTable, type SweepPoint } from './sweep-commands.ts';

/** Names that the importer of a sweep reads. */
const NAMES = {
  sm_active: 'sm_active_mean',
  tensor_active: 'tensor_active_mean',
  dram_active: 'dram_active_mean',
  fp16_active: 'fp16_active_mean',
  gr_engine_active: 'gr_engine_active_mean',
  nvlink_tx: 'nvlink_tx_Bps_mean',
  nvlink_rx: 'nvlink_rx_Bps_mean',
} as const satisfies Readonly<Partial<Record<FieldName, string>>>;

const FIELDS = Object.keys(NAMES) as (keyof typeof NAMES)[]; // checked boundary: keys of the table above

/** Share of the client's window that is left out at either end: ramp and drain. */
const EDGE = 0.1;
/** Below this a GPU does not serve. */
const WORKING = 0.02;

/**
 * Readings of the loaded window: the client's window ends when its command does, so it is the last `seconds` of the table, without
 * ramp and drain.
 */
const loadedPart = (readings: readonly GpuReading[], seconds: number): GpuReading[] => {
  const last = readings.at(-1)?.at_ms ?? 0;
  const [from, to] = [last - (1 - EDGE) * seconds * 1000, last - EDGE * seconds * 1000];
  return readings.filter(({ at_ms: at }) => at >= from && at <= to);
};

const meansOf = (readings: readonly GpuReading[]): JsonObject | null => {
  const working = gpuMeans(readings).filter(({ fields }) => (fields.gr_engine_active?.mean ?? fields.sm_active?.mean ?? 1) > WORKING);
  const means = FIELDS.flatMap((field) => {
    const mean = overGpus(working, field);
    return mean === null ? [] : [[NAMES[field], mean] as const];
  });
  return means.length === 0 ? null : { ...Object.fromEntries(means), dmon_samples: readings.length, n_gpus: working.length };
}; // prettier-ignore

const fromCapture = async (folder: string, { tag, c }: SweepPoint): Promise<JsonObject | null> => {
  const found = await pointGpus(join(folder, tag), '', c);
  if (found === undefined || !found.telemetry) return null;
  const { means } = found.block;
  const known = typeof means === 'object' && means !== null && !Array.isArray(means) ? means : {};
  return Object.fromEntries(FIELDS.flatMap((field) => (known[field] === undefined ? [] : [[NAMES[field], known[field]] as const])));
}; // prettier-ignore

/** `seconds` is the window that the client measured. Null where nothing of it was seen. */
export const countersOf = async (folder: string, point: SweepPoint, seconds: number): Promise<JsonObject | null> => {
  const table = join(folder, counterTable(point.tag));
  if (!existsSync(table)) return fromCapture(folder, point);
  const readings = readDmonTable(await readNamedText(table), { periodMs: BESIDE_PERIOD_MS, node: '' });
  return meansOf(loadedPart(readings, seconds));
}; // prettier-ignore
