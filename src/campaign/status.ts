// Is a campaign done? Per cell and per step: what is there, what is missing, and the verb that brings it. Done means what the
// method says: rows of an atlas that is up to date are published, and the report has a roofline page. Cells that hold no rows and
// a lack of grounding are said and do not undo that. Reads only; decides nothing about the numbers.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { readNamedText } from '../fs/named-text.ts';
import { plural } from '../render/numbers.ts';
import { Fault } from '../text/fault.ts';
import { isJsonObject, parseJson, type JsonObject } from '../text/json.ts';
import { cellNames } from './cell-files.ts';
import { statusWord } from './cell-files.ts';
import { backendToName, isRunnable, runProblem } from './cells/run-block.ts';
import type { CampaignConfig, CellConfig } from './config.ts';
import { coverageCounter, type Coverage } from './coverage.ts';
import { evidenceWords, solRigorOf } from './grounding/sol-rigor.ts';
import {
  atlasPath,
  cellFile,
  championPath,
  lakeReceiptPath,
  reportPath,
  reportStatusPath,
  tpmSummaryPath,
} from './layout.ts';
import { impossibleOf } from './reconcile/usable-rows.ts';
import { atlasRows, parseRows } from './row-text.ts';
import type { AtlasRow } from './row.ts';

export type CellState = 'measured' | 'partial' | 'failed' | 'evicted' | 'to_run' | 'to_import';

export interface CellStanding {
  readonly cell_id: string;
  readonly state: CellState;
  /** Rows of the cell in the atlas. */
  readonly atlas_rows: number;
  /** Loads that the config asks for and the atlas holds no measurement of. */
  readonly missing_concurrencies: readonly number[];
  /** Rows of the cell in the atlas that cannot be true. */
  readonly impossible_rows: number;
  /** Levels of grounding that lie beside the rows: kernels, counters, a sweep. */
  readonly grounding: readonly string[];
  /** What the cell lacks; null where it lacks nothing. */
  readonly missing: string | null;
  /** The verb that brings it; null where none does. */
  readonly next: string | null;
  /** The backend that this verb has to be told; absent where the cell settles it. */
  readonly backend?: string;
}

export interface Step {
  readonly step: 'cells' | 'atlas' | 'tpm' | 'roofline' | 'champion' | 'report' | 'lake';
  readonly done: boolean;
  /** What is missing, or what is there. */
  readonly says: string;
  /** The verb that brings it; null when done. */
  readonly next: string | null;
}

const VERBS = {
  run: 'perf_tune_report_cell_run',
  importBench: 'perf_tune_report_import_bench',
  aggregate: 'perf_tune_report_atlas_aggregate',
  tpm: 'perf_tune_report_tpm_summary',
  sweep: 'perf_tune_report_roofline_sweep',
  champion: 'perf_tune_report_champion_select',
  render: 'perf_tune_report_report_render',
  publish: 'perf_tune_report_publish_to_lake',
} as const;

export interface CampaignStanding {
  readonly done: boolean;
  readonly cells: readonly CellStanding[];
  readonly steps: readonly Step[];
  readonly coverage: Coverage | null;
}

const WORDS: Readonly<Record<string, CellState>> = {
  full: 'measured',
  partial: 'partial',
  failed: 'failed',
  evicted: 'evicted',
};

const stateOf = (campaign: string, cell: string, config: CellConfig | undefined): CellState => {
  const word = statusWord(campaign, cell) ?? '';
  const hasRows = existsSync(cellFile(campaign, cell, 'rows'));
  const state = WORDS[word];
  if (state !== undefined) return state;
  if (hasRows) return 'measured';
  return config !== undefined && isRunnable(config) ? 'to_run' : 'to_import';
};

