// Reads a verdict off an interval of worsening and a tolerance. A PASS is a claim (the change is not worse than the
// tolerance), never the mere absence of evidence.

/**
 * `likely` lets an interval that excludes no change fail when its estimate is beyond the tolerance; `proven` does not.
 */
export type FailRule = 'likely' | 'proven';

export type IntervalReason =
  | 'insufficient_n'
  | 'improved'
  | 'equivalent'
  | 'not_worse'
  | 'regression_beyond_tolerance'
  | 'regression_likely_beyond_tolerance'
  | 'worse_but_size_unclear'
  | 'change_beyond_tolerance'
  | 'change_likely_beyond_tolerance'
  | 'changed_but_size_unclear'
  | 'interval_spans_tolerance';

export interface IntervalVerdict {
  readonly status: 'PASS' | 'FAIL' | 'INCONCLUSIVE';
  readonly strength: 'proven' | 'likely' | null;
  readonly reason: IntervalReason;
}

/** Interval and estimate of the worsening, and the tolerance on the same scale: for the worse, and the other way. */
export interface Reading {
  readonly low: number;
  readonly estimate: number;
  readonly high: number;
  readonly limit: number;
  readonly reverseLimit: number;
}

const pass = (reason: IntervalReason): IntervalVerdict => ({ status: 'PASS', strength: null, reason });
const fail = (strength: 'proven' | 'likely', reason: IntervalReason): IntervalVerdict => ({
  status: 'FAIL',
  strength,
  reason,
});
/** A failure that the interval alone does not show. */
export const likely = (reason: IntervalReason): IntervalVerdict => fail('likely', reason);
export const inconclusive = (reason: IntervalReason): IntervalVerdict => ({
  status: 'INCONCLUSIVE',
  strength: null,
  reason,
});

/** Metric with a better direction: larger is worse, the tolerance itself still passes. */
export const worseningVerdict = (
  { low, estimate, high, limit, reverseLimit }: Reading,
  failRule: FailRule,
): IntervalVerdict => {
  if (high <= limit) return pass(high < 0 ? 'improved' : low >= -reverseLimit ? 'equivalent' : 'not_worse');
  if (low > limit) return fail('proven', 'regression_beyond_tolerance');
  if (low <= 0) return inconclusive('interval_spans_tolerance');
  if (estimate > limit && failRule === 'likely') return fail('likely', 'regression_likely_beyond_tolerance');
  return inconclusive('worse_but_size_unclear');
};

/** Metric that must stay where it is: a change either way counts. */
export const changeVerdict = (
  { low, estimate, high, limit, reverseLimit }: Reading,
  failRule: FailRule,
): IntervalVerdict => {
  if (low >= -reverseLimit && high <= limit) return pass('equivalent');
  if (low > limit || high < -reverseLimit) return fail('proven', 'change_beyond_tolerance');
  if (low <= 0 && high >= 0) return inconclusive('interval_spans_tolerance');
  if ((estimate > limit || estimate < -reverseLimit) && failRule === 'likely')
    return fail('likely', 'change_likely_beyond_tolerance');
  return inconclusive('changed_but_size_unclear');
};
