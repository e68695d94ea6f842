// Prefill and decode under the roofline, and how busy memory and tensor cores were at each load: every sweep of the campaign on one page.
// Duty cycles are shares of time and never become FLOPs. A sweep without a model's config has no place under the roof, and the page
// says so.
import { formatGrouped, formatNumber, formatShare } from '../../render/numbers.ts';
import type { DrawnPoint } from '../../render/document.ts';
import type { Page, PageBlock } from '../../render/page.ts';
import { legendPart, type LegendEntry } from '../../render/picture.ts';
import { SERIES, type Role } from '../../render/palette.ts';
import {
  scatterPanel,
  type Panel,
  type PanelLimit,
  type PanelPoint,
  type PanelSeries,
} from '../../render/scatter-panel.ts';
import { svgDocument, svgMark, svgPath, type Point } from '../../render/svg.ts';
import { PAGE_MARGIN, PAGE_SIZES } from '../../render/typst-template.ts';
import { MEMORY_BOUND_PERCENT } from '../../roofline/sweep-questions.ts';
import type { RooflinePoint } from '../roofline-points.ts';
import { drawn, omitted, type Omission, type PagePlan } from '../page-plan.ts';

const WIDTH = PAGE_SIZES.landscape.width - 2 * PAGE_MARGIN;
const GUTTER = 26;
const HEIGHT = 170;

interface Sweep {
  readonly name: string;
  readonly role: Role;
  readonly points: readonly RooflinePoint[];
}

const sweepsOf = (points: readonly RooflinePoint[]): Sweep[] => {
  const names = [...new Set(points.map(({ sweep }) => sweep))];
  return names.map((name, index) => ({
    name,
    role: SERIES[index % SERIES.length] ?? 'ink',
    points: points.filter(({ sweep }) => sweep === name),
  }));
};

type Figure = 'intensity' | 'tflops' | 'delivered' | 'dram' | 'tensor' | 'sm' | 'concurrency';

const pointsOf = (points: readonly RooflinePoint[], x: Figure, y: Figure, label: (point: RooflinePoint) => string): PanelPoint[] =>
  points.flatMap((point) => {
    const [atX, atY] = [point[x], point[y]];
    return atX === null || atY === null || atX <= 0 ? [] : [{ x: atX, y: atY, label: label(point), title: `${point.sweep}, ${label(point)}`, from: { rows: [point.file], fields: [x, y] } }];
  }); // prettier-ignore

const loadOf = ({ phase, concurrency, isl }: RooflinePoint): string =>
  phase === 'decode' ? `${concurrency}` : `ISL ${isl === null ? '?' : formatNumber(isl)}`;

const underRoof = (sweeps: readonly Sweep[]): PanelSeries[] =>
  sweeps.flatMap(({ role, points }) =>
    (['decode', 'prefill'] as const).map((phase): PanelSeries => ({
      role,
      shape: phase === 'decode' ? 'circle' : 'square',
      hollow: phase === 'prefill',
      points: pointsOf(points.filter((point) => point.phase === phase), 'intensity', 'tflops', loadOf),
    })),
  ); // prettier-ignore

/** Memory up to the ridge, then the peak; one roof for each pair of peaks. */
const roofsOf = (points: readonly RooflinePoint[]): PanelLimit[] => {
  const placed = points.filter(({ intensity, tflops }) => intensity !== null && tflops !== null);
  const least = Math.min(...placed.map(({ intensity }) => intensity ?? Infinity));
  const roofs = new Map(
    placed.flatMap(({ peakPflops, peakTbps, hardware, quant }) =>
      peakPflops === null || peakTbps === null ? [] : [[`${hardware} ${quant}`, [peakPflops * 1000, peakTbps] as const] as const],
    ),
  );
  return [...roofs].map(([name, [tflops, tbps]]) => {
    const ridge = tflops / tbps;
    const from = Math.min(least, ridge) * 0.8;
    return {
      name: `${name} datasheet ${formatGrouped(tflops, 0)} TFLOPS, ${formatNumber(tbps)} TB/s`,
      points: [[from, from * tbps], [ridge, tflops], [ridge * 3, tflops]],
    };
  });
}; // prettier-ignore

const busy = (sweeps: readonly Sweep[], figure: Figure, hollow: boolean, dash?: string): PanelSeries[] =>
  sweeps.map(({ role, points }) => ({
    role,
    shape: 'circle',
    hollow,
    ...(dash === undefined ? {} : { dash }),
    points: pointsOf(points.filter(({ phase }) => phase === 'decode'), 'concurrency', figure, loadOf)
      .map(({ label: _shown, ...point }) => point),
  })); // prettier-ignore

const loads = { name: 'concurrency', unit: '', kind: 'log' } as const;

const memoryPanel = (sweeps: readonly Sweep[], points: readonly RooflinePoint[]): Panel => {
  const ends = points.filter(({ phase }) => phase === 'decode').map(({ concurrency }) => concurrency);
  const [from, to] = [Math.min(...ends), Math.max(...ends)];
  return {
    title: 'Memory in decode',
    x: loads,
    y: { name: 'share of HBM', unit: '%', kind: 'linear' },
    series: [...busy(sweeps, 'dram', false), ...busy(sweeps, 'delivered', true, '5 3')],
    limits: [{ name: `${MEMORY_BOUND_PERCENT} %`, dash: '6 4', points: [[from, MEMORY_BOUND_PERCENT], [to, MEMORY_BOUND_PERCENT]] }],
    absent: 'no point of decode has a counter of memory',
  };
}; // prettier-ignore

