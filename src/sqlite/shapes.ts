// Record headers repeat: rows of one table have few combinations of serial types. A shape is one such combination with the
// place of every wanted field in it, so that a header is walked once and recognised afterwards by its bytes, a word at a
// time (https://www.sqlite.org/fileformat2.html, "Record Format"). Never decodes a value.
import { SERIAL_BYTES, serialBytes, tailMask } from './format.ts';

export const SHAPE_CAPACITY = 4096;
const BUCKETS = 4 * SHAPE_CAPACITY;
const CONTINUES = 0x80808080;

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
  /** Leading header bytes that decide the shape where each of them is a whole varint, and the words that they fill. */
  readonly prefixBytes: number;
  readonly wordCount: number;
  /** Bits of the last word that belong to the prefix. */
  readonly lastMask: number;
  readonly words: Int32Array;
  /** 1 for a shape that is found again by its bytes. */
  readonly recognised: Uint8Array;
  readonly buckets: Int32Array;
  count: number;
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
    types: new Int32Array((SHAPE_CAPACITY + 1) * slotCount),
    places: new Int32Array((SHAPE_CAPACITY + 1) * slotCount),
    extents: new Float64Array(SHAPE_CAPACITY + 1),
    slots,
    prefixBytes,
    wordCount,
    lastMask: tailMask(prefixBytes - 4 * (wordCount - 1)),
    words: new Int32Array((SHAPE_CAPACITY + 1) * wordCount),
    recognised: new Uint8Array(SHAPE_CAPACITY + 1),
    buckets: new Int32Array(BUCKETS).fill(-1),
    count: 0,
  };
};

/** True where no further shape fits: rows located so far must be decoded, then `clearShapes` makes room. */
export const isFull = (shapes: Shapes): boolean => shapes.count >= SHAPE_CAPACITY;

/** True where every record with the same leading header bytes is of this shape. */
export const isRecognised = (shapes: Shapes, shape: number): boolean => shapes.recognised[shape] === 1;

export const clearShapes = (shapes: Shapes): void => {
  shapes.count = 0;
  shapes.buckets.fill(-1);
};

/**
 * Shape of the record at `at`, whose readable bytes end at `end`; -1 where the header does not end before that. `view` must
 * be readable for three bytes past `end`.
 */
export const shapeAt = (shapes: Shapes, bytes: Uint8Array, view: DataView, at: number, end: number): number => {
  const { words, wordCount, lastMask, buckets } = shapes;
  if (at + shapes.prefixBytes > end) return walkedShape(shapes, bytes, at, end);
  const last = wordCount - 1;
  const lastWord = view.getInt32(at + 4 * last) & lastMask;
  let hash = lastWord ^ (lastWord >>> 15);
  for (let i = 0; i < last; i++) {
    const word = view.getInt32(at + 4 * i);
    hash = (Math.imul(hash, 0x9e3779b1) + (word ^ (word >>> 15))) | 0;
  }
  for (let bucket = (hash ^ (hash >>> 16)) & (BUCKETS - 1); ; bucket = (bucket + 1) & (BUCKETS - 1)) {
    const shape = buckets[bucket] ?? -1;
    if (shape < 0) return newShape(shapes, bytes, view, at, end, bucket);
    const base = shape * wordCount;
    let i = 0;
    while (i < last && words[base + i] === view.getInt32(at + 4 * i)) i++;
    if (i === last && words[base + last] === lastWord) return shape;
  }
};

/** Notes a shape; it is recognised again only where every byte of the prefix is a varint of its own. */
const newShape = (
  shapes: Shapes,
  bytes: Uint8Array,
  view: DataView,
  at: number,
  end: number,
  bucket: number,
): number => {
  const shape = walkedShape(shapes, bytes, at, end);
  if (shape < 0 || (bytes[at] ?? 0) < shapes.prefixBytes) return shape;
  const { words, wordCount, lastMask } = shapes;
  let all = 0;
  for (let i = 0; i < wordCount; i++) {
    const word = view.getInt32(at + 4 * i) & (i === wordCount - 1 ? lastMask : -1);
    words[shape * wordCount + i] = word;
    all |= word;
  }
  if ((all & CONTINUES) !== 0) return shape;
  shapes.recognised[shape] = 1;
  shapes.buckets[bucket] = shape;
  return shape;
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
    place += type < 12 ? (SERIAL_BYTES[type] ?? 0) : serialBytes(type);
  }
  shapes.extents[shape] = place;
  shapes.recognised[shape] = 0;
  shapes.count = Math.min(SHAPE_CAPACITY, shape + 1);
  return shape;
};
