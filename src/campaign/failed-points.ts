// Points of which nothing came, and files that could not be read: a marker row for each, and the cells to which a file belongs where
// a tree holds several. Where nobody can say to which, every cell that it may belong to is partial.
import { dirname } from 'node:path';
import type { WholeIdentity } from './cell-identity.ts';
import { markerRow } from './measured-row.ts';
import type { Failure } from './point-runs.ts';
import type { AtlasRow } from './row.ts';

const reasonOf = ({ reason, candidates }: Failure): string =>
  candidates === undefined ? reason : `${reason} (may belong to any of ${candidates} cells)`;

/** Marker rows of a cell; failures of points that another file measured have none. */
export const failedRows = (
  cellId: string,
  identity: WholeIdentity,
  failures: readonly Failure[],
  measured: readonly AtlasRow[],
): AtlasRow[] => {
  const reached = new Set(measured.map(({ concurrency }) => concurrency));
  const open = failures.filter(({ file }) => file.concurrency === undefined || !reached.has(file.concurrency));
  // A file with several empty runs at one load, or at none that it says, failed there once.
  const distinct = new Map(open.map((failure) => [`${failure.file.concurrency} ${failure.file.path}`, failure]));
  return [...distinct.values()].map((failure) =>
    markerRow({
      cellId,
      identity,
      concurrency: failure.file.concurrency ?? 0,
      status: failure.candidates === undefined ? 'failed' : 'partial',
      reason: reasonOf(failure),
      path: failure.file.path,
    }),
  );
};

/** A repeat that could not be read makes its point partial. */
export const withFailedRepeats = (rows: readonly AtlasRow[], failures: readonly Failure[]): AtlasRow[] =>
  rows.map((row) => {
    const failed = failures.filter(({ file }) => file.concurrency === row.concurrency && row.n_trials > 0);
    if (failed.length === 0) return row;
    const reasons = failed.map((failure) => `${failure.file.path}: ${reasonOf(failure)}`);
    return { ...row, status: 'partial', notes: [row.notes, ...reasons].filter((part) => part !== '').join(' | ') };
  });

/** The folder of a file and those around it, innermost first, to the bundle's own. */
const foldersOf = (path: string): string[] => {
  const folder = dirname(path);
  return folder === '.' ? ['.'] : [folder, ...foldersOf(folder)];
};

const isBelow = (path: string, folder: string): boolean => folder === '.' || path.startsWith(`${folder}/`);

/**
 * The failures of each cell of a tree, by the files that are known to be theirs: a file belongs to the cells that have results in
 * the innermost folder around it. Several cells there means that nobody can say to which.
 */
export const failuresByCell = (
  cells: ReadonlyMap<string, readonly { readonly path: string }[]>,
  failures: readonly Failure[],
): ReadonlyMap<string, readonly Failure[]> => {
  const found = new Map<string, Failure[]>();
  for (const failure of failures) {
    const around = foldersOf(failure.file.path).map((folder) =>
      [...cells].filter(([, runs]) => runs.some(({ path }) => isBelow(path, folder))).map(([cellId]) => cellId),
    );
    const candidates = around.find((cellIds) => cellIds.length > 0) ?? [];
    const marked = candidates.length > 1 ? { ...failure, candidates: candidates.length } : failure;
    for (const cellId of candidates) found.set(cellId, [...(found.get(cellId) ?? []), marked]);
  }
  return found;
};
