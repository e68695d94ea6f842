// What is known of each category of kernels beside counters of whole GPUs. Only counters of single kernels (ncu) measure a category;
// counters of a GPU over a window do not say which kernel moved a byte, and sharing them out by time gives every category the mean of
// the workload. Where nothing measured a category its time stands beside that mean, as an estimate.
import { z } from 'zod';
import { findCeiling, type CeilingTable } from '../../hardware/ceilings.ts';
import { convertUnit } from '../../metrics/units.ts';
import { formatNumber } from '../../render/numbers.ts';
import { readNamedText } from '../../fs/named-text.ts';
import { parseJson } from '../../text/json.ts';
import { checkAgainst } from '../../text/schema-fault.ts';
import { timeOf, type CountedKernel } from './counted-kernels.ts';

export const ESTIMATE = 'estimate, not attribution';

/** A category that ncu measured, in the field names of `dcgm_correlation.json`. */
export interface MeasuredCategory {
  readonly category: string;
  readonly basis: 'ncu';
  /** Of the time in kernels, by the profile; null without one. */
  readonly time_share_pct: number | null;
  /** Always null: ncu replays launches, and counts no window. */
  readonly attributed_bytes_total: null;
  readonly attributed_flops_total: null;
  /** Bytes a second while its kernels ran. */
  readonly effective_bw_during_category_window: number | null;
  readonly effective_tflops_during_category_window: number | null;
  readonly sol_pct_bw: number | null;
  /** Busiest pipe of the SMs, in percent of its peak. */
  readonly sol_pct_compute: number | null;
  /** The higher of both where it is at least 60 %. */
  readonly bound: 'bandwidth' | 'compute' | 'latency' | null;
  readonly ceiling_metric: string | null;
  readonly launches: number;
}

/** Time of a category beside what the whole workload did. */
export interface EstimatedCategory {
  readonly category: string;
  readonly label: typeof ESTIMATE;
  readonly share_pct: number;
  /** Samples count how often kernels were seen, and are no time. */
  readonly share_of: 'kernel time' | 'samples';
  readonly workload_sol_pct: Readonly<Record<string, number>>;
}

export interface CategoryTimes {
  readonly path: string;
  /** `nsys`, `zymtrace`: where the shares come from. */
  readonly source: string;
  readonly unit: 'ns' | 'samples';
  /** Category to its part. */
  readonly values: Readonly<Record<string, number>>;
}

const perCategory = z.record(z.string(), z.number().nonnegative());

const kernelsSchema = z.looseObject({
  captured_sources: z.array(z.string()).optional(),
  per_category: perCategory.optional(),
  sources: z
    .array(z.looseObject({ source: z.string(), unit: z.enum(['ns', 'samples']), per_category: perCategory }))
    .optional(),
});

const documentAt = async <T>(path: string, schema: z.ZodType<T>, keys: readonly string[]): Promise<T> =>
  checkAgainst(schema, parseJson(await readNamedText(path), path), { path, code: 'kernels_invalid', keys });

/** Time of each category: that of nsys, which is a time, before samples. Undefined where the file has none. */
export const readCategoryTimes = async (path: string): Promise<CategoryTimes | undefined> => {
  const { sources = [], per_category: old, captured_sources: named } = await documentAt(path, kernelsSchema, Object.keys(kernelsSchema.shape));
  const found = sources.find(({ unit }) => unit === 'ns') ?? sources[0];
  if (found !== undefined) return { path, source: found.source, unit: found.unit, values: found.per_category };
  if (old === undefined) return undefined;
  const source = named?.[0] ?? 'zymtrace';
  return { path, source, unit: source === 'nsys' ? 'ns' : 'samples', values: old };
}; // prettier-ignore

/** Shares in percent; none where nothing ran. */
export const categoryShares = ({ values }: CategoryTimes): ReadonlyMap<string, number> => {
  const whole = Object.values(values).reduce((sum, value) => sum + value, 0);
  if (whole <= 0) return new Map();
  return new Map(Object.entries(values).map(([category, value]) => [category, (100 * value) / whole] as const));
};

const rounded = (value: number): number => Number(formatNumber(value));

/** A rate over the kernels that have both, in units a nanosecond; null where none has. */
const rateOver = (
  kernels: readonly CountedKernel[],
  of: (kernel: CountedKernel) => number | null | undefined,
): number | null => {
  let [sum, time] = [0, 0];
  for (const kernel of kernels) {
    const value = of(kernel);
    if (value === null || value === undefined || timeOf(kernel) <= 0) continue;
    sum += value;
    time += timeOf(kernel);
  }
  return time > 0 ? sum / time : null;
};

