// Reports a plan of trials in a few lines: what to run, how long it takes, and what to expect of it.
import { formatNumber, formatShare } from '../render/numbers.ts';
import { table } from '../render/document.ts';
import { blocksText } from '../render/terminal.ts';
import type { PlannedOdds, TrialPlan } from '../verdict/plan-trials.ts';

const percent = (share: number): string => formatShare(100 * share, 0);

const oddsRow = ({ times_tolerance: times, pass, fail_proven, fail_likely, inconclusive }: PlannedOdds): string[] => [
  times === 0 ? 'no change' : `${times} x tolerance`,
  percent(pass),
  percent(fail_proven),
  percent(fail_likely),
  percent(inconclusive),
];

const of = (plan: TrialPlan): string => (plan.analysis === 'paired' ? 'pairs' : 'trials a side');

/** What an unchanged candidate can hope for, and what it would take where that is little. */
const passLine = (plan: TrialPlan): string[] => {
  const pass = plan.odds.find(({ times_tolerance: times }) => times === 0)?.pass ?? 0;
  const { trials, trials_to_pass: needed, gating_metrics: gating } = plan;
  const what = gating === 1 ? 'an unchanged metric passes' : `${gating} unchanged gating metrics pass together`;
  if (needed !== null && needed <= trials) return [];
  const remedy = needed === null ? 'no practical number of trials reaches 80%' : `80% takes ${needed} ${of(plan)}`;
  return [`${what} in ${percent(pass)}; ${remedy}`];
};

const seen = ({ mde }: TrialPlan): string =>
  mde === null
    ? 'no worsening fails with a chance of 80%'
    : `smallest worsening that fails with a chance of 80%: ${formatShare(100 * mde)}`;

const oddsTitle = ({ gating_metrics: gating }: TrialPlan): string =>
  gating === 1
    ? 'odds of each verdict, if trials are independent:'
    : `odds of each verdict over ${gating} gating metrics of which one changes, if trials and metrics are independent:`;

/** Lines without an end of line. */
export const renderPlanText = (plan: TrialPlan): string => {
  const titles = ['true change', 'PASS', 'FAIL proven', 'FAIL likely', 'INCONCLUSIVE'];
  const columns = titles.map((title, index) => (index === 0 ? { title } : { title, align: 'right' as const }));
  return [
    `${plan.trials} ${of(plan)}, ${formatNumber(plan.minutes, 4)} minutes, in the order ${plan.order}`,
    `${seen(plan)} (noise ${formatShare(100 * plan.cv, 2)}, tolerance ${formatShare(100 * plan.tolerance)})`,
    ...passLine(plan),
    oddsTitle(plan),
    blocksText([table(columns, plan.odds.map(oddsRow))]),
  ].join('\n');
};
