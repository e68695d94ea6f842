// The string table of an nsys export: sparse ids to text. Ids may be large, so they are never used as indexes as they are.
import type { Database } from '../../sqlite/table-source.ts';
import { NSYS_TABLES, findTable } from './tables.ts';

/** Text of an id; null for an unknown or absent id. */
export type Strings = (id: number) => string | null;

export const readStrings = (database: Database): Strings => {
  const table = findTable(database, NSYS_TABLES.strings);
  const texts = new Map<number, string>();
  if (table !== null) {
    const pool: string[] = [];
    const wants = [
      { column: 'id', kind: 'number' },
      { column: 'value', kind: 'text', intern: (text: string) => pool.push(text) - 1 },
    ] as const;
    database.scan(table, wants, ([ids, values], count) => {
      for (let row = 0; row < count; row++) texts.set(ids?.[row] ?? NaN, pool[values?.[row] ?? -1] ?? '');
    });
  }
  return (id) => texts.get(id) ?? null;
};