const readJson = (path: string): JsonObject | undefined => {
  if (!existsSync(path)) return undefined;
  try {
    const value = parseJson(readFileSync(path, 'utf8'), path);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
};

/** What the atlas holds of a cell. */
interface AtlasCell {
  rows: number;
  impossible: number;
  readonly measured: Set<number>;
  /** Loads of markers, 0 where a marker names none. */
  readonly failed: Set<number>;
  /** Why a point of it has no measurement: the first reason. */
  reason: string | null;
}

interface Atlas {
  readonly coverage: Coverage;
  readonly cells: ReadonlyMap<string, AtlasCell>;
}

const isMarker = ({ status }: AtlasRow): boolean => status === 'failed' || status === 'evicted';

const readAtlas = async (campaign: string): Promise<Atlas> => {
  const counter = coverageCounter();
  const cells = new Map<string, AtlasCell>();
  for await (const row of atlasRows(atlasPath(campaign))) {
    counter.add(row);
    const cell = cells.get(row.cell_id) ?? {
      rows: 0,
      impossible: 0,
      measured: new Set<number>(),
      failed: new Set<number>(),
      reason: null,
    };
    cell.rows += 1;
    if (impossibleOf(row) !== null) cell.impossible += 1;
    if (!isMarker(row)) cell.measured.add(row.concurrency);
    else if (row.notes !== '') cell.reason ??= row.notes;
    if (row.status === 'failed') cell.failed.add(row.concurrency);
    cells.set(row.cell_id, cell);
  }
  return { coverage: counter.result(), cells };
};

/** Rows of a cell's folder; the predecessor keeps those of each number of speculative tokens under a name of their own. */
const cellInAtlas = ({ cells }: Atlas, cell: string): AtlasCell | undefined => {
  const own = cells.get(cell);
  if (own !== undefined) return own;
  const parts = [...cells].flatMap(([id, part]) => (id.startsWith(cell) && /^-K\d+$/.test(id.slice(cell.length)) ? [part] : []));
  if (parts.length === 0) return undefined;
  return {
    rows: parts.reduce((sum, { rows }) => sum + rows, 0),
    impossible: parts.reduce((sum, { impossible }) => sum + impossible, 0),
    measured: new Set(parts.flatMap(({ measured }) => [...measured])),
    failed: new Set(parts.flatMap(({ failed }) => [...failed])),
    reason: parts.find(({ reason }) => reason !== null)?.reason ?? null,
  };
}; // prettier-ignore

/** The atlas, why it cannot be read, or undefined where there is none. */
const openAtlas = async (campaign: string): Promise<Atlas | Fault | undefined> => {
  if (!existsSync(atlasPath(campaign))) return undefined;
  try {
    return await readAtlas(campaign);
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
};

const REASON_LENGTH = 120;

const shortened = (reason: string): string =>
  reason.length <= REASON_LENGTH ? reason : `${reason.slice(0, REASON_LENGTH)}…`;

interface CellFacts {
  readonly state: CellState;
  readonly config: CellConfig | undefined;
  readonly inAtlas: AtlasCell | undefined;
  readonly missingLoads: readonly number[];
  /** Why the rows of the cell's folder cannot be used; null where they can, or there are none. */
  readonly damage: string | null;
}

/** Points of a cell that were tried and not measured, and why; null where there are none. */
const failedPoints = ({ failed, measured, reason }: AtlasCell): string | null => {
  const open = [...failed].filter((load) => !measured.has(load));
  if (open.length === 0) return null;
  const loads = open.filter((load) => load > 0);
  const where = loads.length === 0 ? '' : ` at concurrency ${loads.join(', ')}`;
  return `failed${where}${reason === null ? '' : `: ${shortened(reason)}`}`;
};

/** What a cell lacks, and the verb that brings it. */
const lackOf = ({ state, config, inAtlas, missingLoads, damage }: CellFacts): Pick<CellStanding, 'missing' | 'next'> => {
  const problem = config === undefined ? null : runProblem(config);
  if (state === 'to_run' && problem !== null) return { missing: `cannot be run: ${problem}`, next: VERBS.importBench };
  if (state === 'to_run') return { missing: 'has not been run', next: VERBS.run };
  if (state === 'to_import') return { missing: 'holds no rows', next: VERBS.importBench };
  if (damage !== null) return { missing: `cannot be used: ${shortened(damage)}`, next: VERBS.importBench };
  if (inAtlas === undefined) return { missing: 'is not in the atlas', next: VERBS.aggregate };
  const again = config !== undefined && isRunnable(config) && problem === null ? VERBS.run : VERBS.importBench;
  if (state === 'evicted') return { missing: 'was evicted and is context', next: null };
  if (state === 'failed') return { missing: `failed${inAtlas.reason === null ? '' : `: ${shortened(inAtlas.reason)}`}`, next: again };
  const failed = failedPoints(inAtlas);
  if (missingLoads.length === 0) return { missing: failed, next: failed === null ? null : again };
  return { missing: `has no measurement at concurrency ${missingLoads.join(', ')}`, next: again };
}; // prettier-ignore

/** Why rows that no atlas holds cannot be used; null where they wait for an aggregate, or there are none. */
const damageOf = async (campaign: string, cell: string): Promise<string | null> => {
  const path = cellFile(campaign, cell, 'rows');
  if (!existsSync(path)) return null;
  try {
    parseRows(await readNamedText(path), path);
    return null;
  } catch (error) {
    if (error instanceof Fault) return error.message.replace(`${path}: `, '');
    throw error;
  }
};

const standingOf = async (campaign: string, cell: string, config: CellConfig | undefined, atlas: Atlas | undefined): Promise<CellStanding> => {
  const state = stateOf(campaign, cell, config);
  const inAtlas = atlas === undefined ? undefined : cellInAtlas(atlas, cell);
  const missingLoads = (config?.concurrencies ?? []).filter((load) => inAtlas?.measured.has(load) !== true);
  const lack = lackOf({ state, config, inAtlas, missingLoads, damage: inAtlas === undefined ? await damageOf(campaign, cell) : null });
  const backend = lack.next === VERBS.run && config !== undefined ? backendToName(config) : null;
  return {
    cell_id: cell,
    state,
    atlas_rows: inAtlas?.rows ?? 0,
    impossible_rows: inAtlas?.impossible ?? 0,
    missing_concurrencies: missingLoads,
    grounding: evidenceWords(await solRigorOf(campaign, cell)),
    ...lack,
    ...(backend === null ? {} : { backend }),
  };
}; // prettier-ignore

const cellsStep = (cells: readonly CellStanding[]): Step => {
  const open = cells.filter(({ missing, state }) => missing !== null && state !== 'evicted');
  if (cells.length === 0) return { step: 'cells', done: false, says: 'no cell holds rows', next: VERBS.importBench };
  if (open.length === 0) return { step: 'cells', done: true, says: `${plural(cells.length, 'cell')} measured`, next: null };
  const brings = [VERBS.run, VERBS.importBench].find((verb) => open.some(({ next }) => next === verb));
  return { step: 'cells', done: false, says: `${open.length} of ${cells.length} cells lack something: ${names(open)}`, next: brings ?? VERBS.aggregate };
}; // prettier-ignore

const MOST_NAMED = 5;

const names = (cells: readonly CellStanding[]): string => {
  const rest = cells.length - MOST_NAMED;
  return `${cells.slice(0, MOST_NAMED).map(({ cell_id }) => cell_id).join(', ')}${rest > 0 ? `, … ${rest} more` : ''}`;
}; // prettier-ignore

const changedAt = (path: string): number => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

const isOlder = (path: string, other: string): boolean => changedAt(path) < changedAt(other);

/** True when rows of some cell were written after the atlas. */
export const isStale = (campaign: string): boolean => {
  const atlas = statSync(atlasPath(campaign)).mtimeMs;
  return cellNames(campaign).some((cell) => {
    const status = statSync(cellFile(campaign, cell, 'rows'), { throwIfNoEntry: false });
    return status !== undefined && status.mtimeMs > atlas;
  });
};

const atlasStep = (campaign: string, atlas: Atlas | Fault | undefined): Step => {
  const open = (says: string): Step => ({ step: 'atlas', done: false, says, next: VERBS.aggregate });
  if (atlas === undefined) return open('no atlas.jsonl');
  if (atlas instanceof Fault) return open(`cannot be read: ${atlas.message}`);
  if (isStale(campaign)) return open('cells are newer than the atlas');
  return { step: 'atlas', done: true, says: atlas.coverage.header_line, next: null };
};

/** Said, and no part of done: a campaign may be about something else than capacity. */
const tpmStep = (campaign: string, atlas: Atlas | Fault | undefined): Step => {
  const open = (says: string, next: string | null = VERBS.tpm): Step => ({ step: 'tpm', done: false, says, next });
  if (atlas === undefined || atlas instanceof Fault) return open('needs the atlas first', null);
  const summary = statSync(tpmSummaryPath(campaign, 'json'), { throwIfNoEntry: false });
  if (summary === undefined) return open('no tokens per minute, dollars and joules yet');
  if (summary.mtimeMs < statSync(atlasPath(campaign)).mtimeMs) return open('tpm_summary.json is older than the atlas');
  return { step: 'tpm', done: true, says: 'tpm_summary.md', next: null };
};

const rooflineStep = (cells: readonly CellStanding[]): Step => {
  const grounded = cells.filter(({ grounding }) => grounding.length > 0);
  const says = grounded.length === 0 ? 'no cell has kernels, counters or a roofline sweep with counters' : `${plural(grounded.length, 'cell')} grounded`;
  return { step: 'roofline', done: grounded.length > 0, says, next: grounded.length > 0 ? null : VERBS.sweep };
}; // prettier-ignore

/** What can be chosen among: cells that were measured under load. */
const championStep = (campaign: string, cells: readonly CellStanding[]): Step => {
  const open = (says: string): Step => ({ step: 'champion', done: false, says, next: VERBS.champion });
  const measured = cells.filter(({ state, cell_id: cell }) => (state === 'measured' || state === 'partial') && !/-(decode|prefill)$/.test(cell));
  if (measured.length < 2) return { step: 'champion', done: true, says: 'fewer than two cells to choose among', next: null };
  const pick = readJson(championPath(campaign));
  if (pick === undefined) return open('no pick');
  if (isOlder(championPath(campaign), atlasPath(campaign))) return open('the atlas is newer than the pick');
  return { step: 'champion', done: true, says: String(pick['banner'] ?? 'CHAMPION.md'), next: null };
}; // prettier-ignore

const reportStep = (campaign: string): Step => {
  const open = (says: string): Step => ({ step: 'report', done: false, says, next: VERBS.render });
  const status = readJson(reportStatusPath(campaign));
  if (status === undefined || !existsSync(reportPath(campaign))) return open('no report');
  if (status['sol_complete'] !== true) return open('the report has no roofline page');
  return { step: 'report', done: true, says: 'the report has a roofline page', next: null };
};

const lakeStep = (campaign: string): Step => {
  const rows = readJson(lakeReceiptPath(campaign))?.['rows'];
  const published = isJsonObject(rows) && Number(rows['atlas_v1'] ?? 0) > 0 && Number(rows['campaign_v1'] ?? 0) > 0;
  if (published) return { step: 'lake', done: true, says: 'atlas and campaign rows are published', next: null };
  return { step: 'lake', done: false, says: 'not published', next: VERBS.publish };
};

/** Steps without which a campaign is not done; the others are said. */
const REQUIRED: readonly Step['step'][] = ['atlas', 'report', 'lake'];

/** How far a campaign is. */
export const campaignStanding = async (campaign: string, config: CampaignConfig | null): Promise<CampaignStanding> => {
  const found = await openAtlas(campaign);
  const atlas = found instanceof Fault ? undefined : found;
  const configured = config?.cells.map(({ cell_id }) => cell_id) ?? [];
  const all = [...new Set([...configured, ...cellNames(campaign)])];
  const configOf = (cell: string): CellConfig | undefined => config?.cells.find(({ cell_id }) => cell_id === cell);
  const cells: CellStanding[] = [];
  for (const cell of all) cells.push(await standingOf(campaign, cell, configOf(cell), atlas));
  const steps = [cellsStep(cells), atlasStep(campaign, found), tpmStep(campaign, found), rooflineStep(cells), championStep(campaign, cells), reportStep(campaign), lakeStep(campaign)];
  const done = steps.every((step) => step.done || !REQUIRED.includes(step.step));
  return { done, cells, steps, coverage: atlas?.coverage ?? null };
}; // prettier-ignore
