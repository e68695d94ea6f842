// Decodes whole rows of small tables into JavaScript values. The hot path is `scan.ts`; this one must stay exact for
// every value, so integers above 2^53 come as bigint.
import { decodeText, isText, localPayload, serialBytes, varintLength, varintValue } from './format.ts';
import { readOverflow, treeStart } from './btree.ts';
import type { TextEncoding } from './format.ts';
import type { Pager } from './pager.ts';
import type { SqlValue } from './table-source.ts';

/** Rows of the table whose leaf pages are `leaves`: the row id, then the stored fields. */
export function* rowsOf(pager: Pager, leaves: Uint32Array): Generator<{ rowid: number; values: SqlValue[] }> {
  for (const number of leaves) {
    const page = pager.page(number);
    const start = treeStart(number);
    const cells = page.readUInt16BE(start + 3);
    for (let cell = 0; cell < cells; cell++) yield rowAt(pager, page, page.readUInt16BE(start + 8 + 2 * cell));
  }
}

const rowAt = (pager: Pager, page: Buffer, pointer: number): { rowid: number; values: SqlValue[] } => {
  const length = varintValue(page, pointer);
  const keyAt = pointer + varintLength(page, pointer);
  const at = keyAt + varintLength(page, keyAt);
  return {
    rowid: varintValue(page, keyAt),
    values: valuesOf(payloadAt(pager, page, at, length), pager.header.encoding),
  };
};

const payloadAt = (pager: Pager, page: Buffer, at: number, length: number): Buffer => {
  const local = localPayload(length, pager.header.usableSize);
  if (local === length) return page.subarray(at, at + length);
  if (length > pager.pageCount * pager.header.pageSize) throw new RangeError('a payload is longer than the file');
  const whole = Buffer.alloc(length);
  page.copy(whole, 0, at, at + local);
  readOverflow(pager, page.readUInt32BE(at + local), whole, local, length);
  return whole;
};

/** Fields of one record (header of serial types, then the values). Throws a RangeError where they do not fit. */
export const valuesOf = (record: Buffer, encoding: TextEncoding): SqlValue[] => {
  const values: SqlValue[] = [];
  const headerEnd = varintValue(record, 0);
  if (headerEnd > record.length) throw new RangeError('a record header is longer than its record');
  let body = headerEnd;
  for (let at = varintLength(record, 0); at < headerEnd; at += varintLength(record, at)) {
    const type = varintValue(record, at);
    values.push(valueOf(record, body, type, encoding));
    body += serialBytes(type);
  }
  return values;
};

const valueOf = (bytes: Buffer, at: number, type: number, encoding: TextEncoding): SqlValue => {
  if (type >= 12) {
    const end = at + serialBytes(type);
    return isText(type) ? decodeText(bytes, at, end, encoding) : Uint8Array.from(bytes.subarray(at, end));
  }
  if (type === 0) return null;
  if (type === 7) return bytes.readDoubleBE(at);
  if (type >= 8) return type === 9 ? 1 : 0;
  const size = serialBytes(type);
  return size < 8 ? bytes.readIntBE(at, size) : exactInteger(bytes.readBigInt64BE(at));
};

const exactInteger = (value: bigint): number | bigint =>
  value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
