// Holds the rows of a campaign against what must be true: those of its atlas, or of its cells where there is no atlas yet, with the
// counters beside them, the ceilings, and what the caller names: a config of the model, a table of an engine's steps. Reads only.
import { existsSync } from 'node:fs';
import { readNamedText } from '../../fs/named-text.ts';
import type { CeilingTable } from '../../hardware/ceilings.ts';
import { inputFault } from '../../text/fault.ts';
import { campaignRows } from '../campaign-rows.ts';
import { cellNames } from '../cell-files.ts';
import { atlasPath, cellFile } from '../layout.ts';
import { parseRows } from '../row-text.ts';
import type { AtlasRow } from '../row.ts';
import { readCellCounters } from './cell-counters.ts';
import { stepFindings, type EngineStep } from './engine-steps.ts';
import type { CellCounters, Evidence, ModelEvidence } from './evidence.ts';
import { reconciler, type Reconciliation } from './reconcile-rows.ts';
import { factsOf } from './row-facts.ts';
import { hasFigures } from './usable-rows.ts';
import { violationOf } from './violation.ts';

export interface ReconcileRequest {
  /** Absolute folder of the campaign. */
  readonly campaign: string;
  /** Only rows of this cell; all where undefined. */
  readonly cell: string | undefined;
  readonly ceilings: CeilingTable;
  readonly model: ModelEvidence | undefined;
  /** Steps of the engine of `cell`. */
  readonly steps: readonly EngineStep[] | undefined;
  readonly signal: AbortSignal;
}

export interface CampaignReconciliation extends Reconciliation {
  /** Where the rows come from. */
  readonly source: string;
}

async function* rowsOfCells(campaign: string): AsyncGenerator<readonly AtlasRow[]> {
  for (const cell of cellNames(campaign)) {
    const path = cellFile(campaign, cell, 'rows');
    if (existsSync(path)) yield parseRows(await readNamedText(path), path);
  }
}

const countersOf = async ({ campaign, cell, signal }: ReconcileRequest): Promise<Map<string, CellCounters>> => {
  const counters = new Map<string, CellCounters>();
  for (const name of cell === undefined ? cellNames(campaign) : [cell]) {
    const found = await readCellCounters(campaign, name, signal);
    if (found !== null) counters.set(name, found);
  }
  return counters;
};

const noRows = (campaign: string, cell: string) =>
  inputFault('rows_missing', `${campaign} holds no row with figures of cell ${cell}`, {
    path: campaign,
    fix: 'name a cell that was measured or imported',
  });

/** A campaign without rows has none that cannot be true. Throws a Fault `rows_missing`, and those of rows that cannot be read. */
export const reconcileCampaign = async (request: ReconcileRequest): Promise<CampaignReconciliation> => {
  const { campaign, cell, ceilings, model, steps, signal } = request;
  const atlas = atlasPath(campaign);
  const hasAtlas = existsSync(atlas);
  const evidence: Evidence = { ceilings, model, counters: await countersOf(request) };
  const taken = reconciler(evidence);
  let stepsHeld = false;
  for await (const rows of hasAtlas ? campaignRows(campaign, signal) : rowsOfCells(campaign)) {
    signal.throwIfAborted();
    for (const row of rows) {
      if (cell !== undefined && row.cell_id !== cell) continue;
      const further = steps === undefined || stepsHeld || !hasFigures(row) ? [] : stepFindings(factsOf(row), evidence, steps);
      stepsHeld ||= hasFigures(row);
      taken.add(row, further.map((finding) => violationOf(row, finding)));
    }
  }
  const result = taken.result();
  if (result.rows === 0 && cell !== undefined) throw noRows(campaign, cell);
  return { ...result, source: hasAtlas ? atlas : `cells of ${campaign}` };
}; // prettier-ignore
