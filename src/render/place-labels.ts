// Finds a place for the label of every point, so that no label lies over another label, a mark or the edge. The same input gives
// the same places. A label that finds none is left out and its caller says so.
import type { Point } from './svg.ts';

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface LabelRequest {
  /** The point that the label names. */
  readonly at: Point;
  readonly width: number;
  readonly height: number;
}

export interface PlacedLabel {
  readonly box: Box;
  /** From the point to the label, where the label stands so far off that a reader could doubt. */
  readonly leader: readonly [from: Point, to: Point] | null;
}

export interface LabelSurroundings {
  /** All labels lie in it. */
  readonly bounds: Box;
  /** Never covered: marks, other text. */
  readonly obstacles: readonly Box[];
  /** Covered only where there is no better place: curves, levels. */
  readonly lines?: readonly (readonly [from: Point, to: Point])[];
}

const GAP = 1.5;

export const overlaps = (a: Box, b: Box): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

const grown = ({ x, y, width, height }: Box, by: number): Box => ({
  x: x - by,
  y: y - by,
  width: width + 2 * by,
  height: height + 2 * by,
});

const inside = (inner: Box, outer: Box): boolean =>
  inner.x >= outer.x &&
  inner.y >= outer.y &&
  inner.x + inner.width <= outer.x + outer.width &&
  inner.y + inner.height <= outer.y + outer.height;

/** True where the stretch between two points touches the box (clipping by Liang and Barsky). */
export const crosses = ([[x, y], [toX, toY]]: readonly [Point, Point], box: Box): boolean => {
  // Most lines lie far off.
  if (Math.max(x, toX) < box.x || Math.min(x, toX) > box.x + box.width) return false;
  if (Math.max(y, toY) < box.y || Math.min(y, toY) > box.y + box.height) return false;
  const [dx, dy] = [toX - x, toY - y];
  let [enter, leave] = [0, 1];
  for (const [speed, room] of [
    [-dx, x - box.x],
    [dx, box.x + box.width - x],
    [-dy, y - box.y],
    [dy, box.y + box.height - y],
  ] as const) {
    if (speed === 0) {
      if (room < 0) return false;
    } else if (speed < 0) enter = Math.max(enter, room / speed);
    else leave = Math.min(leave, room / speed);
  }
  return enter < leave;
};

/** Distances from the point, and directions in the order in which readers look: up right, right, up, left, down. */
const DISTANCES = [7, 12, 18, 26, 36, 48, 62, 78] as const;
const DIRECTIONS = [-45, 0, -90, -135, 180, 45, 90, 135, -22, -68, -112, -158, 22, 68, 112, 158] as const;
const NEAR = 16;

/** The box of a label whose nearest point lies `distance` from the mark. */
const candidate = ({ at: [x, y], width, height }: LabelRequest, distance: number, degrees: number): Box => {
  const angle = (degrees * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const side = Math.abs(cos) < 0.3 ? 0.5 : cos > 0 ? 0 : 1;
  const rise = Math.abs(sin) < 0.3 ? 0.5 : sin > 0 ? 0 : 1;
  return { x: x + distance * cos - side * width, y: y + distance * sin - rise * height, width, height };
};

/** Where the leader meets the label: the nearest point of its box. */
const leaderTo = ([x, y]: Point, box: Box): readonly [Point, Point] => {
  const end: Point = [
    Math.min(Math.max(x, box.x), box.x + box.width),
    Math.min(Math.max(y, box.y), box.y + box.height),
  ];
  return [[x, y], end];
};

const COST_OF_CROSSING = 14;

/** A place for each request, in their order of importance; null where there is none. */
export const placeLabels = (
  requests: readonly LabelRequest[],
  { bounds, obstacles, lines = [] }: LabelSurroundings,
): (PlacedLabel | null)[] => {
  const placed: PlacedLabel[] = [];
  const isFree = (box: Box, leader: PlacedLabel['leader'], own: Point): boolean =>
    inside(box, bounds) &&
    !obstacles.some((obstacle) => overlaps(obstacle, grown(box, GAP))) &&
    !placed.some(
      (other) =>
        overlaps(other.box, grown(box, GAP)) ||
        (leader !== null && crosses(leader, other.box)) ||
        (other.leader !== null && crosses(other.leader, grown(box, GAP))),
    ) &&
    (leader === null ||
      !obstacles.some((obstacle) => !contains(obstacle, own) && crosses(leader, grown(obstacle, -0.5))));
  return requests.map((request) => {
    let best: { readonly label: PlacedLabel; readonly cost: number } | null = null;
    for (const distance of DISTANCES)
      for (const [rank, degrees] of DIRECTIONS.entries()) {
        const box = candidate(request, distance, degrees);
        const leader = distance > NEAR ? leaderTo(request.at, box) : null;
        const base = distance + rank * 0.4;
        if ((best !== null && base >= best.cost) || !isFree(box, leader, request.at)) continue;
        const around = grown(box, 2 * GAP);
        const most = best === null ? Infinity : (best.cost - base) / COST_OF_CROSSING;
        let crossed = 0;
        for (const each of lines) if (crosses(each, around) && ++crossed > most) break;
        const cost = base + COST_OF_CROSSING * crossed;
        if (best === null || cost < best.cost) best = { label: { box, leader }, cost };
      }
    if (best === null) return null;
    placed.push(best.label);
    return best.label;
  });
};

const contains = ({ x, y, width, height }: Box, [px, py]: Point): boolean =>
  px >= x && px <= x + width && py >= y && py <= y + height;
