// The lines of a text file of any size, a block of them at a time, in the memory of one block. Knows no format.
import { isAscii } from 'node:buffer';
import { open } from 'node:fs/promises';
import { onFile } from './io-fault.ts';

/** Bytes that are read at once. */
const BLOCK = 512 * 1024;
const NEWLINE = 10;

/** ASCII is taken over as it is, which is faster than decoding it. */
const linesOf = (bytes: Buffer): readonly string[] => bytes.toString(isAscii(bytes) ? 'latin1' : 'utf8').split('\n');

/** The whole lines of a file, without their ends. Throws the Faults of a file that cannot be read. */
export async function* lineBlocks(path: string): AsyncGenerator<readonly string[]> {
  const file = await onFile(path, () => open(path));
  try {
    let buffer = Buffer.allocUnsafe(BLOCK);
    let held = 0;
    for (;;) {
      const { bytesRead } = await onFile(path, () => file.read(buffer, held, buffer.length - held));
      if (bytesRead === 0) break;
      const filled = held + bytesRead;
      // What was held has no end of a line.
      const end = buffer.subarray(held, filled).lastIndexOf(NEWLINE);
      const rest = end < 0 ? 0 : held + end + 1;
      if (end >= 0) yield linesOf(buffer.subarray(0, rest - 1));
      buffer.copyWithin(0, rest, filled);
      held = filled - rest;
      if (held === buffer.length) buffer = Buffer.concat([buffer], 2 * held);
    }
    if (held > 0) yield linesOf(buffer.subarray(0, held));
  } finally {
    await file.close();
  }
}
