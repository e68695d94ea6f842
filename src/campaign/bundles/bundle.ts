// What a folder of results holds, before any number is read: cells, the files of their points, and what is said about the
// configuration. A layout finds this by names of files; one importer then reads every layout the same way.
import { createHash } from 'node:crypto';
import type { CellIdentity } from '../cell-identity.ts';
import type { CellExtraFile, UnreadFile } from '../cell-files.ts';
import type { CeilingTable } from '../../hardware/ceilings.ts';
import type { Labels } from '../../metrics/metric.ts';
import type { JsonObject } from '../../text/json.ts';
import type { PointCounts } from '../point-repeats.ts';
import type { AtlasRow } from '../row.ts';

/** A result file and what its name says of its point. */
export interface PointFile {
  /** Inside the bundle. */
  readonly path: string;
  readonly concurrency?: number;
  /** Speculative tokens. */
  readonly speculativeTokens?: number;
}

export interface FailedPoint extends PointFile {
  readonly reason: string;
}

/** A run that the layout has read itself, since its file holds other runs too or is of no benchmark's own format. */
export interface FoundRun {
  /** File inside the bundle. */
  readonly path: string;
  readonly concurrency: number;
  /** What makes the point another one than those beside it, and goes with its row. */
  readonly labels?: Labels;
  /** Canonical name of a metric to its value; what is not known is not there. */
  readonly values: Readonly<Record<string, number>>;
  readonly counts: PointCounts;
  /** For the row of this point. */
  readonly extra: JsonObject;
}

export interface FoundCell {
  readonly cellId: string;
  readonly identity: CellIdentity;
  readonly points: readonly PointFile[];
  readonly runs?: readonly FoundRun[];
  /** Points that were tried and that nothing came of. */
  readonly failed?: readonly FailedPoint[];
  /** Rows that the bundle holds as such: kept as they are. */
  readonly rows?: readonly AtlasRow[];
  /** Files to keep beside those of its points. */
  readonly raw?: readonly string[];
  /** For every row of the cell. */
  readonly extra: JsonObject;
  /** Parts of every row's notes. */
  readonly notes: readonly string[];
  /** Artifacts beside the rows (kernels of a profile). */
  readonly files: readonly CellExtraFile[];
  /** Artifacts that say what the rows say, for the campaign of that name (null where none takes them). */
  readonly filesOf?: (rows: readonly AtlasRow[], campaign: string | null) => readonly CellExtraFile[];
}

export interface Bundle {
  /** Name of the layout. */
  readonly layout: string;
  readonly cells: readonly FoundCell[];
  /** Its cells are only a folder's: files that differ in configuration become a cell each. */
  readonly mixed?: true;
  /** Files that belong to no cell. */
  readonly unread: readonly UnreadFile[];
}

export interface BundleFolder {
  /** Absolute path. */
  readonly path: string;
  /** Files in it, relative, sorted, hidden ones left out. */
  readonly files: readonly string[];
  /** Name of a cell where the layout has none of its own. */
  readonly cellId: string;
  /** Links, pipes and devices, which are not read. */
  readonly others: readonly UnreadFile[];
  /** Ceilings of hardware for what is computed of its points; absent where nothing is. */
  readonly ceilings?: () => Promise<CeilingTable>;
}

/** Recognises one way in which a tool or a script lays results out; undefined where the folder is of another. */
export interface Layout {
  readonly name: string;
  /** What the folder holds then, for the error that lists all layouts. */
  readonly holds: string;
  readonly find: (folder: BundleFolder) => Promise<Bundle | undefined>;
}

/** Room is left for what a layout adds, `-prefill` or a number of speculative tokens. */
const LONGEST_NAME = 110;

/** A cell's name from the name of a file or folder; a long one ends in a part of its hash. */
export const cellName = (text: string): string => {
  const name = text.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[^A-Za-z0-9]+/, '') || 'cell';
  return name.length <= LONGEST_NAME
    ? name
    : `${name.slice(0, LONGEST_NAME - 9)}-${createHash('sha256').update(text).digest('hex').slice(0, 8)}`;
};
