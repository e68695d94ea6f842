// Where the stored bytes of a tuple of fields lie in a record, worked out once for each shape: the words that make the key
// under which the tuple is looked up. Never reads a value.
import { serialBytes, tailMask } from './format.ts';
import { SHAPE_CAPACITY } from './shapes.ts';
import type { Shapes } from './shapes.ts';

/**
 * Numbers of a plan. Fields that lie side by side are one span, read in words of four bytes, of which the last ends where the
 * span does, over the one before it. Spans of fewer than four bytes have masked words. The last word is repeated where a
 * shape has fewer than others: keys are all of one length. Fields without stored bytes (NULL, 0, 1) are told apart by the
 * number of the serial types alone.
 */
export const PLAN = { state: 0, types: 1, short: 2, mask: 4, words: 6, extra: 14, length: 18 } as const;
export const STATE = { unplanned: 0, planned: 1, tooLong: 2 } as const;

const MOST_SHORT = PLAN.mask - PLAN.short;
const MOST_WORDS = PLAN.length - PLAN.words;
const USUAL_WORDS = PLAN.extra - PLAN.words;

/** Words of a key: the types, the short spans, the words. */
export const KEY_WORDS = 1 + MOST_SHORT + MOST_WORDS;

export interface TuplePlans {
  /** Slots of the fields in the shapes. */
  readonly slots: readonly number[];
  /** PLAN of each shape. */
  readonly numbers: Int32Array;
  /** True once a shape needs the extra words; keys of all shapes have them then. */
  wide: boolean;
  readonly typesIndex: Map<string, number>;
  generation: number;
}

export const createTuplePlans = (slots: readonly number[]): TuplePlans => ({
  slots,
  numbers: new Int32Array((SHAPE_CAPACITY + 1) * PLAN.length),
  wide: false,
  typesIndex: new Map(),
  generation: 0,
});

/** Forgets plans of shapes that are forgotten. */
export const keepUp = (plans: TuplePlans, shapes: Shapes): void => {
  if (plans.generation === shapes.generation) return;
  plans.numbers.fill(STATE.unplanned);
  plans.generation = shapes.generation;
};

/** Text and blobs read as NaN whatever they hold: their bytes do not count. */
const NOT_A_NUMBER = 12;

/** Plans the keys of a shape. */
export const planTuple = (plans: TuplePlans, shapes: Shapes, shape: number): void => {
  const { numbers, typesIndex } = plans;
  const fields = plans.slots.map((slot) => {
    const type = Math.min(shapes.types[shape * shapes.slotCount + slot] ?? 0, NOT_A_NUMBER);
    const from = shapes.places[shape * shapes.slotCount + slot] ?? 0;
    return { type, from, to: from + serialBytes(type) };
  });
  const spans = spansOf(fields);
  const short = spans.filter(({ from, to }) => to - from < 4);
  const words = spans.filter(({ from, to }) => to - from >= 4).flatMap(wordsOf);
  const plan = shape * PLAN.length;
  numbers[plan + PLAN.state] = STATE.tooLong;
  if (short.length > MOST_SHORT || words.length > MOST_WORDS) return;
  const types = fields.map((field) => field.type).join();
  const index = typesIndex.get(types) ?? typesIndex.size;
  typesIndex.set(types, index);
  numbers[plan + PLAN.state] = STATE.planned;
  numbers[plan + PLAN.types] = index;
  short.forEach(({ from, to }, i) => {
    numbers[plan + PLAN.short + i] = from;
    numbers[plan + PLAN.mask + i] = tailMask(to - from);
  });
  for (let i = 0; i < MOST_WORDS; i++) numbers[plan + PLAN.words + i] = words[Math.min(i, words.length - 1)] ?? 0;
  if (words.length > USUAL_WORDS) plans.wide = true;
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

/** Offsets of the words of a span of four bytes or more; the last ends where the span does. */
const wordsOf = ({ from, to }: Span): number[] =>
  Array.from({ length: Math.ceil((to - from) / 4) }, (_, i) => Math.min(from + 4 * i, to - 4));
