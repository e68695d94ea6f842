// What a verdict or a decision is shown on: one table for pictures and pages. Decides nothing.
import type { Decision } from './decision.ts';
import type { Tier, Verdict } from './delta-row.ts';

export type VerdictGround = 'good' | 'doubt' | 'bad';

export const VERDICT_GROUNDS: Readonly<Record<Verdict, VerdictGround>> = { GREEN: 'good', YELLOW: 'doubt', RED: 'bad' };

export const STATUS_GROUNDS: Readonly<Record<Decision['status'], VerdictGround>> = {
  PASS: 'good',
  INCONCLUSIVE: 'doubt',
  INCOMPARABLE: 'doubt',
  FAIL: 'bad',
};

export const TIER_GROUNDS: Readonly<Record<Tier, VerdictGround | 'plain'>> = { VERDICT: 'good', DRAFT: 'plain' };
