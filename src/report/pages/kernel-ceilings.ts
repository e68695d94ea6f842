// The speed of light by category of kernels: for each cell what share of the kernels' time a category takes, which ceiling of that hardware
// limits it, and how near counters of single kernels (ncu) saw it come. Where the hardware has no figure it says "no ceiling"; where
// nothing counted it says "not measured". A share of time is never turned into a share of a ceiling.
import { categoryCeiling, type CategoryCeiling } from '../../campaign/grounding/category-ceiling.ts';
import { measuredCategories, type MeasuredCategory } from '../../campaign/grounding/categories.ts';
import type { CountedKernel } from '../../campaign/grounding/counted-kernels.ts';
import { CELL_FILES } from '../../campaign/layout.ts';
import { hardwareKey, type Ceiling } from '../../hardware/ceilings.ts';
import { convertUnit } from '../../metrics/units.ts';
import type { BarField, BarRow } from '../../render/bar-rows.ts';
import { formatGrouped, formatNanoseconds, formatShare, plural, withUnit } from '../../render/numbers.ts';
import { pageTable, type Page, type PageBlock } from '../../render/page.ts';
import { shortName } from '../arms.ts';
import { bestSource, type Kernels } from '../cell-captures.ts';
import { cellHardware, type CellHardware } from '../cell-hardware.ts';
import { cellPanel } from '../cell-panel.ts';
import type { Evidence } from '../evidence.ts';
import { drawn, omitted, type Omission, type PagePlan } from '../page-plan.ts';
import { gridSubtitle, panelGrid } from '../panel-grid.ts';
import type { ReportData } from '../report-data.ts';
import { shareText } from '../small-share.ts';

interface CategoryRow {
  readonly category: string;
  /** Of the capture, in percent. */
  readonly share: number;
  readonly ceiling: CategoryCeiling;
  /** Null where nothing counted it. */
  readonly reached: Reached | null;
}

interface Reached {
  /** Of the ceiling. */
  readonly percent: number;
  /** Work that was counted, or only how busy the busiest pipe of the SMs was. */
  readonly by: 'work' | 'pipe';
}

interface SolCell extends CellHardware {
  readonly cell: string;
  readonly source: string;
  readonly unit: string;
  readonly total: number;
  readonly categories: readonly CategoryRow[];
}

/** A share above this is no measurement error; the busiest pipe is then what is left to say. */
const MOST = 100.5;

/** Counted operations over the peak, where every kernel of the category has its tensor operations. */
const byOperations = ({ effective_tflops_during_category_window: tflops }: MeasuredCategory, kernels: readonly CountedKernel[], { value, unit }: Ceiling): number | null => {
  const isWhole = kernels.every(({ tensor_flops_total: tensor }) => typeof tensor === 'number' && tensor > 0);
  return !isWhole || tflops === null ? null : (100 * tflops) / convertUnit(value, unit, 'TFLOPS');
}; // prettier-ignore

const reachedBy = (measured: MeasuredCategory | undefined, kernels: readonly CountedKernel[], { kind, datasheet }: CategoryCeiling): Reached | null => {
  if (measured === undefined || datasheet === null || kind === 'link') return null;
  const work = kind === 'memory' ? measured.sol_pct_bw : byOperations(measured, kernels, datasheet);
  if (work !== null && work <= MOST) return { percent: work, by: 'work' };
  const { sol_pct_compute: pipe } = measured;
  return kind === 'memory' || pipe === null ? null : { percent: pipe, by: 'pipe' };
}; // prettier-ignore

/** Counters of the cell; none where they name another hardware than its rows. */
const countedOn = ({ hwKey }: CellHardware, cell: string, { countedKernels, ceilings }: Evidence): readonly CountedKernel[] => {
  const { hw_key: named, kernels } = countedKernels.find((each) => each.cell === cell)?.document ?? { hw_key: null, kernels: [] };
  return typeof named === 'string' && hardwareKey(ceilings, named) !== hwKey ? [] : kernels;
}; // prettier-ignore

