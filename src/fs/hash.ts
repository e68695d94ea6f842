// Content hashes of files, and copies whose hash comes from the very bytes that were copied. Never links a copy to its
// source and never holds more than two blocks of a file in memory.
import { createHash } from 'node:crypto';
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  futimesSync,
  openSync,
  read,
  readSync,
  rmSync,
  write,
} from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { Fault } from '../text/fault.ts';
import { withOpen, writeAll } from './durable.ts';
import { onFile } from './io-fault.ts';
import { withRegularFile, type RegularFile } from './regular-file.ts';

export interface FileDigest {
  /** 64 hex digits. */
  readonly sha256: string;
  readonly bytes: number;
}

export interface ReadOptions {
  readonly signal?: AbortSignal | undefined;
  /** Sees every block in order; what it throws ends the reading. The block is reused afterwards. */
  readonly onBlock?: ((block: Buffer) => void) | undefined;
}

export interface CopyOptions extends ReadOptions {
  /** Permission bits of the copy, default 644. */
  readonly mode?: number;
}

const BLOCK = 1024 * 1024;
/** Below this size a copy costs less than the question whether the file system can clone. */
const WORTH_CLONING = 4 * BLOCK;

const readBlock = promisify(read);
const writeBlock = promisify(write);

const checkAborted = ({ path }: RegularFile, { signal }: ReadOptions): void => {
  if (signal?.aborted === true)
    throw new Fault('interrupted', 'interrupted', `interrupted while reading ${path}`, { path });
};

/** A file of one block at most costs less to read than to wait for. */
const isSmall = ({ status }: RegularFile): boolean => status.size <= BLOCK;

/** One pass over a small file, without waiting. */
const readAtOnce = (file: RegularFile, options: ReadOptions, keep: (block: Buffer) => void): FileDigest => {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(file.status.size + 1);
  let bytes = 0;
  for (;;) {
    const block = buffer.subarray(0, readSync(file.descriptor, buffer, 0, buffer.length, null));
    if (block.length === 0) break;
    checkAborted(file, options);
    bytes += block.length;
    hash.update(block);
    options.onBlock?.(block);
    keep(block);
    if (bytes === file.status.size && block.length < buffer.length) break; // it asked for more and there was none
  }
  return { sha256: hash.digest('hex'), bytes };
};

/** One pass over a file: reads a block ahead while the one before is hashed, shown and written. */
const readThrough = async (
  file: RegularFile,
  options: ReadOptions,
  keep: (block: Buffer) => Promise<void>,
): Promise<FileDigest> => {
  const hash = createHash('sha256');
  const buffers = [Buffer.allocUnsafe(BLOCK), Buffer.allocUnsafe(BLOCK)] as const;
  let bytes = 0;
  const readNext = async (turn: number): Promise<Buffer> => {
    const buffer = buffers[turn === 0 ? 0 : 1];
    return buffer.subarray(0, (await readBlock(file.descriptor, buffer, 0, BLOCK, null)).bytesRead);
  };
  const take = async (block: Buffer): Promise<void> => {
    hash.update(block);
    options.onBlock?.(block);
  };
  let block = await readNext(0);
  for (let turn = 1; block.length > 0; turn = 1 - turn) {
    checkAborted(file, options);
    bytes += block.length;
    const [next] = await Promise.all([readNext(turn), keep(block), take(block)]);
    block = next;
  }
  return { sha256: hash.digest('hex'), bytes };
};

/** sha256 and size of a file, read once. */
export const hashFile = (path: string, options: ReadOptions = {}): Promise<FileDigest> =>
  onFile(path, () =>
    withRegularFile(path, async (file) =>
      isSmall(file) ? readAtOnce(file, options, () => undefined) : readThrough(file, options, async () => undefined),
    ),
  );

/** A copy-on-write clone where the file system can make one (Btrfs, XFS, APFS). */
const cloned = async (source: string, target: string): Promise<boolean> => {
  try {
    await copyFile(source, target, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE_FORCE);
    return true;
  } catch {
    return false;
  }
};

const unchanged = ({ path, descriptor, status }: RegularFile, { bytes }: FileDigest): void => {
  const after = fstatSync(descriptor);
  if (after.size === bytes && after.mtimeMs === status.mtimeMs) return;
  throw new Fault('input', 'source_changed', `${path} changed while it was read`, {
    path,
    fix: 'wait until its writer is done',
  });
};

/** Gives a copy its mode, and the time of change of its source. */
const dress = (copy: number, { status }: RegularFile, { mode = 0o644 }: CopyOptions): void => {
  fchmodSync(copy, mode);
  futimesSync(copy, status.atime, status.mtime);
};

const streamed = async (source: RegularFile, target: string, options: CopyOptions): Promise<FileDigest> => {
  const copy = openSync(target, 'wx');
  try {
    const digest = isSmall(source)
      ? readAtOnce(source, options, (block) => writeAll(copy, block))
      : await readThrough(source, options, async (block) => {
          for (let done = 0; done < block.length;) done += (await writeBlock(copy, block, done)).bytesWritten;
        });
    unchanged(source, digest);
    dress(copy, source, options);
    return digest;
  } finally {
    closeSync(copy);
  }
};

/**
 * Copies a file to a name that must not exist and returns the hash of the bytes that the copy holds: the source is read
 * once, or cloned and the clone is read. The time of change is kept. Throws a Fault `source_changed` when the file was
 * written to meanwhile, `not_a_file`, or one of `ioFault`. A copy that failed is removed.
 */
export const copyHashed = (path: string, target: string, options: CopyOptions = {}) =>
  onFile(path, () =>
    withRegularFile(path, async (source): Promise<FileDigest> => {
      try {
        const clone = source.status.size >= WORTH_CLONING && (await cloned(path, target));
        if (!clone) return await streamed(source, target, options);
        const digest = await hashFile(target, options);
        await withOpen(target, 'r', (descriptor) => dress(descriptor, source, options));
        return digest;
      } catch (error) {
        rmSync(target, { force: true });
        throw error;
      }
    }),
  );
