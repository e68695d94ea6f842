// The append-only log of a tuning run, one JSON line per build and trial. From it a run that was cut short goes on where it
// stopped; nothing in it is ever rewritten.
import { inputFault } from '../text/fault.ts';
import { isJsonObject, jsonLine, parseJson, type JsonObject } from '../text/json.ts';

export interface StartRecord {
  readonly kind: 'start';
  /** Hash of the parsed specification; a log belongs to one. */
  readonly spec_sha256: string;
  readonly config: string;
  readonly at: string;
}

export interface BuildRecord {
  readonly kind: 'build';
  readonly key: string;
  /** What would be measured: hash of the artifact and of the benchmark command. Null when the build failed. */
  readonly fingerprint: string | null;
  readonly ms: number;
  readonly error: string | null;
}

export interface TrialRecord {
  readonly kind: 'trial';
  readonly key: string;
  readonly phase: 'screen' | 'confirm';
  /** Pair that a confirming trial belongs to; null while screening. */
  readonly block: number | null;
  /** In the unit of the specification; null when the trial failed. */
  readonly value: number | null;
  readonly ms: number;
  readonly error: string | null;
}

export type LogRecord = StartRecord | BuildRecord | TrialRecord;

const isText = (value: unknown): value is string => typeof value === 'string';
const isAmount = (value: unknown): value is number => typeof value === 'number' && value >= 0;
const orNull = (check: (value: unknown) => boolean, value: unknown): boolean => value === null || check(value);

const isRecord = (record: JsonObject): boolean => {
  const { kind, key, ms, error } = record;
  if (kind === 'start') return isText(record['spec_sha256']) && isText(record['config']) && isText(record['at']);
  const timed = isText(key) && isAmount(ms) && orNull(isText, error);
  if (kind === 'build') return timed && orNull(isText, record['fingerprint']);
  const phase = record['phase'];
  const trial = timed && orNull(isAmount, record['value']) && orNull(isAmount, record['block']);
  return kind === 'trial' && trial && (phase === 'screen' || phase === 'confirm');
};

export const logLine = (record: LogRecord): string => jsonLine(record);

/**
 * The records of a log. Throws a Fault `tuning_log` for a line that is none, and `tuning_log_of_other_spec` when the log belongs to
 * another specification. An empty text has no records.
 */
export const parseTuningLog = (text: string, path: string, specSha256: string): LogRecord[] => {
  const lines = text.split('\n').filter((line) => line !== '');
  const records = lines.map((line, index): LogRecord => {
    const record = parseJson(line, `${path}:${index + 1}`);
    if (isJsonObject(record) && isRecord(record)) return record as unknown as LogRecord; // checked boundary: isRecord
    throw inputFault('tuning_log', `${path}: line ${index + 1} is no record of a tuning run`, {
      path,
      at: `${index + 1}:1`,
      fix: 'name another log, or remove this one to start anew',
    });
  });
  const start = records[0];
  if (start === undefined) return [];
  if (start.kind === 'start' && start.spec_sha256 === specSha256) return records;
  throw inputFault('tuning_log_of_other_spec', `${path} belongs to another tuning specification`, {
    path,
    fix: 'keep the specification as it was to resume, or name another log',
  });
};
