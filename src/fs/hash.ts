// Content hashes of files, and copies whose hash comes from the very bytes that were copied. Never links a copy to its
// source and never holds more than two blocks of a file in memory.
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { chmod, copyFile, open, rm, type FileHandle } from 'node:fs/promises';
import { Fault } from '../text/fault.ts';
import { onFile } from './io-fault.ts';

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

const BLOCK = 1024 * 1024;
/** Below this size a copy costs less than the question whether the file system can clone. */
const WORTH_CLONING = 4 * BLOCK;

const notInterrupted = (signal: AbortSignal | undefined, path: string): void => {
  if (signal?.aborted === true)
    throw new Fault('interrupted', 'interrupted', `interrupted while reading ${path}`, { path });
};

/** One pass over an open file: reads a block ahead while the one before is hashed, shown and written. */
const readThrough = async (
  source: FileHandle,
  path: string,
  { signal, onBlock }: ReadOptions,
  write: (block: Buffer) => Promise<void>,
): Promise<FileDigest> => {
  const hash = createHash('sha256');
  const buffers = [Buffer.allocUnsafe(BLOCK), Buffer.allocUnsafe(BLOCK)] as const;
  let bytes = 0;
  const readNext = async (turn: number): Promise<Buffer> => {
    const buffer = buffers[turn === 0 ? 0 : 1];
    return buffer.subarray(0, (await source.read(buffer, 0, BLOCK, null)).bytesRead);
  };
  const take = async (block: Buffer): Promise<void> => {
    hash.update(block);
    onBlock?.(block);
  };
  let block = await readNext(0);
  for (let turn = 1; block.length > 0; turn = 1 - turn) {
    notInterrupted(signal, path);
    bytes += block.length;
    const [next] = await Promise.all([readNext(turn), write(block), take(block)]);
    block = next;
  }
  return { sha256: hash.digest('hex'), bytes };
};

const regularFile = async (handle: FileHandle, path: string) => {
  const status = await handle.stat();
  if (status.isFile()) return status;
  throw new Fault('input', 'not_a_regular_file', `${path} is not a regular file`, { path, fix: 'name a file' });
};

/** Opens a regular file; a pipe or device is refused without waiting for it. */
const openRegular = async (path: string): Promise<FileHandle> => {
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    await regularFile(handle, path);
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
};

/** sha256 and size of a file, read once. */
export const hashFile = (path: string, options: ReadOptions = {}): Promise<FileDigest> =>
  onFile(path, async () => {
    const source = await openRegular(path);
    try {
      return await readThrough(source, path, options, async () => undefined);
    } finally {
      await source.close();
    }
  });

/** A copy-on-write clone where the file system can make one (Btrfs, XFS, APFS). */
const cloned = async (source: string, target: string, mode: number): Promise<boolean> => {
  try {
    await copyFile(source, target, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE_FORCE);
  } catch {
    return false;
  }
  await chmod(target, mode);
  return true;
};

const streamed = async (source: FileHandle, path: string, target: string, mode: number, options: ReadOptions) => {
  const before = await regularFile(source, path);
  const copy = await open(target, 'wx', mode);
  try {
    const digest = await readThrough(source, path, options, async (block) => {
      for (let done = 0; done < block.length;) done += (await copy.write(block, done)).bytesWritten;
    });
    const after = await source.stat();
    if (after.size !== digest.bytes || after.mtimeMs !== before.mtimeMs)
      throw new Fault('input', 'source_changed', `${path} changed while it was read`, {
        path,
        fix: 'wait until its writer is done',
      });
    await copy.utimes(before.atime, before.mtime);
    return digest;
  } finally {
    await copy.close();
  }
};

/**
 * Copies a file to a name that must not exist and returns the hash of the bytes that the copy holds: the source is read
 * once, or cloned and the clone is read. The time of change is kept. Throws a Fault `source_changed` when the file was
 * written to meanwhile, `not_a_regular_file`, or one of `ioFault`. A copy that failed is removed.
 */
export const copyHashed = (path: string, target: string, options: ReadOptions & { mode?: number } = {}) =>
  onFile(path, async (): Promise<FileDigest> => {
    const mode = options.mode ?? 0o644;
    const source = await openRegular(path);
    try {
      const { size } = await source.stat();
      if (size >= WORTH_CLONING && (await cloned(path, target, mode))) return await hashFile(target, options);
      return await streamed(source, path, target, mode, options);
    } catch (error) {
      await rm(target, { force: true });
      throw error;
    } finally {
      await source.close();
    }
  });
