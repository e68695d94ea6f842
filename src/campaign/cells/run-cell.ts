// Measures a cell: runs its commands one after another, keeps what each said, and makes rows of what the tools wrote as soon as a
// command has ended. Every load that was asked for has a point or a reason; loads that were measured before are kept and not run
// again, also where the run that measured them was killed.
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { Environment } from '../../exec/environment.ts';
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
import type { CellCommand } from './cell-command.ts';
import { beginRun, endRun, keepResults, openRunOf } from './open-run.ts';
import type { OpenPlace } from './open-place.ts';
import { watchGpus } from './gpu-watch.ts';
import { recordedCommand, type RecordedCommand } from './recorded-command.ts';
import { watchServer } from './server-watch.ts';

export interface CellWork {
  /** Absolute path. */
  readonly campaign: string;
  readonly cellId: string;
  /** Names the run. */
  readonly stamp: string;
  /** Absolute path of the folder that takes what the tools write: outside of the campaigns, which no tool may write into. */
  readonly raw: string;
  /** Absolute path of the folder inside of the cell that keeps it. */
  readonly kept: string;
  readonly commands: readonly CellCommand[];
}

export interface CellPlace {
  /** Where the commands run. */
  readonly place: OpenPlace;
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

export const isMeasured = ({ status }: AtlasRow): boolean => status === 'full' || status === 'partial';

/** Loads that the config asks for and the cell holds no point of. */
export const openLoads = ({ concurrencies }: CellConfig, rows: readonly AtlasRow[]): number[] => {
  const measured = new Set(rows.filter(isMeasured).map(({ concurrency }) => concurrency));
  return concurrencies.filter((concurrency) => !measured.has(concurrency));
};

/** What is known of each command after it; `undefined` is one that was not reached. */
type Ended = readonly (RecordedCommand | undefined)[];

/** What one run of a cell has open, and learns on its way. */
interface Underway extends CellPlace {
  readonly open: ReadonlySet<number>;
  /** Why the server's side of a point is not known. */
  readonly unwatched: Set<string>;
  /** Why no further command is started; empty while one may be. */
  readonly stopped: string[];
}

/** Runs a command, and what is sampled beside it. */
const runOne = async (command: CellCommand, work: CellWork, place: Underway): Promise<RecordedCommand> => {
  const folder = join(cellFolder(work.campaign, work.cellId), CELL_FILES.commands);
  const { env, signal } = place;
  const { stage, runnerOf, stops, readMetrics: read, gpus } = place.place;
  await stage(command);
  const watches = [
    await watchServer(command, { raw: work.raw, read, signal }),
    await watchGpus(command, { raw: work.raw, gpus, signal }),
  ];
  const options = { folder, run: runnerOf(command), env, options: { cwd: work.raw, signal } };
  const recorded = await recordedCommand(command, options);
  for (const { stop } of watches) {
    const unknown = await stop();
    if (unknown !== null) place.unwatched.add(unknown);
  }
  const reason = await stops(recorded, command);
  if (reason !== null) place.stopped.push(reason);
  return recorded;
};

/** Commands of which some load is open, one after another. `after` is called with all that have ended. */
const runAll = async (work: CellWork, place: Underway, after: (done: Ended) => Promise<void>): Promise<Ended> => {
  const done: (RecordedCommand | undefined)[] = [];
  for (const [index, command] of work.commands.entries()) {
    if (place.signal.aborted || place.stopped.length > 0) break;
    if (command.concurrencies.length > 0 && !command.concurrencies.some((load) => place.open.has(load))) {
      done.push(undefined);
      continue;
    }
    place.progress(index, work.commands.length, command.slug);
    done.push(await runOne(command, work, place));
    await after(done);
  }
  return done;
};

interface ReadBack {
  readonly rows: readonly AtlasRow[];
  readonly unread: readonly UnreadFile[];
  readonly warnings: readonly string[];
}

/** Rows of what the tools wrote, in the terms of the config; none, and why, where nothing can be read. */
const readBack = async (work: Pick<CellWork, 'campaign' | 'cellId' | 'kept'>, config: CampaignConfig, signal: AbortSignal): Promise<ReadBack> => {
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
const reasonFor = (concurrency: number, work: CellWork, { done, stopped }: { readonly done: Ended; readonly stopped: string | undefined }): string => {
  const index = work.commands.findIndex(({ concurrencies }) => concurrencies.includes(concurrency));
  const ended = done[index];
  if (ended === undefined) return `was not reached: ${stopped ?? 'the run was stopped before'}`;
  const failure = ended.failure ?? 'wrote nothing that can be read';
  return `${ended.record}: ${stopped === undefined || index < done.length - 1 ? failure : `${stopped} (${failure})`}`;
}; // prettier-ignore

interface CellRows extends Pick<CellWork, 'campaign' | 'cellId' | 'kept'> {
  readonly measured: readonly AtlasRow[];
  readonly unread: readonly UnreadFile[];
  readonly reasonOf: (concurrency: number) => string;
}

/** Writes the rows of a cell: what was measured, and a failed one for every other load that its config asks for. */
const writeRows = async (cellRows: CellRows, config: CampaignConfig, now: string): Promise<AtlasRow[]> => {
  const { campaign, cellId, kept: folder, measured, unread, reasonOf } = cellRows;
  const cell = config.cells.find(({ cell_id }) => cell_id === cellId);
  const identity = requireIdentity(identityOfConfig(config, cellId, undefined), cellId, folder);
  const markers = (cell === undefined ? [] : openLoads(cell, measured)).map((concurrency) =>
    markerRow({ cellId, identity, concurrency, status: 'failed', reason: reasonOf(concurrency), path: relative(cellFolder(campaign, cellId), folder) }),
  );
  const rows = [...measured, ...markers].toSorted((a, b) => a.concurrency - b.concurrency);
  const written = { cellId, rows, backend: measured[0]?.backend ?? '', bundle: folder, importer: 'cell_run', raw: [], unread, files: [] };
  await replaceCell(campaign, written, now);
  return rows;
}; // prettier-ignore

/** Runs every command of the work into its folder and makes no rows. */
export const runCommands = async (work: CellWork, place: CellPlace): Promise<RecordedCommand[]> => {
  await mkdir(work.raw, { recursive: true });
  const open = new Set(work.commands.flatMap(({ concurrencies }) => concurrencies));
  const done = await runAll(work, { ...place, open, unwatched: new Set(), stopped: [] }, () => Promise.resolve());
  return done.filter((ended) => ended !== undefined);
};

/** Loads whose command was ended from outside: half a measurement is none. */
const cutLoads = ({ commands }: CellWork, done: Ended): ReadonlySet<number> =>
  new Set(
    commands.flatMap(({ concurrencies }, index) => (done[index]?.result?.cancelled === true ? concurrencies : [])),
  );

/**
 * Points that a killed run had measured whole become rows of the cell, as if it had ended after them. `elsewhere`: its commands may
 * still run, so the run stays open and is taken up again by its name.
 */
export const recoverCell = async (
  { campaign, cellId, elsewhere }: Pick<CellWork, 'campaign' | 'cellId'> & { readonly elsewhere: boolean },
  config: CampaignConfig,
  now: string,
): Promise<void> => {
  const run = openRunOf(campaign, cellId);
  if (run === null || elsewhere) return;
  await keepResults(run);
  const before = heldRows(campaign, cellId).filter(isMeasured);
  const held = new Set(before.map(({ concurrency }) => concurrency));
  const { rows, unread } = await readBack({ campaign, cellId, kept: run.kept }, config, AbortSignal.timeout(READ_LIMIT_MS));
  const whole = rows.filter(({ status, concurrency }) => status === 'full' && !held.has(concurrency));
  const measured = [...before, ...whole];
  const reasonOf = (): string => 'was not reached: the run was killed before';
  await writeRows({ campaign, cellId, kept: run.kept, measured, unread, reasonOf }, config, now);
  await endRun(campaign, cellId);
}; // prettier-ignore

/** Runs the cell and writes its rows. What was measured before stays. */
export const runCell = async (work: CellWork, config: CampaignConfig, place: CellPlace): Promise<CellOutcome> => {
  const { campaign, cellId } = work;
  const before = heldRows(campaign, cellId).filter(isMeasured);
  const held = new Set(before.map(({ concurrency }) => concurrency));
  const open = new Set(work.commands.flatMap(({ concurrencies }) => concurrencies).filter((load) => !held.has(load)));
  const unwatched = new Set<string>();
  const stopped: string[] = [];
  const write = async (done: Ended): Promise<Pick<CellOutcome, 'rows' | 'warnings'>> => {
    const read = await readBack(work, config, AbortSignal.timeout(READ_LIMIT_MS));
    const cut = cutLoads(work, done);
    const fresh = read.rows.filter((row) => isMeasured(row) && !held.has(row.concurrency) && !(row.status === 'partial' && cut.has(row.concurrency)));
    const reasonOf = (concurrency: number): string => reasonFor(concurrency, work, { done, stopped: stopped[0] });
    const rows = await writeRows({ ...work, measured: [...before, ...fresh], unread: read.unread, reasonOf }, config, place.now());
    return { rows, warnings: read.warnings };
  };
  await beginRun(campaign, cellId, work);
  const done = await runAll(work, { ...place, open, unwatched, stopped }, async (sofar) => {
    await keepResults(work);
    await write(sofar);
  });
  await keepResults(work, true);
  const { rows, warnings } = await write(done);
  await rm(work.raw, { recursive: true, force: true });
  await endRun(campaign, cellId);
  place.progress(work.commands.length, work.commands.length, 'rows written');
  return { status: cellStatus(rows), rows, commands: done.filter((ended) => ended !== undefined), warnings: [...warnings, ...unwatched] };
}; // prettier-ignore

/** Longest time that reading the results may take; a stopped run still reads what it has. */
const READ_LIMIT_MS = 10 * 60_000;
