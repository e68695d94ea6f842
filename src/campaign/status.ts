// Is a campaign done? Per cell and per step: what is there, what is missing, and the call that brings it. Done means what the
// method says: rows published to the lake, and a roofline page in the report. Reads only; decides nothing about the numbers.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isJsonObject, parseJson, type JsonObject } from '../text/json.ts';
import { cellNames } from './aggregate.ts';
import { statusWord } from './cell-files.ts';
import { runBlocksOf, type CampaignConfig, type CellConfig } from './config.ts';
import { coverageCounter, type Coverage } from './coverage.ts';
import { atlasPath, cellFile, reportPath, reportStatusPath } from './layout.ts';
import { atlasRows } from './row-text.ts';

export type CellState = 'measured' | 'partial' | 'failed' | 'evicted' | 'to_run' | 'to_import';

export interface CellStanding {
  readonly cell_id: string;
  readonly state: CellState;
  /** Rows of the cell in the atlas. */
  readonly atlas_rows: number;
  /** Levels of grounding that lie beside the rows: kernels, counters, a sweep. */
  readonly grounding: readonly string[];
}

export interface Step {
  readonly step: 'cells' | 'atlas' | 'roofline' | 'report' | 'lake';
  readonly done: boolean;
  /** What is missing, or what is there. */
  readonly says: string;
  /** The verb that brings it; null when done. */
  readonly next: string | null;
}

export interface CampaignStanding {
  readonly done: boolean;
  readonly cells: readonly CellStanding[];
  readonly steps: readonly Step[];
  readonly coverage: Coverage | null;
}

const GROUNDING = [
  ['kernels', 'L1 kernels'],
  ['dcgm', 'L3 DCGM'],
  ['roofline', 'L3 sweep'],
  ['ncuKernels', 'L4 ncu'],
] as const;

const groundingOf = (campaign: string, cell: string): string[] =>
  GROUNDING.filter(([file]) => existsSync(cellFile(campaign, cell, file))).map(([, level]) => level);

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
  return config !== undefined && runBlocksOf(config).length > 0 ? 'to_run' : 'to_import';
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

const readAtlas = async (campaign: string) => {
  const counter = coverageCounter();
  const rows = new Map<string, number>();
  if (!existsSync(atlasPath(campaign))) return undefined;
  for await (const row of atlasRows(atlasPath(campaign))) {
    counter.add(row);
    rows.set(row.cell_id, (rows.get(row.cell_id) ?? 0) + 1);
  }
  return { coverage: counter.result(), rows };
};

type Atlas = Awaited<ReturnType<typeof readAtlas>>;

const cellsStep = (cells: readonly CellStanding[]): Step => {
  const open = cells.filter(({ state }) => state === 'to_run' || state === 'to_import');
  const toRun = open.some(({ state }) => state === 'to_run');
  const next = toRun ? 'perf_tune_report_cell_run' : 'perf_tune_report_import_bench';
  if (cells.length === 0) return { step: 'cells', done: false, says: 'no cell holds rows', next: 'perf_tune_report_import_bench' };
  if (open.length === 0) return { step: 'cells', done: true, says: `${cells.length} cells hold rows`, next: null };
  return { step: 'cells', done: false, says: `${open.length} of ${cells.length} cells hold no rows: ${names(open)}`, next };
}; // prettier-ignore

const MOST_NAMED = 5;

const names = (cells: readonly CellStanding[]): string => {
  const rest = cells.length - MOST_NAMED;
  return `${cells.slice(0, MOST_NAMED).map(({ cell_id }) => cell_id).join(', ')}${rest > 0 ? `, … ${rest} more` : ''}`;
}; // prettier-ignore

/** True when rows of some cell were written after the atlas. */
const isStale = (campaign: string): boolean => {
  const atlas = statSync(atlasPath(campaign)).mtimeMs;
  return cellNames(campaign).some((cell) => {
    const status = statSync(cellFile(campaign, cell, 'rows'), { throwIfNoEntry: false });
    return status !== undefined && status.mtimeMs > atlas;
  });
};

const atlasStep = (campaign: string, atlas: Atlas): Step => {
  const next = 'perf_tune_report_atlas_aggregate';
  if (atlas === undefined) return { step: 'atlas', done: false, says: 'no atlas.jsonl', next };
  if (isStale(campaign)) return { step: 'atlas', done: false, says: 'cells are newer than the atlas', next };
  return { step: 'atlas', done: true, says: atlas.coverage.header_line, next: null };
};

const rooflineStep = (cells: readonly CellStanding[]): Step => {
  const grounded = cells.filter(({ grounding }) => grounding.length > 0);
  if (grounded.length > 0) return { step: 'roofline', done: true, says: `${grounded.length} cells are grounded`, next: null };
  return { step: 'roofline', done: false, says: 'no cell has kernels, counters or a roofline sweep', next: 'perf_tune_report_import_roofline_sweep' };
}; // prettier-ignore

const reportStep = (campaign: string): Step => {
  const next = 'perf_tune_report_report_render';
  const status = readJson(reportStatusPath(campaign));
  if (status === undefined || !existsSync(reportPath(campaign)))
    return { step: 'report', done: false, says: 'no report', next };
  if (status['sol_complete'] !== true) return { step: 'report', done: false, says: 'the report has no roofline page', next };
  return { step: 'report', done: true, says: 'the report has a roofline page', next: null };
}; // prettier-ignore

const lakeStep = (campaign: string): Step => {
  const receipt = readJson(join(campaign, 'lake.json'));
  const rows = receipt?.['rows'];
  const published = isJsonObject(rows) && Number(rows['atlas_v1'] ?? 0) > 0 && Number(rows['campaign_v1'] ?? 0) > 0;
  if (published) return { step: 'lake', done: true, says: 'atlas and campaign rows are published', next: null };
  return { step: 'lake', done: false, says: 'not published', next: 'perf_tune_report_publish_to_lake' };
};

/** How far a campaign is. */
export const campaignStanding = async (campaign: string, config: CampaignConfig | null): Promise<CampaignStanding> => {
  const atlas = await readAtlas(campaign);
  const configured = config?.cells.map(({ cell_id }) => cell_id) ?? [];
  const all = [...new Set([...configured, ...cellNames(campaign)])];
  const cells = all.map((cell): CellStanding => ({
    cell_id: cell,
    state: stateOf(campaign, cell, config?.cells.find(({ cell_id }) => cell_id === cell)),
    atlas_rows: atlas?.rows.get(cell) ?? 0,
    grounding: groundingOf(campaign, cell),
  }));
  const steps = [cellsStep(cells), atlasStep(campaign, atlas), rooflineStep(cells), reportStep(campaign), lakeStep(campaign)];
  return { done: steps.every(({ done }) => done), cells, steps, coverage: atlas?.coverage ?? null };
}; // prettier-ignore
