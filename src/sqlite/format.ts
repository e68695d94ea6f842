// The SQLite 3 file format as far as table b-trees need it: header, varints, serial types, payload sizes
// (https://www.sqlite.org/fileformat2.html). Pure functions over bytes: never touches a file.
import { inputFault } from '../text/fault.ts';

export type TextEncoding = 'utf8' | 'utf16le' | 'utf16be';

export interface SqliteHeader {
  /** Bytes per page, 512 to 65536. */
  readonly pageSize: number;
  /** Page size less the reserved bytes at the end of every page. */
  readonly usableSize: number;
  readonly encoding: TextEncoding;
  /** True where the file is in write-ahead-log mode: a `-wal` file beside it may hold newer pages. */
  readonly walMode: boolean;
  /** Pages that the file says it has; null where the writer did not keep the field up to date. */
  readonly pageCount: number | null;
}

export const HEADER_BYTES = 100;
export const LEAF_TABLE_PAGE = 0x0d;
export const INTERIOR_TABLE_PAGE = 0x05;

const MAGIC = 'SQLite format 3\0';
const ENCODINGS: readonly TextEncoding[] = ['utf8', 'utf16le', 'utf16be'];

/** Stored bytes of serial types 0 to 11; longer ones are blobs (even) and text (odd). 10 and 11 are never stored. */
export const SERIAL_BYTES = Uint8Array.of(0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0);

/** Stored bytes of any serial type. */
export const serialBytes = (type: number): number =>
  type < 12 ? (SERIAL_BYTES[type] ?? 0) : Math.floor((type - 12) / 2);

export const isText = (type: number): boolean => type >= 13 && type % 2 === 1;

/** Reads the 100-byte header. Faults: `sqlite_foreign` (not a SQLite 3 file), `sqlite_damaged` (impossible values). */
export const parseHeader = (bytes: Buffer, path: string): SqliteHeader => {
  if (bytes.length < HEADER_BYTES || bytes.toString('latin1', 0, 16) !== MAGIC) {
    throw inputFault('sqlite_foreign', `not a SQLite 3 database (${bytes.length} bytes of header read)`, {
      path,
      fix: 'give an nsys SQLite export, or the .nsys-rep that it was made from',
    });
  }
  const raw = bytes.readUInt16BE(16);
  const pageSize = raw === 1 ? 65536 : raw;
  const usableSize = pageSize - bytes.readUInt8(20);
  const encoding = ENCODINGS[bytes.readUInt32BE(56) - 1] ?? (bytes.readUInt32BE(56) === 0 ? 'utf8' : undefined);
  const powerOfTwo = pageSize >= 512 && (pageSize & (pageSize - 1)) === 0;
  if (!powerOfTwo || usableSize < 480 || encoding === undefined) throw damaged(path, 'header', 'impossible header');
  const sizeIsCurrent = bytes.readUInt32BE(24) === bytes.readUInt32BE(92) && bytes.readUInt32BE(28) > 0;
  const pageCount = sizeIsCurrent ? bytes.readUInt32BE(28) : null;
  return { pageSize, usableSize, encoding, walMode: bytes.readUInt8(19) === 2, pageCount };
};

/** Text of the bytes from `at` to `end`. */
export const decodeText = (bytes: Buffer, at: number, end: number, encoding: TextEncoding): string =>
  encoding === 'utf16be'
    ? Buffer.from(bytes.subarray(at, end)).swap16().toString('utf16le')
    : bytes.toString(encoding, at, end);

/** The fault of every structure that cannot be what SQLite wrote. */
export const damaged = (path: string, at: string, what: string): Error =>
  inputFault('sqlite_damaged', `damaged or truncated SQLite file: ${what}`, {
    path,
    at,
    fix: 'export the report again (nsys export --type sqlite), or copy the file again if it was cut in transfer',
  });

/** Value of the varint at `at`; exact below 2^53, which lengths, types and page keys always are. */
export const varintValue = (bytes: Uint8Array, at: number): number => {
  let value = 0;
  for (let i = 0; i < 8; i++) {
    const byte = bytes[at + i] ?? 0;
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) return value;
  }
  return value * 256 + (bytes[at + 8] ?? 0);
};

/** Bytes that the varint at `at` takes, 1 to 9. */
export const varintLength = (bytes: Uint8Array, at: number): number => {
  let length = 1;
  while (length < 9 && (bytes[at + length - 1] ?? 0) >= 0x80) length++;
  return length;
};

/** Bytes of a payload of `length` that stay on the leaf page; the rest is on overflow pages. */
export const localPayload = (length: number, usableSize: number): number => {
  const most = usableSize - 35;
  if (length <= most) return length;
  const least = Math.floor(((usableSize - 12) * 32) / 255) - 23;
  const local = least + ((length - least) % (usableSize - 4));
  return local <= most ? local : least;
};

/** Mask of the first `bytes` (1 to 4) bytes of a big-endian word. */
export const tailMask = (bytes: number): number => (bytes >= 4 ? -1 : -1 << (8 * (4 - bytes)));
