// Measures cells of a comparison in turn, trial by trial (A B, B A, A B), so that a drift of the host falls on all of them, and keeps each
// trial as `variant-ab/<arm>/c<N>-t<trial>`. A trial that is there is not run again; the rows of the cells are made of all of them.
import { existsSync, readdirSync } from 'node:fs';
import { cp, mkdir, rename, rm } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { replaceFile } from '../../fs/atomic-file.ts';
import type { JobContext } from '../../jobs/job-context.ts';
import { Fault } from '../../text/fault.ts';
import { jsonFile } from '../../text/json.ts';
import { findBundle, openBundle } from '../bundles/find-bundle.ts';
import { variantAb } from '../bundles/variant-ab.ts';
import { identityOfConfig } from '../cell-identity.ts';
import { replaceCell } from '../cell-files.ts';
import { backendOf, BLOCK_OF, type CellRunBackend } from '../cells/run-block.ts';
import { cellOf, placeFor, planLoads, runApart, type CellRequest, type PlannedCell } from '../cells/measure-cell.ts';
import type { CampaignConfig, CellConfig } from '../config.ts';
import { findGpuFolder, gpuFolder } from '../gpu-window.ts';
import { importBundle } from '../import-bundle.ts';
import { findScrapes } from '../server-times.ts';
import { cellStatus } from '../coverage.ts';
import { beginTrialCounters, countersOfTrials, type CountersCall } from './cell-counters.ts';
import { serverSeenFrom, type SeenServer } from './ready.ts';
import type { RunBook } from './run-state.ts';
import type { RunProgress } from './run-progress.ts';
import type { RunSettings } from './run-settings.ts';

/** Cells that are measured in turn; JSON. */
export interface ArmsPlan {
  readonly cells: readonly string[];
  /** Trials of each load of each arm. */
  readonly trials: number;
  /** Names the run. */
  readonly stamp: string;
  readonly request: Pick<CellRequest, 'backend' | 'endpointUrl' | 'servedModel' | 'place'>;
  readonly productFolder: string;
  readonly keepGoing: boolean;
}

export interface ArmsStage {
  readonly campaign: string;
  readonly config: CampaignConfig;
  readonly book: RunBook;
  readonly job: JobContext;
  readonly progress: RunProgress;
  readonly settings: RunSettings;
  /** Deploys the cell and waits until its server answers. */
  readonly ready: (cell: CellConfig, server: SeenServer) => Promise<void>;
}

/** One trial of one load of one arm. */
export interface ArmTrial {
  readonly arm: string;
  readonly concurrency: number;
  /** From 1. */
  readonly trial: number;
}

export const armsFolder = (campaign: string): string => join(campaign, 'variant-ab');

/** All trials in the order in which they run: arms in turn, every second round backwards. */
export const armTrials = ({ cells, trials }: Pick<ArmsPlan, 'cells' | 'trials'>, loadsOf: (arm: string) => readonly number[]): ArmTrial[] =>
  Array.from({ length: trials }, (_, index) => index + 1).flatMap((trial) =>
    (trial % 2 === 1 ? cells : cells.toReversed()).flatMap((arm) => loadsOf(arm).map((concurrency) => ({ arm, concurrency, trial }))),
  ); // prettier-ignore

const nameOf = ({ concurrency, trial }: ArmTrial): string => `c${concurrency}-t${trial}`;

/** Trials that have a result already. */
const isHeld = (campaign: string, trial: ArmTrial): boolean => {
  const folder = join(armsFolder(campaign), trial.arm);
  return existsSync(folder) && readdirSync(folder).some((file) => file.startsWith(`${nameOf(trial)}.`));
};

/** Trials that are still to be run. */
export const openTrials = (
  campaign: string,
  config: CampaignConfig,
  plan: Pick<ArmsPlan, 'cells' | 'trials'>,
): ArmTrial[] =>
  armTrials(plan, (arm) => cellOf(config, campaign, arm).concurrencies).filter((trial) => !isHeld(campaign, trial));

/** One trial a command: repeats are those of the turns. */
const ONCE: Readonly<Partial<Record<CellRunBackend, string>>> = {
  bench: 'trials',
  'vllm-sweep': 'num_runs',
  aiperf: 'num_profile_runs',
};

