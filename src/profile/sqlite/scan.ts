// The hot loop: reads chosen columns of every row of a table, page by page, into columns of numbers. Rows come in page
// order, which is the order of insertion for a table that only grew. Must never hold a whole table in memory.
import { LEAF_TABLE_PAGE, SERIAL_BYTES, damaged, decodeText, isText, localPayload, serialBytes } from './format.ts';
import { leafPages, readOverflow, treeStart } from './btree.ts';
import { clearShapes, createShapes, isFull, shapeAt } from './shapes.ts';
import type { Shapes } from './shapes.ts';
import type { TextEncoding } from './format.ts';
import type { Pager } from './pager.ts';
import { columnsOf } from './table-source.ts';
import type { RowSink, Want } from './table-source.ts';

/** Column positions in the record, by lower-case name; `rowid` is the column that stands for the row id. */
export interface RecordLayout {
  readonly root: number;
  readonly position: ReadonlyMap<string, number>;
  readonly rowid: number | null;
}

const RUN_BYTES = 1 << 18;
const GAP_PAGES = 8;
const BATCH_ROWS = 8192;
const TWO_32 = 2 ** 32;

/** Bytes under decode: a run of pages, and after it room for payloads put together from overflow pages. */
interface Window {
  bytes: Buffer;
  view: DataView;
  spare: number;
}

/** Rows located but not yet decoded: where each record starts, its shape and its row id. */
interface Located {
  readonly starts: Int32Array;
  readonly shapes: Int32Array;
  readonly rowids: Float64Array;
}

/** Scans the whole table. Faults: `sqlite_damaged`. */
export const scanTable = (pager: Pager, layout: RecordLayout, wants: readonly Want[], sink: RowSink): void => {
  const capacity = Math.max(BATCH_ROWS, pager.header.pageSize >> 2);
  const positions = wants.flatMap((want) =>
    columnsOf(want).map((name) => layout.position.get(name.toLowerCase()) ?? -1),
  );
  const distinct = [...new Set(positions)];
  const slotOf = (name: string): number => distinct.indexOf(layout.position.get(name.toLowerCase()) ?? -1);
  const shapes = createShapes(distinct);
  const rows: Located = {
    starts: new Int32Array(capacity),
    shapes: new Int32Array(capacity),
    rowids: new Float64Array(capacity),
  };
  const slots = wants.map((want) => slotOf(want.column));
  const decoders = wants.map((want) => decoderFor(want, layout, pager.header.encoding, slotOf));
  const columns = wants.map(() => new Float64Array(capacity));
  let filled = 0;
  const flush = (window: Window): void => {
    columns.forEach((column, want) => decoders[want]?.(window, shapes, rows, slots[want] ?? 0, filled, column));
    if (filled > 0) sink(columns, filled);
    filled = 0;
  };
  const onPage = (window: Window, start: number, page: number): void => {
    const cells = cellsOn(pager, window, start, page);
    if (filled + cells > capacity) flush(window);
    for (let cell = 0; cell < cells; cell++) {
      locateCell(pager, window, start, page, cell, shapes, rows, filled++);
      if (!isFull(shapes)) continue;
      flush(window);
      clearShapes(shapes);
    }
  };
  eachRun(pager, leafPages(pager, layout.root), onPage, flush);
};

/** Rows of the table as its first leaf page and the number of leaves suggest; no more than a hint. */
export const estimateRows = (pager: Pager, layout: RecordLayout): number => {
  const leaves = leafPages(pager, layout.root);
  const first = leaves[0];
  return first === undefined ? 0 : leaves.length * pager.page(first).readUInt16BE(treeStart(first) + 3);
};

/** Reads leaf pages in runs of neighbours and hands each page on with its offset in the window. */
const eachRun = (
  pager: Pager,
  leaves: Uint32Array,
  onPage: (window: Window, start: number, page: number) => void,
  onRunEnd: (window: Window) => void,
): void => {
  const { pageSize } = pager.header;
  const perRun = Math.max(1, Math.floor(RUN_BYTES / pageSize));
  const bytes = Buffer.allocUnsafeSlow(perRun * pageSize + RUN_BYTES);
  const window: Window = { bytes, view: viewOf(bytes), spare: 0 };
  for (let i = 0; i < leaves.length;) {
    const first = leaves[i] ?? 0;
    let end = i + 1;
    while (end < leaves.length && isNear(leaves, end, first, perRun)) end++;
    const count = (leaves[end - 1] ?? first) - first + 1;
    pager.pagesInto(window.bytes, first, count);
    window.spare = perRun * pageSize;
    for (; i < end; i++) {
      const page = leaves[i] ?? 0;
      onPage(window, (page - first) * pageSize, page);
    }
    onRunEnd(window);
  }
};

