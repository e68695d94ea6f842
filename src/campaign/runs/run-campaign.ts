// Runs a campaign cell by cell: deployed, answered, measured, followed by its further steps. Stops at the first cell that is RED or that
// could not be measured, unless told to go on; puts back what it deployed however it ends; goes on where a run that was killed was.
import { join } from 'node:path';
import { withLock } from '../../fs/lock.ts';
import type { JobContext } from '../../jobs/job-context.ts';
import { plural } from '../../render/numbers.ts';
import { faultOf } from '../../verb/failure.ts';
import { isoSeconds } from '../../text/time.ts';
import {
  cellOf,
  measureCell,
  placeFor,
  planCell,
  settleCell,
  type CellRequest,
  type PlannedCell,
} from '../cells/measure-cell.ts';
import type { CellOutcome } from '../cells/run-cell.ts';
import { readCampaignConfig, type CampaignConfig, type CellConfig } from '../config.ts';
import { commandsFolder, configPath } from '../layout.ts';
import { doAfterSteps, doEndSteps, type AfterCall } from './after-steps.ts';
import { beginCounters } from './cell-counters.ts';
import { measureArms, type ArmsPlan } from './arms.ts';
import { compareArms } from './compare-arms.ts';
import { deploymentOf, type Deployment } from './deployment.ts';
import { serverSeenFrom, untilReady, type SeenServer } from './ready.ts';
import { runProgress, type RunProgress } from './run-progress.ts';
import { runSettings, type RunSettings } from './run-settings.ts';
import { openRunBook, readRunState, RUN_STEPS, type CellRunState, type RunBook } from './run-state.ts';
import { deploy, putBack, type Stage } from './standing.ts';

/** A run of a campaign; JSON. */
export interface CampaignWork extends AfterCall {
  /** Cells of this run, in their order, each with a name for its run that no other has. */
  readonly cells: readonly { readonly cell: string; readonly stamp: string }[];
  readonly resume: boolean;
  readonly keepGoing: boolean;
  /** Most cells at once where they run on a cluster. */
  readonly maxParallel: number;
  /** Wins over the config, for every cell. */
  readonly request: Pick<CellRequest, 'backend' | 'endpointUrl' | 'servedModel' | 'place'>;
  readonly arms: ArmsPlan | null;
}

export interface CampaignOutcome {
  readonly cells: Readonly<Record<string, CellRunState>>;
  /** Cells that lack a point, with the reason. */
  readonly lacking: readonly { readonly cell: string; readonly says: string }[];
  readonly red: readonly string[];
  /** Why it ended before its end; null where it did not. */
  readonly stopped: string | null;
}

interface Running extends Stage {
  readonly work: CampaignWork;
  readonly config: CampaignConfig;
  readonly settings: RunSettings;
  readonly progress: RunProgress;
  /** One cell's further steps at a time: they write what the cells share. */
  readonly inTurn: <T>(body: () => Promise<T>) => Promise<T>;
}

/** Runs bodies one after another in the order in which they come. */
const oneAtATime = () => {
  let last: Promise<unknown> = Promise.resolve();
  return <T>(body: () => Promise<T>): Promise<T> => {
    const next = last.then(body, body);
    last = next.catch(() => undefined);
    return next;
  };
};

export const deploymentFor = (settings: RunSettings, cell: CellConfig, campaign: string): Deployment | null =>
  deploymentOf(settings, cell, campaign, join(commandsFolder(campaign), `values-${cell.cell_id}.json`));

/** The page that says whether the cell's server answers; null where nothing is asked: its tool starts it, or it is seen from elsewhere. */
const readyUrl = (settings: RunSettings, server: string | undefined): string | null => {
  if (settings.ready_url !== undefined) return settings.ready_url;
  return server === undefined ? null : `${server}/v1/models`;
};

/** Deploys the cell and waits until its server answers. */
const makeReady = async (running: Running, cell: CellConfig, server: SeenServer): Promise<void> => {
  const { book, campaign, job, settings } = running;
  const { cell_id: id } = cell;
  const deployment = deploymentFor(settings, cell, campaign);
  const says = deployment === null ? null : await deploy(running, id, deployment);
  await book.note(id, 'deploy', says === null ? 'skipped' : 'done', says ?? 'the config deploys nothing');
  const url = readyUrl(settings, server.url);
  if (url !== null) await untilReady(url, { model: server.model, limitS: settings.ready_timeout_s, signal: job.signal });
  await book.note(id, 'warm_up', url === null ? 'skipped' : 'done', url === null ? 'nothing is asked from here' : `${url} answers`);
}; // prettier-ignore

