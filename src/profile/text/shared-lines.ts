// What the short text, the report and the picture of a profile diff say alike.
import { formatNanoseconds, formatSignedNanoseconds } from '../../render/numbers.ts';
import { decisionLine } from '../../verdict/wording.ts';
import type { ProfileDiff, StepEffect } from '../diff/profile-diff-schema.ts';

/** The decision, with the number of captures behind it. */
export const decidedLine = ({ decision, decision_text: text, baseline, candidate }: ProfileDiff): string =>
  decisionLine(text, decision, [baseline.captures, candidate.captures], 'captures');

/** Time and calls of all kernels, and how much of the change is due to their number and to their length. */
export const totalsLine = ({ totals }: ProfileDiff): string =>
  `kernels: ${formatNanoseconds(totals.baseline_ns)} -> ${formatNanoseconds(totals.candidate_ns)}, ` +
  `calls ${totals.baseline_calls} -> ${totals.candidate_calls}: count effect ${formatSignedNanoseconds(totals.count_effect_ns)}, ` +
  `per-call effect ${formatSignedNanoseconds(totals.per_call_effect_ns)}`;

/** A duration, `n/a` where there is none. */
export const nsOr = (ns: number | null): string => (ns === null ? 'n/a' : formatNanoseconds(ns));

/** Parts of at least one percent of the change, with what is left over last: they add up to the change nearly. */
export const stepParts = (step: StepEffect): (readonly [name: string, ns: number])[] => {
  const parts: readonly (readonly [string, number | null])[] = [
    ['work', step.work_ns],
    ['clock', step.clock_ns],
    ['kernels', step.kernel_ns],
    ['transfer', step.transfer_ns],
    ['waiting', step.waiting_ns],
    ['collectives', step.collective_ns],
    ['exposed launch', step.exposed_launch_ns],
    ['copies', step.copies_ns],
    ['concurrency', step.concurrency_ns],
  ];
  const least = Math.abs(step.change_ns) * 0.01;
  const large = parts.flatMap(([name, ns]) => (ns !== null && Math.abs(ns) > least ? [[name, ns] as const] : []));
  return [...large, ['residual (other idle)', step.residual_ns]];
};
