// Opens what must be a regular file. A pipe without a writer would hold the whole process up, a device would never end.
import { constants, fstatSync, type Stats } from 'node:fs';
import { inputFault, type Fault } from '../text/fault.ts';
import { withOpen } from './durable.ts';

/** A regular file, opened for reading. */
export interface RegularFile {
  readonly path: string;
  readonly descriptor: number;
  readonly status: Stats;
}

/** The Fault for a folder, a pipe or a device. */
export const notAFile = (path: string, status: Stats): Fault =>
  inputFault('not_a_file', `${path} is ${status.isDirectory() ? 'a folder, not a file' : 'not a regular file'}`, {
    path,
    fix: 'name a file',
  });

/**
 * Opens a regular file for `use` and closes it whatever happens. Throws a Fault `not_a_file` for a folder, a pipe or a
 * device, without waiting for it; else the system's error.
 */
export const withRegularFile = <T>(path: string, use: (file: RegularFile) => Promise<T> | T): Promise<T> =>
  withOpen(path, constants.O_RDONLY | constants.O_NONBLOCK, (descriptor) => {
    const status = fstatSync(descriptor);
    if (status.isFile()) return use({ path, descriptor, status });
    throw notAFile(path, status);
  });
