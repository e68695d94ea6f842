// Stands between stdin and the protocol: passes whole lines on, and reports a line that is too long instead of ending the
// connection. Does not pass the end of the input on, which whoever serves decides about. Never keeps more than one line.
import { Transform } from 'node:stream';

/** Below the limit at which the protocol's own buffer gives up (10 MiB). */
export const LONGEST_LINE = 8 * 1024 * 1024;

const NEWLINE = 10;
/** Of a line that is too long, so many bytes of its ends are kept to find its id. */
const END_BYTES = 4096;

export type RequestId = string | number;

const ID = '"id"\\s*:\\s*(-?\\d+|"(?:[^"\\\\]|\\\\.)*")';

/** The id of a request, from the first and last bytes of its line: before its parameters, or as its last member. */
export const idOf = (head: string, tail: string): RequestId | null => {
  const [before = ''] = head.split('"params"');
  const found = new RegExp(ID).exec(before)?.[1] ?? new RegExp(`${ID}\\s*}\\s*$`).exec(tail)?.[1];
  return found === undefined ? null : (JSON.parse(found) as RequestId); // checked boundary: the pattern is a number or a text
};

export interface LineGuardOptions {
  readonly limit?: number;
  /** A line of more than `limit` bytes was thrown away. */
  readonly onTooLong: (id: RequestId | null, bytes: number) => void;
  /** The input has ended, and its last line was passed on. */
  readonly onEnd: () => void;
}

interface Line {
  parts: Buffer[];
  bytes: number;
  /** Last bytes of a line that is too long; undefined while it is not. */
  tail: Buffer | undefined;
}

const emptyLine = (): Line => ({ parts: [], bytes: 0, tail: undefined });

/** Adds a part; beyond the limit only both ends are kept. */
const extend = (line: Line, part: Buffer, limit: number): void => {
  line.bytes += part.length;
  if (line.bytes <= limit) {
    line.parts.push(part);
    return;
  }
  if (line.tail === undefined) line.parts = [Buffer.concat(line.parts).subarray(0, END_BYTES)];
  line.tail = Buffer.concat([line.tail ?? Buffer.alloc(0), part]).subarray(-END_BYTES);
};

/** A stream of whole lines of at most `limit` bytes. */
export const lineGuard = ({ limit = LONGEST_LINE, onTooLong, onEnd }: LineGuardOptions): Transform => {
  let line = emptyLine();
  const finish = (stream: Transform): void => {
    const { parts, bytes, tail } = line;
    line = emptyLine();
    if (tail === undefined) stream.push(Buffer.concat([...parts, Buffer.from('\n')]));
    else onTooLong(idOf(Buffer.concat(parts).toString('latin1'), tail.toString('latin1')), bytes);
  };
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (line.bytes === 0 && chunk.length <= limit && chunk.at(-1) === NEWLINE) return done(null, chunk);
      let from = 0;
      for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
        extend(line, chunk.subarray(from, end), limit);
        finish(this);
        from = end + 1;
      }
      if (from < chunk.length) extend(line, chunk.subarray(from), limit);
      done();
    },
    flush() {
      if (line.bytes > 0) finish(this);
      onEnd();
    },
  });
};
