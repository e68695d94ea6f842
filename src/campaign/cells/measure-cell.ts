// A cell as a piece of work: what its config asks for becomes commands, and a job measures them where the cell runs. Shared by every
// verb that runs cells; what is measured and written is the work of `runCell`.
import { join } from 'node:path';
import { protectedNames } from '../../cluster/protected-names.ts';
import { withLock } from '../../fs/lock.ts';
import type { Environment } from '../../exec/environment.ts';
import { artifactsFolder } from '../../fs/root.ts';
import type { JobContext } from '../../jobs/job-context.ts';
import type { JobPlan } from '../../jobs/plan-pins.ts';
import { formatNumber } from '../../render/numbers.ts';
import { Fault, inputFault } from '../../text/fault.ts';
import { plural } from '../../render/numbers.ts';
import { nearestName } from '../../text/nearest.ts';
import { isoSeconds } from '../../text/time.ts';
import { readCampaignConfig, type CampaignConfig, type CellConfig } from '../config.ts';
import { cellFile, cellFolder, configPath } from '../layout.ts';
import { askInside } from './ask-inside.ts';
import type { CellCall } from './cell-command.ts';
import { cellCommands, unusedSettings } from './cell-commands.ts';
import { backendOf, BLOCK_OF, type CellRunBackend } from './run-block.ts';
import { readingGpus } from './gpu-watch.ts';
import { openRunOf } from './open-run.ts';
import { openPlace } from './open-place.ts';
import { placeOf, rawThere, seesFiles, type Place, type PlaceFields } from './place.ts';
import { planPlace } from './plan-place.ts';
import { checkLines, preflight, requireReady } from './preflight.ts';
import type { RecordedCommand } from './recorded-command.ts';
import { heldRows, openLoads, recoverCell, runCell, runCommands, type CellOutcome, type CellWork } from './run-cell.ts';

/** Which cell is measured, and what wins over its config. */
export interface CellRequest {
  /** Absolute path. */
  readonly campaign: string;
  readonly cell: string;
  readonly backend?: CellRunBackend | undefined;
  readonly endpointUrl?: string | undefined;
  readonly servedModel?: string | undefined;
  /** A place that wins over the one of the config. */
  readonly place?: PlaceFields | undefined;
  /** Whether points that are there may be kept and only the others measured; default true. False wants a cell without any. */
  readonly resume?: boolean | undefined;
}

/** What a run of a cell needs of the call that it belongs to. */
export interface CellSurroundings {
  readonly root: string;
  readonly productFolder: string;
  /** Names this run: no other run of any cell has it. */
  readonly stamp: string;
}

/** A run of a cell; JSON. */
export interface PlannedCell extends CellWork {
  readonly notes: readonly string[];
  readonly place: Place;
  /** Folder of the product, whose protected names count. */
  readonly productFolder: string;
}

/** The cell of that name. Throws a Fault `cell_unknown`. */
export const cellOf = (config: CampaignConfig, campaign: string, cellId: string): CellConfig => {
  const cell = config.cells.find(({ cell_id }) => cell_id === cellId);
  if (cell !== undefined) return cell;
  const names = config.cells.map(({ cell_id }) => cell_id);
  const nearest = nearestName(cellId, names);
  throw inputFault('cell_unknown', `the config of ${campaign} has no cell ${cellId}`, {
    path: configPath(campaign),
    fix: nearest === undefined ? `use one of its cells: ${names.slice(0, 5).join(', ')}` : `did you mean ${nearest}?`,
  });
};

/** Its commands go on when the job that submitted them is killed, and are found again by the name of their run. */
export const runsElsewhere = ({ on }: Place): boolean => on !== 'here';

/** Where the cell runs. Throws as `backendOf` and `placeOf`. */
export const placeFor = (cell: CellConfig, { backend, place }: Pick<CellRequest, 'backend' | 'place'>): Place =>
  placeOf(cell, cell[BLOCK_OF[backendOf(cell, backend)]] ?? {}, place ?? {});

