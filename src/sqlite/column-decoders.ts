// Turns located rows into a column of numbers: one decoder per wanted column, so that each loop does one thing to all rows.
import type { Located } from './located.ts';
import { originOf, numberAt, readerOf } from './fields.ts';
import type { FieldReader } from './fields.ts';
import { decodeText, isText, serialBytes } from './format.ts';
import type { TextEncoding } from './format.ts';
import type { Window } from './page-runs.ts';
import type { Shapes } from './shapes.ts';
import type { NumberWant } from './table-source.ts';

/** Fills `out` for all rows that are located. */
export type Decoder = (window: Window, shapes: Shapes, rows: Located, out: Float64Array) => void;

export const absentDecoder: Decoder = (_window, _shapes, rows, out) => void out.fill(NaN, 0, rows.count);

export const rowidDecoder: Decoder = (_window, _shapes, { rowids, count }, out) => {
  for (let row = 0; row < count; row++) out[row] = rowids?.[row] ?? NaN;
};

/** Tuples are known by then: rows are distinguished by them. */
export const tupleDecoder: Decoder = (_window, _shapes, { tuples, count }, out) => {
  if (tuples !== null) out.set(tuples.subarray(0, count));
};

export const numberDecoder = (want: NumberWant, slot: number): Decoder =>
  want.kind === 'number' ? plainNumberDecoder(want, slot) : fieldDecoder(readerOf(want), slot);

/** Apart from the other kinds because times are decoded for every row of the largest tables. */
const plainNumberDecoder = (want: NumberWant, slot: number): Decoder => {
  const origin = originOf(want);
  return ({ view }, { types, places, slotCount }, { starts, shapes, count }, out) => {
    for (let row = 0; row < count; row++) {
      const field = (shapes[row] ?? 0) * slotCount + slot;
      out[row] = numberAt(view, (starts[row] ?? 0) + (places[field] ?? 0), types[field] ?? 0, origin);
    }
  };
};

const fieldDecoder =
  (read: FieldReader, slot: number): Decoder =>
  ({ view }, { types, places, slotCount }, { starts, shapes, count }, out) => {
    for (let row = 0; row < count; row++) {
      const field = (shapes[row] ?? 0) * slotCount + slot;
      out[row] = read(view, (starts[row] ?? 0) + (places[field] ?? 0), types[field] ?? 0);
    }
  };

export const textDecoder =
  (intern: (text: string) => number, encoding: TextEncoding, slot: number): Decoder =>
  ({ bytes }, { types, places, slotCount }, { starts, shapes, count }, out) => {
    for (let row = 0; row < count; row++) {
      const field = (shapes[row] ?? 0) * slotCount + slot;
      const at = (starts[row] ?? 0) + (places[field] ?? 0);
      const type = types[field] ?? 0;
      out[row] = isText(type) ? intern(decodeText(bytes, at, at + serialBytes(type), encoding)) : NaN;
    }
  };
