// The scatter of the points that are shown, on a canvas: curves through the loads of one cell, marks by what they are, and which
// point is nearest to a pointer. The table beside it holds the same points.
import { axisScale, type AxisScale, type ScaleOptions } from '../../../render/scale.ts';
import type { ArmLook } from '../explorer-model.ts';
import { data, impossible, short, valueOf } from './points.ts';

export interface PlotView {
  readonly x: number;
  readonly y: number;
  readonly xKind: NonNullable<ScaleOptions['kind']>;
  readonly yKind: NonNullable<ScaleOptions['kind']>;
  readonly rows: readonly number[];
  /** Where the keys are, and what is open or chosen. */
  readonly focus: number | null;
  readonly marked: ReadonlySet<number>;
}

interface Place {
  readonly row: number;
  readonly x: number;
  readonly y: number;
}

const canvas = document.getElementById('plot') as HTMLCanvasElement; // checked boundary: of our own section
const pen = canvas.getContext('2d') as CanvasRenderingContext2D; // checked boundary: every browser that we build for has one
const RADIUS = 4;
let places: readonly Place[] = [];

export const plotCanvas = canvas;
/** Places of the last drawing, in the order of the keys: from left to right. */
export const drawnPlaces = (): readonly Place[] => places;

const FONT = '11.5px "DejaVu Sans",Verdana,sans-serif';

const colours = new Map<string, string>();
/** Colours of the ground that the page has now. */
export const forgetColours = (): void => colours.clear();
export const colour = (role: string): string => {
  const known = colours.get(role) ?? getComputedStyle(document.documentElement).getPropertyValue(`--${role}`);
  colours.set(role, known);
  return known;
};

const line = (x1: number, y1: number, x2: number, y2: number): void => {
  pen.beginPath();
  pen.moveTo(x1, y1);
  pen.lineTo(x2, y2);
  pen.stroke();
};

const axisName = (measure: number, { unit, note }: AxisScale): string =>
  [data.measures[measure]?.name, ...(unit === null || unit === '' ? [] : [unit])].join(', ') +
  (note === null ? '' : ` (${note})`);

const ring = ({ x, y }: Place, radius: number, role: string, width: number): void => {
  pen.beginPath();
  pen.arc(x, y, radius, 0, 7);
  pen.strokeStyle = colour(role);
  pen.lineWidth = width;
  pen.stroke();
};

/** As many marks as one path holds: longer ones take more time than they save. */
const TOGETHER = 200;

const circle = ({ x, y }: Place): void => {
  pen.moveTo(x + RADIUS, y);
  pen.arc(x, y, RADIUS, 0, 7);
};

const cross = ({ x, y }: Place, size: number): void => {
  for (const slope of [size, -size]) {
    pen.moveTo(x - size, y - slope);
    pen.lineTo(x + size, y + slope);
  }
};

type Stroke = readonly [width: number, role: string];

const strokesOf = (look: ArmLook | undefined): readonly Stroke[] => {
  if (look === undefined) return [[1.5, 'bad']];
  if (!look.cross) return [[1.5, look.role]];
  return look.hollow ? [[4.4, look.role], [1.8, 'paper']] : [[2.6, look.role]];
}; // prettier-ignore

/** Marks that look alike, in one path. */
const alike = (places: readonly Place[], look: ArmLook | undefined): void => {
  pen.beginPath();
  for (const place of places)
    if (look === undefined) cross(place, 3);
    else if (look.cross) cross(place, RADIUS - 0.5);
    else circle(place);
  if (look !== undefined && !look.cross) {
    pen.fillStyle = colour(look.hollow ? 'paper' : look.role);
    pen.fill();
  }
  for (const [width, role] of strokesOf(look)) {
    pen.lineWidth = width;
    pen.strokeStyle = colour(role);
    pen.stroke();
  }
};

const marks = (found: readonly Place[]): void => {
  const groups = new Map<number, Place[]>();
  for (const place of found) {
    const { row } = place;
    if (short.has(row)) ring(place, RADIUS + 3, 'base', 1.5);
    const arm = impossible.has(row) ? -1 : (data.columns.arm.at[row] ?? 0);
    const own = groups.get(arm);
    if (own === undefined) groups.set(arm, [place]);
    else own.push(place);
  }
  for (const [arm, own] of groups)
    for (let at = 0; at < own.length; at += TOGETHER) alike(own.slice(at, at + TOGETHER), data.looks[arm]);
};

