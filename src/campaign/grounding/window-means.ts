// What the GPUs did in a window of a capture: means weighted by time for each GPU and each node, power and energy, and how long they were
// in which regime. Takes readings and gives figures; knows no file.
import type { CeilingTable } from '../../hardware/ceilings.ts';
import { measuredOf, oneWayOf } from '../../hardware/ceilings.ts';
import { convertUnit } from '../../metrics/units.ts';
import { FIELD_NAMES, type FieldName, type GpuReading } from '../../telemetry/gpu-fields.ts';
import { gpuMeans, overGpus, type GpuMeans } from '../../telemetry/gpu-means.ts';
import { withoutTurns } from '../../telemetry/multiplexed.ts';
import { regimeOf, regimeTimes, sharesOf, type Limits, type Regime, type RegimeTime } from './regimes.ts';

export type Means = Readonly<Partial<Record<FieldName, number>>>;

export interface GpuInWindow {
  readonly node: string;
  readonly gpu: string;
  readonly uuid: string | null;
  readonly means: Means;
  readonly energy_j: number | null;
  readonly regime: Regime;
}

export interface NodeInWindow {
  readonly node: string;
  readonly n_gpus: number;
  /** Over its GPUs. */
  readonly means: Means;
}

export interface WindowMeans {
  readonly gpus: readonly GpuMeans[];
  readonly per_gpu: readonly GpuInWindow[];
  readonly per_node: readonly NodeInWindow[];
  readonly means: Means;
  readonly energy_j: number | null;
  readonly multiplexed_zeros: Means;
  readonly regime_times: readonly RegimeTime[];
}

/** What counters are held against for a regime: the best that was measured of the part, else its datasheet. */
export const limitsOf = (table: CeilingTable, hwKey: string): Limits => {
  const own = [...table.byKey.values()].filter(({ key, kind }) => key.startsWith(`${hwKey}.`) && kind === 'datasheet');
  const memory = own.find(({ key }) => /\.(?:hbm|gddr)[^_]*_tbps$/.test(key));
  const best = memory === undefined ? undefined : measuredOf(table, memory, 'best');
  const link = own.find(({ key }) => /\.(?:nvlink\d+|infinity_fabric)_tbps$/.test(key));
  const oneWay = link === undefined ? undefined : oneWayOf(table, link);
  const way = oneWay === undefined ? undefined : (measuredOf(table, oneWay, 'best') ?? oneWay);
  return {
    memory: memory === undefined || best === undefined ? 1 : convertUnit(best.value, best.unit, memory.unit) / memory.value,
    link: way === undefined ? null : convertUnit(way.value, way.unit, 'B/s'),
  };
}; // prettier-ignore

const meansOf = (gpus: readonly GpuMeans[]): Means =>
  Object.fromEntries(
    FIELD_NAMES.flatMap((field) => {
      const mean = overGpus(gpus, field);
      return mean === null ? [] : [[field, mean] as const];
    }),
  );

const nodesOf = (gpus: readonly GpuMeans[]): NodeInWindow[] =>
  [...new Set(gpus.map(({ node }) => node))].map((node) => {
    const own = gpus.filter((gpu) => gpu.node === node);
    return { node, n_gpus: own.length, means: meansOf(own) };
  });

const zerosOf = (gpus: readonly GpuMeans[]): Means =>
  Object.fromEntries(
    FIELD_NAMES.flatMap((field) => {
      const count = gpus.reduce((sum, { multiplexed_zeros: zeros }) => sum + (zeros[field] ?? 0), 0);
      return count > 0 ? [[field, count] as const] : [];
    }),
  );

/** Readings of each GPU in order of time, without zeros of fields that took turns. */
const byGpu = (readings: readonly GpuReading[]): (readonly GpuReading[])[] => {
  const gpus = new Map<string, GpuReading[]>();
  for (const reading of readings) {
    const key = JSON.stringify([reading.node, reading.gpu]);
    const own = gpus.get(key);
    if (own === undefined) gpus.set(key, [reading]);
    else own.push(reading);
  }
  return [...gpus.values()].map((own) => withoutTurns(own.toSorted((a, b) => a.at_ms - b.at_ms)).readings);
};

/** The figures of all readings that are given. */
export const windowMeans = (readings: readonly GpuReading[], limits: Limits): WindowMeans => {
  const gpus = gpuMeans(readings);
  const energies = gpus.flatMap(({ energy_j: energy }) => energy ?? []);
  return {
    gpus,
    per_gpu: gpus.map((gpu) => {
      const means = meansOf([gpu]);
      return { node: gpu.node, gpu: gpu.gpu, uuid: gpu.uuid, means, energy_j: gpu.energy_j, regime: regimeOf(sharesOf(means, limits)) };
    }),
    per_node: nodesOf(gpus),
    means: meansOf(gpus),
    energy_j: energies.length === gpus.length && gpus.length > 0 ? energies.reduce((sum, each) => sum + each, 0) : null,
    multiplexed_zeros: zerosOf(gpus),
    regime_times: regimeTimes(byGpu(readings), limits),
  };
}; // prettier-ignore
