// Measures a cell: runs its commands one after another, keeps what each said, and makes rows of what the tools wrote. Every load that
// was asked for has a point or a reason; loads that were measured before are kept and not run again.
import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdir, rm } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { writeNew } from '../../fs/atomic-file.ts';
import type { Environment } from '../../exec/environment.ts';
import type { Runner } from '../../exec/run-process.ts';
import { Fault } from '../../text/fault.ts';
import { findBundle, openBundle } from '../bundles/find-bundle.ts';
import { identityOfConfig, requireIdentity } from '../cell-identity.ts';
import { replaceCell, type UnreadFile } from '../cell-files.ts';
import type { CampaignConfig, CellConfig } from '../config.ts';
import { cellStatus } from '../coverage.ts';
import { importBundle } from '../import-bundle.ts';
import { CELL_FILES, cellFile, cellFolder } from '../layout.ts';
import { markerRow } from '../measured-row.ts';
import { parseRows } from '../row-text.ts';
import type { AtlasRow, RowStatus } from '../row.ts';
import type { CellCommand } from './cell-commands.ts';
import { recordedCommand, type RecordedCommand } from './recorded-command.ts';

export interface CellWork {
  /** Absolute path. */
  readonly campaign: string;
  readonly cellId: string;
  /** Absolute path of the folder that takes what the tools write: outside of the campaigns, which no tool may write into. */
  readonly raw: string;
  /** Absolute path of the folder inside of the cell that keeps it. */
  readonly kept: string;
  readonly commands: readonly CellCommand[];
}

export interface CellPlace {
  /** What runs a command: a runner of this machine, or of a cluster. */
  readonly runnerOf: (command: CellCommand) => Runner;
  readonly env: Environment;
  readonly signal: AbortSignal;
  readonly progress: (done: number, total: number, message: string) => void;
  /** ISO 8601 UTC. */
  readonly now: () => string;
}

export interface CellOutcome {
  readonly status: RowStatus;
  readonly rows: readonly AtlasRow[];
  readonly commands: readonly RecordedCommand[];
  readonly warnings: readonly string[];
}

/** Rows that the cell holds; none where it has no file of them. */
export const heldRows = (campaign: string, cellId: string): AtlasRow[] => {
  const path = cellFile(campaign, cellId, 'rows');
  return existsSync(path) ? parseRows(readFileSync(path, 'utf8'), path) : [];
};

const isMeasured = ({ status }: AtlasRow): boolean => status === 'full' || status === 'partial';

/** Loads that the config asks for and the cell holds no point of. */
export const openLoads = ({ concurrencies }: CellConfig, rows: readonly AtlasRow[]): number[] => {
  const measured = new Set(rows.filter(isMeasured).map(({ concurrency }) => concurrency));
  return concurrencies.filter((concurrency) => !measured.has(concurrency));
};

const runAll = async (work: CellWork, place: CellPlace): Promise<RecordedCommand[]> => {
  const folder = join(cellFolder(work.campaign, work.cellId), CELL_FILES.commands);
  const { runnerOf, env, signal } = place;
  const done: RecordedCommand[] = [];
  for (const [index, command] of work.commands.entries()) {
    if (signal.aborted) break;
    place.progress(index, work.commands.length, command.slug);
    for (const { path, text } of command.files) await writeNew(path, text);
    done.push(
      await recordedCommand(command, { folder, run: runnerOf(command), env, options: { cwd: work.raw, signal } }),
    );
  }
  return done;
};

interface ReadBack {
  readonly rows: readonly AtlasRow[];
  readonly unread: readonly UnreadFile[];
  readonly warnings: readonly string[];
}

/** Rows of what the tools wrote, in the terms of the config; none, and why, where nothing can be read. */
const readBack = async (work: CellWork, config: CampaignConfig, signal: AbortSignal): Promise<ReadBack> => {
  try {
    const bundle = await findBundle(await openBundle(work.kept, work.cellId));
    const given = identityOfConfig(config, work.cellId, undefined);
    const read = await importBundle({ bundlePath: work.kept, bundle, given, notes: undefined, config, importer: 'cell_run', signal });
    const at = relative(cellFolder(work.campaign, work.cellId), work.kept);
    const rows = read.cells.flatMap((cell) => cell.rows);
    return {
      rows: rows.map((row) => ({ ...row, cell_id: work.cellId, raw_path: join(at, row.raw_path) })),
      unread: read.unread.map(({ path, reason }) => ({ path: join(at, path), reason })),
      warnings: read.warnings,
    };
  } catch (error) {
    if (error instanceof Fault && error.kind === 'input') return { rows: [], unread: [], warnings: [error.message] };
    throw error;
  }
}; // prettier-ignore

/** Why a load has no point: how its command ended, or that it was not reached. */
const reasonFor = (concurrency: number, work: CellWork, done: readonly RecordedCommand[]): string => {
  const index = work.commands.findIndex(({ concurrencies }) => concurrencies.includes(concurrency));
  const ended = done[index];
  if (ended === undefined) return 'was not reached: the run was stopped before';
  return `${ended.record}: ${ended.failure ?? 'wrote nothing that can be read'}`;
};

/** Moves what the tools wrote into the cell, also across file systems. */
const keep = async (from: string, to: string): Promise<void> => {
  await mkdir(dirname(to), { recursive: true });
  await cp(from, to, { recursive: true });
  await rm(from, { recursive: true });
};

/** Runs the cell and writes its rows. What was measured before stays. */
export const runCell = async (work: CellWork, config: CampaignConfig, place: CellPlace): Promise<CellOutcome> => {
  const { campaign, cellId, raw, kept: folder } = work;
  await mkdir(raw, { recursive: true });
  const commands = await runAll(work, place);
  await keep(raw, folder);
  const read = await readBack(work, config, AbortSignal.timeout(READ_LIMIT_MS));
  const kept = [...heldRows(campaign, cellId).filter(isMeasured), ...read.rows.filter(isMeasured)];
  const cell = config.cells.find(({ cell_id }) => cell_id === cellId);
  const identity = requireIdentity(identityOfConfig(config, cellId, undefined), cellId, folder);
  const markers = (cell === undefined ? [] : openLoads(cell, kept)).map((concurrency) =>
    markerRow({ cellId, identity, concurrency, status: 'failed', reason: reasonFor(concurrency, work, commands), path: relative(cellFolder(campaign, cellId), folder) }),
  );
  const rows = [...kept, ...markers].toSorted((a, b) => a.concurrency - b.concurrency);
  const written = { cellId, rows, backend: kept[0]?.backend ?? '', bundle: folder, importer: 'cell_run', raw: [], unread: read.unread, files: [] };
  await replaceCell(campaign, written, place.now());
  place.progress(work.commands.length, work.commands.length, 'rows written');
  return { status: cellStatus(rows), rows, commands, warnings: read.warnings };
}; // prettier-ignore

/** Longest time that reading the results may take; a stopped run still reads what it has. */
const READ_LIMIT_MS = 10 * 60_000;
