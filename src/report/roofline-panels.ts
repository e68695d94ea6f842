// The panels of the roofline: points under three lines (datasheet, best measured, typical), and how busy memory and cores were at each
// load. Duty cycles are shares of time; where they stand in for FLOPs and bytes the mark, the legend and the words say proxy.
import { hardwareRates, LINES, type HardwareRates, type Line } from '../roofline/rates.ts';
import { mainPeak } from '../roofline/main-peak.ts';
import { MEMORY_BOUND_PERCENT } from '../roofline/sweep-questions.ts';
import type { CeilingTable } from '../hardware/ceilings.ts';
import { formatGrouped, formatNumber, formatShare } from '../render/numbers.ts';
import { SERIES, type Role } from '../render/palette.ts';
import type { LegendEntry } from '../render/picture.ts';
import type { Panel, PanelLimit, PanelPoint, PanelSeries } from '../render/scatter-panel.ts';
import { svgMark, svgPath, type Point, type Shape } from '../render/svg.ts';
import { grouped } from '../text/lists.ts';
import { Fault } from '../text/fault.ts';
import type { RooflinePoint } from './roofline-points.ts';

/** One configuration that was swept. */
export interface Sweep {
  readonly name: string;
  readonly role: Role;
  readonly shape: Shape;
  readonly points: readonly RooflinePoint[];
}

/** Shapes beside colours, so that configurations that share a place are told apart. */
const SHAPES = ['circle', 'square', 'triangle', 'diamond', 'star', 'wye', 'cross'] as const satisfies readonly Shape[];

export const sweepsOf = (points: readonly RooflinePoint[]): Sweep[] =>
  [...grouped(points, ({ sweep }) => sweep)].map(([name, own], index) => ({
    name,
    role: SERIES[index % SERIES.length] ?? 'ink',
    shape: SHAPES[index % SHAPES.length] ?? 'circle',
    points: own,
  }));

/** Peaks of one line; null where a table holds none. */
interface RoofLine {
  readonly line: Line;
  readonly tflops: number | null;
  readonly tbps: number | null;
}

const over = (value: number | null, unit: number): number | null => (value === null ? null : value / unit);

const ratesOf = (table: CeilingTable, hardware: string): HardwareRates | null => {
  try {
    return hardwareRates(table, hardware);
  } catch (error) {
    if (error instanceof Fault) return null;
    throw error;
  }
};

/** The lines of a point's hardware and format: those of the table, and of the datasheet as its sweep was read where there is no table. */
const linesOf = ({ hardware, quant, peakPflops, peakTbps }: RooflinePoint, table: CeilingTable): RoofLine[] => {
  const rates = ratesOf(table, hardware);
  if (rates === null) return [{ line: 'datasheet', tflops: peakPflops === null ? null : peakPflops * 1000, tbps: peakTbps }];
  return LINES.map((line) => ({ line, tflops: over(mainPeak(rates.lines[line], quant), 1e12), tbps: over(rates.lines[line].hbm, 1e12) }));
}; // prettier-ignore

const datasheetOf = (point: RooflinePoint, table: CeilingTable): { readonly tflops: number; readonly tbps: number } | null => {
  const sheet = linesOf(point, table).find(({ line }) => line === 'datasheet');
  return sheet === undefined || sheet.tflops === null || sheet.tbps === null ? null : { tflops: sheet.tflops, tbps: sheet.tbps };
}; // prettier-ignore

const LINE_WORDS = { datasheet: 'datasheet', best: 'best measured', typical: 'typical' } as const;
const LINE_DASHES = { datasheet: undefined, best: '7 4', typical: '2 3' } as const;

/** The axis goes on past the ridge by this factor. */
const BEYOND = 3;

/** Memory up to the ridge, then the peak; where one of both is not known, the other alone. */
const limitOf = ({ line, tflops, tbps }: RoofLine, from: number, sheetRidge: number): PanelLimit[] => {
  const ridge = tflops !== null && tbps !== null ? tflops / tbps : sheetRidge;
  const rise: Point[] = tbps === null ? [] : [[from, from * tbps], [ridge, ridge * tbps]];
  const flat: Point[] = tflops === null ? [] : [...(tbps === null ? [[ridge, tflops] as const] : []), [sheetRidge * BEYOND, tflops]];
  const dash = LINE_DASHES[line];
  const points = [...rise, ...flat];
  // Three lines lie close: the legend names them.
  return points.length === 0 ? [] : [{ name: '', points, ...(dash === undefined ? {} : { dash }) }];
}; // prettier-ignore

