// Lists the entries that a measurement's folder holds. Names only; whether an entry is whole is for others to say.
import { readdir } from 'node:fs/promises';
import { ioFault } from '../fs/io-fault.ts';
import { systemCode } from '../text/fault.ts';
import { compareSlugs, isSlug } from './slug.ts';

/** Names of the entries in `folder`, oldest first; none when it is absent. */
export const slugsOf = async (folder: string): Promise<string[]> => {
  try {
    return (await readdir(folder)).filter(isSlug).sort(compareSlugs);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw ioFault(error, folder);
  }
};
