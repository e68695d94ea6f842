// What a search for something better comes to as a gate: its winner beside the baseline on fresh trials, by the decision, the colour
// and the exit code of every other comparison. Never passes a winner that was not measured anew.
import { colourOf } from './colour.ts';
import { type Decision, type MetricDecision, bareDecision } from './decision.ts';
import type { Verdict } from './delta-row.ts';
import { type ComparisonExit, type Strictness, comparisonExitCode, gravestExit } from './exit-code.ts';
import { type JudgedMetric, correctFamily, decideOverall } from './overall.ts';
import { exceeds, isWorse } from './value-rule.ts';

/** Fresh trials of the baseline and of the winner, and what they say. */
export interface FreshTrials {
  readonly baseline: number;
  readonly winner: number;
  readonly decision: MetricDecision;
  /** Pairs of which one half was measured by an earlier call of the search: the conditions may be others. */
  readonly split_pairs: number;
}

/** How the search ended: with the baseline itself, or with another one and its fresh trials (null where it has none). */
export interface FoundWinner {
  readonly key: string;
  readonly isBaseline: boolean;
  readonly fresh: FreshTrials | null;
}

export interface WinnerJudgement {
  readonly verdict: Verdict;
  readonly decision: Decision;
  /** The winner is worse on the fresh trials, or may be. */
  readonly adverse: readonly Pick<JudgedMetric, 'key'>[];
}

const rowOf = (key: string, { baseline, winner, decision }: FreshTrials): JudgedMetric => {
  const { direction } = decision;
  const isWorseNow = direction !== null && isWorse(baseline, winner, direction);
  return { key, gating: true, beyond: isWorseNow && exceeds(baseline, winner, { percent: 0 }), decision };
};

/** The winner against the baseline, without a tolerance: whatever is worse counts. */
export const judgeWinner = ({ key, isBaseline, fresh }: FoundWinner): WinnerJudgement => {
  if (isBaseline) return { verdict: 'GREEN', decision: bareDecision('PASS', 'V8', 'equivalent'), adverse: [] };
  if (fresh === null)
    return { verdict: 'GREEN', decision: bareDecision('INCONCLUSIVE', 'V1', 'insufficient_n'), adverse: [] };
  const row = rowOf(key, fresh);
  const family = correctFamily([row]);
  const adverse = ['failed', 'suspect'].includes(family.standingOf(row)) ? [row] : [];
  const outside = adverse.map(() => ({ headline: true }));
  const verdict = colourOf({ adverse: outside, vanished: [], trending: [], implausible: [] });
  return { verdict, decision: decideOverall([row], [], family), adverse };
};

/** The exit code of a search; `strictContext` refuses pairs whose halves were not measured in one go. */
export const winnerExitCode = (
  found: FoundWinner,
  { strictContext = false, ...strictness }: Strictness & { readonly strictContext?: boolean | undefined },
): ComparisonExit => {
  const { isBaseline, fresh } = found;
  if (isBaseline) return 0;
  const [baseline, candidate] = fresh?.decision.n ?? [0, 0];
  const side = (valid: number) => ({ valid, invalid: valid === 0 ? 1 : 0 });
  const trials = { baseline: side(baseline), candidate: side(candidate) };
  return gravestExit([
    comparisonExitCode({ ...judgeWinner(found), trials, vanished: [] }, strictness),
    strictContext && (fresh?.split_pairs ?? 0) > 0 ? 4 : 0,
  ]);
};
