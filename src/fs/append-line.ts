// Files that only grow by whole lines. One write call per line; a line that a crash tore is dropped before the next one.
import { closeSync, constants, fstatSync, ftruncateSync, openSync, readSync, truncateSync, writeSync } from 'node:fs';
import { Fault, systemCode } from '../text/fault.ts';
import { flushDescriptor, withOpen } from './durable.ts';
import { ioFault } from './io-fault.ts';

const NEWLINE = 10;
const FIRST_BLOCK = 4 * 1024;
const BLOCK = 64 * 1024;

const openForReading = (path: string): number | undefined => {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw ioFault(error, path);
  }
};

const readAt = (descriptor: number, start: number, length: number): Buffer => {
  const buffer = Buffer.allocUnsafe(length);
  return buffer.subarray(0, readSync(descriptor, buffer, 0, length, start));
};

/** Pieces between newlines from the last to the first; the first one given is what follows the last newline. */
function* piecesBackward(descriptor: number): Generator<Buffer> {
  let start = fstatSync(descriptor).size;
  let held = Buffer.alloc(0);
  for (let length = FIRST_BLOCK; start > 0; length = BLOCK) {
    const from = Math.max(0, start - length);
    held = Buffer.concat([readAt(descriptor, from, start - from), held]);
    start = from;
    for (let end = held.lastIndexOf(NEWLINE); end >= 0; end = held.lastIndexOf(NEWLINE)) {
      yield held.subarray(end + 1);
      held = held.subarray(0, end);
    }
  }
  yield held;
}

/**
 * The complete lines of a file from the last to the first, without their newlines; nothing when the file is absent. An
 * unfinished last line is left out. Reads only as far back as the caller goes.
 */
export function* linesBackward(path: string): Generator<string> {
  const descriptor = openForReading(path);
  if (descriptor === undefined) return;
  try {
    const pieces = piecesBackward(descriptor);
    pieces.next();
    for (const piece of pieces) yield piece.toString('utf8');
  } finally {
    closeSync(descriptor);
  }
}

/**
 * The complete lines that hold `text` (no newline in it) from the last to the first, as `linesBackward`; all others cost no more
 * than reading their bytes.
 */
export function* linesHolding(path: string, text: string): Generator<string> {
  const descriptor = openForReading(path);
  if (descriptor === undefined) return;
  try {
    let start = fstatSync(descriptor).size;
    let held = Buffer.alloc(0);
    let isTail = true;
    for (let length = FIRST_BLOCK; start > 0; length = BLOCK) {
      const from = Math.max(0, start - length);
      held = Buffer.concat([readAt(descriptor, from, start - from), held]);
      start = from;
      if (isTail) {
        const end = held.lastIndexOf(NEWLINE);
        if (end < 0) continue;
        held = held.subarray(0, end);
        isTail = false;
      }
      const first = start === 0 ? 0 : held.indexOf(NEWLINE) + 1;
      if (start > 0 && first === 0) continue; // all of it belongs to one line that began before
      yield* holding(held, first, text);
      held = held.subarray(0, Math.max(0, first - 1));
    }
  } finally {
    closeSync(descriptor);
  }
}

/** The lines of a block from `first` on that hold a text, from the last to the first. */
function* holding(block: Buffer, first: number, text: string): Generator<string> {
  let end = block.length;
  for (;;) {
    const at = block.subarray(0, end).lastIndexOf(text);
    if (at < first) return;
    const begin = block.lastIndexOf(NEWLINE, at) + 1;
    const after = block.indexOf(NEWLINE, at);
    yield block.toString('utf8', begin, after < 0 ? block.length : after);
    end = Math.max(0, begin - 1);
  }
}

/** The last complete line, or undefined when there is none. */
export const lastLine = (path: string): string | undefined => {
  for (const line of linesBackward(path)) return line;
  return undefined;
};

/**
 * Drops an unfinished last line, as a crash in the middle of a write leaves one, and returns its text; null when the file
 * is absent or ends in a newline. Only for a caller that holds the lock of the file's writers.
 */
export const fixTornTail = (path: string): string | null => {
  const descriptor = openForReading(path);
  if (descriptor === undefined) return null;
  try {
    const torn: Buffer = piecesBackward(descriptor).next().value;
    if (torn.length === 0) return null;
    truncateSync(path, fstatSync(descriptor).size - torn.length);
    return torn.toString('utf8');
  } catch (error) {
    throw ioFault(error, path);
  } finally {
    closeSync(descriptor);
  }
};

/** Takes a part of a line back. Where even that fails, the next writer drops the torn line. */
const rollBack = (descriptor: number, size: number): void => {
  try {
    ftruncateSync(descriptor, size);
  } catch {
    return;
  }
};

const writeWhole = async (descriptor: number, line: Buffer, path: string, sync: boolean): Promise<void> => {
  const { size } = fstatSync(descriptor);
  try {
    if (writeSync(descriptor, line) !== line.length)
      throw new Fault('input', 'disk_full', `${path} does not fit: the disk is full`, { path, fix: 'free some space' });
    if (sync) await flushDescriptor(descriptor);
  } catch (error) {
    rollBack(descriptor, size);
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
  const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT;
  try {
    const sync = options.sync === true;
    await withOpen(path, flags, (descriptor) => writeWhole(descriptor, Buffer.from(line), path, sync), 0o644);
  } catch (error) {
    throw ioFault(error, path);
  }
};
