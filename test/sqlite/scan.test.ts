import { copyFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openDatabase } from '../../src/sqlite/database.ts';
import type { Database as Opened, SqlRow, Table } from '../../src/sqlite/table-source.ts';
import type { Want } from '../../src/sqlite/table-source.ts';
import { Database, emptyWithReserve, execute, inTemporaryFolder, insertRows, rowsBySqlite } from './make-database.ts';
import type { Value } from './make-database.ts';

const tableOf = (database: Opened, name: string): Table => {
  const table = database.tables.get(name.toLowerCase());
  if (table === undefined) throw new Error(`no table ${name}`);
  return table;
};

const reading = <T>(path: string, work: (database: Opened) => T): T => {
  const database = openDatabase(path);
  try {
    return work(database);
  } finally {
    database.close();
  }
};

const allRows = (path: string, table: string): SqlRow[] => reading(path, (db) => db.rows(tableOf(db, table)));

const scanned = (path: string, table: string, wants: readonly Want[]): number[][] =>
  reading(path, (db) => {
    const columns: number[][] = wants.map(() => []);
    db.scan(tableOf(db, table), wants, (batch, count) =>
      batch.forEach((column, index) => columns[index]?.push(...column.subarray(0, count))),
    );
    return columns;
  });

const numberColumn = (path: string, table: string, column: string): number[] =>
  scanned(path, table, [{ column, kind: 'number' }])[0] ?? [];

const value = fc.oneof(
  fc.constant(null),
  fc.integer({ min: -200, max: 200 }),
  fc.integer(),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.double({ noNaN: true }),
  fc.string({ maxLength: 30 }),
  fc.string({ minLength: 500, maxLength: 3000 }),
  fc.uint8Array({ maxLength: 300 }),
);

const sameValue = (ours: unknown, sqlite: unknown): void => {
  if (typeof sqlite === 'bigint' || typeof ours === 'bigint') expect(BigInt(`${ours}`)).toBe(BigInt(`${sqlite}`));
  else if (sqlite instanceof Uint8Array)
    expect(Buffer.from(ours instanceof Uint8Array ? ours : [])).toEqual(Buffer.from(sqlite));
  else expect(Object.is(ours, sqlite) || (ours === 0 && sqlite === 0)).toBe(true);
};

