// The split of a change into calls gained or lost and calls that became longer. Pure arithmetic.
import { distributionOf } from '../kernels/distribution.ts';
import type { Counted } from '../kernels/distribution.ts';
import type { DistributionRow } from './profile-diff-schema.ts';

export interface Total {
  readonly count: number;
  readonly totalNs: number;
}

export interface Effects {
  readonly delta_ns: number;
  readonly count_effect_ns: number;
  readonly per_call_effect_ns: number;
}

/** Change in calls times the mean before. A kernel that is new has no mean before: all of its time is a count effect. */
export const countEffect = (before: Total, after: Total): number => {
  const mean = before.count > 0 ? before.totalNs / before.count : after.count > 0 ? after.totalNs / after.count : 0;
  return (after.count - before.count) * mean;
};

/** Rounded to whole ns so that the two effects add up to the change exactly. */
export const effectsOf = (before: Total, after: Total): Effects => splitBy(before, after, countEffect(before, after));

export const splitBy = (before: Total, after: Total, countEffectNs: number): Effects => {
  const delta = after.totalNs - before.totalNs;
  const rounded = Math.round(countEffectNs);
  return { delta_ns: delta, count_effect_ns: rounded, per_call_effect_ns: delta - rounded };
};

/** Change of the mean of a call in percent; null where a side has no calls. */
export const perCallPercent = (before: Total, after: Total): number | null =>
  before.count === 0 || after.count === 0 || before.totalNs === 0
    ? null
    : 100 * (after.totalNs / after.count / (before.totalNs / before.count) - 1);

export const percentOf = (before: number | null, after: number | null): number | null =>
  before === null || after === null || before === 0 ? null : 100 * (after / before - 1);

export const distributionRow = (cells: readonly Counted[]): DistributionRow => {
  const { count, totalNs, meanNs, medianNs, p95Ns, stdNs } = distributionOf(cells);
  return { calls: count, total_ns: totalNs, mean_ns: meanNs, median_ns: medianNs, p95_ns: p95Ns, std_ns: stdNs };
};
