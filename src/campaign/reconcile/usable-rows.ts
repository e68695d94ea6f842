// Which rows may be used: those that no balance calls impossible. What is left out is listed with its reason, never dropped in silence;
// markers of failed and evicted points hold no figures and pass.
import type { AtlasRow } from '../row.ts';
import { CHECKS } from './checks.ts';
import { NO_EVIDENCE, type Evidence } from './evidence.ts';
import { factsOf } from './row-facts.ts';
import { violationOf, type Violation } from './violation.ts';

/** A row that is left out of what is computed from rows, and why. */
export interface ExcludedRow {
  readonly cell_id: string;
  readonly concurrency: number;
  readonly row_id: string;
  readonly violation: Violation;
}

export interface UsableRows {
  readonly usable: readonly AtlasRow[];
  readonly excluded: readonly ExcludedRow[];
}

/** Markers hold no figures. */
export const hasFigures = ({ status, n_trials: trials }: AtlasRow): boolean =>
  status !== 'failed' && status !== 'evicted' && trials > 0;

/** Every balance that a row breaks; without evidence those that its own figures decide. */
export const violationsOfRow = (row: AtlasRow, evidence: Evidence = NO_EVIDENCE): Violation[] => {
  if (!hasFigures(row)) return [];
  const facts = factsOf(row);
  const found: Violation[] = [];
  for (const { find } of CHECKS) for (const finding of find(facts, evidence)) found.push(violationOf(row, finding));
  return found;
};

/** The balance for which a row is left out of what is computed from rows; null where it may be used. */
export const impossibleOf = (row: AtlasRow, evidence: Evidence = NO_EVIDENCE): Violation | null =>
  violationsOfRow(row, evidence).find(({ severity }) => severity === 'impossible') ?? null;

/** Parts rows into those that may be used and those that cannot be true. */
export const usableRows = (rows: readonly AtlasRow[], evidence: Evidence = NO_EVIDENCE): UsableRows => {
  const usable: AtlasRow[] = [];
  const excluded: ExcludedRow[] = [];
  for (const row of rows) {
    const violation = impossibleOf(row, evidence);
    if (violation === null) usable.push(row);
    else excluded.push({ cell_id: row.cell_id, concurrency: row.concurrency, row_id: violation.row_id, violation });
  }
  return { usable, excluded };
};