describe('the page scanner reads what SQLite reads', () => {
  test('for any rows, page size and reserved bytes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(512, 1024, 4096, 65536),
        fc.constantFrom(0, 8, 32),
        fc.array(fc.tuple(value, value, value, value), { maxLength: 60 }),
        (pageSize, reserved, rows) =>
          inTemporaryFolder((folder) => {
            const path = join(folder, 'any.sqlite');
            emptyWithReserve(path, pageSize, reserved);
            execute(path, ['CREATE TABLE t (a, b, c, d)']);
            insertRows(path, 't', rows);
            const expected = rowsBySqlite(path, 't');
            const ours = allRows(path, 't');
            expect(ours.length).toBe(expected.length);
            ours.forEach((row, i) => Object.keys(row).forEach((key) => sameValue(row[key], expected[i]?.[key])));
            for (const key of ['a', 'd']) {
              const numbers = expected
                .map((row) => row[key])
                .map((v) => (typeof v === 'number' || typeof v === 'bigint' ? Number(v) : NaN));
              expect(numberColumn(path, 't', key)).toEqual(numbers.map((v) => (v === 0 ? 0 : v)));
            }
          }),
      ),
      { numRuns: 60 },
    );
  });

  test('over interior pages, with deleted rows left out', () =>
    inTemporaryFolder((folder) => {
      const path = join(folder, 'many.sqlite');
      execute(path, ['PRAGMA page_size = 1024', 'CREATE TABLE t (id INTEGER NOT NULL PRIMARY KEY, x INTEGER, s TEXT)']);
      const rows: Value[][] = Array.from({ length: 20_000 }, (_, i) => [
        (i * 7919) % 20_000,
        i * 1e9,
        `name ${i % 97}`,
      ]);
      insertRows(path, 't', rows);
      execute(path, ['DELETE FROM t WHERE id % 3 = 1']);
      const names: string[] = [];
      const [ids = [], times = [], texts = []] = scanned(path, 't', [
        { column: 'id', kind: 'number' },
        { column: 'x', kind: 'number' },
        { column: 's', kind: 'text', intern: (text) => names.push(text) - 1 },
      ]);
      const ours = ids.map((id, row) => ({ id, x: times[row], s: names[texts[row] ?? -1] }));
      expect(ours.sort((a, b) => a.id - b.id)).toEqual(rowsBySqlite(path, 't'));
    }));

  test('in more header shapes than are remembered at once', () =>
    inTemporaryFolder((folder) => {
      const path = join(folder, 'shapes.sqlite');
      execute(path, ['CREATE TABLE t (s TEXT, b BLOB, x INTEGER)']);
      const rows: Value[][] = Array.from({ length: 9000 }, (_, i) => [
        'é'.repeat(i % 57),
        new Uint8Array(i % 89),
        2 ** (i % 50),
      ]);
      insertRows(path, 't', rows);
      expect(numberColumn(path, 't', 'x')).toEqual(rows.map((row) => row[2]));
    }));

  test('tuples: rows with equal values have one number, and no others do', async () => {
    const small = fc.oneof(fc.constant(null), fc.constantFrom(0, 1, 2, -1, 300, 70_000, 2 ** 31, 2 ** 40, 'text', 0.5));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(small, small, small, small), { minLength: 1, maxLength: 60 }), (rows) =>
        inTemporaryFolder((folder) => {
          const path = join(folder, 'tuples.sqlite');
          execute(path, ['CREATE TABLE t (a, b, c, d)']);
          insertRows(path, 't', rows);
          const known: string[] = [];
          const intern = (values: Float64Array): number => {
            const text = values.join();
            return known.includes(text) ? known.indexOf(text) : known.push(text) - 1;
          };
          const fields = ['a', 'c', 'd', 'absent'].map((column) => ({ column, kind: 'number' }) as const);
          const [numbers = []] = scanned(path, 't', [{ kind: 'tuple', fields, sequence: 1, intern }]);
          const number = (v: Value): number => (typeof v === 'number' ? v : NaN);
          expect(numbers.map((n) => known[n])).toEqual(
            rows.map(([a, , c, d]) => [...[a, c, d].map(number), NaN].join()),
          );
        }),
      ),
      { numRuns: 40 },
    );
  });

  /** The values of the tuple of each row, as they were interned. */
  const tuplesOf = (path: string, columns: readonly string[], sequence: number): (string | undefined)[] => {
    const known = new Map<string, number>();
    const intern = (values: Float64Array): number => {
      const text = values.join();
      const number = known.get(text) ?? known.size;
      known.set(text, number);
      return number;
    };
    const fields = columns.map((column) => ({ column, kind: 'number' }) as const);
    const [numbers = []] = scanned(path, 't', [{ kind: 'tuple', fields, sequence, intern }]);
    const texts = [...known.keys()];
    return numbers.map((number) => texts[number]);
  };

  test('tuples: rows that follow one another as before, but for some, on several interleaved devices', () =>
    inTemporaryFolder((folder) => {
      const path = join(folder, 'sequences.sqlite');
      execute(path, ['PRAGMA page_size = 1024', 'CREATE TABLE t (time, device, process, id, a, b, c)']);
      // Bytes that are zero, minus zero or no number where they are read as doubles.
      const odd: readonly Value[] = [2n ** 62n, 2n ** 62n + 0xffffn, 2n ** 62n + 0x1ffffn, 0, -128, -1, 300, 7.5, null];
      const pick = (i: number): Value => odd[i % odd.length] ?? null;
      const rows: Value[][] = Array.from({ length: 30_000 }, (_, i) => {
        const [device, step] = [(i * 7 + (i >> 5)) % 3, Math.floor(i / 3) % 50];
        const changed = (i * 2654435761) % 97 === 0 ? 5 : 0;
        return [
          1e12 + i,
          device,
          2 ** 48 + (4000 + device) * 2 ** 24,
          i,
          pick(step),
          pick(step * 5 + changed),
          pick(step >> 3),
        ];
      });
      insertRows(path, 't', rows);
      const number = (value: Value | undefined): number =>
        value === null || value === undefined ? NaN : Number(value);
      expect(tuplesOf(path, ['device', 'process', 'a', 'b', 'c'], 2)).toEqual(
        rows.map(([, device, process, , a, b, c]) => [device, process, a, b, c].map(number).join()),
      );
    }));

  test('tuples: bytes that are zero and minus zero as a double are not the same', () =>
    inTemporaryFolder((folder) => {
      const path = join(folder, 'zeros.sqlite');
      execute(path, ['CREATE TABLE t (p, q, a, n, c)']);
      const rows: Value[][] = Array.from({ length: 4000 }, (_, i) => [
        70_000,
        2 ** 30,
        2n ** 62n,
        i % 7 === 3 && i > 2000 ? -32_640 : 128,
        2n ** 62n + 12_345n * 2n ** 20n,
      ]);
      insertRows(path, 't', rows);
      expect(tuplesOf(path, ['p', 'q', 'a', 'n', 'c'], 1)).toEqual(rows.map((row) => row.map(Number).join()));
    }));

  test('tuples in more header shapes than are remembered at once', () =>
    inTemporaryFolder((folder) => {
      const path = join(folder, 'both.sqlite');
      execute(path, ['CREATE TABLE t (s TEXT, b BLOB, x INTEGER, y INTEGER, z INTEGER)']);
      const rows: Value[][] = Array.from({ length: 24_000 }, (_, i) =>
        i % 4 === 3
          ? ['é'.repeat(i % 57), new Uint8Array(i % 89), 2 ** (i % 50), i % 3, 2n ** 61n]
          : ['name', new Uint8Array(3), i, 1000, 2n ** 62n + 77n],
      );
      insertRows(path, 't', rows);
      const numbers = scanned(path, 't', [
        { column: 'x', kind: 'number' },
        {
          kind: 'tuple',
          fields: ['y', 'z'].map((column) => ({ column, kind: 'number' })),
          sequence: 1,
          intern: ([y = NaN]) => y,
        },
      ]);
      expect(numbers).toEqual([rows.map((row) => row[2]), rows.map((row) => row[3])]);
    }));

  test('tuples: more of them than are remembered at once, met again and again', () =>
    inTemporaryFolder((folder) => {
      const path = join(folder, 'kinds.sqlite');
      execute(path, [
        'CREATE TABLE t (a INTEGER, b INTEGER, c INTEGER)',
        'WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 159999) INSERT INTO t SELECT i % 2, 1000000000 + i % 70000, 5000000000 + i % 70000 FROM n',
      ]);
      expect(tuplesOf(path, ['a', 'b', 'c'], 1)).toEqual(
        Array.from({ length: 160_000 }, (_, i) => `${i % 2},${1e9 + (i % 70_000)},${5e9 + (i % 70_000)}`),
      );
    }));

  test('with short rows of a table that got another column later', () =>
    inTemporaryFolder((folder) => {
      const path = join(folder, 'added.sqlite');
      execute(path, ['CREATE TABLE t (a INTEGER)', 'INSERT INTO t VALUES (5)', 'ALTER TABLE t ADD COLUMN b INTEGER']);
      execute(path, ['INSERT INTO t VALUES (6, 7)']);
      expect(numberColumn(path, 't', 'b')).toEqual([NaN, 7]);
      execute(path, ['ALTER TABLE t ADD COLUMN c INTEGER DEFAULT 9']);
      expect(reading(path, (db) => db.reader.kind)).toBe('sqlite');
      expect(numberColumn(path, 't', 'c')).toEqual([9, 9]);
    }));

  test('exactly beyond 2^53: times from an origin, global ids in two parts', () =>
    inTemporaryFolder((folder) => {
      const path = join(folder, 'wide.sqlite');
      const epoch = 1_779_782_330_176_752_435n;
      execute(path, ['CREATE TABLE t (start INTEGER, tid INTEGER)']);
      insertRows(path, 't', [
        [epoch, 0x7abc_0001_2345_6789n],
        [epoch + 1n, 0x0001_0000_9100_0000n],
        [epoch - 3n, 42],
      ]);
      const wants: Want[] = [
        { column: 'start', kind: 'number', origin: epoch },
        { column: 'tid', kind: 'high40' },
        { column: 'tid', kind: 'low24' },
      ];
      expect(scanned(path, 't', wants)).toEqual([
        [0, 1, -3],
        [0x7abc000123, 0x1000091, 0],
        [0x456789, 0, 42],
      ]);
    }));

  test('an absent column reads as nothing, and column names match in any case', () =>
    inTemporaryFolder((folder) => {
      const path = join(folder, 'names.sqlite');
      execute(path, ['CREATE TABLE t ("End" INTEGER, [order] INTEGER, `q` INTEGER CHECK (q > 0), UNIQUE (q))']);
      insertRows(path, 't', [[1, 2, 3]]);
      expect(numberColumn(path, 't', 'end')).toEqual([1]);
      expect(numberColumn(path, 't', 'ORDER')).toEqual([2]);
      expect(numberColumn(path, 't', 'streamId')).toEqual([NaN]);
    }));
});

