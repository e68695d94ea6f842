// Rows as text: how a row is written to `normalized.json` and `atlas.jsonl`, and how either is read back. Fields of ours that
// say nothing are left out; the 53 that every reader knows are always there.
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { z } from 'zod';
import { onFile } from '../fs/io-fault.ts';
import { inputFault, type Fault } from '../text/fault.ts';
import { parseJson, type JsonValue } from '../text/json.ts';
import { nearestName } from '../text/nearest.ts';
import { ROW_FIELDS, rowSchema, type AtlasRow } from './row.ts';

/** The first of our own fields in the schema's order. */
const OURS_FROM = ROW_FIELDS.indexOf('schema_version');
const OURS = new Set(ROW_FIELDS.slice(OURS_FROM));
const ALWAYS = new Set(['schema_version', 'n_gpus', 'n_gpus_source', 'n_trials']);

const saysNothing = (value: unknown): boolean => value === null || (Array.isArray(value) && value.length === 0);

const isLeftOut = (field: string, value: unknown): boolean =>
  OURS.has(field) && !ALWAYS.has(field) && saysNothing(value);

/** The row without fields of ours that say nothing. */
export const writtenRow = (row: AtlasRow): Partial<AtlasRow> =>
  Object.fromEntries(Object.entries(row).filter(([field, value]) => !isLeftOut(field, value)));

const SORTED_FIELDS = ROW_FIELDS.toSorted();
const SORTED_NAMES = SORTED_FIELDS.map((field) => `${JSON.stringify(field)}:`);

/**
 * One line of `atlas.jsonl`: fields in the order of their names. What lies inside a field keeps the order of its cell's file. Put
 * together field by field, since an atlas has a hundred thousand lines.
 */
export const rowLine = (row: AtlasRow): string => {
  const values: Readonly<Record<string, unknown>> = row;
  let line = '';
  for (const [index, field] of SORTED_FIELDS.entries()) {
    const value = values[field];
    if (value === undefined || isLeftOut(field, value)) continue;
    line += `${line === '' ? '' : ','}${SORTED_NAMES[index]}${value === null ? 'null' : JSON.stringify(value)}`;
  }
  return `{${line}}\n`;
};

const says = (issue: z.core.$ZodIssue | undefined): string => {
  if (issue === undefined) return 'does not fit';
  if (issue.code !== 'unrecognized_keys') return `${issue.path.join('.')}: ${issue.message}`;
  const [key = ''] = issue.keys;
  const nearest = nearestName(key, ROW_FIELDS);
  return `${key} is no field of a row${nearest === undefined ? '' : ` (did you mean ${nearest}?)`}`;
};

const rowFault = (path: string, at: string, reason: string): Fault =>
  inputFault('row_invalid', `${path}: row ${at} ${reason}`, {
    path,
    at,
    fix: 'correct that row, or import the cell again',
  });

/** A checked row. `at` is its number in the file. Throws a Fault `row_invalid`. */
export const checkedRow = (value: JsonValue, path: string, at: string): AtlasRow => {
  const parsed = rowSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw rowFault(path, at, says(parsed.error.issues[0]));
}; // prettier-ignore

/** The rows of the text of a `normalized.json`. Throws a Fault `rows_not_list`, `row_invalid` or that of the JSON. */
export const parseRows = (text: string, path: string): AtlasRow[] => {
  const value = parseJson(text, path);
  if (!Array.isArray(value))
    throw inputFault('rows_not_list', `${path} holds no list of rows`, { path, fix: 'import the cell again' });
  return value.map((row, index) => checkedRow(row, path, String(index + 1)));
};

/** The rows of an `atlas.jsonl`, one after another. Blank lines and lines that begin with `#` are skipped. Throws as `parseRows`. */
export async function* atlasRows(path: string): AsyncGenerator<AtlasRow> {
  const stream = await onFile(path, async () => createReadStream(path, 'utf8'));
  let line = 0;
  for await (const text of createInterface({ input: stream, crlfDelay: Infinity })) {
    line += 1;
    if (text.trim() === '' || text.startsWith('#')) continue;
    yield checkedRow(parseJson(text, `${path}:${line}`), path, `of line ${line}`);
  }
}
