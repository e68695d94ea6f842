// `dcgm_correlation.json` of a cell: what counters of its GPUs say of a window, against the ceilings of the hardware. Made of a frozen
// snapshot, of the readings of a capture, or of both. Pure; names what is missing instead of filling it in.
import { hardwareKey, type CeilingTable } from '../../hardware/ceilings.ts';
import { convertUnit } from '../../metrics/units.ts';
import { formatNumber, plural } from '../../render/numbers.ts';
import { frozenResources, type Resource } from '../../telemetry/frozen.ts';
import { GPU_FIELDS, type FieldName, type GpuReading } from '../../telemetry/gpu-fields.ts';
import { Fault, inputFault } from '../../text/fault.ts';
import { isoSeconds } from '../../text/time.ts';
import type { ReadCapture } from './capture-folder.ts';
import type { CategoryTimes, EstimatedCategory, MeasuredCategory } from './categories.ts';
import type { Frozen } from './frozen-file.ts';
import { REGIME_RULES, regimeOf, sharesOf, type Limits, type Regime, type RegimeTime } from './regimes.ts';
import { formatNote, resourceShare, type ResourceShare } from './resource-share.ts';
import { windowMeans, type GpuInWindow, type Means, type NodeInWindow, type WindowMeans } from './window-means.ts';

/** Version 1 and its keys are those that readers know; ours stand beside them. */
const CORRELATION_VERSION = 1;

/** Below this a window holds few values of an exporter. */
const SHORT_S = 60;

export interface Correlation {
  readonly schema_version: typeof CORRELATION_VERSION;
  readonly captured_sources: readonly string[];
  readonly hw_key: string;
  readonly sweep_start_utc: string;
  readonly sweep_end_utc: string;
  readonly duration_s: number;
  readonly n_gpus: number;
  readonly dcgm_group_level: string;
  readonly scrape_interval_s: number;
  readonly short_sweep_warning: boolean;
  readonly resources: readonly ResourceShare[];
  readonly queries: readonly object[];
  readonly power_watts_per_gpu: number | null;
  /** Whose power it is. */
  readonly power_scope: 'gpu' | null;
  /** Of all GPUs over the window, by their own counters. */
  readonly energy_j: number | null;
  readonly nodes: readonly string[];
  readonly namespace: string | null;
  readonly pod_label_selector: string | null;
  readonly per_category_attribution: readonly MeasuredCategory[];
  readonly per_category_estimate: readonly EstimatedCategory[];
  readonly kernels_json_path: string | null;
  readonly means: Means;
  readonly per_gpu: readonly GpuInWindow[];
  readonly per_node: readonly NodeInWindow[];
  /** By the means of the whole window. */
  readonly regime: Regime;
  readonly regime_rule: string;
  /** How long each regime lasted; empty without readings. */
  readonly regime_times: readonly RegimeTime[];
  readonly lacking: readonly { readonly field: string; readonly reason: string }[];
  readonly multiplexed_zeros: Means;
  readonly notes: readonly string[];
}

export interface CorrelationAsk {
  readonly table: CeilingTable;
  /** Where neither snapshot nor capture says: the hardware of the cell. */
  readonly cellHardware: string | null;
  /** GPUs that the cell's rows say served; null where they do not. */
  readonly cellGpus: number | null;
  readonly quant: string | undefined;
  readonly frozen: Frozen | null;
  readonly capture: ReadCapture | null;
}

/** Part of the table that the words mean. Throws a Fault `hardware_unknown`. */
const requireHardware = (table: CeilingTable, named: string): string => {
  const key = hardwareKey(table, named);
  if (key !== null) return key;
  throw new Fault('usage', 'hardware_unknown', `${JSON.stringify(named)} is no hardware with known ceilings`, {
    fix: `give one of ${[...new Set(table.byDevice.values())].join(', ')}, or add it to the ceilings`,
  });
};

/** Counters of one GPU say nothing of a cell that ran on another. */
const hardwareOf = ({ table, frozen, cellHardware }: CorrelationAsk): string => {
  const ofCell = cellHardware === null ? null : hardwareKey(table, cellHardware);
  if (frozen === null) {
    if (cellHardware !== null) return requireHardware(table, cellHardware);
    throw new Fault('usage', 'hardware_unknown', 'nothing says which hardware the capture is of', { fix: 'give hw_key' });
  }
  const own = requireHardware(table, frozen.hardware);
  if (ofCell !== null && own !== ofCell)
    throw inputFault('hardware_mismatch', `the counters are of ${own}, and the cell ran on ${ofCell}`, {
      fix: 'name the snapshot of this cell, or correct hw_key',
    });
  return own;
}; // prettier-ignore

/** Shares of the board's power outside of which watts are of something else, or in another unit. */
const LEAST_POWER = 0.02;
const MOST_POWER = 1.5;

