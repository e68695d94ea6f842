// Writes small SQLite files of any page size and row shape with SQLite itself, for tests of the page scanner.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as Sqlite from 'node-sqlite3-wasm';

const load: (name: string) => typeof Sqlite = createRequire(import.meta.url);
export const { Database } = load('node-sqlite3-wasm');

export type Value = number | bigint | string | null | Uint8Array;

/** Runs `work` in a folder that is removed afterwards. */
export const inTemporaryFolder = async <T>(work: (folder: string) => Promise<T> | T): Promise<T> => {
  const folder = mkdtempSync(join(tmpdir(), 'profile-test-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/** Runs statements on a new or existing file and closes it. */
export const execute = (path: string, statements: readonly string[]): void => {
  const connection = new Database(path);
  for (const statement of statements) connection.exec(statement);
  connection.close();
};

/** Inserts rows in one transaction. */
export const insertRows = (path: string, table: string, rows: readonly (readonly Value[])[]): void => {
  const connection = new Database(path);
  connection.exec('BEGIN');
  for (const row of rows) connection.run(`INSERT INTO ${table} VALUES (${row.map(() => '?').join(',')})`, [...row]);
  connection.exec('COMMIT');
  connection.close();
};

/** All rows of a table as SQLite returns them, in row id order. */
export const rowsBySqlite = (path: string, table: string): Record<string, unknown>[] => {
  const connection = new Database(path, { readOnly: true });
  const rows = connection.all(`SELECT * FROM ${table} ORDER BY rowid`);
  connection.close();
  return rows;
};

/** An empty database whose pages end in `reserved` bytes that SQLite must not use. */
export const emptyWithReserve = (path: string, pageSize: number, reserved: number): void => {
  execute(path, [`PRAGMA page_size = ${pageSize}`, 'CREATE TABLE t (a)', 'DROP TABLE t', 'VACUUM']);
  const bytes = readFileSync(path);
  bytes.writeUInt8(reserved, 20);
  bytes.writeUInt16BE((pageSize - reserved) % 65536, 105);
  writeFileSync(path, bytes);
};
