// Makes written data survive a power cut. Never writes anything itself.
import { open } from 'node:fs/promises';

/** Flushes a file, or a folder's list of names, to the disk (fsync). */
export const syncPath = async (path: string): Promise<void> => {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};
