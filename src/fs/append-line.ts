// Files that only grow by whole lines. One write call per line; a line that a crash tore is dropped before the next one.
import { constants } from 'node:fs';
import { open, truncate, type FileHandle } from 'node:fs/promises';
import { Fault, systemCode } from '../text/fault.ts';
import { ioFault } from './io-fault.ts';

const NEWLINE = 10;
const FIRST_BLOCK = 4 * 1024;
const BLOCK = 64 * 1024;

const openForReading = async (path: string): Promise<FileHandle | undefined> => {
  try {
    return await open(path, 'r');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw ioFault(error, path);
  }
};

const readAt = async (handle: FileHandle, start: number, length: number): Promise<Buffer> => {
  const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(length), 0, length, start);
  return buffer.subarray(0, bytesRead);
};

/**
 * The complete lines of a file from the last to the first, without their newlines; nothing when the file is absent. An
 * unfinished last line is left out. Reads only as far back as the caller goes.
 */
export async function* linesBackward(path: string): AsyncGenerator<string> {
  const handle = await openForReading(path);
  if (handle === undefined) return;
  try {
    let start = (await handle.stat()).size;
    let held = Buffer.alloc(0);
    let terminated = false;
    for (let length = FIRST_BLOCK; start > 0; length = BLOCK) {
      const from = Math.max(0, start - length);
      held = Buffer.concat([await readAt(handle, from, start - from), held]);
      start = from;
      for (let end = held.lastIndexOf(NEWLINE); end >= 0; end = held.lastIndexOf(NEWLINE)) {
        if (terminated) yield held.toString('utf8', end + 1);
        terminated = true;
        held = held.subarray(0, end);
      }
    }
    if (terminated) yield held.toString('utf8');
  } finally {
    await handle.close();
  }
}

/** The last complete line, or undefined when there is none. */
export const lastLine = async (path: string): Promise<string | undefined> => {
  for await (const line of linesBackward(path)) return line;
  return undefined;
};

/**
 * Drops an unfinished last line, as a crash in the middle of a write leaves one, and returns its text; null when the file
 * is absent or ends in a newline. Only for a caller that holds the lock of the file's writers.
 */
export const mendTornTail = async (path: string): Promise<string | null> => {
  const handle = await openForReading(path);
  if (handle === undefined) return null;
  try {
    const { size } = await handle.stat();
    if (size === 0 || (await readAt(handle, size - 1, 1))[0] === NEWLINE) return null;
    let keep = size;
    let torn = Buffer.alloc(0);
    while (keep > 0) {
      const from = Math.max(0, keep - BLOCK);
      const block = await readAt(handle, from, keep - from);
      const newline = block.lastIndexOf(NEWLINE);
      torn = Buffer.concat([block.subarray(newline + 1), torn]);
      keep = from + newline + 1;
      if (newline >= 0) break;
    }
    await truncate(path, keep);
    return torn.toString('utf8');
  } finally {
    await handle.close();
  }
};

const writeWhole = async (handle: FileHandle, line: Buffer, path: string, sync: boolean): Promise<void> => {
  const { size } = await handle.stat();
  try {
    const { bytesWritten } = await handle.write(line, 0, line.length);
    if (bytesWritten !== line.length)
      throw new Fault('input', 'disk_full', `${path} does not fit: the disk is full`, { path, fix: 'free some space' });
    if (sync) await handle.sync();
  } catch (error) {
    await handle.truncate(size).catch(() => undefined);
    throw error;
  }
};

/**
 * Appends text that ends in a newline, in one write to the end of the file (created when absent); a part that was written
 * before a failure is taken back. With `sync` the text has reached the disk when the promise resolves. Writers of one file
 * must take turns under one lock.
 */
export const appendLine = async (path: string, line: string, options: { sync?: boolean } = {}): Promise<void> => {
  if (!line.endsWith('\n')) throw new Fault('internal', 'line_without_end', `${path}: the line has no newline`);
  try {
    const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT;
    const handle = await open(path, flags, 0o644);
    try {
      await writeWhole(handle, Buffer.from(line), path, options.sync === true);
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw ioFault(error, path);
  }
};
