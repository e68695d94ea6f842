// What a bundle, a cell's folder or a result file holds of one configuration: for each concurrency its runs and its context. Never
// mixes configurations, and never takes points of other lengths or rates for repeats.
import { latencyName, nameOf } from '../../metrics/catalogue.ts';
import type { Context } from '../../metrics/context.ts';
import type { ReplicateLevel, ValidityCode } from '../../metrics/trial.ts';
import { plural } from '../../render/numbers.ts';
import { type Fault, inputFault } from '../../text/fault.ts';
import type { JsonObject, JsonValue } from '../../text/json.ts';
import type { Bundle, BundleFolder, FoundCell } from '../bundles/bundle.ts';
import { findBundle, openBundle } from '../bundles/find-bundle.ts';
import { joinIdentities, type CellIdentity } from '../cell-identity.ts';
import { configurationsOf } from '../configurations.ts';
import { distinctFiles } from '../copied-files.ts';
import { type Failure, type FileRun, foundRuns, readPointFiles } from '../point-runs.ts';
import { pointsOf, savedOnce } from '../points.ts';
import { contextOfSettings } from '../row-context.ts';
import { LATENCY_FIELDS } from '../row-latencies.ts';
import type { AtlasRow } from '../row.ts';

/** One repeat of a load. */
export interface BenchRun {
  /** Inside the source. */
  readonly path: string;
  /** Canonical name of a metric to its value. */
  readonly values: Readonly<Record<string, number>>;
  readonly validity: readonly ValidityCode[];
  readonly replicate_level: ReplicateLevel | null;
  readonly failed: number | undefined;
}

/** One load with its repeats; at least one. */
export interface BenchPoint {
  readonly concurrency: number;
  readonly context: Context;
  readonly runs: readonly BenchRun[];
}

export interface BenchPoints {
  /** How the source is laid out. */
  readonly layout: string;
  readonly cell: string;
  /** Ascending, each concurrency once. */
  readonly points: readonly BenchPoint[];
  readonly warnings: readonly string[];
}

const numberOf = (object: JsonObject, key: string): number | undefined => {
  const value = object[key];
  return typeof value === 'number' ? value : undefined;
};

const known = (values: Readonly<Record<string, number | null | undefined>>): Record<string, number> =>
  Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (typeof value === 'number' ? [[name, value]] : [])),
  );

/** What the server said of a point beside its client, under the names of the catalogue. */
const serverValues = (server: JsonObject | undefined): Record<string, number> =>
  server === undefined
    ? {}
    : known(
        Object.fromEntries(
          [nameOf('requestsRunning'), nameOf('cacheUsage'), nameOf('cacheHitRate')].map((name) => [name, numberOf(server, name)]),
        ),
      ); // prettier-ignore

const benchRun = ({ path, values, validity, replicate_level, counts, server }: FileRun): BenchRun => ({
  path,
  values: { ...serverValues(server), ...values },
  validity,
  replicate_level,
  failed: counts.failed,
});

/** The figures of a row that holds no repeats. */
const valuesOfRow = (row: AtlasRow): Record<string, number> =>
  known({
    ...Object.fromEntries(LATENCY_FIELDS.map((field) => [field, row[field]])),
    [latencyName('tpot', 'p50')]: row.tpot_median_ms ?? row.tpot_p50_ms,
    [nameOf('perUser')]: row.output_tps_per_user,
    [nameOf('throughput')]:
      row.throughput_tok_per_s ??
      (row.output_tps_per_gpu === null || row.n_gpus === null ? null : row.output_tps_per_gpu * row.n_gpus),
    [nameOf('cacheHitRate')]: row.prefix_cache_hit_rate,
  }); // prettier-ignore

const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const pointOfRow = (row: AtlasRow): BenchPoint => {
  const server = isObject(row.extra['server']) ? row.extra['server'] : undefined;
  const beside = { ...serverValues(server), ...known({ [nameOf('cacheHitRate')]: row.prefix_cache_hit_rate }) };
  const failed = row.failed_requests ?? undefined;
  const single = { path: row.raw_path, values: valuesOfRow(row), validity: ['no_telemetry' as const], replicate_level: null, failed };
  const trials = row.trials.map(({ values, validity, replicate_level, raw_path: path }) => ({
    path,
    values,
    validity,
    replicate_level,
    failed,
  }));
  const runs = trials.length > 0 ? trials : [single];
  return {
    concurrency: row.concurrency,
    context: contextOfSettings(row),
    runs: runs.map((run) => ({ ...run, values: { ...beside, ...run.values } })),
  };
}; // prettier-ignore

interface ReadCell {
  readonly points: readonly BenchPoint[];
  readonly warnings: readonly string[];
}

const severalPoints = (path: string, concurrency: number): Fault =>
  inputFault('bench_points_clash', `${path} holds more than one point at concurrency ${concurrency}`, {
    path,
    fix: 'name a folder or file of one length and rate, or record the results themselves as source',
  });

