// The trials that rows of an atlas keep beside their medians, as trials of the whole atlas. Trials of different rows were not run
// together, so those that count are laid side by side first and those that do not after them: none is dropped, and none that
// counts in its row is excluded for a fault in another.
import { z } from 'zod';
import type { Sample } from './point.ts';
import { latencyName, nameOf, type MetricId } from '../metrics/catalogue.ts';
import { type Labels, metricKey } from '../metrics/metric.ts';
import { type ReplicateLevel, type Trial, VALIDITY_CODES, isValidTrial } from '../metrics/trial.ts';
import { inputFault } from '../text/fault.ts';
import type { JsonObject, JsonValue } from '../text/json.ts';

/** From the weakest to the strongest. */
const LEVELS = ['request', 'window', 'process', 'placement'] as const satisfies readonly ReplicateLevel[];

const trialSchema = z.looseObject({
  replicate_level: z.enum(LEVELS).nullable().default(null),
  /** A trial that does not say was not watched. */
  validity: z.array(z.enum(VALIDITY_CODES)).default(['no_telemetry']),
  values: z.record(z.string(), z.number()),
});
type RowTrial = z.output<typeof trialSchema>;

/** A row with the trials that it holds. */
export interface RowTrials {
  readonly labels: Labels;
  readonly samples: readonly Sample[];
  readonly trials: readonly RowTrial[];
  /** All GPUs that served; null where the row does not say. */
  readonly gpus: number | null;
  readonly gpuUuids: readonly string[] | null;
}

/** The trials in a row. Throws a Fault `schema_mismatch`. */
export const trialsIn = (row: JsonObject, at: string, path: string): RowTrial[] => {
  const list: JsonValue = row['trials'] ?? [];
  const parsed = z.array(trialSchema).safeParse(list);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const place = [at, 'trials', ...(issue?.path ?? [])].join('.');
  throw inputFault('schema_mismatch', `${path}: ${place}: ${issue?.message ?? 'not valid'}`, { path, at: place });
};

/** Rates of all GPUs by the rate over each of them. */
const WHOLE: Readonly<Record<string, string>> = Object.fromEntries(
  (
    [
      ['outputPerGpu', 'throughput'],
      ['totalPerGpu', 'totalThroughput'],
    ] as const satisfies readonly (readonly [MetricId, MetricId])[]
  ).map(([perGpu, whole]) => [nameOf(perGpu), nameOf(whole)]),
);

/** A metric of the row in one of its trials: as measured, else by the definition that made the row's own. */
export const valueIn = (
  name: string,
  { values }: Pick<RowTrial, 'values'>,
  gpus: number | null,
): number | undefined => {
  const whole = values[WHOLE[name] ?? ''];
  if (whole !== undefined && gpus !== null) return whole / gpus;
  const tpot = values[latencyName('tpot', 'p50')];
  if (name === nameOf('perUser') && tpot !== undefined && tpot > 0) return 1000 / tpot;
  return values[name];
};

const valuesOf = (row: RowTrials, trial: RowTrial): (readonly [string, number])[] =>
  row.samples.flatMap(({ name }) => {
    const value = valueIn(name, trial, row.gpus);
    return value === undefined ? [] : [[metricKey({ name, labels: row.labels }), value] as const];
  });

const weakest = (levels: readonly (ReplicateLevel | null)[]): ReplicateLevel | null => {
  if (levels.includes(null)) return null;
  return LEVELS.find((level) => levels.includes(level)) ?? null;
};

/** The same GPUs in every row, else nobody can say where a trial of the whole ran. */
const placementOf = (rows: readonly RowTrials[]): readonly string[] | null => {
  const [first, ...others] = rows.map(({ gpuUuids }) => (gpuUuids === null ? null : [...gpuUuids].sort()));
  if (first === undefined || first === null) return null;
  return others.every((uuids) => JSON.stringify(uuids) === JSON.stringify(first)) ? first : null;
};

type Pair = readonly [row: RowTrials, trial: RowTrial];

const joined = (pairs: readonly Pair[], index: number): Trial => ({
  index,
  block: null,
  started_at: null,
  replicate_level: weakest(pairs.map(([, { replicate_level }]) => replicate_level)),
  values: Object.fromEntries(pairs.flatMap(([row, trial]) => valuesOf(row, trial))),
  validity: VALIDITY_CODES.filter((code) => pairs.some(([, { validity }]) => validity.includes(code))),
  gpu_uuids: placementOf(pairs.map(([row]) => row)),
});

/** The n-th of each row's trials that pass, for every n. */
const sideBySide = (rows: readonly RowTrials[], passes: (trial: RowTrial) => boolean): Pair[][] => {
  const chosen = rows.map((row) => row.trials.filter(passes).map((trial): Pair => [row, trial]));
  const most = chosen.reduce((longest, { length }) => Math.max(longest, length), 0);
  return Array.from({ length: most }, (_, index) => chosen.flatMap((pairs) => pairs.slice(index, index + 1)));
};

/** The trials of all rows; none where no row was repeated. */
export const atlasTrials = (rows: readonly RowTrials[]): Trial[] => {
  if (rows.every(({ trials }) => trials.length < 2)) return [];
  const pairs = [...sideBySide(rows, isValidTrial), ...sideBySide(rows, (trial) => !isValidTrial(trial))];
  return pairs.map(joined);
};
