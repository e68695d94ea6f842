// The picture of a Pareto front as SVG: points, their names, the front as steps, two axes. A pure function of the data; the
// same data gives the same bytes.
import { formatNumber } from '../text/numbers.ts';
import { GREY, pixel, svgDocument, svgDot, svgLine, svgText } from '../render/svg.ts';
import type { Comparison } from './compare-runs.ts';
import { onAxis, type ParetoPair } from './pareto.ts';

const WIDTH = 760;
const HEIGHT = 480;
const FRAME = { left: 76, right: 24, top: 40, bottom: 56 } as const;
/** Okabe and Ito's palette, told apart by readers with any colour vision. */
const COLOURS = ['#0072B2', '#D55E00', '#009E73', '#CC79A7', '#E69F00', '#56B4E9', '#000000'] as const;

const GRID = 'stroke="#ddd"';

interface Mark {
  readonly x: number;
  readonly y: number;
  readonly label: string;
  readonly series: string;
  readonly isOnFront: boolean;
}

/** Steps of 1, 2 or 5 times a power of ten that give four to nine ticks from zero to above `largest`. */
export const niceTicks = (largest: number): number[] => {
  const rough = (largest > 0 ? largest : 1) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough) ?? rough;
  const count = Math.ceil((largest > 0 ? largest : 1) / step);
  return Array.from({ length: count + 1 }, (_, index) => Number((index * step).toPrecision(12)));
};

const scale =
  (ticks: readonly number[], from: number, to: number) =>
  (value: number): number =>
    from + ((to - from) * value) / (ticks.at(-1) ?? 1);

type Scale = (value: number) => number;

const gridOf = (xTicks: readonly number[], yTicks: readonly number[], x: Scale, y: Scale): string[] => [
  ...xTicks.flatMap((tick) => [
    svgLine([x(tick), FRAME.top], [x(tick), HEIGHT - FRAME.bottom], GRID),
    svgText(x(tick), HEIGHT - FRAME.bottom + 18, formatNumber(tick), 'text-anchor="middle"'),
  ]),
  ...yTicks.flatMap((tick) => [
    svgLine([FRAME.left, y(tick)], [WIDTH - FRAME.right, y(tick)], GRID),
    svgText(FRAME.left - 8, y(tick) + 4, formatNumber(tick), 'text-anchor="end"'),
  ]),
];

/** The front in the order of x. */
const frontLine = (marks: readonly Mark[], x: Scale, y: Scale): string => {
  const front = marks.filter(({ isOnFront }) => isOnFront).toSorted((a, b) => a.x - b.x || a.y - b.y);
  if (front.length < 2) return '';
  const corners = front.map((mark) => `${pixel(x(mark.x))} ${pixel(y(mark.y))}`).join('L');
  return `<path d="M${corners}" fill="none" stroke="${GREY}" stroke-dasharray="4 3"/>`;
};

const markOf = (mark: Mark, colour: string, x: Scale, y: Scale): string => {
  const [cx, cy] = [x(mark.x), y(mark.y)];
  const onLeft = cx < WIDTH * 0.75;
  const fill = mark.isOnFront ? colour : 'white';
  return [
    svgDot(cx, cy, 5, `stroke="${colour}" fill="${fill}"`, mark.label),
    svgText(cx + (onLeft ? 8 : -8), cy - 6, mark.label, `text-anchor="${onLeft ? 'start' : 'end'}"`),
  ].join('');
};

const legendOf = (series: readonly string[], colourOf: (name: string) => string): string[] =>
  series.map((name, index) =>
    svgText(FRAME.left + 8, FRAME.top + 16 + 16 * index, `● ${name}`, `fill="${colourOf(name)}"`),
  );

const marksOf = ({ runs, pareto }: Comparison, pair: ParetoPair): Mark[] =>
  runs.flatMap((run, index) => {
    const [x, y] = [onAxis(run.metrics, pair.x), onAxis(run.metrics, pair.y)];
    if (x === null || y === null) return [];
    const series = [run.model_id, run.hardware, run.quantization, run.engine]
      .filter((part) => part !== null)
      .join(', ');
    return {
      x,
      y,
      label: run.point,
      series: series || run.path,
      isOnFront: pareto[pair.name]?.includes(index) ?? false,
    };
  });

/** SVG of one pair; null when no run has both of its metrics. */
export const paretoPicture = (comparison: Comparison, pair: ParetoPair): string | null => {
  const marks = marksOf(comparison, pair);
  if (marks.length === 0) return null;
  const xTicks = niceTicks(Math.max(...marks.map((mark) => mark.x)));
  const yTicks = niceTicks(Math.max(...marks.map((mark) => mark.y)));
  const x = scale(xTicks, FRAME.left, WIDTH - FRAME.right);
  const y = scale(yTicks, HEIGHT - FRAME.bottom, FRAME.top);
  const series = [...new Set(marks.map((mark) => mark.series))].sort();
  const colourOf = (name: string): string => COLOURS[series.indexOf(name) % COLOURS.length] ?? '#000000';
  const title = `${pair.y.title} over ${pair.x.title}`;
  return svgDocument(WIDTH, HEIGHT, title, [
    svgText(FRAME.left, 24, title, 'font-weight="bold"'),
    ...gridOf(xTicks, yTicks, x, y),
    svgText((FRAME.left + WIDTH - FRAME.right) / 2, HEIGHT - 14, pair.x.title, 'text-anchor="middle"'),
    svgText(0, 0, pair.y.title, `text-anchor="middle" transform="translate(18 ${HEIGHT / 2}) rotate(-90)"`),
    frontLine(marks, x, y),
    ...marks.map((mark) => markOf(mark, colourOf(mark.series), x, y)),
    ...legendOf(series, colourOf),
  ]);
};