const cellOf = (kernels: Kernels, of: CellHardware, { evidence }: ReportData): SolCell | null => {
  const source = bestSource(kernels);
  if (source === undefined) return null;
  const total = Object.values(source.per_category).reduce((sum, value) => sum + value, 0);
  if (total <= 0) return null;
  const counted = countedOn(of, kernels.cell, evidence);
  const measured = measuredCategories(counted, { table: evidence.ceilings, hwKey: of.hwKey ?? '', times: undefined });
  const categories = Object.entries(source.per_category)
    .filter(([, value]) => value > 0)
    .toSorted(([, a], [, b]) => b - a)
    .map(([category, value]): CategoryRow => {
      const ceiling = categoryCeiling(evidence.ceilings, of.hwKey, { category, quant: of.quant });
      const own = counted.filter((kernel) => kernel.category === category);
      const reached = reachedBy(measured.find((each) => each.category === category), own, ceiling);
      return { category, share: (100 * value) / total, ceiling, reached };
    });
  return { ...of, cell: kernels.cell, source: source.source, unit: source.unit, total, categories };
}; // prettier-ignore

const valueOf = ({ value, unit }: Ceiling): string => withUnit(value, unit);
const briefValue = ({ value, unit }: Ceiling): string => withUnit(value, unit, 3);

const ceilingField = ({ what, datasheet }: CategoryCeiling): BarField =>
  datasheet === null
    ? { kind: 'words', text: 'no ceiling', quiet: true }
    : { kind: 'words', text: `${briefValue(datasheet)} ${what}` };

const reachedText = ({ percent, by }: Reached): string => `${shareText(percent)}${by === 'pipe' ? ' busy' : ''}`;

const reachedField = ({ category, ceiling, reached }: CategoryRow, { cell, role }: SolCell): BarField => {
  if (ceiling.datasheet === null) return { kind: 'words', text: '-', quiet: true };
  if (reached === null) return { kind: 'words', text: 'not measured', quiet: true };
  const text = reachedText(reached);
  const part = { value: reached.percent, role, title: `${cell}, ${category}: ${text} of ${ceiling.datasheet.key}` };
  return { kind: 'bar', parts: [part], text, from: { rows: [`${cell}/${CELL_FILES.ncuKernels}`], fields: [category] } };
};

const rowOf = (row: CategoryRow, of: SolCell): BarRow => {
  const { category, share } = row;
  const text = formatShare(share);
  const title = `${of.cell}, ${category}: ${text} of ${of.unit === 'ns' ? 'kernel time' : of.unit}`;
  const from = { rows: [`${of.cell}/${CELL_FILES.kernels}`], fields: [`per_category.${category}`] };
  return {
    label: category,
    fields: [
      { kind: 'bar', parts: [{ value: share, role: of.role, title }], text, from },
      ceilingField(row.ceiling),
      reachedField(row, of),
    ],
  };
};

/** The most that the cell gives; empty where no row says. */
const peakText = ({ rows }: SolCell): string => {
  const [best] = rows.toSorted((a, b) => (b.output_tps_per_gpu ?? 0) - (a.output_tps_per_gpu ?? 0));
  return best === undefined || best.output_tps_per_gpu === null
    ? ''
    : ` · peak ${formatGrouped(best.output_tps_per_gpu, 1)} tok/s/GPU at C=${best.concurrency}`;
};

const underOf = (cell: SolCell): string => {
  const { hardware, quant, rows: [row], source, unit, total } = cell;
  const tp = row === undefined ? '' : ` TP${row.tensor_parallel}`;
  const kernels = unit === 'ns' ? formatNanoseconds(total) : plural(total, 'sample');
  return `${[hardware, quant].filter((word) => word !== '').join(' ')}${tp} · ${source} ${kernels}${peakText(cell)}`;
}; // prettier-ignore