/** Each concurrency once. Throws a Fault `bench_points_clash`, `no_measurement`. */
const separated = ({ points, warnings }: ReadCell, path: string): readonly BenchPoint[] => {
  const seen = new Set<number>();
  for (const { concurrency } of points) {
    if (seen.has(concurrency)) throw severalPoints(path, concurrency);
    seen.add(concurrency);
  }
  if (points.length > 0) return points.toSorted((a, b) => a.concurrency - b.concurrency);
  const why = warnings.length === 0 ? '' : `: ${warnings.slice(0, 3).join('; ')}`;
  throw inputFault('no_measurement', `${path} holds no load with a concurrency${why}`, {
    path,
    fix: 'name results at a concurrency; others are recorded as source',
  });
};

const failureText = ({ file, reason }: Failure): string => `${file.path}: ${reason}`;

const pointOfRuns = (cell: FoundCell, repeats: readonly FileRun[]): BenchPoint[] => {
  const [first] = repeats;
  if (first === undefined || first.concurrency < 1) return [];
  const stated: CellIdentity = joinIdentities(cell.identity, first.tool ?? {});
  return [
    {
      concurrency: first.concurrency,
      context: { ...first.context, ...contextOfSettings({ ...stated }) },
      runs: repeats.map(benchRun),
    },
  ];
};

/** The points of a cell whose files are results. Throws a Fault `bench_ambiguous` where they are of several configurations. */
const readResults = async (cell: FoundCell, place: Place): Promise<ReadCell> => {
  const { path, folder, bundle, signal } = place;
  const { files, copies } = await distinctFiles(folder.path, cell.points);
  const read = await readPointFiles(folder.path, files, signal);
  const { runs } = savedOnce([...read.runs, ...foundRuns(cell)]);
  const query = { cellId: cell.cellId, mixed: bundle.mixed === true, statedOf: () => cell.identity };
  const { groups, differing } = configurationsOf(runs, query);
  if (groups.size > 1) throw ambiguous(path, [...groups.keys()], ` (they differ in ${differing.join(', ')})`);
  const { points } = pointsOf(runs, ({ context }) => context.dataset ?? undefined);
  const tried = read.failures.filter(({ foreign }) => foreign !== true);
  return {
    points: points.flatMap((repeats) => pointOfRuns(cell, repeats)),
    warnings: [
      ...tried.map(failureText),
      ...copies.map(({ path: copy, of }) => `${copy}: the same bytes as ${of}: one run`),
      ...new Set(read.warnings.map((warning) => warning.text)),
    ],
  };
};

const readRows = (rows: readonly AtlasRow[]): ReadCell => {
  const measured = rows.filter(({ status, concurrency }) => (status === 'full' || status === 'partial') && concurrency > 0);
  const left = rows.length - measured.length;
  return {
    points: measured.map(pointOfRow),
    warnings: left === 0 ? [] : [`${plural(left, 'row')} without a measurement at a concurrency left out`],
  };
}; // prettier-ignore

interface Place {
  readonly path: string;
  readonly folder: BundleFolder;
  readonly bundle: Bundle;
  readonly signal: AbortSignal;
}

const ambiguous = (path: string, cells: readonly string[], more = ''): Fault => {
  const named = `${cells.slice(0, 6).join(', ')}${cells.length > 6 ? `, ${cells.length - 6} more` : ''}`;
  return inputFault('bench_ambiguous', `${path} holds ${cells.length} configurations: ${named}${more}`, {
    path,
    fix: more === '' ? 'give one of them as select' : 'name the folder or file of one of them',
    data: { cells: cells.slice(0, 20) },
  });
};

/** The cell that is asked for, or the only one. Throws a Fault `bench_ambiguous`. */
const chosen = (cells: readonly FoundCell[], path: string, select: string | undefined): FoundCell => {
  const [only, ...others] = select === undefined ? cells : cells.filter(({ cellId }) => cellId === select);
  if (only !== undefined && others.length === 0) return only;
  throw ambiguous(path, cells.map(({ cellId }) => cellId)); // prettier-ignore
};

/**
 * Reads a bundle, a cell's folder, or a file; `select` names a cell where there are several. Throws a Fault `bundle_unknown`,
 * `bench_ambiguous`, `bench_points_clash`, `no_measurement`, or one about a file.
 */
export const readBenchPoints = async (
  path: string,
  { select, signal }: { readonly select?: string | undefined; readonly signal: AbortSignal },
): Promise<BenchPoints> => {
  const folder = await openBundle(path, undefined);
  const bundle = await findBundle(folder);
  const cell = chosen(bundle.cells, path, select);
  const rows = cell.rows ?? [];
  const read = rows.length > 0 ? readRows(rows) : await readResults(cell, { path, folder, bundle, signal });
  return { layout: bundle.layout, cell: cell.cellId, points: separated(read, path), warnings: read.warnings };
};
