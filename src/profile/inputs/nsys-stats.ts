// Reads the CSV (or column) reports that `nsys stats` writes, under their present and their old names. A report that
// holds no data is absent; a number that is not a number is a fault, never zero.
import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { readNamedText } from '../../fs/named-text.ts';
import { inputFault } from '../../text/fault.ts';
import { parseCsv } from '../../text/csv.ts';
import type { Classify } from '../kernels/classify.ts';
import { kernelNamed } from '../kernels/classify.ts';
import type { ApiCalls, Copies, Kernel, KernelGroup, ProfileSide, Ranges } from '../model/profile-side.ts';
import { rangeName } from '../model/range-names.ts';
import { EMPTY_SIDE, NO_FACTS } from './side-parts.ts';

/** Report name in a file name, present or old, to what it holds. */
const REPORTS = {
  kernels: /(?:^|_)(?:cuda_gpu_kern_sum|gpukernsum)(?:[_.].*)?\.(?:csv|txt)$/,
  apis: /(?:^|_)(?:cuda_api_sum|cudaapisum)(?:[_.].*)?\.(?:csv|txt)$/,
  ranges: /(?:^|_)(?:nvtx_sum|nvtxsum|nvtx_pushpop_sum|nvtxppsum)(?:[_.].*)?\.(?:csv|txt)$/,
  copyTimes: /(?:^|_)(?:cuda_gpu_mem_time_sum|gpumemtimesum)(?:[_.].*)?\.(?:csv|txt)$/,
  copySizes: /(?:^|_)(?:cuda_gpu_mem_size_sum|gpumemsizesum)(?:[_.].*)?\.(?:csv|txt)$/,
} as const;

type Report = keyof typeof REPORTS;

export const isStatsReport = (name: string): boolean => Object.values(REPORTS).some((pattern) => pattern.test(name));

/** One line of a report: its name, how often, and times in ns (sizes in bytes). */
interface Line {
  readonly name: string;
  readonly count: number;
  readonly total: number;
  readonly median: number | null;
  readonly min: number | null;
  readonly max: number | null;
  readonly std: number | null;
}

/** Reads a folder of reports, or single report files (a file of another name is taken for kernels). Faults: `stats_report_twice`, `stats_columns`, `not_a_number`. */
export const readNsysStats = async (paths: readonly string[], classify: Classify): Promise<ProfileSide> => {
  const files = await reportFiles(paths);
  const read = async (report: Report): Promise<Line[]> => {
    const path = files.get(report);
    return path === undefined ? [] : parseReport(await readNamedText(path), path);
  };
  const kernelLines = await read('kernels');
  const table = kernelTable(kernelLines, classify);
  const sizes = await read('copySizes');
  const said = kernelLines.length === 0 ? ['no kernel report with data: pass cuda_gpu_kern_sum'] : [];
  return {
    ...EMPTY_SIDE,
    format: 'nsys-stats',
    sources: [...files.values()],
    ranks:
      table.groups.length === 0
        ? []
        : [{ label: 'all ranks', host: null, pid: null, device: 0, gpuUuid: null, gpuName: null }],
    ...table,
    copies: (await read('copyTimes')).map((line) => copyOf(line, sizes)),
    apis: (await read('apis')).map(({ name, count, total, max }): ApiCalls => ({
      name,
      count,
      totalNs: total,
      maxNs: max ?? 0,
    })),
    ranges: (await read('ranges')).map(rangeOf),
    facts: {
      ...NO_FACTS,
      contentId: createHash('sha256').update(JSON.stringify(kernelLines)).digest('hex'),
      warnings: [...said, 'summary tables hold no single calls: no busy time, no waiting, no test of single calls'],
    },
  };
};

const reportFiles = async (paths: readonly string[]): Promise<Map<Report, string>> => {
  const files = new Map<Report, string>();
  for (const path of paths) {
    const folder = (await stat(path)).isDirectory();
    const names = folder ? (await readdir(path)).sort().map((name) => join(path, name)) : [path];
    for (const file of names) {
      const found = Object.entries(REPORTS).find(([, pattern]) => pattern.test(basename(file)));
      const report = reportKey(found?.[0]) ?? (folder ? null : 'kernels');
      if (report === null) continue;
      const known = files.get(report);
      if (known !== undefined) {
        throw inputFault('stats_report_twice', `two files hold the same report: ${known} and ${file}`, {
          path: file,
          fix: 'keep one set of reports in the folder, or name the files',
        });
      }
      files.set(report, file);
    }
  }
  return files;
};

const reportKey = (name: string | undefined): Report | null =>
  name === 'kernels' || name === 'apis' || name === 'ranges' || name === 'copyTimes' || name === 'copySizes'
    ? name
    : null;

/** Rows of a report, duplicates of a name added up. Text before the header is what `nsys` prints while it works. */
export const parseReport = async (text: string, path: string): Promise<Line[]> => {
  const rows = await tableOf(text, path);
  const [header, ...body] = rows;
  if (header === undefined) return [];
  const columns = columnsOf(header, path);
  const lines = new Map<string, Line>();
  for (const row of body) {
    const line = lineOf(row, columns, path);
    if (line === null) continue;
    const known = lines.get(line.name);
    lines.set(line.name, known === undefined ? line : added(known, line));
  }
  return [...lines.values()];
};

const HEADER = /total time|^time ?\(%\)|^"?total ?\(/i;

