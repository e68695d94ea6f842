// Where the stored bytes lie that identify the kind of a record: its header, and the fields of a tuple. Worked out once for
// each shape, as places of words. Never reads a value.
import { serialBytes } from './format.ts';
import { SHAPE_CAPACITY, isRecognised } from './shapes.ts';
import type { Shapes } from './shapes.ts';

/**
 * Words of a key. Fields that lie side by side are one span: of eight bytes or more it is read in long words, the last of
 * which ends where the span does, over the one before it; of fewer in one or two short words, of which only some bits count.
 * Where a shape has fewer words than others its last is repeated: keys are all of one length.
 */
export const LONG_WORDS = 9;
export const SHORT_WORDS = 3;
const LONG_BYTES = 8;
const SHORT_BYTES = 4;

const STATE = { unplanned: 0, planned: 1, without: 2 } as const;

export interface KindPlans {
  /** Slots of the fields in the shapes. */
  readonly slots: readonly number[];
  readonly state: Uint8Array;
  /** By shape: offsets of its words from the start of its record, and the bits that count of short ones. */
  readonly longs: Int32Array;
  readonly shorts: Int32Array;
  readonly masks: Int32Array;
}

export const createKindPlans = (slots: readonly number[]): KindPlans => ({
  slots,
  state: new Uint8Array(SHAPE_CAPACITY + 1),
  longs: new Int32Array((SHAPE_CAPACITY + 1) * LONG_WORDS),
  shorts: new Int32Array((SHAPE_CAPACITY + 1) * SHORT_WORDS),
  masks: new Int32Array((SHAPE_CAPACITY + 1) * SHORT_WORDS),
});

/** False where records of the shape have no key: their headers do not distinguish them, or the key would be too long. */
export const isPlanned = (plans: KindPlans, shapes: Shapes, shape: number): boolean => {
  if (plans.state[shape] === STATE.unplanned) {
    const planned = isRecognised(shapes, shape) && plan(plans, shapes, shape);
    plans.state[shape] = planned ? STATE.planned : STATE.without;
  }
  return plans.state[shape] === STATE.planned;
};

export const forgetPlans = (plans: KindPlans): void => void plans.state.fill(STATE.unplanned);

interface Span {
  readonly from: number;
  readonly to: number;
}

const plan = (plans: KindPlans, shapes: Shapes, shape: number): boolean => {
  const fields = plans.slots.map((slot) => {
    const from = shapes.places[shape * shapes.slotCount + slot] ?? 0;
    return { from, to: from + serialBytes(shapes.types[shape * shapes.slotCount + slot] ?? 0) };
  });
  const spans = [{ from: 0, to: shapes.prefixBytes }, ...spansOf(fields)];
  const isLong = ({ from, to }: Span): boolean => to - from >= LONG_BYTES;
  const longs = spans.filter(isLong).flatMap((span) => wordsOf(span, LONG_BYTES));
  const shorts = spans.filter((span) => !isLong(span)).flatMap((span) => wordsOf(span, SHORT_BYTES));
  if (longs.length === 0 || longs.length > LONG_WORDS || shorts.length > SHORT_WORDS) return false;
  const [atLongs, atShorts] = [shape * LONG_WORDS, shape * SHORT_WORDS];
  plans.longs.fill(longs.at(-1)?.from ?? 0, atLongs, atLongs + LONG_WORDS);
  plans.longs.set(longs.map(({ from }) => from), atLongs); // prettier-ignore
  plans.shorts.fill(0, atShorts, atShorts + SHORT_WORDS);
  plans.shorts.set(shorts.map(({ from }) => from), atShorts); // prettier-ignore
  plans.masks.fill(0, atShorts, atShorts + SHORT_WORDS);
  plans.masks.set(shorts.map(({ from, to }) => -1 >>> (8 * (SHORT_BYTES - (to - from)))), atShorts); // prettier-ignore
  return true;
};

/** Spans of bytes in the order of the record, neighbours joined. */
const spansOf = (fields: readonly Span[]): Span[] =>
  fields
    .filter(({ from, to }) => to > from)
    .sort((a, b) => a.from - b.from)
    .reduce<Span[]>((spans, { from, to }) => {
      const last = spans.at(-1);
      return last?.to === from ? [...spans.slice(0, -1), { from: last.from, to }] : [...spans, { from, to }];
    }, []);

/** Words of `bytes` that cover a span; one that is longer than the span is cut to it. */
const wordsOf = ({ from, to }: Span, bytes: number): Span[] =>
  Array.from({ length: Math.ceil((to - from) / bytes) }, (_, i) => {
    const start = Math.max(from, Math.min(from + bytes * i, to - bytes));
    return { from: start, to: Math.min(to, start + bytes) };
  });
