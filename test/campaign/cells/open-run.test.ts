// Results of a run move into the cell whole, also from another file system, and also where the move was killed at any moment.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { keepResults } from '../../../src/campaign/cells/open-run.ts';

const OTHER = '/dev/shm';
const isAnother = ((): boolean => {
  try {
    return statSync(OTHER).dev !== statSync(tmpdir()).dev;
  } catch {
    return false;
  }
})();
if (!isAnother) console.warn(`skipped: results from another file system: ${OTHER} is none`);

let here: string;
let there: string;
beforeAll(() => {
  here = mkdtempSync(join(tmpdir(), 'kept-'));
  if (isAnother) there = mkdtempSync(join(OTHER, 'raw-'));
});
afterAll(() => {
  rmSync(here, { recursive: true, force: true });
  if (isAnother) rmSync(there, { recursive: true, force: true });
});

/** Every file below a folder with a hash of what is in it. */
const contents = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort().flatMap((name) => {
      const path = join(folder, name);
      const entry = lstatSync(path);
      if (entry.isSymbolicLink()) return [[name, `-> ${readlinkSync(path)}`]];
      return entry.isFile() ? [[name, createHash('sha256').update(readFileSync(path)).digest('hex')]] : [];
    }),
  ); // prettier-ignore

const write = (folder: string, files: Readonly<Record<string, string>>): void => {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
};

const places: [string, () => string][] = [
  ['of the same file system', () => here],
  ...(isAnother ? [['of another file system', () => there] satisfies [string, () => string]] : []),
];

describe.each(places)('results %s', (name, place) => {
  test('join what the cell holds of the same run', async () => {
    const [raw, kept] = [join(place(), `raw-${name.length}`), join(here, `kept-${name.length}`)];
    write(raw, { 'c1/a.json': '1', 'spec_metrics/pre-c1.prom': 'x' });
    symlinkSync('a.json', join(raw, 'c1', 'newest'));
    await keepResults({ raw, kept });
    write(raw, { 'c2/a.json': '2', 'spec_metrics/pre-c2.prom': 'y', '.part/lock': '' });
    await keepResults({ raw, kept });
    expect(Object.keys(contents(kept))).toEqual(['c1/a.json', 'c1/newest', 'c2/a.json', 'spec_metrics/pre-c1.prom', 'spec_metrics/pre-c2.prom']); // prettier-ignore
    expect(contents(kept)['c1/newest']).toBe('-> a.json');
    expect(readdirSync(raw)).toEqual(['.part']);
  });
});

/** Moves the results in a process of its own, which is killed after so long. Resolves to whether it ended by itself. */
const moveFor = (raw: string, kept: string, ms: number): Promise<boolean> =>
  new Promise((done) => {
    const file = resolve('src/campaign/cells/open-run.ts');
    const script = `import(${JSON.stringify(file)}).then(({ keepResults }) => { console.log('go'); return keepResults(${JSON.stringify({ raw, kept })}); })`;
    const child = spawn(process.execPath, ['--import', 'tsx', '--eval', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    child.stdout.once('data', () => void sleep(ms).then(() => child.kill('SIGKILL')));
    child.on('close', (code) => done(code === 0));
  }); // prettier-ignore

test.skipIf(!isAnother)('a move across file systems that is killed at any moment loses and doubles nothing', async () => {
  const [raw, kept] = [join(there, 'killed'), join(here, 'killed')];
  for (let point = 1; point <= 6; point += 1)
    for (let part = 0; part < 8; part += 1) write(raw, { [`c${point}/part-${part}.json`]: `${point}/${part} `.repeat(200_000) });
  const expected = contents(raw);
  let kills = 0;
  for (let ms = 1; !(await moveFor(raw, kept, ms)); ms = 2 * ms + 1) {
    kills += 1;
    // What is in the cell by now is whole.
    if (existsSync(kept)) for (const [name, hash] of Object.entries(contents(kept))) if (!name.startsWith('.staged')) expect([name, expected[name]]).toEqual([name, hash]);
  }
  expect(kills).toBeGreaterThan(0);
  expect(contents(kept)).toEqual(expected);
  expect(readdirSync(kept)).toEqual(['c1', 'c2', 'c3', 'c4', 'c5', 'c6']);
  expect(readdirSync(raw)).toEqual([]);
}, 120_000); // prettier-ignore