/** Joins the loads of one cell; points of other cells, lengths or phases never. */
const curves = (found: readonly Place[]): void => {
  const byCell = new Map<string, Place[]>();
  for (const place of found) {
    const { columns } = data;
    const key = [columns.cell, columns.shape, columns.dataset, columns.cache].map(({ at }) => at[place.row]).join();
    if (impossible.has(place.row)) continue;
    const own = byCell.get(key);
    if (own === undefined) byCell.set(key, [place]);
    else own.push(place);
  }
  for (const own of byCell.values()) {
    const look = data.looks[data.columns.arm.at[own[0]?.row ?? 0] ?? 0];
    pen.setLineDash(look?.dotted === true ? [2, 3] : []);
    pen.strokeStyle = colour(look?.role ?? 'ink');
    pen.beginPath();
    own.sort((a, b) => (data.concurrency[a.row] ?? 0) - (data.concurrency[b.row] ?? 0));
    for (const { x, y } of own) pen.lineTo(x, y);
    pen.stroke();
  }
  pen.setLineDash([]);
};

const axes = (view: PlotView, xs: AxisScale, ys: AxisScale, [left, top, right, bottom]: readonly number[]): void => {
  const [l = 0, t = 0, r = 0, b = 0] = [left, top, right, bottom];
  pen.lineWidth = 1;
  pen.strokeStyle = colour('grid');
  for (const { at } of xs.ticks) line(at, t, at, b);
  for (const { at } of ys.ticks) line(l, at, r, at);
  pen.strokeStyle = colour('base');
  pen.lineWidth = 1.5;
  line(l, b, r, b);
  pen.fillStyle = colour('quiet');
  pen.textAlign = 'center';
  let end = -Infinity;
  for (const { at, label } of xs.ticks) {
    const half = pen.measureText(label).width / 2;
    if (at - half < end + 8 || at + half > r + 12) continue;
    end = at + half;
    pen.fillText(label, at, b + 17);
  }
  pen.textAlign = 'right';
  for (const { at, label } of ys.ticks) pen.fillText(label, l - 8, at + 4);
  pen.fillText(axisName(view.x, xs), r, b + 36);
  pen.textAlign = 'left';
  pen.fillText(axisName(view.y, ys), 2, 14);
};

export const drawPlot = (view: PlotView): void => {
  const { x, y, rows, xKind, yKind, focus, marked } = view;
  const [width, height, ratio] = [canvas.clientWidth || 900, canvas.clientHeight || 460, devicePixelRatio];
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.font = FONT;
  const points = rows.flatMap((row) => {
    const [px, py] = [valueOf(x, row), valueOf(y, row)];
    return px === null || py === null ? [] : [{ row, x: px, y: py }];
  });
  if (points.length === 0) {
    places = [];
    pen.fillStyle = colour('quiet');
    pen.textAlign = 'center';
    pen.fillText('no point to show: choose other axes, or show more', width / 2, height / 2);
    return;
  }
  // Half of the last number of the axis stands right of it.
  const [top, bottom, right] = [28, height - 44, width - 22];
  const ys = axisScale(points.map((point) => point.y), { range: [bottom, top], unit: data.measures[y]?.unit ?? null, kind: yKind });
  const left = Math.max(...ys.ticks.map(({ label }) => pen.measureText(label).width)) + 14;
  const xs = axisScale(points.map((point) => point.x), { range: [left, right], unit: data.measures[x]?.unit ?? null, kind: xKind, ticks: width < 600 ? 4 : 8 });
  axes(view, xs, ys, [left, top, right, bottom]);
  const found = points.map((point) => ({ row: point.row, x: xs.at(point.x), y: ys.at(point.y) }));
  pen.lineWidth = 1.1;
  curves(found);
  marks(found);
  for (const place of found) if (marked.has(place.row)) ring(place, RADIUS + 5, 'ink', 1.5);
  places = found.sort((a, b) => a.x - b.x || a.y - b.y);
  for (const place of places) if (place.row === focus) ring(place, RADIUS + 6, 'blue', 2.5);
}; // prettier-ignore

/** The point nearest to a place of the canvas, within reach of a finger. */
export const nearestRow = (x: number, y: number): number | null => {
  let [best, least] = [null as number | null, 24 ** 2];
  for (const place of places) {
    const far = (place.x - x) ** 2 + (place.y - y) ** 2;
    if (far < least) [best, least] = [place.row, far];
  }
  return best;
};
