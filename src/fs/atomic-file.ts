// Writes single files whole or not at all: readers see the old content, the new content, or no file; never a part.
import { linkSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Fault, systemCode } from '../text/fault.ts';
import { flushDescriptor, syncPath, withOpen, writeAll } from './durable.ts';
import { ioFault } from './io-fault.ts';
import { ownedName } from './process-owner.ts';

export type FileData = string | Uint8Array;

/** Permission bits of a file that nobody is to change. */
export const READ_ONLY = 0o444;

/** Writes a file that must not exist yet. With `sync` it has reached the disk when the promise resolves. */
export const writeNew = (path: string, data: FileData, mode = 0o644, sync = false): Promise<void> =>
  withOpen(
    path,
    'wx',
    async (descriptor) => {
      writeAll(descriptor, typeof data === 'string' ? Buffer.from(data) : data);
      if (sync) await flushDescriptor(descriptor);
    },
    mode,
  );

/** A hidden file beside `path` with the content; `place` gives it its name. */
const throughTemporary = async (path: string, data: FileData, place: (from: string) => void, sync = true) => {
  const temporary = join(dirname(path), `.${ownedName()}.tmp`);
  try {
    await writeNew(temporary, data, 0o644, sync);
    place(temporary);
    if (sync) await syncPath(dirname(path));
  } catch (error) {
    throw ioFault(error, path);
  } finally {
    rmSync(temporary, { force: true });
  }
};

/** Creates `path` with its whole content. Throws a Fault `already_exists` when the name is taken; nothing is changed then. */
export const createFile = (path: string, data: FileData): Promise<void> =>
  throughTemporary(path, data, (temporary) => {
    try {
      linkSync(temporary, path);
    } catch (error) {
      if (systemCode(error) !== 'EEXIST') throw error;
      throw new Fault('refused', 'already_exists', `${path} exists and is not overwritten`, {
        path,
        fix: 'choose another name',
        cause: error,
      });
    }
  });

/**
 * Puts new content in the place of `path`, whether or not it exists. Readers see the old or the new content. Without
 * `sync` the content may be lost in a power cut: only for what can be derived again.
 */
export const replaceFile = (path: string, data: FileData, { sync = true }: { sync?: boolean } = {}): Promise<void> =>
  throughTemporary(path, data, (temporary) => renameSync(temporary, path), sync);
