// Several fields of a row as one number. The values of a tuple repeat from row to row, so their stored bytes are looked up
// as they are; they are decoded and interned only where these bytes were not met before.
import type { Located } from './cells.ts';
import type { Decoder } from './column-decoders.ts';
import type { FieldReader } from './fields.ts';
import type { Shapes } from './shapes.ts';
import { PLAN, STATE, createTuplePlans, keepUp, planTuple } from './tuple-plans.ts';
import { ENTRY_WORDS, VALUE, createWordMemo, remember } from './word-memo.ts';

/** A field of the tuple: its slot in the shapes, -1 for a column that the table lacks. */
export interface TupleField {
  readonly slot: number;
  readonly read: FieldReader;
}

/** Never interned: numbers of tuples count from 0. */
const UNKNOWN = -1;

/**
 * Rows are looked up in a straight line: as many words whatever the shape, each by name and not in a loop, the hash a sum
 * without a chain. A loop whose length depends on the row makes the processor guess wrong once a row: it took 1.4 times as long.
 */
export const tupleDecoder = (fields: readonly TupleField[], intern: (values: Float64Array) => number): Decoder => {
  const plans = createTuplePlans(fields.map((field) => field.slot).filter((slot) => slot >= 0));
  const memo = createWordMemo();
  const decodeRow = rowDecoder(fields, intern);
  return ({ view }, shapes, rows: Located, out) => {
    keepUp(plans, shapes);
    const { numbers } = plans;
    for (let row = 0; row < rows.count; row++) {
      const shape = rows.shapes[row] ?? 0;
      const start = rows.starts[row] ?? 0;
      const plan = shape * PLAN.length;
      if (numbers[plan] === STATE.unplanned) planTuple(plans, shapes, shape);
      if (numbers[plan] === STATE.tooLong) {
        out[row] = decodeRow(view, shapes, shape, start);
        continue;
      }
      const types = numbers[plan + PLAN.types] ?? 0;
      const s0 = view.getInt32(start + (numbers[plan + PLAN.short] ?? 0)) & (numbers[plan + PLAN.mask] ?? 0);
      const s1 = view.getInt32(start + (numbers[plan + PLAN.short + 1] ?? 0)) & (numbers[plan + PLAN.mask + 1] ?? 0);
      const w0 = view.getInt32(start + (numbers[plan + PLAN.words] ?? 0));
      const w1 = view.getInt32(start + (numbers[plan + PLAN.words + 1] ?? 0));
      const w2 = view.getInt32(start + (numbers[plan + PLAN.words + 2] ?? 0));
      const w3 = view.getInt32(start + (numbers[plan + PLAN.words + 3] ?? 0));
      const w4 = view.getInt32(start + (numbers[plan + PLAN.words + 4] ?? 0));
      const w5 = view.getInt32(start + (numbers[plan + PLAN.words + 5] ?? 0));
      const w6 = view.getInt32(start + (numbers[plan + PLAN.words + 6] ?? 0));
      const w7 = view.getInt32(start + (numbers[plan + PLAN.words + 7] ?? 0));
      let hash =
        ((Math.imul(types, 0x9e3779b1) + Math.imul(s0, 0x85ebca77)) | 0) +
        ((Math.imul(s1, 0xc2b2ae3d) + Math.imul(w0, 0x27d4eb2f)) | 0) +
        ((Math.imul(w1, 0x165667b1) + Math.imul(w2, 0x2545f491)) | 0) +
        ((Math.imul(w3, 0x7feb352d) + Math.imul(w4, 0x846ca68b)) | 0) +
        ((Math.imul(w5, 0xd35a2d97) + Math.imul(w6, 0x369dea0f)) | 0) +
        Math.imul(w7, 0x5d588b65);
      let x0 = 0;
      let x1 = 0;
      let x2 = 0;
      let x3 = 0;
      if (plans.wide) {
        x0 = view.getInt32(start + (numbers[plan + PLAN.extra] ?? 0));
        x1 = view.getInt32(start + (numbers[plan + PLAN.extra + 1] ?? 0));
        x2 = view.getInt32(start + (numbers[plan + PLAN.extra + 2] ?? 0));
        x3 = view.getInt32(start + (numbers[plan + PLAN.extra + 3] ?? 0));
        hash +=
          ((Math.imul(x0, 0x1b873593) + Math.imul(x1, 0xe6546b65)) | 0) +
          ((Math.imul(x2, 0xcc9e2d51) + Math.imul(x3, 0xb5297a4d)) | 0);
      }
      const { entries, buckets } = memo;
      let value = UNKNOWN;
      for (let bucket = hash >>> memo.shift; value === UNKNOWN; bucket = (bucket + 1) & (buckets.length - 1)) {
        const entry = buckets[bucket] ?? UNKNOWN;
        if (entry === UNKNOWN) break;
        const at = entry * ENTRY_WORDS;
        const difference =
          ((entries[at] ?? 0) ^ types) |
          ((entries[at + 1] ?? 0) ^ s0) |
          ((entries[at + 2] ?? 0) ^ s1) |
          ((entries[at + 3] ?? 0) ^ w0) |
          ((entries[at + 4] ?? 0) ^ w1) |
          ((entries[at + 5] ?? 0) ^ w2) |
          ((entries[at + 6] ?? 0) ^ w3) |
          ((entries[at + 7] ?? 0) ^ w4) |
          ((entries[at + 8] ?? 0) ^ w5) |
          ((entries[at + 9] ?? 0) ^ w6) |
          ((entries[at + 10] ?? 0) ^ w7);
        if (difference !== 0) continue;
        const extra =
          ((entries[at + 11] ?? 0) ^ x0) |
          ((entries[at + 12] ?? 0) ^ x1) |
          ((entries[at + 13] ?? 0) ^ x2) |
          ((entries[at + 14] ?? 0) ^ x3);
        if (extra === 0) value = entries[at + VALUE] ?? UNKNOWN;
      }
      if (value === UNKNOWN) {
        value = decodeRow(view, shapes, shape, start);
        remember(memo, [types, s0, s1, w0, w1, w2, w3, w4, w5, w6, w7, x0, x1, x2, x3, value], hash);
      }
      out[row] = value;
    }
  };
};

/** Decodes the fields of a row and has their values interned. */
const rowDecoder = (fields: readonly TupleField[], intern: (values: Float64Array) => number) => {
  const values = new Float64Array(fields.length);
  return (view: DataView, { types, places, slotCount }: Shapes, shape: number, start: number): number => {
    fields.forEach(({ slot, read }, i) => {
      const field = shape * slotCount + slot;
      values[i] = slot < 0 ? NaN : read(view, start + (places[field] ?? 0), types[field] ?? 0);
    });
    return intern(values);
  };
};