const panelOf = (cell: SolCell, most: number) =>
  cellPanel({
    name: cell.cell,
    under: underOf(cell),
    bars: {
      labelShare: 1.45,
      columns: [
        { title: `of ${cell.unit === 'ns' ? 'kernel time' : 'samples'}`, share: 1.6, most },
        { title: 'ceiling', share: 2.05 },
        { title: 'reached of it', share: 1.6, most: 100 },
      ],
      rows: cell.categories.map((row) => rowOf(row, cell)),
    },
  }); // prettier-ignore

/** The heaviest category of all cells that has a ceiling. */
const findingOf = (cells: readonly SolCell[]): string => {
  const all = cells.flatMap((of) => of.categories.map((row) => ({ of, row })));
  const [top] = all
    .filter(({ row }) => row.ceiling.datasheet !== null)
    .toSorted((a, b) => Number(b.row.reached !== null) - Number(a.row.reached !== null) || b.row.share - a.row.share);
  if (top === undefined || top.row.ceiling.datasheet === null) return 'Speed of light by category of kernels';
  const { of, row: { category, share, reached, ceiling } } = top;
  const limit = `${valueOf(top.row.ceiling.datasheet)} (${ceiling.what})`;
  const took = `${category} takes ${formatShare(share)} of the ${of.unit === 'ns' ? 'kernel time' : 'samples'} of ${shortName(of.cell)}`;
  if (reached === null) return `${took}; its ceiling is ${limit}`;
  return reached.by === 'work' ? `${took} and reaches ${shareText(reached.percent)} of ${limit}` : `${took} and keeps its pipe busy ${shareText(reached.percent)} of the time`;
}; // prettier-ignore

const usedCeilings = (cells: readonly SolCell[]): readonly Ceiling[] => {
  const used = cells.flatMap(({ categories }) =>
    categories.flatMap(({ ceiling: { datasheet, best } }) => [datasheet ?? [], best ?? []].flat()),
  );
  return [...new Map(used.map((ceiling) => [ceiling.key, ceiling])).values()].toSorted((a, b) =>
    a.key.localeCompare(b.key, 'en'),
  );
};

const ceilingsTable = (cells: readonly SolCell[]): PageBlock =>
  pageTable(
    [
      { title: 'ceiling', share: 2.6 },
      { title: 'value', align: 'right', share: 1 },
      { title: 'kind', share: 0.9 },
      { title: 'source', share: 4.5 },
      { title: 'read', share: 0.9 },
    ],
    usedCeilings(cells).map((ceiling) => [ceiling.key, valueOf(ceiling), ceiling.kind, ceiling.source, ceiling.date]),
    8,
  );

const ceilingsWords = (cells: readonly SolCell[]): string => {
  const limited = cells.filter(({ categories }) => categories.some(({ ceiling }) => ceiling.datasheet !== null));
  const hardware = [...new Set(limited.map((each) => each.hardware))].join(', ');
  return `${plural(usedCeilings(cells).length, 'ceiling')} of ${hardware} per GPU, with their sources`;
};

/** Above so many cells the ceilings have a page of their own. */
const TOGETHER = 4;

const ceilingsPage = (cells: readonly SolCell[]): Page => ({
  id: 'sol',
  title: ceilingsWords(cells),
  subtitle: 'the figures behind the bars by category',
  orientation: 'portrait',
  blocks: [ceilingsTable(cells)],
});

interface Precondition {
  /** Null where it is met. */
  readonly lacks: string | null;
  readonly met: string;
  readonly fix: string;
}

