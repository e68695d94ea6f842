// Reads the cells that a layout found: every file through the reader of its format, repeats of a point as its trials, and rows
// of the points. A file that cannot be read, or in which nothing completed, becomes a failed point with its reason and makes
// its cell partial; nothing is dropped.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { FOREIGN_CODES } from '../importers/foreign-files.ts';
import { readMeasurement } from '../importers/read.ts';
import { metricKey, type Labels } from '../metrics/metric.ts';
import type { Reading } from '../metrics/reading.ts';
import type { Context } from '../metrics/context.ts';
import { Fault } from '../text/fault.ts';
import type { JsonObject } from '../text/json.ts';
import { isoSeconds } from '../text/time.ts';
import { cellName, type Bundle, type FoundCell, type PointFile } from './bundles/bundle.ts';
import {
  identityOfConfig,
  identityOfContext,
  joinIdentities,
  requireIdentity,
  type CellIdentity,
  type WholeIdentity,
} from './cell-identity.ts';
import type { ImportedCell, UnreadFile } from './cell-files.ts';
import type { CampaignConfig } from './config.ts';
import { markerRow, measuredRow, windowWarnings, type PointCounts, type PointRun } from './measured-row.ts';
import type { AtlasRow } from './row.ts'; // prettier-ignore

export interface ImportRequest {
  /** Absolute path. */
  readonly bundlePath: string;
  readonly bundle: Bundle;
  /** What the caller says; wins over the bundle and the config. */
  readonly given: CellIdentity;
  readonly notes: string | undefined;
  /** Null where the campaign holds no config. */
  readonly config: CampaignConfig | null;
  readonly importer: string;
  readonly signal: AbortSignal;
}

export interface ImportedBundle {
  readonly cells: readonly ImportedCell[];
  readonly unread: readonly UnreadFile[];
  readonly warnings: readonly string[];
}

/** What one file says of one point. */
interface FileRun extends PointRun {
  readonly concurrency: number;
  /** What makes the point another one than those beside it: lengths, a rate, a phase. */
  readonly labels: Labels;
  readonly extra?: JsonObject;
}

interface Failure {
  readonly file: PointFile;
  readonly reason: string;
  /** The file is of no benchmark: listed, but no point failed. */
  readonly foreign?: boolean;
}

const numberIn = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);

const groupKey = (labels: Labels): string => metricKey({ name: '', labels });

const countsOf = (reading: Reading, key: string, context: Context, values: Readonly<Record<string, number>>): PointCounts => {
  const counts = reading.counts?.find(({ labels }) => groupKey(labels) === key);
  return {
    completed: counts?.completed ?? values['completed_requests'],
    failed: counts?.failed ?? values['failed_requests'],
    num_prompts: counts?.requested ?? context.num_prompts ?? undefined,
    duration_s: counts?.duration_s,
  };
}; // prettier-ignore

/** The points of a file, each with one run, or with one for each repeat that the file holds. */
const runsOf = (reading: Reading, file: PointFile): FileRun[] => {
  const groups = new Map<string, { labels: Labels; values: Record<string, number> }>();
  for (const metric of reading.metrics) {
    const key = groupKey(metric.labels);
    const group = groups.get(key) ?? { labels: metric.labels, values: {} };
    group.values[metric.name] = metric.value;
    groups.set(key, group);
  }
  return [...groups].flatMap(([key, { labels, values }]) => {
    const facts = reading.points?.find((point) => groupKey(point.labels) === key);
    const context = { ...reading.context, ...facts?.context };
    const { concurrency: labelled, ...others } = labels;
    const concurrency = numberIn(labelled) ?? file.concurrency ?? numberIn(context.concurrency) ?? 0;
    const shared = { path: file.path, counts: countsOf(reading, key, context, values), context, concurrency, labels: others };
    if (reading.trials.length === 0)
      return [{ ...shared, values, validity: ['no_telemetry'] as const, replicate_level: null }];
    return reading.trials.map((trial) => ({
      ...shared,
      values: valuesAt(trial.values, Object.keys(values), labels),
      validity: trial.validity,
      replicate_level: trial.replicate_level,
    }));
  });
}; // prettier-ignore

const valuesAt = (values: Readonly<Record<string, number>>, names: readonly string[], labels: Labels) =>
  Object.fromEntries(
    names.flatMap((name) => {
      const value = values[metricKey({ name, labels })];
      return value === undefined ? [] : [[name, value]];
    }),
  );

interface ReadFiles {
  readonly runs: readonly FileRun[];
  readonly failures: readonly Failure[];
  readonly warnings: readonly string[];
}

