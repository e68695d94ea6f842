// Turns any error into a Fault, and a Fault into the three forms a caller sees: record, text, exit code.
import { ioFault } from '../fs/io-fault.ts';
import { Fault, type FaultKind } from '../text/fault.ts';
import { cutLine } from '../text/fit-lines.ts';
import { redact } from '../text/redact.ts';

const EXIT_CODES: Readonly<Record<FaultKind, number>> = {
  usage: 2,
  refused: 2,
  input: 2,
  not_comparable: 4,
  internal: 5,
  timeout: 124,
  interrupted: 130,
};

/** A failed file operation that nobody on the way put into words, of a kind that a caller can fix. */
const systemFault = (error: unknown): Fault | undefined => {
  const path = error instanceof Error && 'path' in error && typeof error.path === 'string' ? error.path : 'a file';
  const fault = ioFault(error, path);
  return fault instanceof Fault && fault.code !== 'io_error' ? fault : undefined;
};

/** The Fault behind any thrown value. Aborts become `time_limit` or `cancelled`; the unexpected becomes `internal`. */
export const faultOf = (error: unknown): Fault => {
  if (error instanceof Fault) return error;
  if (error instanceof Error && error.name === 'TimeoutError')
    return new Fault('timeout', 'time_limit', 'the call ran past its time limit', { fix: 'raise time_limit_s' });
  if (error instanceof Error && error.name === 'AbortError')
    return new Fault('interrupted', 'cancelled', 'the call was cancelled', { fix: 'call again' });
  const fromSystem = systemFault(error);
  if (fromSystem !== undefined) return fromSystem;
  const message = error instanceof Error ? error.message : String(error);
  return new Fault('internal', 'internal_error', `internal error: ${message}`, {
    cause: error,
    fix: 'report this with the command that led to it',
  });
};

export const exitCodeOf = (fault: Pick<Fault, 'kind'>): number => EXIT_CODES[fault.kind];

const isKind = (kind: string): kind is FaultKind => kind in EXIT_CODES;

/** The exit code of an error that was written down; of a kind that this version does not know, that of an internal one. */
export const exitCodeOfKind = (kind: unknown): number =>
  EXIT_CODES[typeof kind === 'string' && isKind(kind) ? kind : 'internal'];

const cut = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, Math.max(0, length - 1))}…`;

/** Most problems, numbers or names that an error lists; `<list>_count` says how many there are. */
const MOST_LISTED = 20;
/** Longest text of an error, in characters. */
const LONGEST_TEXT = 4000;

const shortData = (data: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(data).flatMap(([name, value]): [string, unknown][] => {
      if (typeof value === 'string') return [[name, cut(value, LONGEST_TEXT)]];
      if (!Array.isArray(value) || value.length <= MOST_LISTED) return [[name, value]];
      return [
        [`${name}_count`, data[`${name}_count`] ?? value.length],
        [name, value.slice(0, MOST_LISTED)],
      ];
    }),
  );

/** A fault as answers and job states hold it; `fix`, `path`, `at` and `data` where it has them. */
export type FaultRecord = { code: string; kind: string; message: string } & Record<string, unknown>;

/** The fault as JSON: code, message, fix, place. Never a stack, and never longer than somebody reads. */
export const faultRecord = (fault: Fault): FaultRecord => {
  const { fix, path, at, data } = fault.details;
  return {
    code: fault.code,
    kind: fault.kind,
    message: redact(cut(fault.message, LONGEST_TEXT)),
    ...(fix === undefined ? {} : { fix: cut(fix, LONGEST_TEXT) }),
    ...(path === undefined ? {} : { path }),
    ...(at === undefined ? {} : { at: cut(at, LONGEST_TEXT) }),
    ...(data === undefined ? {} : { data: shortData(data) }),
  };
};

/**
 * The fault as two lines of text, without secrets. The code stays out of their search: `secret_in_source: x` is none. Of a
 * text over `limit` bytes the message loses its end before the fix does.
 */
export const faultText = (fault: Fault, known: readonly string[] = [], limit = Infinity): string => {
  const fix = fault.details.fix === undefined ? '' : `\nfix: ${redact(fault.details.fix, known)}`;
  const hint = cutLine(fix, (2 * limit) / 3);
  return `${cutLine(`error ${fault.code}: ${redact(fault.message, known)}`, limit - Buffer.byteLength(hint))}${hint}`;
};
