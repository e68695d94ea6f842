// The files that a report carries, so that whoever receives it can check it: its numbers with their rows, the rows, what else it is made
// of, and raw files where they were asked for.
import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { z } from 'zod';
import { readNamedBytes } from '../fs/named-text.ts';
import { rowId } from '../campaign/reconcile/violation.ts';
import { writtenRow } from '../campaign/row-text.ts';
import { formatBytes } from '../render/numbers.ts';
import type { Attachment } from '../render/pdf.ts';
import { inputFault } from '../text/fault.ts';
import { jsonFile, jsonLine } from '../text/json.ts';
import { environmentSecrets, holdsSecret } from '../text/redact.ts';
import type { VerbContext } from '../verb/context.ts';
import type { Report } from './compose.ts';
import { rawName, type RawFile } from './raw-files.ts';
import { reportInputs, type ReportInputs } from './report-inputs.ts';
import { shownNumberSchema, shownNumbers } from './shown-numbers.ts';

export const CARRIED = { numbers: 'numbers.json', rows: 'rows.jsonl', inputs: 'inputs.json' } as const;
/** How the name of a raw file begins. */
export const RAW_NAME = /^raw-([0-9a-f]{16})-[A-Za-z0-9._-]*$/;

export const sha256Of = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');

export const numbersSchema = z.strictObject({
  schema_version: z.literal('report_numbers_v1'),
  rows_sha256: z.string(),
  inputs_sha256: z.string(),
  numbers: z.array(shownNumberSchema),
  /** By the id of a row, its raw file; null where it is not known. */
  rows: z.record(z.string(), z.strictObject({ raw_path: z.string(), raw_sha256: z.string().nullable() })),
});

const file = (name: string, mime: string, description: string, text: string): Attachment => ({
  name,
  mime,
  description,
  bytes: Buffer.from(text),
});

/** The rows as a report carries them: a line each, in one order of their members, whatever wrote them. */
export const rowsText = ({ data }: Report): string => data.rows.map((row) => jsonLine(writtenRow(row))).join('');

/** The three files that every report carries, from the report and its inputs alone. */
export const carriedFiles = (report: Report, inputs: ReportInputs): readonly Attachment[] => {
  const rows = rowsText(report);
  const written = jsonFile(inputs);
  const numbers: z.output<typeof numbersSchema> = {
    schema_version: 'report_numbers_v1',
    rows_sha256: sha256Of(rows),
    inputs_sha256: sha256Of(written),
    numbers: shownNumbers(report.pages),
    rows: Object.fromEntries(
      report.data.rows
        .filter(({ raw_path: path }) => path !== '')
        .map((row) => {
          const digest = inputs.raw[rawName(row, row.raw_path)] ?? null;
          return [rowId(row), { raw_path: row.raw_path, raw_sha256: digest }];
        }),
    ),
  };
  return [
    file(CARRIED.numbers, 'application/json', 'Every number of the pages, with the rows that it comes from', jsonLine(numbers)),
    file(CARRIED.rows, 'application/jsonl', 'The rows of the report, redacted', rows),
    file(CARRIED.inputs, 'application/json', 'What else the report is made of', written),
  ];
}; // prettier-ignore

/** A raw file as a report carries it, the same whoever renders it. */
export const rawAttachment = (name: string, bytes: Uint8Array): Attachment => ({
  name,
  mime: 'application/octet-stream',
  description: 'A raw file that rows were read from; inputs.json names it by its sha256',
  bytes,
});

/** Of all raw files together. */
const MOST_RAW_BYTES = 64 * 1024 * 1024;

const rawFile = async ({ name, sha256, path }: RawFile, secrets: readonly string[], signal: AbortSignal): Promise<Attachment> => {
  const bytes = await readNamedBytes(path, { limit: MOST_RAW_BYTES, signal });
  if (holdsSecret(bytes.toString('utf8'), secrets))
    throw inputFault('secret_in_raw_file', `${name} holds what looks like a credential`, { path, fix: 'remove it from the file, or render with attach: rows' });
  const safe = basename(name).replace(/[^A-Za-z0-9._-]/g, '_');
  return rawAttachment(`raw-${sha256.slice(0, 16)}-${safe}`, bytes);
}; // prettier-ignore

/** The raw files as attachments. Throws a Fault `secret_in_raw_file` or `attachments_too_large`. */
const rawAttachments = async (
  raw: readonly RawFile[],
  secrets: readonly string[],
  signal: AbortSignal,
): Promise<readonly Attachment[]> => {
  const attached = new Map<string, Attachment>();
  let total = 0;
  for (const each of raw) {
    const attachment = await rawFile(each, secrets, signal);
    if (attached.has(attachment.name) || attachment.bytes.byteLength === 0) continue;
    total += attachment.bytes.byteLength;
    if (total > MOST_RAW_BYTES)
      throw inputFault(
        'attachments_too_large',
        `the raw files of the campaign have more than ${formatBytes(MOST_RAW_BYTES)}`,
        {
          fix: 'render with attach: rows, and hand the raw files on as a bundle',
        },
      );
    attached.set(attachment.name, attachment);
  }
  return [...attached.values()].toSorted((one, other) => (one.name < other.name ? -1 : 1));
};

export const ATTACH = ['rows', 'full', 'none'] as const;

/** What a PDF carries beside its pages. */
export interface Carries {
  readonly attach: (typeof ATTACH)[number];
  readonly raw: readonly RawFile[];
}

/** What a report is to carry. Throws as `rawAttachments`. */
export const attachmentsOf = async (
  report: Report,
  { attach, raw }: Carries,
  { product, env, signal }: Pick<VerbContext, 'product' | 'env' | 'signal'>,
): Promise<readonly Attachment[]> => {
  if (attach === 'none') return [];
  const carried = carriedFiles(report, reportInputs(report, product, raw));
  return attach === 'rows' ? carried : [...carried, ...(await rawAttachments(raw, environmentSecrets(env), signal))];
};
