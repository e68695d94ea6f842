// The usual case of `cells.ts`: rows whose kind is the one that was to be expected. Must call nothing that is not inlined: the
// compiler then keeps the arrays at hand over the whole loop, which makes it a quarter faster.
import { LONG_WORDS, SHORT_WORDS } from './kind-plans.ts';
import { NO_KIND } from './row-kinds.ts';
import type { RowKinds } from './row-kinds.ts';
import { hintedTrack, nextPlace } from './row-order.ts';
import type { Located } from './located.ts';
import type { Shapes } from './shapes.ts';

/** The cells of one leaf page. */
export interface LeafCells {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** Offset of the page, and where its usable bytes end. */
  readonly start: number;
  readonly end: number;
  /** Offset of the first cell pointer. */
  readonly pointers: number;
  readonly cells: number;
  /** Longest payload that lies on the page as a whole. */
  readonly mostLocal: number;
}

/** Bytes of a cell before its record: payload length of up to two bytes, row id of up to nine. */
const CELL_HEAD = 11;

/** Locates cells from `first` on for as long as they are as expected; returns the first that is not. */
export const locateExpected = (
  leaf: LeafCells,
  first: number,
  { extents }: Shapes,
  kinds: RowKinds,
  rows: Located,
): number => {
  const { bytes, view, start, end, pointers, cells, mostLocal } = leaf;
  const { starts, shapes, rowids, tuples } = rows;
  if (rowids !== null || tuples === null) return first;
  const { tracks, log, guess, ends } = kinds.order;
  const { longs: longAt, shorts: shortAt, masks } = kinds.plans;
  const { longs, shorts } = kinds.keys;
  const { shapes: shapeOf, numbers } = kinds;
  const typeAt = kinds.hints[0] ?? 0;
  const fieldAt = kinds.hints[1] ?? 0;
  const processAt = kinds.hints[2] ?? 0;
  let row = rows.count;
  let cell = first;
  for (; cell < cells; cell++) {
    let at = start + view.getUint16(pointers + 2 * cell);
    if (at < start + 8 || at + CELL_HEAD > end) break;
    let length = bytes[at++] ?? 0;
    if (length >= 0x80) {
      const low = bytes[at++] ?? 0;
      if (low >= 0x80) break;
      length = ((length & 0x7f) << 7) | low;
    }
    const keyEnd = at + 9;
    while ((bytes[at++] ?? 0) >= 0x80 && at < keyEnd);
    if (length > mostLocal || at + length > end) break;
    const track =
      tracks[hintedTrack(bytes[at + typeAt] ?? 0, bytes[at + fieldAt] ?? 0, bytes[at + processAt] ?? 0)] ?? 0;
    const guessed = guess[track] ?? 0;
    const kind = log[guessed] ?? NO_KIND;
    const shape = shapeOf[kind] ?? 0;
    if (kind === NO_KIND || (extents[shape] ?? 0) > length) break;
    const plan = shape * LONG_WORDS;
    const key = kind * LONG_WORDS;
    if (view.getFloat64(at + (longAt[plan] ?? 0), true) !== longs[key]) break;
    if (view.getFloat64(at + (longAt[plan + 1] ?? 0), true) !== longs[key + 1]) break;
    if (view.getFloat64(at + (longAt[plan + 2] ?? 0), true) !== longs[key + 2]) break;
    if (view.getFloat64(at + (longAt[plan + 3] ?? 0), true) !== longs[key + 3]) break;
    if (view.getFloat64(at + (longAt[plan + 4] ?? 0), true) !== longs[key + 4]) break;
    if (view.getFloat64(at + (longAt[plan + 5] ?? 0), true) !== longs[key + 5]) break;
    if (view.getFloat64(at + (longAt[plan + 6] ?? 0), true) !== longs[key + 6]) break;
    if (view.getFloat64(at + (longAt[plan + 7] ?? 0), true) !== longs[key + 7]) break;
    if (view.getFloat64(at + (longAt[plan + 8] ?? 0), true) !== longs[key + 8]) break;
    const short = shape * SHORT_WORDS;
    const shortKey = kind * SHORT_WORDS;
    const first4 = view.getInt32(at + (shortAt[short] ?? 0), true) & (masks[short] ?? 0);
    const second4 = view.getInt32(at + (shortAt[short + 1] ?? 0), true) & (masks[short + 1] ?? 0);
    const third4 = view.getInt32(at + (shortAt[short + 2] ?? 0), true) & (masks[short + 2] ?? 0);
    if (first4 !== shorts[shortKey] || second4 !== shorts[shortKey + 1] || third4 !== shorts[shortKey + 2]) break;
    const place = ends[track] ?? 0;
    log[place] = kind;
    ends[track] = nextPlace(place);
    guess[track] = nextPlace(guessed);
    starts[row] = at;
    shapes[row] = shape;
    tuples[row] = numbers[kind] ?? 0;
    row++;
  }
  rows.count = row;
  return cell;
};
