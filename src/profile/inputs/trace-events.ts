// Splits a Chrome trace (an object with `traceEvents`, or a bare array) into its events while it streams: gigabytes pass
// through a buffer of a few megabytes. Parses only complete events (`ph` X) whose category is asked for.
import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { Fault, inputFault, systemCode } from '../../text/fault.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN = 0x7b;
const CLOSE = 0x7d;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;

const READ_BYTES = 1 << 20;
/** Text before the events (device properties and the like) that is kept. */
const HEAD_BYTES = 1 << 20;

export interface TraceText {
  /** JSON text before the list of events, and after it. */
  readonly head: string;
  readonly tail: string;
  readonly events: number;
}

/** Wanted categories by their text. */
export type Wants = (category: string) => boolean;

/**
 * Calls `onEvent` with each wanted event; marks, flows and metadata are counted and passed over. `.gz` files are unpacked on the way. Faults: `profile_unreadable`, `trace_syntax`
 * (with the byte at fault), `trace_truncated`.
 */
export const readTraceEvents = async (
  path: string,
  wants: Wants,
  onEvent: (event: unknown) => void,
  signal?: AbortSignal,
): Promise<TraceText> => {
  const state = newState(path, wants, onEvent);
  const file = createReadStream(path, { highWaterMark: READ_BYTES, ...(signal === undefined ? {} : { signal }) });
  const source = path.endsWith('.gz') ? file.pipe(createGunzip({ chunkSize: READ_BYTES })) : file;
  file.on('error', (error) => source.destroy(error));
  try {
    for await (const chunk of source) feed(state, Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk));
  } catch (cause) {
    throw asReadFault(path, cause);
  }
  if (state.phase === 'events') {
    throw inputFault('trace_truncated', `the trace ends inside its list of events, after ${state.events} events`, {
      path,
      fix: 'copy the trace again, or record it again: the writer did not finish it',
    });
  }
  if (state.phase === 'head') {
    throw inputFault('trace_syntax', 'no list of trace events was found', {
      path,
      fix: 'give a Chrome or Kineto trace as the torch profiler exports it',
    });
  }
  return { head: state.head, tail: state.tail, events: state.events };
};

const asReadFault = (path: string, cause: unknown): unknown => {
  const code = cause instanceof Fault ? undefined : systemCode(cause);
  if (code === undefined || code === 'ABORT_ERR') return cause;
  const unpacking = code.startsWith('Z_') || code === 'ERR_STREAM_PREMATURE_CLOSE';
  return inputFault(unpacking ? 'trace_truncated' : 'profile_unreadable', `cannot read the trace: ${code}`, {
    path,
    cause,
    fix: unpacking ? 'copy it again: it is not complete gzip data' : 'check the path and its permissions',
  });
};

interface State {
  readonly path: string;
  readonly wants: Wants;
  readonly onEvent: (event: unknown) => void;
  phase: 'head' | 'events' | 'tail';
  /** Bytes of an event that is not complete yet. */
  rest: Buffer;
  /** Position in the file of the first byte of `rest`. */
  offset: number;
  head: string;
  tail: string;
  events: number;
}

const newState = (path: string, wants: Wants, onEvent: (event: unknown) => void): State => ({
  path,
  wants,
  onEvent,
  phase: 'head',
  rest: Buffer.alloc(0),
  offset: 0,
  head: '',
  tail: '',
  events: 0,
});

const feed = (state: State, chunk: Buffer): void => {
  let bytes = state.rest.length === 0 ? chunk : Buffer.concat([state.rest, chunk]);
  if (state.phase === 'head') bytes = takeHead(state, bytes);
  if (state.phase === 'events') bytes = takeEvents(state, bytes);
  if (state.phase === 'tail') {
    state.tail = (state.tail + bytes.toString('utf8')).slice(0, HEAD_BYTES);
    bytes = Buffer.alloc(0);
  }
  state.rest = bytes;
};

