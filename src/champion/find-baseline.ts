// Which cell the others are compared with: the one that the call names, the first of the arms that the config takes in turn, one that
// calls itself a baseline, else the first. Never another one than the caller names.
import { inputFault } from '../text/fault.ts';
import { nearestName } from '../text/nearest.ts';
import { engineOf } from '../campaign/row.ts';
import type { ChampionCell } from './champion-rows.ts';

export interface FoundBaseline {
  readonly cell: ChampionCell;
  /** Who named it. `first`: nobody. */
  readonly source: 'call' | 'arms' | 'name' | 'first';
}

const notThere = (name: string, cells: readonly ChampionCell[]) => {
  const names = cells.map(({ cell_id }) => cell_id);
  const nearest = nearestName(name, names);
  return inputFault('baseline_not_in_atlas', `the atlas has no cell ${name} to compare with`, {
    fix: nearest === undefined ? `name one of ${names.slice(0, 5).join(', ')}` : `did you mean ${nearest}?`,
    data: { cells: names.slice(0, 20) },
  });
};

/** `glm-base`, `kimi-baseline`; one of SGLang only where no other calls itself so. */
const byName = (cells: readonly ChampionCell[]): ChampionCell | undefined => {
  const named = cells.filter(({ cell_id: cell }) => /(^|-)base(line)?$/.test(cell));
  return named.find(({ sample }) => engineOf(sample) !== 'sglang') ?? named[0];
};

/** `cells` in the order of their names. Throws a Fault `baseline_not_in_atlas`, and `atlas_empty` where no cell was measured. */
export const findBaseline = (cells: readonly ChampionCell[], given: string | undefined, arms: readonly string[]): FoundBaseline => {
  const measured = cells.filter(({ loads }) => loads.length > 0);
  if (given !== undefined) {
    const cell = cells.find(({ cell_id }) => cell_id === given);
    if (cell === undefined) throw notThere(given, cells);
    return { cell, source: 'call' };
  }
  const first = measured.find(({ cell_id }) => cell_id === arms[0]);
  if (first !== undefined) return { cell: first, source: 'arms' };
  const named = byName(measured);
  if (named !== undefined) return { cell: named, source: 'name' };
  const [any] = measured;
  if (any !== undefined) return { cell: any, source: 'first' };
  throw inputFault('atlas_empty', 'the atlas holds no measured point that a variant could be chosen by', {
    fix: 'run or import cells under load, then aggregate; sweeps of one phase and evaluations are none',
  });
}; // prettier-ignore
