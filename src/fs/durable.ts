// Small file operations as the product does them: names and small contents synchronously, because a trip through the thread
// pool costs more than the operation; only flushing to the disk is waited for. Never used for content of unknown size.
import { closeSync, fsync, openSync, writeSync } from 'node:fs';
import { promisify } from 'node:util';

const flush = promisify(fsync);

/** Opens a file, hands its descriptor to `use`, and closes it whatever happens. */
export const withOpen = async <T>(
  path: string,
  flags: string | number,
  use: (descriptor: number) => Promise<T> | T,
  mode?: number,
): Promise<T> => {
  const descriptor = openSync(path, flags, mode);
  try {
    return await use(descriptor);
  } finally {
    closeSync(descriptor);
  }
};

/** Waits until what was written to a file has reached the disk (fsync). */
export const flushDescriptor = (descriptor: number): Promise<void> => flush(descriptor);

/** Flushes a file, or a folder's list of names, to the disk. */
export const syncPath = (path: string): Promise<void> => withOpen(path, 'r', flushDescriptor);

/** Writes all of `data`, however many calls that takes. */
export const writeAll = (descriptor: number, data: Uint8Array): void => {
  for (let done = 0; done < data.length;) done += writeSync(descriptor, data, done);
};
