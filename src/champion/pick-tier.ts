// Whether a pick is a VERDICT or a DRAFT: a VERDICT where the judge's own tier has nothing missing and every gate is opened by a record.
// Never takes a tier from a caller.
import type { Judgement } from '../compare/judgement.ts';
import { tierText } from '../verdict/tier-text.ts';
import { isMet, type Gate } from './gate.ts';

export interface PickTier {
  readonly tier: 'draft' | 'verdict';
  /** Codes of the judge, and `gate:<name>`. */
  readonly tier_missing: readonly string[];
  readonly tier_says: string;
}

export interface PickFacts {
  readonly isWinner: boolean;
  /** Null where nothing was judged. */
  readonly judgement: Judgement | null;
  readonly gates: readonly Gate[];
  /** So much better that another run should confirm it. */
  readonly isSurprising: boolean;
}

const WORDS: Readonly<Record<string, string>> = {
  worse_elsewhere: 'no metric that is worse than the baseline',
  gain_to_confirm: 'another run that confirms so large a gain',
};

const judgedCodes = ({ judgement, isSurprising }: PickFacts): string[] => [
  ...(judgement === null ? ['decision_incomparable'] : judgement.tier_missing),
  ...(judgement?.decision.status === 'FAIL' ? ['worse_elsewhere'] : []),
  ...(isSurprising ? ['gain_to_confirm'] : []),
];

const gateWord = ({ name, status, result }: Gate): string => `${name} (${result === 'fail' ? 'failed' : status})`;

export const tierOfPick = (facts: PickFacts): PickTier => {
  if (!facts.isWinner) return { tier: 'draft', tier_missing: ['no_winner'], tier_says: 'DRAFT; no variant won' };
  const open = facts.gates.filter((gate) => !isMet(gate));
  const judged = judgedCodes(facts);
  const missing = [...judged, ...open.map(({ name }) => `gate:${name}`)];
  if (missing.length === 0) return { tier: 'verdict', tier_missing: [], tier_says: 'VERDICT' };
  const needs = [...judged.map((code) => WORDS[code] ?? code), ...(open.length === 0 ? [] : [`records for the gates ${open.map(gateWord).join(', ')}`])];
  return { tier: 'draft', tier_missing: missing, tier_says: tierText('DRAFT', needs) };
}; // prettier-ignore
