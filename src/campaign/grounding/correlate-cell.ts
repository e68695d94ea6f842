// Correlates the counters of a cell: finds the snapshot, its readings and the kernels, and writes `dcgm_correlation.json` beside the rows.
// What it writes is derived and can be made again; captures and snapshots are only read.
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { relative } from 'node:path';
import { replaceFile } from '../../fs/atomic-file.ts';
import { onFile } from '../../fs/io-fault.ts';
import type { CeilingTable } from '../../hardware/ceilings.ts';
import { inputFault } from '../../text/fault.ts';
import { jsonFile } from '../../text/json.ts';
import type { CampaignConfig } from '../config.ts';
import { cellFile, cellFolder } from '../layout.ts';
import { heldRows } from '../cells/run-cell.ts';
import { writtenRow } from '../row-text.ts';
import { captureFolders, captureOfFrozen, readCapture } from './capture-folder.ts';
import { estimatedCategories, measuredCategories, readCategoryTimes } from './categories.ts';
import { readCountedKernels } from './counted-kernels.ts';
import { correlate, withCategories, type Categories, type Correlated, type Correlation } from './correlation.ts';
import { readFrozen } from './frozen-file.ts';
import { rowsWithCounters } from './row-counters.ts';
import { solRigorOf, type SolRigor } from './sol-rigor.ts';
import { limitsOf } from './window-means.ts';

export interface CorrelateCall {
  /** Absolute path. */
  readonly campaign: string;
  readonly cell: string;
  /** Null where it cannot be read. */
  readonly config: CampaignConfig | null;
  readonly table: CeilingTable;
  /** Absolute paths of what the caller names. */
  readonly frozen: string | undefined;
  readonly capture: string | undefined;
  readonly kernels: string | undefined;
  readonly hwKey: string | undefined;
  readonly dryRun: boolean;
  readonly signal: AbortSignal;
}

export interface CorrelatedCell {
  readonly path: string;
  readonly frozen: string | null;
  readonly capture: string | null;
  readonly correlation: Correlation;
  readonly sol_rigor: SolRigor;
  /** Rows that got the power of the window. */
  readonly rows_with_power: number;
  /** Why rows without power stay so; null where none does. */
  readonly without_power: string | null;
}

interface Inputs {
  readonly frozen: string | undefined;
  readonly capture: string | undefined;
}

/** What was named, else what the cell keeps. Throws a Fault `counters_absent`. */
const inputsOf = async ({ campaign, cell, frozen: named, capture }: CorrelateCall): Promise<Inputs> => {
  if (named !== undefined) return { frozen: named, capture: capture ?? (await captureOfFrozen(named, campaign, cell)) };
  if (capture !== undefined) return { frozen: undefined, capture };
  const own = cellFile(campaign, cell, 'dcgmFrozen');
  if (existsSync(own)) return { frozen: own, capture: await captureOfFrozen(own, campaign, cell) };
  const [newest] = captureFolders(campaign, cell);
  if (newest !== undefined) return { frozen: undefined, capture: newest };
  throw inputFault('counters_absent', `cell ${cell} keeps neither a frozen snapshot nor a capture of counters`, {
    fix: 'capture with dcgm_capture beside a load, or name --frozen-yaml or --capture',
  });
}; // prettier-ignore

const categoriesOf = async ({ campaign, cell, kernels, table }: CorrelateCall, { hw_key: hwKey, workload }: Correlated): Promise<Categories> => {
  const own = cellFile(campaign, cell, 'kernels');
  const path = kernels ?? (existsSync(own) ? own : undefined);
  const times = path === undefined ? undefined : await readCategoryTimes(path);
  const ncu = cellFile(campaign, cell, 'ncuKernels');
  const measured = existsSync(ncu) ? measuredCategories(await readCountedKernels(ncu), { table, hwKey, times }) : [];
  const shown = times === undefined ? undefined : { ...times, path: kernels ?? relative(cellFolder(campaign, cell), times.path) };
  return { times: shown, measured, estimated: shown === undefined ? [] : estimatedCategories(shown, measured, workload) };
}; // prettier-ignore

const requireCell = ({ campaign, cell, config }: CorrelateCall): void => {
  if (existsSync(cellFolder(campaign, cell)) || config?.cells.some(({ cell_id: id }) => id === cell) === true) return;
  throw inputFault('cell_unknown', `${campaign} has no cell ${cell}`, {
    fix: 'give cell_id as campaign_status names it',
  });
};

/** Throws what the snapshot, the capture and the kernels are refused for. */
export const correlateCell = async (call: CorrelateCall): Promise<CorrelatedCell> => {
  const { campaign, cell, config, table, dryRun, signal, hwKey } = call;
  requireCell(call);
  const { frozen, capture } = await inputsOf(call);
  const rows = heldRows(campaign, cell);
  const settings = config?.cells.find(({ cell_id: id }) => id === cell) ?? rows[0];
  const correlated = correlate(
    {
      table,
      cellHardware: hwKey ?? settings?.hardware ?? null,
      cellGpus: rows.find(({ n_gpus: n }) => n !== null)?.n_gpus ?? null,
      quant: settings?.quant,
      frozen: frozen === undefined ? null : await readFrozen(frozen, signal),
      capture: capture === undefined ? null : await readCapture(capture, signal),
    },
    (part) => limitsOf(table, part),
  );
  const correlation = withCategories(correlated, await categoriesOf(call, correlated));
  const counted = rowsWithCounters(rows, correlation);
  const path = cellFile(campaign, cell, 'dcgm');
  if (!dryRun) {
    await onFile(path, () => mkdir(cellFolder(campaign, cell), { recursive: true }));
    await replaceFile(path, jsonFile(correlation));
    if (counted.filled > 0) await replaceFile(cellFile(campaign, cell, 'rows'), jsonFile(counted.rows.map(writtenRow)));
  }
  return {
    path,
    frozen: frozen ?? null,
    capture: capture ?? null,
    correlation,
    sol_rigor: (await solRigorOf(campaign, cell)).sol_rigor,
    rows_with_power: counted.filled,
    without_power: counted.reason,
  };
};
