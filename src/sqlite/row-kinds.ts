// Rows that look alike: the same header and the same stored bytes in the fields of a tuple. There are thousands of kinds for
// millions of rows, so the fields are decoded and interned once a kind, and a row is recognised by its bytes as they are: by
// those of the kind that is guessed to come next, or else in a hash table. Bounded: when it is full it forgets everything,
// which costs time and never a result.
import { grown } from '../stats/grown.ts';
import type { FieldReader } from './fields.ts';
import { comparesAsDoubles, createKeys, grownKeys, readKey, sameKey } from './kind-keys.ts';
import type { Keys } from './kind-keys.ts';
import { createKindPlans, forgetPlans, isPlanned } from './kind-plans.ts';
import type { KindPlans } from './kind-plans.ts';
import { correct, createRowOrder, forgetOrder, hintedTrack, trackOf } from './row-order.ts';
import type { RowOrder } from './row-order.ts';
import type { Shapes } from './shapes.ts';

/** A field of the tuple: its slot in the shapes, -1 for a column that the table lacks. */
export interface TupleField {
  readonly slot: number;
  readonly read: FieldReader;
  /** The byte of its longest form in which values differ most. */
  readonly mostVaryingByte: number;
}

export interface Tuple {
  readonly fields: readonly TupleField[];
  /** How many of the fields, from the first on, separate interleaved sequences. */
  readonly sequence: number;
  readonly intern: (values: Float64Array) => number;
}

const MOST_KINDS = 1 << 16;
const FIRST_KINDS = 1 << 10;
/** So many that two keys hardly ever meet in one. */
const BUCKETS_PER_KIND = 4;
/** No row is of this kind. */
export const NO_KIND = 0;

export interface RowKinds {
  readonly tuple: Tuple;
  readonly plans: KindPlans;
  readonly order: RowOrder;
  /** By kind: its key, its shape, the number of its tuple, its track, and 1 where it may be guessed. */
  keys: Keys;
  shapes: Int32Array;
  numbers: Float64Array;
  tracks: Uint8Array;
  guessable: Uint8Array;
  hashes: Int32Array;
  /** Kind in each bucket: in bucket `hash >>> shift`, or in the next that was free. */
  buckets: Int32Array;
  shift: number;
  count: number;
  /** Offsets from the start of a record at which the sequences differ, as far as the last rows say. */
  readonly hints: Int32Array;
  readonly sequences: Map<string, number>;
  readonly values: Float64Array;
}

export const createRowKinds = (tuple: Tuple, { slots }: Shapes): RowKinds => {
  const none = new Int32Array(0);
  const kinds: RowKinds = {
    tuple,
    plans: createKindPlans(tuple.fields.map((field) => field.slot).filter((slot) => slot >= 0)),
    order: createRowOrder(),
    keys: createKeys(0),
    shapes: none,
    numbers: new Float64Array(0),
    tracks: new Uint8Array(0),
    guessable: new Uint8Array(0),
    hashes: none,
    buckets: none,
    shift: 0,
    count: 0,
    hints: Int32Array.of(1 + slots.indexOf(slotOf(tuple.fields[0])), 0, 0),
    sequences: new Map(),
    values: new Float64Array(tuple.fields.length),
  };
  resize(kinds, FIRST_KINDS);
  return kinds;
};

/** Number of the tuple of a record of this shape, which was not expected. */
export const tupleOf = (
  kinds: RowKinds,
  shapes: Shapes,
  bytes: Uint8Array,
  view: DataView,
  at: number,
  shape: number,
): number => {
  if (!isPlanned(kinds.plans, shapes, shape)) return decodeTuple(kinds, shapes, view, at, shape);
  if (kinds.count === MOST_KINDS) forgetKinds(kinds);
  const kind = kindOf(kinds, shapes, view, at, shape);
  const expected = kinds.guessable[kind] === 1 ? kind : NO_KIND;
  const hinted = (which: number): number => bytes[at + (kinds.hints[which] ?? 0)] ?? 0;
  correct(kinds.order, hintedTrack(hinted(0), hinted(1), hinted(2)), expected, kinds.tracks[kind] ?? 0);
  placeHints(kinds, shapes, shape);
  return kinds.numbers[kind] ?? 0;
};

