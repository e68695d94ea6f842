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
import { svgLine, svgMark, svgPath, svgText, type Point, type Shape } from './svg.ts';
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
}

export interface PanelAxis {
  readonly name: string;
  readonly unit: string;
  readonly kind?: ScaleOptions['kind'];
}

export interface PanelLimit {
  readonly points: readonly Point[];
  /** Stands at its right end. */
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
  /** Values that cannot be true: small crosses. */
  readonly impossible?: readonly Point[];
  /** Stands in the middle of an empty panel. */
  readonly absent: string;
}

const PANEL_TITLE = { size: 12.5, bold: true } as const;
const RADIUS = 3.4;
/** Pixels above the plot for title and name of the axis, and below it for ticks and name. */
const ABOVE = 24;
const BELOW = 40;

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

const valuesOf = ({ series, impossible = [], limits = [] }: Panel, axis: 0 | 1): number[] => [
  ...limits.flatMap(({ points }) => points.map((point) => point[axis])),
  ...series.flatMap(({ points }) =>
    points.flatMap((point) => [
      axis === 0 ? point.x : point.y,
      ...((axis === 0 ? point.xInterval : point.yInterval) ?? []),
    ]),
  ),
  ...impossible.map((point) => point[axis]),
];

const axesOf = (panel: Panel, { left, top, width, height }: PanelPlace): Axes => {
  const [above, bottom] = [top + ABOVE, top + height - BELOW];
  const y = axisScale(valuesOf(panel, 1), {
    range: [bottom, above],
    unit: panel.y.unit,
    ticks: 4,
    kind: panel.y.kind ?? 'auto',
  });
  const frame = { left: left + leftAxisWidth(y), right: left + width - 8, top: above, bottom };
  const x = axisScale(valuesOf(panel, 0), {
    range: [frame.left, frame.right],
    unit: panel.x.unit,
    ticks: 6,
    kind: panel.x.kind ?? 'auto',
  });
  return { frame, x, y };
};

const intervals = ({ x, y }: Axes, point: PanelPoint, role: Role): string[] => [
  ...(point.xInterval === undefined
    ? []
    : [svgLine([x.at(point.xInterval[0]), y.at(point.y)], [x.at(point.xInterval[1]), y.at(point.y)], role)]),
  ...(point.yInterval === undefined
    ? []
    : [svgLine([x.at(point.x), y.at(point.yInterval[0])], [x.at(point.x), y.at(point.yInterval[1])], role)]),
];

const seriesElements = (axes: Axes, { points, role, shape, hollow, dash }: PanelSeries): string[] => {
  const places = points.map((point): Point => [axes.x.at(point.x), axes.y.at(point.y)]);
  return [
    ...(places.length < 2 ? [] : [svgPath(places, role, { width: 1.1, ...(dash === undefined ? {} : { dash }) })]),
    ...points.flatMap((point, index) => {
      const at = places[index] ?? [0, 0];
      return [
        ...intervals(axes, point, role),
        ...(point.doubtful === true ? [svgMark(at, { role: 'base', radius: RADIUS + 3, hollow: true })] : []),
        svgMark(at, { role, shape, hollow, radius: RADIUS, title: point.title }),
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
    ...series.map(({ points }) => points.map((point): Point => [point.x, point.y])),
    ...limits.map(({ points }) => points),
  ].flatMap((values) => {
    const places = values.map(([vx, vy]): Point => [x.at(vx), y.at(vy)]);
    return places.slice(1).map((to, index): readonly [Point, Point] => [places[index] ?? to, to]);
  });

const marksOf = ({ x, y }: Axes, series: readonly PanelSeries[]): Box[] =>
  series.flatMap(({ points }) => points.map((point) => markBox([x.at(point.x), y.at(point.y)], RADIUS + 1)));

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
    return last === undefined ? [] : [{ at: [x.at(last[0]), y.at(last[1])], text: name, fill: 'ink' }];
  });
  const labels = placedLabels([...named, ...labelsOf(axes, series)], {
    frame,
    marks: marksOf(axes, series),
    lines: linesOf(axes, panel),
  });
  const nameFrom = title === '' ? frame.left : place.left + textWidth(title, PANEL_TITLE) + 14;
  const elements = [
    svgText(place.left, place.top + 13, fitText(title, place.width, PANEL_TITLE), PANEL_TITLE),
    ...bottomAxis(x, panel.x.name, frame),
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
    ...impossible.map(([ix, iy]) => svgMark([x.at(ix), y.at(iy)], { role: 'bad', shape: 'x', radius: 2.5 })),
    ...labels.elements,
  ];
  return { elements, unplaced: labels.unplaced, points: drawnPoints(series) };
};
