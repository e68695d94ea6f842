// Reads HTTP/1.1 responses (RFC 9112) from bytes as they arrive: status, the headers that matter here, and the body without its
// framing. Knows no socket, never copies a body and never depends on where the bytes were cut. One reader per connection.
import { FIELD, framingOf, readHead, responseHead, type Framing, type ResponseHead } from './response-head.ts';

export interface ResponseHandlers {
  readonly onHead: (head: ResponseHead) => void;
  /** A piece of the body, `bytes[start, end)`; valid only during the call. */
  readonly onBody: (bytes: Buffer, start: number, end: number, atMs: number) => void;
  readonly onEnd: (atMs: number) => void;
}

export interface ResponseReader {
  /**
   * Takes `bytes[start, end)`, whose first chunk came at `atMs` and of which all had come at `laterMs`; what is not chunked has
   * the latter. What is wrong with them, in the words of Node's parser, or null.
   */
  readonly feed: (bytes: Buffer, start: number, end: number, atMs: number, laterMs: number) => string | null;
  /** The server ended the connection: true when that was the proper end of the body. */
  readonly close: (atMs: number) => boolean;
  /** Anything of the response came. */
  readonly hasBegun: () => boolean;
  /** The response is complete and the connection may carry another one. */
  readonly mayReuse: () => boolean;
  /** Seconds for which the server keeps an idle connection, where it says so. */
  readonly keepAliveS: () => number | null;
  /** Another request was sent on the connection. */
  readonly expect: () => void;
}

type State =
  | 'head'
  | 'fixed'
  | 'size'
  | 'size_space'
  | 'size_feed'
  | 'extension'
  | 'chunk'
  | 'chunk_return'
  | 'chunk_feed'
  | 'trailer'
  | 'until_close'
  | 'done';

const LF = 10;
const CR = 13;
const SPACE = 32;
const TAB = 9;
const SEMICOLON = 59;
/** Of a final head with the interim ones before it, of the trailer, and of the extensions of a chunk: as much as Node takes. */
const HEAD_LIMIT = 16 * 1024;

const PROTOCOL = 'HTTP/1.';
/** With zeros in front. */
const MOST_DIGITS = 32;

const hexDigit = (byte: number): number => {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const lower = byte | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
};

/** How far a response is read. */
interface Reading {
  readonly handlers: ResponseHandlers;
  state: State;
  /** Complete lines of the head. */
  lines: string[];
  /** The beginning of the present line. */
  line: string;
  /** Bytes of the head, of the trailer, or of the extensions of a chunk. */
  headLength: number;
  /** Bytes that are still to come of the body or chunk. */
  left: number;
  /** Digits of the present chunk's size. */
  sizeDigits: number;
  persistent: boolean;
  keepAliveS: number | null;
  /** Something came behind the response. */
  surplus: boolean;
  problem: string | null;
}

const newReading = (handlers: ResponseHandlers): Reading => ({
  handlers,
  state: 'head',
  lines: [],
  line: '',
  headLength: 0,
  left: 0,
  sizeDigits: 0,
  persistent: true,
  keepAliveS: null,
  surplus: false,
  problem: null,
});

const finish = (reading: Reading, atMs: number): void => {
  reading.state = 'done';
  reading.handlers.onEnd(atMs);
};

const fail = (reading: Reading, code: string, end: number): number => {
  reading.problem = code;
  return end;
};

/** The place of the line feed in `bytes[start, end)`, or `end`. */
const lineEnd = (bytes: Buffer, start: number, end: number): number => {
  const feedAt = bytes.indexOf(LF, start);
  return feedAt < 0 || feedAt >= end ? end : feedAt;
};

/** What is done with a complete line. */
type LineTaker = (reading: Reading, text: string, atMs: number) => void;

/** Adds to the present line; the place after it, or `end` when it is not complete. */
const takeLine = (
  reading: Reading,
  bytes: Buffer,
  start: number,
  end: number,
  atMs: number,
  onLine: LineTaker,
): number => {
  const stop = lineEnd(bytes, start, end);
  reading.line += bytes.toString('latin1', start, stop);
  reading.headLength += stop - start + 1;
  if (reading.headLength > HEAD_LIMIT) return fail(reading, 'HPE_HEADER_OVERFLOW', end);
  if (stop === end) return end;
  const complete = reading.line.endsWith('\r') ? reading.line.slice(0, -1) : reading.line;
  reading.line = '';
  onLine(reading, complete, atMs);
  return stop + 1;
};

