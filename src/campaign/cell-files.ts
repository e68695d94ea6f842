// Writes what was measured or imported into a cell's folder: whole or not at all, raw files beside the rows, and never over rows
// that are there. What a bundle held and no row came from stays listed.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { copyFile, mkdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { replaceFile, writeNew } from '../fs/atomic-file.ts';
import { publishDerived } from '../fs/publish-folder.ts';
import { distinctSegment } from '../fs/safe-path.ts';
import { Fault } from '../text/fault.ts';
import { jsonFile } from '../text/json.ts';
import { cellStatus } from './coverage.ts';
import { CELL_FILES, cellFile, cellFolder, cellsFolder } from './layout.ts';
import { writtenRow } from './row-text.ts';
import type { AtlasRow } from './row.ts';

/** A file of a bundle that no row came from, and why. */
export interface UnreadFile {
  readonly path: string;
  readonly reason: string;
}

/** A further file of a cell: its name there, and its content or the file it is a copy of. */
export interface CellExtraFile {
  readonly name: string;
  readonly text?: string;
  readonly copyOf?: string;
}

export interface ImportedCell {
  readonly cellId: string;
  readonly rows: readonly AtlasRow[];
  /** Word of `backend.txt`. */
  readonly backend: string;
  /** Absolute path of the bundle. */
  readonly bundle: string;
  /** Name of what read it. */
  readonly importer: string;
  /** Files that are copied into `raw/`, by their path inside the bundle. */
  readonly raw: readonly string[];
  readonly unread: readonly UnreadFile[];
  readonly files: readonly CellExtraFile[];
}

const sourcePage = (cell: ImportedCell, importedAt: string): string => {
  const trials = cell.rows.reduce((sum, row) => sum + row.n_trials, 0);
  const lines = [
    `- imported_at: ${importedAt}`,
    `- importer: ${cell.importer}`,
    `- bundle: ${cell.bundle}`,
    `- rows: ${cell.rows.length}`,
    `- trials: ${trials}`,
    `- status: ${cellStatus(cell.rows)}`,
    `- files: ${cell.raw.length}`,
    `- unread: ${cell.unread.length}`,
  ];
  return `# Cell ${cell.cellId}\n\n${lines.join('\n')}\n`;
};

const filled = (folder: string, cellId: string): Fault =>
  new Fault('refused', 'cell_filled', `cell ${cellId} already holds rows`, {
    path: folder,
    fix: 'to keep both, name another cell: by cell_id, or where the bundle names its cells by the name there; rows are never replaced',
  });

/** Cells of a campaign, sorted. */
export const cellNames = (campaign: string): string[] => {
  const folder = cellsFolder(campaign);
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map(({ name }) => name)
    .sort();
};

/** The name of a cell that is there, or a new one. Throws the Faults of `distinctSegment`. */
export const cellNameIn = (campaign: string, cellId: string, others: readonly string[] = []): string =>
  distinctSegment(cellId, 'cell_id', [...cellNames(campaign), ...others]);

/** Throws a Fault `cell_filled` where one of the cells, or one whose name differs in case only, holds rows already. */
export const requireEmptyCells = (campaign: string, cellIds: readonly string[]): void => {
  const present = new Map(cellNames(campaign).map((name) => [name.toLowerCase(), name]));
  for (const [index, cellId] of cellIds.entries()) {
    const there = present.get(cellId.toLowerCase()) ?? cellId;
    if (existsSync(cellFile(campaign, there, 'rows'))) throw filled(cellFolder(campaign, there), there);
    cellNameIn(campaign, cellId, cellIds.slice(0, index));
  }
};

const copyRaw = async (bundle: string, files: readonly string[], target: string): Promise<void> => {
  for (const file of files) {
    const to = join(target, file.replace(/^raw\//, ''));
    await mkdir(dirname(to), { recursive: true });
    await copyFile(join(bundle, file), to);
  }
};

const fill = async (cell: ImportedCell, folder: string, importedAt: string): Promise<void> => {
  await mkdir(join(folder, CELL_FILES.commands));
  await mkdir(join(folder, CELL_FILES.raw));
  await copyRaw(cell.bundle, cell.raw, join(folder, CELL_FILES.raw));
  await writeNew(join(folder, CELL_FILES.rows), jsonFile(cell.rows.map(writtenRow)));
  await writeNew(join(folder, CELL_FILES.status), `${cellStatus(cell.rows)}\n`);
  await writeNew(join(folder, CELL_FILES.backend), `${cell.backend}\n`);
  await writeNew(join(folder, CELL_FILES.source), sourcePage(cell, importedAt));
  if (cell.unread.length > 0) await writeNew(join(folder, CELL_FILES.unread), jsonFile(cell.unread));
  for (const { name, text, copyOf } of cell.files) {
    const path = join(folder, basename(name));
    if (text !== undefined) await writeNew(path, text);
    else if (copyOf !== undefined) await copyFile(copyOf, path);
  }
};

/** Writes the files of a cell whose folder is there, over those of an earlier run. */
export const replaceCell = async (campaign: string, cell: ImportedCell, importedAt: string): Promise<void> => {
  const folder = cellFolder(campaign, cell.cellId);
  await mkdir(join(folder, CELL_FILES.raw), { recursive: true });
  await copyRaw(cell.bundle, cell.raw, join(folder, CELL_FILES.raw));
  for (const { name, text } of cell.files) if (text !== undefined) await replaceFile(join(folder, basename(name)), text);
  await replaceFile(join(folder, CELL_FILES.source), sourcePage(cell, importedAt));
  await replaceFile(join(folder, CELL_FILES.backend), `${cell.backend}\n`);
  await replaceFile(join(folder, CELL_FILES.status), `${cellStatus(cell.rows)}\n`);
  await replaceFile(join(folder, CELL_FILES.rows), jsonFile(cell.rows.map(writtenRow)));
}; // prettier-ignore

/**
 * Writes a cell that holds no rows yet. A folder that is there without rows (an artifact of a profile) keeps its files.
 * Throws a Fault `cell_filled`.
 */
export const writeCell = async (campaign: string, cell: ImportedCell, importedAt: string): Promise<void> => {
  requireEmptyCells(campaign, [cell.cellId]);
  const folder = cellFolder(campaign, cell.cellId);
  if (existsSync(folder)) {
    await replaceCell(campaign, cell, importedAt);
    return;
  }
  await publishDerived(join(cellsFolder(campaign), '.staging'), folder, (staged) => fill(cell, staged, importedAt));
}; // prettier-ignore

/** The status word of a cell's folder; null where it has none. */
export const statusWord = (campaign: string, cellId: string): string | null => {
  const path = cellFile(campaign, cellId, 'status');
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : null;
};