test.each(['utf16le', 'utf16be'])('text in %s is read', (encoding) => {
  const path = join(import.meta.dirname, `../fixtures/profile/${encoding}.sqlite`);
  expect(allRows(path, 't')).toEqual([{ a: 7, s: 'größe' }]);
  const names: string[] = [];
  scanned(path, 't', [{ column: 's', kind: 'text', intern: (text) => names.push(text) - 1 }]);
  expect(names).toEqual(['größe']);
});

describe('files that need SQLite itself', () => {
  test('a live write-ahead log is read, and nothing is written beside the file', () =>
    inTemporaryFolder((folder) => {
      const [live, path] = [join(folder, 'live.sqlite'), join(folder, 'wal.sqlite')];
      const connection = new Database(live);
      connection.exec('PRAGMA locking_mode = EXCLUSIVE');
      connection.exec('PRAGMA journal_mode = WAL');
      connection.exec('CREATE TABLE t (a INTEGER)');
      connection.exec('INSERT INTO t VALUES (1), (2)');
      for (const suffix of ['', '-wal']) copyFileSync(live + suffix, path + suffix);
      connection.close();
      const before = readFileSync(`${path}-wal`);
      expect(reading(path, (db) => db.reader.kind)).toBe('sqlite');
      expect(numberColumn(path, 't', 'a')).toEqual([1, 2]);
      expect(readFileSync(`${path}-wal`)).toEqual(before);
    }));

  test.each([
    ['a table without row ids', ['CREATE TABLE t (a INTEGER PRIMARY KEY, s TEXT) WITHOUT ROWID']],
    ['a generated column', ['CREATE TABLE t (a INTEGER, s TEXT, g INTEGER AS (a + 1))']],
  ])('%s', (_, statements) =>
    inTemporaryFolder((folder) => {
      const path = join(folder, 'odd.sqlite');
      execute(path, [...statements, "INSERT INTO t (a, s) VALUES (7, 'größe')"]);
      const names: string[] = [];
      const intern = (text: string): number => names.push(text) - 1;
      expect(reading(path, (db) => db.reader.kind)).toBe('sqlite');
      expect(
        scanned(path, 't', [
          { column: 'a', kind: 'number' },
          { column: 's', kind: 'text', intern },
        ]),
      ).toEqual([[7], [0]]);
      expect(names).toEqual(['größe']);
    }),
  );
});

