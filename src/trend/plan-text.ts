// Tells a plan of trials in a few lines: what to run, how long it takes, and what to expect of it.
import { textTable } from '../render/table.ts';
import type { PlannedOdds, TrialPlan } from './plan-trials.ts';

const percent = (share: number): string => `${(100 * share).toFixed(0)}%`;

const oddsRow = ({ times_tolerance: times, pass, fail_proven, fail_likely, inconclusive }: PlannedOdds): string[] => [
  times === 0 ? 'no change' : `${times} x tolerance`,
  percent(pass),
  percent(fail_proven),
  percent(fail_likely),
  percent(inconclusive),
];

/** Lines without an end of line. */
export const renderPlanText = (plan: TrialPlan): string => {
  const what = plan.analysis === 'paired' ? `${plan.trials} pairs` : `${plan.trials} trials a side`;
  const titles = ['true change', 'PASS', 'FAIL proven', 'FAIL likely', 'INCONCLUSIVE'];
  const columns = titles.map((title, index) => (index === 0 ? { title } : { title, align: 'right' as const }));
  return [
    `${what}, ${Number(plan.minutes.toPrecision(4))} minutes, in the order ${plan.order}`,
    `smallest change seen with a chance of 80%: ${(100 * plan.mde).toFixed(1)}% (noise ${(100 * plan.cv).toFixed(2)}%, tolerance ${(100 * plan.tolerance).toFixed(1)}%)`,
    'odds of each verdict for one metric, if trials are independent:',
    textTable(columns, plan.odds.map(oddsRow)),
  ].join('\n');
};
