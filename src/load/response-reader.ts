// Reads HTTP/1.1 responses (RFC 9112) from bytes as they arrive: status, the headers that matter here, and the body without its
// framing. Knows no socket, never copies a body and never depends on where the bytes were cut. One reader per connection.

/** What the head of a response says that matters here; a field that it does not have is empty. */
export interface ResponseHead {
  readonly status: number;
  readonly contentType: string;
  /** Empty for `identity` as well. */
  readonly contentEncoding: string;
  readonly location: string;
}

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
const STATUS_LINE = /^HTTP\/1\.([01]) ([1-9]\d{2})(?: .*)?$/;
const FIELD = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):([\t\x20-\x7e\x80-\xff]*)$/;
/** A proxy that hands on what it got and adds its own says it twice. */
const CHUNKED = /^chunked(?:, *chunked)*$/i;

/** With zeros in front. */
const MOST_DIGITS = 32;

const hexDigit = (byte: number): number => {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const lower = byte | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
};

/** Of these the first one counts; all others are lists. */
const SINGLE: ReadonlySet<string> = new Set(['content-type', 'location', 'keep-alive']);

interface Head {
  readonly status: number;
  readonly persistent: boolean;
  readonly fields: ReadonlyMap<string, string>;
}

/** The lines of a head without the empty one; a string says what is wrong with them. */
const readHead = ([first = '', ...rest]: readonly string[]): Head | string => {
  const [, minor, status] = STATUS_LINE.exec(first) ?? [];
  if (status === undefined) return 'HPE_INVALID_CONSTANT';
  const fields = new Map<string, string>();
  for (const line of rest) {
    const [, name, text] = FIELD.exec(line) ?? [];
    if (name === undefined || text === undefined) return 'HPE_INVALID_HEADER_TOKEN';
    const [key, value] = [name.toLowerCase(), text.trim()];
    const known = fields.get(key);
    fields.set(key, known === undefined ? value : SINGLE.has(key) ? known : `${known}, ${value}`);
  }
  const connection = (fields.get('connection') ?? '').toLowerCase();
  const persistent = minor === '1' ? !connection.includes('close') : connection.includes('keep-alive');
  return { status: Number(status), persistent, fields };
};

/** How the body of a response ends. */
type Framing =
  { readonly kind: 'none' | 'chunked' | 'until_close' } | { readonly kind: 'fixed'; readonly length: number };

/** RFC 9112, 6.3; a string says why nobody can know. A response with both lengths is refused, as Node does. */
const framingOf = ({ status, fields }: Head): Framing | string => {
  const length = fields.get('content-length');
  const coding = fields.get('transfer-encoding');
  if (length !== undefined && !/^\d{1,15}$/.test(length)) return 'HPE_INVALID_CONTENT_LENGTH';
  if (length !== undefined && coding !== undefined) return 'HPE_INVALID_TRANSFER_ENCODING';
  if (status === 204 || status === 304) return { kind: 'none' };
  if (coding !== undefined && CHUNKED.test(coding)) return { kind: 'chunked' };
  if (coding !== undefined && coding.toLowerCase() !== 'identity') return `transfer-encoding ${coding}`;
  return length === undefined ? { kind: 'until_close' } : { kind: 'fixed', length: Number(length) };
};

const headOf = ({ status, fields }: Head): ResponseHead => {
  const contentEncoding = fields.get('content-encoding') ?? '';
  return {
    status,
    contentType: fields.get('content-type') ?? '',
    contentEncoding: contentEncoding.toLowerCase() === 'identity' ? '' : contentEncoding,
    location: fields.get('location') ?? '',
  };
};

