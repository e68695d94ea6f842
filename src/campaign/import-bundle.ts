// Reads the cells that a layout found: every file through the reader of its format, repeats of a point as its trials, and rows
// of the points. A file that cannot be read, or in which nothing completed, becomes a failed point with its reason and makes
// its cell partial; nothing is dropped.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Context } from '../metrics/context.ts';
import type { Labels } from '../metrics/metric.ts';
import { plural } from '../render/numbers.ts';
import { Fault } from '../text/fault.ts';
import type { JsonObject } from '../text/json.ts';
import { isoSeconds } from '../text/time.ts';
import type { Bundle, FoundCell } from './bundles/bundle.ts';
import {
  identityOfConfig,
  identityOfContext,
  joinIdentities,
  requireIdentity,
  unlikeConfig,
  type CellIdentity,
  type WholeIdentity,
} from './cell-identity.ts';
import type { ImportedCell, UnreadFile } from './cell-files.ts';
import type { CampaignConfig } from './config.ts';
import { distinctFiles } from './copied-files.ts';
import { configurationsOf, overruledSettings } from './configurations.ts';
import { failedRows, failuresByCell, withFailedRepeats } from './failed-points.ts';
import { measuredRow } from './measured-row.ts';
import type { PointRun } from './point-repeats.ts';
import { faultReason, foundRuns, readPointFiles, type Failure, type FileRun, type FileWarning } from './point-runs.ts';
import { pointsOf, savedOnce } from './points.ts';
import { violationsOfRow } from './reconcile/usable-rows.ts';
import { violationWarnings } from './reconcile/violation-text.ts';
import type { Violation } from './reconcile/violation.ts';
import type { AtlasRow } from './row.ts';
import { rowWarnings } from './window.ts'; // prettier-ignore

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
  /** Name of the campaign that takes the cells. */
  readonly campaign?: string;
  readonly signal: AbortSignal;
}

export interface ImportedBundle {
  readonly cells: readonly ImportedCell[];
  readonly unread: readonly UnreadFile[];
  readonly warnings: readonly string[];
  /** What rows say that cannot be true, or hardly can; the rows are kept. */
  readonly violations: readonly Violation[];
}

/** Fewer answers than were asked for, though nothing but failures or the end of the run can be why. */
const incomplete = ({ counts }: PointRun): boolean =>
  (counts.failed ?? 0) > 0 ||
  (counts.time_bounded !== true &&
    counts.num_prompts !== undefined &&
    counts.completed !== undefined &&
    counts.completed < counts.num_prompts);

const newest = (folder: string, runs: readonly FileRun[]): string => {
  const times = runs.map(({ path }) => statSync(join(folder, path)).mtimeMs);
  return isoSeconds(Math.max(...times));
};

interface CellReading {
  readonly cell: FoundCell;
  readonly request: ImportRequest;
}

/** A file's own words on its configuration. */
type Stated = Pick<FileRun, 'context' | 'tool'> & { readonly path?: string };

const NOTHING: Stated = { context: {} };

/** What caller and bundle say; the config has a say where neither does. */
const statedIdentity = ({ cell, request }: CellReading, { context, tool = {} }: Stated): CellIdentity =>
  joinIdentities(request.given, cell.identity, identityOfContext(context), tool);

const identityFor = (reading: CellReading, run: Stated): WholeIdentity => {
  const { cell, request: { config, bundlePath } } = reading; // prettier-ignore
  const stated = statedIdentity(reading, run);
  const configured = config === null ? {} : identityOfConfig(config, cell.cellId, stated.model);
  const source = run.path === undefined ? bundlePath : join(bundlePath, run.path);
  return requireIdentity(joinIdentities(stated, configured), cell.cellId, source);
};

/** The labels of a point that are no fields of its row, and their names: rows of one load are kept apart by them. */
const labelEntries = (labels: Labels, { request_rate: rate = null }: Context): JsonObject => {
  const others = Object.entries(labels).filter(([name]) => name !== 'request_rate' || rate === null);
  return others.length === 0 ? {} : { ...Object.fromEntries(others), point_labels: others.map(([name]) => name) };
};

