// A job on a disk that is full in one moment or another of its life: it never stays queued, and the disk is named.
import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';

const MOUNT = 'mount -t tmpfs -o size="$1"k none "$2"';
const place = mkdtempSync(join(tmpdir(), 'full-disk-'));
const maySpawn = spawnSync('unshare', ['-rm', 'sh', '-c', MOUNT, 'sh', '64', place]).status === 0;
if (!maySpawn) console.log('skipped: a disk of a few pages needs user namespaces (unshare -rm)');

const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const script = fileURLToPath(new URL('./on-full-disk.ts', import.meta.url));

/** What becomes of a job in a root of so many KiB. */
const runOn = (sizeKiB: number): Record<string, unknown> => {
  const command = `${MOUNT} && exec "$3" --import "$4" "$5" "$2"`;
  const argv = ['-rm', 'sh', '-c', command, 'sh', String(sizeKiB), place, process.execPath, loader, script];
  const { stdout, stderr } = spawnSync('unshare', argv, { encoding: 'utf8' });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as Record<string, unknown>; // checked boundary: printed by the script
};

describe.skipIf(!maySpawn)('on a full disk', () => {
  test('a job that has no room is refused, and leaves nothing', () => {
    expect(runOn(60)).toEqual({ refused: 'disk_full', left: [] });
  });

  test.each([72, 76])('a job that fits into %i KiB and then no more has failed, and says why', (sizeKiB) => {
    expect(runOn(sizeKiB)).toMatchObject({ state: 'failed', code: 'disk_full' });
  });

  test('a job that cannot even be taken takes the room that it holds for that', () => {
    expect(runOn(68)).toMatchObject({ state: 'succeeded' });
  });

  test('a job with room succeeds', () => {
    expect(runOn(1024)).toEqual({ state: 'succeeded', code: null, result: true });
  });
});
