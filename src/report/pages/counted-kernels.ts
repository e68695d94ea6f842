// Single kernels by the counters of ncu: their arithmetic intensity under the roof of the cell's hardware, and their shares of memory and of
// compute against each other. One page for each cell. Without a ceiling no roof is drawn; a kernel that lacks a counter is in the table alone.
import { hardwareKey } from '../../hardware/ceilings.ts';
import { hardwareRates, LINES, type Line } from '../../roofline/rates.ts';
import { mainPeak } from '../../roofline/main-peak.ts';
import { timeOf, type CountedKernel } from '../../campaign/grounding/counted-kernels.ts';
import { CELL_FILES } from '../../campaign/layout.ts';
import type { Origin } from '../../render/document.ts';
import { figure, type Text } from '../../render/document.ts';
import { formatGrouped, formatNanoseconds, formatNumber, formatShare, plural } from '../../render/numbers.ts';
import { pageTable, type Page, type PageBlock } from '../../render/page.ts';
import { legendPart, type LegendEntry } from '../../render/picture.ts';
import {
  scatterPanel,
  type Panel,
  type PanelLimit,
  type PanelPoint,
  type PanelSeries,
  type PlacedPanel,
} from '../../render/scatter-panel.ts';
import { svgDocument, svgMark, svgPath, type Shape } from '../../render/svg.ts';
import { fitText } from '../../render/text-width.ts';
import { PAGE_MARGIN, PAGE_SIZES } from '../../render/typst-template.ts';
import { shortName } from '../arms.ts';
import type { CountedKernels } from '../cell-captures.ts';
import { cellHardware, type CellHardware } from '../cell-hardware.ts';
import { drawn, omitted, type Omission, type PagePlan } from '../page-plan.ts';
import type { ReportData } from '../report-data.ts';
import { pageShape } from '../shape-line.ts';
import { shareText } from '../small-share.ts';

const WIDTH = PAGE_SIZES.portrait.width - 2 * PAGE_MARGIN;
const GUTTER = 26;
const HEIGHT = 330;
/** What the last tick of an axis may stand over. */
const EDGE = 8;

/** A share from which a part binds; the same as that of categories. */
const BINDS = 60;
/** How far a line is drawn, so that its axis ends at 100. */
const WHOLE = 97;

/** Kernels in the table, the longest first; those at whose marks a number stands, and a name beside it. */
const LISTED = 24;
const NAMED = 4;

/** A kernel with its place among those of its cell by time. */
interface Ranked {
  readonly rank: number;
  readonly name: string;
  readonly kernel: CountedKernel;
}

interface NcuCell extends CellHardware {
  readonly cell: string;
  readonly kernels: readonly Ranked[];
}

const ranked = (kernels: readonly CountedKernel[]): Ranked[] =>
  kernels
    .toSorted((a, b) => timeOf(b) - timeOf(a))
    .map((kernel, index) => ({ rank: index + 1, name: kernel.name ?? 'unnamed kernel', kernel }));

/** By category, as in the predecessor's picture. */
const shapeOf = (category: string): Shape => {
  if (['NCCL', 'FMHA', 'Elementwise'].includes(category)) return 'circle';
  if (['MoE', 'BMM-NVFP4'].includes(category)) return 'triangle';
  return ['Triton-fused', 'cuBLAS'].includes(category) ? 'square' : 'diamond';
};

const SHAPE_WORDS: readonly (readonly [Shape, string])[] = [
  ['circle', 'NCCL, FMHA, Elementwise'],
  ['triangle', 'MoE, BMM-NVFP4'],
  ['square', 'Triton-fused, cuBLAS'],
  ['diamond', 'other'],
];

const known = (value: number | null | undefined): value is number => value !== null && value !== undefined;

/** Number, and for the longest ones the name. */
const labelOf = ({ rank, name }: Ranked): { readonly label?: string } => {
  if (rank > LISTED) return {};
  return { label: rank > NAMED ? `${rank}` : `${rank} ${fitText(name, 84, { size: 11 })}` };
};

type Figure =
  'arithmetic_intensity_flops_per_byte' | 'achieved_tflops' | 'achieved_dram_pct_peak' | 'achieved_sm_pct_peak';