const rowOfPoint = (reading: CellReading, repeats: readonly FileRun[]): AtlasRow => {
  const { cell, request: { bundlePath, notes } } = reading; // prettier-ignore
  const [first] = repeats;
  return measuredRow({
    cellId: cell.cellId,
    concurrency: first?.concurrency ?? 0,
    identity: identityFor(reading, first ?? NOTHING),
    runs: repeats,
    status: repeats.every(incomplete) ? 'partial' : 'full',
    capturedAt: newest(bundlePath, repeats),
    notes: [...cell.notes, ...(notes === undefined ? [] : [notes])],
    extra: { ...cell.extra, ...first?.extra, ...labelEntries(first?.labels ?? {}, first?.context ?? {}) },
  });
};

interface MeasuredPoints {
  readonly rows: readonly AtlasRow[];
  /** Points whose figures break a rule of rows. */
  readonly broken: readonly Failure[];
}

const rowsOfPoints = (reading: CellReading, points: readonly (readonly FileRun[])[]): MeasuredPoints => {
  const rows: AtlasRow[] = [];
  const broken: Failure[] = [];
  for (const repeats of points) {
    try {
      rows.push(rowOfPoint(reading, repeats));
    } catch (error) {
      if (!(error instanceof Fault) || error.code !== 'row_invalid') throw error;
      const { path = '', concurrency } = repeats[0] ?? {};
      const point = concurrency === undefined ? { path } : { path, concurrency };
      broken.push({ file: point, reason: faultReason(error, path) });
    }
  }
  return { rows, broken };
};

interface MeasuredCell {
  readonly cell: ImportedCell;
  /** Where runs looked like repeats and are not. */
  readonly split: readonly string[];
}

const importedCell = (reading: CellReading, runs: readonly FileRun[], unreadable: readonly Failure[]): MeasuredCell => {
  const { cell, request: { bundlePath, importer, campaign = null } } = reading;
  const { cellId } = cell;
  const { points, split } = pointsOf(runs, (run) => statedIdentity(reading, run).dataset);
  const found = rowsOfPoints(reading, points);
  const failures = [...unreadable, ...found.broken];
  const tried = failures.filter(({ foreign }) => foreign !== true);
  const measured = withFailedRepeats(found.rows, tried);
  const failed = tried.length === 0 ? [] : failedRows(cellId, identityFor(reading, runs[0] ?? NOTHING), tried, measured);
  const rows = [...(cell.rows ?? []), ...measured, ...failed];
  const files = [...runs.map(({ path }) => path), ...failures.map(({ file }) => file.path), ...(cell.raw ?? [])];
  return {
    cell: {
      cellId,
      rows,
      backend: rows[0]?.backend ?? '',
      bundle: bundlePath,
      importer,
      raw: [...new Set(files)],
      unread: failures.map(({ file, reason }) => ({ path: file.path, reason })),
      files: [...cell.files, ...(cell.filesOf?.(rows, campaign) ?? [])],
    },
    split: split.length === 0 ? [] : [`${cellId} at concurrency ${split.toSorted((a, b) => a - b).join(', ')}`],
  };
}; // prettier-ignore

/** Results that contradict the config of the cell into which they go. */
const strangers = (reading: CellReading, runs: readonly FileRun[]): string[] => {
  const { cell: { cellId }, request: { config, given } } = reading; // prettier-ignore
  if (config === null) return [];
  // What the caller says is on purpose.
  const ownWords = (run: FileRun): CellIdentity =>
    Object.fromEntries(Object.entries(statedIdentity(reading, run)).filter(([field]) => Reflect.get(given, field) === undefined));
  const found = runs.flatMap((run) => unlikeConfig(config, cellId, ownWords(run)));
  return found.length === 0
    ? []
    : [`${cellId}: the results say ${[...new Set(found)].join(', ')}; the rows keep what the results say`];
}; // prettier-ignore

interface ReadCell {
  readonly cells: readonly MeasuredCell[];
  /** Of which no cell holds a trace. */
  readonly unread: readonly Failure[];
  readonly warnings: readonly FileWarning[];
  /** What else the reader of the answer should know. */
  readonly said: readonly string[];
}

