// Zeros that are no measurement. Where more profiling fields are watched than the hardware counts at once, they take turns, and a field
// whose turn it is not reads 0.0. Such a zero stands between readings that are not, while the GPU is at work by another field; it is
// dropped and counted. A zero of a GPU at rest stays.
import { FIELD_NAMES, GPU_FIELDS, type FieldName, type GpuReading } from './gpu-fields.ts';

/** Share of time above which a unit is at work, and percent of NVML's utilisation. */
const AT_WORK = { ratio: 0.02, '%': 5 } as const;
/** Readings in a row that a turn may take away. */
const LONGEST_TURN = 3;
/** By how much the readings on both sides of a gap may differ and still be one level. */
const SAME_LEVEL = 4;

const PROFILED = FIELD_NAMES.filter((name) => GPU_FIELDS[name].profiling);

/** Another field of the same reading says that the GPU works. */
const works = ({ values }: GpuReading, except: FieldName): boolean =>
  FIELD_NAMES.some((name) => {
    const { unit } = GPU_FIELDS[name];
    return name !== except && (unit === 'ratio' || unit === '%') && (values[name] ?? 0) > AT_WORK[unit];
  });

/** All profiling fields may lose a turn at once: then power says whether the GPU went on. */
const drawsAsBefore = (readings: readonly GpuReading[], index: number, around: readonly [number, number]): boolean => {
  const power = readings[index]?.values.power_w ?? null;
  const sides = around.map((side) => readings[side]?.values.power_w ?? null);
  return power !== null && sides.every((side) => side !== null && side > 0 && power / side > 0.8);
};

const isSameLevel = (a: number, b: number): boolean => Math.max(a, b) / Math.min(a, b) <= SAME_LEVEL;

/** Indices of the zeros of a field that are no measurement, of the readings of one GPU in order of time. */
const droppedOf = (readings: readonly GpuReading[], field: FieldName): number[] => {
  const known = readings.flatMap(({ values }, index) => {
    const value = values[field];
    return value === undefined || value === null ? [] : [{ index, value }];
  });
  const dropped: number[] = [];
  let last = -1;
  for (const [position, { index, value }] of known.entries()) {
    if (value === 0) continue;
    const before = known[last];
    const gap = known.slice(last + 1, position);
    last = position;
    if (before === undefined || gap.length === 0 || gap.length > LONGEST_TURN || !isSameLevel(before.value, value)) continue;
    const lost = gap.filter((zero) => {
      const reading = readings[zero.index];
      return reading !== undefined && (works(reading, field) || drawsAsBefore(readings, zero.index, [before.index, index]));
    });
    dropped.push(...lost.map((zero) => zero.index));
  }
  if (dropped.length === 0) return dropped;
  // A field that has been seen to take turns takes them at the ends too, where only one side shows its level.
  const first = known.findIndex(({ value }) => value !== 0);
  const ends = [known.slice(0, first), known.slice(last + 1)].filter((zeros) => zeros.length <= LONGEST_TURN).flat();
  const lost = ends.filter(({ index }) => {
    const reading = readings[index];
    return reading !== undefined && works(reading, field);
  });
  return [...dropped, ...lost.map(({ index }) => index)];
}; // prettier-ignore

/** The readings of one GPU, in order of time, with null in place of zeros that are no measurement; and how many of each field. */
export const withoutTurns = (
  readings: readonly GpuReading[],
): { readonly readings: readonly GpuReading[]; readonly dropped: Readonly<Partial<Record<FieldName, number>>> } => {
  const lost = PROFILED.map((field) => [field, new Set(droppedOf(readings, field))] as const).filter(([, at]) => at.size > 0);
  if (lost.length === 0) return { readings, dropped: {} };
  const kept = readings.map((reading, index) => {
    const blanks = lost.filter(([, at]) => at.has(index)).map(([field]) => [field, null] as const);
    return blanks.length === 0 ? reading : { ...reading, values: { ...reading.values, ...Object.fromEntries(blanks) } };
  });
  return { readings: kept, dropped: Object.fromEntries(lost.map(([field, at]) => [field, at.size])) };
}; // prettier-ignore
