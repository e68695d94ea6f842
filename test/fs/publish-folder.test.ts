import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { currentOwner, ownerTag } from '../../src/fs/process-owner.ts';
import { makeFolders, moveIntoPlace, sealFolder, stageFolder, sweepStaging } from '../../src/fs/publish-folder.ts';
import { scratchFolder } from './scratch.ts';

const top = scratchFolder('publish');
const staging = join(top, '.staging');
const fill = async (folder: string): Promise<void> => {
  mkdirSync(join(folder, 'deep'));
  writeFileSync(join(folder, 'deep', 'x'), 'content');
  writeFileSync(join(folder, 'manifest.json'), '{}');
};

/** The steps by which an entry becomes visible. */
const publishFolder = async (
  stagingRoot: string,
  target: string,
  fillIn: (staged: string) => Promise<void>,
): Promise<void> => {
  const staged = await stageFolder(stagingRoot);
  try {
    await fillIn(staged);
    await sealFolder(staged);
    await makeFolders(dirname(target));
    await moveIntoPlace(staged, target);
  } catch (error) {
    rmSync(staged, { recursive: true, force: true });
    throw error;
  }
};

describe('publishing a folder', () => {
  it('shows it whole, with files that nobody may write to', async () => {
    const target = join(top, 'new', 'entry');
    await publishFolder(staging, target, fill);
    expect(readFileSync(join(target, 'deep', 'x'), 'utf8')).toBe('content');
    expect(statSync(join(target, 'deep', 'x')).mode & 0o777).toBe(0o444);
    expect(readdirSync(staging)).toEqual([]);
  });

  it.each([
    ['a folder that holds something', (path: string) => fill((mkdirSync(path), path))],
    ['an empty folder, which rename would replace', (path: string) => mkdirSync(path)],
    ['a file', (path: string) => writeFileSync(path, 'mine')],
  ] as const)('never replaces %s', async (name, make) => {
    const target = join(top, name.replaceAll(/\W/g, '-'));
    await make(target);
    const before = statSync(target).ino;
    await expect(publishFolder(staging, target, fill)).rejects.toMatchObject({ code: 'already_exists' });
    expect(statSync(target).ino).toBe(before);
    expect(readdirSync(staging)).toEqual([]);
  });

  it('leaves nothing when it cannot be filled', async () => {
    const target = join(top, 'failed');
    await expect(publishFolder(staging, target, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(existsSync(target)).toBe(false);
    expect(readdirSync(staging)).toEqual([]);
  });

  it('lets exactly one of many take a name', async () => {
    const target = join(top, 'contested');
    const tries = await Promise.allSettled(Array.from({ length: 8 }, () => publishFolder(staging, target, fill)));
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });
});

describe('sweeping', () => {
  it('removes what dead processes left and nothing else', async () => {
    const mine = await stageFolder(staging);
    const dead = join(staging, `${ownerTag({ ...currentOwner(), pid: 4_194_305 })}.0123456789ab`);
    const elsewhere = join(staging, `${ownerTag({ ...currentOwner(), host: 'ffffffffffff' })}.0123456789ab`);
    for (const path of [dead, elsewhere, join(staging, 'nobody')]) mkdirSync(path);
    await sweepStaging(staging);
    expect(
      readdirSync(staging)
        .map((name) => join(staging, name))
        .sort(),
    ).toEqual([mine, elsewhere].sort());
    await sweepStaging(join(top, 'absent'));
  });
});