const readFile = async (folder: string, file: PointFile): Promise<ReadFiles> => {
  try {
    const outcome = await readMeasurement(join(folder, file.path));
    if (outcome.kind === 'no_measurement')
      return { runs: [], failures: [{ file, reason: outcome.reason }], warnings: [] };
    const { reading } = outcome;
    return { runs: runsOf(reading, file), failures: [], warnings: reading.warnings.map((warning) => `${file.path}: ${warning}`) };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const foreign = file.concurrency === undefined && NO_RESULT.has(error.code);
    return { runs: [], failures: [{ file, reason: `${error.code}: ${error.message}`, foreign }], warnings: [] };
  }
}; // prettier-ignore

/** Faults of files that are no results: nobody tried a point there. */
const NO_RESULT: ReadonlySet<string> = new Set(['format_unknown', 'not_text', 'no_numbers', ...FOREIGN_CODES]);

/** Runs that the layout has read. */
const foundRuns = ({ runs = [] }: FoundCell): FileRun[] =>
  runs.map((run) => ({ validity: ['no_telemetry'], replicate_level: null, context: {}, labels: {}, ...run }));

const readFiles = async (folder: string, files: readonly PointFile[], signal: AbortSignal): Promise<ReadFiles> => {
  const all: ReadFiles[] = [];
  for (const file of files) {
    signal.throwIfAborted();
    all.push(await readFile(folder, file));
  }
  return {
    runs: all.flatMap(({ runs }) => runs),
    failures: all.flatMap(({ failures }) => failures),
    warnings: all.flatMap(({ warnings }) => warnings),
  };
};

/** Runs of one point, in the order in which their files were read. */
const pointsOf = (runs: readonly FileRun[]): FileRun[][] => {
  const points = new Map<string, FileRun[]>();
  for (const run of runs) {
    const key = `${run.concurrency} ${groupKey(run.labels)}`;
    points.set(key, [...(points.get(key) ?? []), run]);
  }
  return [...points.values()].toSorted(([a], [b]) => (a?.concurrency ?? 0) - (b?.concurrency ?? 0));
};

/** Fewer answers than were asked for: the run ended by its time, or some failed. */
const incomplete = ({ counts }: PointRun): boolean =>
  (counts.failed ?? 0) > 0 ||
  (counts.num_prompts !== undefined && counts.completed !== undefined && counts.completed < counts.num_prompts);

const newest = (folder: string, runs: readonly FileRun[]): string => {
  const times = runs.map(({ path }) => statSync(join(folder, path)).mtimeMs);
  return isoSeconds(Math.max(...times));
};

interface CellReading {
  readonly cell: FoundCell;
  readonly request: ImportRequest;
}

const identityFor = ({ cell, request }: CellReading, context: Context): WholeIdentity => {
  const { given, config, bundlePath } = request;
  const stated = joinIdentities(given, cell.identity, identityOfContext(context));
  const configured = config === null ? {} : identityOfConfig(config, cell.cellId, stated.model);
  return requireIdentity(joinIdentities(stated, configured), cell.cellId, bundlePath);
};

const measuredRows = (reading: CellReading, runs: readonly FileRun[]): AtlasRow[] => {
  const { cell, request: { bundlePath, notes } } = reading; // prettier-ignore
  return pointsOf(runs).map((repeats) => {
    const [first] = repeats;
    const identity = identityFor(reading, first?.context ?? {});
    return measuredRow({
      cellId: cell.cellId,
      concurrency: first?.concurrency ?? 0,
      identity,
      runs: repeats,
      status: repeats.every(incomplete) ? 'partial' : 'full',
      capturedAt: newest(bundlePath, repeats),
      notes: [...cell.notes, ...(notes === undefined ? [] : [notes])],
      extra: { ...cell.extra, ...first?.extra, ...first?.labels },
    });
  });
};

interface FailedPoints {
  readonly failures: readonly Failure[];
  readonly measured: readonly AtlasRow[];
  /** What the files that could be read say of the configuration. */
  readonly context: Context;
}

const failedRows = (reading: CellReading, { failures, measured, context }: FailedPoints): AtlasRow[] => {
  if (failures.every(({ foreign }) => foreign === true)) return [];
  const reached = new Set(measured.map(({ concurrency }) => concurrency));
  const identity = identityFor(reading, context);
  return failures
    .filter(({ foreign }) => foreign !== true)
    .filter(({ file }) => file.concurrency === undefined || !reached.has(file.concurrency))
    .map(({ file, reason }) =>
      markerRow({ cellId: reading.cell.cellId, identity, concurrency: file.concurrency ?? 0, status: 'failed', reason, path: file.path }),
    );
}; // prettier-ignore

/** A repeat that could not be read makes its point partial. */
const withFailedRepeats = (rows: readonly AtlasRow[], failures: readonly Failure[]): AtlasRow[] =>
  rows.map((row) => {
    const failed = failures.filter(({ file }) => file.concurrency === row.concurrency && row.n_trials > 0);
    if (failed.length === 0) return row;
    const reasons = failed.map(({ file, reason }) => `${file.path}: ${reason}`);
    return { ...row, status: 'partial', notes: [row.notes, ...reasons].filter((part) => part !== '').join(' | ') };
  });

