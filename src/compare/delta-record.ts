// A row of a comparison as it is written to results and files: short where there is nothing to say, so that a hundred thousand
// rows stay readable by any tool.
import type { MetricDecision } from '../stats/decision.ts';
import type { JudgedRow } from './judgement.ts';

export interface DeltaRecord extends Pick<
  JudgedRow,
  'key' | 'baseline' | 'current' | 'delta' | 'delta_pct' | 'unit' | 'direction' | 'tolerance'
> {
  /** Only where true. */
  readonly headline?: true;
  readonly gating?: true;
  readonly adverse?: true;
  readonly improved?: true;
  /** Only where something was repeated or counted. */
  readonly decision?: MetricDecision;
}

export const deltaRecord = (row: JudgedRow): DeltaRecord => ({
  key: row.key,
  baseline: row.baseline,
  current: row.current,
  delta: row.delta,
  delta_pct: row.delta_pct,
  unit: row.unit,
  direction: row.direction,
  tolerance: row.tolerance,
  ...(row.headline ? { headline: true as const } : {}),
  ...(row.gating ? { gating: true as const } : {}),
  ...(row.adverse ? { adverse: true as const } : {}),
  ...(row.improved ? { improved: true as const } : {}),
  ...(row.decision.basis === 'point' ? {} : { decision: row.decision }),
});