/** Throws a Fault `power_implausible` that names the reading which would fit. */
const requirePower = (table: CeilingTable, hwKey: string, watts: number, gpus: number): void => {
  const board = table.byKey.get(`${hwKey}.board_power_w`);
  if (board === undefined) return;
  const limit = convertUnit(board.value, board.unit, 'W');
  const fits = (value: number): boolean => value >= LEAST_POWER * limit && value <= MOST_POWER * limit;
  if (fits(watts)) return;
  const readings: readonly (readonly [number, string])[] = [
    [watts / 1000, 'milliwatts'],
    [watts * 1000, 'kilowatts'],
    [watts / gpus, `the sum over ${plural(gpus, 'GPU')}`],
  ];
  const likely = readings.find(([value]) => fits(value));
  throw inputFault('power_implausible', `${formatNumber(watts)} W a GPU, and a ${hwKey} has ${formatNumber(limit)} W${likely === undefined ? '' : `: it would fit as ${likely[1]}`}`, {
    at: 'power_watts_per_gpu',
    fix: likely === undefined ? 'give the mean watts of one GPU' : `give ${formatNumber(likely[0])}`,
  });
}; // prettier-ignore

interface Window {
  readonly startMs: number;
  readonly endMs: number;
  readonly readings: readonly GpuReading[];
}

/** The window of the snapshot, else that of the readings. Throws a Fault `window_apart`. */
const windowOf = ({ frozen, capture }: CorrelationAsk): Window => {
  const all = capture?.readings ?? [];
  if (frozen !== null) {
    const { startMs, endMs } = frozen;
    const readings = all.filter(({ at_ms: at }) => at >= startMs && at <= endMs);
    if (capture !== null && readings.length === 0)
      throw inputFault('window_apart', `no reading of ${capture.folder} lies in the window from ${isoSeconds(startMs)} to ${isoSeconds(endMs)}`, { fix: 'name the capture that the snapshot was frozen of' });
    return { startMs, endMs, readings };
  }
  const [startMs, last] = all.reduce(([low, high], { at_ms: at }) => [Math.min(low, at), Math.max(high, at)], [Infinity, -Infinity]);
  if (all.length === 0)
    throw inputFault('no_gpu_readings', `${capture?.folder ?? 'the capture'} holds no reading`, { fix: 'capture again while the GPUs are there' });
  return { startMs, endMs: last > startMs ? last : startMs + (capture?.intervalS ?? 1) * 1000, readings: all };
}; // prettier-ignore

/** Fields that a share needs, and the names of metrics and peaks that bring each. */
const WANTED: readonly (readonly [FieldName, RegExp])[] = [
  ['dram_active', /DRAM|HBM|GDDR/],
  ['tensor_active', /TENSOR/],
  ['nvlink_tx', /NVL/],
  ['nvlink_rx', /NVL/],
];

const lackingOf = ({ frozen, capture }: CorrelationAsk, resources: readonly Resource[], power: number | null): Correlation['lacking'] => {
  if (capture !== null) return capture.lacking;
  const absent = WANTED.filter(([, pattern]) => !resources.some(({ metric, peak_key: peak }) => pattern.test(`${metric} ${peak}`.toUpperCase())));
  const reason = frozen === null ? 'was not read' : 'the snapshot holds no resource of it';
  return [
    ...absent.map(([field]) => ({ field: GPU_FIELDS[field].names[0] ?? field, reason })),
    ...(power === null ? [{ field: 'power_watts_per_gpu', reason: 'the snapshot does not hold it' }] : []),
  ];
}; // prettier-ignore

/** Means of a snapshot, where nothing else is known. */
const meansOfFrozen = (resources: readonly Resource[]): Means => {
  const of = (pattern: RegExp): number | undefined =>
    resources.find(({ metric, unit }) => unit === 'ratio' && pattern.test(metric.toUpperCase()))?.measured_avg;
  const [dram, tensor] = [of(/DRAM/), of(/TENSOR/)];
  return {
    ...(dram === undefined ? {} : { dram_active: dram }),
    ...(tensor === undefined ? {} : { tensor_active: tensor }),
  };
};

/** The link's share of a snapshot, which knows no single way: half of the sum. */
const linkOf = (shares: readonly ResourceShare[]): number | null => {
  const link = shares.find(({ peak_key: peak }) => /^(?:nvlink|infinity_fabric)/.test(peak));
  const share = link?.best_pct ?? link?.sol_pct ?? null;
  return share === null ? null : share / 100;
};

export interface Categories {
  readonly times: CategoryTimes | undefined;
  readonly measured: readonly MeasuredCategory[];
  readonly estimated: readonly EstimatedCategory[];
}

