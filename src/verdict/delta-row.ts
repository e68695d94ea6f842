// The words of a comparison: colour, tier, and the rows that explain them. The statistical decision is defined in `stats`.
import type { MetricDecision } from './decision.ts';
import type { Standing } from './overall.ts';
import type { Surprise } from './plausibility.ts';
import type { Tolerance } from './tolerance.ts';
import type { Direction } from '../stats/direction.ts';

export type Verdict = 'GREEN' | 'YELLOW' | 'RED';

export type Tier = 'VERDICT' | 'DRAFT';

/** One metric on both sides. `delta` is candidate minus baseline in `unit`. */
export interface DeltaRow {
  readonly key: string;
  /** Load point, where several are decided together. */
  readonly point?: string | undefined;
  readonly baseline: number;
  readonly candidate: number;
  readonly delta: number;
  /** 100 * delta / |baseline|; null where the baseline is zero and the candidate is not. */
  readonly delta_pct: number | null;
  readonly unit: string | null;
  readonly direction: Direction;
  /** The tolerance that was applied. */
  readonly tolerance: Tolerance;
  readonly headline: boolean;
  readonly gating: boolean;
  /** The values that stand for both sides differ by more than the tolerance, for the worse; where no direction is known, either way. */
  readonly beyond: boolean;
  /** Outside: with one value a side beyond the tolerance for the worse, with repeats failed or suspect. */
  readonly adverse: boolean;
  /** Better by more than the tolerance. */
  readonly improved: boolean;
  readonly decision: MetricDecision;
  readonly standing: Standing;
  /** What the rest of its own result says against one of the values, with both figures; absent where nothing does. */
  readonly contradiction?: string | undefined;
  /** What is odd about the size of the change; null for a plain one. */
  readonly surprise: Surprise | null;
}

/** A metric that one side has and the other has not. */
export interface LoneMetric {
  readonly key: string;
  readonly value: number;
  readonly unit: string | null;
  readonly headline: boolean;
}
