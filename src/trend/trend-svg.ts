// Draws a trend: one mark an entry, the level of each stretch, its changes, breaks of context, and the range in which the newest
// entries were expected. Every mark is explained in the picture.
import { bottomAxis, headPart, leftAxis, leftAxisWidth, markBox, pointLabels } from '../render/picture.ts';
import type { Frame, LegendEntry, PointLabel } from '../render/picture.ts';
import { axisScale, type AxisScale } from '../render/scale.ts';
import { svgDocument, svgLine, svgMark, svgRect, type MarkStyle, type Point } from '../render/svg.ts';
import { formatNumber, formatPercent, plural, withUnit } from '../render/numbers.ts';
import type { Trend, TrendChange } from './analyse-trend.ts';
import { reasonText } from './trend-text.ts';

const WIDTH = 960;
const MARGIN = 24;
const PLOT_HEIGHT = 250;
const BELOW = 52;

interface Plot {
  readonly frame: Frame;
  readonly x: (index: number) => number;
  readonly y: AxisScale;
}

const dateOf = (at: string): string => at.slice(0, 10);

const valueAxis = ({ points, prediction, unit }: Trend, top: number, bottom: number): AxisScale =>
  axisScale([...points.map(({ value }) => value), ...(prediction === null ? [] : [prediction.low, prediction.high])], {
    range: [bottom, top],
    unit,
    kind: 'linear',
    ticks: 5,
  });

const plotOf = (trend: Trend, top: number): Plot => {
  const bottom = top + PLOT_HEIGHT;
  const y = valueAxis(trend, top, bottom);
  const frame = { left: MARGIN + leftAxisWidth(y), right: WIDTH - MARGIN, top, bottom };
  const [first, last] = [frame.left + 14, frame.right - 14];
  const steps = trend.points.length - 1;
  return { frame, y, x: (index) => (steps === 0 ? (first + last) / 2 : first + ((last - first) * index) / steps) };
};

/** Dates; the time of day where all entries are of one day, with seconds where all are of one minute. */
const timeLabels = ({ points }: Trend): string[] => {
  const cuts = [
    [0, 10],
    [11, 16],
    [11, 19],
  ] as const;
  const labels = cuts.map(([from, to]) => points.map(({ at }) => at.slice(from, to)));
  return labels.find((each) => new Set(each).size > 1) ?? labels[0] ?? [];
};

/** Entries stand evenly; the axis says when they were recorded, each label once. */
const entryAxis = (trend: Trend, { x, y }: Plot): AxisScale => {
  const { points } = trend;
  const labels = timeLabels(trend);
  const every = Math.max(1, Math.ceil(points.length / 8));
  const ticks = labels.flatMap((label, index) =>
    index % every === 0 && labels[index - every] !== label ? [{ at: x(index), label }] : [],
  );
  return { ...y, ticks, unit: null, note: null };
};

const expectedRange = ({ prediction, points }: Trend, { x, y, frame }: Plot): string[] => {
  if (prediction === null) return [];
  const left = Math.max(frame.left, x(Math.max(0, points.length - 2)) - 9);
  const top = y.at(prediction.high);
  return [svgRect(left, top, frame.right - left, Math.max(2, y.at(prediction.low) - top), { fill: 'band' })];
};

const breakLines = ({ eras }: Trend, { x, frame }: Plot): [Point, Point][] =>
  eras.slice(1).map(({ from }) => {
    const at = (x(from - 1) + x(from)) / 2;
    return [
      [at, frame.top],
      [at, frame.bottom],
    ];
  });

const BREAK = { dash: '4 4' } as const;
const LEVEL = { width: 2 } as const;

const levelLines = ({ segments }: Trend, { x, y }: Plot): [Point, Point][] =>
  segments.map(({ from, points, median }) => [
    [x(from) - 5, y.at(median)],
    [x(from + points - 1) + 5, y.at(median)],
  ]);

const ENTRY: MarkStyle = { role: 'slate', radius: 3 };
const OUTSIDE: MarkStyle = { role: 'bad', shape: 'diamond', radius: 5 };

const entryMark = ({ points, alarms, unit }: Trend, index: number, { x, y }: Plot): string => {
  const point = points[index];
  if (point === undefined) return '';
  const { id, at, value, commit } = point;
  const title = [`${withUnit(value, unit)} on ${at}`, id, ...(commit === null ? [] : [`commit ${commit}`])].join('\n');
  const style = alarms.includes(index) ? OUTSIDE : { ...ENTRY, radius: points.length > 120 ? 2.2 : 3 };
  return svgMark([x(index), y.at(value)], { ...style, title });
};

const changeText = (
  { change_pct, adverse, median_before, median_after }: TrendChange,
  { direction }: Trend,
): string => {
  const size =
    change_pct === null
      ? `${formatNumber(median_before, 4)} to ${formatNumber(median_after, 4)}`
      : formatPercent(change_pct);
  const isRise = median_after > median_before;
  if (adverse) return `${size} worse`;
  return direction === 'two-sided' || isRise === (direction === 'lower-is-better') ? size : `${size} better`;
};