/** What is known of the window before its kernels are. */
export interface Correlated extends Omit<Correlation, 'per_category_attribution' | 'per_category_estimate' | 'kernels_json_path' | 'captured_sources'> {
  /** `dcgm`, or `nvidia-smi` where nothing else was read. */
  readonly counted_by: string;
  /** Share of each resource that has one, in percent. */
  readonly workload: Readonly<Record<string, number>>;
} // prettier-ignore

/** Throws what the snapshot, its hardware, its window or its units are refused for. */
export const correlate = (ask: CorrelationAsk, limitsFor: (hwKey: string) => Limits): Correlated => {
  const { table, frozen, capture, quant, cellGpus } = ask;
  const hwKey = hardwareOf(ask);
  const limits = limitsFor(hwKey);
  const { startMs, endMs, readings } = windowOf(ask);
  const seen: WindowMeans | null = readings.length === 0 ? null : windowMeans(readings, limits);
  const durationS = (endMs - startMs) / 1000;
  const nGpus = frozen?.nGpus ?? seen?.gpus.length ?? 0;
  const resources = frozen?.resources ?? frozenResources(seen?.gpus ?? [], table, { hwKey, quant, queries: {} });
  const shares = resources.map((resource) => resourceShare(table, resource, { hwKey, durationS, nGpus }));
  const power = frozen?.powerPerGpu ?? seen?.means.power_w ?? null;
  if (power !== null) requirePower(table, hwKey, power, nGpus);
  const means = seen?.means ?? meansOfFrozen(resources);
  const parts = sharesOf(means, limits);
  const regime = regimeOf({ ...parts, link: parts.link ?? linkOf(shares) });
  const formats = formatNote(shares);
  return {
    schema_version: CORRELATION_VERSION,
    hw_key: hwKey,
    sweep_start_utc: new Date(startMs).toISOString(),
    sweep_end_utc: new Date(endMs).toISOString(),
    duration_s: durationS,
    n_gpus: nGpus,
    dcgm_group_level: frozen?.tier ?? (capture?.source === 'nvidia-smi' ? 'absent' : shares.length > 0 ? 'prof' : 'counter'),
    scrape_interval_s: frozen?.intervalS ?? capture?.intervalS ?? 0,
    short_sweep_warning: durationS < SHORT_S,
    resources: shares,
    queries: resources.map(({ peak_key, metric, unit, promql }) => ({ peak_key, metric, promql: promql ?? '', unit, is_fallback: false })),
    power_watts_per_gpu: power,
    power_scope: power === null ? null : 'gpu',
    energy_j: seen?.energy_j ?? null,
    nodes: frozen !== null && frozen.nodes.length > 0 ? frozen.nodes : (seen?.per_node.map(({ node }) => node) ?? []),
    namespace: frozen?.namespace ?? null,
    pod_label_selector: frozen?.podSelector ?? null,
    means,
    per_gpu: seen?.per_gpu ?? [],
    per_node: seen?.per_node ?? [],
    regime,
    regime_rule: REGIME_RULES[regime],
    regime_times: seen?.regime_times ?? [],
    lacking: lackingOf(ask, resources, power),
    multiplexed_zeros: seen?.multiplexed_zeros ?? {},
    notes: [
      ...(frozen?.notes ?? []),
      ...(capture?.notes ?? []),
      ...(cellGpus !== null && cellGpus !== nGpus ? [`${plural(nGpus, 'GPU')} were counted, and the rows of the cell say ${cellGpus}: means are over those that were counted`] : []),
      ...(seen !== null && frozen !== null && seen.gpus.length !== frozen.nGpus ? [`the readings are of ${plural(seen.gpus.length, 'GPU')}, and the snapshot says ${frozen.nGpus}`] : []),
      ...(frozen !== null && frozen.nodes.length === 0 ? ['the snapshot names no node: its power cannot be asked for again'] : []),
      ...(formats === null ? [] : [formats]),
    ],
    counted_by: frozen === null && capture?.source === 'nvidia-smi' ? 'nvidia-smi' : 'dcgm',
    workload: Object.fromEntries(shares.flatMap(({ peak_key: key, sol_pct: share }) => (share === null ? [] : [[key, share] as const]))),
  };
}; // prettier-ignore

/** The whole document. Kernels are named as a source only where they were read. */
export const withCategories = (
  { workload: _workload, counted_by: counters, ...correlated }: Correlated,
  { times, measured, estimated }: Categories,
): Correlation => ({
  ...correlated,
  captured_sources: [
    counters,
    ...(times === undefined ? [] : [times.source]),
    ...(measured.length === 0 ? [] : ['ncu']),
  ],
  per_category_attribution: measured,
  per_category_estimate: estimated,
  kernels_json_path: times?.path ?? null,
});
