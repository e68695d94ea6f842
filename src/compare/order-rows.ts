// Orders the rows of a comparison: the largest change first. Fast for a million rows, and the same whatever order the files
// name their metrics in.
import type { DeltaRow } from '../verdict/delta-row.ts';
import { orderKeys } from './order-keys.ts';

/** Size of a change as rows are ranked by it. */
export type Magnitude = (row: DeltaRow) => number;

/** By percent; a change from zero has none and ranks above all. */
export const byPercent: Magnitude = ({ delta_pct }) => (delta_pct === null ? Infinity : Math.abs(delta_pct));

/** By difference in the metric's unit. */
export const byDifference: Magnitude = ({ delta }) => Math.abs(delta);

const compareKeys = (a: DeltaRow, b: DeltaRow): number => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);

/** Row positions, the largest magnitude first. Sorted as one number each: magnitude (as 32-bit float) above, position below. */
const positionsBySize = (rows: readonly DeltaRow[], magnitude: Magnitude): Uint32Array => {
  const packed = new BigUint64Array(rows.length);
  const halves = new Uint32Array(packed.buffer);
  const floats = new Float32Array(packed.buffer);
  const last = rows.length - 1;
  rows.forEach((row, index) => {
    halves[2 * index] = last - index;
    floats[2 * index + 1] = magnitude(row);
  });
  packed.sort().reverse();
  return Uint32Array.from(rows, (_, index) => last - (halves[2 * index] ?? 0));
};

/** Below this number of rows comparing them is cheaper than getting ready for it. */
const MANY = 64;

/** The order of a few rows: the largest first, equals by key, unchanged ones as the file has them. */
export const orderFew = <Row extends DeltaRow>(rows: readonly Row[], magnitude: Magnitude): Row[] =>
  rows.toSorted((a, b) => magnitude(b) - magnitude(a) || (magnitude(a) === 0 ? 0 : compareKeys(a, b)));

/** Sorts rows of nearly one magnitude: by key first, then without disturbing that by the exact magnitude. */
const sortStretch = <Row extends DeltaRow>(rows: readonly Row[], magnitude: Magnitude): Row[] => {
  if (rows.length < MANY) return orderFew(rows, magnitude);
  const byMagnitude = new Map<number, Row[]>();
  for (const position of orderKeys(rows.map(({ key }) => key))) {
    const row = rows[position];
    if (row === undefined) continue;
    const size = magnitude(row);
    const equal = byMagnitude.get(size);
    if (equal === undefined) byMagnitude.set(size, [row]);
    else equal.push(row);
  }
  const sizes = Float64Array.from(byMagnitude.keys()).sort().reverse();
  return [...sizes].flatMap((size) => byMagnitude.get(size) ?? []);
};

/** Sorts the stretches of rows whose magnitudes are too near for 32 bits; unchanged rows keep the order of the file. */
const settleTies = <Row extends DeltaRow>(rows: Row[], magnitude: Magnitude): void => {
  const near = (row: DeltaRow | undefined): number => (row === undefined ? -1 : Math.fround(magnitude(row)));
  let from = 0;
  while (from < rows.length) {
    const size = near(rows[from]);
    if (size === 0) return;
    let to = from + 1;
    while (near(rows[to]) === size) to += 1;
    if (to - from > 1) sortStretch(rows.slice(from, to), magnitude).forEach((row, index) => (rows[from + index] = row));
    from = to;
  }
};

/** A new array: largest change first, equal ones by key, then the unchanged in the order given. */
export const orderRows = <Row extends DeltaRow>(rows: readonly Row[], magnitude: Magnitude): Row[] => {
  const ordered = Array.from(positionsBySize(rows, magnitude), (position) => rows[position]).filter(
    (row) => row !== undefined,
  );
  settleTies(ordered, magnitude);
  return ordered;
};
