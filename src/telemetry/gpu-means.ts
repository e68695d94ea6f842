// What the GPUs did over a window: means weighted by time for each GPU, then the plain mean over the GPUs. A value that was not known is
// left out, never 0; power is that of the GPUs alone.
import { FIELD_NAMES, GPU_FIELDS, type FieldName, type GpuReading } from './gpu-fields.ts';
import { withoutTurns } from './multiplexed.ts';

export interface FieldMean {
  readonly mean: number;
  readonly samples: number;
}

export interface GpuMeans {
  readonly node: string;
  readonly gpu: string;
  readonly uuid: string | null;
  readonly fields: Readonly<Partial<Record<FieldName, FieldMean>>>;
  /** Zeros of fields that took turns; no measurement, and not idle. */
  readonly multiplexed_zeros: Readonly<Partial<Record<FieldName, number>>>;
  /** By the GPU's own counter, where it was seen at both ends. */
  readonly energy_j: number | null;
}

type Point = readonly [atMs: number, value: number];

/** Trapezoids between the known readings over their whole time; the plain mean where they have no length. */
const timeWeighted = (points: readonly Point[]): number => {
  let [area, length] = [0, 0];
  for (const [index, [at, value]] of points.entries()) {
    const [before, earlier] = points[index - 1] ?? [at, value];
    area += ((value + earlier) / 2) * (at - before);
    length += at - before;
  }
  return length > 0 ? area / length : points.reduce((sum, [, value]) => sum + value, 0) / points.length;
};

/** Figures that a mean says something of; the others are counters and bits. */
const AVERAGED = FIELD_NAMES.filter((name) => !['mJ', 'bits', 'count'].includes(GPU_FIELDS[name].unit));

const pointsOf = (readings: readonly GpuReading[], field: FieldName): Point[] =>
  readings.flatMap(({ at_ms, values }) => {
    const value = values[field];
    return value === undefined || value === null ? [] : [[at_ms, value] as const];
  });

const energyOf = (readings: readonly GpuReading[]): number | null => {
  const points = pointsOf(readings, 'energy_mj');
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined || last[0] <= first[0] || last[1] < first[1]) return null;
  return (last[1] - first[1]) / 1000;
};

const meansOf = (all: readonly GpuReading[]): GpuMeans[] => {
  const ordered = all.toSorted((a, b) => a.at_ms - b.at_ms);
  const [first] = ordered;
  if (first === undefined) return [];
  const { readings, dropped } = withoutTurns(ordered);
  const fields = AVERAGED.flatMap((name) => {
    const points = pointsOf(readings, name).filter(([, value]) => name !== 'power_w' || value > 0);
    return points.length === 0 ? [] : [[name, { mean: timeWeighted(points), samples: points.length }] as const];
  });
  const { node, gpu } = first;
  const uuid = ordered.find((reading) => reading.uuid !== null)?.uuid ?? null;
  return [{ node, gpu, uuid, fields: Object.fromEntries(fields), multiplexed_zeros: dropped, energy_j: energyOf(ordered) }];
}; // prettier-ignore

/** One entry for each GPU of each node, by node and GPU. */
export const gpuMeans = (readings: readonly GpuReading[]): GpuMeans[] => {
  const byGpu = new Map<string, GpuReading[]>();
  for (const reading of readings) {
    const key = JSON.stringify([reading.node, reading.gpu]);
    const own = byGpu.get(key) ?? [];
    own.push(reading);
    byGpu.set(key, own);
  }
  const order = (a: GpuMeans, b: GpuMeans): number =>
    a.node.localeCompare(b.node) || a.gpu.localeCompare(b.gpu, 'en', { numeric: true });
  return [...byGpu.values()].flatMap(meansOf).toSorted(order);
};

/** The plain mean over the GPUs that have the field; null where none has. */
export const overGpus = (gpus: readonly GpuMeans[], field: FieldName): number | null => {
  const means = gpus.flatMap(({ fields }) => fields[field]?.mean ?? []);
  return means.length === 0 ? null : means.reduce((sum, mean) => sum + mean, 0) / means.length;
};
