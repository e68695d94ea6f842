// Reads what `ncu --csv` prints: the details page (one row per metric) and the raw page (one column per metric, units in
// the second line). Units are scaled per row and always converted. Times are of single kernels at locked clocks: they say
// nothing about a timeline.
import { createHash } from 'node:crypto';
import { inputFault } from '../../text/fault.ts';
import { parseCsv } from '../../text/csv.ts';
import type { Classify } from '../kernels/classify.ts';
import { kernelNamed } from '../kernels/classify.ts';
import { KEY, createGroupTable } from '../kernels/group-table.ts';
import type { ProfileSide } from '../model/profile-side.ts';
import { EMPTY_SIDE, NO_FACTS } from './side-parts.ts';

/** One launch that was measured. */
interface Launch {
  readonly name: string;
  readonly device: number;
  readonly grid: readonly number[];
  readonly block: readonly number[];
  durationNs: number | null;
  registers: number;
  staticShared: number;
  dynamicShared: number;
}

const TO_NS: Readonly<Record<string, number>> = {
  ns: 1,
  nsecond: 1,
  us: 1e3,
  usecond: 1e3,
  ms: 1e6,
  msecond: 1e6,
  s: 1e9,
  second: 1e9,
};
const TO_BYTES: Readonly<Record<string, number>> = { byte: 1, kbyte: 1e3, mbyte: 1e6 };

/** Metric by its title on the details page or its name on the raw page. */
const METRICS = {
  duration: ['Duration', 'gpu__time_duration.sum', 'gpu__time_duration.avg'],
  registers: ['Registers Per Thread', 'launch__registers_per_thread'],
  staticShared: ['Static Shared Memory Per Block', 'launch__shared_mem_per_block_static'],
  dynamicShared: ['Dynamic Shared Memory Per Block', 'launch__shared_mem_per_block_dynamic'],
} as const;

/** The header line of either page; programs may print before it. */
const HEADER = /^"?ID"?,"?Process ID"?,/m;

export const looksLikeNcuCsv = (text: string): boolean => HEADER.test(text);

/** Reads the text of one page. Faults: `ncu_csv_header`, `ncu_unit`, `not_a_number`, `csv_syntax`. */
export const readNcuCsv = async (text: string, path: string, classify: Classify): Promise<ProfileSide> => {
  const start = HEADER.exec(text)?.index;
  if (start === undefined) {
    throw inputFault('ncu_csv_header', 'no header line of an ncu CSV page ("ID","Process ID",…)', {
      path,
      fix: 'write it with ncu --csv --page raw, or ncu --import report.ncu-rep --csv --page raw',
    });
  }
  const rows = await parseCsv(text.slice(start), path);
  const [header = [], ...body] = rows;
  const launches = header.includes('Metric Name') ? detailsPage(header, body, path) : rawPage(header, body, path);
  return sideOf(launches, path, classify);
};

const detailsPage = (header: readonly string[], rows: readonly string[][], path: string): Launch[] => {
  const at = (title: string): number => header.indexOf(title);
  const [name, unit, value] = [at('Metric Name'), at('Metric Unit'), at('Metric Value')];
  const launches = new Map<string, Launch>();
  for (const row of rows) {
    const id = row[0] ?? '';
    const launch = launches.get(id) ?? launchOf(header, row);
    launches.set(id, launch);
    setMetric(launch, row[name] ?? '', row[value] ?? '', row[unit] ?? '', path);
  }
  return [...launches.values()];
};

const rawPage = (header: readonly string[], rows: readonly string[][], path: string): Launch[] => {
  const [units = [], ...body] = rows;
  return body.map((row) => {
    const launch = launchOf(header, row);
    header.forEach((metric, index) => setMetric(launch, metric, row[index] ?? '', units[index] ?? '', path));
    return launch;
  });
};

const launchOf = (header: readonly string[], row: readonly string[]): Launch => {
  const cell = (title: string): string => row[header.indexOf(title)] ?? '';
  return {
    name: cell('Kernel Name'),
    device: Number(cell('Device')) || 0,
    grid: threeOf(cell('Grid Size')),
    block: threeOf(cell('Block Size')),
    durationNs: null,
    registers: -1,
    staticShared: -1,
    dynamicShared: -1,
  };
};

/** `(384, 1, 1)`. */
const threeOf = (text: string): number[] => {
  const numbers = [...text.matchAll(/\d+/g)].map((match) => Number(match[0]));
  return numbers.length === 3 ? numbers : [-1, -1, -1];
};

const setMetric = (launch: Launch, metric: string, value: string, unit: string, path: string): void => {
  if (value === '') return;
  const is = (names: readonly string[]): boolean => names.includes(metric);
  if (is(METRICS.duration)) launch.durationNs = converted(value, unit, TO_NS, path);
  if (is(METRICS.registers)) launch.registers = numberIn(value, path);
  if (is(METRICS.staticShared)) launch.staticShared = converted(value, unit.replace(/\/block$/i, ''), TO_BYTES, path);
  if (is(METRICS.dynamicShared)) launch.dynamicShared = converted(value, unit.replace(/\/block$/i, ''), TO_BYTES, path);
};

const numberIn = (text: string, path: string): number => {
  const value = Number(text.replaceAll(',', ''));
  if (Number.isFinite(value)) return value;
  throw inputFault('not_a_number', `not a number in an ncu page: ${text}`, { path, fix: 'write the page again' });
};

const converted = (value: string, unit: string, factors: Readonly<Record<string, number>>, path: string): number => {
  const factor = factors[unit.toLowerCase()];
  if (factor !== undefined) return Math.round(numberIn(value, path) * factor);
  throw inputFault('ncu_unit', `unknown unit ${unit === '' ? '(none)' : unit} for ${value}`, {
    path,
    fix: 'write the page with --print-units base',
  });
};

const sideOf = (launches: readonly Launch[], path: string, classify: Classify): ProfileSide => {
  const timed = launches.filter((launch) => launch.durationNs !== null && launch.durationNs > 0);
  const names = [...new Set(timed.map((launch) => launch.name))];
  const table = createGroupTable();
  const devices = [...new Set(timed.map((launch) => launch.device))].sort((a, b) => a - b);
  for (const launch of timed) {
    table.key.set([names.indexOf(launch.name), devices.indexOf(launch.device), -1, launch.registers]);
    table.key.set([...launch.grid, ...launch.block, launch.staticShared, launch.dynamicShared], KEY.grid);
    table.add(0, launch.durationNs ?? 0);
  }
  return {
    ...EMPTY_SIDE,
    format: 'ncu-csv',
    sources: [path],
    ranks: devices.map((device) => ({
      label: `rank ${device}`,
      host: null,
      pid: null,
      device,
      gpuUuid: null,
      gpuName: null,
    })),
    kernels: names.map((name) => kernelNamed(name, classify)),
    ...table.finish(),
    facts: {
      ...NO_FACTS,
      contentId: createHash('sha256').update(JSON.stringify(timed)).digest('hex'),
      hasCalls: true,
      warnings: [
        'measured by ncu: single kernels at locked clocks with flushed caches; no timeline',
        ...(timed.length < launches.length ? [`${launches.length - timed.length} launches hold no duration`] : []),
      ],
    },
  };
};
