// One panel of points in a grid of panels: curves, marks, intervals and labels over two axes, with a title of its own. Knows
// values and how series look, nothing of what was measured.
import {
  bottomAxis,
  leftAxis,
  leftAxisWidth,
  markBox,
  placedLabels,
  type Frame,
  type PlacedLabels,
  type PointLabel,
} from './picture.ts';
import type { Role } from './palette.ts';
import { axisScale, type AxisScale, type ScaleOptions } from './scale.ts';
import { svgCross, svgLine, svgMark, svgPath, svgText, type Point, type Shape } from './svg.ts';
import { fitText, textWidth } from './text-width.ts';
import type { DrawnPoint, Origin } from './document.ts';
import type { Box } from './place-labels.ts';

export type Interval = readonly [low: number, high: number];

export interface PanelPoint {
  readonly x: number;
  readonly y: number;
  /** Stands beside the mark; without one the mark has no label. */
  readonly label?: string;
  /** Shows where a pointer rests on the mark. */
  readonly title: string;
  readonly xInterval?: Interval;
  readonly yInterval?: Interval;
  /** Drawn with a grey ring: its value is known to be too low. */
  readonly doubtful?: boolean;
  /** Where its values come from. */
  readonly from?: Origin;
}

export interface PanelSeries {
  /** In the order of the curve. */
  readonly points: readonly PanelPoint[];
  readonly role: Role;
  readonly shape: Shape;
  readonly hollow: boolean;
  readonly dash?: string;
  /** Stands at the end of the curve where the look alone does not name it. */
  readonly name?: string;
  /** Points of their own, which no curve joins. */
  readonly apart?: boolean;
}

export interface Mistake {
  readonly at: Point;
  readonly title: string;
}

export interface PanelAxis {
  readonly name: string;
  readonly unit: string;
  readonly kind?: ScaleOptions['kind'];
  /** False where the panel below says it; an axis that starts elsewhere than at zero always says so. */
  readonly named?: boolean;
}

export interface PanelLimit {
  readonly points: readonly Point[];
  /** Stands at its right end; empty where a legend says it. */
  readonly name: string;
  readonly dash?: string;
}

export interface Panel {
  readonly title: string;
  readonly x: PanelAxis;
  readonly y: PanelAxis;
  readonly series: readonly PanelSeries[];
  /** Points that no other point beats on both axes, from left to right. */
  readonly front?: readonly Point[];
  /** Limits to read the points against; they count for the axes. */
  readonly limits?: readonly PanelLimit[];
  /** Values that cannot be true: small crosses. They do not stretch an axis: one beyond it stands at its edge. */
  readonly impossible?: readonly Mistake[];
  /** Stands in the middle of an empty panel. */
  readonly absent: string;
}

const PANEL_TITLE = { size: 12.5, bold: true } as const;
const RADIUS = 3.4;
/** Pixels above the plot for title and name of the axis, and below it for ticks and name. */
const ABOVE = 24;
const BELOW = 40;
const TICKS_ONLY = 24;
/** Right of the plot, for half of the last tick's label. */
const RIGHT = 16;

