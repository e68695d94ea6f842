// Reads back what a capture of GPU counters kept: its readings, one of one GPU on a line, and what it said of them. A line that does not
// fit is refused with its number; a field that was not read stays absent.
import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { readNamedText } from '../../fs/named-text.ts';
import { CAPTURE_FILES } from '../../telemetry/capture.ts';
import { SOURCES } from '../../telemetry/captured.ts';
import { FIELD_NAMES, type FieldName, type GpuReading } from '../../telemetry/gpu-fields.ts';
import { inputFault } from '../../text/fault.ts';
import { parseJson } from '../../text/json.ts';
import { checkAgainst } from '../../text/schema-fault.ts';
import { cellFile } from '../layout.ts';

const isField = (name: string): name is FieldName => FIELD_NAMES.some((field) => field === name);

const readingSchema = z.looseObject({
  at_ms: z.number().nonnegative(),
  node: z.string(),
  gpu: z.string().min(1),
  uuid: z.string().nullable(),
  values: z.record(z.string(), z.number().nonnegative().nullable()),
});

const captureSchema = z.looseObject({
  source: z.enum(SOURCES),
  interval_s: z.number().positive(),
  clock: z.string().optional(),
  lacking: z.array(z.looseObject({ field: z.string(), reason: z.string() })),
  notes: z.array(z.string()).optional(),
});

export interface ReadCapture {
  readonly folder: string;
  readonly source: (typeof SOURCES)[number];
  readonly intervalS: number;
  readonly lacking: readonly { readonly field: string; readonly reason: string }[];
  readonly notes: readonly string[];
  /** As they were kept, in the order of the file. */
  readonly readings: readonly GpuReading[];
}

const readingAt = (line: string, at: string): GpuReading => {
  const { at_ms, node, gpu, uuid, values } = checkAgainst(readingSchema, parseJson(line, at), {
    path: at,
    code: 'capture_invalid',
    keys: Object.keys(readingSchema.shape),
  });
  const known = Object.entries(values).flatMap(([name, value]) => (isField(name) ? [[name, value] as const] : []));
  return { at_ms, node, gpu, uuid, values: Object.fromEntries(known) };
};

/** The folder of a capture, by its own name or by that of a file in it. */
const folderOf = (named: string): string =>
  Object.values(CAPTURE_FILES).some((file) => basename(named) === file) ? dirname(named) : named;

/** Throws a Fault `capture_unended` where it has no readings, `capture_invalid` where one does not fit. */
export const readCapture = async (named: string, signal?: AbortSignal): Promise<ReadCapture> => {
  const folder = folderOf(named);
  const [readings, capture] = [join(folder, CAPTURE_FILES.readings), join(folder, CAPTURE_FILES.capture)];
  const absent = [readings, capture].find((path) => !existsSync(path));
  if (absent !== undefined)
    throw inputFault('capture_unended', `${absent} is not there: the capture did not end, or ${folder} is none`, {
      path: absent,
      fix: 'name the folder of a capture that dcgm_capture ended',
    });
  const said = checkAgainst(captureSchema, parseJson(await readNamedText(capture, { signal }), capture), {
    path: capture,
    code: 'capture_invalid',
    keys: Object.keys(captureSchema.shape),
  });
  const lines = (await readNamedText(readings, { signal })).split('\n');
  return {
    folder,
    source: said.source,
    intervalS: said.interval_s,
    lacking: said.lacking.map(({ field, reason }) => ({ field, reason })),
    notes: said.notes ?? [],
    readings: lines.flatMap((line, index) => (line.trim() === '' ? [] : [readingAt(line, `${readings}:${index + 1}`)])),
  };
};

/** Folders of the captures of a cell that ended, the newest first. */
export const captureFolders = (campaign: string, cell: string): string[] => {
  const folder = join(cellFile(campaign, cell, 'raw'), 'telemetry');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .toSorted()
    .toReversed()
    .map((name) => join(folder, name))
    .filter((path) => [CAPTURE_FILES.readings, CAPTURE_FILES.capture].every((file) => existsSync(join(path, file))));
};

/** The capture that a snapshot was frozen of: beside it, or in the cell with the same bytes; undefined where there is none. */
export const captureOfFrozen = async (frozen: string, campaign: string, cell: string): Promise<string | undefined> => {
  if (existsSync(join(dirname(frozen), CAPTURE_FILES.readings))) return dirname(frozen);
  const bytes = await readNamedText(frozen);
  for (const folder of captureFolders(campaign, cell)) {
    const own = join(folder, CAPTURE_FILES.frozen);
    if (existsSync(own) && (await readNamedText(own)) === bytes) return folder;
  }
  return undefined;
};
