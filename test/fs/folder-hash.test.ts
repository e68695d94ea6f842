import { createHash } from 'node:crypto';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  filesBelow,
  folderDigest,
  hashFolder,
  originalFolderDigest,
  type FolderFile,
} from '../../src/fs/folder-hash.ts';
import { scratchFolder } from './scratch.ts';

const top = scratchFolder('folders');
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const folderOf = (name: string, files: Readonly<Record<string, string>>): string => {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(top, name, path)), { recursive: true });
    writeFileSync(join(top, name, path), text);
  }
  return join(top, name);
};

describe('the folder hash', () => {
  const file = fc.record({ path: fc.stringMatching(/^[ab/]{1,4}$/), text: fc.stringMatching(/^[ab]{0,3}$/) });
  const set = fc.uniqueArray(file, { selector: ({ path }) => path, maxLength: 4 });
  const digested = (files: readonly { path: string; text: string }[]): FolderFile[] =>
    files.map(({ path, text }) => ({ path, sha256: sha256(text), bytes: text.length }));
  const canonical = (files: readonly { path: string; text: string }[]): string =>
    JSON.stringify([...files].sort((a, b) => (a.path < b.path ? -1 : 1)));

  it('is equal for equal sets of files in any order, and only for those', () => {
    fc.assert(
      fc.property(set, set, (one, other) => {
        expect(folderDigest(digested([...one].reverse()))).toBe(folderDigest(digested(one)));
        expect(folderDigest(digested(one)) === folderDigest(digested(other))).toBe(canonical(one) === canonical(other));
      }),
    );
  });

  it('distinguishes what the original hash confuses', async () => {
    const one = folderOf('one', { a: 'Xb\0Y' });
    const two = folderOf('two', { a: 'X', b: 'Y' });
    expect(await originalFolderDigest(one)).toBe(await originalFolderDigest(two));
    expect(folderDigest(await hashFolder(one))).not.toBe(folderDigest(await hashFolder(two)));
  });

  it('checks old folders in the order of their path parts', async () => {
    const folder = folderOf('old', { 'a.txt': '1', 'a/b': '2', '.hidden': '3' });
    expect(await originalFolderDigest(folder)).toBe(sha256('.hidden\x003a/b\x002a.txt\x001'));
  });
});

describe('the files below a folder', () => {
  it('follow links that stay inside', async () => {
    const folder = folderOf('links', { 'real/x': '1' });
    symlinkSync(join(folder, 'real'), join(folder, 'again'));
    expect((await filesBelow(folder)).map(({ path }) => path).sort()).toEqual(['again/x', 'real/x']);
  });

  it.each([
    ['a link that leads out', (at: string) => symlinkSync('/etc/hostname', join(at, 'out')), 'symlink_escapes'],
    ['a link that leads nowhere', (at: string) => symlinkSync(join(at, 'gone'), join(at, 'to')), 'file_not_found'],
    ['a link that leads back', (at: string) => symlinkSync(at, join(at, 'back')), 'symlink_loop'],
    ['a name with control characters', (at: string) => writeFileSync(join(at, 'a\nb'), ''), 'unsafe_name'],
  ] as const)('do not hold %s', async (name, make, code) => {
    const folder = folderOf(name.replaceAll(' ', '-'), { x: '1' });
    make(folder);
    await expect(filesBelow(folder)).rejects.toMatchObject({ code });
  });
});
