// The one decision of a comparison, taken over the gating metrics. Never passes because nothing gates.
import type { DeltaRow } from './delta-row.ts';
import type { Decision, MetricDecision } from './decision.ts';
import { type FamilyDecision, type FamilyMember, decideFamily } from './family-decision.ts';

/** A gating metric that the current side lost. */
export interface LostMetric {
  readonly key: string;
  readonly decision: MetricDecision;
}

export interface OverallDecision {
  readonly decision: Decision;
  /** How it came about; null where nothing was repeated. */
  readonly family: FamilyDecision | null;
}

/** Without repeats there is nothing to test: the decision says so, and how many trials to start with. */
const withoutRepeats = (decisive: MetricDecision): Decision => ({
  status: decisive.status === 'INCOMPARABLE' ? 'INCOMPARABLE' : 'INCONCLUSIVE',
  strength: null,
  basis: 'point',
  reason: decisive.reason,
  trials_needed: decisive.trials_needed,
  mde: null,
});

const isTested = ({ decision: { basis, n } }: DeltaRow): boolean => basis === 'exact' || n[0] > 1 || n[1] > 1;

/** `rows` is not empty; `lost` are gating metrics that vanished. Where nothing gates, every metric does. */
export const decideOverall = (
  rows: readonly [DeltaRow, ...DeltaRow[]],
  lost: readonly LostMetric[],
): OverallDecision => {
  const gatingRow = rows.find(({ gating }) => gating);
  const decisive = lost[0] ?? gatingRow ?? rows[0];
  if (!rows.some(isTested)) return { decision: withoutRepeats(decisive.decision), family: null };
  const allGate = lost.length === 0 && gatingRow === undefined;
  const members: FamilyMember[] = [
    ...rows.map(({ key, gating, decision }) => ({ name: key, gating: gating || allGate, decision })),
    ...lost.map(({ key, decision }) => ({ name: key, gating: true, decision })),
  ];
  const family = decideFamily(members);
  const { status, strength, basis, reason, trials_needed, mde } = family;
  return { decision: { status, strength, basis, reason, trials_needed, mde }, family };
};
