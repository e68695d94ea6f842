// The correlation of a cell in words: shares first, what they are shares of, power, regimes, and what is missing.
import { formatNumber, formatShare, plural } from '../../render/numbers.ts';
import type { CorrelatedCell } from './correlate-cell.ts';
import type { Correlation } from './correlation.ts';
import type { ResourceShare } from './resource-share.ts';

const SHOWN = 6;

/** A tenth of a percent and less keeps two digits. */
const smallShare = (share: number): string => (share < 0.1 ? `${formatNumber(share, 2)}%` : formatShare(share));

const shareText = ({ peak_key: peak, sol_pct: share, share_of: of, best_pct: best, tflops_at_most: most, notes }: ResourceShare): string => {
  if (share === null) return `${peak}: ${notes.at(-1) ?? 'no share'}`;
  const small = smallShare(share);
  if (of === 'busy time') return `${peak}: pipe busy ${small} of the time${most === null ? '' : `, at most ${formatNumber(most, 4)} TFLOPS a GPU`}`;
  return `${peak}: ${small} of the ${of === 'capacity' ? 'capacity' : 'datasheet'}${best === null ? '' : `, ${smallShare(best)} of the best measured`}`;
}; // prettier-ignore

const regimeText = ({ regime, regime_rule: rule, regime_times: times }: Correlation): string => {
  const lasted = times.map(({ regime: each, share_pct: share }) => `${each} ${formatShare(share)}`);
  return `regime ${regime} (${rule})${lasted.length === 0 ? '' : `; of the time: ${lasted.join(', ')}`}`;
};

const categoriesText = ({ per_category_attribution: measured, per_category_estimate: estimated }: Correlation): string[] => {
  const [longest] = estimated;
  return [
    ...(measured.length === 0 ? [] : [`${plural(measured.length, 'category', 'categories')} measured by ncu: ${measured.slice(0, 3).map(({ category, bound }) => `${category} ${bound ?? 'open'}`).join(', ')}`]),
    ...(longest === undefined ? [] : [`${plural(estimated.length, 'category', 'categories')} by share of ${longest.share_of} beside the means of the workload (${longest.label}); longest ${longest.category} ${formatShare(longest.share_pct)}`]),
  ];
}; // prettier-ignore

const listed = (items: readonly string[]): string =>
  `${items.slice(0, SHOWN).join(', ')}${items.length > SHOWN ? `, … ${items.length - SHOWN} more` : ''}`;

export const correlationText = (cell: string, { correlation, without_power: without }: CorrelatedCell): string => {
  const { n_gpus: n, nodes, hw_key: hardware, duration_s: seconds, resources, power_watts_per_gpu: power, lacking, notes, short_sweep_warning: short, multiplexed_zeros: zeros } = correlation;
  const dropped = Object.entries(zeros).map(([field, count]) => `${field} ${count}`);
  return [
    `${cell}: ${plural(n, 'GPU')} (${hardware})${nodes.length === 0 ? '' : ` of ${listed(nodes)}`} over ${formatNumber(seconds, 4)} s${power === null ? '' : `, ${formatNumber(power, 4)} W a GPU`}`,
    ...resources.slice(0, SHOWN).map(shareText),
    ...(resources.length === 0 ? ['no counter of the profiling unit: no share of a ceiling'] : []),
    regimeText(correlation),
    ...categoriesText(correlation),
    ...(dropped.length === 0 ? [] : [`zeros of fields that took turns, left out: ${listed(dropped)}`]),
    ...(lacking.length === 0 ? [] : [`lacking: ${listed(lacking.map(({ field }) => field))} (${lacking[0]?.reason ?? ''})`]),
    ...(short ? ['shorter than a minute'] : []),
    ...notes.slice(0, 3),
    ...(without === null ? [] : [`rows without power: ${without}`]),
  ].join('\n');
}; // prettier-ignore
