// Reads what nccl-tests prints: one or more tables of size, time, algbw and busbw, with any log lines and rank prefixes (srun
// -l, mpirun --tag-output) between them. Columns are found by the header, so old (`error`) and new (`#wrong`, per-iteration
// columns) layouts are both read. Format: nccl-tests src/util.cu, 2.0 to 2.17.
import {
  type NcclRank,
  type NcclRow,
  collectiveOf,
  contextOfRanks,
  footerPoint,
  ncclPolicy,
  pointOfRow,
} from './nccl-rows.ts';
import { type Point, assemble, noMeasurement } from './point.ts';
import type { Context } from '../metrics/context.ts';
import type { ReadOutcome, Reader } from '../metrics/reading.ts';
import { inputFault } from '../text/fault.ts';

const PREFIX = /^\s*(?:\[\d+,\d+\]<std(?:out|err)>:|\d+:)\s*/;
const HEADER = /^#\s+size\s+count\s+type\b/;
const START = /^#\s*nThread\b/;
const STARTING = /^#\s*Collective test starting:\s*(\S+)/;
const RANK = /^#\s+Rank\s+\d+\s+(?:Group\s+\d+\s+)?Pid\s+\d+\s+on\s+(\S+)\s+device\s+\d+\s+\[[^\]]*\]\s+(.+?)\s*$/;
const ROW = /^\d+\s+\d+\s+[a-z]\w*\s/;
const AVERAGE = /^#\s*Avg bus bandwidth\s*:\s*([\d.eE+-]+)/;
const OUT_OF_BOUNDS = /^#\s*Out of bounds values\s*:\s*(\d+)\s*(\w+)?/;
const FAILURE = /\b(?:Test (?:NCCL|CUDA) failure|NCCL error|Cuda failure)\b.*/i;

/**
 * Bandwidths have two decimals, so below this many GB/s one step of the last digit is more than 5 percent. There the time,
 * which has four digits, is read and the bandwidth is not.
 */
const RESOLVED_GB_PER_S = 0.2;

interface Table {
  readonly op: string | undefined;
  readonly ranks: readonly NcclRank[];
  /** Titles of the columns after the type: `redop`, `root`, then the values of both placements. */
  readonly columns: readonly string[];
  readonly rows: readonly string[];
  readonly average: number | undefined;
  readonly outOfBounds: number | undefined;
}

const lastNumber = (pattern: RegExp, lines: readonly string[]): number | undefined => {
  const found = lines.map((line) => pattern.exec(line)?.[1]).findLast((text) => text !== undefined);
  return found === undefined ? undefined : Number(found);
};