const isNear = (leaves: Uint32Array, index: number, first: number, perRun: number): boolean => {
  const page = leaves[index] ?? 0;
  return page - first < perRun && page - (leaves[index - 1] ?? 0) <= GAP_PAGES;
};

const viewOf = (bytes: Buffer): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const cellsOn = (pager: Pager, window: Window, start: number, page: number): number => {
  const head = start + treeStart(page);
  const cells = window.view.getUint16(head + 3);
  if (window.bytes[head] !== LEAF_TABLE_PAGE)
    throw damaged(pager.path, `page ${page}`, 'no table leaf where one belongs');
  if (head - start + 8 + 2 * cells > pager.header.usableSize)
    throw damaged(pager.path, `page ${page}`, 'too many cells');
  return cells;
};

/** Finds the record of one cell and notes its start, shape and row id as row `row`. */
const locateCell = (
  pager: Pager,
  window: Window,
  start: number,
  page: number,
  cell: number,
  shapes: Shapes,
  rows: Located,
  row: number,
): void => {
  const { bytes, view } = window;
  const usable = pager.header.usableSize;
  let at = start + view.getUint16(start + treeStart(page) + 8 + 2 * cell);
  if (at - start < 8 || at - start + 4 > usable) throw damaged(pager.path, `page ${page}`, 'cell outside its page');
  let length = 0;
  let byte = 0x80;
  for (let read = 0; byte >= 0x80 && read < 9; read++) {
    byte = bytes[at++] ?? 0;
    length = length * 128 + (byte & 0x7f);
  }
  let rowid = 0;
  byte = 0x80;
  for (let read = 0; byte >= 0x80 && read < 9; read++) {
    byte = bytes[at++] ?? 0;
    rowid = read === 8 ? rowid * 256 + byte : rowid * 128 + (byte & 0x7f);
  }
  const local = length <= usable - 35 ? length : localPayload(length, usable);
  if (at - start + local > usable) throw damaged(pager.path, `page ${page}`, 'payload outside its page');
  rows.rowids[row] = rowid;
  rows.starts[row] = at;
  let shape = shapeAt(shapes, bytes, view, at, at + local);
  if (shape < 0 || (shapes.extents[shape] ?? 0) > local) {
    if (local === length) throw damaged(pager.path, `page ${page}`, 'a record is longer than its payload');
    const whole = spill(pager, window, at, local, length);
    rows.starts[row] = whole;
    shape = shapeAt(shapes, window.bytes, window.view, whole, whole + length);
    if (shape < 0 || (shapes.extents[shape] ?? 0) > length) {
      throw damaged(pager.path, `page ${page}`, 'a record is longer than its payload');
    }
  }
  rows.shapes[row] = shape;
};

/** Puts a payload that continues on overflow pages together behind the run; returns its offset there. */
const spill = (pager: Pager, window: Window, at: number, local: number, length: number): number => {
  const target = window.spare;
  const limit = pager.pageCount * pager.header.pageSize;
  if (length > limit) throw damaged(pager.path, 'overflow', 'a payload is longer than the file');
  if (target + length > window.bytes.length) {
    const larger = Buffer.allocUnsafeSlow(Math.ceil((target + length) * 1.5));
    window.bytes.copy(larger);
    window.bytes = larger;
    window.view = viewOf(larger);
  }
  window.bytes.copy(window.bytes, target, at, at + local);
  readOverflow(pager, window.bytes.readUInt32BE(at + local), window.bytes, target + local, target + length);
  window.spare = target + length;
  return target;
};

type Decoder = (window: Window, shapes: Shapes, rows: Located, slot: number, count: number, out: Float64Array) => void;