/** The newest value, then the changes from the newest back. */
const labelsOf = (trend: Trend, { x, y }: Plot): PointLabel[] => {
  const { points, changes, unit } = trend;
  const newest = points.at(-1);
  return [
    ...(newest === undefined
      ? []
      : [
          {
            at: [x(points.length - 1), y.at(newest.value)] as const,
            text: withUnit(newest.value, unit, 4),
            bold: true,
          },
        ]),
    ...changes.toReversed().map((change): PointLabel => ({
      at: [x(change.index), y.at(change.median_after)],
      text: changeText(change, trend),
      fill: change.adverse ? 'bad' : 'ink',
      bold: true,
    })),
  ];
};

const legendOf = ({ points, segments, prediction, eras, alarms }: Trend): LegendEntry[] => {
  const starts = new Set(eras.slice(1).map(({ start }) => start));
  const breakWords = [
    ...(starts.has('context_changed') ? ['context changed'] : []),
    ...(starts.has('accepted') ? ['accepted as the new level'] : []),
  ];
  return [
    ...(points.length > alarms.length ? [{ text: 'one entry', sample: (at: Point) => svgMark(at, ENTRY) }] : []),
    ...(alarms.length > 0
      ? [{ text: 'entry outside what was expected', sample: (at: Point) => svgMark(at, OUTSIDE) }]
      : []),
    ...(segments.length > 0
      ? [
          {
            text: 'level: median between changes',
            sample: ([x, y]: Point) => svgLine([x - 11, y], [x + 11, y], 'ink', LEVEL),
          },
        ]
      : []),
    ...(prediction === null
      ? []
      : [
          {
            text: `where the newest were expected, from ${plural(prediction.history, 'entry', 'entries')} before`,
            sample: ([x, y]: Point) => svgRect(x - 11, y - 6, 22, 12, { fill: 'band' }),
          },
        ]),
    ...(breakWords.length > 0
      ? [
          {
            text: breakWords.join(', or '),
            sample: ([x, y]: Point) => svgLine([x, y - 8], [x, y + 8], 'quiet', BREAK),
          },
        ]
      : []),
  ];
};

const DIRECTIONS: Readonly<Record<Trend['direction'], string>> = {
  'lower-is-better': 'lower is better',
  'higher-is-better': 'higher is better',
  'two-sided': 'any change counts',
};

const subtitleOf = ({ points, direction, decision }: Trend, measurement: string): string => {
  const [first, last] = [dateOf(points[0]?.at ?? ''), dateOf(points.at(-1)?.at ?? '')];
  const when = first === last ? `on ${first}` : `from ${first} to ${last}`;
  return `${measurement}; n = ${plural(points.length, 'entry', 'entries')} ${when}; ${DIRECTIONS[direction]}; decision ${decision.status}, ${decision.reason.replaceAll('_', ' ')}`;
};

/** The verdict, the reason, and by how much the newest change moved the level. */
export const trendTitle = (trend: Trend): string => {
  const change = trend.changes.at(-1);
  const size = change?.change_pct ?? null;
  const since =
    change === undefined || size === null
      ? ''
      : `: ${formatPercent(size)} since ${dateOf(trend.points[change.index]?.at ?? '')}`;
  return `${trend.verdict}, ${reasonText(trend)}${since}`;
};

/** A complete SVG document that ends in a newline; `measurement` is what the entries measure (`family/measurement`). */
export const renderTrendSvg = (trend: Trend, measurement: string): string => {
  const title = trendTitle(trend);
  const head = headPart(
    { title, subtitle: subtitleOf(trend, measurement), legend: legendOf(trend) },
    MARGIN,
    WIDTH - 2 * MARGIN,
  );
  const plot = plotOf(trend, head.height + 26);
  const { frame, x, y } = plot;
  const [levels, breaks] = [levelLines(trend, plot), breakLines(trend, plot)];
  const marks = trend.points.map(({ value }, index) => markBox([x(index), y.at(value)], 4));
  return svgDocument(WIDTH, frame.bottom + BELOW, `${measurement}, ${trend.metric}: ${title}`, [
    ...head.elements,
    ...expectedRange(trend, plot),
    ...leftAxis(y, trend.metric, frame),
    ...bottomAxis(entryAxis(trend, plot), 'date of the entry (UTC), oldest first', frame),
    ...breaks.map(([from, to]) => svgLine(from, to, 'quiet', BREAK)),
    ...levels.map(([from, to]) => svgLine(from, to, 'ink', LEVEL)),
    ...trend.points.map((_, index) => entryMark(trend, index, plot)),
    ...pointLabels(labelsOf(trend, plot), { frame, marks, lines: [...levels, ...breaks] }),
  ]);
};
