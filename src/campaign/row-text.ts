// Rows as text: how a row is written to `normalized.json` and `atlas.jsonl`, and how either is read back. Fields of ours that
// say nothing are left out; the 53 that every reader knows are always there.
import type { z } from 'zod';
import { rowOfToday } from '../importers/atlas-row-age.ts';
import { checkGpuCount } from '../importers/gpu-count.ts';
import { lineBlocks } from '../fs/line-blocks.ts';
import { inputFault, type Fault } from '../text/fault.ts';
import { isJsonObject, parseJson, type JsonObject, type JsonValue } from '../text/json.ts';
import { nearestName } from '../text/nearest.ts';
import { quickCheck } from '../text/quick-check.ts';
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

/** Places of fields in the order of their names: which must be there, and what may stand there as it is written. */
const PLACES = SORTED_FIELDS.map((field) => {
  const schema = rowSchema.shape[field as keyof typeof rowSchema.shape]; // checked boundary: the schema's own keys
  const fits = quickCheck(schema);
  const mayLack = OURS.has(field) && !ALWAYS.has(field);
  return { field, mayLack, fits: mayLack ? (value: unknown) => !saysNothing(value) && fits(value) : fits };
});

/** Rules about several fields at once, which the schema alone can judge. */
const HAS_OTHER_RULES = (rowSchema.def.checks ?? []).length > 0;

/** True of a row that stands in its file as `rowLine` writes it: valid, in order, nothing to fill in, nothing to leave out. */
const isAsWritten = (row: JsonObject): boolean => {
  if (HAS_OTHER_RULES) return false;
  let at = 0;
  for (const field in row) {
    while (PLACES[at]?.field !== field) if (PLACES[at++]?.mayLack !== true) return false;
    if (PLACES[at++]?.fits(row[field]) !== true) return false;
  }
  while (at < PLACES.length) if (PLACES[at++]?.mayLack !== true) return false;
  return true;
};

/** Rows of a cell and their lines in an atlas. */
export interface RowLines {
  /** Fields of ours that say nothing may be absent. */
  readonly rows: readonly AtlasRow[];
  readonly text: string;
}

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

/** Throws a Fault `gpu_count_conflict` where the recorded number of GPUs is not that of the sizes or of the roles. */
const withAgreedGpus = (row: AtlasRow, path: string, at: string): AtlasRow => {
  const { n_gpus, tensor_parallel: tp, pipeline_parallel: pp, data_parallel: dp, dp_attention, disagg, roles } = row;
  if (n_gpus !== null) checkGpuCount({ n_gpus, tp, pp, dp, dp_attention, disagg, roles }, `${path}: row ${at}`);
  return row;
};

/** A checked row. `at` is its number in the file. Throws a Fault `row_invalid` or `gpu_count_conflict`. */
export const checkedRow = (value: JsonValue, path: string, at: string): AtlasRow => {
  const parsed = rowSchema.safeParse(isJsonObject(value) ? rowOfToday(value) : value);
  if (parsed.success) return withAgreedGpus(parsed.data, path, at);
  throw rowFault(path, at, says(parsed.error.issues[0]));
}; // prettier-ignore

const listedRows = (text: string, path: string): JsonValue[] => {
  const value = parseJson(text, path);
  if (Array.isArray(value)) return value;
  throw inputFault('rows_not_list', `${path} holds no list of rows`, { path, fix: 'import the cell again' });
};

/** The rows of the text of a `normalized.json`. Throws a Fault `rows_not_list`, `row_invalid` or that of the JSON. */
export const parseRows = (text: string, path: string): AtlasRow[] =>
  listedRows(text, path).map((row, index) => checkedRow(row, path, String(index + 1)));

/** As `parseRows`, with the lines of the rows. Quick where they stand in the file as they are written. */
export const readRowLines = (text: string, path: string): RowLines => {
  const rows: AtlasRow[] = [];
  let lines = '';
  for (const [index, value] of listedRows(text, path).entries()) {
    if (isJsonObject(value) && value['n_gpus'] !== null && isAsWritten(value)) {
      const row = value as unknown as AtlasRow; // checked boundary: every field that is there was checked
      rows.push(withAgreedGpus(row, path, String(index + 1)));
      lines += `${JSON.stringify(value)}\n`;
    } else {
      const row = checkedRow(value, path, String(index + 1));
      rows.push(row);
      lines += rowLine(row);
    }
  }
  return { rows, text: lines };
};

/** A row of one line. Quick where it stands there as it is written; fields of ours that say nothing may be absent then. */
const lineRow = (text: string, path: string, line: number): AtlasRow => {
  const value = parseJson(text, `${path}:${line}`);
  const at = `of line ${line}`;
  if (!isJsonObject(value) || value['n_gpus'] === null || !isAsWritten(value)) return checkedRow(value, path, at);
  return withAgreedGpus(value as unknown as AtlasRow, path, at); // checked boundary: every field that is there was checked
};

/** What stands in each field of ours where a line leaves it out. */
const LEFT_OUT = [...OURS].map((field) => {
  const schema: z.ZodType = rowSchema.shape[field as keyof typeof rowSchema.shape]; // checked boundary: the schema's own keys
  return [field, schema.parse(undefined)] as const;
});

/**
 * Puts into a row every field that its line left out. Rows that follow each other mostly have the same fields, so that what the last
 * one lacked is found by a walk over their names.
 */
const rowFiller = (): ((row: AtlasRow) => AtlasRow) => {
  let names: readonly string[] = [];
  let lacking: Readonly<Record<string, unknown>> = {};
  return (row) => {
    let at = 0;
    for (const name in row) if (names[at++] !== name) at = Infinity;
    if (at !== names.length) {
      names = Object.keys(row);
      lacking = Object.fromEntries(LEFT_OUT.filter(([field]) => !(field in row)));
    }
    return Object.assign(row, lacking);
  };
};

/** How the rows of an atlas are read. */
export interface AtlasReading {
  /** The aggregate wrote this very file, and checked each row then. */
  readonly isChecked?: boolean;
  /** True of a line, as the aggregate wrote it, whose row the reader can do without: it is not parsed. Asked only where `isChecked`. */
  readonly isLeftOut?: ((line: string) => boolean) | undefined;
}

/**
 * The rows of an `atlas.jsonl`, a block of them at a time, with every field; each is parsed when its turn comes. Blank lines and lines
 * that begin with `#` are skipped. Throws as `parseRows`.
 */
export async function* atlasBlocks(
  path: string,
  { isChecked = false, isLeftOut }: AtlasReading = {},
): AsyncGenerator<Iterable<AtlasRow>> {
  const filled = rowFiller();
  let line = 0;
  function* rowsOf(texts: readonly string[]): Generator<AtlasRow> {
    for (const text of texts) {
      line += 1;
      if (text.startsWith('#') || text.trim() === '') continue;
      if (isChecked && isLeftOut?.(text) === true) continue;
      const row = isChecked ? (JSON.parse(text) as AtlasRow) : lineRow(text, path, line); // checked boundary: checked when written
      yield filled(row);
    }
  }
  for await (const texts of lineBlocks(path)) yield rowsOf(texts);
}

/** The rows of an `atlas.jsonl`, one after another, as `atlasBlocks` reads them. */
export async function* atlasRows(path: string): AsyncGenerator<AtlasRow> {
  for await (const rows of atlasBlocks(path)) yield* rows;
}
