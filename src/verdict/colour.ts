// The colour of a comparison from its rows: GREEN none outside tolerance, YELLOW one or two, RED three or more or a headline.
import type { DeltaRow, LoneMetric, Verdict } from './delta-row.ts';
import { exceeds, halfOf, isWorse } from './difference.ts';
import { type FrozenSol, solChange } from '../hardware/speed-of-light.ts';

/** Within tolerance, but more than half of it gone for the worse, and further from the ceiling than the baseline was. */
export const isTrendingAway = (row: DeltaRow, frozen: FrozenSol): boolean =>
  !row.adverse &&
  isWorse(row.baseline, row.current, row.direction) &&
  exceeds(row.baseline, row.current, halfOf(row.tolerance)) &&
  solChange(frozen, row) < 0;

interface Tally {
  readonly adverse: readonly Pick<DeltaRow, 'headline'>[];
  readonly vanished: readonly Pick<LoneMetric, 'headline'>[];
  readonly trending: readonly string[];
}

export const colourOf = ({ adverse, vanished, trending }: Tally): Verdict => {
  const outside = adverse.length + vanished.length;
  const isHeadlineHit = adverse.some(({ headline }) => headline) || vanished.some(({ headline }) => headline);
  if (isHeadlineHit || outside >= 3) return 'RED';
  return outside > 0 || trending.length > 0 ? 'YELLOW' : 'GREEN';
};
