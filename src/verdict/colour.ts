// The colour of a comparison from its rows: GREEN none outside, YELLOW one or two, RED three or more or a headline.
import type { DeltaRow, LoneMetric, Verdict } from './delta-row.ts';

export interface Tally {
  /** Rows outside: beyond their tolerance with one value a side, failed or suspect with repeats. */
  readonly adverse: readonly Pick<DeltaRow, 'headline'>[];
  readonly vanished: readonly Pick<LoneMetric, 'headline'>[];
  readonly trending: readonly unknown[];
  /** Rows better by so much that the unit is in doubt: worth a warning, never RED. */
  readonly implausible: readonly unknown[];
}

export const colourOf = ({ adverse, vanished, trending, implausible }: Tally): Verdict => {
  const outside = adverse.length + vanished.length;
  const isHeadlineHit = adverse.some(({ headline }) => headline) || vanished.some(({ headline }) => headline);
  if (isHeadlineHit || outside >= 3) return 'RED';
  return outside + trending.length + implausible.length > 0 ? 'YELLOW' : 'GREEN';
};

const GRAVEST: readonly Verdict[] = ['RED', 'YELLOW', 'GREEN'];

/** The gravest of several colours; GREEN of none. */
export const gravestColour = (colours: readonly Verdict[]): Verdict =>
  GRAVEST.find((colour) => colours.includes(colour)) ?? 'GREEN';