describe('a file that cannot be read is a fault, never wrong rows', () => {
  const filled = (folder: string): string => {
    const path = join(folder, 'full.sqlite');
    execute(path, ['PRAGMA page_size = 512', 'CREATE TABLE t (a INTEGER, s TEXT)']);
    insertRows(
      path,
      't',
      Array.from({ length: 3000 }, (_, i) => [i, 'x'.repeat(i % 40)]),
    );
    return path;
  };

  test.each([
    ['empty', (path: string) => truncateSync(path, 0), 'sqlite_foreign'],
    ['something else', (path: string) => writeFileSync(path, 'hello '.repeat(50)), 'sqlite_foreign'],
    ['cut short', (path: string) => truncateSync(path, 20_000), 'sqlite_damaged'],
  ])('%s', (_, harm, code) =>
    inTemporaryFolder((folder) => {
      const path = filled(folder);
      harm(path);
      expect(() => reading(path, () => null)).toThrow(expect.objectContaining({ code }));
    }),
  );

  test('random damage to pages ends in rows or in a fault', async () => {
    await inTemporaryFolder((folder) => {
      const whole = readFileSync(filled(folder));
      fc.assert(
        fc.property(
          fc.nat({ max: whole.length - 101 }),
          fc.uint8Array({ minLength: 1, maxLength: 40 }),
          (at, noise) => {
            const bytes = Buffer.from(whole);
            bytes.set(noise.subarray(0, whole.length - 100 - at), 100 + at);
            const path = join(folder, 'harmed.sqlite');
            writeFileSync(path, bytes);
            try {
              reading(path, (db) => {
                const table = db.tables.get('t');
                if (table === undefined) return;
                db.rows(table);
                db.scan(table, [{ column: 'a', kind: 'number' }], () => undefined);
              });
            } catch (error) {
              expect(error).toMatchObject({ code: expect.stringMatching(/^sqlite_/) });
            }
          },
        ),
        { numRuns: 150 },
      );
    });
  });
});
