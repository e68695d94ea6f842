// The captures that benchmarks are run on are made here, and hold what was planted in them: nobody needs another program for that.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { kernelNames, makeCapture } from '../../bench/make-capture.ts';
import { diffProfiles } from '../../src/profile/diff-profiles.ts';
import { readProfile } from '../../src/profile/read/read-profile.ts';
import { scratchFolder } from '../fs/scratch.ts';

const folder = scratchFolder('made-captures');
const NAMES = 100;

it('a pair of captures shows the planted changes and no others', async () => {
  const shape = { kernels: 20_000, names: NAMES, devices: 2 };
  const [before, after] = [join(folder, 'before.sqlite'), join(folder, 'after.sqlite')];
  makeCapture(before, { ...shape, noiseSeed: 1 });
  makeCapture(after, { ...shape, noiseSeed: 2, slow: { 3: 1.25, 10: 1.15, 41: 1.4 }, drop: [44], rename: [66] });
  const read = (path: string) => readProfile([path], { cacheDir: folder });
  const { kernels } = diffProfiles([await read(before)], [await read(after)]);
  const names = kernelNames(NAMES).map(({ demangled }) => demangled);
  const slower = kernels.filter(({ change }) => change === 'slower');
  expect(
    Object.fromEntries(slower.map(({ name, stratified_pct: pct }) => [names.indexOf(name), Math.round(pct ?? 0)])),
  ).toEqual({
    3: 25,
    10: 15,
    41: 40,
  });
  expect(kernels.filter(({ change }) => change === 'faster')).toEqual([]);
  expect(kernels.filter((row) => row.class === 'removed').map(({ name }) => names.indexOf(name))).toEqual([44]);
  expect(kernels.flatMap((row) => (row.class === 'paired' ? [names.indexOf(row.baseline_name ?? '')] : []))).toEqual([
    66,
  ]);
  expect(kernels.filter((row) => row.class === 'new')).toEqual([]);
});

it('no benchmark reads what lies outside of the project', () => {
  for (const file of readdirSync('bench')) {
    const text = readFileSync(join('bench', file), 'utf8');
    expect(text, file).not.toMatch(/(\.\.\/){2,}|'\.\.', *'\.\.'|\bshared\//);
    expect(text, file).not.toMatch(/skipp?(ed|ing)?:? .*(absent|is not there)/i);
  }
});
