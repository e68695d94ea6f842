// What a decision is, of one metric and of a whole comparison, and what is asked to come to one. Values only: how a metric is
// decided stands in decide-metric.ts, how all of them together in overall.ts.
import type { Summary } from '../stats/describe.ts';
import type { Direction } from '../stats/direction.ts';
import type { Analysis } from '../stats/power.ts';
import type { FailRule, IntervalReason } from './interval-verdict.ts';
import type { Rule } from './rules.ts';
import type { ScaledTolerance } from './scaled-judgement.ts';

export type Status = 'PASS' | 'FAIL' | 'INCONCLUSIVE' | 'INCOMPARABLE';

export type MetricStatus = Status | 'MISSING' | 'UNKNOWN' | 'INVALID' | 'IMPLAUSIBLE';

/**
 * `proven`: the whole interval is beyond the tolerance. `likely`: the estimate is, and the interval excludes no change.
 */
export type Strength = 'proven' | 'likely';

/**
 * What the decision rests on: one value a side, repeated trials by ranks, two to four of them by Student's t, counts of requests,
 * counters that do not vary, or one capture a side.
 */
export type Basis = 'point' | 'interval' | 'interval_t' | 'counts' | 'exact' | 'capture';

/** A decision as it stands in results and files. */
export interface Decision {
  readonly status: Status;
  readonly strength: Strength | null;
  readonly basis: Basis;
  /** The rule that decided, as docs/statistics.md numbers them. */
  readonly rule: Rule;
  /** Stable code; some carry names after a colon. */
  readonly reason: string;
  /**
   * Trials a side (or pairs) that should settle an INCONCLUSIVE; null when settled, or when no practical number would.
   */
  readonly trials_needed: number | null;
  /** Smallest change that these trials show with a chance of 80 percent, in the unit of `worsening`. */
  readonly mde: number | null;
  /** Metrics whose failure stands. At most 100 names, as in the lists below. */
  readonly failed: readonly string[];
  /** Metrics beyond their tolerance whose failure is not shown; with one value a side all that are beyond it. */
  readonly suspect: readonly string[];
  /** Metrics that do not gate and stay undecided; they never change an exit code. */
  readonly open: readonly string[];
}

/** A decision with nothing to add: no strength, no figures, no names, unless `more` has them. */
export const bareDecision = (
  status: Status,
  rule: Rule,
  reason: string,
  more: Partial<Omit<Decision, 'status' | 'rule' | 'reason'>> = {},
): Decision => ({
  status,
  strength: null,
  basis: 'point',
  rule,
  reason,
  trials_needed: null,
  mde: null,
  failed: [],
  suspect: [],
  open: [],
  ...more,
});

export type MetricReason =
  | IntervalReason
  | 'metric_missing'
  | 'trials_invalid'
  | 'direction_unknown'
  | 'blocks_missing'
  | 'failures_from_none'
  | 'value_impossible'
  | 'contradicts_itself'
  | 'check_the_unit'
  | `context_mismatch:${string}`;

export type DecisionWarning =
  /** Too few requests in a trial for this percentile: reported, never gating. */
  | 'underpowered_tail'
  /** Declared a counter, but its values vary: judged like any other metric. */
  | 'counter_varies'
  /** Trials whose block had no partner were left out of the paired analysis. */
  | 'unpaired_trials_left_out'
  /** Values at or below zero have no ratio, and no absolute tolerance was given: zero was used. */
  | 'no_absolute_tolerance'
  /** The estimate is so near the tolerance that no practical number of trials would separate them. */
  | 'indistinguishable_from_tolerance'
  /** Shares whose counts of requests are not known: judged by the runs' shares alone. */
  | 'request_counts_unknown';

export interface MetricInterval {
  readonly low: number;
  readonly high: number;
  /** Coverage, as a fraction: at least 0.90 (0.95 for a two-sided metric), which is alpha 0.05. */
  readonly level: number;
}

