// Looks for credentials in the rows of a SQLite file, where a name and its value stand in two columns (the environment that a
// profiler noted) and no text of the file joins them. Judges by the rules of the search in texts; never repeats what it found.
import type { Database, SqlRow } from '../sqlite/table-source.ts';
import { type SecretFinding, secretScan } from './secret-scan.ts';

const SQLITE_MAGIC = 'SQLite format 3\0';

/** True for the first bytes of a SQLite file. */
export const isDatabase = (head: Buffer): boolean => head.toString('latin1', 0, SQLITE_MAGIC.length) === SQLITE_MAGIC;

/** Tables of events hold no settings; with more rows than that, other tables do not either. */
const EVENTS = /^(?:CUPTI_|NVTX_|StringIds$)/i;
const MOST_ROWS = 100_000;

const NAME_COLUMN = /(?:name|key|variable|option|flag)$/i;

/** The texts of a row in one line: each alone, and as the value of every name; without a name, of the text before it. */
const lineOf = (row: SqlRow): string => {
  const cells = Object.entries(row).flatMap(([column, value]) =>
    typeof value === 'string' ? [{ column, text: value.replaceAll(/["\s]+/g, ' ').trim() }] : [],
  );
  const names = cells.filter(({ column }) => NAME_COLUMN.test(column));
  const values = cells.filter(({ column }) => !NAME_COLUMN.test(column));
  const pairs =
    names.length > 0
      ? names.flatMap((name) => values.map((value) => `${name.text}="${value.text}"`))
      : values.slice(1).map((value, index) => `${values[index]?.text ?? ''}="${value.text}"`);
  return [...pairs, ...cells.map(({ text }) => text)].join(' ; ');
};

const searchedTable = (database: Database, key: string, known: readonly string[]): SecretFinding | undefined => {
  const table = database.tables.get(key);
  if (table === undefined || EVENTS.test(table.name) || database.estimate(table) > MOST_ROWS) return undefined;
  const scan = secretScan(known);
  scan.push(Buffer.from(database.rows(table).map(lineOf).join('\n')));
  const finding = scan.finish();
  return finding && { kind: finding.kind, at: `table ${table.name}, ${finding.at.replace('line', 'row')}` };
};

/** The first credential in the rows of a SQLite file; undefined also where the file is damaged. */
export const searchedTables = async (path: string, known: readonly string[]): Promise<SecretFinding | undefined> => {
  const { openDatabase } = await import('../sqlite/database.ts');
  let database: Database | undefined;
  try {
    database = openDatabase(path);
    for (const key of database.tables.keys()) {
      const finding = searchedTable(database, key, known);
      if (finding !== undefined) return finding;
    }
  } catch {
    // A damaged file is kept as it is: its bytes were searched, and no reader gets rows out of it either.
  } finally {
    database?.close();
  }
  return undefined;
};
