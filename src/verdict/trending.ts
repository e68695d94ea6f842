// Names what is still within its tolerance and on the way out of it, away from the ceiling of its hardware.
import { solChange, type FrozenSol } from '../hardware/speed-of-light.ts';
import type { DeltaRow } from './delta-row.ts';
import { halfOf } from './tolerance.ts';
import { exceeds, isWorse } from './value-rule.ts';

/** Within tolerance, but more than half of it gone for the worse, and further from the ceiling than the baseline was. */
export const isTrendingAway = (row: DeltaRow, frozen: FrozenSol): boolean =>
  !row.adverse &&
  isWorse(row.baseline, row.candidate, row.direction) &&
  exceeds(row.baseline, row.candidate, halfOf(row.tolerance)) &&
  solChange(frozen, row) < 0;
