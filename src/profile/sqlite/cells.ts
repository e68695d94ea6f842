// Finds the records on the leaf pages of a table: where each begins, which shape it has and its row id
// (https://www.sqlite.org/fileformat2.html, "B-tree Pages"). Checks every offset against the page; never decodes a value.
import { readOverflow, treeStart } from './btree.ts';
import { LEAF_TABLE_PAGE, damaged, localPayload, varintLength, varintValue } from './format.ts';
import { takeRoom } from './page-runs.ts';
import type { Window } from './page-runs.ts';
import type { Pager } from './pager.ts';
import { isFull, shapeAt } from './shapes.ts';
import type { Shapes } from './shapes.ts';

/** Rows located but not yet decoded. */
export interface Located {
  /** Offset of each record in the window. */
  readonly starts: Int32Array;
  readonly shapes: Int32Array;
  /** Null where nobody asks for the row id. */
  readonly rowids: Float64Array | null;
  count: number;
}

export const createLocated = (capacity: number, withRowids: boolean): Located => ({
  starts: new Int32Array(capacity),
  shapes: new Int32Array(capacity),
  rowids: withRowids ? new Float64Array(capacity) : null,
  count: 0,
});

/** Cells of the leaf page at `start`. Faults: `sqlite_damaged`. */
export const cellsOn = (pager: Pager, window: Window, start: number, page: number): number => {
  const head = start + treeStart(page);
  const cells = window.view.getUint16(head + 3);
  if (window.bytes[head] !== LEAF_TABLE_PAGE)
    throw damaged(pager.path, `page ${page}`, 'no table leaf where one belongs');
  if (head - start + 8 + 2 * cells > pager.header.usableSize)
    throw damaged(pager.path, `page ${page}`, 'too many cells');
  return cells;
};

/**
 * Locates the cells from `first` to `cells` of the leaf page at `start`; stops early where no further shape fits. Returns
 * the first cell that is not located. Faults: `sqlite_damaged`.
 */
export const locateCells = (
  pager: Pager,
  window: Window,
  start: number,
  page: number,
  first: number,
  cells: number,
  shapes: Shapes,
  rows: Located,
): number => {
  const usable = pager.header.usableSize;
  const end = start + usable;
  const pointers = start + treeStart(page) + 8;
  const { extents } = shapes;
  const { starts, rowids } = rows;
  let { bytes, view } = window;
  let row = rows.count;
  let cell = first;
  for (; cell < cells && !isFull(shapes); cell++, row++) {
    let at = start + view.getUint16(pointers + 2 * cell);
    if (at < start + 8 || at + 4 > end) throw damaged(pager.path, `page ${page}`, 'cell outside its page');
    let length = bytes[at] ?? 0;
    if (length < 0x80) at++;
    else {
      length = varintValue(bytes, at);
      at += varintLength(bytes, at);
    }
    if (rowids !== null) rowids[row] = varintValue(bytes, at);
    const keyEnd = at + 9;
    while ((bytes[at++] ?? 0) >= 0x80 && at < keyEnd);
    const local = length <= usable - 35 ? length : localPayload(length, usable);
    if (at + local > end) throw damaged(pager.path, `page ${page}`, 'payload outside its page');
    let shape = shapeAt(shapes, bytes, view, at, at + local);
    if (shape < 0 || (extents[shape] ?? 0) > local) {
      if (local === length) throw damaged(pager.path, `page ${page}`, 'a record is longer than its payload');
      at = wholePayload(pager, window, at, local, length);
      ({ bytes, view } = window);
      shape = shapeAt(shapes, bytes, view, at, at + length);
      if (shape < 0 || (extents[shape] ?? 0) > length)
        throw damaged(pager.path, `page ${page}`, 'a record is longer than its payload');
    }
    starts[row] = at;
    rows.shapes[row] = shape;
  }
  rows.count = row;
  return cell;
};

/** Puts a payload that continues on overflow pages together behind the run; returns its offset there. */
const wholePayload = (pager: Pager, window: Window, at: number, local: number, length: number): number => {
  if (length > pager.pageCount * pager.header.pageSize)
    throw damaged(pager.path, 'overflow', 'a payload is longer than the file');
  const target = takeRoom(window, length);
  window.bytes.copy(window.bytes, target, at, at + local);
  readOverflow(pager, window.bytes.readUInt32BE(at + local), window.bytes, target + local, target + length);
  return target;
};
