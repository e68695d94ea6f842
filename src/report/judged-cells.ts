// What the judge said of the cells of a campaign's run, from `campaign-run.json`: words that were said then, read and never said anew.
import { readRunState, type CellRunState } from '../campaign/runs/run-state.ts';

export interface JudgedCell {
  readonly cell: string;
  readonly verdict: CellRunState['verdict'];
  /** What was said of the comparison with the named baseline; null where there was none. */
  readonly baseline: string | null;
  /** And of that with the first arm. */
  readonly arm: string | null;
  /** The registry's address of what was recorded. */
  readonly entry: string | null;
}

const said = ({ steps }: CellRunState, step: 'diff' | 'compare'): string | null => {
  const found = steps[step];
  return found?.state === 'done' ? found.says : null;
};

/** Cells with a comparison, by name. Throws a Fault `run_state_invalid`. */
export const judgedCells = (campaign: string): readonly JudgedCell[] =>
  Object.entries(readRunState(campaign)?.cells ?? {})
    .map(([cell, state]) => ({ cell, verdict: state.verdict, baseline: said(state, 'diff'), arm: said(state, 'compare'), entry: state.entry }))
    .filter(({ baseline, arm }) => baseline !== null || arm !== null)
    .toSorted((a, b) => a.cell.localeCompare(b.cell, 'en', { numeric: true })); // prettier-ignore
