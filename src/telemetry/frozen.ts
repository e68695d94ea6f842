// The frozen snapshot `dcgm_frozen_v1`: what a capture measured against each ceiling of the hardware, with its window and its nodes, as a
// YAML file that needs neither the GPUs nor Prometheus any more. Holds only what was measured: a field that is lacking has no entry.
import { hardwareKey, type CeilingTable } from '../hardware/ceilings.ts';
import { formatNumber } from '../render/numbers.ts';
import { GPU_FIELDS, type FieldName } from './gpu-fields.ts';
import { overGpus, type GpuMeans } from './gpu-means.ts';

export interface FrozenAsk {
  /** Part of the table of ceilings: `b200_sm100`. */
  readonly hwKey: string;
  /** `NVFP4`, `FP8`, `BF16`: which tensor peak the duty cycle is held against. All where it is not known. */
  readonly quant: string | undefined;
  readonly startMs: number;
  readonly endMs: number;
  readonly capturedAt: string;
  readonly capturedBy: string;
  readonly intervalS: number;
  readonly namespace: string | undefined;
  readonly podSelector: string | undefined;
  readonly queries: Readonly<Partial<Record<FieldName, string>>>;
  readonly notes: readonly string[];
}

/** What was measured against one ceiling. */
export interface Resource {
  readonly peak_key: string;
  readonly metric: string;
  readonly unit: 'ratio' | 'bytes_per_s';
  readonly measured_avg: number;
  readonly promql?: string;
}

/** Six digits: more than a counter of DCGM has. */
const rounded = (value: number): number => Number(formatNumber(value));

const nameOf = (field: FieldName): string => GPU_FIELDS[field].names[0] ?? field;

const peaksOf = (table: CeilingTable, hwKey: string, pattern: RegExp): string[] =>
  [...table.byKey.keys()]
    .filter((key) => key.startsWith(`${hwKey}.`))
    .map((key) => key.slice(hwKey.length + 1))
    .filter((key) => pattern.test(key));

/** The dense peak of the weights' format: `MXFP4` and `NVFP4` run on the FP4 pipe. */
const tensorPattern = (quant: string | undefined): RegExp => {
  if (quant === undefined) return /^[a-z0-9]+_dense_pflops$/;
  const format = quant.toLowerCase();
  if (format.includes('fp4')) return /^nvfp4_dense_pflops$/;
  if (format.includes('fp8')) return /^fp8_dense_pflops$/;
  if (format.includes('int8')) return /^int8_dense_p(?:fl)?ops$/;
  return /^bf16_dense_pflops$/;
};

const ratios = (gpus: readonly GpuMeans[], field: FieldName, peaks: readonly string[], promql: string | undefined): Resource[] => {
  const mean = overGpus(gpus, field);
  if (mean === null) return [];
  return peaks.map((peak_key) => ({ peak_key, metric: nameOf(field), unit: 'ratio', measured_avg: rounded(mean), ...(promql === undefined ? {} : { promql }) }));
}; // prettier-ignore

const bothWays = (
  gpus: readonly GpuMeans[],
  fields: readonly [FieldName, FieldName],
  peaks: readonly string[],
): Resource[] => {
  const [tx, rx] = fields.map((field) => overGpus(gpus, field));
  if (tx === undefined || rx === undefined || tx === null || rx === null) return [];
  const metric = `sum(${fields.map(nameOf).join(',')})`;
  return peaks.map((peak_key) => ({ peak_key, metric, unit: 'bytes_per_s', measured_avg: rounded(tx + rx) }));
};

/** What was measured, against each peak that the table has for the hardware. */
export const frozenResources = (gpus: readonly GpuMeans[], table: CeilingTable, { hwKey, quant, queries }: Pick<FrozenAsk, 'hwKey' | 'quant' | 'queries'>): Resource[] => {
  const peaks = (pattern: RegExp): string[] => peaksOf(table, hwKey, pattern);
  return [
    ...ratios(gpus, 'dram_active', peaks(/^(?:hbm|gddr)[^_]*_tbps$/), queries.dram_active),
    ...ratios(gpus, 'tensor_active', peaks(tensorPattern(quant)), queries.tensor_active),
    ...bothWays(gpus, ['nvlink_tx', 'nvlink_rx'], peaks(/^nvlink\d+_tbps$/)),
    ...bothWays(gpus, ['pcie_tx', 'pcie_rx'], peaks(/^pcie(?:_gen)?\d+_x\d+_[gt]bps$/)),
  ];
}; // prettier-ignore

const scalar = (value: string | number): string => (typeof value === 'number' ? String(value) : JSON.stringify(value));

const flowMap = (entries: object): string =>
  `{${Object.entries(entries).map(([key, value]: [string, string | number]) => `${key}: ${scalar(value)}`).join(', ')}}`; // prettier-ignore

/** Power of one GPU in watts: the mean over the GPUs; null where none was read. */
export const powerPerGpu = (gpus: readonly GpuMeans[]): number | null => overGpus(gpus, 'power_w');

/** The file; null where nothing was measured that it can hold. */
export const frozenYaml = (gpus: readonly GpuMeans[], table: CeilingTable, ask: FrozenAsk): string | null => {
  const resources = frozenResources(gpus, table, ask);
  if (resources.length === 0) return null;
  const power = powerPerGpu(gpus);
  const head: Readonly<Record<string, string | number | undefined>> = {
    schema_version: 1,
    hw_key: ask.hwKey,
    n_gpus: gpus.length,
    sweep_start_utc: new Date(ask.startMs).toISOString(),
    sweep_end_utc: new Date(ask.endMs).toISOString(),
    captured_at: ask.capturedAt,
    captured_by: ask.capturedBy,
    data_tier: 'prof',
    scrape_interval_s: ask.intervalS,
    power_watts_per_gpu: power === null ? undefined : rounded(power),
    namespace: ask.namespace,
    pod_label_selector: ask.podSelector,
    notes: ask.notes.length === 0 ? undefined : ask.notes.join('; '),
  };
  const lines = Object.entries(head).flatMap(([key, value]) => (value === undefined ? [] : [`${key}: ${scalar(value)}`]));
  const nodes = [...new Set(gpus.map(({ node }) => node))].map(scalar).join(', ');
  return [...lines, `nodes: [${nodes}]`, 'resources:', ...resources.map((resource) => `  - ${flowMap(resource)}`), ''].join('\n');
}; // prettier-ignore

/** Part of the table for what GPUs are called; null where names differ or the table has none. */
export const hardwareOf = (table: CeilingTable, names: readonly (string | null)[]): string | null => {
  const keys = [...new Set(names.map((name) => (name === null ? null : hardwareKey(table, name))))];
  const [only = null, ...others] = keys;
  return others.length === 0 ? only : null;
};
