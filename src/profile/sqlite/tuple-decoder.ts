// Several fields of a row as one number. The values of a tuple repeat from row to row, so their stored bytes are looked up
// as they are; they are decoded and interned only where these bytes were not met before.
import type { Located } from './cells.ts';
import type { Decoder } from './column-decoders.ts';
import type { FieldReader } from './fields.ts';
import { serialBytes } from './format.ts';
import { SHAPE_CAPACITY } from './shapes.ts';
import type { Shapes } from './shapes.ts';
import { MEMO_WORDS, createWordMemo, mixed, recall, remember } from './word-memo.ts';

/** A field of the tuple: its slot in the shapes, -1 for a column that the table lacks. */
export interface TupleField {
  readonly slot: number;
  readonly read: FieldReader;
}

/**
 * Which words of a record hold the tuple, for each shape: fields that lie side by side are read through without a seam, and
 * fields without stored bytes (NULL, 0, 1) are told by their types alone, for which the seed stands.
 */
interface Plans {
  /** MEMO_WORDS of each shape: offset of a word in the record, and above OFFSET_BITS how many foreign bits end it. */
  readonly words: Int32Array;
  /** Words of a shape, the seed among them; UNPLANNED, or UNREMEMBERED where they are too many. */
  readonly counts: Int32Array;
  /** The first word: a number for the combination of serial types. */
  readonly seeds: Int32Array;
  readonly seedOf: Map<string, number>;
  generation: number;
}

const OFFSET_BITS = 16;
const LAST_OFFSET = (1 << OFFSET_BITS) - 1;
const UNPLANNED = -1;
const UNREMEMBERED = -2;
/** Never interned: numbers of tuples count from 0. */
const UNKNOWN = -1;

const createPlans = (): Plans => ({
  words: new Int32Array((SHAPE_CAPACITY + 1) * MEMO_WORDS),
  counts: new Int32Array(SHAPE_CAPACITY + 1).fill(UNPLANNED),
  seeds: new Int32Array(SHAPE_CAPACITY + 1),
  seedOf: new Map(),
  generation: 0,
});

export const tupleDecoder = (fields: readonly TupleField[], intern: (values: Float64Array) => number): Decoder => {
  const slots = fields.map((field) => field.slot).filter((slot) => slot >= 0);
  const values = new Float64Array(fields.length);
  const plans = createPlans();
  const memo = createWordMemo();
  const { scratch } = memo;
  const decodeRow = (view: DataView, { types, places, slotCount }: Shapes, shape: number, start: number): number => {
    fields.forEach(({ slot, read }, i) => {
      const field = shape * slotCount + slot;
      values[i] = slot < 0 ? NaN : read(view, start + (places[field] ?? 0), types[field] ?? 0);
    });
    return intern(values);
  };
  return ({ view }, shapes, rows: Located, out) => {
    if (plans.generation !== shapes.generation) plans.counts.fill(UNPLANNED);
    plans.generation = shapes.generation;
    const { words, counts, seeds } = plans;
    for (let row = 0; row < rows.count; row++) {
      const shape = rows.shapes[row] ?? 0;
      const start = rows.starts[row] ?? 0;
      if (counts[shape] === UNPLANNED) planShape(plans, shapes, shape, slots);
      const count = counts[shape] ?? 0;
      if (count === UNREMEMBERED) {
        out[row] = decodeRow(view, shapes, shape, start);
        continue;
      }
      let hash = seeds[shape] ?? 0;
      scratch[0] = hash;
      for (let i = 1, at = shape * MEMO_WORDS + 1; i < count; i++, at++) {
        const plan = words[at] ?? 0;
        const word = view.getInt32(start + (plan & LAST_OFFSET)) >>> (plan >>> OFFSET_BITS);
        scratch[i] = word;
        hash = mixed(hash, word);
      }
      let value = recall(memo, count, hash, UNKNOWN);
      if (value === UNKNOWN) {
        value = decodeRow(view, shapes, shape, start);
        remember(memo, hash, value);
      }
      out[row] = value;
    }
  };
};

/** Text and blobs read as NaN whatever they hold: their bytes do not count. */
const NOT_A_NUMBER = 12;

const planShape = (plans: Plans, shapes: Shapes, shape: number, slots: readonly number[]): void => {
  const fields = slots.map((slot) => {
    const type = Math.min(shapes.types[shape * shapes.slotCount + slot] ?? 0, NOT_A_NUMBER);
    const from = shapes.places[shape * shapes.slotCount + slot] ?? 0;
    return { type, from, to: from + serialBytes(type) };
  });
  const words = spansOf(fields).flatMap(wordsOf);
  const count = words.length + 1;
  const fits = count <= MEMO_WORDS && words.every(({ offset }) => offset <= LAST_OFFSET);
  plans.counts[shape] = fits ? count : UNREMEMBERED;
  if (fits) {
    const plan = words.map(({ offset, foreignBits }) => offset | (foreignBits << OFFSET_BITS));
    plans.words.set(plan, shape * MEMO_WORDS + 1);
  }
  const types = fields.map((field) => field.type).join();
  const seed = plans.seedOf.get(types) ?? plans.seedOf.size;
  plans.seedOf.set(types, seed);
  plans.seeds[shape] = seed;
};

interface Span {
  readonly from: number;
  readonly to: number;
}

/** Spans of bytes in the order of the record, neighbours joined. */
const spansOf = (fields: readonly Span[]): Span[] =>
  fields
    .filter(({ from, to }) => to > from)
    .sort((a, b) => a.from - b.from)
    .reduce<Span[]>((spans, { from, to }) => {
      const last = spans.at(-1);
      return last?.to === from ? [...spans.slice(0, -1), { from: last.from, to }] : [...spans, { from, to }];
    }, []);

const wordsOf = ({ from, to }: Span): { offset: number; foreignBits: number }[] =>
  Array.from({ length: Math.ceil((to - from) / 4) }, (_, i) => {
    const offset = from + 4 * i;
    return { offset, foreignBits: 8 * Math.max(0, offset + 4 - to) };
  });
