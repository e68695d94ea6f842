// Counters of single kernels: pairs `<x>-sol.csv` (the details page of ncu) and `<x>-raw.csv` (the raw page) in `ncu-profiles/`. One
// record for each kernel over its launches. A counter that no page holds is null, never 0.
import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { readNamedText } from '../../fs/named-text.ts';
import type { Classify } from '../../profile/kernels/classify.ts';
import { describe } from '../../stats/describe.ts';
import { parseCsv } from '../../text/csv.ts';
import { captureFault } from './capture-sources.ts';

/** A launch of a kernel: its counters by name, in bytes, nanoseconds or plain numbers. */
interface Launch {
  readonly name: string;
  readonly counters: Map<string, number>;
}

const SCALES: Readonly<Record<string, number>> = {
  byte: 1, kbyte: 1e3, mbyte: 1e6, gbyte: 1e9, tbyte: 1e12, kibyte: 2 ** 10, mibyte: 2 ** 20, gibyte: 2 ** 30,
  nsecond: 1, ns: 1, usecond: 1e3, us: 1e3, msecond: 1e6, ms: 1e6, second: 1e9, s: 1e9,
}; // prettier-ignore

const DURATION = 'Duration';

/** The unit of a time that names none. */
const scaleOf = (unit: string, metric: string): number => SCALES[unit.toLowerCase()] ?? (metric === DURATION ? 1e3 : 1);

const setCounter = (launch: Launch, metric: string, unit: string, text: string): void => {
  const value = Number(text.replaceAll(',', ''));
  if (text !== '' && Number.isFinite(value)) launch.counters.set(metric, value * scaleOf(unit, metric));
};

/** Launches of a page, by their ID and name. Throws a Fault `capture_incomplete`. */
const launchesOf = async (path: string): Promise<Map<string, Launch>> => {
  const lines = (await readNamedText(path)).split(/\r?\n/);
  const start = lines.findIndex((line) => line.includes('Kernel Name'));
  if (start < 0) throw captureFault(path, 'holds no column "Kernel Name"');
  const [header = [], ...rows] = await parseCsv(lines.slice(start).join('\n'), path);
  const at = (title: string): number => header.indexOf(title);
  const isLong = at('Metric Name') >= 0;
  const units = isLong ? [] : (rows.find((row) => (row[at('Kernel Name')] ?? '') === '') ?? []);
  const launches = new Map<string, Launch>();
  for (const row of rows) {
    const name = row[at('Kernel Name')] ?? '';
    if (name === '') continue;
    const key = `${row[at('ID')] ?? ''} ${name}`;
    const launch = launches.get(key) ?? { name, counters: new Map<string, number>() };
    launches.set(key, launch);
    if (isLong) setCounter(launch, row[at('Metric Name')] ?? '', row[at('Metric Unit')] ?? '', row[at('Metric Value')] ?? '');
    else header.forEach((metric, index) => setCounter(launch, metric, units[index] ?? '', row[index] ?? ''));
  }
  if (launches.size === 0) throw captureFault(path, 'holds no launch of a kernel');
  return launches;
}; // prettier-ignore

const known = (values: readonly (number | undefined)[]): number[] => values.filter((value) => value !== undefined);

const meanOf = (launches: readonly Launch[], ...metrics: readonly string[]): number | null => {
  for (const metric of metrics) {
    const values = known(launches.map(({ counters }) => counters.get(metric)));
    if (values.length > 0) return describe(values).mean;
  }
  return null;
};

const sumOf = (launches: readonly Launch[], pattern: RegExp): number | null => {
  const values = launches.flatMap(({ counters }) =>
    [...counters].flatMap(([metric, value]) => (pattern.test(metric) ? [value] : [])),
  );
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0);
};

const LIMITS = [
  ['registers', 'Block Limit Registers'],
  ['shared_mem', 'Block Limit Shared Mem'],
  ['warps', 'Block Limit Warps'],
] as const;