const originOf = (cell: string, fields: readonly string[]): Origin => ({
  rows: [`${cell}/${CELL_FILES.ncuKernels}`],
  fields,
});

/** A series for each kernel, so that nothing joins them. */
const seriesOf = ({ cell, kernels, role }: NcuCell, x: Figure, y: Figure, positive: boolean): PanelSeries[] =>
  kernels.flatMap((each): PanelSeries[] => {
    const [atX, atY] = [each.kernel[x], each.kernel[y]];
    if (!known(atX) || !known(atY) || (positive && (atX <= 0 || atY <= 0))) return [];
    const title = `${each.rank} ${each.name}: ${formatNumber(atX, 4)}, ${formatNumber(atY, 4)}`;
    const point: PanelPoint = { x: atX, y: atY, title, ...labelOf(each), from: originOf(cell, [x, y]) };
    return [{ points: [point], role, shape: shapeOf(each.kernel.category), hollow: false }];
  }); // prettier-ignore

const DASHES: Readonly<Record<Line, string | undefined>> = { datasheet: undefined, best: '6 4', typical: '2 3' };

/** Memory up to the ridge, then the products of the cell's format: one roof for each line that has both figures. */
interface Roof {
  readonly words: string;
  readonly limit: PanelLimit;
}

const roofsOf = ({ evidence }: ReportData, { hwKey, quant }: NcuCell, series: readonly PanelSeries[]): Roof[] => {
  const places = series.flatMap(({ points }) => points.map(({ x }) => x));
  if (hwKey === null || places.length === 0) return [];
  const { lines } = hardwareRates(evidence.ceilings, hwKey);
  const known = LINES.flatMap((line) => {
    const [peak, memory] = [mainPeak(lines[line], quant), lines[line].hbm];
    return peak === null || memory === null ? [] : [{ line, tflops: peak / 1e12, tbps: memory / 1e12 }];
  });
  const ends = [...places, ...known.map(({ tflops, tbps }) => tflops / tbps)];
  const [from, to] = [Math.min(...ends) * 0.7, Math.max(...ends) * 2.5];
  return known.map(({ line, tflops, tbps }): Roof => {
    const dash = DASHES[line];
    return {
      words: `${line} ${formatGrouped(tflops, 0)} TFLOPS ${quant}, ${formatNumber(tbps, 3)} TB/s`,
      limit: {
        name: '',
        points: [[from, from * tbps], [tflops / tbps, tflops], [to, tflops]],
        ...(dash === undefined ? {} : { dash }),
      },
    };
  });
}; // prettier-ignore

const roofPanel = (series: readonly PanelSeries[], limits: readonly PanelLimit[]): Panel => ({
  title: 'Arithmetic intensity',
  x: { name: 'FLOP per byte of DRAM', unit: '', kind: 'log' },
  y: { name: 'TFLOPS', unit: '', kind: 'log' },
  series,
  limits,
  absent: 'no kernel has both bytes and operations',
});

const sharePanel = (series: readonly PanelSeries[]): Panel => ({
  title: 'What binds',
  x: { name: 'memory, share of its peak', unit: '%', kind: 'linear' },
  y: { name: 'SM, share of its peak', unit: '%', kind: 'linear' },
  series,
  limits: [
    { name: `${BINDS} %`, dash: '6 4', points: [[BINDS, 0], [BINDS, WHOLE]] },
    { name: `${BINDS} %`, dash: '6 4', points: [[0, BINDS], [WHOLE, BINDS]] },
  ],
  absent: 'no kernel has shares of memory and SM',
}); // prettier-ignore

const legendOf = ({ kernels, role }: NcuCell, roofs: readonly Roof[]): LegendEntry[] => {
  const shapes = new Set(kernels.map(({ kernel }) => shapeOf(kernel.category)));
  return [
    ...SHAPE_WORDS.filter(([shape]) => shapes.has(shape)).map(([shape, text]): LegendEntry => ({
      text,
      sample: (at) => svgMark(at, { role, shape, radius: 3.4 }),
    })),
    ...roofs.map(({ words, limit: { dash } }): LegendEntry => ({
      text: words,
      sample: ([x, y]) => svgPath([[x - 11, y], [x + 11, y]], 'ink', { width: 1.2, ...(dash === undefined ? {} : { dash }) }),
    })),
  ]; // prettier-ignore
};

