// Record headers repeat: rows of one table have few combinations of serial types. A shape is one such combination with the
// place of every wanted field in it, so that a header is walked once and recognised afterwards. Never decodes a value.
import { SERIAL_BYTES } from './format.ts';

const CAPACITY = 4096;
const BUCKETS = 16384;

/** The shape table of one scan. `types` and `places` are indexed by shape * slotCount + slot. */
export interface Shapes {
  readonly slotCount: number;
  /** Serial type of each wanted field; 0 where the record is too short to have it. */
  readonly types: Int32Array;
  /** Offset of each wanted field from the start of the record. */
  readonly places: Int32Array;
  /** Bytes from the start of the record to the end of the last wanted field. */
  readonly extents: Float64Array;
  /** Wanted slot of each record position, -1 where it is only stepped over. */
  readonly slots: Int32Array;
  /** Leading header bytes that decide the shape when each of them is below 0x80. */
  readonly prefixBytes: number;
  readonly words: Int32Array;
  readonly scratch: Int32Array;
  readonly buckets: Int32Array;
  count: number;
  last: number;
  /** Counts how often the shapes were cleared: numbers of shapes hold within one generation. */
  generation: number;
}

/** `positions`: record position of each wanted slot, -1 for a column that the table lacks. */
export const createShapes = (positions: readonly number[]): Shapes => {
  const slots = new Int32Array(Math.max(0, ...positions.map((position) => position + 1))).fill(-1);
  positions.forEach((position, slot) => {
    if (position >= 0) slots[position] = slot;
  });
  const prefixBytes = slots.length + 1;
  const wordCount = (prefixBytes + 3) >> 2;
  const slotCount = positions.length;
  return {
    slotCount,
    types: new Int32Array((CAPACITY + 1) * slotCount),
    places: new Int32Array((CAPACITY + 1) * slotCount),
    extents: new Float64Array(CAPACITY + 1),
    slots,
    prefixBytes,
    words: new Int32Array((CAPACITY + 1) * wordCount),
    scratch: new Int32Array(wordCount),
    buckets: new Int32Array(BUCKETS).fill(-1),
    count: 0,
    last: -1,
    generation: 0,
  };
};

/** True where no further shape fits: rows located so far must be decoded, then `clearShapes` makes room. */
export const isFull = (shapes: Shapes): boolean => shapes.count >= CAPACITY;

export const clearShapes = (shapes: Shapes): void => {
  shapes.count = 0;
  shapes.generation++;
  shapes.last = -1;
  shapes.buckets.fill(-1);
};

/**
 * Shape of the record at `at`, whose readable bytes end at `end`; -1 where the header does not end before that. `view` must
 * be readable for four bytes past the prefix.
 */
export const shapeAt = (shapes: Shapes, bytes: Uint8Array, view: DataView, at: number, end: number): number => {
  const { scratch, words, prefixBytes } = shapes;
  const wordCount = scratch.length;
  if (at + wordCount * 4 > end || (bytes[at] ?? 0) < prefixBytes) return walkedShape(shapes, bytes, at, end);
  let same = shapes.last >= 0;
  let high = 0;
  let hash = 0;
  const mask = tailMask(prefixBytes);
  const lastBase = shapes.last * wordCount;
  for (let i = 0; i < wordCount; i++) {
    const word = i === wordCount - 1 ? view.getInt32(at + 4 * i) & mask : view.getInt32(at + 4 * i);
    scratch[i] = word;
    high |= word;
    hash = Math.imul(hash ^ word, 0x9e3779b1);
    hash ^= hash >>> 15;
    if (same && words[lastBase + i] !== word) same = false;
  }
  if (same) return shapes.last;
  if ((high & 0x80808080) !== 0) return walkedShape(shapes, bytes, at, end);
  return rememberedShape(shapes, bytes, at, end, hash & (BUCKETS - 1));
};

const tailMask = (prefixBytes: number): number => {
  const bytes = prefixBytes % 4;
  return bytes === 0 ? -1 : -1 << (8 * (4 - bytes));
};

const rememberedShape = (shapes: Shapes, bytes: Uint8Array, at: number, end: number, hash: number): number => {
  const { buckets, scratch, words } = shapes;
  let bucket = hash;
  for (; ; bucket = (bucket + 1) & (BUCKETS - 1)) {
    const shape = buckets[bucket] ?? -1;
    if (shape < 0) break;
    let same = true;
    for (let i = 0; i < scratch.length && same; i++) same = words[shape * scratch.length + i] === scratch[i];
    if (same) return (shapes.last = shape);
  }
  const shape = walkedShape(shapes, bytes, at, end);
  if (shape < 0) return shape;
  words.set(scratch, shape * scratch.length);
  buckets[bucket] = shape;
  return (shapes.last = shape);
};

/** Walks the header and notes the result as a new shape. */
const walkedShape = (shapes: Shapes, bytes: Uint8Array, at: number, end: number): number => {
  const { slots, types, places, slotCount } = shapes;
  const shape = shapes.count;
  let headerBytes = bytes[at] ?? 0;
  let header = at + 1;
  if (headerBytes >= 0x80) headerBytes = ((headerBytes & 0x7f) << 7) | ((bytes[header++] ?? 0) & 0x7f);
  if (at + headerBytes > end) return -1;
  let place = headerBytes;
  for (let position = 0; position < slots.length; position++) {
    let type = 0;
    if (header < at + headerBytes) {
      let byte = 0x80;
      for (; byte >= 0x80; header++) {
        byte = bytes[header] ?? 0;
        type = type * 128 + (byte & 0x7f);
      }
    }
    const slot = slots[position] ?? -1;
    if (slot >= 0) {
      types[shape * slotCount + slot] = type;
      places[shape * slotCount + slot] = place;
    }
    place += type < 12 ? (SERIAL_BYTES[type] ?? 0) : Math.floor((type - 12) / 2);
  }
  shapes.extents[shape] = place;
  shapes.count = Math.min(CAPACITY, shape + 1);
  return shape;
};