/** The lines of one run of one program. */
const tableOf = (lines: readonly string[]): Table => {
  const program = lines.map((line) => STARTING.exec(line)?.[1]).find((name) => name !== undefined);
  const header = lines.find((line) => HEADER.test(line));
  return {
    op: program === undefined ? undefined : collectiveOf(program),
    ranks: lines.flatMap((line) => {
      const [, host, device] = RANK.exec(line) ?? [];
      return host === undefined || device === undefined ? [] : [{ host, device }];
    }),
    columns: header === undefined ? [] : header.replace(/^#/, '').trim().split(/\s+/).slice(3),
    rows: lines.filter((line) => ROW.test(line)),
    average: lastNumber(AVERAGE, lines),
    outOfBounds: lastNumber(OUT_OF_BOUNDS, lines),
  };
};

/** Splits a log at the first line that every run prints; a log without one is a single table. */
const tablesOf = (lines: readonly string[]): Table[] => {
  const opening = [STARTING, START, HEADER].find((pattern) => lines.some((line) => pattern.test(line))) ?? HEADER;
  const starts = lines.flatMap((line, index) => (opening.test(line) ? [index] : []));
  return starts.map((start, position) =>
    tableOf(lines.slice(position === 0 ? 0 : start, starts[position + 1] ?? lines.length)),
  );
};

const numberIn = (text: string | undefined): number | undefined => {
  const value = Number(text);
  return text === undefined || text === '' || !Number.isFinite(value) ? undefined : value;
};

const resolved = (text: string | undefined): number | undefined => {
  const value = numberIn(text);
  return value === undefined || value < RESOLVED_GB_PER_S ? undefined : value;
};

/** The two placements of one line; undefined when its cells do not fit the header. */
const rowsOfLine = (line: string, table: Table, number: number | undefined): NcclRow[] | undefined => {
  const cells = line.trim().split(/\s+/);
  const first = table.columns.findIndex((title) => /^(cpu)?time$/.test(title));
  const titles = table.columns.slice(first).filter((title) => title !== 'timestamp');
  const stamps = table.columns.includes('timestamp') ? 2 : 0;
  const width = titles.length / 2;
  const middle = cells.slice(3, cells.length - titles.length - stamps);
  if (first < 0 || middle.length > first || cells.length < 3 + titles.length) return undefined;
  const reduction = middle.find((cell) => !/^-?\d+$/.test(cell));
  const root = middle.find((cell) => /^-?\d+$/.test(cell));
  const values = cells.slice(cells.length - titles.length - stamps, cells.length - stamps);
  return (['out_of_place', 'in_place'] as const).map((place, half) => {
    const [time, algbw, busbw, wrong] = values.slice(half * width, (half + 1) * width);
    return {
      size: Number(cells[0]),
      dtype: cells[2] ?? '',
      redop: reduction,
      root,
      op: table.op,
      table: number,
      place,
      timeUs: numberIn(time),
      algbw: resolved(algbw),
      busbw: resolved(busbw),
      wrong: numberIn(wrong),
    };
  });
};

interface TablePoints {
  readonly rows: readonly NcclRow[];
  readonly points: readonly Point[];
  readonly warnings: readonly string[];
}

const warningsOf = (table: Table, rows: readonly NcclRow[], misfits: number): string[] => {
  const coarse = rows.filter(({ busbw }) => busbw === undefined).length;
  return [
    ...(misfits > 0 ? [`${misfits} rows do not fit the header and are left out`] : []),
    ...(coarse > 0
      ? [
          `bandwidth below ${RESOLVED_GB_PER_S} GB/s (${coarse} values) is printed too coarsely to compare: only time_us is read there`,
        ]
      : []),
    ...((table.outOfBounds ?? 0) > 0
      ? [`${table.outOfBounds} values were out of bounds: the run computed wrong results`]
      : []),
  ];
};

const pointsOfTable = (table: Table, number: number | undefined): TablePoints => {
  const lines = table.rows.map((line) => rowsOfLine(line, table, number));
  const rows = lines.flatMap((found) => found ?? []).filter(({ size }) => size > 0);
  const context: Context = table.ranks.length === 0 ? {} : contextOfRanks(table.ranks);
  const footer = footerPoint(table, { op: table.op, table: number }, context);
  return {
    rows,
    points: [...rows.map((row) => pointOfRow(row, context)), ...(footer.samples.length > 0 ? [footer] : [])],
    warnings: warningsOf(table, rows, lines.filter((found) => found === undefined).length),
  };
};

/** Tables are distinguished by their collective; where one of several is not named, by their number. */
const numbering = (tables: readonly Table[]): boolean => tables.length > 1 && tables.some(({ op }) => op === undefined);

const parse = (text: string, path: string): ReadOutcome => {
  const lines = text.split(/\r?\n/).map((line) => line.replace(PREFIX, '').trimEnd().trimStart());
  const tables = tablesOf(lines);
  const byNumber = numbering(tables);
  const parsed = tables.map((table, index) => pointsOfTable(table, byNumber ? index + 1 : undefined));
  const rows = parsed.flatMap((table) => table.rows);
  if (rows.length === 0) {
    const failure = lines.map((line) => FAILURE.exec(line)?.[0]).find((found) => found !== undefined);
    if (failure !== undefined) return noMeasurement('nccl_tests', failure);
    throw inputFault('no_rows', `${path} has no row of an nccl-tests table`, {
      path,
      fix: 'give the whole output of the test; the log may have been cut off',
    });
  }
  const sizes = tables.length === 1 ? 'window' : 'process';
  return assemble({
    format: 'nccl_tests',
    path,
    points: parsed.flatMap((table) => table.points),
    warnings: [...new Set(parsed.flatMap((table) => table.warnings))],
    policy: ncclPolicy(rows),
    replicateLevel: sizes,
  });
};

/** Text output of the nccl-tests programs (also rccl-tests). A repeated table is another process, a repeated size a window. */
export const ncclText: Reader = {
  format: 'nccl_tests',
  sniff: (_path, head) => {
    if (/^\s*\{/.test(head)) return 0;
    if (/#\s+size\s+count\s+type\s/.test(head)) return 0.95;
    return /#\s*nThread \d+ nGpus \d+ minBytes \d+/.test(head) ? 0.9 : 0;
  },
  parse,
};
