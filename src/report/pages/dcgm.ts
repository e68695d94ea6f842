// What the counters of the GPUs say of each cell's window, against the ceilings of its hardware. A busy share is time, not work.
import { CELL_FILES } from '../../campaign/layout.ts';
import { figure, type Text } from '../../render/document.ts';
import { formatNumber, formatShare, plural, withUnit } from '../../render/numbers.ts';
import { pageTable, type Page } from '../../render/page.ts';
import type { Counters } from '../cell-captures.ts';
import { drawn, omitted, type PagePlan } from '../page-plan.ts';

/** Small shares keep their digits: 0.022 % is not nothing. */
const share = (percent: number | null | undefined): string => {
  if (typeof percent !== 'number') return 'no ceiling';
  return percent !== 0 && Math.abs(percent) < 0.1 ? `${formatNumber(percent, 2)}%` : formatShare(percent);
};

const rowsOf = ({ cell, document: { hw_key: hardware, n_gpus: gpus, duration_s: seconds, resources } }: Counters): Text[][] =>
  resources.map(({ peak_key: key, metric, measured_avg: value, sol_pct: datasheet, best_pct: best, share_of: of }, index) => [
    index === 0 ? cell : '',
    index === 0 ? `${hardware}, ${plural(gpus, 'GPU')}, ${formatNumber(seconds, 4)} s` : '',
    key,
    metric,
    figure(formatNumber(value, 4), [`${cell}/${CELL_FILES.dcgm}`], ['measured_avg']),
    figure(share(datasheet), [`${cell}/${CELL_FILES.dcgm}`], ['sol_pct']),
    of === 'busy time' ? 'n/a' : figure(share(best), [`${cell}/${CELL_FILES.dcgm}`], ['best_pct']),
    of ?? 'not stated',
  ]); // prettier-ignore

const findingOf = ([first]: readonly Counters[]): string => {
  const top = first?.document.resources.toSorted((a, b) => (b.sol_pct ?? 0) - (a.sol_pct ?? 0))[0];
  if (first === undefined || top === undefined) return 'Counters of the GPUs';
  const regime = first.document.regime === undefined ? '' : `; regime: ${first.document.regime}`;
  return `${first.cell}: ${top.peak_key} at ${share(top.sol_pct)} of the datasheet${regime}`;
};

export const dcgmPages: PagePlan = ({ evidence: { counters } }) => {
  if (counters.length === 0)
    return omitted('dcgm', 'no cell has dcgm_correlation.json', 'capture with perf_tune_report_dcgm_capture, then perf_tune_report_dcgm_correlate');
  const table = pageTable(
    [
      { title: 'cell' }, { title: 'window' }, { title: 'ceiling' }, { title: 'counter' }, { title: 'mean', align: 'right' },
      { title: 'of the datasheet', align: 'right' }, { title: 'of the best measured', align: 'right' }, { title: 'share of' },
    ],
    counters.flatMap(rowsOf),
  );
  const power = counters.flatMap(({ cell, document: { power_watts_per_gpu: watts } }) => (typeof watts === 'number' ? [`${cell}: ${withUnit(watts, 'W', 4)} per GPU`] : []));
  const rules = [...new Set(counters.flatMap(({ document: { regime_rule: rule } }) => rule ?? []))];
  const page: Page = {
    id: 'dcgm',
    title: findingOf(counters),
    subtitle: `${plural(counters.length, 'cell')} with counters of DCGM; means over time and GPUs`,
    orientation: 'landscape',
    blocks: [
      table,
      ...(power.length === 0 ? [] : [{ kind: 'list', items: power } as const]),
      ...rules.map((rule) => ({ kind: 'paragraph', text: `Regimes: ${rule}` }) as const),
      { kind: 'paragraph', text: 'A share of busy time says how long a unit was in use, never how much it did.' },
    ],
  };
  const hasShare = counters.some(({ document: { resources } }) => resources.some(({ sol_pct: share }) => share !== null));
  return drawn([page], [], hasShare ? 'L3' : undefined);
}; // prettier-ignore