/** Looks the kind of a record up; a new one gets the next number, under which its key already stands by then. */
const kindOf = (kinds: RowKinds, shapes: Shapes, view: DataView, at: number, shape: number): number => {
  const next = kinds.count + 1;
  if (next === kinds.shapes.length) resize(kinds, 2 * next);
  const { buckets, shift, keys } = kinds;
  const hash = readKey(kinds.plans, view, at, shape, keys, next);
  for (let bucket = hash >>> shift; ; bucket = (bucket + 1) & (buckets.length - 1)) {
    const kind = buckets[bucket] ?? NO_KIND;
    if (kind !== NO_KIND && !sameKey(keys, kind, next)) continue;
    if (kind !== NO_KIND) return kind;
    buckets[bucket] = next;
    break;
  }
  kinds.count = next;
  kinds.shapes[next] = shape;
  kinds.numbers[next] = decodeTuple(kinds, shapes, view, at, shape);
  kinds.tracks[next] = trackOf(sequenceOf(kinds));
  kinds.guessable[next] = comparesAsDoubles(keys, next) ? 1 : 0;
  kinds.hashes[next] = hash;
  return next;
};

/** Decodes the fields of a record and has their values interned. */
const decodeTuple = (
  { tuple, values }: RowKinds,
  { types, places, slotCount }: Shapes,
  view: DataView,
  at: number,
  shape: number,
): number => {
  tuple.fields.forEach(({ slot, read }, i) => {
    const field = shape * slotCount + slot;
    values[i] = slot < 0 ? NaN : read(view, at + (places[field] ?? 0), types[field] ?? 0);
  });
  return tuple.intern(values);
};

/** Number of the sequence that the values belong to that were decoded last. */
const sequenceOf = ({ tuple, values, sequences }: RowKinds): number => {
  const key = values.subarray(0, tuple.sequence).join();
  const known = sequences.get(key) ?? sequences.size;
  sequences.set(key, known);
  return known;
};

/** The next row is probed where this one has the type and the bytes of the first fields, which identify its sequence. */
const placeHints = ({ hints, tuple }: RowKinds, { places, slotCount }: Shapes, shape: number): void => {
  const [first, second] = tuple.fields;
  hints[1] = (places[shape * slotCount + slotOf(first)] ?? 0) + (first?.mostVaryingByte ?? 0);
  hints[2] = (places[shape * slotCount + slotOf(second)] ?? 0) + (second?.mostVaryingByte ?? 0);
};

/** Any slot will do for a column that is not there: hints are guesses. */
const slotOf = (field: TupleField | undefined): number => Math.max(0, field?.slot ?? 0);

/** Forgets all kinds, as must be done when the shapes are forgotten that they are of. */
export const forgetKinds = (kinds: RowKinds): void => {
  forgetPlans(kinds.plans);
  kinds.count = 0;
  kinds.buckets.fill(NO_KIND);
  kinds.sequences.clear();
  forgetOrder(kinds.order);
};

const resize = (kinds: RowKinds, capacity: number): void => {
  kinds.keys = grownKeys(kinds.keys, capacity);
  kinds.shapes = grown(kinds.shapes, new Int32Array(capacity));
  kinds.numbers = grown(kinds.numbers, new Float64Array(capacity));
  kinds.tracks = grown(kinds.tracks, new Uint8Array(capacity));
  kinds.guessable = grown(kinds.guessable, new Uint8Array(capacity));
  kinds.hashes = grown(kinds.hashes, new Int32Array(capacity));
  kinds.buckets = new Int32Array(BUCKETS_PER_KIND * capacity);
  kinds.shift = Math.clz32(kinds.buckets.length) + 1;
  for (let kind = 1; kind <= kinds.count; kind++) {
    let bucket = (kinds.hashes[kind] ?? 0) >>> kinds.shift;
    while (kinds.buckets[bucket] !== NO_KIND) bucket = (bucket + 1) & (kinds.buckets.length - 1);
    kinds.buckets[bucket] = kind;
  }
};