export interface PanelPlace {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

interface Axes {
  readonly frame: Frame;
  readonly x: AxisScale;
  readonly y: AxisScale;
}

const valuesOf = ({ series, impossible = [], limits = [] }: Panel, axis: 0 | 1): number[] => {
  const values = [
    ...limits.flatMap(({ points }) => points.map((point) => point[axis])),
    ...series.flatMap(({ points }) =>
      points.flatMap((point) => [
        axis === 0 ? point.x : point.y,
        ...((axis === 0 ? point.xInterval : point.yInterval) ?? []),
      ]),
    ),
  ];
  return values.length > 0 ? values : impossible.map(({ at }) => at[axis]);
};

const isNamed = ({ x }: Panel): boolean => x.named !== false;

const axesOf = (panel: Panel, { left, top, width, height }: PanelPlace): Axes => {
  const [above, bottom] = [top + ABOVE, top + height - (isNamed(panel) ? BELOW : TICKS_ONLY)];
  const y = axisScale(valuesOf(panel, 1), {
    range: [bottom, above],
    unit: panel.y.unit,
    ticks: 4,
    kind: panel.y.kind ?? 'auto',
  });
  const frame = { left: left + leftAxisWidth(y), right: left + width - RIGHT, top: above, bottom };
  const x = axisScale(valuesOf(panel, 0), {
    range: [frame.left, frame.right],
    unit: panel.x.unit,
    ticks: 6,
    kind: panel.x.kind ?? 'auto',
  });
  return { frame, x, y };
};

/** Half of the stroke that ends a bar. */
const CAP = 2.5;

/** A bar with a stroke across each end; none where it would be hidden by its mark. */
const bar = (from: Point, to: Point, role: Role): string[] => {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  const length = Math.hypot(dx, dy);
  if (length < 1) return [];
  const [capX, capY] = [(CAP * dy) / length, (CAP * dx) / length];
  const cap = ([x, y]: Point): string => svgLine([x - capX, y - capY], [x + capX, y + capY], role);
  return [svgLine(from, to, role), cap(from), cap(to)];
};

const intervals = ({ x, y }: Axes, point: PanelPoint, role: Role): string[] => {
  const { xInterval: wide, yInterval: high } = point;
  const [atX, atY] = [x.at(point.x), y.at(point.y)];
  return [
    ...(wide === undefined ? [] : bar([x.at(wide[0]), atY], [x.at(wide[1]), atY], role)),
    ...(high === undefined ? [] : bar([atX, y.at(high[0])], [atX, y.at(high[1])], role)),
  ];
};

const within = (value: number, from: number, to: number): number => Math.min(Math.max(value, from), to);

/** A cross where the value is, or at the edge that is nearest to it; a scale of logarithms knows no place for what is not above zero. */
const mistakes = ({ frame, x, y }: Axes, impossible: readonly Mistake[]): string[] =>
  impossible.map(({ at: [ix, iy], title }) => {
    const [px, py] = [x.at(ix), y.at(iy)];
    const at: Point = [
      within(Number.isFinite(px) ? px : frame.left, frame.left, frame.right),
      within(Number.isFinite(py) ? py : frame.bottom, frame.top, frame.bottom),
    ];
    return svgCross(at, 3, 'bad', title);
  });

const seriesElements = (axes: Axes, { points, role, shape, hollow, dash, apart = false }: PanelSeries): string[] => {
  const places = points.map((point): Point => [axes.x.at(point.x), axes.y.at(point.y)]);
  return [
    ...(places.length < 2 || apart
      ? []
      : [svgPath(places, role, { width: 1.1, ...(dash === undefined ? {} : { dash }) })]),
    ...points.flatMap((point, index) => {
      const at = places[index] ?? [0, 0];
      return [
        ...intervals(axes, point, role),
        ...(point.doubtful === true ? [svgMark(at, { role: 'base', radius: RADIUS + 3, hollow: true })] : []),
        svgMark(at, { role, shape, hollow, radius: RADIUS, title: point.title, from: point.from }),
      ];
    }),
  ];
};

const labelsOf = ({ x, y }: Axes, series: readonly PanelSeries[]): PointLabel[] => [
  ...series.flatMap(({ points, name, role }): PointLabel[] => {
    const last = points.at(-1);
    return name === undefined || last === undefined
      ? []
      : [{ at: [x.at(last.x), y.at(last.y)], text: fitText(name, 150, { size: 11 }), fill: role }];
  }),
  ...series.flatMap(({ points, role }) =>
    points.flatMap((point): PointLabel[] =>
      point.label === undefined ? [] : [{ at: [x.at(point.x), y.at(point.y)], text: point.label, fill: role }],
    ),
  ),
];

/** The stretches of curves and limits, which labels keep off. */
const linesOf = ({ x, y }: Axes, { series, limits = [] }: Panel): (readonly [Point, Point])[] =>
  [
    ...series.flatMap(({ points, apart = false }) => (apart ? [] : [points.map((point): Point => [point.x, point.y])])),
    ...limits.map(({ points }) => points),
  ].flatMap((values) => {
    const places = values.map(([vx, vy]): Point => [x.at(vx), y.at(vy)]);
    return places.slice(1).map((to, index): readonly [Point, Point] => [places[index] ?? to, to]);
  });

const barBox = ([x, y]: Point, [toX, toY]: Point): Box => ({
  x: Math.min(x, toX) - 1,
  y: Math.min(y, toY) - 1,
  width: Math.abs(toX - x) + 2,
  height: Math.abs(toY - y) + 2,
});

/** What labels never cover: marks, and the bars of their intervals. */
const marksOf = ({ x, y }: Axes, series: readonly PanelSeries[]): Box[] =>
  series.flatMap(({ points }) =>
    points.flatMap(({ x: vx, y: vy, xInterval: wide, yInterval: high }) => [
      markBox([x.at(vx), y.at(vy)], RADIUS + 1),
      ...(wide === undefined ? [] : [barBox([x.at(wide[0]), y.at(vy)], [x.at(wide[1]), y.at(vy)])]),
      ...(high === undefined ? [] : [barBox([x.at(vx), y.at(high[0])], [x.at(vx), y.at(high[1])])]),
    ]),
  );

const emptyPanel = ({ title, absent }: Panel, { left, top, width, height }: PanelPlace): string[] => [
  svgText(left, top + 13, fitText(title, width, PANEL_TITLE), PANEL_TITLE),
  svgText(left + width / 2, top + height / 2, fitText(absent, width, { size: 11 }), {
    size: 11,
    anchor: 'middle',
    fill: 'quiet',
  }),
];

/** What a panel draws, and the values that say where they come from. */
export interface PlacedPanel extends PlacedLabels {
  readonly points: readonly DrawnPoint[];
}

const drawnPoints = (series: readonly PanelSeries[]): DrawnPoint[] =>
  series.flatMap(({ points }) =>
    points.flatMap(({ title: text, from }) => (from === undefined ? [] : [{ text, from }])),
  );

/** A panel in its place. */
export const scatterPanel = (panel: Panel, place: PanelPlace): PlacedPanel => {
  const { title, series, front = [], impossible = [], limits = [] } = panel;
  if (series.every(({ points }) => points.length === 0) && impossible.length === 0)
    return { elements: emptyPanel(panel, place), unplaced: 0, points: [] };
  const axes = axesOf(panel, place);
  const { frame, x, y } = axes;
  const steps = front.map(([fx, fy]): Point => [x.at(fx), y.at(fy)]);
  const named = limits.flatMap(({ points, name }): PointLabel[] => {
    const last = points.at(-1);
    return last === undefined || name === '' ? [] : [{ at: [x.at(last[0]), y.at(last[1])], text: name, fill: 'ink' }];
  });
  const labels = placedLabels([...named, ...labelsOf(axes, series)], {
    frame,
    marks: marksOf(axes, series),
    lines: linesOf(axes, panel),
  });
  const nameFrom = title === '' ? frame.left : place.left + textWidth(title, PANEL_TITLE) + 14;
  const elements = [
    svgText(place.left, place.top + 13, fitText(title, place.width, PANEL_TITLE), PANEL_TITLE),
    ...bottomAxis(x, isNamed(panel) ? panel.x.name : null, frame),
    ...leftAxis(y, panel.y.name, frame, [nameFrom, place.top + 13]),
    ...(steps.length < 2 ? [] : [svgPath(steps, 'band', { width: 7 })]),
    ...limits.map(({ points, dash }) =>
      svgPath(
        points.map(([lx, ly]): Point => [x.at(lx), y.at(ly)]),
        'ink',
        { width: 1.2, ...(dash === undefined ? {} : { dash }) },
      ),
    ),
    ...series.flatMap((each) => seriesElements(axes, each)),
    ...mistakes(axes, impossible),
    ...labels.elements,
  ];
  return { elements, unplaced: labels.unplaced, points: drawnPoints(series) };
};
