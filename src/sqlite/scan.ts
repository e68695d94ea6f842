// Reads chosen columns of every row of a table, page by page, into columns of numbers: locate the records of a run of pages,
// decode them column by column, hand them on. Rows come in page order, which is the order of insertion for a table that
// only grew. Must never hold a whole table in memory.
import { treeStart } from './btree.ts';
import { cellsOn, locateCells } from './cells.ts';
import { createLocated } from './located.ts';
import { absentDecoder, numberDecoder, rowidDecoder, textDecoder, tupleDecoder } from './column-decoders.ts';
import type { Decoder } from './column-decoders.ts';
import { readerOf } from './fields.ts';
import type { TextEncoding } from './format.ts';
import { eachRun } from './page-runs.ts';
import type { Window } from './page-runs.ts';
import type { Pager } from './pager.ts';
import { createRowKinds, forgetKinds } from './row-kinds.ts';
import type { RowKinds } from './row-kinds.ts';
import { clearShapes, createShapes, isFull } from './shapes.ts';
import type { Shapes } from './shapes.ts';
import { columnsOf } from './table-source.ts';
import type { RowSink, Want } from './table-source.ts';

/** Column positions in the record, by lower-case name; `rowid` is the column that stands for the row id. */
export interface RecordLayout {
  readonly root: number;
  readonly position: ReadonlyMap<string, number>;
  readonly rowid: number | null;
}

const BATCH_ROWS = 8192;

/** Scans the table whose leaf pages are `leaves`. Faults: `sqlite_damaged`. */
export const scanTable = (
  pager: Pager,
  layout: RecordLayout,
  leaves: Uint32Array,
  wants: readonly Want[],
  sink: RowSink,
): void => {
  const capacity = Math.max(BATCH_ROWS, pager.header.pageSize >> 2);
  const positions = [...new Set(wants.flatMap(columnsOf).map((name) => positionOf(layout, name)))];
  const shapes = createShapes(positions);
  const kinds = kindsFor(wants, layout, positions, shapes);
  const rows = createLocated(capacity, layout.rowid !== null && positions.includes(layout.rowid), kinds !== null);
  const decoders = wants.map((want) => decoderFor(want, layout, pager.header.encoding, positions));
  const columns = wants.map(() => new Float64Array(capacity));
  const flush = (window: Window): void => {
    if (rows.count === 0) return;
    columns.forEach((column, want) => decoders[want]?.(window, shapes, rows, column));
    sink(columns, rows.count);
    rows.count = 0;
  };
  const onPage = (window: Window, start: number, page: number): void => {
    const cells = cellsOn(pager, window, start, page);
    if (rows.count + cells > capacity) flush(window);
    for (let cell = 0; cell < cells;) {
      cell = locateCells(pager, window, start, page, cell, cells, shapes, kinds, rows);
      if (!isFull(shapes)) continue;
      flush(window);
      clearShapes(shapes);
      if (kinds !== null) forgetKinds(kinds);
    }
  };
  eachRun(pager, leaves, onPage, flush);
};

/** Rows of the table as its first leaf page and the number of leaves suggest; no more than a hint. */
export const estimateRows = (pager: Pager, leaves: Uint32Array): number => {
  const first = leaves[0];
  return first === undefined ? 0 : leaves.length * pager.page(first).readUInt16BE(treeStart(first) + 3);
};

const positionOf = (layout: RecordLayout, column: string): number => layout.position.get(column.toLowerCase()) ?? -1;

const slotOf = (layout: RecordLayout, positions: readonly number[], column: string): number => {
  const position = positionOf(layout, column);
  return position < 0 ? -1 : positions.indexOf(position);
};

const kindsFor = (
  wants: readonly Want[],
  layout: RecordLayout,
  positions: readonly number[],
  shapes: Shapes,
): RowKinds | null => {
  const want = wants.find((each) => each.kind === 'tuple');
  if (want === undefined) return null;
  const fields = want.fields.map((field) => ({
    slot: slotOf(layout, positions, field.column),
    read: readerOf(field),
    mostVaryingByte: field.kind === 'high40' ? 4 : 0,
  }));
  return createRowKinds({ fields, sequence: want.sequence, intern: want.intern }, shapes);
};

const decoderFor = (
  want: Want,
  layout: RecordLayout,
  encoding: TextEncoding,
  positions: readonly number[],
): Decoder => {
  if (want.kind === 'tuple') return tupleDecoder;
  const slot = slotOf(layout, positions, want.column);
  if (slot < 0) return absentDecoder;
  if (positionOf(layout, want.column) === layout.rowid) return rowidDecoder;
  return want.kind === 'text' ? textDecoder(want.intern, encoding, slot) : numberDecoder(want, slot);
};
