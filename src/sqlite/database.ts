// One read-only door to a SQLite file. Plain files are scanned page by page; files with a write-ahead log, a hot journal
// or another table layout go to SQLite itself, over a private copy. The user's folder is never
// written to.
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { inputFault } from '../text/fault.ts';
import { leafPages } from './btree.ts';
import { damaged } from './format.ts';
import { parseCreateTable } from './ddl.ts';
import type { DeclaredTable } from './ddl.ts';
import { openPager } from './pager.ts';
import type { Pager } from './pager.ts';
import { rowsOf } from './record.ts';
import { estimateRows, scanTable } from './scan.ts';
import type { RecordLayout } from './scan.ts';
import type { Database, SqlRow, SqlValue, Table } from './table-source.ts';
import { openWithSqlite } from './wasm-database.ts';

export type { Database, SqlRow, Table } from './table-source.ts';

/** Opens a SQLite file. Faults: `profile_unreadable`, `sqlite_foreign`, `sqlite_damaged`. */
export const openDatabase = (path: string): Database => {
  const pager = openPager(path);
  const besides = sidecarReason(pager, path);
  if (besides !== null) return handOver(pager, besides);
  try {
    const tables = guarded(pager, () => schemaTables(pager));
    const odd = [...tables.values()].find((table) => !table.declared.plain || table.declared.columns.some(addedLater));
    if (odd !== undefined) return handOver(pager, `table ${odd.name} has a layout of its own`);
    return overPages(pager, tables);
  } catch (error) {
    pager.close();
    throw error;
  }
};

const handOver = (pager: Pager, reason: string): Database => {
  pager.close();
  return openWithSqlite(pager.path, reason);
};

const addedLater = (column: { readonly hasDefault: boolean }): boolean => column.hasDefault;

/** Why the file alone is not the database: a live write-ahead log or a hot rollback journal lies beside it. */
const sidecarReason = (pager: Pager, path: string): string | null => {
  if (pager.header.walMode && sizeOf(`${path}-wal`) > 0) return 'a write-ahead log lies beside the file';
  const journal = `${path}-journal`;
  return sizeOf(journal) > 0 && firstByte(journal) !== 0 ? 'a hot rollback journal lies beside the file' : null;
};

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

const firstByte = (path: string): number => {
  const descriptor = openSync(path, 'r');
  try {
    const byte = Buffer.alloc(1);
    readSync(descriptor, byte, 0, 1, 0);
    return byte[0] ?? 0;
  } finally {
    closeSync(descriptor);
  }
};

interface StoredTable extends Table {
  readonly layout: RecordLayout;
  readonly declared: DeclaredTable;
}

const SCHEMA_ROOT = 1;

const schemaTables = (pager: Pager): Map<string, StoredTable> => {
  const tables = new Map<string, StoredTable>();
  for (const { values } of rowsOf(pager, leafPages(pager, SCHEMA_ROOT))) {
    const [type, name, , root, sql] = values;
    if (type !== 'table' || typeof name !== 'string' || typeof sql !== 'string' || !sql.startsWith('CREATE T'))
      continue;
    if (typeof root !== 'number' || root < 2) continue;
    const declared = parseCreateTable(sql);
    const columns = declared.columns.map((column) => column.name);
    tables.set(name.toLowerCase(), { name, columns, declared, layout: layoutOf(declared, root) });
  }
  return tables;
};

const layoutOf = (declared: DeclaredTable, root: number): RecordLayout => {
  const rowid = declared.columns.findIndex((column) => column.rowid);
  const position = new Map(declared.columns.map((column, index) => [column.name.toLowerCase(), index]));
  return { root, position, rowid: rowid < 0 ? null : rowid };
};

const overPages = (pager: Pager, tables: ReadonlyMap<string, StoredTable>): Database => {
  const stored = (table: Table): StoredTable => {
    const found = tables.get(table.name.toLowerCase());
    if (found === undefined) throw inputFault('table_absent', `no table ${table.name}`, { path: pager.path });
    return found;
  };
  const leavesOf = rememberedLeaves(pager);
  return {
    path: pager.path,
    reader: { kind: 'pages' },
    tables,
    scan: (table, wants, sink) =>
      guarded(pager, () => scanTable(pager, stored(table).layout, leavesOf(stored(table)), wants, sink)),
    rows: (table) => guarded(pager, () => namedRows(pager, leavesOf(stored(table)), stored(table))),
    first: (table, column) => guarded(pager, () => firstValue(pager, leavesOf(stored(table)), stored(table), column)),
    estimate: (table) => guarded(pager, () => estimateRows(pager, leavesOf(stored(table)))),
    close: pager.close,
  };
};

/** Leaf pages by table: a large table is asked for its first value, its size and its rows in turn. */
const rememberedLeaves = (pager: Pager): ((table: StoredTable) => Uint32Array) => {
  const known = new Map<number, Uint32Array>();
  return ({ layout: { root } }) => {
    const leaves = known.get(root) ?? leafPages(pager, root);
    known.set(root, leaves);
    return leaves;
  };
};

/** An impossible offset or length in a damaged file shows as a range error of the buffer it is read from. */
const guarded = <T>(pager: Pager, work: () => T): T => {
  try {
    return work();
  } catch (error) {
    if (error instanceof RangeError) throw damaged(pager.path, 'record', error.message);
    throw error;
  }
};

const firstValue = (pager: Pager, leaves: Uint32Array, table: StoredTable, column: string): SqlValue => {
  const position = table.layout.position.get(column.toLowerCase());
  for (const row of rowsOf(pager, leaves)) {
    return position === table.layout.rowid ? row.rowid : (row.values[position ?? -1] ?? null);
  }
  return null;
};

const namedRows = (pager: Pager, leaves: Uint32Array, table: StoredTable): SqlRow[] =>
  [...rowsOf(pager, leaves)].map((row) => named(table, row));

const named = (table: StoredTable, row: { readonly rowid: number; readonly values: readonly SqlValue[] }): SqlRow =>
  Object.fromEntries(
    table.columns.map((name, index) => [name, index === table.layout.rowid ? row.rowid : (row.values[index] ?? null)]),
  );
