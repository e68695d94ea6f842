// Reads a SQLite file with SQLite itself (compiled to WebAssembly), for the files that the page scanner leaves alone.
// Works on a copy or a symbolic link in a private folder: SQLite makes lock and journal files beside what it opens.
import { constants, copyFileSync, existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type * as Sqlite from 'node-sqlite3-wasm';
import { damaged } from './format.ts';
import { columnsOf, wantedOf } from './table-source.ts';
import type { Database, RowSink, SqlRow, Table, Want } from './table-source.ts';

const BATCH_ROWS = 4096;

/**
 * The package is CommonJS and costs 30 ms to start, so it is loaded when the first odd file is met. `#sqlite` is the package in
 * the sources and the copy that the build ships beside its programs.
 */
const loadSqlite = (): typeof Sqlite => {
  const load: (name: string) => typeof Sqlite = createRequire(import.meta.url);
  return load('#sqlite');
};

/** Opens `path` through SQLite. Faults: `sqlite_damaged`. */
export const openWithSqlite = (path: string, reason: string): Database => {
  const folder = mkdtempSync(join(tmpdir(), 'profile-sqlite-'));
  const dispose = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const connection = new (loadSqlite().Database)(privateCopy(path, folder));
    return overConnection(path, reason, connection, dispose);
  } catch (error) {
    dispose();
    throw asFault(path, error);
  }
};

/** A link where the file stands alone; a copy with its sidecar where SQLite must first bring the two together. */
const privateCopy = (path: string, folder: string): string => {
  const target = join(folder, 'profile.sqlite');
  const sidecars = ['-wal', '-journal'].filter((suffix) => existsSync(path + suffix));
  if (sidecars.length === 0) symlinkSync(resolve(path), target);
  else for (const suffix of ['', ...sidecars]) copyFileSync(path + suffix, target + suffix, constants.COPYFILE_FICLONE);
  return target;
};

const asFault = (path: string, error: unknown): Error =>
  error instanceof Error && error.name === 'SQLite3Error' ? damaged(path, 'file', error.message) : toError(error);

const toError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

const overConnection = (path: string, reason: string, connection: Sqlite.Database, dispose: () => void): Database => {
  const guarded = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw asFault(path, error);
    }
  };
  connection.exec('PRAGMA locking_mode = EXCLUSIVE');
  const tables = guarded(() => tablesOf(connection));
  return {
    path,
    reader: { kind: 'sqlite', reason },
    tables,
    scan: (table, wants, sink) => guarded(() => scanWithSql(connection, table, wants, sink)),
    rows: (table) => guarded(() => selectAll(connection, `SELECT * FROM ${quoted(table.name)}`)),
    first: (table, column) => guarded(() => firstValue(connection, table, column)),
    estimate: (table) => guarded(() => countRows(connection, table)),
    close: () => {
      connection.close();
      dispose();
    },
  };
};

const selectAll = (connection: Sqlite.Database, sql: string): SqlRow[] =>
  connection
    .all(sql)
    .map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plain(value)])));

const plain = (value: unknown): SqlRow[string] =>
  typeof value === 'number' || typeof value === 'bigint' || typeof value === 'string' || value instanceof Uint8Array
    ? value
    : null;

const tablesOf = (connection: Sqlite.Database): Map<string, Table> => {
  const names = selectAll(connection, "SELECT name FROM sqlite_schema WHERE type = 'table'").map(
    (row) => `${row['name']}`,
  );
  return new Map(
    names.map((name) => {
      const columns = selectAll(connection, `PRAGMA table_info(${quoted(name)})`).map((row) => `${row['name']}`);
      return [name.toLowerCase(), { name, columns }];
    }),
  );
};

const firstValue = (connection: Sqlite.Database, table: Table, column: string): SqlRow[string] => {
  const name = table.columns.find((candidate) => candidate.toLowerCase() === column.toLowerCase());
  if (name === undefined) return null;
  const [row] = selectAll(connection, `SELECT ${quoted(name)} AS v FROM ${quoted(table.name)} LIMIT 1`);
  return row?.['v'] ?? null;
};

const countRows = (connection: Sqlite.Database, table: Table): number => {
  const [row] = selectAll(connection, `SELECT count(*) AS n FROM ${quoted(table.name)}`);
  return Number(row?.['n'] ?? 0);
};

const scanWithSql = (connection: Sqlite.Database, table: Table, wants: readonly Want[], sink: RowSink): void => {
  const declared = new Map(table.columns.map((name) => [name.toLowerCase(), name]));
  const names = [...new Set(wants.flatMap(columnsOf).map((name) => name.toLowerCase()))];
  const picks = names.map((name, index) => {
    const own = declared.get(name);
    return `${own === undefined ? 'NULL' : quoted(own)} AS c${index}`;
  });
  const keys = new Map(names.map((name, index) => [name, `c${index}`]));
  const statement = connection.prepare(`SELECT ${picks.join(', ')} FROM ${quoted(table.name)}`);
  try {
    const columns = wants.map(() => new Float64Array(BATCH_ROWS));
    let rows = 0;
    for (const row of statement.iterate()) {
      wants.forEach((want, index) => {
        const column = columns[index];
        if (column !== undefined)
          column[rows] = wantedOf(want, (name) => plain(row[keys.get(name.toLowerCase()) ?? '']));
      });
      if (++rows === BATCH_ROWS) {
        sink(columns, rows);
        rows = 0;
      }
    }
    if (rows > 0) sink(columns, rows);
  } finally {
    statement.finalize();
  }
};
