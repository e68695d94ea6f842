// Lets a recorded entry stand where a new result is named, so that two entries can be compared: its snapshot for a file or folder,
// its numbers for a scalar. Reads entries only; changes nothing.
import { exists } from '../fs/exists.ts';
import type { VerbContext } from '../verb/context.ts';
import { findSnapshot } from './entry-files.ts';
import { registryFolder, BASELINE_FILE } from './layout.ts';
import { join } from 'node:path';
import { resolveAddress } from './address.ts';
import { readEntry } from './read-entry.ts';

export interface NamedResults {
  readonly paths: readonly string[];
  /** The numbers of scalar entries; absent where none was named. */
  readonly values?: readonly number[];
}

/** `family/measurement@name`: what no file is called that is not there. */
const ADDRESS = /^[^/@\s]+\/[^/@\s]+@[^/@\s]+$/;

/** The folder of the entry that a text names; undefined for the path of a result. Throws the Faults of `resolveAddress`. */
const entryNamed = (text: string, { root, path }: VerbContext): Promise<string> | undefined => {
  const there = path(text);
  if (exists(there)) return exists(join(there, BASELINE_FILE)) ? Promise.resolve(there) : undefined;
  return ADDRESS.test(text) ? resolveAddress(registryFolder(root), text, root) : undefined;
};

/** Absolute paths of the results that `texts` name, and the numbers of entries among them. */
export const namedResults = async (texts: readonly string[], context: VerbContext): Promise<NamedResults> => {
  const paths: string[] = [];
  const values: number[] = [];
  for (const text of texts) {
    const folder = await entryNamed(text, context);
    if (folder === undefined) paths.push(context.path(text));
    else {
      const { baseline } = await readEntry(folder);
      if (typeof baseline.value === 'number') values.push(...(baseline.values ?? [baseline.value]));
      else paths.push((await findSnapshot(folder)).path);
    }
  }
  return { paths, ...(values.length === 0 ? {} : { values }) };
};