interface Picture {
  readonly block: PageBlock;
  readonly unplaced: number;
  readonly roofs: number;
  readonly placed: number;
}

const pictureOf = (data: ReportData, of: NcuCell): Picture => {
  const underRoof = seriesOf(of, 'arithmetic_intensity_flops_per_byte', 'achieved_tflops', true);
  const roofs = roofsOf(data, of, underRoof);
  const legend = legendPart(legendOf(of, roofs), 0, 0, WIDTH);
  const top = legend.height + 8;
  const width = (WIDTH - GUTTER) / 2;
  const limits = roofs.map(({ limit }) => limit);
  const panels: readonly PlacedPanel[] = [
    scatterPanel(roofPanel(underRoof, limits), { left: 0, top, width, height: HEIGHT }),
    scatterPanel(sharePanel(seriesOf(of, 'achieved_dram_pct_peak', 'achieved_sm_pct_peak', false)), { left: width + GUTTER, top, width: width - EDGE, height: HEIGHT }),
  ];
  const alt = `Kernels of ${of.cell} under the roofline, and their shares of memory and compute`;
  const elements = [...legend.elements, ...panels.flatMap((panel) => panel.elements)];
  return {
    block: { kind: 'picture', title: alt, href: 'ncu.svg', svg: svgDocument(WIDTH, top + HEIGHT, alt, elements), points: panels.flatMap(({ points }) => points) },
    unplaced: panels.reduce((sum, { unplaced }) => sum + unplaced, 0),
    roofs: limits.length,
    placed: underRoof.length,
  };
}; // prettier-ignore

const bindsOf = ({ achieved_dram_pct_peak: memory, achieved_sm_pct_peak: compute }: CountedKernel): string => {
  if (!known(memory) || !known(compute)) return 'open';
  if (Math.max(memory, compute) < BINDS) return 'latency';
  return memory >= compute ? 'memory' : 'compute';
};

const NAME_WIDTH = 176;

const tableOf = ({ cell, kernels }: NcuCell): PageBlock => {
  const from = originOf(cell, ['kernels']).rows;
  const number = (value: number | null | undefined, words: (value: number) => string, field: string): Text =>
    known(value) ? figure(words(value), from, [field]) : '-';
  return pageTable(
    [
      { title: '#', align: 'right', share: 0.4 },
      { title: 'kernel', share: 4 },
      { title: 'category', share: 1.3 },
      { title: 'launches', align: 'right', share: 1 },
      { title: 'time each', align: 'right', share: 1.2 },
      { title: 'memory', align: 'right', share: 0.9 },
      { title: 'SM', align: 'right', share: 0.8 },
      { title: 'bound', share: 0.9 },
      { title: 'FLOP/B', align: 'right', share: 0.9 },
      { title: 'TFLOPS', align: 'right', share: 0.9 },
      { title: 'occupancy', align: 'right', share: 1.1 },
      { title: 'blocks by', share: 1.2 },
    ],
    kernels.slice(0, LISTED).map(({ rank, name, kernel }) => [
      `${rank}`,
      fitText(name, NAME_WIDTH, { size: 7.5 }),
      kernel.category,
      kernel.launches === undefined ? '-' : `${kernel.launches}`,
      number(kernel.kernel_time_ns, formatNanoseconds, 'kernel_time_ns'),
      number(kernel.achieved_dram_pct_peak, shareText, 'achieved_dram_pct_peak'),
      number(kernel.achieved_sm_pct_peak, shareText, 'achieved_sm_pct_peak'),
      bindsOf(kernel),
      number(kernel.arithmetic_intensity_flops_per_byte, (value) => formatNumber(value, 3), 'arithmetic_intensity_flops_per_byte'),
      number(kernel.achieved_tflops, (value) => formatNumber(value, 3), 'achieved_tflops'),
      number(kernel.achieved_occupancy_pct, (value) => formatShare(value), 'achieved_occupancy_pct'),
      kernel.block_limit_factor ?? '-',
    ]),
    7.5,
  );
}; // prettier-ignore

