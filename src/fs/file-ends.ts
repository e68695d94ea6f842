// The first and the last bytes of a file, to see what it is without reading it. A gzip file is unpacked as far as the first
// bytes go.
import { readSync } from 'node:fs';
import { constants, gunzipSync } from 'node:zlib';
import { withRegularFile } from './regular-file.ts';

const HEAD_BYTES = 64 * 1024;
const TAIL_BYTES = 256;
const GZIP_MAGIC = '\u001f\u008b';

export interface FileEnds {
  /** One character a byte; unpacked, or empty where the gzip stream is damaged. */
  readonly head: string;
  /** One character a byte, as stored. */
  readonly tail: string;
  readonly packed: boolean;
  readonly size: number;
}

const unpack = (bytes: Buffer): string => {
  try {
    return gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH }).toString('latin1');
  } catch {
    return '';
  }
};

/** Throws a Fault `not_a_file`, or the system's error where the file cannot be read. */
export const fileEnds = (path: string): Promise<FileEnds> =>
  withRegularFile(path, ({ descriptor, status: { size } }) => {
    const part = (position: number, length: number): Buffer => {
      const buffer = Buffer.alloc(length);
      return buffer.subarray(0, readSync(descriptor, buffer, 0, length, position));
    };
    const first = part(0, Math.min(size, HEAD_BYTES));
    const tail = part(Math.max(0, size - TAIL_BYTES), Math.min(size, TAIL_BYTES)).toString('latin1');
    const packed = first.toString('latin1', 0, 2) === GZIP_MAGIC;
    return { head: packed ? unpack(first) : first.toString('latin1'), tail, packed, size };
  });
