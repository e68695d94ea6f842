// What a report carries, read as a stranger's: sizes, depth, names and shapes are checked, and no name in it becomes a path.
import { inputFault, type Fault } from '../../text/fault.ts';
import { parseForeignJson } from '../../text/foreign-json.ts';
import { checkedRow } from '../../campaign/row-text.ts';
import type { AtlasRow } from '../../campaign/row.ts';
import type { Attachment } from '../../render/pdf.ts';
import { formatBytes } from '../../render/numbers.ts';
import { CARRIED, RAW_NAME, numbersSchema, rawAttachment } from '../attachments.ts';
import { reportInputsSchema, type ReportInputs } from '../report-inputs.ts';
import type { z } from 'zod';

export type Numbers = z.output<typeof numbersSchema>;

export interface Carried {
  readonly rows: readonly AtlasRow[];
  readonly inputs: ReportInputs;
  readonly numbers: Numbers;
  /** As they are, by name. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly raw: readonly Attachment[];
}

const MOST_BYTES = 96 * 1024 * 1024;
const MOST_FILES = 20_000;
const MOST_ROWS = 200_000;

const refused = (says: string): Fault => inputFault('report_refused', `the report is not read: ${says}`);

const textOf = (files: ReadonlyMap<string, Uint8Array>, name: string): string => {
  const bytes = files.get(name);
  if (bytes === undefined) throw refused(`it carries no ${name}`);
  if (bytes.byteLength > MOST_BYTES) throw refused(`${name} has ${formatBytes(bytes.byteLength)}`);
  return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
};

const rowsOf = (text: string): readonly AtlasRow[] => {
  const lines = text.split('\n').filter((line) => line !== '');
  if (lines.length === 0) throw refused(`${CARRIED.rows} holds no rows`);
  if (lines.length > MOST_ROWS) throw refused(`${CARRIED.rows} holds ${lines.length} rows, the limit is ${MOST_ROWS}`);
  return lines.map((line, at) => checkedRow(parseForeignJson(line, `${CARRIED.rows}:${at + 1}`), CARRIED.rows, `of line ${at + 1}`));
}; // prettier-ignore

const shaped = <Schema extends z.ZodType>(schema: Schema, text: string, name: string): z.output<Schema> => {
  const parsed = schema.safeParse(parseForeignJson(text, name));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw refused(`${name} does not fit at ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
};

/** True of a report that was rendered without what it could be checked by. */
export const carriesNothing = (files: ReadonlyMap<string, Uint8Array>): boolean =>
  Object.values(CARRIED).every((name) => !files.has(name));

/** Throws a Fault `report_refused`, and those of rows and JSON. */
export const readCarried = (files: ReadonlyMap<string, Uint8Array>): Carried => {
  if (files.size > MOST_FILES) throw refused(`it carries ${files.size} files, the limit is ${MOST_FILES}`);
  const empty = [...files].find(([, bytes]) => bytes.byteLength === 0);
  if (empty !== undefined) throw refused(`${JSON.stringify(empty[0].slice(0, 60))} is empty`);
  const own = new Set<string>(Object.values(CARRIED));
  const foreign = [...files.keys()].find((name) => !own.has(name) && !RAW_NAME.test(name));
  if (foreign !== undefined) throw refused(`it carries ${JSON.stringify(foreign.slice(0, 60))}, which no report does`);
  const inputs = shaped(reportInputsSchema, textOf(files, CARRIED.inputs), CARRIED.inputs);
  return {
    inputs,
    rows: rowsOf(textOf(files, CARRIED.rows)),
    numbers: shaped(numbersSchema, textOf(files, CARRIED.numbers), CARRIED.numbers),
    files,
    raw: [...files]
      .filter(([name]) => RAW_NAME.test(name))
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, bytes]) => rawAttachment(name, bytes)),
  };
};
