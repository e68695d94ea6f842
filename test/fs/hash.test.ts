import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { copyHashed, hashFile } from '../../src/fs/hash.ts';
import { scratchFolder } from './scratch.ts';

const folder = scratchFolder('hash');
const MIB = 1024 * 1024;
const bytesOf = (size: number): Buffer =>
  Buffer.from(Uint8Array.from({ length: size }, (_, index) => (index * 31 + (index >> 9)) % 251));
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

describe('copying with a hash', () => {
  it.each([0, 1, 4095, MIB - 1, MIB, MIB + 1, 5 * MIB + 7])(
    'gives the hash of the %i bytes it copied',
    async (size) => {
      const [source, target] = [join(folder, `s${size}`), join(folder, `t${size}`)];
      const bytes = bytesOf(size);
      writeFileSync(source, bytes);
      const seen: Buffer[] = [];
      const digest = await copyHashed(source, target, { onBlock: (block) => seen.push(Buffer.from(block)) });
      expect(digest).toEqual({ sha256: sha256(bytes), bytes: size });
      expect(readFileSync(target).equals(bytes)).toBe(true);
      expect(Buffer.concat(seen).equals(bytes)).toBe(true);
      expect(await hashFile(target)).toEqual(digest);
    },
  );

  it('makes a file of its own, with the time and the mode asked for', async () => {
    const [source, target] = [join(folder, 'own'), join(folder, 'copy')];
    writeFileSync(source, 'x');
    utimesSync(source, 1_700_000_000, 1_700_000_000);
    await copyHashed(source, target, { mode: 0o444 });
    const [from, to] = [statSync(source), statSync(target)];
    expect(to.ino).not.toBe(from.ino);
    expect(from.nlink).toBe(1);
    expect(to.mode & 0o777).toBe(0o444);
    expect(to.mtimeMs).toBe(1_700_000_000_000);
  });

  it('refuses a source that is written to meanwhile', async () => {
    const [source, target] = [join(folder, 'growing'), join(folder, 'grown')];
    writeFileSync(source, bytesOf(3 * MIB));
    const onBlock = (): void => appendFileSync(source, 'more');
    await expect(copyHashed(source, target, { onBlock })).rejects.toMatchObject({ code: 'source_changed' });
    expect(existsSync(target)).toBe(false);
  });

  it.each([
    ['a folder', folder, 'not_a_file'],
    ['a device', '/dev/null', 'not_a_file'],
    ['nothing', join(folder, 'gone'), 'file_not_found'],
  ])('refuses %s', async (_, source, code) => {
    await expect(copyHashed(source, join(folder, 'never'))).rejects.toMatchObject({ code, details: { path: source } });
    expect(existsSync(join(folder, 'never'))).toBe(false);
  });

  it('leaves nothing when the reader of the blocks objects or the call is interrupted', async () => {
    const [source, target] = [join(folder, 'objected'), join(folder, 'objection')];
    writeFileSync(source, bytesOf(3 * MIB));
    const onBlock = (): void => {
      throw new Error('no');
    };
    await expect(copyHashed(source, target, { onBlock })).rejects.toThrow('no');
    await expect(copyHashed(source, target, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'interrupted',
    });
    expect(existsSync(target)).toBe(false);
  });
});
