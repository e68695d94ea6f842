// Reads a pipe, such as the one that `<(command)` of a shell stands for. Waits for its writer without holding the process up, ends
// by the caller's signal, and never takes in more than the limit.
import { closeSync, constants, fstatSync, openSync, read, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Fault, inputFault, systemCode } from '../text/fault.ts';
import { onFile } from './io-fault.ts';
import { RESULT_BYTES } from './named-text.ts';
import { notAFile } from './regular-file.ts';

const readBlock = promisify(read);

const BLOCK_BYTES = 64 * 1024;
const LONGEST_PAUSE_MS = 32;

export interface PipeOptions {
  readonly signal: AbortSignal;
  /** Most bytes, default `RESULT_BYTES`. */
  readonly limit?: number;
}

/** True for a pipe, under whatever name. */
export const isPipe = (path: string): boolean => {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isFIFO() === true;
  } catch {
    return false; // whoever reads it says what is wrong
  }
};

/** Pipes of a shell have had their writer before this process began; one with a name may still wait for it. */
const hadWriter = (path: string): boolean => /^\/(?:dev\/(?:fd\/|stdin$)|proc\/[^/]+\/fd\/)/.test(path);

const stopped = (path: string, bytes: number, { reason }: AbortSignal): unknown =>
  reason instanceof Error && reason.name === 'TimeoutError'
    ? new Fault(
        'timeout',
        'time_limit',
        `${path} ${bytes === 0 ? 'brought nothing' : `had brought ${bytes} bytes and no end`} within the time limit`,
        { path, fix: 'see that its writer runs and ends, or raise time_limit_s' },
      )
    : reason;

/** The bytes of a pipe, block by block. Throws a Fault `time_limit`, `file_too_large` or `not_a_file`. */
async function* blocksOf(path: string, { signal, limit = RESULT_BYTES }: PipeOptions): AsyncGenerator<Buffer> {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const status = fstatSync(descriptor);
    if (!status.isFIFO()) throw notAFile(path, status);
    let isWritten = hadWriter(path);
    let bytes = 0;
    let waited = 1;
    for (;;) {
      if (signal.aborted) throw stopped(path, bytes, signal);
      const block = Buffer.allocUnsafe(BLOCK_BYTES);
      const { bytesRead } = await readBlock(descriptor, block, 0, block.length, null).catch((error: unknown) => {
        if (systemCode(error) !== 'EAGAIN') throw error;
        return { bytesRead: null };
      });
      if (bytesRead === 0 && isWritten) return;
      isWritten ||= bytesRead !== 0;
      if (bytesRead === 0 || bytesRead === null) {
        await pause(waited, undefined, { signal }).catch(() => undefined);
        waited = Math.min(2 * waited, LONGEST_PAUSE_MS);
        continue;
      }
      waited = 1;
      bytes += bytesRead;
      if (bytes > limit)
        throw inputFault('file_too_large', `${path} brings more than ${limit} bytes`, {
          path,
          fix: 'write it to a file first, and name that',
        });
      yield block.subarray(0, bytesRead);
    }
  } finally {
    closeSync(descriptor);
  }
}

/** The text that comes through a pipe. Throws as `blocksOf`, or one of `ioFault`. */
export const readPipe = (path: string, options: PipeOptions): Promise<string> =>
  onFile(path, async () => {
    const blocks: Buffer[] = [];
    for await (const block of blocksOf(path, options)) blocks.push(block);
    return Buffer.concat(blocks).toString('utf8');
  });

/** Writes what comes through a pipe into the new file `target`. Throws as `readPipe`. */
export const spoolPipe = (path: string, target: string, options: PipeOptions): Promise<void> =>
  onFile(path, async () => {
    const file = await open(target, 'wx', 0o600);
    try {
      for await (const block of blocksOf(path, options)) await file.writeFile(block);
    } finally {
      await file.close();
    }
  });