const beginSize = (reading: Reading): void => {
  reading.state = 'size';
  reading.left = 0;
  reading.sizeDigits = 0;
  reading.headLength = 0;
};

const beginBody = (reading: Reading, framing: Framing, atMs: number): void => {
  switch (framing.kind) {
    case 'none':
      return finish(reading, atMs);
    case 'chunked':
      return beginSize(reading);
    case 'until_close':
      reading.persistent = false;
      reading.state = 'until_close';
      return;
    case 'fixed':
      reading.left = framing.length;
      reading.state = 'fixed';
      if (framing.length === 0) finish(reading, atMs);
  }
};

const endHead = (reading: Reading, atMs: number): void => {
  const head = readHead(reading.lines);
  reading.lines = [];
  if (typeof head === 'string') return void (reading.problem = head);
  if (head.status === 101) return void (reading.problem = 'HPE_PAUSED_UPGRADE');
  if (head.status < 200) return; // an interim response: the final one follows
  const framing = framingOf(head);
  if (typeof framing === 'string') return void (reading.problem = framing);
  reading.persistent = head.persistent;
  const [, seconds] = /timeout=(\d+)/i.exec(head.fields.get('keep-alive') ?? '') ?? [];
  reading.keepAliveS = seconds === undefined ? null : Number(seconds);
  reading.handlers.onHead(responseHead(head));
  beginBody(reading, framing, atMs);
};

const takeHeadLine: LineTaker = (reading, text, atMs) => {
  if (text !== '') reading.lines.push(text);
  else if (reading.lines.length > 0) endHead(reading, atMs);
};

/** What is no HTTP is refused at once: it may never end its line. */
const takeHead = (reading: Reading, bytes: Buffer, start: number, end: number, atMs: number): number => {
  const next = takeLine(reading, bytes, start, end, atMs, takeHeadLine);
  const first = reading.lines[0] ?? reading.line;
  const isHttp = first === '' || first === '\r' || PROTOCOL.startsWith(first.slice(0, PROTOCOL.length));
  return isHttp || reading.state !== 'head' ? next : fail(reading, reading.problem ?? 'HPE_INVALID_CONSTANT', end);
};

const takeTrailerLine: LineTaker = (reading, text, atMs) => {
  if (text === '') finish(reading, atMs);
  else if (!FIELD.test(text)) reading.problem = 'HPE_INVALID_HEADER_TOKEN';
};

/** After the line feed of a chunk's size. */
const endSize = (reading: Reading): void => {
  if (reading.sizeDigits === 0) reading.problem = 'HPE_INVALID_CHUNK_SIZE';
  reading.headLength = 0;
  reading.state = reading.left === 0 ? 'trailer' : 'chunk';
};

const takeSize = (reading: Reading, bytes: Buffer, start: number, end: number): number => {
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at] ?? 0;
    const digit = hexDigit(byte);
    if (digit < 0) return endDigits(reading, byte, at + 1, end);
    reading.left = reading.left * 16 + digit;
    reading.sizeDigits += 1;
    if (reading.left > Number.MAX_SAFE_INTEGER || reading.sizeDigits > MOST_DIGITS)
      return fail(reading, 'HPE_INVALID_CHUNK_SIZE', end);
  }
  return end;
};

/** What may stand behind the digits, and behind the spaces that follow them. */
const endDigits = (reading: Reading, byte: number, next: number, end: number): number => {
  reading.headLength += 1;
  if (reading.headLength > HEAD_LIMIT) return fail(reading, 'HPE_CHUNK_EXTENSIONS_OVERFLOW', end);
  if (byte === LF) endSize(reading);
  else if (byte === CR) reading.state = 'size_feed';
  else if (byte === SEMICOLON) reading.state = 'extension';
  else if (byte === SPACE || byte === TAB) reading.state = 'size_space';
  else return fail(reading, 'HPE_INVALID_CHUNK_SIZE', end);
  return next;
};

