// The files of an entry and their one digest, which the chain holds. Never trusts a name that it did not make.
import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { folderDigest, hashFolder, type FolderFile } from '../fs/folder-hash.ts';
import { onFile } from '../fs/io-fault.ts';
import { inputFault } from '../text/fault.ts';
import { BASELINE_FILE, SNAPSHOT } from './layout.ts';

/** Digest over every file of an entry: the folder hash `folder-v2` of the entry's folder. */
export const entryDigest = (files: readonly FolderFile[]): string => folderDigest(files);

export interface EntryFiles {
  readonly files: readonly FolderFile[];
  /** Text of `baseline.json`, of the very bytes that were hashed; null where the entry has none. */
  readonly manifest: string | null;
}

/** Reads every file of the entry at `folder`, once. */
export const readEntryFiles = async (folder: string): Promise<EntryFiles> => {
  const blocks: Buffer[] = [];
  const keep = (block: Buffer): void => void blocks.push(Buffer.from(block));
  const files = await hashFolder(folder, (path) => (path === BASELINE_FILE ? keep : undefined));
  const isThere = files.some(({ path }) => path === BASELINE_FILE);
  return { files, manifest: isThere ? Buffer.concat(blocks).toString('utf8') : null };
};

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