const decoderFor = (
  want: Want,
  layout: RecordLayout,
  encoding: TextEncoding,
  slotOf: (name: string) => number,
): Decoder => {
  if (want.kind === 'tuple') return tupleDecoder(want.columns, layout, slotOf, want.intern);
  const position = layout.position.get(want.column.toLowerCase());
  if (position === undefined) return (_window, _shapes, _rows, _slot, count, out) => void out.fill(NaN, 0, count);
  if (position === layout.rowid) return copyRowids;
  switch (want.kind) {
    case 'number':
      return numberDecoder(want.origin ?? 0n);
    case 'high40':
      return decodeHigh40;
    case 'low24':
      return decodeLow24;
    case 'text':
      return textDecoder(want.intern, encoding);
  }
};

const copyRowids: Decoder = (_window, _shapes, rows, _slot, count, out) => {
  for (let row = 0; row < count; row++) out[row] = rows.rowids[row] ?? NaN;
};

const numberDecoder = (origin: bigint): Decoder => {
  const originLow = Number(BigInt.asUintN(32, origin));
  const originHigh = Number(BigInt.asIntN(64, origin) >> 32n);
  const whole = originHigh * TWO_32 + originLow;
  return ({ view }, { types, places, slotCount }, { starts, shapes }, slot, count, out) => {
    for (let row = 0; row < count; row++) {
      const field = (shapes[row] ?? 0) * slotCount + slot;
      const at = (starts[row] ?? 0) + (places[field] ?? 0);
      const type = types[field] ?? 0;
      if (type === 5) {
        out[row] = (view.getInt16(at) - originHigh) * TWO_32 + (view.getUint32(at + 2) - originLow);
      } else if (type === 6) {
        out[row] = (view.getInt32(at) - originHigh) * TWO_32 + (view.getUint32(at + 4) - originLow);
      } else if (type === 1) {
        out[row] = view.getInt8(at) - whole;
      } else {
        out[row] = smallNumber(view, at, type) - whole;
      }
    }
  };
};

/** Integers of up to four bytes, the two constants, and doubles; NaN for anything else. */
const smallNumber = (view: DataView, at: number, type: number): number => {
  switch (type) {
    case 1:
      return view.getInt8(at);
    case 2:
      return view.getInt16(at);
    case 3:
      return (view.getInt16(at) << 8) | view.getUint8(at + 2);
    case 4:
      return view.getInt32(at);
    case 7:
      return view.getFloat64(at);
    case 8:
      return 0;
    case 9:
      return 1;
    default:
      return NaN;
  }
};

const decodeHigh40: Decoder = (window, shapes, rows, slot, count, out) => {
  const { view } = window;
  for (let row = 0; row < count; row++) {
    const field = (rows.shapes[row] ?? 0) * shapes.slotCount + slot;
    const at = (rows.starts[row] ?? 0) + (shapes.places[field] ?? 0);
    const type = shapes.types[field] ?? 0;
    if (type === 6) out[row] = view.getInt32(at) * 256 + view.getUint8(at + 4);
    else if (type === 5) out[row] = view.getInt16(at) * 256 + view.getUint8(at + 2);
    else out[row] = Math.floor(smallNumber(view, at, type) / 2 ** 24);
  }
};

const decodeLow24: Decoder = (window, shapes, rows, slot, count, out) => {
  const { view } = window;
  for (let row = 0; row < count; row++) {
    const field = (rows.shapes[row] ?? 0) * shapes.slotCount + slot;
    const at = (rows.starts[row] ?? 0) + (shapes.places[field] ?? 0);
    const type = shapes.types[field] ?? 0;
    if (type >= 4 && type <= 6) out[row] = view.getUint32(at + (SERIAL_BYTES[type] ?? 4) - 4) & 0xffffff;
    else {
      const value = smallNumber(view, at, type);
      out[row] = Number.isNaN(value) ? NaN : value & 0xffffff;
    }
  }
};

