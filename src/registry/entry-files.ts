// The files of an entry and their one digest, which the chain holds. Never trusts a name that it did not make.
import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { folderDigest, hashFolder, type FolderFile } from '../fs/folder-hash.ts';
import { onFile } from '../fs/io-fault.ts';
import { inputFault } from '../text/fault.ts';
import { SNAPSHOT } from './layout.ts';

/** Digest over every file of an entry: the folder hash `folder-v2` of the entry's folder. */
export const entryDigest = (files: readonly FolderFile[]): string => folderDigest(files);

/** Reads every file of the entry at `folder`. */
export const readEntryFiles = (folder: string): Promise<FolderFile[]> => hashFolder(folder);

/** The digest that a file with this text has. */
export const textFile = (path: string, text: string): FolderFile => {
  const bytes = Buffer.from(text);
  return { path, sha256: createHash('sha256').update(bytes).digest('hex'), bytes: bytes.length };
};

export interface StoredSnapshot {
  readonly path: string;
  /** Name inside the entry. */
  readonly name: string;
  readonly kind: 'file' | 'folder';
}

/** The snapshot of the entry at `folder`. Throws a Fault `snapshot_missing` or `snapshot_ambiguous`. */
export const findSnapshot = async (folder: string): Promise<StoredSnapshot> => {
  const entries = await onFile(folder, async () => readdirSync(folder, { withFileTypes: true }));
  const found = entries.filter(({ name }) => name === SNAPSHOT || name.startsWith(`${SNAPSHOT}.`));
  const [first, second] = found.sort((a, b) => (a.name < b.name ? -1 : 1));
  if (first === undefined)
    throw inputFault('snapshot_missing', `${folder} holds no ${SNAPSHOT}`, { path: folder, fix: 'restore the entry' });
  if (second !== undefined)
    throw inputFault('snapshot_ambiguous', `${folder} holds both ${first.name} and ${second.name}`, {
      path: folder,
      fix: 'restore the entry as it was recorded',
    });
  return { path: join(folder, first.name), name: first.name, kind: first.isDirectory() ? 'folder' : 'file' };
};
