// Reads a server-sent event stream (WHATWG HTML, 9.2) from byte chunks as they arrive, and hands out the data of each event
// with the time of the chunk that completed it. Never depends on where the chunks were cut, never keeps more than one event.

export interface SseParser {
  /** Takes `bytes[start, end)`; `atMs` is the monotonic time at which they came off the socket. */
  readonly feed: (bytes: Buffer, start: number, end: number, atMs: number) => void;
  /** The stream is over: true when it stopped inside an event, whose part is dropped as the standard says. */
  readonly end: () => boolean;
  /** Lines that are neither field nor comment: a sign that the body is no event stream. */
  readonly strayLines: () => number;
}

/** Gets the data of an event, `bytes[start, end)`, several lines of it joined by newlines; valid only during the call. */
export type OnEvent = (bytes: Buffer, start: number, end: number, atMs: number) => void;

const LF = 10;
const CR = 13;
const COLON = 58;
const SPACE = 32;
const NEWLINE = Buffer.from('\n');
const DATA = Buffer.from('data');
const OTHER_FIELDS = ['event', 'id', 'retry'];
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

const beginsWith = (bytes: Buffer, start: number, end: number, word: Buffer): boolean => {
  if (end - start < word.length) return false;
  for (let i = 0; i < word.length; i += 1) if (bytes[start + i] !== word[i]) return false;
  return true;
};

const fieldEnd = (bytes: Buffer, start: number, end: number): number => {
  for (let i = start; i < end; i += 1) if (bytes[i] === COLON) return i;
  return end;
};

/** Events without data are not handed out. */
export const createSseParser = (onEvent: OnEvent): SseParser => {
  let pending: Buffer | null = null;
  /** Data of the present event that is not in the bytes at hand, or is of several lines. */
  let kept: Buffer | null = null;
  /** Its only line of data, where that is in the bytes at hand. */
  let dataBytes: Buffer | null = null;
  let dataStart = 0;
  let dataEnd = 0;
  let endedInCr = false;
  let atStart = true;
  let stray = 0;

  const keepData = (): void => {
    if (dataBytes === null) return;
    const line = Buffer.from(dataBytes.subarray(dataStart, dataEnd));
    kept = kept === null ? line : Buffer.concat([kept, NEWLINE, line]);
    dataBytes = null;
  };

  const takeField = (bytes: Buffer, start: number, end: number): void => {
    const nameEnd = fieldEnd(bytes, start, end);
    if (nameEnd - start === DATA.length && beginsWith(bytes, start, nameEnd, DATA)) {
      keepData();
      dataBytes = bytes;
      dataStart = Math.min(end, bytes[nameEnd + 1] === SPACE ? nameEnd + 2 : nameEnd + 1);
      dataEnd = end;
    } else if (nameEnd > start && !OTHER_FIELDS.includes(bytes.toString('latin1', start, nameEnd))) stray += 1;
  };

  const endEvent = (atMs: number): void => {
    if (kept !== null) {
      keepData();
      onEvent(kept, 0, kept.length, atMs);
    } else if (dataBytes !== null) onEvent(dataBytes, dataStart, dataEnd, atMs);
    kept = null;
    dataBytes = null;
  };

  const takeLine = (bytes: Buffer, start: number, end: number, atMs: number): void => {
    const marked = atStart && beginsWith(bytes, start, end, BYTE_ORDER_MARK);
    atStart = false;
    if (end > start) takeField(bytes, marked ? start + BYTE_ORDER_MARK.length : start, end);
    else endEvent(atMs);
  };

  const takePart = (bytes: Buffer, start: number, end: number, atMs: number): void => {
    if (pending === null) return takeLine(bytes, start, end, atMs);
    const line = Buffer.concat([pending, bytes.subarray(start, end)]);
    pending = null;
    takeLine(line, 0, line.length, atMs);
  };

  const feed = (bytes: Buffer, from: number, end: number, atMs: number): void => {
    let start = from;
    for (let i = from; i < end; i += 1) {
      const byte = bytes[i];
      if (byte !== LF && byte !== CR) continue;
      const secondOfPair = byte === LF && (i === from ? endedInCr : bytes[i - 1] === CR);
      if (!secondOfPair) takePart(bytes, start, i, atMs);
      start = i + 1;
    }
    if (end > from) endedInCr = bytes[end - 1] === CR;
    keepData();
    if (start === end) return;
    const rest = bytes.subarray(start, end);
    pending = pending === null ? Buffer.from(rest) : Buffer.concat([pending, rest]);
  };

  return {
    feed,
    end: () => pending !== null || kept !== null,
    strayLines: () => stray,
  };
};
