// What categories of kernels did beside the counters of their GPUs: attribution only where counters of single kernels (ncu) measured a
// category. Everything else is an estimate and says so: bytes of a whole GPU shared out by time give every category the same mean.
import { ESTIMATE } from '../../campaign/grounding/categories.ts';
import { CELL_FILES } from '../../campaign/layout.ts';
import type { BarField, BarRow } from '../../render/bar-rows.ts';
import { formatNumber, formatShare, plural } from '../../render/numbers.ts';
import type { Page } from '../../render/page.ts';
import { shortName } from '../arms.ts';
import type { Counters } from '../cell-captures.ts';
import { cellHardware } from '../cell-hardware.ts';
import { cellPanel } from '../cell-panel.ts';
import { drawn, omitted, type PagePlan } from '../page-plan.ts';
import { gridSubtitle, panelGrid, type GridPanel } from '../panel-grid.ts';
import type { Role } from '../../render/palette.ts';
import { shareText } from '../small-share.ts';

interface Category {
  readonly category: string;
  /** In percent; null where no profile says. */
  readonly time: number | null;
  /** Null: an estimate. */
  readonly measured: { readonly memory: number | null; readonly compute: number | null; readonly bound: string } | null;
}

interface AttributedCell {
  readonly cell: string;
  readonly categories: readonly Category[];
  readonly document: Counters['document'];
}

const boundWords = (bound: string | null | undefined): string => {
  if (bound === null || bound === undefined) return 'open';
  return bound === 'bandwidth' ? 'memory' : bound;
};

const categoriesOf = ({ per_category_attribution: attributed = [], per_category_estimate: estimated = [] }: Counters['document']): Category[] => [
  ...attributed.map(({ category, basis, time_share_pct: time = null, sol_pct_bw: memory = null, sol_pct_compute: compute = null, bound }): Category => ({
    category,
    time,
    measured: basis === 'ncu' ? { memory, compute, bound: boundWords(bound) } : null,
  })),
  ...estimated.map(({ category, share_pct: time }): Category => ({ category, time, measured: null })),
]; // prettier-ignore

const bar = (value: number | null, what: string, { cell, role }: { readonly cell: string; readonly role: Role }): BarField => {
  if (value === null) return { kind: 'words', text: 'not measured', quiet: true };
  const text = shareText(value);
  return {
    kind: 'bar',
    parts: [{ value, role, title: `${cell}, ${what}: ${text}` }],
    text,
    from: { rows: [`${cell}/${CELL_FILES.dcgm}`], fields: [what] },
  };
}; // prettier-ignore

const rowOf = ({ category, time, measured }: Category, of: { readonly cell: string; readonly role: Role }): BarRow => ({
  label: category,
  fields:
    measured === null
      ? [bar(time, `${category} time`, of), { kind: 'words', text: ESTIMATE, quiet: true, span: 3 }]
      : [
          bar(time, `${category} time`, of),
          bar(measured.memory, `${category} memory`, of),
          bar(measured.compute, `${category} compute`, of),
          { kind: 'words', text: measured.bound },
        ],
}); // prettier-ignore

const workload = ({ resources }: Counters['document']): string => {
  const shares = resources.flatMap(({ peak_key: key, sol_pct: share }) => (share === null ? [] : [`${key.split('_')[0] ?? key} ${shareText(share)}`]));
  return shares.length === 0 ? 'no share of a ceiling was counted' : `whole workload: ${shares.join(', ')}`;
}; // prettier-ignore

const panelOf = ({ cell, categories, document }: AttributedCell, role: Role): GridPanel =>
  cellPanel({
    name: cell,
    under: `${plural(document.n_gpus, 'GPU')}, ${formatNumber(document.duration_s, 4)} s · ${workload(document)}`,
    bars: {
      labelShare: 1.4,
      columns: [
        { title: 'of time', share: 1.5, most: 100 },
        { title: 'of memory', share: 1.5, most: 100 },
        { title: 'of compute', share: 1.5, most: 100 },
        { title: 'bound', share: 1 },
      ],
      rows: categories.map((category) => rowOf(category, { cell, role })),
    },
  });

const findingOf = (cells: readonly AttributedCell[]): string => {
  const all = cells.flatMap(({ categories, cell }) => categories.map((category) => ({ ...category, cell })));
  const measured = all.filter((each) => each.measured !== null);
  const [top] = measured.toSorted((a, b) => (b.time ?? 0) - (a.time ?? 0));
  if (top?.measured === undefined || top.measured === null)
    return `Shares of time beside the means of the workload: ${ESTIMATE}`;
  const { memory, compute } = top.measured;
  const reached = [
    ...(memory === null ? [] : [`${shareText(memory)} of memory`]),
    ...(compute === null ? [] : [`${shareText(compute)} of compute`]),
  ].join(' and ');
  const took = top.time === null ? '' : ` (${formatShare(top.time)} of the time)`;
  return `${top.category}${took} of ${shortName(top.cell)} reaches ${reached}; ${measured.length} of ${all.length} categories are measured`;
};

export const attributionPages: PagePlan = (data) => {
  const { counters } = data.evidence;
  const cells = counters
    .map(({ cell, document }): AttributedCell => ({ cell, document, categories: categoriesOf(document) }))
    .filter(({ categories }) => categories.length > 0);
  if (cells.length === 0)
    return omitted(
      'attribution',
      counters.length === 0 ? 'no cell has dcgm_correlation.json' : 'dcgm_correlation.json of no cell holds categories of kernels',
      'import kernels (perf_tune_report_import_nsys; perf_tune_report_import_ncu measures categories), then perf_tune_report_dcgm_correlate',
    );
  const hardwareOf = cellHardware(data);
  const alt = `Share of time, memory and compute by category of kernels: ${plural(cells.length, 'cell')}`;
  const { pictures, orientation } = panelGrid(
    cells.map((cell) => panelOf(cell, hardwareOf(cell.cell).role)),
    { alt, href: 'attribution.svg' },
  );
  return drawn(
    pictures.map((picture, index): Page => ({
      id: 'attribution',
      title: findingOf(cells),
      subtitle: gridSubtitle(data, cells.map(({ cell }) => hardwareOf(cell)), `${plural(cells.length, 'cell')} with counters of their GPUs and kernels`, [index, pictures.length]),
      orientation,
      blocks: [
        picture,
        { kind: 'paragraph', text: `Shares of memory and compute are measured by ncu: only counters of single kernels say what a category did. "${ESTIMATE}": counters of a whole GPU do not say which kernel moved a byte, so that such a category has its share of time and nothing more.` },
      ],
    })),
  );
}; // prettier-ignore
