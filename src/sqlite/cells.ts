// Finds the records on the leaf pages of a table: where each begins, which shape it has and its row id
// (https://www.sqlite.org/fileformat2.html, "B-tree Pages"). Checks every offset against the page; never decodes a value.
import { readOverflow, treeStart } from './btree.ts';
import { LEAF_TABLE_PAGE, damaged, localPayload, varintLength, varintValue } from './format.ts';
import { locateExpected } from './expected-cells.ts';
import type { Located } from './located.ts';
import { takeRoom } from './page-runs.ts';
import type { Window } from './page-runs.ts';
import type { Pager } from './pager.ts';
import { tupleOf } from './row-kinds.ts';
import type { RowKinds } from './row-kinds.ts';
import { isFull, shapeAt } from './shapes.ts';
import type { Shapes } from './shapes.ts';

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
  kinds: RowKinds | null,
  rows: Located,
): number => {
  const mostLocal = pager.header.usableSize - 35;
  const end = start + pager.header.usableSize;
  const pointers = start + treeStart(page) + 8;
  let cell = first;
  while (cell < cells && !isFull(shapes)) {
    const { bytes, view } = window;
    if (kinds !== null) {
      const leaf = { bytes, view, start, end, pointers, cells, mostLocal };
      cell = locateExpected(leaf, cell, shapes, kinds, rows);
      if (cell === cells) break;
    }
    const at = start + view.getUint16(pointers + 2 * cell);
    if (at < start + 8 || at + 4 > end) throw damaged(pager.path, `page ${page}`, 'cell outside its page');
    locateCell(pager, window, end, page, at, shapes, kinds, rows);
    cell++;
  }
  return cell;
};

/** Locates the cell at `cell`, whatever it is. */
const locateCell = (
  pager: Pager,
  window: Window,
  end: number,
  page: number,
  cell: number,
  shapes: Shapes,
  kinds: RowKinds | null,
  rows: Located,
): void => {
  const { starts, rowids, tuples } = rows;
  const row = rows.count++;
  let { bytes, view } = window;
  const length = varintValue(bytes, cell);
  const key = cell + varintLength(bytes, cell);
  if (rowids !== null) rowids[row] = varintValue(bytes, key);
  let at = key + varintLength(bytes, key);
  const local = localPayload(length, pager.header.usableSize);
  if (at + local > end) throw damaged(pager.path, `page ${page}`, 'payload outside its page');
  let shape = shapeAt(shapes, bytes, view, at, at + local);
  if (shape < 0 || (shapes.extents[shape] ?? 0) > local) {
    if (local === length) throw damaged(pager.path, `page ${page}`, 'a record is longer than its payload');
    at = wholePayload(pager, window, at, local, length);
    ({ bytes, view } = window);
    shape = shapeAt(shapes, bytes, view, at, at + length);
    if (shape < 0 || (shapes.extents[shape] ?? 0) > length)
      throw damaged(pager.path, `page ${page}`, 'a record is longer than its payload');
  }
  starts[row] = at;
  rows.shapes[row] = shape;
  if (kinds !== null && tuples !== null) tuples[row] = tupleOf(kinds, shapes, bytes, view, at, shape);
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