const textDecoder =
  (intern: (text: string) => number, encoding: TextEncoding): Decoder =>
  (window, shapes, rows, slot, count, out) => {
    for (let row = 0; row < count; row++) {
      const field = (rows.shapes[row] ?? 0) * shapes.slotCount + slot;
      const at = (rows.starts[row] ?? 0) + (shapes.places[field] ?? 0);
      const type = shapes.types[field] ?? 0;
      out[row] = isText(type) ? intern(decodeText(window.bytes, at, at + serialBytes(type), encoding)) : NaN;
    }
  };

/**
 * Columns that stand beside each other are recognised by their bytes: the values of a tuple repeat from row to row, and are
 * decoded and interned once for each shape and byte sequence.
 */
const tupleDecoder = (
  names: readonly string[],
  layout: RecordLayout,
  slotOf: (name: string) => number,
  intern: (values: Float64Array) => number,
): Decoder => {
  const positions = names.map((name) => layout.position.get(name.toLowerCase()));
  const adjacent = positions.every((position, i) => position !== undefined && position === (positions[0] ?? 0) + i);
  const slots = names.map((name, i) => (positions[i] === undefined ? -1 : slotOf(name)));
  const values = new Float64Array(names.length);
  const valueAt = (window: Window, shapes: Shapes, field: number, start: number): number => {
    const type = shapes.types[field] ?? 0;
    const at = start + (shapes.places[field] ?? 0);
    if (type === 5) return window.view.getInt16(at) * TWO_32 + window.view.getUint32(at + 2);
    return type === 6 ? Number(window.view.getBigInt64(at)) : smallNumber(window.view, at, type);
  };
  const decodeRow = (window: Window, shapes: Shapes, shape: number, start: number): number => {
    slots.forEach((slot, i) => {
      values[i] = slot < 0 ? NaN : valueAt(window, shapes, shape * shapes.slotCount + slot, start);
    });
    return values.every((value) => Number.isNaN(value)) ? -1 : intern(values);
  };
  const memo = createTupleMemo();
  const [first = 0, last = 0] = [slots[0], slots.at(-1)];
  return (window, shapes, rows, _slot, count, out) => {
    for (let row = 0; row < count; row++) {
      const shape = rows.shapes[row] ?? 0;
      const start = rows.starts[row] ?? 0;
      const field = shape * shapes.slotCount;
      const from = start + (shapes.places[field + first] ?? 0);
      const to = start + (shapes.places[field + last] ?? 0) + (SERIAL_BYTES[shapes.types[field + last] ?? 0] ?? 0);
      const known = adjacent ? memo.find(window.bytes, from, to, shape, shapes.generation) : -1;
      if (known >= 0) out[row] = memo.value(known);
      else {
        out[row] = decodeRow(window, shapes, shape, start);
        if (adjacent) memo.keep(window.bytes, from, to, shape, out[row] ?? -1);
      }
    }
  };
};

const MEMO_SLOTS = 16384;
const MEMO_BYTES = 64;

/** A direct-mapped memory of byte sequences; a collision forgets the older one. */
const createTupleMemo = () => {
  const bytesOf = new Uint8Array(MEMO_SLOTS * MEMO_BYTES);
  const lengths = new Int32Array(MEMO_SLOTS).fill(-1);
  const shapesOf = new Int32Array(MEMO_SLOTS).fill(-1);
  const values = new Float64Array(MEMO_SLOTS);
  let generation = 0;
  let slot = 0;
  const find = (bytes: Uint8Array, from: number, to: number, shape: number, current: number): number => {
    if (current !== generation) {
      shapesOf.fill(-1);
      generation = current;
    }
    let hash = shape;
    for (let at = from; at < to; at++) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193);
    slot = (hash ^ (hash >>> 15)) & (MEMO_SLOTS - 1);
    if (shapesOf[slot] !== shape || lengths[slot] !== to - from) return -1;
    for (let at = from, kept = slot * MEMO_BYTES; at < to; at++, kept++) if (bytes[at] !== bytesOf[kept]) return -1;
    return slot;
  };
  const keep = (bytes: Uint8Array, from: number, to: number, shape: number, value: number): void => {
    if (to - from > MEMO_BYTES) return;
    bytesOf.set(bytes.subarray(from, to), slot * MEMO_BYTES);
    lengths[slot] = to - from;
    shapesOf[slot] = shape;
    values[slot] = value;
  };
  return { find, keep, value: (at: number): number => values[at] ?? NaN };
};
