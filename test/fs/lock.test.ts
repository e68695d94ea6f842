import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { withLock } from '../../src/fs/lock.ts';
import { currentOwner, ownerTag, type ProcessOwner } from '../../src/fs/process-owner.ts';
import { scratchFolder } from './scratch.ts';

const folder = scratchFolder('lock');
const dead: ProcessOwner = { ...currentOwner(), pid: 4_194_305 };
const elsewhere: ProcessOwner = { ...currentOwner(), host: 'ffffffffffff' };

const heldBy = (name: string, owner: ProcessOwner, number = 1): string => {
  const lock = join(folder, name);
  mkdirSync(lock, { recursive: true });
  writeFileSync(join(lock, String(number).padStart(12, '0')), ownerTag(owner));
  return lock;
};

/** Runs `count` bodies under one lock and returns how many were ever inside at once. */
const crowd = async (lock: string, count: number): Promise<number> => {
  let [inside, most] = [0, 0];
  const body = async (): Promise<void> => {
    inside += 1;
    most = Math.max(most, inside);
    await sleep(1);
    inside -= 1;
  };
  await Promise.all(Array.from({ length: count }, () => withLock(lock, body)));
  return most;
};

describe('a lock', () => {
  it('lets one body in at a time', async () => {
    expect(await crowd(join(folder, 'crowd'), 30)).toBe(1);
  });

  it('is taken over by exactly one of many when its holder is dead', async () => {
    expect(await crowd(heldBy('dead', dead), 10)).toBe(1);
  });

  it('is free after a body that failed', async () => {
    const lock = join(folder, 'failed');
    await expect(withLock(lock, () => Promise.reject(new Error('body')))).rejects.toThrow('body');
    expect(await withLock(lock, async () => 'in', { timeoutMs: 0 })).toBe('in');
  });

  it('waits for a living holder and then names it', async () => {
    const lock = heldBy('living', currentOwner());
    await expect(withLock(lock, async () => 0, { timeoutMs: 30 })).rejects.toMatchObject({
      code: 'lock_timeout',
      kind: 'timeout',
      message: expect.stringContaining(`process ${process.pid}`),
    });
  });

  it('is never taken from a holder that cannot be seen', async () => {
    const lock = heldBy('elsewhere', elsewhere);
    await expect(withLock(lock, async () => 0, { timeoutMs: 30 })).rejects.toMatchObject({
      code: 'lock_timeout',
      details: { fix: expect.stringContaining('delete this folder') },
    });
    expect(readFileSync(join(lock, '000000000001'), 'utf8')).toBe(ownerTag(elsewhere));
  });

  it('can be given up on', async () => {
    const lock = heldBy('given-up', currentOwner());
    await expect(withLock(lock, async () => 0, { signal: AbortSignal.timeout(20) })).rejects.toMatchObject({
      code: 'interrupted',
    });
  });

  it('keeps its folder small and removes what killed claimants left', async () => {
    const lock = heldBy('small', dead);
    const claim = `.${ownerTag(dead)}.0123456789ab.claim`;
    writeFileSync(join(lock, claim), ownerTag(dead));
    for (let turn = 0; turn < 200; turn += 1) await withLock(lock, async () => undefined);
    const names = readdirSync(lock);
    expect(names).not.toContain(claim);
    expect(names.length).toBeLessThan(140);
  });
});