/** What one trial would start. Throws what `backendOf` and `cellCommands` throw. */
export const planTrial = (campaign: string, config: CampaignConfig, plan: ArmsPlan, trial: ArmTrial, root: string): PlannedCell => {
  const cell = cellOf(config, campaign, trial.arm);
  const backend = backendOf(cell, plan.request.backend);
  const once = ONCE[backend];
  const { workload_iters: _explored, ...given } = cell[BLOCK_OF[backend]] ?? {}; // a trial is of one load
  const block = { ...given, ...(once === undefined ? {} : { [once]: 1 }) };
  const at = { root, productFolder: plan.productFolder, stamp: `${plan.stamp}-${trial.arm}-${nameOf(trial)}` };
  const request = { ...plan.request, campaign, cell: trial.arm };
  const planned = planLoads(request, { ...cell, [BLOCK_OF[backend]]: block }, [trial.concurrency], at);
  return { ...planned, commands: planned.commands.map((command) => ({ ...command, slug: `t${trial.trial}-${command.slug}` })), notes: [] };
}; // prettier-ignore

/** The one result file of a trial, relative to its folder. Null where the tool left none. */
const resultIn = async (raw: string, arm: string): Promise<string | null> => {
  try {
    const { cells } = await findBundle(await openBundle(raw, arm));
    const point = cells[0]?.points[0];
    return point?.path ?? null;
  } catch (error) {
    if (error instanceof Fault && error.kind === 'input') return null;
    throw error;
  }
};

/** What server and GPUs did in the trial, in the folder that bears its name. */
const keepBeside = async (own: string, { concurrency }: ArmTrial, raw: string, path: string): Promise<void> => {
  await rm(own, { recursive: true, force: true });
  await mkdir(own, { recursive: true });
  const scrapes = Object.values(findScrapes(raw, path, concurrency) ?? {});
  for (const file of scrapes.filter((each) => existsSync(each))) await cp(file, join(own, basename(file)));
  const gpus = findGpuFolder(raw, path, concurrency);
  if (gpus !== undefined) await cp(gpus, gpuFolder(own, concurrency), { recursive: true });
};

/** The result takes its place in the layout whole, after what goes with it. */
const keepTrial = async (campaign: string, trial: ArmTrial, raw: string, path: string): Promise<void> => {
  const arm = join(armsFolder(campaign), trial.arm);
  const extension = extname(path) === '.jsonl' ? '.json' : extname(path);
  const staged = join(armsFolder(campaign), `.staged-${trial.arm}-${nameOf(trial)}`);
  await mkdir(arm, { recursive: true });
  await keepBeside(join(arm, nameOf(trial)), trial, raw, path);
  await cp(join(raw, path), staged);
  await rename(staged, join(arm, `${nameOf(trial)}${extension}`));
};

const countersCall = ({ campaign, config, settings, job }: ArmsStage, { productFolder }: ArmsPlan, { cellId, stamp, place }: Pick<PlannedCell, 'cellId' | 'stamp' | 'place'>): CountersCall => ({
  campaign,
  cell: cellOf(config, campaign, cellId),
  stamp,
  productFolder,
  settings: settings.dcgm,
  isHere: place.on === 'here',
  job,
}); // prettier-ignore

/** Why the trial has no result; null where it has one. */
const runTrial = async (stage: ArmsStage, plan: ArmsPlan, trial: ArmTrial): Promise<string | null> => {
  const { campaign, config, job } = stage;
  const planned = planTrial(campaign, config, plan, trial, job.root);
  await stage.ready(cellOf(config, campaign, trial.arm), serverSeenFrom(planned));
  const counters = beginTrialCounters(countersCall(stage, plan, planned));
  const [ended] = await runApart(planned, job);
  const result = await resultIn(planned.raw, trial.arm);
  await counters.stop(planned.raw, result ?? '', trial.concurrency);
  if (job.signal.aborted) return null;
  if (result === null || ended?.failure !== null)
    return `${nameOf(trial)}: ${ended?.record ?? ''}: ${ended?.failure ?? 'wrote nothing that can be read'}`;
  await keepTrial(campaign, trial, planned.raw, result);
  await rm(planned.raw, { recursive: true, force: true });
  return null;
};

const engineOf = ({ serving_engine: engine }: CellConfig, backend: CellRunBackend): string =>
  engine ?? (backend === 'sglang' ? 'sglang' : 'vllm');

/** `result.json` of each arm: what makes it another variant. */
const describeArm = async (campaign: string, cell: CellConfig, backend: CellRunBackend): Promise<void> => {
  const { isl, osl, helm_overrides: overrides = {} } = cell;
  const facts = { engine: engineOf(cell, backend), ...(isl === undefined ? {} : { isl }), ...(osl === undefined ? {} : { osl }), extra: overrides };
  const folder = join(armsFolder(campaign), cell.cell_id);
  await mkdir(folder, { recursive: true });
  await replaceFile(join(folder, 'result.json'), jsonFile(facts));
}; // prettier-ignore

