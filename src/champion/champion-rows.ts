// What a campaign's atlas says of the question which variant to ship: points at the focus load, evaluations, and which workloads each
// configuration was measured under. Read in one pass; rows that cannot be true are kept apart and never judged.
import { campaignRows } from '../campaign/campaign-rows.ts';
import { impossibleOf } from '../campaign/reconcile/usable-rows.ts';
import { glanceAt, type Glance } from '../campaign/line-glance.ts';
import type { AtlasRow } from '../campaign/row.ts';

/** A row that is left out, and why. */
export interface ExcludedRow {
  readonly cell_id: string;
  readonly concurrency: number;
  readonly reason: string;
}

/** A cell with what it holds of the question. */
export interface ChampionCell {
  readonly cell_id: string;
  /** Rows with a measurement at the focus load, of any shape. */
  readonly focus: readonly AtlasRow[];
  /** Any row of the cell: who it is. */
  readonly sample: AtlasRow;
  /** Loads with a measurement. */
  readonly loads: readonly number[];
  /** Why the cell has no measurement at all; null where it has. */
  readonly failure: string | null;
}

export interface ChampionRows {
  readonly cells: readonly ChampionCell[];
  /** One row of each evaluation. */
  readonly evaluations: readonly AtlasRow[];
  /** One measured row of each cell and dataset. */
  readonly workloads: readonly AtlasRow[];
  /** A row of each sweep of one phase, by its cell. */
  readonly sweeps: ReadonlyMap<string, AtlasRow>;
  readonly excluded: readonly ExcludedRow[];
}

interface OpenCell {
  readonly focus: AtlasRow[];
  readonly loads: Set<number>;
  sample: AtlasRow;
  failure: string | null;
}

const isEvaluation = ({ extra }: AtlasRow): boolean => typeof extra['metric_kind'] === 'string';

const isNamedByPhase = (cell: string): boolean => /-(decode|prefill)$/.test(cell);

/** A point of a sweep that looks at one phase alone, which nobody serves. */
const isOfPhase = ({ cell_id: cell, extra }: AtlasRow): boolean => extra['phase'] !== undefined || isNamedByPhase(cell);

const workloadOf = ({ cell_id: cell, dataset }: Glance): string => `${cell} ${dataset}`;

const isMeasured = ({ status }: AtlasRow): boolean => status === 'full' || status === 'partial';

interface Pass {
  readonly focusC: number;
  readonly cells: Map<string, OpenCell>;
  readonly evaluations: AtlasRow[];
  readonly workloads: Map<string, AtlasRow>;
  /** A row of each sweep of one phase, by its cell. */
  readonly sweeps: Map<string, AtlasRow>;
  readonly excluded: ExcludedRow[];
}

/** Why a row that holds a measurement is none that counts; null where it counts. */
const untrue = (row: AtlasRow): string | null => {
  const { invalid } = row.extra;
  if (Array.isArray(invalid)) return `no trial of it counts: ${invalid.join(', ')}`;
  return impossibleOf(row)?.says ?? null;
};

const cellOf = ({ cells }: Pass, row: AtlasRow): OpenCell => {
  const known = cells.get(row.cell_id);
  if (known !== undefined) return known;
  const cell = { focus: [], loads: new Set<number>(), sample: row, failure: null };
  cells.set(row.cell_id, cell);
  return cell;
};

/** A row with a measurement; only those that the question rests on are held against what must be true. */
const takeMeasured = (pass: Pass, row: AtlasRow): void => {
  const cell = cellOf(pass, row);
  const workload = workloadOf(row);
  const isFocus = row.concurrency === pass.focusC;
  if (isFocus || !pass.workloads.has(workload)) {
    const reason = untrue(row);
    if (reason !== null) {
      pass.excluded.push({ cell_id: row.cell_id, concurrency: row.concurrency, reason });
      cell.failure ??= reason;
      return;
    }
    if (!pass.workloads.has(workload)) pass.workloads.set(workload, row);
  }
  if (cell.loads.size === 0 || isFocus) cell.sample = row;
  cell.loads.add(row.concurrency);
  if (!isFocus) return;
  // One row stands for the cell, its workload and its point, so that of a large atlas as few rows as can be are held.
  cell.focus.push(row);
  pass.workloads.set(workload, row);
};

const take = (pass: Pass, row: AtlasRow): void => {
  if (isEvaluation(row)) pass.evaluations.push(row);
  else if (isOfPhase(row)) pass.sweeps.set(row.cell_id, row);
  else if (isMeasured(row)) takeMeasured(pass, row);
  else cellOf(pass, row).failure ??= `${row.status}${row.notes === '' ? '' : `: ${row.notes}`}`;
};

/**
 * True of a line that adds no more than its load: of a cell and a workload for which rows stand already. Most lines of a large atlas
 * are such, and are never parsed.
 */
const isAnotherLoad = (pass: Pass, line: string): boolean => {
  const seen = glanceAt(line);
  if (seen === null || seen.concurrency === pass.focusC || isNamedByPhase(seen.cell_id)) return false;
  const cell = pass.cells.get(seen.cell_id);
  if (cell === undefined || cell.loads.size === 0 || !pass.workloads.has(workloadOf(seen))) return false;
  cell.loads.add(seen.concurrency);
  return true;
};

const newPass = (focusC: number): Pass => ({
  focusC,
  cells: new Map(),
  evaluations: [],
  workloads: new Map(),
  sweeps: new Map(),
  excluded: [],
});

type Blocks = AsyncIterable<Iterable<AtlasRow>> | Iterable<Iterable<AtlasRow>>;

const readInto = async (pass: Pass, blocks: Blocks): Promise<ChampionRows> => {
  for await (const rows of blocks) for (const row of rows) take(pass, row);
  return {
    cells: [...pass.cells].map(([cell_id, { focus, loads, sample, failure }]) => ({
      cell_id,
      focus,
      sample,
      loads: [...loads].sort((a, b) => a - b),
      failure: loads.size > 0 ? null : (failure ?? 'holds no measurement'),
    })),
    evaluations: pass.evaluations,
    workloads: [...pass.workloads.values()],
    sweeps: pass.sweeps,
    excluded: pass.excluded,
  };
}; // prettier-ignore

/** Reads the atlas. Throws a Fault `atlas_missing`, and those of its rows. */
export const readChampionRows = (campaign: string, focusC: number, signal: AbortSignal): Promise<ChampionRows> => {
  const pass = newPass(focusC);
  return readInto(
    pass,
    campaignRows(campaign, signal, (line) => isAnotherLoad(pass, line)),
  );
};

/** What these rows hold of the question. */
export const championRowsOf = (rows: readonly AtlasRow[], focusC: number): Promise<ChampionRows> =>
  readInto(newPass(focusC), [rows]);