/** A percentage weighted by time. */
const meanPct = (
  kernels: readonly CountedKernel[],
  of: (kernel: CountedKernel) => number | null | undefined,
): number | null =>
  rateOver(kernels, (kernel) => {
    const value = of(kernel);
    return value === null || value === undefined ? null : value * timeOf(kernel);
  });

const flopsOf = ({ sm_flops_total: scalar, tensor_flops_total: tensor }: CountedKernel): number | null =>
  (scalar ?? null) === null && (tensor ?? null) === null ? null : (scalar ?? 0) + (tensor ?? 0);

const boundOf = (bandwidth: number | null, compute: number | null): MeasuredCategory['bound'] => {
  if (bandwidth === null || compute === null) return null;
  if (Math.max(bandwidth, compute) < 60) return 'latency';
  return bandwidth >= compute ? 'bandwidth' : 'compute';
};

const orNull = (value: number | null): number | null => (value === null ? null : rounded(value));

/** The memory's ceiling of a part; undefined where it has none. */
const memoryKey = ({ byKey }: CeilingTable, hwKey: string): string | undefined =>
  [...byKey.keys()].find((key) => key.startsWith(`${hwKey}.`) && /\.(?:hbm|gddr)[^_]*_tbps$/.test(key));

const measuredCategory = (category: string, kernels: readonly CountedKernel[], time: number | undefined, memory: { readonly key: string; readonly bytesPerS: number } | null): MeasuredCategory => {
  const bytes = rateOver(kernels, ({ dram_bytes_total: each }) => each);
  const bandwidth = bytes === null || memory === null ? meanPct(kernels, ({ achieved_dram_pct_peak: each }) => each) : (100 * bytes * 1e9) / memory.bytesPerS;
  const compute = meanPct(kernels, ({ achieved_sm_pct_peak: each }) => each);
  const flops = rateOver(kernels, flopsOf);
  return {
    category,
    basis: 'ncu',
    time_share_pct: time === undefined ? null : rounded(time),
    attributed_bytes_total: null,
    attributed_flops_total: null,
    effective_bw_during_category_window: bytes === null ? null : rounded(bytes * 1e9),
    effective_tflops_during_category_window: flops === null ? null : rounded(flops / 1e3),
    sol_pct_bw: orNull(bandwidth),
    sol_pct_compute: orNull(compute),
    bound: boundOf(bandwidth, compute),
    ceiling_metric: memory?.key ?? null,
    launches: kernels.reduce((sum, { launches = 1 }) => sum + launches, 0),
  };
}; // prettier-ignore

/** What is measured of each category, the longest first. */
export const measuredCategories = (
  kernels: readonly CountedKernel[],
  { table, hwKey, times }: { readonly table: CeilingTable; readonly hwKey: string; readonly times: CategoryTimes | undefined },
): MeasuredCategory[] => {
  const shares = times?.unit === 'ns' ? categoryShares(times) : undefined;
  const key = memoryKey(table, hwKey);
  const ceiling = key === undefined ? undefined : findCeiling(table, key);
  const memory = ceiling === undefined ? null : { key: ceiling.key, bytesPerS: convertUnit(ceiling.value, ceiling.unit, 'B/s') };
  const categories = [...new Set(kernels.map(({ category }) => category))];
  return categories
    .map((category) => ({ category, own: kernels.filter((kernel) => kernel.category === category) }))
    .toSorted((a, b) => b.own.reduce((sum, each) => sum + timeOf(each), 0) - a.own.reduce((sum, each) => sum + timeOf(each), 0))
    .map(({ category, own }) => measuredCategory(category, own, shares?.get(category), memory));
}; // prettier-ignore

/** Categories that nothing measured: their time beside the means of the workload. */
export const estimatedCategories = (
  times: CategoryTimes,
  measured: readonly MeasuredCategory[],
  workload: Readonly<Record<string, number>>,
): EstimatedCategory[] =>
  [...categoryShares(times)]
    .filter(([category]) => !measured.some((each) => each.category === category))
    .toSorted(([, a], [, b]) => b - a)
    .map(([category, share]) => ({
      category,
      label: ESTIMATE,
      share_pct: rounded(share),
      share_of: times.unit === 'ns' ? 'kernel time' : 'samples',
      workload_sol_pct: workload,
    }));
