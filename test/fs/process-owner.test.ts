import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { currentOwner, ownedName, ownerState, ownerTag, parseOwner } from '../../src/fs/process-owner.ts';

const here = currentOwner();
const hex = fc.stringMatching(/^[0-9a-f]{12}$/);
const owner = fc.record({ pid: fc.nat(), started: fc.nat().map(String), host: hex, boot: hex, pidSpace: hex });

describe('a process as an owner', () => {
  it('can be read back from its tag and from every name made with it', () => {
    fc.assert(
      fc.property(owner, (some) => {
        expect(parseOwner(ownerTag(some))).toEqual(some);
      }),
    );
    expect(parseOwner(ownedName())).toEqual(here);
    expect(ownedName()).not.toBe(ownedName());
  });

  it.each(['', 'x', '1.2.3', `${ownerTag(here)}.committed`, '.tmp'])('is not read out of %j', (text) => {
    expect(parseOwner(text)).toBeUndefined();
  });

  it.each([
    ['alive', 'this process', here],
    ['dead', 'a number that nobody has', { ...here, pid: 4_194_305 }],
    ['dead', 'a process from before the last boot', { ...here, boot: 'ffffffffffff' }],
    ['elsewhere', 'a process of another machine', { ...here, host: 'ffffffffffff' }],
    ['elsewhere', 'a process of another container', { ...here, pidSpace: 'ffffffffffff' }],
  ] as const)('is %s when it is %s', (state, _, some) => {
    expect(ownerState(some)).toBe(state);
  });

  it.skipIf(!existsSync('/proc/self/stat'))('is dead when its number belongs to a later process', () => {
    expect(ownerState({ ...here, started: '1' })).toBe('dead');
  });

  it.skipIf(!existsSync('/proc/self/stat'))('is dead when it was killed and nobody has collected it', async () => {
    const script = 'sleep 60 & echo $!; exec sleep 60'; // the inner sleep becomes a zombie: `sleep` never waits for it
    const parent = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'ignore'] });
    const [line] = await once(parent.stdout, 'data');
    const pid = Number(String(line).trim());
    expect(ownerState({ ...here, pid, started: '0' })).toBe('alive');
    process.kill(pid, 'SIGKILL');
    await expect.poll(() => ownerState({ ...here, pid, started: '0' })).toBe('dead');
    parent.kill('SIGKILL');
  });
});
