// The kernels of a cell's profile beside the operations of its bound: which part takes more than its share, and by how much. A profile does not
// say of which load it is, so that a part below its bound means another one.
import { figure } from '../render/document.ts';
import { formatCount, formatNumber, formatShare, plural } from '../render/numbers.ts';
import { pageTable, type Page, type PageBlock } from '../render/page.ts';
import type { PartShare } from '../roofline/profile-share.ts';
import { shortName } from './arms.ts';
import type { RowLedger } from './ledgers.ts';
import type { ReportData } from './report-data.ts';
import { pageShape } from './shape-line.ts';

const MOST_PARTS = 6;
const MOST_CELLS = 12;

/** Milliseconds in three digits; nothing smaller than a microsecond. */
export const briefMs = (value: number): string => (value > 0 && value < 0.001 ? '<0.001' : formatNumber(value, 3));

const timesText = (times: number | null): string => {
  if (times === null) return 'no bound';
  if (times < 1) return 'below: another load';
  return times < 100 ? formatNumber(times, 2) : formatCount(times);
};

const rowOf = ({ row, id }: RowLedger, { part, bound_ms: bound, kernel_ms: kernel, kernel_percent: percent, times_bound: times }: PartShare, isFirst: boolean) => [
  isFirst ? shortName(row.cell_id) : '',
  isFirst ? `${row.concurrency}` : '',
  part,
  figure(formatShare(percent), [id], ['kernels']),
  figure(briefMs(kernel), [id], ['kernels']),
  briefMs(bound),
  timesText(times),
]; // prettier-ignore

/** For each cell with a profile, the load that gives the most per GPU. */
const profiled = (rows: readonly RowLedger[]): readonly RowLedger[] => {
  const best = new Map<string, RowLedger>();
  for (const each of rows) {
    const known = best.get(each.row.cell_id);
    const tps = each.row.output_tps_per_gpu ?? 0;
    if (each.parts.length > 0 && (known === undefined || tps > (known.row.output_tps_per_gpu ?? 0)))
      best.set(each.row.cell_id, each);
  }
  return [...best.values()];
};

const tableOf = (cells: readonly RowLedger[]): PageBlock =>
  pageTable(
    [
      { title: 'cell', share: 3 },
      { title: 'C', align: 'right', share: 0.5 },
      { title: 'part', share: 1.3 },
      { title: 'of kernel time', align: 'right', share: 1.2 },
      { title: 'ms a token', align: 'right', share: 1 },
      { title: 'bound, ms', align: 'right', share: 1 },
      { title: 'times its bound', align: 'right', share: 1.4 },
    ],
    cells.flatMap((cell) => {
      const parts = cell.parts.filter(({ kernel_percent: share }) => share > 0).slice(0, MOST_PARTS);
      return parts.map((part, index) => rowOf(cell, part, index === 0));
    }),
    8,
  );

const WHAT = 'Kernels beside the same operations, by their shares of time in the profile of the cell';

/** Below the bars of a page; nothing where no cell has a profile. */
export const ledgerPartsTable = (rows: readonly RowLedger[]): PageBlock[] => {
  const cells = profiled(rows).slice(0, MOST_CELLS);
  return cells.length === 0 ? [] : [{ kind: 'heading', level: 3, text: WHAT }, tableOf(cells)];
};

/** The part that loses the most time. */
const findingOf = (cells: readonly RowLedger[]): string => {
  const losses = cells.flatMap(({ row, parts }) => parts.map((part) => ({ row, part, lost: part.kernel_ms - part.bound_ms })));
  const [top] = losses.toSorted((a, b) => b.lost - a.lost);
  if (top === undefined) return WHAT;
  const { row, part: { part, kernel_ms: kernel, bound_ms: bound } } = top;
  return `${briefMs(kernel)} ms a token go to ${part} in ${shortName(row.cell_id)} at C=${row.concurrency}; the bound is ${briefMs(bound)} ms`;
}; // prettier-ignore

/** A page of its own; none where no cell has a profile. */
export const ledgerPartsPage = (data: ReportData, rows: readonly RowLedger[]): Page[] => {
  const all = profiled(rows);
  const cells = all.slice(0, MOST_CELLS);
  if (cells.length === 0) return [];
  const left = all.length - cells.length;
  return [
    {
      id: 'ledger',
      title: findingOf(cells),
      subtitle: `${WHAT} · ${pageShape(data, cells.map(({ row }) => row))}`,
      orientation: 'portrait',
      blocks: [
        tableOf(cells),
        ...(left === 0 ? [] : [{ kind: 'paragraph', text: `${plural(left, 'more cell')}: perf_tune_report_roofline_estimate explains the kernels of each.` } as const]),
      ],
    },
  ];
}; // prettier-ignore