/** Commands for these loads of a cell, in its place. Throws as `backendOf`, `placeOf` and `cellCommands`. */
export const planLoads = (request: CellRequest, cell: CellConfig, loads: readonly number[], at: CellSurroundings): PlannedCell => {
  const { campaign, cell: cellId, endpointUrl, servedModel } = request;
  const backend = backendOf(cell, request.backend);
  const place = placeFor(cell, request);
  const { stamp, productFolder } = at;
  const raw = join(artifactsFolder(at.root), 'cell-runs', stamp);
  const call: CellCall = {
    cell: { ...cell, concurrencies: [...loads] },
    backend,
    endpointUrl,
    servedModel,
    raw: rawThere(place, { campaign, cellId, stamp, raw }),
    bench: seesFiles(place) ? [process.execPath, join(productFolder, 'dist', 'bench.mjs')] : ['bench'],
  };
  return {
    campaign,
    cellId,
    raw,
    place,
    productFolder,
    kept: join(cellFile(campaign, cellId, 'raw'), stamp),
    commands: cellCommands(call).map((command) => (place.on === 'here' ? command : readingGpus(command, call.raw))),
    stamp,
    notes: [
      `# cell ${cellId} by ${backend}, concurrency ${loads.join(', ')}`,
      ...(loads.length < cell.concurrencies.length ? ['# the other loads hold a point and are not run again'] : []),
      ...unusedSettings(call).map((name) => `# ${name} of the block is not used`),
    ],
  };
}; // prettier-ignore

const measured = ({ campaign, cell }: CellRequest, loads: string, fix: string): Fault =>
  new Fault('refused', 'cell_measured', `cell ${cell} holds a point of ${loads} that its config asks for`, {
    path: cellFolder(campaign, cell),
    fix: `${fix}; rows are never measured over`,
  });

/**
 * What a run of the cell would do: only loads that hold no point. Reads, writes nothing. Throws a Fault `cell_unknown`,
 * `cell_measured` where every load holds a point, or one does and the caller wants none, and those of `planLoads`.
 */
export const planCell = (request: CellRequest, config: CampaignConfig, at: CellSurroundings): PlannedCell => {
  const { campaign, cell: cellId } = request;
  const cell = cellOf(config, campaign, cellId);
  const place = placeFor(cell, request);
  const open = openLoads(cell, heldRows(campaign, cellId));
  const held = cell.concurrencies.length - open.length;
  if (open.length === 0) throw measured(request, 'every load', 'go on with atlas_aggregate');
  if (request.resume === false && held > 0)
    throw measured(request, plural(held, 'load'), 'run it with --resume for the others');
  const stamp = (runsElsewhere(place) ? openRunOf(campaign, cellId)?.stamp : undefined) ?? at.stamp;
  return planLoads(request, cell, open, { ...at, stamp });
};

/** The plan of the job that measures the cell; a dry run also says what holds there. Throws what the protected names refuse. */
export const cellPlan = async (
  work: PlannedCell,
  { root, dryRun, env }: { readonly root: string; readonly dryRun: boolean; readonly env: Environment },
): Promise<JobPlan> => {
  const { campaign, place, productFolder, notes, stamp } = work;
  const planned = planPlace(place, work, work.commands, await protectedNames(root, productFolder));
  return {
    commands: planned.commands,
    inputs: [configPath(campaign)],
    notes: [...notes, ...planned.notes],
    seen: dryRun ? checkLines(await preflight(place, work.commands, { env, cwd: work.raw, inside: null })) : [],
    cwd: campaign,
    fresh: [stamp],
  };
};

