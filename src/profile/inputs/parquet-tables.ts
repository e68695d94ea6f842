// Shows a `parquetdir` export (one Parquet file per table) through the same door as a SQLite file, so that one reader
// serves both. Holds the columns that were read in memory.
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { inputFault } from '../../text/fault.ts';
import { wantedOf } from '../../sqlite/table-source.ts';
import type { Database, RowSink, SqlRow, SqlValue, Table, Want } from '../../sqlite/table-source.ts';

interface Loaded extends Table {
  readonly data: ReadonlyMap<string, readonly unknown[]>;
  readonly rows: number;
}

const BATCH_ROWS = 8192;

/** Columns that no result needs, some of them large. */
const SKIPPED =
  /^(?:qmd|binaryData|jsonText|callchainId|tensorSizeMinusOneElements|mangledName|color|uint64Value|int64Value|doubleValue|floatValue)/i;

/** Opens a folder of `<TABLE>.parquet` files. Faults: `parquet_unreadable`, `not_an_nsys_export`. */
export const openParquetDir = async (folder: string, needed: (table: string) => boolean): Promise<Database> => {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.parquet')).sort();
  const tables = new Map<string, Loaded>();
  for (const file of files) {
    const name = basename(file, '.parquet');
    if (needed(name)) tables.set(name.toLowerCase(), await loadTable(join(folder, file), name));
  }
  const loaded = (table: Table): Loaded => {
    const found = tables.get(table.name.toLowerCase());
    if (found === undefined) throw inputFault('table_absent', `no table ${table.name}`, { path: folder });
    return found;
  };
  return {
    path: folder,
    reader: { kind: 'pages' },
    tables,
    scan: (table, wants, sink) => scanLoaded(loaded(table), wants, sink),
    rows: (table) => rowsOf(loaded(table)),
    first: (table, column) => sqlValue(columnOf(loaded(table), column)?.[0]),
    estimate: (table) => loaded(table).rows,
    close: () => tables.clear(),
  };
};

const loadTable = async (path: string, name: string): Promise<Loaded> => {
  const [{ asyncBufferFromFile, parquetMetadataAsync, parquetRead, parquetSchema }, { compressors }] =
    await Promise.all([import('hyparquet'), import('hyparquet-compressors')]);
  try {
    const file = await asyncBufferFromFile(path);
    const metadata = await parquetMetadataAsync(file);
    const columns = parquetSchema(metadata).children.map((child) => child.element.name);
    const data = new Map<string, unknown[]>(columns.map((column) => [column.toLowerCase(), []]));
    await parquetRead({
      file,
      metadata,
      compressors,
      columns: columns.filter((column) => !SKIPPED.test(column)),
      onChunk: ({ columnName, columnData, rowStart }) => {
        const target = data.get(columnName.toLowerCase());
        for (let i = 0; target !== undefined && i < columnData.length; i++) target[rowStart + i] = columnData[i];
      },
    });
    return { name, columns, data, rows: Number(metadata.num_rows) };
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw inputFault('parquet_unreadable', `cannot read the table: ${message}`, {
      path,
      cause,
      fix: 'export the report again (nsys export --type parquetdir)',
    });
  }
};

const columnOf = (table: Loaded, column: string): readonly unknown[] | undefined =>
  table.data.get(column.toLowerCase());

const sqlValue = (value: unknown): SqlValue =>
  typeof value === 'number' || typeof value === 'bigint' || typeof value === 'string' ? value : null;

const rowsOf = (table: Loaded): SqlRow[] =>
  Array.from({ length: table.rows }, (_, row) =>
    Object.fromEntries(table.columns.map((name) => [name, sqlValue(columnOf(table, name)?.[row])])),
  );

const scanLoaded = (table: Loaded, wants: readonly Want[], sink: RowSink): void => {
  const columns = wants.map(() => new Float64Array(BATCH_ROWS));
  for (let start = 0; start < table.rows; start += BATCH_ROWS) {
    const count = Math.min(BATCH_ROWS, table.rows - start);
    wants.forEach((want, index) => {
      const column = columns[index];
      for (let row = 0; column !== undefined && row < count; row++) {
        column[row] = wantedOf(want, (name) => columnOf(table, name)?.[start + row]);
      }
    });
    sink(columns, count);
  }
};
