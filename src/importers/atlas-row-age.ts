// Rows of an atlas that the predecessor wrote, put in the terms of today's: it divided per-GPU rates by the tensor-parallel size
// alone, and some of its writers called throughput over concurrency the speed of a user. What a row said stays in `extra`. Rows
// that say their version are left as they are.
import { type JsonObject, type JsonValue, isJsonObject } from '../text/json.ts';

/** The first version whose rows say `n_gpus` and mean by tok/s/user 1000 / median TPOT. */
const FIRST_OF_OURS = 2;

const numberIn = (row: JsonObject, key: string): number | undefined => {
  const value = row[key];
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
};

const sizeIn = (row: JsonObject, key: string): number => numberIn(row, key) ?? 1;

/** How far two figures that were rounded on their way may lie apart. */
const SAME = 0.02;

const agree = (a: number, b: number): boolean => Math.abs(a - b) <= SAME * Math.abs(b);

const RATES = ['output_tps_per_gpu', 'total_tps_per_gpu'] as const;

/** The rates over all GPUs; nothing where those were the tensor-parallel ones. */
const ratesOverAll = (row: JsonObject, tp: number, gpus: number) => {
  if (gpus === tp) return { fields: {}, extra: {} };
  const fields = Object.fromEntries(
    RATES.flatMap((key) => {
      const value = numberIn(row, key);
      return value === undefined ? [] : [[key, (value * tp) / gpus]];
    }),
  );
  return { fields, extra: { per_gpu_rates_were_over: tp } };
};

/** The speed of a user by its one definition; what else stood in its place keeps a name that says what it is. */
const userSpeed = (row: JsonObject, tp: number) => {
  const stated = numberIn(row, 'output_tps_per_user');
  if (stated === undefined) return { fields: {}, extra: {} };
  const tpot = numberIn(row, 'tpot_median_ms') ?? 0;
  if (tpot > 0) {
    const speed = 1000 / tpot;
    return { fields: { output_tps_per_user: speed }, extra: agree(stated, speed) ? {} : { output_tps_per_user_was: stated } };
  }
  const concurrency = numberIn(row, 'concurrency') ?? 0;
  const share = concurrency > 0 ? ((numberIn(row, 'output_tps_per_gpu') ?? NaN) * tp) / concurrency : NaN;
  if (!agree(stated, share)) return { fields: {}, extra: {} };
  return { fields: { output_tps_per_user: null }, extra: { throughput_per_concurrency_tok_per_s: stated } };
}; // prettier-ignore

/** The row in today's terms; the same row where it says that it is ours or its sizes are not known. */
export const rowOfToday = (row: JsonObject): JsonObject => {
  const tp = numberIn(row, 'tensor_parallel');
  if (sizeIn(row, 'schema_version') >= FIRST_OF_OURS || (row['n_gpus'] ?? null) !== null) return row;
  if (tp === undefined || tp <= 0) return row;
  const gpus = tp * sizeIn(row, 'pipeline_parallel') * sizeIn(row, 'data_parallel');
  const rates = ratesOverAll(row, tp, gpus);
  const user = userSpeed(row, tp);
  const extra: JsonValue = row['extra'] ?? {};
  return {
    ...row,
    ...rates.fields,
    ...user.fields,
    n_gpus: gpus,
    n_gpus_source: 'derived',
    extra: isJsonObject(extra) ? { ...extra, ...rates.extra, ...user.extra } : extra,
  };
};