/** A line on a point: what it measured, or why it did not. */
export const pointText = ({ concurrency, output_tps_per_gpu: rate, ttft_avg_ms: ttft, n_trials: n, status, notes }: CellOutcome['rows'][number]): string => {
  if (status === 'failed') return `  concurrency ${concurrency}: failed: ${notes}`;
  const figures = [
    ...(rate === null ? [] : [`${formatNumber(rate, 5)} tok/s/GPU`]),
    ...(ttft === null ? [] : [`TTFT ${formatNumber(ttft, 4)} ms`]),
  ];
  return `  concurrency ${concurrency}: ${figures.join(', ') || status}, n ${n}`;
}; // prettier-ignore

/** A run that measured nothing is no success, though its failed points are written. */
const requireMeasured = ({ status, rows }: CellOutcome, { campaign, cellId }: PlannedCell): void => {
  if (status !== 'failed') return;
  const reasons = [...new Set(rows.map(({ notes }) => notes))].slice(0, 3).join('; ');
  throw inputFault('cell_failed', `cell ${cellId} has no measured point: ${reasons}`, {
    path: cellFolder(campaign, cellId),
    fix: 'read commands/ in the cell for what the tool said, then start it again: only missing points are measured',
  });
};

/** Points that a killed run had measured become rows first; the loads that the cell still lacks are returned. */
export const settleCell = async (request: CellRequest, signal: AbortSignal): Promise<number[]> => {
  const { campaign, cell: cellId } = request;
  const { config } = await readCampaignConfig(configPath(campaign), signal);
  const cell = cellOf(config, campaign, cellId);
  return withCell({ campaign, cellId }, signal, async () => {
    await recoverCell({ campaign, cellId, elsewhere: runsElsewhere(placeFor(cell, request)) }, config, isoSeconds(Date.now()));
    return openLoads(cell, heldRows(campaign, cellId));
  });
}; // prettier-ignore

/** How long a run waits for another one of the same cell. */
const CELL_WAIT_MS = 5000;

/** One run of a cell at a time. */
const withCell = <T>(
  { campaign, cellId }: Pick<PlannedCell, 'campaign' | 'cellId'>,
  signal: AbortSignal,
  body: () => Promise<T>,
): Promise<T> => withLock(join(campaign, '.locks', cellId), body, { timeoutMs: CELL_WAIT_MS, signal });

/** Runs the commands of a piece of a cell where the cell runs; what they wrote stays in `raw`, and no rows are made. */
export const runApart = async (work: PlannedCell, job: JobContext): Promise<RecordedCommand[]> => {
  const { env, signal, progress } = job;
  const guard = await protectedNames(job.root, work.productFolder);
  const place = await openPlace(work.place, work, job, guard);
  try {
    return await runCommands(work, { place, env, signal, progress, now: () => isoSeconds(Date.now()) });
  } finally {
    await place.close();
  }
};

/**
 * Measures the cell in a job and writes its rows. Throws a Fault `cell_failed` where nothing was measured, unless the job was
 * stopped: then what there is stays.
 */
export const measureCell = async (work: PlannedCell, job: JobContext): Promise<CellOutcome> => {
  const { config } = await readCampaignConfig(configPath(work.campaign));
  const { env, signal, progress } = job;
  cellOf(config, work.campaign, work.cellId);
  const guard = await protectedNames(job.root, work.productFolder);
  const now = (): string => isoSeconds(Date.now());
  return withCell(work, signal, async () => {
    await recoverCell({ ...work, elsewhere: runsElsewhere(work.place) }, config, now());
    const inside = askInside(work.place, work, job, guard);
    const checks = await preflight(work.place, work.commands, { env, cwd: work.raw, inside });
    for (const line of checkLines(checks)) job.log(line);
    requireReady(checks);
    const place = await openPlace(work.place, work, job, guard);
    const outcome = await runCell(work, config, { place, env, signal, progress, now });
    const left = await place.close();
    if (!signal.aborted) requireMeasured(outcome, work);
    return { ...outcome, warnings: [...outcome.warnings, ...left] };
  });
};
