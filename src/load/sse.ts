// Reads a server-sent event stream (WHATWG HTML, 9.2) from byte chunks as they arrive, and hands out the data of each event
// with the time of the chunk that completed it. Never depends on where the chunks were cut, never keeps more than one line.

export interface SseParser {
  /** Takes the next bytes; `atMs` is the monotonic time at which they came off the socket. */
  readonly feed: (bytes: Uint8Array, atMs: number) => void;
  /** The stream is over: true when it stopped inside an event, whose part is dropped as the standard says. */
  readonly end: () => boolean;
  /** Lines that are neither field nor comment: a sign that the body is no event stream. */
  readonly strayLines: () => number;
}

const LF = 10;
const CR = 13;
const COLON = 58;
const SPACE = 32;
const DATA = Buffer.from('data');
const OTHER_FIELDS = ['event', 'id', 'retry'];
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

const fieldEnd = (line: Buffer): number => {
  const colon = line.indexOf(COLON);
  return colon < 0 ? line.length : colon;
};

const isData = (line: Buffer, end: number): boolean =>
  end === DATA.length && line[0] === DATA[0] && line[1] === DATA[1] && line[2] === DATA[2] && line[3] === DATA[3];

/** `onEvent` gets the data lines of one event joined by newlines. Events without data are not handed out. */
export const createSseParser = (onEvent: (data: string, atMs: number) => void): SseParser => {
  let pending: Buffer | null = null;
  let data: string | null = null;
  let endedInCr = false;
  let atStart = true;
  let stray = 0;

  const takeField = (line: Buffer): void => {
    const end = fieldEnd(line);
    if (isData(line, end)) {
      const value = line.toString('utf8', line[end + 1] === SPACE ? end + 2 : end + 1);
      data = data === null ? value : `${data}\n${value}`;
    } else if (end > 0 && !OTHER_FIELDS.includes(line.toString('latin1', 0, end))) stray += 1;
  };

  const takeLine = (line: Buffer, atMs: number): void => {
    const marked = atStart && line.length >= 3 && line.subarray(0, 3).equals(BYTE_ORDER_MARK);
    atStart = false;
    if (line.length > 0) return takeField(marked ? line.subarray(3) : line);
    if (data !== null) onEvent(data, atMs);
    data = null;
  };

  const feed = (bytes: Uint8Array, atMs: number): void => {
    const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let start = 0;
    for (let i = 0; i < chunk.length; i += 1) {
      const byte = chunk[i];
      if (byte !== LF && byte !== CR) continue;
      const secondOfPair = byte === LF && (i === 0 ? endedInCr : chunk[i - 1] === CR);
      if (!secondOfPair) {
        const part = chunk.subarray(start, i);
        takeLine(pending === null ? part : Buffer.concat([pending, part]), atMs);
        pending = null;
      }
      start = i + 1;
    }
    if (chunk.length > 0) endedInCr = chunk[chunk.length - 1] === CR;
    if (start === chunk.length) return;
    const rest = chunk.subarray(start);
    pending = Buffer.concat(pending === null ? [rest] : [pending, rest]);
  };

  return { feed, end: () => pending !== null || data !== null, strayLines: () => stray };
};
