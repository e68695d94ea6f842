// What a selection comes to, in words for people. Words only; every figure is one of the record.
import { formatFixed, formatNumber, formatPercent, formatShare, plural } from '../render/numbers.ts';
import type { ChampionMetric } from './focus.ts';
import { isMet, type Gate } from './gate.ts';
import { shapeOf, shapeText } from './matching.ts';
import { isTooGood, type Picked, type Setting } from './question.ts';
import type { Contender, Lead } from './ranked-variants.ts';

/** `95% +20.1% to +23.9%, 3 + 3 trials`. */
export const intervalText = ({ low, high, level, n, pairs }: Lead): string => {
  const trials = pairs === null ? `${n[0]} + ${n[1]} trials` : plural(pairs, 'pair');
  if (low === null || high === null || level === null) return `no interval, ${trials}`;
  return `${formatShare(100 * level, 0)} ${formatPercent(low)} to ${formatPercent(high)}, ${trials}`;
};

export const unitOf = (metric: ChampionMetric): string =>
  metric === 'tok_s_gpu' ? 'tok/s/GPU' : 'decode speed (median TPOT)';

export const NO_CHANGE = 'no change';

/** What a lead that is not decided lacks. */
export const openLead = (leader: Contender, lead: Lead | undefined, metric: ChampionMetric): string => {
  const needed = lead?.trials_needed ?? null;
  const more =
    needed === null ? 'no practical number of trials settles it' : `${needed} trials a side should settle it`;
  const shown = lead === undefined ? '' : ` (${intervalText(lead)})`;
  return `${leader.name} leads by ${formatPercent(leader.win)} ${unitOf(metric)}${shown}, which is not decided: ${more}`;
};

const whyNone = ({ field: { others, baseline, sloMs }, metric, query }: Setting, { leader, leads }: Picked): string => {
  if (others.length === 0) return 'no other variant can be compared at this load';
  if (baseline.tpot === null && query.sloAbsMs === null)
    return 'the baseline has no TPOT, so that there is no limit to keep: give slo_abs_ms';
  if (leader !== null && isTooGood(baseline, leader, metric)) return `${leader.name} is better by ${formatPercent(leader.win)}, which no tuning explains: check the units and what the run did`;
  if (leader !== null) return openLead(leader, leads.get(leader.name), metric);
  const fast = others.filter(({ slo, win }) => slo === 'SLO-FAIL' && (win ?? 0) > 0);
  if (fast.length === 0) return `no variant is better than ${baseline.name}`;
  const untimed = fast.filter(({ tpot }) => tpot === null).length;
  const limit = sloMs === null ? '' : ` of ${formatFixed(sloMs, 2)} ms`;
  return `${plural(fast.length, 'faster variant')} ${fast.length === 1 ? 'does' : 'do'} not keep the TPOT limit${limit}${untimed === 0 ? '' : `, ${untimed} without any TPOT`}`;
}; // prettier-ignore

const limitText = ({ tpot }: Contender, sloMs: number | null): string =>
  tpot === null || sloMs === null ? '' : `; TPOT ${formatNumber(tpot, 4)} ms of ${formatFixed(sloMs, 2)} ms allowed`;

/** The outcome in one sentence. */
export const sayPick = (setting: Setting, picked: Picked): string => {
  const { field: { baseline, sloMs }, metric, focusC } = setting; // prettier-ignore
  const { champion, leads } = picked;
  if (champion === null) return `${NO_CHANGE}: keep ${baseline.name}. ${whyNone(setting, picked)}`;
  const lead = leads.get(champion.name);
  const shown = lead === undefined ? '' : ` (${intervalText(lead)})`;
  return `${champion.name} is better than ${baseline.name} by ${formatPercent(champion.win)} ${unitOf(metric)} at concurrency ${focusC}${shown}${limitText(champion, sloMs)}`;
};

/** The next step in words. */
export const nextOf = (setting: Setting, picked: Picked, gates: readonly Gate[]): string => {
  const { leader, champion, leads } = picked;
  if (champion === null && leader !== null) {
    const needed = leads.get(leader.name)?.trials_needed ?? null;
    return `measure ${needed === null ? 'more trials' : `${needed} trials a side`} of ${leader.name} and ${setting.field.baseline.name}, in turn; perf_tune_report_campaign_next prices them`;
  }
  const open = gates.find((gate) => !isMet(gate) && gate.needs !== null);
  if (champion !== null && open !== undefined) return `record ${open.needs ?? ''}`;
  return champion === null ? 'measure further variants at this load; perf_tune_report_campaign_next says what is open' : 'draw the report: perf_tune_report_report_render';
}; // prettier-ignore

export const warningsOf = ({ warnings, found, field, focusC }: Setting, { champion, ties }: Picked): string[] => [
  ...warnings,
  ...(found.source === 'first' ? [`nobody names a baseline: ${found.cell.cell_id} is taken as the first cell; name it with baseline`] : []),
  ...(found.cell.focus.length > 1 ? [`${found.cell.cell_id} holds ${found.cell.focus.length} points at concurrency ${focusC}: the one of ${shapeText(shapeOf(field.baseline.row))} is compared`] : []),
  ...(champion !== null && ties.length > 0 ? [`not to be told from ${champion.name}: ${ties.join(', ')}`] : []),
  ...(champion !== null && champion.row.n_gpus !== field.baseline.row.n_gpus ? [`${champion.name} runs on ${champion.row.n_gpus ?? '?'} GPUs, the baseline on ${field.baseline.row.n_gpus ?? '?'}: the same concurrency is another load per GPU`] : []),
]; // prettier-ignore
