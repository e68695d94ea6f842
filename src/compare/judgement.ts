// What a comparison comes to: the words and figures that every result, file and text of a diff is made from. Data only.
import type { InvalidReasons } from '../metrics/trial.ts';
import type { DeltaRow, LoneMetric, Verdict } from '../verdict/delta-row.ts';
import type { Decision } from '../verdict/decision.ts';
import type { Direction } from '../stats/direction.ts';
import type { FamilyDecision } from '../verdict/family-decision.ts';
import type { ContextComparison } from '../verdict/context-match.ts';
import type { HeadlineRule } from '../verdict/headline.ts';
import type { DirectionSource, Tolerance } from '../verdict/policy.ts';
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
  /** How the decision came about over the gating metrics; null where nothing was repeated. */
  readonly family: FamilyDecision | null;
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
  readonly adverse: readonly JudgedRow[];
  readonly improved: readonly JudgedRow[];
  /** Adverse too. */
  readonly vanished: readonly LoneMetric[];
  readonly added: readonly LoneMetric[];
  /** Number of metrics that a rule leaves out. */
  readonly ignored: number;
  readonly sol: readonly SolDelta[];
  readonly context: ContextComparison;
  readonly trials: { readonly baseline: TrialCount; readonly current: TrialCount };
}
