// Reports a trend in a few lines: verdict first, then what changed and when, then what is open.
import { formatNumber, formatPercent, formatScientific, withUnit } from '../render/numbers.ts';
import type { Trend, TrendChange } from './analyse-trend.ts';

const SAYS: Readonly<Record<string, string>> = {
  stable: 'stable',
  improved: 'improved and holding',
  one_alarm: 'the newest point is off; one more like it is a failure',
  too_few_points: 'too few points of this context to judge',
  persistent_alarm: 'the newest points are off, one after the other',
  level_changed: 'the level changed for the worse',
  crept_away: 'it creeps away, run by run',
};

/** The reason of the decision in words. */
export const reasonText = ({ decision: { reason } }: Pick<Trend, 'decision'>): string =>
  SAYS[reason] ?? reason.replaceAll('_', ' ');

const commits = ({ commit_before: from, commit_after: to }: TrendChange): string =>
  from === null || to === null ? '' : `, commits ${from.slice(0, 12)}..${to.slice(0, 12)}`;

const changeLine = (change: TrendChange, unit: string | null): string =>
  `  ${change.adverse ? 'worse' : 'change'} at ${change.first_after}: ${formatNumber(change.median_before)} -> ` +
  `${withUnit(change.median_after, unit)} (${formatPercent(change.change_pct)}, p ${formatScientific(change.p_adjusted)}${commits(change)})`;

/** Lines without an end of line. */
export const renderTrendText = (trend: Trend): string => {
  const { metric, unit, verdict, decision, points, eras, changes, segments, prediction, drift } = trend;
  const newest = points.at(-1);
  const level = segments.at(-1);
  const eraStart = eras.at(-1);
  const lines = [
    `${verdict}: ${metric} ${reasonText(trend)} (decision ${decision.status}, ${decision.reason})`,
    ...(newest === undefined || level === undefined
      ? []
      : [
          `  newest ${withUnit(newest.value, unit)} (${newest.id}); level ${withUnit(level.median, unit)} over ${level.points} of ${points.length} points`,
        ]),
    ...changes.slice(-4).map((change) => changeLine(change, unit)),
    ...(eras.length > 1 && eraStart !== undefined
      ? [`  starts anew at ${points[eraStart.from]?.id ?? ''}: ${eraStart.start.replace('_', ' ')}`]
      : []),
    ...(drift?.significant === true
      ? [
          `  drift ${formatPercent(drift.percent_per_run, 2)} per run (${formatPercent(drift.low, 2)} to ${formatPercent(drift.high, 2)}); the places of steps are arbitrary`,
        ]
      : []),
    prediction === null
      ? '  no prediction: fewer than five stable points before the newest'
      : `  expected ${formatNumber(prediction.low)} to ${withUnit(prediction.high, unit)} from ${prediction.history} stable points`,
  ];
  return lines.join('\n');
};
