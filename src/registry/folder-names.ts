// Lists the names in a folder of the registry. Names only; whether an entry is whole is for others to say.
import { readdirSync } from 'node:fs';
import { ioFault } from '../fs/io-fault.ts';
import { isSafeSegment } from '../fs/safe-path.ts';
import { systemCode } from '../text/fault.ts';
import { compareSlugs, isSlug } from './slug.ts';

/** Names of the folders in `path` that may be families or measurements, sorted; none when it is absent. */
export const foldersIn = async (path: string): Promise<string[]> => {
  try {
    const entries = readdirSync(path, { withFileTypes: true });
    return entries.flatMap((entry) => (entry.isDirectory() && isSafeSegment(entry.name) ? entry.name : [])).sort();
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw ioFault(error, path);
  }
};

/** Names of the entries in `folder`, oldest first; none when it is absent. */
export const slugsOf = async (folder: string): Promise<string[]> => {
  try {
    return readdirSync(folder).filter(isSlug).sort(compareSlugs);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw ioFault(error, folder);
  }
};
