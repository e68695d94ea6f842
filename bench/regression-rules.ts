// The rules that other gates use, as plain functions of two samples of a lower-is-better metric, for comparison with
// the decision on the same data.
import { type Drawn } from '../src/verdict/verdict-odds.ts';
import { decideMetric } from '../src/verdict/decide-metric.ts';
import { describe, median } from '../src/stats/describe.ts';
import { mannWhitney } from '../src/stats/mann-whitney.ts';

export type Answer = 'PASS' | 'FAIL' | 'INCONCLUSIVE';
export type Rule = (drawn: Drawn) => Answer;

const values = (trials: Drawn['baseline']): number[] => trials.flatMap(({ value }) => (value === null ? [] : [value]));

/** One run a side; worse by more than the tolerance fails. */
export const pointRule =
  (tolerance: number): Rule =>
  ({ baseline, candidate }) =>
    (candidate[0]?.value ?? 0) / (baseline[0]?.value ?? 1) - 1 > tolerance ? 'FAIL' : 'PASS';

/** The medians of all trials, compared like single runs. */
export const medianRule =
  (tolerance: number): Rule =>
  ({ baseline, candidate }) =>
    median(values(candidate)) / median(values(baseline)) - 1 > tolerance ? 'FAIL' : 'PASS';

/**
 * `benchstat`: a Mann-Whitney p above 0.05 prints `~` and reads as no change; a significant slowdown is one of any
 * size.
 */
export const benchstatRule: Rule = ({ baseline, candidate }) => {
  const { pTwoSided, uBaseline, uCandidate } = mannWhitney(values(baseline), values(candidate));
  return pTwoSided <= 0.05 && uCandidate > uBaseline ? 'FAIL' : 'PASS';
};

/** Abstains where either side's coefficient of variation exceeds `gate`; else compares means with the tolerance. */
export const cvGateRule =
  (gate: number, tolerance: number): Rule =>
  ({ baseline, candidate }) => {
    const [a, b] = [describe(values(baseline)), describe(values(candidate))];
    if ((a.cv ?? 1) > gate || (b.cv ?? 1) > gate) return 'INCONCLUSIVE';
    return b.mean / a.mean - 1 >= tolerance ? 'FAIL' : 'PASS';
  };

/** The decision of this product. */
export const intervalRule =
  (tolerance: number): Rule =>
  (drawn) => {
    const { status } = decideMetric({
      ...drawn,
      direction: 'lower-is-better',
      tolerance: { relative: tolerance, absolute: null },
    });
    return status === 'PASS' || status === 'FAIL' ? status : 'INCONCLUSIVE';
  };
