// The steps after a cell was measured (counters, atlas, comparison with the baseline, registry), and those of all cells together at the end
// of the run (capacity, champion, report). Each is a verb of its own; one that this version has not, or that the cell gives nothing for, is
// named as skipped. A step that is done is not done again.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { hashFile } from '../../fs/hash.ts';
import { objectAt, textAt } from '../../importers/json-fields.ts';
import type { JobContext } from '../../jobs/job-context.ts';
import { foldersIn, slugsOf } from '../../registry/folder-names.ts';
import { BASELINE_FILE, registryFolder } from '../../registry/layout.ts';
import { readBaseline } from '../../registry/read-entry.ts';
import { heldRows, isMeasured } from '../cells/run-cell.ts';
import { cellNames } from '../cell-files.ts';
import { captureFolders } from '../grounding/capture-folder.ts';
import { CELL_FILES, cellFile, cellFolder, commandsFolder } from '../layout.ts';
import type { CellRunState, RunBook, RunStep, StepState } from './run-state.ts';
import { callVerb, knowsVerb, type VerbOutcome } from './verb-call.ts';

export interface AfterCall {
  /** Absolute path. */
  readonly campaign: string;
  readonly productFolder: string;
  /** `family/measurement@tag`; null where nothing is compared. */
  readonly baseline: string | null;
  readonly family: string;
}

/** Calls of verbs, with what they need. */
interface Calls extends AfterCall {
  /** Absolute path of the folder that keeps their records. */
  readonly records: string;
  readonly job: Pick<JobContext, 'env' | 'root' | 'run' | 'signal'>;
}

interface Cell extends Calls {
  readonly cellId: string;
  /** What the step of the counters said; undefined where it was not reached. */
  readonly counters: string | undefined;
}

interface Done {
  readonly state: StepState['state'];
  readonly says: string;
  readonly found?: Partial<Pick<CellRunState, 'verdict' | 'entry'>>;
}

type EndStep = 'tpm' | 'champion' | 'render';
type AfterStep = Exclude<RunStep, EndStep | 'deploy' | 'warm_up' | 'run' | 'counters' | 'compare'>;

const REPORT = 'perf_tune_report_';

const skipped = (says: string): Done => ({ state: 'skipped', says });

const call = ({ records, productFolder, job }: Calls, verb: string, words: readonly string[]): Promise<VerbOutcome> =>
  callVerb({ verb, words, records }, productFolder, job);

const by = async (calls: Calls, verb: string, words: readonly string[], says: string): Promise<Done> => {
  if (!knowsVerb(calls.productFolder, verb)) return skipped(`this version has no ${verb}`);
  const outcome = await call(calls, verb, words);
  return 'failed' in outcome ? { state: 'failed', says: outcome.failed } : { state: 'done', says };
};

const dcgm = async (cell: Cell): Promise<Done> => {
  const { campaign, cellId, counters } = cell;
  const frozen = cellFile(campaign, cellId, 'dcgmFrozen');
  const words = ['--campaign', campaign, '--cell-id', cellId];
  if (existsSync(frozen)) return by(cell, `${REPORT}dcgm_correlate`, [...words, '--frozen-yaml', frozen], CELL_FILES.dcgm);
  if (captureFolders(campaign, cellId).length > 0) return by(cell, `${REPORT}dcgm_correlate`, words, CELL_FILES.dcgm);
  return skipped(counters ?? `no ${CELL_FILES.dcgmFrozen} in the cell`);
}; // prettier-ignore

/** Cells of the campaign that hold a measured point. */
const measuredCells = (campaign: string): number =>
  cellNames(campaign).filter((cell) => heldRows(campaign, cell).some(isMeasured)).length;

/** A pick needs something to pick from; one that cannot be made yet is no fault of the cell. */
const champion = async (calls: Calls): Promise<Done> => {
  const verb = `${REPORT}champion_select`;
  if (!knowsVerb(calls.productFolder, verb)) return skipped(`this version has no ${verb}`);
  if (measuredCells(calls.campaign) < 2) return skipped('fewer than two cells hold a measured point');
  const outcome = await call(calls, verb, ['--campaign', calls.campaign]);
  return 'failed' in outcome ? skipped(outcome.failed) : { state: 'done', says: textAt(outcome.answer, 'banner') ?? 'CHAMPION.md' };
}; // prettier-ignore

const rowsOf = ({ campaign, cellId }: Cell): string => cellFile(campaign, cellId, 'rows');

const COLOURS = ['GREEN', 'YELLOW', 'RED'] as const;