/** The longest kernel and what binds it. */
const findingOf = ({ cell, kernels: [first] }: NcuCell): string => {
  if (first === undefined) return 'Kernels by their counters';
  const { achieved_dram_pct_peak: memory, achieved_sm_pct_peak: compute } = first.kernel;
  const shares = known(memory) && known(compute) ? `${shareText(memory)} of memory, ${shareText(compute)} of the SMs` : 'no shares were counted';
  return `${shortName(first.name)}, the longest kernel of ${shortName(cell)}: ${shares}, bound by ${bindsOf(first.kernel)}`;
}; // prettier-ignore

const notesOf = (of: NcuCell, { unplaced, roofs, placed }: Picture): string => {
  const { kernels, hardware } = of;
  return [
    `Numbers at the marks are those of the table; the longest kernels are named. From ${BINDS} % on the higher share binds: memory or the SMs; below it latency does.`,
    ...(kernels.length > LISTED ? [`${kernels.length - LISTED} shorter kernels are marks alone: ${CELL_FILES.ncuKernels} holds them.`] : []),
    ...(placed < kernels.length ? [`${plural(kernels.length - placed, 'kernel')} without bytes or operations ${kernels.length - placed === 1 ? 'has' : 'have'} no arithmetic intensity.`] : []),
    ...(placed > 0 && roofs === 0 ? [`No ceiling of ${hardware}${of.quant === '' ? '' : ` in ${of.quant}`}: no roof is drawn.`] : []),
    ...(unplaced > 0 ? [`${plural(unplaced, 'label')} found no room.`] : []),
  ].join(' ');
}; // prettier-ignore

const lacksOf = (of: NcuCell, { roofs, placed }: Picture): Omission[] => [
  ...(placed === 0
    ? [{
        page: 'ncu',
        why: `${of.cell}: no kernel has bytes and operations, so none has a place under the roof`,
        how_to_fix: 'capture the raw page of ncu beside the details page, and import with perf_tune_report_import_ncu',
      }]
    : []),
  ...(placed > 0 && roofs === 0
    ? [{
        page: 'ncu',
        why: `${of.cell}: no ceiling of ${of.hardware}${of.quant === '' ? '' : ` in ${of.quant}`}, so no roof is drawn`,
        how_to_fix: 'give the hardware when importing (perf_tune_report_import_ncu --hardware), or add its figures with their source to configs/sol-ceilings.yaml',
      }]
    : []),
]; // prettier-ignore

/** Counters that name their own hardware are of that one, whatever the rows of the cell say. */
const cellsOf = (all: readonly CountedKernels[], data: ReportData): NcuCell[] => {
  const hardwareOf = cellHardware(data);
  return all
    .map(({ cell, document: { hw_key: named, kernels } }): NcuCell => {
      const of = hardwareOf(cell);
      const own = typeof named === 'string' ? hardwareKey(data.evidence.ceilings, named) : null;
      const isOther = typeof named === 'string' && own !== null && own !== of.hwKey;
      return { ...of, ...(isOther ? { hardware: named, hwKey: own } : {}), cell, kernels: ranked(kernels) };
    })
    .filter(({ kernels }) => kernels.length > 0);
};

export const countedKernelPages: PagePlan = (data) => {
  const { countedKernels } = data.evidence;
  const cells = cellsOf(countedKernels, data);
  if (cells.length === 0)
    return omitted(
      'ncu',
      countedKernels.length === 0 ? `no cell has ${CELL_FILES.ncuKernels}` : `${CELL_FILES.ncuKernels} of no cell holds a kernel`,
      'bring counters of single kernels with perf_tune_report_import_ncu',
    );
  const pictures = cells.map((of) => ({ of, picture: pictureOf(data, of) }));
  const pages = pictures.map(({ of, picture }): Page => ({
    id: 'ncu',
    title: findingOf(of),
    subtitle: [`${of.cell} on ${[of.hardware, of.quant].filter((word) => word !== '').join(' ')}`, `${plural(of.kernels.length, 'kernel')} by ncu, means over their launches`, ...(of.rows.length === 0 ? [] : [pageShape(data, of.rows)])].join(' · '),
    orientation: 'portrait',
    blocks: [picture.block, { kind: 'paragraph', text: notesOf(of, picture) }, tableOf(of)],
  }));
  return drawn(pages, pictures.flatMap(({ of, picture }) => lacksOf(of, picture)), 'L4');
}; // prettier-ignore
