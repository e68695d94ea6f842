import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createFile, replaceFile } from '../../src/fs/atomic-file.ts';
import { scratchFolder } from './scratch.ts';

const folder = scratchFolder('atomic');

describe('creating a file', () => {
  it('happens once among many that try, and leaves nothing else', async () => {
    const path = join(folder, 'once');
    const tries = await Promise.allSettled(
      Array.from({ length: 8 }, (_, index) => createFile(path, `writer ${index}`)),
    );
    const won = tries.flatMap((outcome, index) => (outcome.status === 'fulfilled' ? [index] : []));
    expect(won).toHaveLength(1);
    expect(readFileSync(path, 'utf8')).toBe(`writer ${won[0]}`);
    expect(readdirSync(folder)).toEqual(['once']);
  });

  it('never changes a file that is there', async () => {
    const path = join(folder, 'there');
    writeFileSync(path, 'old');
    await expect(createFile(path, 'new')).rejects.toMatchObject({ code: 'already_exists', kind: 'refused' });
    expect(readFileSync(path, 'utf8')).toBe('old');
  });
});

describe('replacing a file', () => {
  it('puts the new content in the place of the old', async () => {
    const path = join(folder, 'replaced');
    await replaceFile(path, 'one');
    await replaceFile(path, new Uint8Array([50]), { sync: false });
    expect(readFileSync(path, 'utf8')).toBe('2');
  });

  it('names what stands in the way and leaves nothing behind', async () => {
    const before = readdirSync(folder);
    await expect(replaceFile(join(folder, 'gone', 'x'), 'y')).rejects.toMatchObject({ code: 'file_not_found' });
    expect(readdirSync(folder)).toEqual(before);
  });
});