const importedCell = (reading: CellReading, runs: readonly FileRun[], failures: readonly Failure[]): ImportedCell => {
  const { cell, request: { bundlePath, importer } } = reading;
  const measured = withFailedRepeats(measuredRows(reading, runs), failures);
  const failed = failedRows(reading, { failures, measured, context: runs[0]?.context ?? {} });
  const rows = [...(cell.rows ?? []), ...measured, ...failed];
  const files = [...runs.map(({ path }) => path), ...failures.map(({ file }) => file.path), ...(cell.raw ?? [])];
  return {
    cellId: cell.cellId,
    rows,
    backend: rows[0]?.backend ?? '',
    bundle: bundlePath,
    importer,
    raw: [...new Set(files)],
    unread: failures.map(({ file, reason }) => ({ path: file.path, reason })),
    files: [...cell.files, ...(cell.filesOf?.(rows) ?? [])],
  };
}; // prettier-ignore

/** What makes runs another configuration. */
const CONFIGURATION = [
  'model', 'hardware', 'quant', 'serving_engine', 'engine_version', 'tensor_parallel', 'pipeline_parallel', 'data_parallel',
  'expert_parallel', 'dp_attention', 'n_gpus', 'mtp', 'num_speculative_tokens', 'max_num_batched_tokens', 'max_num_seqs',
  'kv_cache_dtype', 'cudagraph_mode', 'enable_prefix_caching', 'image', 'dataset', 'cache_mode',
] as const satisfies readonly (keyof CellIdentity)[]; // prettier-ignore

/** Runs by what their files say of the configuration; one group where they agree. The names say only what differs. */
const configurationsOf = (reading: CellReading, runs: readonly FileRun[]): ReadonlyMap<string, readonly FileRun[]> => {
  const { cell, request } = reading;
  const stated = runs.map((run) => ({ run, identity: joinIdentities(request.given, cell.identity, identityOfContext(run.context)) }));
  const differing = CONFIGURATION.filter(
    (field) => new Set(stated.flatMap(({ identity }) => identity[field] ?? [])).size > 1,
  );
  const groups = new Map<string, FileRun[]>();
  for (const { run, identity } of stated) {
    const words = differing.map((field) => configurationWord(field, identity[field]));
    const name = cellName([cell.cellId, ...words].join('-'));
    groups.set(name, [...(groups.get(name) ?? []), run]);
  }
  return groups;
}; // prettier-ignore

const configurationWord = (field: (typeof CONFIGURATION)[number], value: string | number | boolean | undefined): string => {
  if (value === undefined) return `no-${field}`;
  return typeof value === 'string' ? (value.split('/').at(-1) ?? value) : `${field}-${value}`;
}; // prettier-ignore

const importCell = async (cell: FoundCell, request: ImportRequest): Promise<ReadCell> => {
  const read = await readFiles(request.bundlePath, cell.points, request.signal);
  const runs = [...read.runs, ...foundRuns(cell)];
  const failures = [...read.failures, ...(cell.failed ?? []).map(({ reason, ...file }) => ({ file, reason }))];
  const reading = { cell, request };
  const configurations = request.bundle.mixed === true ? configurationsOf(reading, runs) : new Map();
  const cells =
    configurations.size < 2
      ? [importedCell(reading, runs, failures)]
      : [...configurations].map(([cellId, own]) => importedCell({ request, cell: { ...cell, cellId } }, own, []));
  return { cells, failures: configurations.size < 2 ? [] : failures, warnings: read.warnings };
};

interface ReadCell {
  readonly cells: readonly ImportedCell[];
  /** Of which no one can say to which of several configurations they belong. */
  readonly failures: readonly Failure[];
  readonly warnings: readonly string[];
}

/** Reads all cells of a bundle. Throws a Fault `identity_missing` or `gpu_count_conflict`; faults of single files become failed points. */
export const importBundle = async (request: ImportRequest): Promise<ImportedBundle> => {
  const cells: ImportedCell[] = [];
  const unread: UnreadFile[] = [...request.bundle.unread];
  const warnings: string[] = [];
  for (const cell of request.bundle.cells) {
    const read = await importCell(cell, request);
    cells.push(...read.cells.filter(({ rows }) => rows.length > 0));
    unread.push(...read.failures.map(({ file, reason }) => ({ path: file.path, reason })));
    unread.push(...read.cells.flatMap((imported) => imported.unread));
    warnings.push(...read.warnings, ...read.cells.flatMap(({ rows }) => rows.flatMap(windowWarnings)));
  }
  return { cells, unread, warnings };
};