/** Measures the cell with counters of its GPUs around it; what they gave is a step of its own. */
const withCounters = async (running: Running, cell: CellConfig, planned: PlannedCell, body: () => Promise<CellOutcome>): Promise<CellOutcome> => {
  const { book, campaign, job, work, settings } = running;
  const isHere = planned.place.on === 'here';
  const counters = beginCounters({ campaign, cell, stamp: planned.stamp, productFolder: work.productFolder, settings: settings.dcgm, isHere, job });
  let unread: readonly string[] = [];
  try {
    const outcome = await body();
    unread = outcome.warnings;
    return outcome;
  } finally {
    const { state, says } = await counters.stop(planned.kept, unread);
    if (!job.signal.aborted) await book.note(cell.cell_id, 'counters', state, says);
  }
}; // prettier-ignore

const measure = async (running: Running, cell: CellConfig, stamp: string): Promise<void> => {
  const { book, campaign, job, work, config, progress } = running;
  const { cell_id: id } = cell;
  const open = await settleCell({ campaign, cell: id, ...work.request }, job.signal);
  if (open.length === 0) {
    if (book.cell(id).steps.run?.state !== 'done') await book.note(id, 'run', 'done', 'every load held a point before');
    return;
  }
  await book.updateCell(id, { steps: {}, verdict: null, entry: null });
  const at = { root: job.root, productFolder: work.productFolder, stamp };
  const planned = planCell({ campaign, cell: id, ...work.request }, config, at);
  await makeReady(running, cell, serverSeenFrom(planned));
  const own: JobContext = { ...job, progress: (done, _total, message) => progress.at(id, done, message) };
  const { rows, status } = await withCounters(running, cell, planned, () => measureCell(planned, own));
  if (job.signal.aborted) return;
  const lacks = rows.filter((row) => row.status === 'failed');
  const says = lacks.length === 0 ? status : `${status}: no point at concurrency ${lacks.map(({ concurrency }) => concurrency).join(', ')}: ${lacks[0]?.notes ?? ''}`;
  await book.note(id, 'run', lacks.length === 0 ? 'done' : 'failed', says);
}; // prettier-ignore

/** One cell with all its steps. Returns why the campaign should stop after it; null where it should not. */
const runOne = async (running: Running, { cell_id: id }: CellConfig, body: () => Promise<void>): Promise<string | null> => {
  const { book, job, work, inTurn } = running;
  let failed: string | null = null;
  try {
    await body();
  } catch (error) {
    if (job.signal.aborted) return null;
    const fault = faultOf(error);
    if (fault.kind === 'internal' || fault.code === 'restore_failed') throw error;
    failed = `cell ${id}: ${fault.message}`;
    const step = fault.code === 'endpoint_not_ready' ? 'warm_up' : /^(deploy|helm)_/.test(fault.code) ? 'deploy' : 'run';
    await book.note(id, step, 'failed', fault.message);
  }
  if (job.signal.aborted) return null;
  if (failed === null || book.cell(id).steps.run !== undefined) await inTurn(() => doAfterSteps(work, id, job, book));
  return book.cell(id).verdict === 'RED' ? `cell ${id} is RED` : failed;
}; // prettier-ignore

interface Batch {
  readonly cells: readonly { readonly cell: CellConfig; readonly stamp: string }[];
  readonly atOnce: number;
}

/** Cells in their order; those that run on a cluster and share no deployment go together. */
const batchesOf = ({ work, config, settings, campaign }: Running): Batch[] => {
  const batches: { cells: { cell: CellConfig; stamp: string }[]; together: boolean }[] = [];
  for (const { cell: id, stamp } of work.cells) {
    const cell = cellOf(config, campaign, id);
    const together =
      ['slurm', 'kubernetes'].includes(placeFor(cell, work.request).on) &&
      deploymentFor(settings, cell, campaign) === null;
    const last = batches.at(-1);
    if (together && last?.together === true) last.cells.push({ cell, stamp });
    else batches.push({ cells: [{ cell, stamp }], together });
  }
  return batches.map(({ cells, together }) => ({ cells, atOnce: together ? work.maxParallel : 1 }));
};

/** Runs the cells of a batch, so many at once; no further one begins after a reason to stop. */
const runBatch = async (running: Running, { cells, atOnce }: Batch): Promise<string | null> => {
  const { job, work } = running;
  const waiting = [...cells];
  let stop: string | null = null;
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      if (stop !== null || job.signal.aborted) return;
      const { cell, stamp } = next;
      const reason = await runOne(running, cell, () => measure(running, cell, stamp));
      if (reason !== null && !work.keepGoing) stop ??= reason;
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, cells.length) }, worker));
  return stop;
};