/** One point of each hardware and format, by their name. */
const kindsOf = (points: readonly RooflinePoint[]): ReadonlyMap<string, RooflinePoint> =>
  new Map(points.map((point) => [`${point.hardware} ${point.quant}`, point]));

const figuresOf = ({ tflops, tbps }: RoofLine): string =>
  [
    ...(tflops === null ? [] : [`${formatGrouped(tflops, 0)} TFLOPS`]),
    ...(tbps === null ? [] : [`${formatNumber(tbps, 3)} TB/s`]),
  ].join(', ');

const roofLegend = (points: readonly RooflinePoint[], table: CeilingTable): LegendEntry[] =>
  [...kindsOf(points)].flatMap(([name, point]) =>
    linesOf(point, table).flatMap((each): LegendEntry[] => {
      const [figures, dash] = [figuresOf(each), LINE_DASHES[each.line]];
      const sample: LegendEntry['sample'] = ([x, y]) => svgPath([[x - 11, y], [x + 11, y]], 'ink', { width: 1.2, ...(dash === undefined ? {} : { dash }) });
      return figures === '' ? [] : [{ text: `${name} ${LINE_WORDS[each.line]}: ${figures}`, sample }];
    }),
  ); // prettier-ignore

/** The lines of every hardware and format that has a point in the panel. */
const roofsOf = (
  points: readonly RooflinePoint[],
  placed: readonly PanelSeries[],
  table: CeilingTable,
): PanelLimit[] => {
  const least = Math.min(...placed.flatMap((series) => series.points.map(({ x }) => x)));
  if (!Number.isFinite(least)) return [];
  return [...kindsOf(points).values()].flatMap((point) => {
    const sheet = datasheetOf(point, table);
    if (sheet === null) return [];
    const ridge = sheet.tflops / sheet.tbps;
    const from = Math.min(least, ridge) * 0.8;
    return linesOf(point, table).flatMap((line) => limitOf(line, from, ridge));
  });
};

const loadOf = ({ phase, concurrency, isl }: RooflinePoint): string =>
  phase === 'decode' ? `${concurrency}` : `ISL ${isl === null ? '?' : formatNumber(isl)}`;

/** Share of the limit that binds: of memory left of the ridge, of the peak right of it. */
const bindingOf = (point: RooflinePoint, table: CeilingTable): string => {
  const sheet = datasheetOf(point, table);
  const { intensity, tflops, delivered } = point;
  if (sheet === null || intensity === null || tflops === null) return '';
  const isMemory = intensity < sheet.tflops / sheet.tbps;
  const share = isMemory ? delivered : (100 * tflops) / sheet.tflops;
  return share === null ? '' : `, ${formatShare(share, share < 10 ? 1 : 0)} of ${isMemory ? 'HBM' : 'peak'}`;
};

const wordsOf = (point: RooflinePoint): string =>
  `${point.sweep}, ${point.phase === 'decode' ? 'decode at C=' : 'prefill of '}${loadOf(point)}`;

const PHASES = ['decode', 'prefill'] as const;

const measured = ({ role, shape, points }: Sweep, phase: RooflinePoint['phase'], labelOf: (point: RooflinePoint) => string): PanelSeries => ({
  role,
  shape,
  hollow: phase === 'prefill',
  points: points
    .filter((point) => point.phase === phase)
    .flatMap((point): PanelPoint[] => {
      const { intensity: x, tflops: y, file } = point;
      if (x === null || y === null || x <= 0) return [];
      return [{ x, y, label: labelOf(point), title: wordsOf(point), from: { rows: [file], fields: ['intensity', 'tflops'] } }];
    }),
}); // prettier-ignore

