// Reads HTTP/1.1 responses (RFC 9112) from bytes as they arrive: status, the headers that matter here, and the body without its
// framing. Knows no socket, never copies a body and never depends on where the bytes were cut. One reader per connection.

export interface ResponseHandlers {
  readonly onHead: (status: number, contentType: string) => void;
  /** A piece of the body, `bytes[start, end)`; valid only during the call. */
  readonly onBody: (bytes: Buffer, start: number, end: number, atMs: number) => void;
  readonly onEnd: (atMs: number) => void;
}

export interface ResponseReader {
  /** Takes `bytes[start, end)`, which came at `atMs`. What is wrong with them, in the words of Node's parser, or null. */
  readonly feed: (bytes: Buffer, start: number, end: number, atMs: number) => string | null;
  /** The server ended the connection: true when that was the proper end of the body. */
  readonly close: (atMs: number) => boolean;
  /** The response is complete and the connection may carry another one. */
  readonly mayReuse: () => boolean;
  /** Seconds for which the server keeps an idle connection, where it says so. */
  readonly keepAliveS: () => number | null;
  /** Another request was sent on the connection. */
  readonly expect: () => void;
}

type State = 'head' | 'fixed' | 'size' | 'extension' | 'chunk' | 'chunk_end' | 'trailer' | 'until_close' | 'done';

const LF = 10;
const CR = 13;
const HEAD_LIMIT = 16 * 1024;

const STATUS_LINE = /^HTTP\/1\.([01]) (\d{3})(?: .*)?$/;
const FIELD = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*(.*?)[ \t]*$/;

const hexDigit = (byte: number): number => {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const lower = byte | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
};

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
    const [, name, value] = FIELD.exec(line) ?? [];
    if (name === undefined || value === undefined) return 'HPE_INVALID_HEADER_TOKEN';
    const known = fields.get(name.toLowerCase());
    fields.set(name.toLowerCase(), known === undefined ? value : `${known}, ${value}`);
  }
  const connection = (fields.get('connection') ?? '').toLowerCase();
  const persistent = minor === '1' ? !connection.includes('close') : connection.includes('keep-alive');
  return { status: Number(status), persistent, fields };
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
  };

  const beginBody = ({ status, fields }: Head, atMs: number): void => {
    handlers.onHead(status, fields.get('content-type') ?? '');
    const length = fields.get('content-length');
    if (status === 204 || status === 304) return finish(atMs);
    if (/(^|,)\s*chunked\s*$/i.test(fields.get('transfer-encoding') ?? '')) return beginSize();
    if (length === undefined) {
      persistent = false;
      state = 'until_close';
    } else if (!/^\d{1,15}$/.test(length)) problem = 'HPE_INVALID_CONTENT_LENGTH';
    else {
      left = Number(length);
      state = 'fixed';
      if (left === 0) finish(atMs);
    }
  };

  const endHead = (atMs: number): void => {
    const head = readHead(lines);
    lines = [];
    headLength = 0;
    if (typeof head === 'string') return void (problem = head);
    if (head.status === 101) return void (problem = 'HPE_PAUSED_UPGRADE');
    if (head.status < 200) return; // an interim response: the final one follows
    persistent = head.persistent;
    const [, seconds] = /timeout=(\d+)/i.exec(head.fields.get('keep-alive') ?? '') ?? [];
    keepAliveS = seconds === undefined ? null : Number(seconds);
    beginBody(head, atMs);
  };

  const takeHeadLine = (text: string, atMs: number): void => {
    if (text !== '') lines.push(text);
    else if (lines.length > 0) endHead(atMs);
  };

  const endSize = (): void => {
    if (sizeDigits === 0) problem = 'HPE_INVALID_CHUNK_SIZE';
    headLength = 0;
    state = left === 0 ? 'trailer' : 'chunk';
  };

  const takeSize = (bytes: Buffer, start: number, end: number): number => {
    for (let at = start; at < end; at += 1) {
      const byte = bytes[at] ?? 0;
      const digit = hexDigit(byte);
      if (digit >= 0) {
        left = left * 16 + digit;
        sizeDigits += 1;
        if (sizeDigits > 12) return fail('HPE_INVALID_CHUNK_SIZE', end);
      } else if (byte === LF) {
        endSize();
        return at + 1;
      } else if (byte === 59 || byte === 32 || byte === 9) {
        state = 'extension';
        return at + 1;
      } else if (byte !== CR) return fail('HPE_INVALID_CHUNK_SIZE', end);
    }
    return end;
  };

  const takeExtension = (bytes: Buffer, start: number, end: number): number => {
    const feedAt = bytes.indexOf(LF, start);
    if (feedAt < 0 || feedAt >= end) return end;
    endSize();
    return feedAt + 1;
  };

  const takeBody = (bytes: Buffer, start: number, end: number, atMs: number): number => {
    const stop = Math.min(end, start + left);
    left -= stop - start;
    handlers.onBody(bytes, start, stop, atMs);
    if (left > 0) return stop;
    if (state === 'chunk') state = 'chunk_end';
    else finish(atMs);
    return stop;
  };

  const takeChunkEnd = (bytes: Buffer, start: number, end: number): number => {
    const byte = bytes[start];
    if (byte === LF) beginSize();
    else if (byte !== CR) return fail('HPE_STRICT', end);
    return start + 1;
  };

  const step = (bytes: Buffer, start: number, end: number, atMs: number): number => {
    switch (state) {
      case 'head':
        return takeLine(bytes, start, end, (text) => takeHeadLine(text, atMs));
      case 'size':
        return takeSize(bytes, start, end);
      case 'extension':
        return takeExtension(bytes, start, end);
      case 'fixed':
      case 'chunk':
        return takeBody(bytes, start, end, atMs);
      case 'chunk_end':
        return takeChunkEnd(bytes, start, end);
      case 'trailer':
        return takeLine(bytes, start, end, (text) => void (text === '' && finish(atMs)));
      case 'until_close':
        handlers.onBody(bytes, start, end, atMs);
        return end;
      case 'done':
        surplus = true;
        return end;
    }
  };

  const feed = (bytes: Buffer, start: number, end: number, atMs: number): string | null => {
    let at = start;
    while (at < end && problem === null) at = step(bytes, at, end, atMs);
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
    mayReuse: () => state === 'done' && persistent && !surplus && problem === null,
    keepAliveS: () => keepAliveS,
  };
};
