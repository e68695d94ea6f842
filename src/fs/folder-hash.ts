// The files below a folder, and one digest for all of them. Never follows a link out of the folder.
import { createHash } from 'node:crypto';
import { readdirSync, realpathSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';
import { Fault } from '../text/fault.ts';
import { mapBounded } from './bounded.ts';
import { hashFile, type FileDigest, type ReadOptions } from './hash.ts';
import { ioFault, onFile } from './io-fault.ts';

/** A file inside a folder: its path with `/` between the parts, relative to the folder. */
export interface FolderFile extends FileDigest {
  readonly path: string;
}

const WIDTH = 8;

/** A file found below a folder: where its bytes are, and its path inside. */
export interface FoundFile {
  readonly path: string;
  readonly real: string;
}

const CONTROL = /[\u0000-\u001f\u007f]/;

const refuse = (code: string, path: string, says: string, fix: string): Fault =>
  new Fault('input', code, `${JSON.stringify(path)} ${says}`, { path, fix });

const inside = (folder: string, path: string): boolean => path === folder || path.startsWith(`${folder}${sep}`);

const realOf = (link: string): string => {
  try {
    return realpathSync.native(link);
  } catch (error) {
    throw ioFault(error, link);
  }
};

/** The files of a folder that holds nothing but files with harmless names, as most entries do; undefined of any other. */
const plainFiles = (folder: string): FoundFile[] | undefined => {
  const entries = readdirSync(folder, { withFileTypes: true });
  if (!entries.every((entry) => entry.isFile() && !CONTROL.test(entry.name))) return undefined;
  return entries.map(({ name }) => ({ path: name, real: join(folder, name) }));
};

/**
 * Every regular file below `folder`, hidden ones too; symbolic links are followed as long as they stay inside. Throws a
 * Fault `symlink_escapes`, `symlink_loop`, `unsafe_name` (control characters) or `not_a_regular_file`.
 */
export const filesBelow = (folder: string): Promise<FoundFile[]> =>
  onFile(folder, async () => {
    const plain = plainFiles(folder);
    if (plain !== undefined) return plain;
    const top = realpathSync.native(folder);
    const walk = (at: string, prefix: string, trail: readonly string[]): FoundFile[] =>
      readdirSync(at, { withFileTypes: true }).flatMap((entry) => {
        const [path, here] = [`${prefix}${entry.name}`, join(at, entry.name)];
        if (CONTROL.test(entry.name))
          throw refuse('unsafe_name', path, 'has control characters in its name', 'rename it');
        const real = entry.isSymbolicLink() ? realOf(here) : here;
        if (!inside(top, real))
          throw refuse('symlink_escapes', path, `leads out of ${folder}`, 'copy the file into the folder');
        const status = entry.isSymbolicLink() ? statSync(real) : entry;
        if (status.isFile()) return [{ path, real }];
        if (!status.isDirectory())
          throw refuse('not_a_regular_file', path, 'is neither a file nor a folder', 'remove it');
        if (trail.includes(real)) throw refuse('symlink_loop', path, 'leads back into itself', 'remove the link');
        return walk(real, `${path}/`, [...trail, real]);
      });
    return walk(top, '', [top]);
  });

const byBytes = (a: FolderFile, b: FolderFile): number => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path));

/** Name of the folder hash below, stored beside a digest made with it. */
export const FOLDER_HASH = 'folder-v2';

/**
 * One digest for a set of files. For every file in the byte order of its UTF-8 path: length of the path (8 bytes, big
 * endian), path, size (8 bytes), sha256 (32 bytes); all of it after the line `profile-and-optimize folder-v2`. Every part
 * has a known length, so two different sets cannot give the same input. Empty folders and permission bits do not count.
 */
export const folderDigest = (files: readonly FolderFile[]): string => {
  const hash = createHash('sha256').update(`profile-and-optimize ${FOLDER_HASH}\n`);
  const length = (value: number): Buffer => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64BE(BigInt(value));
    return bytes;
  };
  for (const file of [...files].sort(byBytes)) {
    const path = Buffer.from(file.path);
    hash.update(length(path.length)).update(path).update(length(file.bytes)).update(Buffer.from(file.sha256, 'hex'));
  }
  return hash.digest('hex');
};

/** Who sees the blocks of the file of this path while it is hashed, as `ReadOptions.onBlock`; undefined where nobody does. */
export type BlockReader = (path: string) => ReadOptions['onBlock'];

/** Digests of every file below `folder`, each read once. */
export const hashFolder = async (folder: string, readerOf: BlockReader = () => undefined): Promise<FolderFile[]> =>
  mapBounded(await filesBelow(folder), WIDTH, async ({ path, real }) => ({
    path,
    ...(await hashFile(real, { onBlock: readerOf(path) })),
  }));

const byParts = (a: FoundFile, b: FoundFile): number => {
  const [left, right] = [a.path.split('/'), b.path.split('/')];
  for (let index = 0; ; index += 1) {
    const [one, other] = [left[index], right[index]];
    if (one === undefined || other === undefined) return left.length - right.length;
    if (one !== other) return Buffer.compare(Buffer.from(one), Buffer.from(other));
  }
};

/**
 * The folder hash of registries written by the Python tool: sha256 over path, NUL and bytes of each file, ordered by path
 * parts. It is ambiguous, so it only serves to check old entries.
 */
export const originalFolderDigest = async (folder: string): Promise<string> => {
  const hash = createHash('sha256');
  for (const { path, real } of (await filesBelow(folder)).sort(byParts)) {
    hash.update(path).update('\0');
    await hashFile(real, { onBlock: (block) => hash.update(block) });
  }
  return hash.digest('hex');
};
