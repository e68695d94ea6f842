// The words of a comparison: colour, tier, and the rows that explain them. The statistical decision is defined in `stats`.
import type { MetricDecision } from './decision.ts';
import type { Direction } from '../stats/direction.ts';

export type Verdict = 'GREEN' | 'YELLOW' | 'RED';

export type Tier = 'VERDICT' | 'DRAFT';

/** One metric on both sides. `delta` is current minus baseline in `unit`. */
export interface DeltaRow {
  readonly key: string;
  readonly baseline: number;
  readonly current: number;
  readonly delta: number;
  /** 100 * delta / |baseline|; null where the baseline is zero and the current is not. */
  readonly delta_pct: number | null;
  readonly unit: string | null;
  readonly direction: Direction;
  /** The tolerance that was applied. */
  readonly tolerance: { readonly percent: number } | { readonly absolute: number };
  readonly headline: boolean;
  readonly gating: boolean;
  /** Worse by more than the tolerance. */
  readonly adverse: boolean;
  /** Better by more than the tolerance. */
  readonly improved: boolean;
  readonly decision: MetricDecision;
}

/** A metric that one side has and the other has not. */
export interface LoneMetric {
  readonly key: string;
  readonly value: number;
  readonly unit: string | null;
  readonly headline: boolean;
}