/** What lets the fewest blocks run at once, over all launches. */
const blockLimit = (launches: readonly Launch[]): string | null => {
  const means = LIMITS.flatMap(([name, metric]) => {
    const value = meanOf(launches, metric);
    return value === null ? [] : [{ name, value }];
  });
  return means.toSorted((a, b) => a.value - b.value)[0]?.name ?? null;
};

const over = (part: number | null, whole: number | null): number | null =>
  part === null || whole === null || whole <= 0 ? null : part / whole;

export interface KernelCounters {
  readonly name: string;
  readonly name_full: string;
  readonly category: string;
  readonly bucket: string;
  readonly launches: number;
  readonly kernel_time_ns: number | null;
  readonly dram_bytes_total: number | null;
  /** Thread instructions that compute, each counted once. */
  readonly sm_flops_total: number | null;
  readonly tensor_flops_total: number | null;
  readonly arithmetic_intensity_flops_per_byte: number | null;
  readonly achieved_dram_pct_peak: number | null;
  readonly achieved_sm_pct_peak: number | null;
  readonly achieved_occupancy_pct: number | null;
  readonly block_limit_factor: string | null;
  readonly achieved_tflops: number | null;
}

const countersOf = (name: string, sol: readonly Launch[], raw: readonly Launch[], classify: Classify): KernelCounters => {
  const scalar = sumOf(raw, /^sm__sass_thread_inst_executed_op.*\.sum$/);
  const tensor = sumOf(raw, /^sm__ops_path_tensor.*\.sum$/);
  const flops = scalar === null && tensor === null ? null : (scalar ?? 0) + (tensor ?? 0);
  const bytes = sumOf(raw, /^dram__bytes[^.]*\.sum$/);
  const each = meanOf(sol, DURATION);
  const whole = each === null ? sumOf(raw, /^gpu__time_(duration|active)[^.]*\.sum$/) : each * raw.length;
  const flopsPerNs = over(flops, whole);
  return {
    name: name.split(/[<(]/)[0] ?? name,
    name_full: name,
    ...classify(name),
    launches: Math.max(sol.length, raw.length),
    kernel_time_ns: each ?? over(whole, raw.length),
    dram_bytes_total: bytes,
    sm_flops_total: scalar,
    tensor_flops_total: tensor,
    arithmetic_intensity_flops_per_byte: over(flops, bytes),
    achieved_dram_pct_peak: meanOf(sol, 'DRAM Throughput'),
    achieved_sm_pct_peak: meanOf(sol, 'Compute (SM) Throughput'),
    achieved_occupancy_pct: meanOf(sol, 'Achieved Occupancy', 'sm__warps_active.avg.pct_of_peak_sustained_active'),
    block_limit_factor: blockLimit(sol),
    achieved_tflops: flopsPerNs === null ? null : flopsPerNs / 1e3,
  };
}; // prettier-ignore

/** The counters of every kernel of a folder, the slowest first. Throws a Fault `capture_incomplete` that names the file. */
export const readNcuPairs = async (folder: string, classify: Classify): Promise<KernelCounters[]> => {
  const at = join(folder, 'ncu-profiles');
  const pages = existsSync(at) ? readdirSync(at).filter((name) => /-(sol|raw)\.csv$/.test(name)) : [];
  const stems = [...new Set(pages.map((name) => basename(name).replace(/-(sol|raw)\.csv$/, '')))].sort();
  if (stems.length === 0) throw captureFault(join(at, '*-sol.csv'), 'is missing');
  const sol: Launch[] = [];
  const raw: Launch[] = [];
  for (const stem of stems)
    for (const [kind, into] of [['sol', sol], ['raw', raw]] as const) {
      const path = join(at, `${stem}-${kind}.csv`);
      if (!existsSync(path)) throw captureFault(path, 'is missing');
      into.push(...(await launchesOf(path)).values());
    }
  const names = [...new Set([...sol, ...raw].map(({ name }) => name))];
  const of = (launches: readonly Launch[], name: string) => launches.filter((launch) => launch.name === name);
  return names
    .map((name) => countersOf(name, of(sol, name), of(raw, name), classify))
    .toSorted((a, b) => (b.kernel_time_ns ?? 0) - (a.kernel_time_ns ?? 0));
}; // prettier-ignore