const importCell = async (cell: FoundCell, request: ImportRequest): Promise<ReadCell> => {
  const { files, copies } = await distinctFiles(request.bundlePath, cell.points);
  const read = await readPointFiles(request.bundlePath, files, request.signal);
  const { warnings } = read;
  const { runs, logs } = savedOnce([...read.runs, ...foundRuns(cell)]);
  const failures: Failure[] = [
    ...read.failures,
    ...copies.map(({ path, of }) => ({ file: { path }, reason: `the same bytes as ${of}: one run`, foreign: true })),
    ...logs.map(({ path, of }) => ({ file: { path }, reason: `the log of ${of}`, foreign: true })),
    ...(cell.failed ?? []).map(({ reason, ...file }) => ({ file, reason })),
  ];
  const reading = { cell, request };
  const mixed = request.bundle.mixed === true;
  const statedOf = (run: FileRun) => statedIdentity(reading, run);
  const { groups, differing } = configurationsOf(runs, { cellId: cell.cellId, mixed, statedOf });
  const overruled = overruledSettings(runs, request.given);
  if (groups.size < 2)
    return {
      cells: [importedCell(reading, runs, failures)],
      unread: [],
      warnings,
      said: [...strangers(reading, runs), ...overruled],
    };
  const parted = mixed
    ? []
    : [`${cell.cellId}: files differ in ${differing.join(', ')}, so they are ${groups.size} cells`];
  const tried = failures.filter(({ foreign }) => foreign !== true);
  const failuresOf = failuresByCell(groups, tried);
  return {
    cells: [...groups].map(([cellId, own]) =>
      importedCell({ request, cell: { ...cell, cellId } }, own, failuresOf.get(cellId) ?? []),
    ),
    unread: failures.filter(({ foreign }) => foreign === true),
    warnings,
    said: [...parted, ...strangers(reading, runs), ...overruled],
  };
};

/** One line for each kind of warning of files: digits do not make another kind. */
const groupedWarnings = (warnings: readonly FileWarning[]): string[] => {
  const kinds = new Map<string, FileWarning[]>();
  for (const warning of warnings) {
    const kind = warning.text.replaceAll(/\d+(\.\d+)?/g, '#');
    kinds.set(kind, [...(kinds.get(kind) ?? []), warning]);
  }
  return [...kinds.values()].map(([first, ...others]) => {
    const more = others.length === 0 ? '' : ` (and alike in ${plural(others.length, 'more file')})`;
    return `${first?.path}: ${first?.text}${more}`;
  });
};

/** Cells that the warning names before it counts them. */
const NAMED_CELLS = 2;

const splitWarnings = (split: readonly string[]): string[] => {
  if (split.length === 0) return [];
  const more = split.length > NAMED_CELLS ? `; ${plural(split.length - NAMED_CELLS, 'more cell')}` : '';
  const named = `${split.slice(0, NAMED_CELLS).join('; ')}${more}`;
  return [`${named}: runs differ in data set or lengths, so they are points of their own and no trials of one another`];
};

const distinct = (files: readonly UnreadFile[]): UnreadFile[] => [
  ...new Map(files.map((file) => [`${file.path} ${file.reason}`, file])).values(),
];

/** Reads all cells of a bundle. Throws a Fault `identity_missing` or `gpu_count_conflict`; faults of single files become failed points. */
export const importBundle = async (request: ImportRequest): Promise<ImportedBundle> => {
  const read: ReadCell[] = [];
  for (const cell of request.bundle.cells) read.push(await importCell(cell, request));
  const cells = read.flatMap((one) => one.cells);
  const failures = read.flatMap(({ unread }) => unread);
  const rows = cells.flatMap(({ cell }) => cell.rows);
  const violations = rows.flatMap((row) => violationsOfRow(row));
  return {
    violations,
    cells: cells.map(({ cell }) => cell).filter(({ rows }) => rows.length > 0),
    unread: distinct([
      ...request.bundle.unread,
      ...failures.map(({ file, reason }) => ({ path: file.path, reason })),
      ...cells.flatMap(({ cell }) => cell.unread),
    ]),
    warnings: [
      ...violationWarnings(violations),
      ...rowWarnings(rows),
      ...splitWarnings(cells.flatMap(({ split }) => split)),
      ...read.flatMap(({ said }) => said),
      ...groupedWarnings(read.flatMap(({ warnings }) => warnings)),
    ],
  };
};