const advance = (state: State, bytes: Buffer, count: number): Buffer => {
  state.offset += count;
  return bytes.subarray(count);
};

const takeHead = (state: State, bytes: Buffer): Buffer => {
  const text = bytes.toString('latin1');
  const found = /^\s*\[/.exec(text) ?? /"traceEvents"\s*:\s*\[/.exec(text);
  if (found === null) {
    if (bytes.length > HEAD_BYTES * 4) throw syntaxFault(state, 'no list of trace events at the start');
    return bytes;
  }
  state.head = text.slice(0, found.index);
  state.phase = 'events';
  return advance(state, bytes, found.index + found[0].length);
};

/** Hands complete events on; returns the bytes of the one that is not. */
const takeEvents = (state: State, bytes: Buffer): Buffer => {
  let at = 0;
  while (at < bytes.length) {
    const byte = bytes[at];
    if (byte === CLOSE_LIST) {
      state.phase = 'tail';
      return advance(state, bytes, at + 1);
    }
    if (byte !== OPEN) {
      if (byte !== 0x2c && byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) {
        throw syntaxFault({ ...state, offset: state.offset + at }, 'an event must be an object');
      }
      at++;
      continue;
    }
    const end = endOfObject(bytes, at);
    if (end < 0) break;
    state.events++;
    if (mayBeWanted(state.wants, bytes, at, end)) parseEvent(state, bytes, at, end);
    at = end;
  }
  return advance(state, bytes, at);
};

/** Offset behind the object that starts at `start`; -1 where it is not complete. */
const endOfObject = (bytes: Buffer, start: number): number => {
  const length = bytes.length;
  let depth = 0;
  for (let at = start; at < length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === QUOTE) {
      at++;
      while (at < length && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
    } else if (byte === OPEN || byte === OPEN_LIST) depth++;
    else if (byte === CLOSE || byte === CLOSE_LIST) {
      depth--;
      if (depth === 0) return at + 1;
    }
  }
  return -1;
};

/** Where writers put category and phase: before the name, or right behind it. */
const NEAR_START = 160;
const CATEGORY = Buffer.from('"cat"');
const PHASE = Buffer.from('"ph"');
const COLON = 0x3a;
const COMPLETE = 0x58; // X

/** Looks at phase and category near the start of an event; where neither stands there it must be parsed to be seen. */
const mayBeWanted = (wants: Wants, bytes: Buffer, start: number, end: number): boolean => {
  const head = bytes.subarray(start, Math.min(end, start + NEAR_START));
  const phase = valueBehind(head, PHASE);
  if (phase !== null && head[phase.from] !== COMPLETE) return false;
  const category = valueBehind(head, CATEGORY);
  return category === null || wants(head.toString('latin1', category.from, category.to));
};

/** The text value of a key; null where it is not in these bytes, or where the first such text is no key. */
const valueBehind = (bytes: Buffer, key: Buffer): { readonly from: number; readonly to: number } | null => {
  const found = bytes.indexOf(key);
  const colon = found + key.length;
  if (found < 0 || bytes[colon] !== COLON) return null;
  const open = bytes.indexOf(QUOTE, colon);
  const close = open < 0 ? -1 : bytes.indexOf(QUOTE, open + 1);
  return close < 0 ? null : { from: open + 1, to: close };
};

const parseEvent = (state: State, bytes: Buffer, start: number, end: number): void => {
  let event: unknown;
  try {
    event = JSON.parse(bytes.toString('utf8', start, end));
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw syntaxFault({ ...state, offset: state.offset + start }, message);
  }
  state.onEvent(event);
};

const syntaxFault = (state: State, message: string): Error =>
  inputFault('trace_syntax', `${state.path}: ${message}`, {
    path: state.path,
    at: `byte ${state.offset}`,
    fix: 'give a Chrome or Kineto trace as the torch profiler exports it',
  });
