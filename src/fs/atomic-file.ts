// Writes single files whole or not at all: readers see the old content, the new content, or no file; never a part.
import { link, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Fault, systemCode } from '../text/fault.ts';
import { syncPath } from './durable.ts';
import { ioFault } from './io-fault.ts';
import { ownedName } from './process-owner.ts';

export type FileData = string | Uint8Array;

/** Permission bits of a file that nobody is to change. */
export const READ_ONLY = 0o444;

/** Writes a file that must not exist yet. With `sync` it has reached the disk when the promise resolves. */
export const writeNew = async (path: string, data: FileData, mode = 0o644, sync = false): Promise<void> => {
  const handle = await open(path, 'wx', mode);
  try {
    await handle.writeFile(data);
    if (sync) await handle.sync();
  } finally {
    await handle.close();
  }
};

const throughTemporary = async (path: string, data: FileData, mode: number, place: (from: string) => Promise<void>) => {
  const temporary = join(dirname(path), `.${ownedName()}.tmp`);
  try {
    await writeNew(temporary, data, mode, true);
    await place(temporary);
    await syncPath(dirname(path));
  } catch (error) {
    throw ioFault(error, path);
  } finally {
    await rm(temporary, { force: true });
  }
};

/** Creates `path` with its whole content. Throws a Fault `already_exists` when the name is taken; nothing is changed then. */
export const createFile = async (path: string, data: FileData, mode = 0o644): Promise<void> =>
  throughTemporary(path, data, mode, async (temporary) => {
    try {
      await link(temporary, path);
    } catch (error) {
      if (systemCode(error) !== 'EEXIST') throw error;
      throw new Fault('refused', 'already_exists', `${path} exists and is not overwritten`, {
        path,
        fix: 'choose another name',
        cause: error,
      });
    }
  });

/** Puts new content in the place of `path`, whether or not it exists. Readers see the old or the new content. */
export const replaceFile = async (path: string, data: FileData, mode = 0o644): Promise<void> =>
  throughTemporary(path, data, mode, (temporary) => rename(temporary, path));
