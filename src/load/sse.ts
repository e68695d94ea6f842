// Reads a server-sent event stream (WHATWG HTML, 9.2) from byte chunks as they arrive, and hands out the data of each event
// with the time of the chunk that completed it. Never depends on where the chunks were cut, never keeps more than one event.

export interface SseParser {
  /**
   * Takes `bytes[start, end)`; `atMs` is the monotonic time at which they came off the socket. False when the present event
   * grows beyond `MOST_EVENT_BYTES`: then the stream is to be given up.
   */
  readonly feed: (bytes: Buffer, start: number, end: number, atMs: number) => boolean;
  /** The stream is over: true when it stopped inside an event, whose part is dropped as the standard says. */
  readonly end: () => boolean;
  readonly strayLines: () => StrayLines;
}

/** Lines that are neither field nor comment: a sign that the body is no event stream. */
export interface StrayLines {
  readonly count: number;
  /** The beginning of the first one. */
  readonly first: string;
}

/** Long enough for an error that a server reports. */
const LONGEST_STRAY = 4096;

/** Gets the data of an event, `bytes[start, end)`, several lines of it joined by newlines; valid only during the call. */
export type OnEvent = (bytes: Buffer, start: number, end: number, atMs: number) => void;

/** A chunk with the probabilities of many tokens has some hundred KiB. */
export const MOST_EVENT_BYTES = 8 * 1024 * 1024;
/** What a kept line takes beside its bytes. */
const LINE_COST = 64;

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
  /** The present line as far as it is not in the bytes at hand. */
  let pending: Buffer[] = [];
  let pendingSize = 0;
  /** Lines of data of the present event that are not in the bytes at hand, or are several. */
  let kept: Buffer[] = [];
  let keptSize = 0;
  /** Its only line of data, where that is in the bytes at hand. */
  let dataBytes: Buffer | null = null;
  let dataStart = 0;
  let dataEnd = 0;
  let endedInCr = false;
  let atStart = true;
  let stray = 0;
  let firstStray = '';

  const keepData = (): void => {
    if (dataBytes === null) return;
    if (kept.length > 0) kept.push(NEWLINE);
    kept.push(Buffer.from(dataBytes.subarray(dataStart, dataEnd)));
    keptSize += dataEnd - dataStart + LINE_COST;
    dataBytes = null;
  };

  const takeField = (bytes: Buffer, start: number, end: number): void => {
    const nameEnd = fieldEnd(bytes, start, end);
    if (nameEnd - start === DATA.length && beginsWith(bytes, start, nameEnd, DATA)) {
      keepData();
      dataBytes = bytes;
      dataStart = Math.min(end, bytes[nameEnd + 1] === SPACE ? nameEnd + 2 : nameEnd + 1);
      dataEnd = end;
    } else if (nameEnd > start && !OTHER_FIELDS.includes(bytes.toString('latin1', start, nameEnd))) {
      if (stray === 0) firstStray = bytes.toString('utf8', start, Math.min(end, start + LONGEST_STRAY));
      stray += 1;
    }
  };

  const endEvent = (atMs: number): void => {
    if (kept.length > 0) {
      keepData();
      const data = Buffer.concat(kept);
      kept = [];
      keptSize = 0;
      onEvent(data, 0, data.length, atMs);
    } else if (dataBytes !== null) onEvent(dataBytes, dataStart, dataEnd, atMs);
    dataBytes = null;
  };

  const takeLine = (bytes: Buffer, start: number, end: number, atMs: number): void => {
    const marked = atStart && beginsWith(bytes, start, end, BYTE_ORDER_MARK);
    atStart = false;
    if (end > start) takeField(bytes, marked ? start + BYTE_ORDER_MARK.length : start, end);
    else endEvent(atMs);
  };

  const takePart = (bytes: Buffer, start: number, end: number, atMs: number): void => {
    if (pending.length === 0) return takeLine(bytes, start, end, atMs);
    const line = Buffer.concat([...pending, bytes.subarray(start, end)]);
    pending = [];
    pendingSize = 0;
    takeLine(line, 0, line.length, atMs);
  };

  const feed = (bytes: Buffer, from: number, end: number, atMs: number): boolean => {
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
    if (start < end) {
      pending.push(Buffer.from(bytes.subarray(start, end)));
      pendingSize += end - start + LINE_COST;
    }
    return keptSize + pendingSize <= MOST_EVENT_BYTES;
  };

  return {
    feed,
    end: () => pending.length > 0 || kept.length > 0,
    strayLines: () => ({ count: stray, first: firstStray }),
  };
};