/** p-values of one method against no change and against a change of just the tolerance. */
export interface Evidence {
  readonly p_worse: number;
  readonly p_beyond_tolerance: number;
}

export interface MetricDecision extends Omit<Decision, 'status' | 'failed' | 'suspect' | 'open'> {
  readonly status: MetricStatus;
  readonly reason: MetricReason;
  readonly direction: Direction | null;
  readonly analysis: Analysis | null;
  /** `ratio`: worsening, interval, tolerance and mde are fractions of the baseline. `difference`: they are in the metric's unit. */
  readonly scale: 'ratio' | 'difference' | null;
  readonly tolerance: number | null;
  /** Usable trials: baseline, candidate. */
  readonly n: readonly [baseline: number, candidate: number];
  readonly pairs: number | null;
  /** Trials that were excluded as invalid or hold no finite value of this metric. */
  readonly excluded: readonly [baseline: number, candidate: number];
  /** Positive is worse (for a two-sided metric: larger). 0.05 on the ratio scale is 5 percent of the baseline. */
  readonly worsening: number | null;
  readonly interval: MetricInterval | null;
  /** One-sided p against no change; for a two-sided metric against no change in either direction. */
  readonly p_worse: number | null;
  /** p against a worsening of just the tolerance: small when the change is beyond it. */
  readonly p_beyond_tolerance: number | null;
  /** p against a worsening of just the tolerance: small when the change is within it. */
  readonly p_within_tolerance: number | null;
  /** The same by Student's t, for families in which ranks of so few trials could not reach; null where the row has no other. */
  readonly by_t: Evidence | null;
  /** Smallest p_worse that this many trials can have; 0 where any can be had. */
  readonly smallest_p: number;
  /** Standard deviation of one trial, or of one paired difference, in the unit of `worsening`. */
  readonly noise: number | null;
  /** Not failed, but too far beyond the tolerance to count as passed. */
  readonly suspect: boolean;
  /** Positive when the candidate's values are larger. */
  readonly cliffs_delta: number | null;
  readonly baseline: Summary | null;
  readonly candidate: Summary | null;
  /** True where the figure may be shown and judged but must not gate. */
  readonly report_only: boolean;
  readonly warnings: readonly DecisionWarning[];
}

/** One trial's value of the metric. A request is never a trial. */
export interface Sample {
  /** null when the trial holds no such value. */
  readonly value: number | null;
  /** The interleaved block it ran in; null when the sides were not interleaved. */
  readonly block: string | number | null;
  /** True for an invalid trial: counted, never used. */
  readonly excluded: boolean;
  /** Requests behind a share; null or absent where nobody says. */
  readonly requests?: number | null;
}

export interface MetricQuestion {
  readonly direction: Direction | null;
  readonly tolerance: ScaledTolerance;
  readonly baseline: readonly Sample[];
  readonly candidate: readonly Sample[];
  /**
   * Default `auto`: paired when every trial carries a block and blocks hold both sides. Fix it before looking at the
   * data.
   */
  readonly analysis?: Analysis | 'auto';
  /** Chance of a wrong FAIL at no change, and of a wrong PASS at the tolerance; default 0.05. */
  readonly alpha?: number;
  /** Default `likely`. */
  readonly failRule?: FailRule;
  /**
   * A count that the same program always reproduces (instructions, bytes, launches): compared exactly, one value
   * suffices.
   */
  readonly counter?: boolean;
  /** A share of requests; its trials carry `requests`. */
  readonly share?: boolean;
  /** Fields in which the contexts differ although they should not: the sides cannot be compared. */
  readonly mismatch?: readonly string[];
  /** For a tail percentile: which (0.99 for p99), and the fewest requests that any trial holds. */
  readonly tail?: { readonly quantile: number; readonly requests: number };
}

/** How many times better a candidate is than its baseline, from its worsening as a share of the baseline: above 1 is better. */
export const timesBetter = (direction: Direction, worsening: number): number =>
  direction === 'higher-is-better' ? 1 - worsening : 1 / (1 + worsening);