const BACKEND_OF = {
  sglang: 'sglang-sweep',
  'vllm-sweep': 'vllm-sweep',
  aiperf: 'aiperf',
  aa: 'aiperf',
  bench: 'bench',
} as const;

/** Rows of an arm from all trials that there are; none where it has none. */
const writeArm = async (stage: ArmsStage, cell: CellConfig, backend: CellRunBackend, failures: readonly string[]): Promise<void> => {
  const { campaign, config, book } = stage;
  const { cell_id: cellId } = cell;
  const folder = await openBundle(armsFolder(campaign), undefined);
  const own = { ...folder, files: folder.files.filter((file) => file.startsWith(`${cellId}/`)) };
  const bundle = await findBundle(own, [variantAb]).catch((error: unknown) => {
    if (error instanceof Fault && error.code === 'bundle_unknown') return null;
    throw error;
  });
  if (bundle === null) return book.note(cellId, 'run', 'failed', failures[0] ?? 'no trial has a result');
  const given = identityOfConfig(config, cellId, undefined);
  const read = await importBundle({ bundlePath: armsFolder(campaign), bundle, given, notes: undefined, config, importer: 'campaign_run', signal: AbortSignal.timeout(600_000) });
  const rows = read.cells.flatMap((found) => found.rows).map((row) => ({ ...row, cell_id: cellId, backend: BACKEND_OF[backend], raw_path: join('..', '..', 'variant-ab', row.raw_path) }));
  await replaceCell(campaign, { cellId, rows, backend: BACKEND_OF[backend], bundle: armsFolder(campaign), importer: 'campaign_run', raw: [], unread: read.unread, files: [] }, book.now());
  const trials = rows.reduce((sum, row) => sum + row.n_trials, 0);
  await book.note(cellId, 'run', failures.length === 0 ? 'done' : 'failed', failures[0] ?? `${cellStatus(rows)}: ${trials} trials in turn`);
}; // prettier-ignore

/** An arm that cannot be made ready is a failed trial; anything else is not. */
const notReady = (error: unknown, { aborted }: AbortSignal): string | null => {
  if (aborted) return null;
  if (error instanceof Fault && ['endpoint_not_ready', 'deploy_failed', 'helm_failed'].includes(error.code)) return error.message;
  throw error;
}; // prettier-ignore

/** Runs every open trial and writes the rows of the arms. What failed stays open. */
export const measureArms = async (plan: ArmsPlan, stage: ArmsStage): Promise<void> => {
  const { campaign, config, job, progress, book } = stage;
  const failures = new Map<string, string[]>();
  const open = openTrials(campaign, config, plan);
  const done = new Map<string, number>();
  for (const trial of open) {
    if (job.signal.aborted) break;
    const { arm } = trial;
    progress.at(arm, done.get(arm) ?? 0, nameOf(trial));
    const reason = await runTrial(stage, plan, trial).catch((error: unknown) => notReady(error, job.signal));
    if (reason !== null) failures.set(arm, [...(failures.get(arm) ?? []), reason]);
    if (reason !== null && !plan.keepGoing) break;
    done.set(arm, (done.get(arm) ?? 0) + 1);
  }
  for (const arm of plan.cells) {
    const cell = cellOf(config, campaign, arm);
    const backend = backendOf(cell, plan.request.backend);
    await describeArm(campaign, cell, backend);
    if (open.some((trial) => trial.arm === arm)) await book.updateCell(arm, { verdict: null, entry: null, steps: onlyBefore(book.cell(arm).steps) });
    await writeArm(stage, cell, backend, failures.get(arm) ?? []);
    const call = countersCall(stage, plan, { cellId: arm, stamp: plan.stamp, place: placeFor(cell, plan.request) });
    const { state, says } = await countersOfTrials(call, join(armsFolder(campaign), arm));
    if (!job.signal.aborted) await book.note(arm, 'counters', state, says);
  }
}; // prettier-ignore

/** Further steps are done again with the new rows. */
const onlyBefore = ({
  deploy,
  warm_up,
}: ReturnType<RunBook['cell']>['steps']): ReturnType<RunBook['cell']>['steps'] => ({
  ...(deploy === undefined ? {} : { deploy }),
  ...(warm_up === undefined ? {} : { warm_up }),
});
