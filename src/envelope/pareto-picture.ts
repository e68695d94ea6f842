// The picture of a Pareto front as SVG: every run as a mark with its name, the front as a line, two axes that leave no corner
// squeezed. A pure function of the data; the same data gives the same bytes.
import { SERIES, type Role } from '../render/palette.ts';
import { bottomAxis, headPart, leftAxis, leftAxisWidth, markBox, pointLabels } from '../render/picture.ts';
import type { Frame, LegendEntry } from '../render/picture.ts';
import { axisScale, type AxisScale } from '../render/scale.ts';
import { SHAPE_NAMES, svgDocument, svgMark, svgPath, type MarkStyle, type Point, type Shape } from '../render/svg.ts';
import { plural, withUnit } from '../render/numbers.ts';
import type { Comparison } from './compare-runs.ts';
import { onAxis, type ParetoAxis, type ParetoPair } from './pareto.ts';

const WIDTH = 900;
const MARGIN = 24;
const PLOT_HEIGHT = 400;
const BELOW = 52;
const RADIUS = 4.5;

interface Run {
  readonly x: number;
  readonly y: number;
  readonly label: string;
  readonly series: string;
  readonly isOnFront: boolean;
}

const runsOf = ({ runs, pareto }: Comparison, pair: ParetoPair): Run[] =>
  runs.flatMap((run, index) => {
    const [x, y] = [onAxis(run.metrics, pair.x), onAxis(run.metrics, pair.y)];
    if (x === null || y === null) return [];
    return {
      x,
      y,
      label: run.point,
      series: run.arm || run.name,
      isOnFront: pareto[pair.name]?.includes(index) ?? false,
    };
  });

/** `throughput, tok/s` is a name and its unit. */
const nameAndUnit = ({ title }: ParetoAxis): readonly [name: string, unit: string] => {
  const comma = title.lastIndexOf(', ');
  return comma < 0 ? [title, ''] : [title.slice(0, comma), title.slice(comma + 2)];
};

type Look = Pick<MarkStyle, 'shape'> & { readonly role: Role };

/** Colour and shape by series in the order of their names: both run out at different lengths, so that pairs do not repeat. */
const looksOf = (runs: readonly Run[]): ReadonlyMap<string, Look> => {
  const names = [...new Set(runs.map(({ series }) => series))].sort();
  return new Map(
    names.map((name, index): [string, Look] => {
      const shape: Shape = SHAPE_NAMES[(index + Math.floor(index / SERIES.length)) % SHAPE_NAMES.length] ?? 'circle';
      return [name, { role: SERIES[index % SERIES.length] ?? 'ink', shape }];
    }),
  );
};

const FRONT = { dash: '5 4', width: 1.2 } as const;

const legendOf = (looks: ReadonlyMap<string, Look>, runs: readonly Run[]): LegendEntry[] => [
  ...[...looks].map(([text, look]): LegendEntry => ({
    text,
    sample: (at) => svgMark(at, { ...look, radius: RADIUS }),
  })),
  ...(runs.some(({ isOnFront }) => !isOnFront)
    ? [
        {
          text: 'hollow: another run beats it in both',
          sample: (at: Point) => svgMark(at, { role: 'quiet', hollow: true }),
        },
      ]
    : []),
  {
    text: 'front',
    sample: ([x, y]) =>
      svgPath(
        [
          [x - 11, y],
          [x + 11, y],
        ],
        'quiet',
        FRONT,
      ),
  },
];

const wish = ({ wish: best }: ParetoAxis, high: string, low: string): string => (best === 'max' ? high : low);

const headOf = (runs: readonly Run[], pair: ParetoPair, looks: ReadonlyMap<string, Look>) => {
  const front = runs.filter(({ isOnFront }) => isOnFront).length;
  const [[x], [y]] = [nameAndUnit(pair.x), nameAndUnit(pair.y)];
  return {
    title: `${front} of ${plural(runs.length, 'run')} ${front === 1 ? 'is' : 'are'} on the front of ${y} against ${x}`,
    subtitle: `n = ${plural(runs.length, 'run')}, one mark each; better is ${wish(pair.y, 'up', 'down')} and ${wish(pair.x, 'right', 'left')}`,
    legend: legendOf(looks, runs),
  };
};

interface Plot {
  readonly frame: Frame;
  readonly x: AxisScale;
  readonly y: AxisScale;
}

const plotOf = (runs: readonly Run[], pair: ParetoPair, top: number): Plot => {
  const bottom = top + PLOT_HEIGHT;
  const [, yUnit] = nameAndUnit(pair.y);
  const [, xUnit] = nameAndUnit(pair.x);
  const y = axisScale(
    runs.map((run) => run.y),
    { range: [bottom, top], unit: yUnit, ticks: 6 },
  );
  const frame = { left: MARGIN + leftAxisWidth(y), right: WIDTH - MARGIN, top, bottom };
  const x = axisScale(
    runs.map((run) => run.x),
    { range: [frame.left, frame.right], unit: xUnit, ticks: 8 },
  );
  return { frame, x, y };
};

/** The front in the order of x. */
const frontPoints = (runs: readonly Run[], place: (run: Run) => Point): Point[] =>
  runs
    .filter(({ isOnFront }) => isOnFront)
    .toSorted((a, b) => a.x - b.x || a.y - b.y)
    .map(place);

const pairsOf = (points: readonly Point[]): (readonly [Point, Point])[] =>
  points.slice(1).map((to, index): readonly [Point, Point] => [points[index] ?? to, to]);

/** SVG of one pair; null when no run has both of its metrics. */
export const paretoPicture = (comparison: Comparison, pair: ParetoPair): string | null => {
  const runs = runsOf(comparison, pair);
  if (runs.length === 0) return null;
  const looks = looksOf(runs);
  const head = headOf(runs, pair, looks);
  const top = headPart(head, MARGIN, WIDTH - 2 * MARGIN);
  const { frame, x, y } = plotOf(runs, pair, top.height + 26);
  const place = (run: Run): Point => [x.at(run.x), y.at(run.y)];
  const front = frontPoints(runs, place);
  const [[xName, xUnit], [yName, yUnit]] = [nameAndUnit(pair.x), nameAndUnit(pair.y)];
  const look = (run: Run): Look => looks.get(run.series) ?? { role: 'ink' };
  const titleOf = (run: Run): string =>
    `${run.label}, ${run.series}\n${xName} ${withUnit(run.x, xUnit)}\n${yName} ${withUnit(run.y, yUnit)}`;
  const byImportance = runs.toSorted((a, b) => Number(b.isOnFront) - Number(a.isOnFront));
  return svgDocument(WIDTH, frame.bottom + BELOW, head.title, [
    ...top.elements,
    ...leftAxis(y, yName, frame),
    ...bottomAxis(x, xName, frame),
    front.length < 2 ? '' : svgPath(front, 'quiet', FRONT),
    ...runs.map((run) =>
      svgMark(place(run), { ...look(run), radius: RADIUS, hollow: !run.isOnFront, title: titleOf(run) }),
    ),
    ...pointLabels(
      byImportance.map((run) => ({ at: place(run), text: run.label, fill: look(run).role, bold: run.isOnFront })),
      { frame, marks: runs.map((run) => markBox(place(run), RADIUS + 1)), lines: pairsOf(front) },
    ),
  ]);
};
