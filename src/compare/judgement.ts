// What a comparison comes to: the words and figures that every result, file and text of a diff is made from. Data only.
import type { InvalidReasons } from '../metrics/trial.ts';
import type { DeltaRow, LoneMetric, Verdict } from '../verdict/delta-row.ts';
import type { Decision } from '../verdict/decision.ts';
import type { Direction } from '../stats/direction.ts';
import type { MemberResult } from '../verdict/overall.ts';
import type { ContextComparison } from '../verdict/context-match.ts';
import type { HeadlineRule } from '../verdict/headline-rank.ts';
import type { DirectionSource } from '../verdict/policy.ts';
import type { Tolerance } from '../verdict/tolerance.ts';
import type { SolDelta } from '../hardware/speed-of-light.ts';
import type { TierResult } from '../verdict/tier.ts';

export interface JudgedRow extends DeltaRow {
  readonly direction_source: DirectionSource;
}

export interface TrialCount {
  readonly valid: number;
  /** Kept and counted, never used. */
  readonly invalid: number;
  /** Why the invalid ones do not count: trials by reason. A trial may have several. */
  readonly reasons: InvalidReasons;
}

export interface Judgement extends TierResult {
  readonly verdict: Verdict;
  readonly decision: Decision;
  /** What the correction for many metrics leaves of each; empty where nothing was repeated. */
  readonly family: readonly MemberResult[];
  /** Both sides have two valid trials or more: the decision counts, not the tolerance alone. */
  readonly repeated: boolean;
  readonly improved_beyond_tolerance: boolean;
  /** Keys within tolerance, but worse by more than half of it and further from their ceiling. */
  readonly trending_away_from_peak: readonly string[];
  readonly headline_rule: HeadlineRule;
  /** Keys of the headline metrics that both sides have. */
  readonly headline: readonly string[];
  /** Of all rows, or `mixed`. */
  readonly direction: Direction | 'mixed';
  readonly direction_source: DirectionSource | 'mixed';
  /** For metrics on which no rule has a tolerance. */
  readonly tolerance: Tolerance;
  /** Largest change first. */
  readonly rows: readonly JudgedRow[];
  /** Rows outside, the largest change first. */
  readonly adverse: readonly JudgedRow[];
  /** Rows better by so much that they do not pass until somebody vouches for them. */
  readonly implausible: readonly JudgedRow[];
  readonly improved: readonly JudgedRow[];
  /** Adverse too. */
  readonly vanished: readonly LoneMetric[];
  readonly added: readonly LoneMetric[];
  /** Number of metrics that a rule leaves out. */
  readonly ignored: number;
  readonly sol: readonly SolDelta[];
  readonly context: ContextComparison;
  readonly trials: { readonly baseline: TrialCount; readonly candidate: TrialCount };
}
