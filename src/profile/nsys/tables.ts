// The tables of an nsys SQLite export by the names that its releases gave them. Reads names only.
import { inputFault } from '../../text/fault.ts';
import type { Database, SqlRow, Table } from '../../sqlite/table-source.ts';

const CUPTI = 'CUPTI_ACTIVITY_KIND_';

export const NSYS_TABLES = {
  kernel: `${CUPTI}KERNEL`,
  runtime: `${CUPTI}RUNTIME`,
  memcpy: `${CUPTI}MEMCPY`,
  memset: `${CUPTI}MEMSET`,
  synchronization: `${CUPTI}SYNCHRONIZATION`,
  graphTrace: `${CUPTI}GRAPH_TRACE`,
  nvtx: 'NVTX_EVENTS',
  strings: 'StringIds',
} as const;

/** The table of that name, or its highest version (`…_V3` before `…_V2`); other names that start alike are other tables. */
export const findTable = (database: Database, name: string): Table | null => {
  const exact = database.tables.get(name.toLowerCase());
  if (exact !== undefined) return exact;
  const prefix = `${name.toLowerCase()}_v`;
  const versions = [...database.tables.keys()].filter((key) => key.startsWith(prefix));
  const versionOf = (key: string): number =>
    /^\d+$/.test(key.slice(prefix.length)) ? Number(key.slice(prefix.length)) : -1;
  const best = versions.sort((a, b) => versionOf(b) - versionOf(a) || a.localeCompare(b))[0];
  return best === undefined ? null : (database.tables.get(best) ?? null);
};

/** Rows of a small table; none where the export has no such table, as it has when nothing was recorded. */
export const rowsIfAny = (database: Database, name: string): SqlRow[] => {
  const table = findTable(database, name);
  return table === null ? [] : database.rows(table);
};

export const hasColumn = (table: Table, column: string): boolean =>
  table.columns.some((name) => name.toLowerCase() === column.toLowerCase());

/** Faults with `column_absent` where a column that a result rests on is missing. */
export const demandColumns = (database: Database, table: Table, columns: readonly string[]): void => {
  const missing = columns.filter((column) => !hasColumn(table, column));
  if (missing.length === 0) return;
  throw inputFault('column_absent', `table ${table.name} has no column ${missing.join(', ')}`, {
    path: database.path,
    fix: 'export the report again with a current nsys (nsys export --type sqlite)',
  });
};

/** Field of a row whatever the case of its name. */
export const field = (row: SqlRow, name: string): SqlRow[string] => {
  if (name in row) return row[name] ?? null;
  const key = Object.keys(row).find((candidate) => candidate.toLowerCase() === name.toLowerCase());
  return key === undefined ? null : (row[key] ?? null);
};

export const textField = (row: SqlRow, name: string): string | null => {
  const value = field(row, name);
  return typeof value === 'string' && value !== '' ? value : null;
};

export const numberField = (row: SqlRow, name: string): number | null => {
  const value = field(row, name);
  return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : null;
};

export const bigintField = (row: SqlRow, name: string): bigint | null => {
  const value = field(row, name);
  if (typeof value === 'bigint') return value;
  return typeof value === 'number' && Number.isInteger(value) ? BigInt(value) : null;
};
