// A cell's next trials in a few words, for people. Words only; every figure is one of the answer.
import { formatNumber, formatShare, plural } from '../../render/numbers.ts';
import type { CellNext } from './campaign-next.ts';

type Said = Pick<CellNext, 'cell' | 'against' | 'reason' | 'tier_says' | 'fits' | 'bought' | 'missing_for_l3'> & {
  readonly decision: Pick<NonNullable<CellNext['decision']>, 'status' | 'reason'> | null;
  readonly trials: CellNext['trials'];
};

const noiseText = ({ noisiest }: NonNullable<CellNext['trials']>): string =>
  noisiest === null
    ? 'noise not known yet'
    : `noise ${formatShare(100 * noisiest.cv, 2)} of ${noisiest.metric} at a tolerance of ${formatShare(100 * noisiest.tolerance)}`;

const budgetText = ({ fits, bought }: Said): string => {
  if (fits !== false) return '';
  if (bought === null) return '; beyond the budget';
  const sees = bought.mde === null ? '' : `, which see ${formatShare(100 * bought.mde)}`;
  return `; beyond the budget, which buys ${plural(bought.pairs, 'pair')}${sees}`;
};

const wanted = (said: Said): string => {
  const { trials } = said;
  if (trials === null) return 'settled';
  if (trials.more === null) return trials.reason ?? 'no number of trials settles this';
  const price = trials.gpu_hours === null ? '' : `, ${formatNumber(trials.gpu_hours, 3)} GPU hours`;
  const loads = trials.concurrencies.length === 0 ? '' : ` at concurrency ${trials.concurrencies.join(', ')}`;
  return `${plural(trials.more, 'more pair')}${loads}${price} (${trials.held} of ${trials.pairs ?? trials.more} held; ${noiseText(trials)})${budgetText(said)}`;
}; // prettier-ignore

/** `mtp against base: INCONCLUSIVE: 4 more pairs …; DRAFT; a VERDICT also needs …`. */
export const trialsText = (said: Said): string => {
  const { cell, against, decision, reason, tier_says: tier, missing_for_l3: missing } = said;
  const asked = against === null ? cell : `${cell} against ${against}`;
  const state = decision === null ? (reason ?? 'not judged') : `${decision.status}, ${decision.reason}`;
  const l3 = missing.length === 0 ? '' : `\n  L3 also needs ${missing.join(', ')}`;
  return `${asked}: ${state}\n  ${wanted(said)}\n  ${tier}${l3}`;
};
