// `bench export`: measurements as Markdown, CSV or the summary of a GitHub job. CSV carries every digit; the others are for
// reading.
import { latencyName, nameOf } from '../metrics/catalogue.ts';
import type { Reading } from '../metrics/reading.ts';
import { metricKey, type Metric } from '../metrics/metric.ts';
import { isValidTrial } from '../metrics/trial.ts';
import { inputFault } from '../text/fault.ts';
import { nearestName } from '../text/nearest.ts';
import { heading, leftColumn, paragraph, rightColumn, table, type Block, type Column } from '../render/document.ts';
import { blocksMarkdown } from '../render/markdown.ts';
import { formatCell } from '../render/numbers.ts';
import { rowsCsv } from '../render/rows.ts';
import type { Direction } from '../stats/direction.ts';
import { benchfmtText } from './benchfmt.ts';
import type { DiffFile } from './diff-files.ts';
import { loadPointName, splitPoints } from './load-point.ts';

export const EXPORT_FORMATS = ['markdown', 'csv', 'github-summary', 'benchfmt'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** Which way a metric is better; null where nobody says. */
export type DirectionOf = (metric: Metric) => Direction | null;

export interface ExportRow {
  readonly path: string;
  readonly point: string;
  readonly metric: string;
  readonly unit: string | null;
  /** Median over the trials. */
  readonly value: number;
  readonly trials: number;
  readonly minimum: number | null;
  readonly maximum: number | null;
}

const rowOf = (path: string, point: string, metric: Metric, { trials }: Reading): ExportRow => {
  const key = metricKey(metric);
  const values = trials.filter(isValidTrial).flatMap((trial) => trial.values[key] ?? []);
  return {
    path,
    point,
    metric: key,
    unit: metric.unit,
    value: metric.value,
    trials: values.length,
    minimum: values.length === 0 ? null : Math.min(...values),
    maximum: values.length === 0 ? null : Math.max(...values),
  };
};

/** `a,b` stands for a and b, unless a metric is called so: labels of a metric's key are parted by commas too. */
const wantedNames = (only: readonly string[], names: readonly string[]): string[] =>
  only.flatMap((name) => (names.includes(name) ? [name] : name.split(',').map((part) => part.trim())));

/** One row per metric and load point; `only` keeps these metrics. Throws a Fault `metric_unknown` for a name that no file has. */
export const exportRows = (files: readonly DiffFile[], only: readonly string[] = []): ExportRow[] => {
  const rows = files.flatMap(({ path, reading }) =>
    splitPoints(path, reading).flatMap(({ point, reading: own }) =>
      own.metrics.map((metric) => rowOf(path, loadPointName(point), metric, own)),
    ),
  );
  const names = [...new Set(rows.map(({ metric }) => metric))];
  const wanted = wantedNames(only, names);
  const unknown = wanted.find((name) => !names.includes(name));
  if (unknown === undefined) return only.length === 0 ? rows : rows.filter(({ metric }) => wanted.includes(metric));
  const near = nearestName(unknown, names);
  throw inputFault('metric_unknown', `no file has a metric ${JSON.stringify(unknown)}`, {
    fix: near === undefined ? `use one of ${names.join(', ')}` : `did you mean ${near}?`,
  });
};

const CSV_COLUMNS = ['path', 'point', 'metric', 'unit', 'value', 'trials', 'minimum', 'maximum'] as const;

const csv = (rows: readonly ExportRow[]): string =>
  rowsCsv({
    columns: CSV_COLUMNS.map((title) => ({ title })),
    rows: rows.map((row) => CSV_COLUMNS.map((column) => row[column])),
  });

const COLUMNS: readonly Column[] = [
  leftColumn('Point'),
  leftColumn('Metric'),
  rightColumn('Value'),
  leftColumn('Unit'),
  rightColumn('Trials'),
  rightColumn('Range'),
];

const range = ({ minimum, maximum, trials }: ExportRow): string =>
  trials < 2 ? '-' : `${formatCell(minimum)} … ${formatCell(maximum)}`;

const rowTable = (rows: readonly ExportRow[]): Block =>
  table(
    COLUMNS,
    rows.map((row) => [row.point, row.metric, formatCell(row.value), row.unit ?? '', String(row.trials), range(row)]),
  );

const facts = ({ reading: { context } }: DiffFile): string => {
  const parts = [
    context.model,
    [context.engine, context.engine_version].filter((part) => part).join(' '),
    context.quant,
    context.n_gpus ? `${context.n_gpus} x ${context.hardware ?? 'GPU'}` : context.hardware,
    context.isl && context.osl ? `ISL ${Math.round(context.isl)}, OSL ${Math.round(context.osl)}` : null,
  ];
  return parts.filter((part) => part).join(' · ');
};

const section = (file: DiffFile, rows: readonly ExportRow[]): Block[] => {
  const known = facts(file);
  return [
    heading(file.path.replace(/^.*[/\\]/, ''), 3),
    ...(known === '' ? [] : [paragraph(known)]),
    rowTable(rows.filter(({ path }) => path === file.path)),
  ];
};

/** Metrics that a job summary shows; the rest is folded away. */
const HEADLINES = [
  nameOf('throughput'),
  nameOf('outputPerGpu'),
  nameOf('perUser'),
  latencyName('ttft', 'p50'),
  latencyName('ttft', 'p99'),
  latencyName('tpot', 'p50'),
  nameOf('okRate'),
  nameOf('joulesPerToken'),
];

const sections = (files: readonly DiffFile[], rows: readonly ExportRow[]): Block[] =>
  files.flatMap((file) => section(file, rows));

const summary = (files: readonly DiffFile[], rows: readonly ExportRow[]): Block[] => [
  heading('Benchmark'),
  ...[...new Set(files.map(facts))].filter((known) => known !== '').map((known) => paragraph(known)),
  rowTable(rows.filter(({ metric }) => HEADLINES.includes(metric))),
  { kind: 'folded', title: `All ${rows.length} metrics`, blocks: sections(files, rows) },
];

/** The text of an export; ends with a newline. */
export const exportMeasurements = (
  files: readonly DiffFile[],
  format: ExportFormat,
  only: readonly string[] = [],
  directionOf: DirectionOf = ({ direction }) => direction,
): string => {
  const rows = exportRows(files, only);
  if (format === 'benchfmt') {
    const wanted = new Set(rows.map(({ metric }) => metric));
    return benchfmtText(files, (key) => wanted.has(key), directionOf);
  }
  if (format === 'csv') return csv(rows);
  return `${blocksMarkdown(format === 'github-summary' ? summary(files, rows) : sections(files, rows))}\n`;
};
