// Space that every job holds from its beginning, so that who takes it and how it ended can be written on a full disk too.
import { randomBytes } from 'node:crypto';
import { rmSync, statSync, truncateSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { Fault } from '../text/fault.ts';
import type { JobFiles } from './job-folder.ts';

const RESERVE_BYTES = 64 * 1024;
/** Below this there is nothing left to give up. */
const BLOCK_BYTES = 4096;

/** Random bytes, as some file systems store no zeros. */
export const makeReserve = (path: string): Promise<void> => writeFile(path, randomBytes(RESERVE_BYTES));

/** Halves the reserve: false when it is used up. */
const giveUpHalf = ({ reserve }: JobFiles): boolean => {
  try {
    const { size } = statSync(reserve);
    if (size < BLOCK_BYTES) return false;
    truncateSync(reserve, Math.floor(size / 2));
    return true;
  } catch {
    return false;
  }
};

/** Writes something small that must not be lost; on a full disk in the place of the reserve. */
export const withReserve = async <T>(files: JobFiles, write: () => Promise<T>): Promise<T> => {
  try {
    return await write();
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'disk_full' || !giveUpHalf(files)) throw error;
    return withReserve(files, write);
  }
};

/** For a job that has ended. */
export const dropReserve = ({ reserve }: JobFiles): void => {
  try {
    rmSync(reserve, { force: true });
  } catch {
    // a few blocks stay in use
  }
};