export const createResponseReader = (handlers: ResponseHandlers): ResponseReader => {
  let state: State = 'head';
  let lines: string[] = [];
  let line = '';
  let headLength = 0;
  let left = 0;
  let sizeDigits = 0;
  let persistent = true;
  let keepAliveS: number | null = null;
  let surplus = false;
  let problem: string | null = null;

  const finish = (atMs: number): void => {
    state = 'done';
    handlers.onEnd(atMs);
  };
  const fail = (code: string, end: number): number => {
    problem = code;
    return end;
  };

  /** Adds to the present line; the place after it, or `end` when it is not complete. */
  const takeLine = (bytes: Buffer, start: number, end: number, onLine: (text: string) => void): number => {
    const feedAt = bytes.indexOf(LF, start);
    const stop = feedAt < 0 || feedAt >= end ? end : feedAt;
    line += bytes.toString('latin1', start, stop);
    headLength += stop - start + 1;
    if (headLength > HEAD_LIMIT) return fail('HPE_HEADER_OVERFLOW', end);
    if (stop === end) return end;
    const complete = line.endsWith('\r') ? line.slice(0, -1) : line;
    line = '';
    onLine(complete);
    return stop + 1;
  };

  const beginSize = (): void => {
    state = 'size';
    left = 0;
    sizeDigits = 0;
    headLength = 0;
  };

  const beginBody = (framing: Framing, atMs: number): void => {
    switch (framing.kind) {
      case 'none':
        return finish(atMs);
      case 'chunked':
        return beginSize();
      case 'until_close':
        persistent = false;
        state = 'until_close';
        return;
      case 'fixed':
        left = framing.length;
        state = 'fixed';
        if (left === 0) finish(atMs);
    }
  };

  const endHead = (atMs: number): void => {
    const head = readHead(lines);
    lines = [];
    if (typeof head === 'string') return void (problem = head);
    if (head.status === 101) return void (problem = 'HPE_PAUSED_UPGRADE');
    if (head.status < 200) return; // an interim response: the final one follows
    const framing = framingOf(head);
    if (typeof framing === 'string') return void (problem = framing);
    persistent = head.persistent;
    const [, seconds] = /timeout=(\d+)/i.exec(head.fields.get('keep-alive') ?? '') ?? [];
    keepAliveS = seconds === undefined ? null : Number(seconds);
    handlers.onHead(headOf(head));
    beginBody(framing, atMs);
  };

  const takeHeadLine = (text: string, atMs: number): void => {
    if (text !== '') lines.push(text);
    else if (lines.length > 0) endHead(atMs);
  };

  /** What is no HTTP is refused at once: it may never end its line. */
  const takeHead = (bytes: Buffer, start: number, end: number, atMs: number): number => {
    const next = takeLine(bytes, start, end, (text) => takeHeadLine(text, atMs));
    const first = lines[0] ?? line;
    const isHttp = first === '' || first === '\r' || PROTOCOL.startsWith(first.slice(0, PROTOCOL.length));
    return isHttp || state !== 'head' ? next : fail(problem ?? 'HPE_INVALID_CONSTANT', end);
  };

  const takeTrailerLine = (text: string, atMs: number): void => {
    if (text === '') finish(atMs);
    else if (!FIELD.test(text)) problem = 'HPE_INVALID_HEADER_TOKEN';
  };

  /** After the line feed of a chunk's size. */
  const endSize = (): void => {
    if (sizeDigits === 0) problem = 'HPE_INVALID_CHUNK_SIZE';
    headLength = 0;
    state = left === 0 ? 'trailer' : 'chunk';
  };

  const takeSize = (bytes: Buffer, start: number, end: number): number => {
    for (let at = start; at < end; at += 1) {
      const byte = bytes[at] ?? 0;
      const digit = hexDigit(byte);
      if (digit < 0) return endDigits(byte, at + 1, end);
      left = left * 16 + digit;
      sizeDigits += 1;
      if (left > Number.MAX_SAFE_INTEGER || sizeDigits > MOST_DIGITS) return fail('HPE_INVALID_CHUNK_SIZE', end);
    }
    return end;
  };

  /** What may stand behind the digits, and behind the spaces that follow them. */
  const endDigits = (byte: number, next: number, end: number): number => {
    headLength += 1;
    if (headLength > HEAD_LIMIT) return fail('HPE_CHUNK_EXTENSIONS_OVERFLOW', end);
    if (byte === LF) endSize();
    else if (byte === CR) state = 'size_feed';
    else if (byte === SEMICOLON) state = 'extension';
    else if (byte === SPACE || byte === TAB) state = 'size_space';
    else return fail('HPE_INVALID_CHUNK_SIZE', end);
    return next;
  };

  const takeExtension = (bytes: Buffer, start: number, end: number): number => {
    const feedAt = bytes.indexOf(LF, start);
    const stop = feedAt < 0 || feedAt >= end ? end : feedAt;
    headLength += stop - start;
    if (headLength > HEAD_LIMIT) return fail('HPE_CHUNK_EXTENSIONS_OVERFLOW', end);
    if (stop === end) return end;
    endSize();
    return stop + 1;
  };

  /** The line feed behind a carriage return. */
  const takeFeed = (bytes: Buffer, start: number, end: number, onFeed: () => void): number => {
    if (bytes[start] !== LF) return fail('HPE_STRICT', end);
    onFeed();
    return start + 1;
  };

  const takeBody = (bytes: Buffer, start: number, end: number, atMs: number): number => {
    const stop = Math.min(end, start + left);
    left -= stop - start;
    handlers.onBody(bytes, start, stop, atMs);
    if (left > 0) return stop;
    if (state === 'chunk') state = 'chunk_return';
    else finish(atMs);
    return stop;
  };

  const takeChunkReturn = (bytes: Buffer, start: number, end: number): number => {
    const byte = bytes[start];
    if (byte === LF) beginSize();
    else if (byte === CR) state = 'chunk_feed';
    else return fail('HPE_STRICT', end);
    return start + 1;
  };

  const step = (bytes: Buffer, start: number, end: number, atMs: number): number => {
    switch (state) {
      case 'head':
        return takeHead(bytes, start, end, atMs);
      case 'size':
        return takeSize(bytes, start, end);
      case 'size_space':
        return endDigits(bytes[start] ?? 0, start + 1, end);
      case 'size_feed':
        return takeFeed(bytes, start, end, endSize);
      case 'extension':
        return takeExtension(bytes, start, end);
      case 'fixed':
      case 'chunk':
        return takeBody(bytes, start, end, atMs);
      case 'chunk_return':
        return takeChunkReturn(bytes, start, end);
      case 'chunk_feed':
        return takeFeed(bytes, start, end, beginSize);
      case 'trailer':
        return takeLine(bytes, start, end, (text) => takeTrailerLine(text, atMs));
      case 'until_close':
        handlers.onBody(bytes, start, end, atMs);
        return end;
      case 'done':
        surplus = true;
        return end;
    }
  };

  const feed = (bytes: Buffer, start: number, end: number, atMs: number, laterMs: number): string | null => {
    let at = start;
    let stampMs = atMs;
    while (at < end && problem === null) {
      at = step(bytes, at, end, state === 'until_close' || state === 'fixed' ? laterMs : stampMs);
      if (state === 'chunk_return') stampMs = laterMs; // a chunk is over
    }
    return problem;
  };

  const close = (atMs: number): boolean => {
    persistent = false;
    if (state === 'until_close') finish(atMs);
    return state === 'done';
  };

  const expect = (): void => {
    state = 'head';
    lines = [];
    line = '';
    headLength = 0;
  };

  return {
    feed,
    close,
    expect,
    hasBegun: () => state !== 'head' || headLength > 0,
    mayReuse: () => state === 'done' && persistent && !surplus && problem === null,
    keepAliveS: () => keepAliveS,
  };
};