const diff = async (cell: Cell): Promise<Done> => {
  if (cell.baseline === null) return skipped('no baseline is named');
  const baseline = cell.baseline.replaceAll('{cell}', cell.cellId);
  const outcome = await call(cell, 'perf_baseline_diff', ['--baseline', baseline, '--current', rowsOf(cell)]);
  if ('failed' in outcome) return { state: 'failed', says: outcome.failed };
  const verdict = COLOURS.find((colour) => colour === outcome.answer['verdict']) ?? null;
  const decision = textAt(objectAt(outcome.answer, 'decision'), 'status');
  const word = decision === undefined ? '' : `, decision ${decision}`;
  return { state: 'done', says: `${verdict ?? 'no verdict'} against ${baseline}${word}`, found: { verdict } };
};

/** The entry that holds these bytes already: a run that was killed after recording records nothing again. */
const entryWith = async (root: string, family: string, measurement: string, sha256: string): Promise<string | null> => {
  const registry = registryFolder(root);
  if (!(await foldersIn(join(registry, family))).includes(measurement)) return null;
  const folder = join(registry, family, measurement);
  for (const slug of (await slugsOf(folder)).toReversed()) {
    const { source_sha256: held } = await readBaseline(join(folder, slug, BASELINE_FILE));
    if (held === sha256) return `${family}/${measurement}@${slug}`;
  }
  return null;
};

const record = async (cell: Cell): Promise<Done> => {
  const { family, cellId, job } = cell;
  const { sha256 } = await hashFile(rowsOf(cell));
  const held = await entryWith(job.root, family, cellId, sha256);
  if (held !== null) return { state: 'done', says: `${held} holds these rows`, found: { entry: held } };
  const words = ['--family', family, '--measurement', cellId, '--source', rowsOf(cell)];
  const outcome = await call(cell, 'perf_baseline_record', words);
  if ('failed' in outcome) return { state: 'failed', says: outcome.failed };
  const entry = String(outcome.answer['address']);
  return { state: 'done', says: entry, found: { entry } };
};

const STEPS: readonly (readonly [AfterStep, (cell: Cell) => Promise<Done>])[] = [
  ['dcgm', dcgm],
  ['aggregate', (cell) => by(cell, `${REPORT}atlas_aggregate`, ['--campaign', cell.campaign], 'atlas.jsonl')],
  ['diff', diff],
  ['record', record],
];

const END_STEPS: readonly (readonly [EndStep, (calls: Calls) => Promise<Done>])[] = [
  ['tpm', (calls) => by(calls, `${REPORT}tpm_summary`, ['--campaign', calls.campaign], 'tpm_summary.md')],
  ['champion', champion],
  ['render', (calls) => by(calls, `${REPORT}report_render`, ['--campaign', calls.campaign], 'report.pdf')],
];

/** Nothing of a cell without a single measured point is compared or recorded. */
const hasPoint = ({ campaign, cellId }: Cell): boolean => heldRows(campaign, cellId).some(isMeasured);

/** Does the steps that are not done; stops between them when the job is stopped. */
export const doAfterSteps = async (at: AfterCall, cellId: string, job: JobContext, book: RunBook): Promise<void> => {
  const records = join(cellFolder(at.campaign, cellId), CELL_FILES.commands);
  const cell: Cell = { ...at, cellId, records, counters: book.cell(cellId).steps.counters?.says, job };
  for (const [step, act] of STEPS) {
    if (job.signal.aborted) return;
    if (book.cell(cellId).steps[step]?.state === 'done') continue;
    const isOfRows = step === 'diff' || step === 'record';
    const { state, says, found = {} } = isOfRows && !hasPoint(cell) ? skipped('the cell has no measured point') : await act(cell);
    if (job.signal.aborted) return;
    const steps = { ...book.cell(cellId).steps, [step]: { state, says, at: book.now() } };
    await book.updateCell(cellId, { steps, ...found });
  }
}; // prettier-ignore

/** Longest time that the steps of the end may take after the run was stopped. */
const END_LIMIT_S = 120;

/**
 * Does the steps that are of all cells together, once, where a cell that was measured lacks one; also after a stop, which waits for them.
 * Each such cell notes what came of them.
 */
export const doEndSteps = async (at: AfterCall, cells: readonly string[], job: JobContext, book: RunBook): Promise<void> => {
  const reached = cells.filter((cell) => book.cell(cell).steps.run !== undefined);
  const lacks = (step: EndStep): boolean => reached.some((cell) => book.cell(cell).steps[step]?.state !== 'done');
  if (!END_STEPS.some(([step]) => lacks(step))) return;
  await job.restore(END_LIMIT_S, async (signal) => {
    const calls: Calls = { ...at, records: commandsFolder(at.campaign), job: { ...job, signal } };
    for (const [step, act] of END_STEPS) {
      if (signal.aborted) return;
      if (!lacks(step)) continue;
      const { state, says } = await act(calls);
      for (const cell of reached) await book.note(cell, step, state, says);
    }
  });
}; // prettier-ignore
