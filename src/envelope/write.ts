// Puts a measured load point into its folder: the envelope under its content hash, and every request beside it. A folder that
// already holds the point is left alone unless the caller appends; nothing is ever overwritten.
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import schema from '../../schemas/envelope.v1.1.json' with { type: 'json' };
import { createFile } from '../fs/atomic-file.ts';
import type { TrialResult } from '../load/trial.ts';
import { gapsOf, latenciesOf, type RequestRecord } from '../load/request-record.ts';
import { schemaViolations } from '../text/json-schema.ts';
import { Fault, systemCode } from '../text/fault.ts';
import { jsonFile, jsonLine, type JsonValue } from '../text/json.ts';
import { contentHash, envelopeFileName, isEnvelopeOf } from './content-hash.ts';
import type { Envelope } from './envelope.ts';

const listFolder = async (folder: string): Promise<string[]> => {
  try {
    return await readdir(folder);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw new Fault('input', 'folder_unreadable', `${folder} cannot be read: ${systemCode(error) ?? 'unknown error'}`, {
      path: folder,
    });
  }
};

/** Throws a Fault `point_exists` when the folder holds an envelope of one of these points. Called before load is sent. */
export const refuseExisting = async (folder: string, points: readonly string[]): Promise<void> => {
  const files = await listFolder(folder);
  const found = points.flatMap((point) => files.find((file) => isEnvelopeOf(point, file)) ?? []);
  const [first] = found;
  if (first === undefined) return;
  throw new Fault('refused', 'point_exists', `${folder} already holds ${found.join(', ')}`, {
    path: join(folder, first),
    fix: 'choose another --output, or add a further measurement of the same point with --append',
  });
};

/** Microseconds are finer than what can be measured. */
const rounded = (ms: number | null | undefined): number | null =>
  ms === null || ms === undefined ? null : Math.round(ms * 1000) / 1000;

const requestLine = (trial: number, record: RequestRecord, withGaps: boolean): string => {
  const latencies = latenciesOf(record);
  return jsonLine({
    trial,
    index: record.index,
    intended_ms: rounded(record.intendedMs),
    sent_ms: rounded(record.sentMs),
    end_ms: rounded(record.endMs),
    ttft_ms: rounded(latencies?.ttftMs),
    tpot_ms: rounded(latencies?.tpotMs),
    e2e_ms: rounded(latencies?.e2eMs),
    itl_ms: withGaps ? gapsOf(record).map(rounded) : null,
    input_tokens: record.inputTokens,
    output_tokens: record.outputTokens,
    cached_tokens: record.cachedTokens,
    token_source: record.tokenSource,
    finish_reason: record.finishReason,
    status: record.status,
    failure: record.failure,
    detail: record.detail,
  });
};

/** With more gaps than this (some 50 MB of text) they are left out, so that the end of a long run cannot fail for its size. */
const MOST_GAPS = 5_000_000;

/** All requests of all trials as JSON Lines; times are milliseconds of one monotonic clock. */
export const requestLines = (
  trials: readonly Pick<TrialResult, 'index' | 'records'>[],
  mostGaps = MOST_GAPS,
): string => {
  const pieces = trials.flatMap(({ records }) => records).reduce((sum, { pieceMs }) => sum + pieceMs.length, 0);
  return trials
    .flatMap(({ index, records }) => records.map((record) => requestLine(index, record, pieces <= mostGaps)))
    .join('');
};

/** Checks an envelope against the schema it is published under. Throws a Fault `envelope_invalid`. */
export const checkEnvelope = async (envelope: object): Promise<void> => {
  const value = JSON.parse(JSON.stringify(envelope)) as JsonValue; // checked boundary: what the file will hold
  const [violation] = await schemaViolations(schema, value, 'schemas/envelope.v1.1.json');
  if (violation === undefined) return;
  throw new Fault(
    'internal',
    'envelope_invalid',
    `the envelope breaks its schema at ${violation.at || '/'}: ${violation.message}`,
  );
};

export interface WrittenPoint {
  readonly path: string;
  readonly requestsPath: string;
  readonly contentHash: string;
}

/** Writes requests first and the envelope last, so that an envelope never names a file that is not there. */
export const writePoint = async (
  folder: string,
  point: string,
  envelope: Envelope,
  trials: readonly TrialResult[],
): Promise<WrittenPoint> => {
  await checkEnvelope(envelope);
  await mkdir(folder, { recursive: true });
  const hash = contentHash(envelope);
  const requestsPath = join(folder, envelope.distributions['requests'] ?? `requests-${point}.jsonl`);
  await createFile(requestsPath, requestLines(trials));
  const path = join(folder, envelopeFileName(point, hash));
  await createFile(path, jsonFile(envelope));
  return { path, requestsPath, contentHash: hash };
};