const corePanel = (sweeps: readonly Sweep[]): Panel => ({
  title: 'Cores in decode',
  x: loads,
  y: { name: 'share of time busy', unit: '%', kind: 'linear' },
  series: [...busy(sweeps, 'tensor', false), ...busy(sweeps, 'sm', true, '1 3')],
  absent: 'no point of decode has a counter of the cores',
});

const roofPanel = (sweeps: readonly Sweep[], points: readonly RooflinePoint[]): Panel => {
  const series = underRoof(sweeps);
  return {
    title: 'Under the roofline',
    x: { name: 'FLOP per byte of HBM', unit: '', kind: 'log' },
    y: { name: 'TFLOPS per GPU', unit: '', kind: 'log' },
    series,
    limits: series.every((each) => each.points.length === 0) ? [] : roofsOf(points),
    absent: 'no place under the roof: no config of the model was given',
  };
};

const legendOf = (sweeps: readonly Sweep[]): LegendEntry[] => {
  const line = (role: Role, dash?: string): LegendEntry['sample'] => ([x, y]) =>
    svgPath([[x - 10, y], [x + 10, y]], role, { width: dash === undefined ? 4 : 1.5, ...(dash === undefined ? {} : { dash }) });
  return [
    ...sweeps.map(({ name, role }): LegendEntry => ({ text: name, sample: line(role) })),
    { text: 'filled: memory, tensor cores active', sample: (at: Point) => svgMark(at, { role: 'quiet' }) },
    { text: 'hollow: bandwidth delivered, SM active', sample: (at: Point) => svgMark(at, { role: 'quiet', hollow: true }) },
  ];
}; // prettier-ignore

const findingOf = (points: readonly RooflinePoint[]): string => {
  const decode = points.filter(({ phase }) => phase === 'decode');
  const most = decode.toSorted((a, b) => (b.delivered ?? b.dram ?? 0) - (a.delivered ?? a.dram ?? 0))[0];
  const share = most?.delivered ?? most?.dram ?? null;
  if (most === undefined || share === null) return 'No sweep has a counter of memory';
  const what = most.delivered === null ? 'memory is busy' : 'memory delivers';
  return `In decode ${what} at most ${formatShare(share)} at C=${most.concurrency}: ${share >= MEMORY_BOUND_PERCENT ? 'bound by memory' : `below ${MEMORY_BOUND_PERCENT} %`}`;
};

const pictureOf = (
  points: readonly RooflinePoint[],
): { readonly svg: string; readonly alt: string; readonly values: readonly DrawnPoint[] } => {
  const sweeps = sweepsOf(points);
  const legend = legendPart(legendOf(sweeps), 0, 0, WIDTH);
  const top = legend.height + 8;
  const width = (WIDTH - GUTTER) / 2;
  const panels = [
    scatterPanel(roofPanel(sweeps, points), { left: 0, top, width, height: 2 * HEIGHT }),
    scatterPanel(memoryPanel(sweeps, points), { left: width + GUTTER, top, width, height: HEIGHT }),
    scatterPanel(corePanel(sweeps), { left: width + GUTTER, top: top + HEIGHT, width, height: HEIGHT }),
  ];
  const alt = `Roofline, memory and core activity of ${sweeps.map(({ name }) => name).join(', ')}`;
  const elements = [...legend.elements, ...panels.flatMap((panel) => panel.elements)];
  return {
    svg: svgDocument(WIDTH, top + 2 * HEIGHT, alt, elements),
    alt,
    values: panels.flatMap((panel) => panel.points),
  };
};

const NO_SHAPE: Omission = {
  page: 'roofline',
  why: 'a sweep has no place under the roof: no config of its model was given',
  how_to_fix:
    'import it again with --model-config, or measure it with perf_tune_report_roofline_sweep, which keeps the config',
};

export const rooflinePages: PagePlan = ({ evidence: { roofline: points } }) => {
  if (points.length === 0)
    return omitted('roofline', 'no cell has roofline_v1.json', 'measure with perf_tune_report_roofline_sweep, or bring a sweep with perf_tune_report_import_roofline_sweep');
  const { svg, alt, values } = pictureOf(points);
  const shapes = [...new Set(points.map(({ model, hardware, quant, tp, isl, osl, phase }) => phase === 'decode' ? `${model} ${quant} on ${hardware} TP${tp}, ISL/OSL ${isl ?? '?'}/${osl ?? '?'}` : ''))].filter((shape) => shape !== '');
  const blocks: PageBlock[] = [
    { kind: 'picture', title: alt, href: 'roofline.svg', svg, points: values },
    { kind: 'paragraph', text: 'Labels are concurrencies in decode and prompt lengths in prefill. Activity is a share of time, not of FLOPs; delivered bandwidth is computed from the bytes that a step must read.' },
  ];
  const page: Page = { id: 'roofline', title: findingOf(points), subtitle: shapes.join(' · '), orientation: 'landscape', blocks };
  const hasCounters = points.some(({ dram, tensor, sm }) => dram !== null || tensor !== null || sm !== null);
  return drawn([page], points.every(({ intensity }) => intensity === null) ? [NO_SHAPE] : [], hasCounters ? 'L3' : undefined);
}; // prettier-ignore
