// What rows say of the cell that a capture lies in: its GPU, format and look. A capture may lie in a cell that only lends its name to
// those of its sweeps (`x` for `x-decode`), or in the one that a row names as its arm.
import type { AtlasRow } from '../campaign/row.ts';
import { hardwareKey } from '../hardware/ceilings.ts';
import type { Role } from '../render/palette.ts';
import type { ReportData } from './report-data.ts';

export interface CellHardware {
  /** As rows name it, else as captures do; `unnamed hardware` where nobody does. */
  readonly hardware: string;
  /** Part of the ceilings; null where they know none of that name. */
  readonly hwKey: string | null;
  /** Empty where no row says. */
  readonly quant: string;
  readonly role: Role;
  readonly rows: readonly AtlasRow[];
}

const namesOf = ({ cell_id: cell, extra }: AtlasRow): string[] => {
  const arm = extra['arm'];
  return [...new Set([cell, cell.replace(/-(decode|prefill)$/, ''), ...(typeof arm === 'string' ? [arm] : [])])];
};

/** Of any cell of the report. */
export const cellHardware = ({ rows, arms, lookOf, evidence }: ReportData): ((cell: string) => CellHardware) => {
  const byCell = new Map<string, AtlasRow[]>();
  for (const row of rows)
    for (const name of namesOf(row)) {
      const known = byCell.get(name);
      if (known === undefined) byCell.set(name, [row]);
      else known.push(row);
    }
  const roles = new Map(arms.flatMap((arm) => arm.rows.map((row) => [row, lookOf(arm).role] as const)));
  return (cell) => {
    const named = byCell.get(cell) ?? [];
    const exact = named.filter((row) => row.cell_id === cell);
    // Rows that only borrow the name speak where the cell has none of its own.
    const own = exact.length > 0 ? exact : named;
    const [first] = own;
    const captured =
      evidence.counters.find((each) => each.cell === cell)?.document.hw_key ??
      evidence.countedKernels.find((each) => each.cell === cell)?.document.hw_key;
    const hardware = first?.hardware ?? captured ?? 'unnamed hardware';
    return {
      hardware,
      hwKey: hardwareKey(evidence.ceilings, hardware),
      quant: first?.quant ?? '',
      role: first === undefined ? 'slate' : (roles.get(first) ?? 'slate'),
      rows: own,
    };
  };
};
