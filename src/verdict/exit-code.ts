// The exit code of a comparison, one rule for every verb that compares. 0 unless the caller asked for strictness; docs/exit-codes.md
// lists what each code means.
import { Fault } from '../text/fault.ts';
import type { ContextComparison } from './context-match.ts';
import type { Decision } from './decision.ts';
import type { Verdict } from './delta-row.ts';

export const FAIL_ON = ['red', 'yellow', 'fail', 'inconclusive', 'vanished'] as const;
export type FailOn = (typeof FAIL_ON)[number];

export interface Strictness {
  readonly strict?: boolean | undefined;
  readonly failOn?: readonly FailOn[] | undefined;
}

export type ComparisonExit = 0 | 1 | 3 | 4;

interface ValidTrials {
  readonly valid: number;
  readonly invalid: number;
}

/** Trials on both sides of a comparison; a side without any is one run. */
export interface SideTrials {
  readonly baseline: ValidTrials;
  readonly candidate: ValidTrials;
}

/** Two valid trials or more on both sides: the decision counts, not the tolerance alone. */
export const isRepeated = ({ baseline, candidate }: SideTrials): boolean => baseline.valid >= 2 && candidate.valid >= 2;

const hasNoValidTrial = ({ baseline, candidate }: SideTrials): boolean =>
  [baseline, candidate].some(({ valid, invalid }) => valid === 0 && invalid > 0);

/** What of a comparison its exit code rests on. */
export interface Outcome {
  readonly verdict: Verdict;
  readonly decision: Decision;
  readonly trials: SideTrials;
  /** Rows outside their tolerance. */
  readonly adverse: readonly unknown[];
  readonly vanished: readonly unknown[];
}

/** Values that no run can have make a result as worthless as invalid trials. */
const WORTHLESS: readonly string[] = ['value_impossible', 'contradicts_itself'];

/** With one value a side the tolerance decides; with repeats the decision does. */
const strictCode = ({ decision, trials, adverse, vanished }: Outcome): ComparisonExit => {
  const { status, reason } = decision;
  if (hasNoValidTrial(trials)) return 4;
  if (status === 'INCOMPARABLE') return 4;
  if (status === 'FAIL' || vanished.length > 0) return 1;
  if (WORTHLESS.includes(reason)) return 4;
  if (!isRepeated(trials) && adverse.length > 0) return 1;
  if (reason === 'check_the_unit') return 3;
  return status === 'INCONCLUSIVE' && isRepeated(trials) ? 3 : 0;
};

/** The code that `fail_on` alone asks for. */
export const failOnCode = (
  { verdict, decision: { status }, vanished }: Pick<Outcome, 'verdict' | 'decision' | 'vanished'>,
  reasons: readonly FailOn[],
): ComparisonExit => {
  const adverse =
    (reasons.includes('red') && verdict === 'RED') ||
    (reasons.includes('yellow') && verdict !== 'GREEN') ||
    (reasons.includes('fail') && status === 'FAIL') ||
    (reasons.includes('vanished') && vanished.length > 0);
  if (reasons.length > 0 && status === 'INCOMPARABLE') return 4;
  if (adverse) return 1;
  return reasons.includes('inconclusive') && status === 'INCONCLUSIVE' ? 3 : 0;
};

/** 0 done, 1 adverse, 3 inconclusive, 4 not comparable or no valid trial. */
export const comparisonExitCode = (outcome: Outcome, { strict = false, failOn = [] }: Strictness): ComparisonExit => {
  const code = strict ? strictCode(outcome) : 0;
  return code === 0 ? failOnCode(outcome, failOn) : code;
};

/** From the gravest: adverse, not comparable, undecided, done. */
const GRAVITY: readonly ComparisonExit[] = [1, 4, 3, 0];

/** The code of several comparisons that are one gate; 0 of none. */
export const gravestExit = (codes: readonly ComparisonExit[]): ComparisonExit =>
  GRAVITY.find((code) => codes.includes(code)) ?? 0;

/** Throws a Fault `context_mismatch` (exit 4) where sides were measured under different conditions and the caller wants none. */
export const requireSameContext = (
  { context: { mismatches } }: { readonly context: Pick<ContextComparison, 'mismatches'> },
  strictContext: boolean,
): void => {
  if (!strictContext || mismatches.length === 0) return;
  const listed = mismatches.map(
    ({ field, baseline, current: candidate }) => `${field} ${JSON.stringify(baseline)} -> ${JSON.stringify(candidate)}`,
  );
  throw new Fault('not_comparable', 'context_mismatch', `INCOMPARABLE: ${listed.join('; ')}`, {
    fix: `measure under the same conditions, or declare the change with axis: ${mismatches.map(({ field }) => field).join(', ')}`,
    data: { mismatches },
  });
};
