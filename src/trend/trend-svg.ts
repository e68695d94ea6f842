// Draws a trend as SVG: points, levels, changes, breaks of context, and the band in which the newest points were expected.
import { formatNumber, formatPercent } from '../text/numbers.ts';
import { GREY, INK, svgDocument, svgDot, svgLine, svgRect, svgText } from '../render/svg.ts';
import type { Trend } from './analyse-trend.ts';

const WIDTH = 960;
const HEIGHT = 320;
const MARGIN = { left: 84, right: 24, top: 44, bottom: 44 };
const ALARM = '#b91c1c';
const GOOD = '#15803d';

interface Frame {
  readonly x: (index: number) => number;
  readonly y: (value: number) => number;
  readonly low: number;
  readonly high: number;
}

/** Index and value to pixels; the value axis spans points and band with a little air. */
const frameOf = ({ points, prediction }: Trend): Frame => {
  const values = [
    ...points.map(({ value }) => value),
    ...(prediction === null ? [] : [prediction.low, prediction.high]),
  ];
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const air = most > least ? (most - least) * 0.08 : Math.max(Math.abs(most) * 0.05, 1);
  const [low, high] = [least - air, most + air];
  const span = Math.max(points.length - 1, 1);
  return {
    x: (index) => MARGIN.left + ((WIDTH - MARGIN.left - MARGIN.right) * index) / span,
    y: (value) => HEIGHT - MARGIN.bottom - ((HEIGHT - MARGIN.top - MARGIN.bottom) * (value - low)) / (high - low),
    low: least,
    high: most,
  };
};

/** The value axis says the extremes and the current level; the time axis says the first and the last measurement. */
const axes = ({ points, segments, unit }: Trend, { x, y, low, high }: Frame): string[] => {
  const level = segments.at(-1)?.median;
  const ticks = [...new Set([low, high, ...(level === undefined ? [] : [level])])];
  const apart = ticks.filter((tick, index) =>
    ticks.slice(0, index).every((other) => Math.abs(y(tick) - y(other)) > 12),
  );
  const bottom = HEIGHT - MARGIN.bottom + 20;
  return [
    ...apart.map((tick) =>
      svgText(MARGIN.left - 8, y(tick) + 4, formatNumber(tick, 4), `text-anchor="end" fill="${GREY}"`),
    ),
    svgText(MARGIN.left - 8, MARGIN.top - 12, unit ?? '', `text-anchor="end" fill="${GREY}"`),
    svgText(x(0), bottom, points[0]?.at.slice(0, 10) ?? '', `fill="${GREY}"`),
    svgText(WIDTH - MARGIN.right, bottom, points.at(-1)?.at.slice(0, 10) ?? '', `text-anchor="end" fill="${GREY}"`),
  ];
};

const band = ({ prediction, points }: Trend, { x, y }: Frame): string[] => {
  if (prediction === null) return [];
  const left = x(Math.max(0, points.length - 2)) - 8;
  const [top, height] = [y(prediction.high), y(prediction.low) - y(prediction.high)];
  return [svgRect(left, top, x(points.length - 1) + 8 - left, height, 'fill="#93c5fd" fill-opacity="0.35"')];
};

const breaks = ({ eras }: Trend, { x }: Frame): string[] =>
  eras.slice(1).flatMap(({ from, start }) => {
    const at = (x(from - 1) + x(from)) / 2;
    const label = start === 'accepted' ? 'accepted' : 'context changed';
    return [
      svgLine([at, MARGIN.top], [at, HEIGHT - MARGIN.bottom], `stroke="${GREY}" stroke-dasharray="4 4"`),
      svgText(at + 4, HEIGHT - MARGIN.bottom - 4, label, `fill="${GREY}"`),
    ];
  });

const levels = ({ segments, changes }: Trend, { x, y }: Frame): string[] => [
  ...segments.map(({ from, points, median }) =>
    svgLine(
      [x(from), y(median)],
      [x(from + points - 1), y(median)],
      `stroke="${INK}" stroke-width="1.5" stroke-opacity="0.5"`,
    ),
  ),
  ...changes.map(({ index, change_pct, median_after, adverse }) =>
    svgText(
      x(index),
      y(median_after) - 12,
      formatPercent(change_pct),
      `font-weight="bold" fill="${adverse ? ALARM : GOOD}"`,
    ),
  ),
];

const dots = ({ points, alarms }: Trend, { x, y }: Frame): string[] =>
  points.map(({ value }, index) => {
    const off = alarms.includes(index);
    return svgDot(x(index), y(value), off ? 4.5 : 3, `fill="${off ? ALARM : INK}"`);
  });

/** A complete SVG document that ends in a newline. */
export const renderTrendSvg = (trend: Trend): string => {
  const frame = frameOf(trend);
  const title = `${trend.metric}: ${trend.decision.status}, ${trend.decision.reason.replaceAll('_', ' ')}`;
  return svgDocument(WIDTH, HEIGHT, title, [
    svgText(MARGIN.left, 20, title, `font-size="14" font-weight="bold" fill="${INK}"`),
    ...band(trend, frame),
    ...breaks(trend, frame),
    ...levels(trend, frame),
    ...dots(trend, frame),
    ...axes(trend, frame),
  ]);
};