const runArms = async (running: Running, arms: ArmsPlan): Promise<string | null> => {
  const { config, campaign, work } = running;
  await measureArms(arms, { ...running, ready: (cell, server) => makeReady(running, cell, server) });
  let stop: string | null = null;
  for (const arm of arms.cells) {
    if (running.job.signal.aborted) return null;
    const reason = await runOne(running, cellOf(config, campaign, arm), () => Promise.resolve());
    if (!work.keepGoing) stop ??= reason;
  }
  await compareArms({ campaign, productFolder: work.productFolder, arms: arms.cells }, running.job, running.book);
  const red = arms.cells.find((arm) => running.book.cell(arm).verdict === 'RED');
  return stop ?? (red === undefined || work.keepGoing ? null : `cell ${red} is RED`);
};

const runAll = async (running: Running): Promise<string | null> => {
  const { work, job } = running;
  let stopped = work.arms === null ? null : await runArms(running, work.arms);
  for (const batch of batchesOf(running)) {
    if (stopped !== null || job.signal.aborted) break;
    stopped = await runBatch(running, batch);
  }
  return stopped;
};

const lackingOf = (book: RunBook, cells: readonly string[]): CampaignOutcome['lacking'] =>
  cells.flatMap((cell) => {
    const { steps } = book.cell(cell);
    const failed = RUN_STEPS.flatMap((step) => (steps[step]?.state === 'failed' ? `${step}: ${steps[step].says}` : []));
    if (failed.length > 0) return [{ cell, says: failed.join('; ') }];
    return steps.run === undefined ? [{ cell, says: 'was not reached' }] : [];
  });

const openBook = async (work: CampaignWork): Promise<RunBook> => {
  const now = (): string => isoSeconds(Date.now());
  const found = readRunState(work.campaign);
  const goesOn = work.resume || found === null;
  const book = openRunBook(work.campaign, goesOn ? found : { ...found, started_at: now(), ended_at: null, cells: {} }, now);
  await book.update({ ended_at: null });
  return book;
}; // prettier-ignore

/** How long a run waits for another one of the same campaign. */
const CAMPAIGN_WAIT_MS = 5000;

/** Runs the campaign in a job. What was measured is kept whatever ends it. Throws a Fault `restore_failed`. */
export const runCampaign = (work: CampaignWork, job: JobContext): Promise<CampaignOutcome> =>
  withLock(join(work.campaign, '.locks', '.campaign'), () => runLocked(work, job), {
    timeoutMs: CAMPAIGN_WAIT_MS,
    signal: job.signal,
  });

const runLocked = async (work: CampaignWork, job: JobContext): Promise<CampaignOutcome> => {
  const { campaign } = work;
  const { config } = await readCampaignConfig(configPath(campaign), job.signal);
  const book = await openBook(work);
  const stage = { campaign, book, job };
  await putBack(stage); // of a run that was killed
  const loads = new Map<string, number>();
  for (const { cell } of work.cells) loads.set(cell, (await settleCell({ campaign, cell, ...work.request }, job.signal)).length);
  for (const arm of work.arms?.cells ?? []) loads.set(arm, cellOf(config, campaign, arm).concurrencies.length * (work.arms?.trials ?? 0));
  const running: Running = {
    ...stage,
    work,
    config,
    settings: runSettings(config, campaign),
    progress: runProgress(loads, job.progress, () => performance.now()),
    inTurn: oneAtATime(),
  };
  const cells = [...(work.arms?.cells ?? []), ...work.cells.map(({ cell }) => cell)];
  let stopped: string | null = null;
  try {
    stopped = await runAll(running);
  } finally {
    await putBack(stage);
  }
  await doEndSteps(work, cells, job, book);
  const lacking = lackingOf(book, cells);
  const red = cells.filter((cell) => book.cell(cell).verdict === 'RED');
  if (!job.signal.aborted && stopped === null && lacking.length === 0) await book.update({ ended_at: book.now() });
  return { cells: Object.fromEntries(cells.map((cell) => [cell, book.cell(cell)])), lacking, red, stopped: job.signal.aborted ? 'it was stopped' : stopped };
}; // prettier-ignore

/** `3 cells: 2 GREEN, 1 RED`. */
export const verdictCounts = (cells: CampaignOutcome['cells']): string => {
  const colours = Object.values(cells).flatMap(({ verdict }) => verdict ?? []);
  const counted = (['GREEN', 'YELLOW', 'RED'] as const).flatMap((colour) => {
    const count = colours.filter((each) => each === colour).length;
    return count === 0 ? [] : [`${count} ${colour}`];
  });
  return `${plural(Object.keys(cells).length, 'cell')}${counted.length === 0 ? '' : `: ${counted.join(', ')}`}`;
};
