// Writes the plainest Parquet file there is: one row group, one uncompressed data page a column, PLAIN values, optional
// columns with definition levels. For tests of the reader only. Format: parquet.apache.org/docs/file-format and its
// parquet.thrift, in Thrift's compact protocol.
import { writeFileSync } from 'node:fs';

export type Cell = bigint | number | string | null;

export interface Column {
  readonly name: string;
  readonly type: 'int32' | 'int64' | 'text';
  readonly values: readonly Cell[];
}

const PHYSICAL = { int32: 1, int64: 2, text: 6 } as const;
const MAGIC = Buffer.from('PAR1');

const varint = (value: number | bigint): Buffer => {
  const bytes: number[] = [];
  let rest = BigInt(value);
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Buffer.from([...bytes, Number(rest)]);
};

const zigzag = (value: number): Buffer => varint(value >= 0 ? value * 2 : -value * 2 - 1);

type Field = readonly [id: number, type: number, bytes: Buffer];

const [I32, I64, BINARY, LIST, STRUCT] = [5, 6, 8, 9, 12];
const i32 = (id: number, value: number): Field => [id, I32, zigzag(value)];
const i64 = (id: number, value: number): Field => [id, I64, zigzag(value)];
const sized = (bytes: Buffer): Buffer => Buffer.concat([varint(bytes.length), bytes]);
const text = (id: number, value: string): Field => [id, BINARY, sized(Buffer.from(value))];
const listBytes = (type: number, items: readonly Buffer[]): Buffer =>
  Buffer.concat([
    items.length < 15
      ? Buffer.from([(items.length << 4) | type])
      : Buffer.concat([Buffer.from([0xf0 | type]), varint(items.length)]),
    ...items,
  ]);
const list = (id: number, type: number, items: readonly Buffer[]): Field => [id, LIST, listBytes(type, items)];
const nested = (id: number, bytes: Buffer): Field => [id, STRUCT, bytes];

/** Fields in ascending order of their ids, each with the distance to the one before. */
const struct = (...fields: readonly Field[]): Buffer => {
  let last = 0;
  const parts = fields.map(([id, type, bytes]) => {
    const head = Buffer.from([((id - last) << 4) | type]);
    last = id;
    return Buffer.concat([head, bytes]);
  });
  return Buffer.concat([...parts, Buffer.from([0])]);
};

const plain = (type: Column['type'], value: Exclude<Cell, null>): Buffer => {
  if (type === 'text') {
    const bytes = Buffer.from(String(value));
    const length = Buffer.alloc(4);
    length.writeUInt32LE(bytes.length);
    return Buffer.concat([length, bytes]);
  }
  const bytes = Buffer.alloc(type === 'int32' ? 4 : 8);
  if (type === 'int32') bytes.writeInt32LE(Number(value));
  else bytes.writeBigInt64LE(BigInt(value));
  return bytes;
};

/** Definition levels of one bit: runs of equal levels, as RLE with the length in front. */
const levels = (values: readonly Cell[]): Buffer => {
  const runs: Buffer[] = [];
  for (let at = 0; at < values.length;) {
    const present = values[at] !== null;
    let end = at;
    while (end < values.length && (values[end] !== null) === present) end++;
    runs.push(varint((end - at) * 2), Buffer.from([present ? 1 : 0]));
    at = end;
  }
  const bytes = Buffer.concat(runs);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return Buffer.concat([length, bytes]);
};

const page = ({ type, values }: Column): Buffer => {
  const body = Buffer.concat([
    levels(values),
    ...values.flatMap((value) => (value === null ? [] : [plain(type, value)])),
  ]);
  const [PLAIN, RLE] = [0, 3];
  const data = struct(i32(1, values.length), i32(2, PLAIN), i32(3, RLE), i32(4, RLE));
  return Buffer.concat([struct(i32(1, 0), i32(2, body.length), i32(3, body.length), nested(5, data)), body]);
};

/** Writes a table; all columns must have as many values. */
export const writeParquet = (path: string, columns: readonly Column[]): void => {
  const rows = columns[0]?.values.length ?? 0;
  const pages = columns.map(page);
  let offset = MAGIC.length;
  const chunks = columns.map((column, index) => {
    const size = pages[index]?.length ?? 0;
    const meta = struct(
      i32(1, PHYSICAL[column.type]),
      list(2, I32, [zigzag(0), zigzag(3)]),
      list(3, BINARY, [sized(Buffer.from(column.name))]),
      i32(4, 0),
      i64(5, rows),
      i64(6, size),
      i64(7, size),
      i64(9, offset),
    );
    const chunk = struct(i64(2, offset), nested(3, meta));
    offset += size;
    return chunk;
  });
  const [OPTIONAL, UTF8] = [1, 0];
  const schema = [
    struct(text(4, 'schema'), i32(5, columns.length)),
    ...columns.map(({ name, type }) =>
      struct(i32(1, PHYSICAL[type]), i32(3, OPTIONAL), text(4, name), ...(type === 'text' ? [i32(6, UTF8)] : [])),
    ),
  ];
  const group = struct(list(1, STRUCT, chunks), i64(2, offset - MAGIC.length), i64(3, rows));
  const footer = struct(i32(1, 1), list(2, STRUCT, schema), i64(3, rows), list(4, STRUCT, [group]));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(footer.length);
  writeFileSync(path, Buffer.concat([MAGIC, ...pages, footer, length, MAGIC]));
};