const takeExtension = (reading: Reading, bytes: Buffer, start: number, end: number): number => {
  const stop = lineEnd(bytes, start, end);
  reading.headLength += stop - start;
  if (reading.headLength > HEAD_LIMIT) return fail(reading, 'HPE_CHUNK_EXTENSIONS_OVERFLOW', end);
  if (stop === end) return end;
  endSize(reading);
  return stop + 1;
};

/** The line feed behind a carriage return. */
const takeFeed = (
  reading: Reading,
  bytes: Buffer,
  start: number,
  end: number,
  onFeed: (reading: Reading) => void,
): number => {
  if (bytes[start] !== LF) return fail(reading, 'HPE_STRICT', end);
  onFeed(reading);
  return start + 1;
};

const takeBody = (reading: Reading, bytes: Buffer, start: number, end: number, atMs: number): number => {
  const stop = Math.min(end, start + reading.left);
  reading.left -= stop - start;
  reading.handlers.onBody(bytes, start, stop, atMs);
  if (reading.left > 0) return stop;
  if (reading.state === 'chunk') reading.state = 'chunk_return';
  else finish(reading, atMs);
  return stop;
};

const takeChunkReturn = (reading: Reading, bytes: Buffer, start: number, end: number): number => {
  const byte = bytes[start];
  if (byte === LF) beginSize(reading);
  else if (byte === CR) reading.state = 'chunk_feed';
  else return fail(reading, 'HPE_STRICT', end);
  return start + 1;
};

/** Reads on at `start` as the state demands; the place where the next step begins. */
const step = (reading: Reading, bytes: Buffer, start: number, end: number, atMs: number): number => {
  switch (reading.state) {
    case 'head':
      return takeHead(reading, bytes, start, end, atMs);
    case 'size':
      return takeSize(reading, bytes, start, end);
    case 'size_space':
      return endDigits(reading, bytes[start] ?? 0, start + 1, end);
    case 'size_feed':
      return takeFeed(reading, bytes, start, end, endSize);
    case 'extension':
      return takeExtension(reading, bytes, start, end);
    case 'fixed':
    case 'chunk':
      return takeBody(reading, bytes, start, end, atMs);
    case 'chunk_return':
      return takeChunkReturn(reading, bytes, start, end);
    case 'chunk_feed':
      return takeFeed(reading, bytes, start, end, beginSize);
    case 'trailer':
      return takeLine(reading, bytes, start, end, atMs, takeTrailerLine);
    case 'until_close':
      reading.handlers.onBody(bytes, start, end, atMs);
      return end;
    case 'done':
      reading.surplus = true;
      return end;
  }
};

const isUnframed = ({ state }: Reading): boolean => state === 'until_close' || state === 'fixed';

const feed = (
  reading: Reading,
  bytes: Buffer,
  start: number,
  end: number,
  atMs: number,
  laterMs: number,
): string | null => {
  let at = start;
  let stampMs = atMs;
  while (at < end && reading.problem === null) {
    at = step(reading, bytes, at, end, isUnframed(reading) ? laterMs : stampMs);
    if (reading.state === 'chunk_return') stampMs = laterMs; // a chunk is over
  }
  return reading.problem;
};

const close = (reading: Reading, atMs: number): boolean => {
  reading.persistent = false;
  if (reading.state === 'until_close') finish(reading, atMs);
  return reading.state === 'done';
};

const expectAnother = (reading: Reading): void => {
  reading.state = 'head';
  reading.lines = [];
  reading.line = '';
  reading.headLength = 0;
};

export const createResponseReader = (handlers: ResponseHandlers): ResponseReader => {
  const reading = newReading(handlers);
  return {
    feed: (bytes, start, end, atMs, laterMs) => feed(reading, bytes, start, end, atMs, laterMs),
    close: (atMs) => close(reading, atMs),
    expect: () => expectAnother(reading),
    hasBegun: () => reading.state !== 'head' || reading.headLength > 0,
    mayReuse: () => reading.state === 'done' && reading.persistent && !reading.surplus && reading.problem === null,
    keepAliveS: () => reading.keepAliveS,
  };
};