const preconditions = ({ evidence, rows }: ReportData, cells: readonly SolCell[]): readonly Precondition[] => {
  const names = [...new Set([...cells.map(({ hardware }) => hardware), ...rows.map(({ hardware }) => hardware)])];
  const shown = names.length === 0 ? 'no row names one' : names.slice(0, 4).join(', ');
  const limited = cells.some(({ categories }) => categories.some(({ ceiling }) => ceiling.datasheet !== null));
  return [
    {
      lacks: evidence.kernels.length === 0 ? 'no cell has kernels.json' : cells.length === 0 ? 'kernels.json holds no time of a category' : null,
      met: `kernels.json of ${plural(cells.length, 'cell')}`,
      fix: 'bring a profile with perf_tune_report_import_nsys or import_zymtrace',
    },
    {
      lacks: evidence.ceilings.byKey.size === 0 ? 'no ceilings are in use' : null,
      met: `${plural(evidence.ceilings.byKey.size, 'ceiling')} in use`,
      fix: 'put configs/sol-ceilings.yaml into the folder of the campaign or above it, or set SOL_CEILINGS_YAML (not to disable)',
    },
    {
      lacks: limited ? null : `no hardware of the rows has a ceiling (${shown})`,
      met: 'the hardware has ceilings',
      fix: 'name the GPU in the rows as the ceilings do, or add its figures with their source',
    },
  ];
}; // prettier-ignore

const numbered = (words: readonly string[]): string => words.map((word, index) => `(${index + 1}) ${word}`).join('; ');

/** All three are named, whichever is absent. */
const omission = (all: readonly Precondition[]): ReturnType<typeof omitted> =>
  omitted('sol', numbered(all.map(({ lacks, met }) => lacks ?? `${met}: met`)), numbered(all.map(({ fix }) => fix)));

const unlimited = (cells: readonly SolCell[]): Omission[] => {
  const without = cells.filter(({ categories }) => categories.every(({ ceiling }) => ceiling.datasheet === null));
  if (without.length === 0) return [];
  const hardware = [...new Set(without.map((each) => each.hardware))].join(', ');
  return [
    {
      page: 'sol',
      why: `no ceiling of ${hardware}: ${plural(without.length, 'cell')} ${without.length === 1 ? 'shows' : 'show'} shares of time alone`,
      how_to_fix: 'add its figures with their source to configs/sol-ceilings.yaml',
    },
  ];
};

const NOTE =
  'Bars on the left are shares of the time of all kernels; on the right what counters of single kernels reached of the ceiling that limits such kernels, by bytes or operations; a link’s ceiling is one way; "busy" is how long the busiest pipe was in use where operations were not counted. A ceiling is of that hardware and of the format of the cell.';

/** Cells of the same kernels file, by arm. */
export const kernelCeilingPages: PagePlan = (data) => {
  const hardwareOf = cellHardware(data);
  const cells = data.evidence.kernels.flatMap((kernels) => cellOf(kernels, hardwareOf(kernels.cell), data) ?? []);
  const needs = preconditions(data, cells);
  if (needs.some(({ lacks }) => lacks !== null)) return omission(needs);
  const most = Math.max(...cells.flatMap(({ categories }) => categories.map(({ share }) => share)));
  const alt = `Share of kernel time, ceiling and what was reached of it by category: ${plural(cells.length, 'cell')}`;
  const { pictures, orientation } = panelGrid(cells.map((cell) => panelOf(cell, most)), { alt, href: 'sol.svg' });
  const pages = pictures.map((picture, index): Page => ({
    id: 'sol',
    title: findingOf(cells),
    subtitle: gridSubtitle(data, cells, `${plural(cells.length, 'cell')} with kernels; ceilings per GPU, dense, as the datasheet states them`, [index, pictures.length]),
    orientation,
    blocks: [
      picture,
      { kind: 'paragraph', text: NOTE },
      ...(cells.length > TOGETHER ? [] : [{ kind: 'heading', level: 3, text: ceilingsWords(cells) } as const, ceilingsTable(cells)]),
    ],
  }));
  return drawn(cells.length > TOGETHER ? [...pages, ceilingsPage(cells)] : pages, unlimited(cells), 'L1');
}; // prettier-ignore