const tableOf = async (text: string, path: string): Promise<string[][]> => {
  const lines = text.split(/\r?\n/);
  const start = lines.findIndex((line) => HEADER.test(line.trim()));
  if (start < 0) return [];
  const header = lines[start] ?? '';
  if (header.includes(',')) return parseCsv(lines.slice(start).join('\n'), path);
  return columnTable(lines.slice(start));
};

/** Column format: titles stand two spaces apart, values hold no space, and the name, which may, comes last. */
const columnTable = (lines: readonly string[]): string[][] => {
  const [header = '', ...rest] = lines;
  const titles = header.trim().split(/\s{2,}/);
  const body = rest.filter((line) => line.trim() !== '' && !/^[\s-]+$/.test(line));
  return [titles, ...body.map((line) => cellsOf(line.trim(), titles.length))];
};

const cellsOf = (line: string, count: number): string[] => {
  const values = line.split(/\s+/);
  const name = new RegExp(`^(?:\\S+\\s+){${count - 1}}(.*)$`).exec(line)?.[1] ?? '';
  return [...values.slice(0, count - 1), name];
};

interface Columns {
  readonly name: number;
  readonly count: number;
  readonly total: number;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly std: number;
  readonly scale: number;
}

const UNITS: Readonly<Record<string, number>> = { ns: 1, us: 1e3, ms: 1e6, s: 1e9, b: 1, kb: 1e3, mb: 1e6, gb: 1e9 };

const columnsOf = (header: readonly string[], path: string): Columns => {
  const find = (...patterns: readonly RegExp[]): number => {
    for (const pattern of patterns) {
      const index = header.findIndex((title) => pattern.test(title.trim()));
      if (index >= 0) return index;
    }
    return -1;
  };
  const total = find(/^total time/i, /^total ?\(/i);
  const name = find(/^range$/i, /^(kernel |api )?name$/i, /^operation$/i);
  const count = find(/^instances$/i, /^num calls$/i, /^count$/i);
  if (total < 0 || name < 0 || count < 0) {
    throw inputFault('stats_columns', `columns of an nsys report are missing in: ${header.join(', ')}`, {
      path,
      fix: 'write the report with nsys stats --format csv',
    });
  }
  const unit = /\((\w+)\)/.exec(header[total] ?? '')?.[1]?.toLowerCase() ?? 'ns';
  const spread = { median: find(/^med/i), min: find(/^min/i), max: find(/^max/i), std: find(/^std/i) };
  return { name, count, total, ...spread, scale: UNITS[unit] ?? 1 };
};

const lineOf = (row: readonly string[], columns: Columns, path: string): Line | null => {
  const name = row[columns.name] ?? '';
  if (name === '' || row.length <= columns.total) return null;
  const number = (index: number): number | null =>
    index < 0 || (row[index] ?? '') === '' ? null : parseNumber(row[index] ?? '', path);
  const time = (index: number): number | null => {
    const value = number(index);
    return value === null ? null : value * columns.scale;
  };
  return {
    name,
    count: number(columns.count) ?? 0,
    total: time(columns.total) ?? 0,
    median: time(columns.median),
    min: time(columns.min),
    max: time(columns.max),
    std: time(columns.std),
  };
};

/** Quoted numbers may carry thousands commas. */
const parseNumber = (text: string, path: string): number => {
  const value = Number(text.replaceAll(',', '').replaceAll('"', ''));
  if (Number.isFinite(value)) return value;
  throw inputFault('not_a_number', `not a number in an nsys report: ${text}`, { path, fix: 'write the report again' });
};

const added = (a: Line, b: Line): Line => ({
  name: a.name,
  count: a.count + b.count,
  total: a.total + b.total,
  median: null,
  min: a.min === null || b.min === null ? null : Math.min(a.min, b.min),
  max: a.max === null || b.max === null ? null : Math.max(a.max, b.max),
  std: null,
});

const kernelTable = (lines: readonly Line[], classify: Classify): { kernels: Kernel[]; groups: KernelGroup[] } => {
  const used = lines.filter((line) => line.count > 0);
  const kernels = used.map(({ name }) => kernelNamed(name, classify));
  const groups = used.map((line, kernel): KernelGroup => ({
    rank: 0,
    kernel,
    config: -1,
    stepType: -1,
    count: line.count,
    totalNs: line.total,
    squaresNs: line.std === null ? null : line.std ** 2 * (line.count - 1),
    offset: -1,
    given: { medianNs: line.median, p95Ns: null, minNs: line.min, maxNs: line.max },
    slowestStartNs: null,
  }));
  return { kernels, groups };
};

const copyOf = ({ name, count, total, max }: Line, sizes: readonly Line[]): Copies => ({
  rank: 0,
  kind: name.replace(/^\[CUDA memcpy (.*)\]$/, '$1').replace(/^\[CUDA memset\]$/, 'Memset'),
  count,
  bytes: sizes.find((line) => line.name === name)?.total ?? 0,
  totalNs: total,
  maxNs: max ?? 0,
});

const rangeOf = ({ name, count, total }: Line): Ranges => ({
  domain: 0,
  name: rangeName(name.replace(/^:/, '')),
  count,
  totalNs: total,
  selfNs: total,
  gpuNs: null,
  gpuSelfNs: null,
  kernels: null,
  kernelsSelf: null,
});
