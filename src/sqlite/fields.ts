// Decodes one stored field as a number (https://www.sqlite.org/fileformat2.html, "Serial Type Codes Of The Record Format").
// Integers are put together from 32-bit halves, exact without BigInt. Anything that is no number reads as NaN.
import { SERIAL_BYTES } from './format.ts';
import type { NumberWant } from './table-source.ts';

const TWO_32 = 2 ** 32;

/** Value of the field of serial type `type` at `at`. */
export type FieldReader = (view: DataView, at: number, type: number) => number;

/** A number that is taken off exactly: its halves, and the whole for values that are below 2^53 anyway. */
interface Origin {
  readonly high: number;
  readonly low: number;
  readonly whole: number;
}

export const originOf = (want: NumberWant): Origin => {
  const origin = want.kind === 'number' ? (want.origin ?? 0n) : 0n;
  const low = Number(BigInt.asUintN(32, origin));
  const high = Number(BigInt.asIntN(64, origin) >> 32n);
  return { high, low, whole: high * TWO_32 + low };
};

export const readerOf = (want: NumberWant): FieldReader => {
  if (want.kind === 'high40') return high40At;
  if (want.kind === 'low24') return low24At;
  const origin = originOf(want);
  return (view, at, type) => numberAt(view, at, type, origin);
};

/** The value less `origin`; the halves are subtracted apart, so that the difference of two large times is exact. */
export const numberAt = (view: DataView, at: number, type: number, { high, low, whole }: Origin): number => {
  if (type === 5) return (view.getInt16(at) - high) * TWO_32 + (view.getUint32(at + 2) - low);
  if (type === 6) return (view.getInt32(at) - high) * TWO_32 + (view.getUint32(at + 4) - low);
  return smallNumberAt(view, at, type) - whole;
};

/** Integers of up to four bytes, the two constants, and doubles; NaN for anything else. */
const smallNumberAt = (view: DataView, at: number, type: number): number => {
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

const high40At: FieldReader = (view, at, type) => {
  if (type === 6) return view.getInt32(at) * 256 + view.getUint8(at + 4);
  if (type === 5) return view.getInt16(at) * 256 + view.getUint8(at + 2);
  return Math.floor(smallNumberAt(view, at, type) / 2 ** 24);
};

const low24At: FieldReader = (view, at, type) => {
  if (type >= 4 && type <= 6) return view.getUint32(at + (SERIAL_BYTES[type] ?? 4) - 4) & 0xffffff;
  const value = smallNumberAt(view, at, type);
  return Number.isNaN(value) ? NaN : value & 0xffffff;
};
