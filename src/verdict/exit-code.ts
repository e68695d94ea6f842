// The exit code of a comparison, one rule for every verb that compares. 0 unless the caller asked for strictness.
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

interface TrialCount {
  readonly valid: number;
  readonly invalid: number;
}

interface Judged {
  readonly verdict: Verdict;
  readonly decision: Pick<Decision, 'status'>;
  readonly trials: { readonly baseline: TrialCount; readonly current: TrialCount };
  readonly vanished: readonly unknown[];
  readonly adverse: readonly unknown[];
}

const repeated = ({ trials: { baseline, current } }: Judged): boolean => baseline.valid >= 2 && current.valid >= 2;

/** With one value a side the tolerance decides; with repeats the decision does. */
const strictCode = (judged: Judged): number => {
  if (judged.trials.baseline.invalid + judged.trials.current.invalid > 0) return 4;
  if (judged.vanished.length > 0) return 1;
  if (!repeated(judged)) return judged.adverse.length > 0 ? 1 : 0;
  const { status } = judged.decision;
  return status === 'FAIL' ? 1 : status === 'INCONCLUSIVE' ? 3 : status === 'INCOMPARABLE' ? 4 : 0;
};

const failOnCode = (judged: Judged, reasons: readonly FailOn[]): number => {
  const { verdict, decision, vanished } = judged;
  const adverse =
    (reasons.includes('red') && verdict === 'RED') ||
    (reasons.includes('yellow') && verdict !== 'GREEN') ||
    (reasons.includes('fail') && decision.status === 'FAIL') ||
    (reasons.includes('vanished') && vanished.length > 0);
  if (adverse) return 1;
  return reasons.includes('inconclusive') && decision.status === 'INCONCLUSIVE' ? 3 : 0;
};

/** 0 done, 1 adverse, 3 inconclusive, 4 invalid trials or not comparable. */
export const comparisonExitCode = (judged: Judged, { strict = false, failOn = [] }: Strictness): number =>
  (strict ? strictCode(judged) : 0) || failOnCode(judged, failOn);

/** Throws a Fault `context_mismatch` (exit 4) where sides were measured under different conditions and the caller wants none. */
export const requireSameContext = (judged: { readonly context: ContextComparison }, strictContext: boolean): void => {
  const { mismatches } = judged.context;
  if (!strictContext || mismatches.length === 0) return;
  const listed = mismatches.map(
    ({ field, baseline, current }) => `${field} ${JSON.stringify(baseline)} -> ${JSON.stringify(current)}`,
  );
  throw new Fault('not_comparable', 'context_mismatch', `INCOMPARABLE: ${listed.join('; ')}`, {
    fix: `measure under the same conditions, or declare the change with axis: ${mismatches.map(({ field }) => field).join(', ')}`,
    data: { mismatches },
  });
};
