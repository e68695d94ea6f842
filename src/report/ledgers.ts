// Where the measured time per token of each row went, by the ledger of the roofline. A row that cannot be explained says why; no time is
// made up for what nothing measured.
import { unfitBecause } from '../campaign/reconcile/row-bound.ts';
import { rowId } from '../campaign/reconcile/violation.ts';
import { usableRows } from '../campaign/reconcile/usable-rows.ts';
import type { AtlasRow } from '../campaign/row.ts';
import { ledgerOf, type Ledger } from '../roofline/ledger.ts';
import { partShares, type PartShare } from '../roofline/profile-share.ts';
import { modelOfConfigs, type ReadModel } from '../roofline/read-model.ts';
import { hardwareRates } from '../roofline/rates.ts';
import { estimateOfLoad, meanContext } from '../roofline/row-estimate.ts';
import { Fault } from '../text/fault.ts';
import { bestSource, type Kernels } from './cell-captures.ts';
import type { Evidence } from './evidence.ts';

export interface RowLedger {
  readonly row: AtlasRow;
  /** Id of the row. */
  readonly id: string;
  readonly ledger: Ledger;
  /** Parts by the kernels of the cell's profile, the largest excess first; empty without one. */
  readonly parts: readonly PartShare[];
  readonly assumptions: readonly string[];
}

export interface Ledgers {
  readonly explained: readonly RowLedger[];
  /** Why other rows with a time per token are not explained, and how many there are of each. */
  readonly unexplained: ReadonlyMap<string, number>;
  /** Rows that were left for want of room. */
  readonly left: number;
}

/** An estimate goes through all layers of a model: more rows than a reader looks through are not computed. */
const MOST_ROWS = 240;

/** GPU time in which nothing ran, by the counters of the cell's window; null where they are of several loads or do not say. */
const idleShareOf = (row: AtlasRow, timed: readonly AtlasRow[], { counters }: Evidence): number | null => {
  const active = counters.find(({ cell }) => cell === row.cell_id)?.document.means?.['gr_engine_active'];
  if (active === undefined || active > 1) return null;
  return timed.filter(({ cell_id: cell }) => cell === row.cell_id).length === 1 ? 1 - active : null;
};

const kernelTimes = (kernels: Kernels | undefined) =>
  (kernels === undefined ? [] : (bestSource(kernels)?.top_kernels ?? [])).flatMap(({ bucket, value }) =>
    bucket === undefined ? [] : [{ bucket, value }],
  );

/** What it gives, or why it gives nothing. */
const attempt = <Result>(of: () => Result): Result | string => {
  try {
    return of();
  } catch (error) {
    if (error instanceof Fault) return error.message;
    throw error;
  }
};

/** Models of rows, each read once; a text where it cannot be. */
const modelsOf = ({ models }: Evidence): ((name: string) => ReadModel | string) => {
  const known = new Map<string, ReadModel | string>();
  const read = (name: string): ReadModel | string => {
    const outcome = models.get(name);
    if (outcome === undefined) return `no config of ${name} was looked for`;
    return outcome.kind === 'none' ? outcome.because : attempt(() => modelOfConfigs(outcome.configs));
  };
  return (name) => {
    const found = known.get(name) ?? read(name);
    known.set(name, found);
    return found;
  };
};

const explain = (row: AtlasRow, timed: readonly AtlasRow[], evidence: Evidence, modelOf: ReturnType<typeof modelsOf>): RowLedger | string => {
  const read = modelOf(row.model);
  if (typeof read === 'string') return read;
  const unfit = unfitBecause(row, { ...read, format: read.legacy.quant, name: null });
  if (unfit !== null) return unfit;
  const { mean_input_tokens: input, mean_output_tokens: output, tpot_median_ms: tpotMs, concurrency } = row;
  if (input === null || output === null || tpotMs === null || concurrency === 0) return 'the row does not state its lengths or its load';
  return attempt(() => {
    const hardware = hardwareRates(evidence.ceilings, row.hardware);
    const { estimated, assumptions } = estimateOfLoad({ facts: row, read, hardware, contextTokens: meanContext(input, output) });
    const [line] = estimated.lines;
    if (line === undefined) return 'no line of the roofline is known';
    const ledger = ledgerOf(line, estimated.collectives, { tpotMs, idleShare: idleShareOf(row, timed, evidence) });
    const kernels = evidence.kernels.find(({ cell }) => cell === row.cell_id);
    return { row, id: rowId(row), ledger, parts: partShares(line, ledger, kernelTimes(kernels)), assumptions: [...read.assumptions, ...assumptions] };
  });
}; // prettier-ignore

/** The ledgers of these rows, in their order. Rows that cannot be true are left out: the page of reconciliation names them. */
export const ledgersOf = (rows: readonly AtlasRow[], evidence: Evidence): Ledgers => {
  const { usable } = usableRows(rows);
  const timed = usable.filter(({ tpot_median_ms: tpot, concurrency }) => tpot !== null && tpot > 0 && concurrency > 0);
  const explained: RowLedger[] = [];
  const modelOf = modelsOf(evidence);
  const unexplained = new Map<string, number>();
  for (const row of timed.slice(0, MOST_ROWS)) {
    const found = explain(row, timed, evidence, modelOf);
    if (typeof found === 'string') unexplained.set(found, (unexplained.get(found) ?? 0) + 1);
    else explained.push(found);
  }
  return { explained, unexplained, left: Math.max(0, timed.length - MOST_ROWS) };
};