/** Where FLOPs and bytes are not known: as if a unit that is in use worked at its peak. */
const proxied = ({ role, points }: Sweep, table: CeilingTable): PanelSeries => ({
  role,
  shape: 'wye',
  hollow: true,
  apart: true,
  points: points.flatMap((point): PanelPoint[] => {
    const { intensity, tflops, tensor, dram, file } = point;
    const sheet = datasheetOf(point, table);
    if ((intensity !== null && tflops !== null) || sheet === null || tensor === null || dram === null || dram <= 0 || tensor <= 0) return [];
    const x = (tensor / dram) * (sheet.tflops / sheet.tbps);
    const title = `proxy from duty cycles: ${wordsOf(point)}`;
    return [{ x, y: (tensor / 100) * sheet.tflops, label: loadOf(point), title, from: { rows: [file], fields: ['tensor', 'dram'] } }];
  }),
}); // prettier-ignore

/** True where points stand by their duty cycles. */
export const hasProxy = (sweeps: readonly Sweep[], table: CeilingTable): boolean =>
  sweeps.some((sweep) => proxied(sweep, table).points.length > 0);

/** More labels than these leave no room for shares. */
const FEW = 14;

export const roofPanel = (sweeps: readonly Sweep[], table: CeilingTable): Panel => {
  const points = sweeps.flatMap((sweep) => sweep.points);
  const labelOf = (point: RooflinePoint): string =>
    `${loadOf(point)}${points.length > FEW ? '' : bindingOf(point, table)}`;
  const exact = sweeps.flatMap((sweep) => PHASES.map((phase) => measured(sweep, phase, labelOf)));
  const proxies = sweeps.map((sweep) => proxied(sweep, table));
  const series = [...exact, ...proxies].filter((each) => each.points.length > 0);
  return {
    title: exact.every((each) => each.points.length === 0) && series.length > 0 ? 'Under the roofline: proxy' : 'Under the roofline',
    x: { name: 'FLOP per byte of HBM', unit: '', kind: 'log' },
    y: { name: 'TFLOPS per GPU', unit: '', kind: 'log' },
    series,
    limits: roofsOf(points, series, table),
    absent: 'no place under the roof: no config of the model, and no counters or ceilings for a proxy',
  };
}; // prettier-ignore

const busy = (sweeps: readonly Sweep[], field: 'dram' | 'delivered' | 'tensor' | 'sm', hollow: boolean, dash?: string): PanelSeries[] =>
  sweeps.map(({ role, shape, points }) => ({
    role,
    shape,
    hollow,
    ...(dash === undefined ? {} : { dash }),
    points: points
      .filter(({ phase }) => phase === 'decode')
      .flatMap((point): PanelPoint[] => {
        const { concurrency: x, [field]: y, file } = point;
        return y === null || x <= 0 ? [] : [{ x, y, title: wordsOf(point), from: { rows: [file], fields: ['concurrency', field] } }];
      }),
  })); // prettier-ignore

const loads = { name: 'concurrency', unit: '', kind: 'log' } as const;

export const memoryPanel = (sweeps: readonly Sweep[]): Panel => {
  const ends = sweeps.flatMap(({ points }) => points.filter(({ phase }) => phase === 'decode').map(({ concurrency }) => concurrency));
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

export const corePanel = (sweeps: readonly Sweep[]): Panel => ({
  title: 'Cores in decode',
  x: loads,
  y: { name: 'share of time busy', unit: '%', kind: 'linear' },
  series: [...busy(sweeps, 'tensor', false), ...busy(sweeps, 'sm', true, '1 3')],
  absent: 'no point of decode has a counter of the cores',
});

/** Names of the configurations by colour and shape; in the panel of the roof hollow is prefill. */
export const sweepLegend = (sweeps: readonly Sweep[], table: CeilingTable): LegendEntry[] => [
  ...sweeps.map(({ name, role, shape }): LegendEntry => ({
    text: name,
    sample: ([x, y]) => svgPath([[x - 11, y], [x + 11, y]], role, { width: 1.5 }) + svgMark([x, y], { role, shape }),
  })),
  ...roofLegend(sweeps.flatMap(({ points }) => points), table),
  ...(hasProxy(sweeps, table) ? [{ text: 'proxy from duty cycles, no FLOPs', sample: (at: Point) => svgMark(at, { role: 'quiet', shape: 'wye', hollow: true }) }] : []),
]; // prettier-ignore
