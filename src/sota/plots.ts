// The plots of a comparison: how many times better the reference is, with intervals; and every trial of one scenario.
import { formatNumber } from '../text/numbers.ts';
import { GREY, INK, svgDocument, svgDot, svgLine, svgText } from '../render/svg.ts';
import type { CellSummary, PairResult, PairVerdict } from './compare-implementations.ts';
import type { Scenario } from './comparison-spec.ts';

const WIDTH = 900;
const LABELS = 300;
const RIGHT = 70;
const ROW = 24;
const TOP = 52;
const TITLE = `font-size="15" font-weight="bold" fill="${INK}"`;

const COLOUR: Readonly<Record<PairVerdict, string>> = {
  better: '#15803d',
  worse: '#b91c1c',
  not_distinguishable: GREY,
  not_comparable: GREY,
  no_measurement: GREY,
};

interface Axis {
  readonly x: (value: number) => number;
  readonly low: number;
  readonly high: number;
}

/** Logarithmic, so that twice as good and half as good are equally far from equal. */
const logAxis = (values: readonly number[]): Axis => {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const air = Math.max(Math.log(high / low) * 0.05, 0.01);
  const [from, span] = [Math.log(low) - air, Math.log(high / low) + 2 * air];
  return { x: (value) => LABELS + ((WIDTH - LABELS - RIGHT) * (Math.log(value) - from)) / span, low, high };
};

const rowY = (index: number): number => TOP + ROW * (index + 0.5);
const bottom = (rows: number): number => TOP + ROW * rows;

/** A place on the axis, in the foot line; places too near an earlier one are left out. */
const footTicks = ({ x }: Axis, places: readonly number[], rows: number, name: (value: number) => string): string[] => {
  const apart = places.filter((place, index) =>
    places.slice(0, index).every((other) => Math.abs(x(place) - x(other)) > 48),
  );
  return apart.map((place) => svgText(x(place), bottom(rows) + 18, name(place), `text-anchor="middle" fill="${GREY}"`));
};

interface Measured extends PairResult {
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
}

const isMeasured = (pair: PairResult): pair is Measured =>
  pair.ratio !== null && pair.low !== null && pair.high !== null;

const ratioRow = ({ scenario, against, verdict, ratio, low, high }: Measured, y: number, { x }: Axis): string[] => [
  svgText(LABELS - 12, y + 4, `${scenario} vs ${against}`, `text-anchor="end" fill="${INK}"`),
  svgLine([x(low), y], [x(high), y], `stroke="${COLOUR[verdict]}" stroke-width="2"`),
  svgDot(x(ratio), y, 4, `fill="${COLOUR[verdict]}"`),
  svgText(WIDTH - RIGHT + 10, y + 4, `${ratio.toFixed(2)}×`),
];

/** Ratios of all comparisons that were made; null when there is none. Above 1 the reference is better. */
export const renderRatios = (reference: string, pairs: readonly PairResult[]): string | null => {
  const rows = pairs.filter(isMeasured);
  if (rows.length === 0) return null;
  const axis = logAxis([1, ...rows.flatMap(({ low, high }) => [low, high])]);
  const { x } = axis;
  const title = `${reference}: times better than the others (95% bootstrap interval)`;
  return svgDocument(WIDTH, bottom(rows.length) + 34, title, [
    svgText(20, 24, title, TITLE),
    svgLine([x(1), TOP], [x(1), bottom(rows.length)], `stroke="${GREY}" stroke-dasharray="4 4"`),
    ...rows.flatMap((row, index) => ratioRow(row, rowY(index), axis)),
    ...footTicks(axis, [1, axis.low, axis.high], rows.length, (value) => `${value.toFixed(2)}×`),
  ]);
};

/** Every trial of one scenario, one row an implementation, with the median as a bar; null when nothing was measured. */
export const renderTrials = (scenario: Scenario, cells: readonly CellSummary[]): string | null => {
  const rows = cells.filter((cell) => cell.scenario === scenario.name && cell.samples.length > 0);
  if (rows.length === 0) return null;
  const axis = logAxis(rows.flatMap(({ samples }) => samples));
  const { x } = axis;
  const better = scenario.direction === 'lower-is-better' ? 'less is better' : 'more is better';
  const title = `${scenario.name}, ${scenario.unit} (${better})`;
  return svgDocument(WIDTH, bottom(rows.length) + 34, title, [
    svgText(20, 24, title, TITLE),
    ...rows.flatMap(({ implementation, samples, summary }, index) => {
      const [y, middle] = [rowY(index), x(summary?.median ?? samples[0] ?? 1)];
      return [
        svgText(LABELS - 12, y + 4, implementation, `text-anchor="end" fill="${INK}"`),
        ...samples.map((sample) => svgDot(x(sample), y, 3, `fill="${INK}" fill-opacity="0.4"`)),
        svgLine([middle, y - 8], [middle, y + 8], `stroke="${INK}" stroke-width="2"`),
      ];
    }),
    ...footTicks(axis, [axis.low, axis.high], rows.length, (value) => formatNumber(value, 4)),
  ]);
};
