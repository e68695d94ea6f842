import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { reads, readsPatterns, updates, writes } from '../../src/verb/path-use.ts';
import { readsEntries, readsMeasurement, readsResultsOfEntries } from '../../src/registry/entry-paths.ts';
import { HEAVY_BYTES, isHeavy } from '../../src/verb/weight.ts';

const folder = mkdtempSync(join(tmpdir(), 'weight-'));
afterAll(() => rmSync(folder, { recursive: true }));

const path = (name: string): string => join(folder, name);
const file = (name: string, bytes: number, head = ''): string => {
  writeFileSync(path(name), Buffer.concat([Buffer.from(head), Buffer.alloc(bytes, ' ')]));
  return path(name);
};
const heavy = (input: Record<string, unknown>, paths: Parameters<typeof isHeavy>[0] = { source: reads }): boolean =>
  isHeavy(paths, input, { root: folder, path: (text) => join(folder, text) });

describe('a call is heavy', () => {
  it.each<[what: string, make: () => void, source: unknown, expected: boolean]>([
    ['one large file', () => void file('large.json', HEAVY_BYTES), 'large.json', true],
    ['one small file', () => void file('small.json', 100), 'small.json', false],
    [
      'two files that are large together',
      () => void file('half.json', HEAVY_BYTES / 2),
      ['half.json', 'half.json'],
      true,
    ],
    ['a gzip that may hold much', () => void file('packed.json.gz', 2000), 'packed.json.gz', true],
    ['a gzip that cannot', () => void file('tiny.json.gz', 100), 'tiny.json.gz', false],
    [
      'a SQLite export, which has a thread of its own',
      () => void file('x.sqlite', HEAVY_BYTES, 'SQLite format 3\0'),
      'x.sqlite',
      false,
    ],
    [
      'a folder with a large file inside',
      () => {
        mkdirSync(path('runs/one'), { recursive: true });
        file('runs/one/large.json', HEAVY_BYTES);
      },
      'runs',
      true,
    ],
    ['what is not there', () => undefined, 'missing.json', false],
  ])('%s', (_, make, source, expected) => {
    make();
    expect(heavy({ source })).toBe(expected);
  });

  it('when it brings patterns, whatever their size', () => {
    const paths = { source: reads, schema: readsPatterns };
    expect(heavy({ source: 'small.json', schema: 'small.json' }, paths)).toBe(true);
    expect(heavy({ source: 'small.json' }, paths)).toBe(false);
  });

  it('when the entry that it names is large, not when another of the measurement is', () => {
    const [old, young] = ['20260101T000000Z', '20260201T000000Z'];
    const entries = 'experiments/artifacts/perf-baselines/f/m';
    for (const slug of [old, young]) mkdirSync(path(`${entries}/${slug}`), { recursive: true });
    file(`${entries}/${old}/source-snapshot.json`, HEAVY_BYTES);
    file(`${entries}/${young}/source-snapshot.json`, 100);
    const paths = { baseline: readsEntries, current: reads };
    const weigh = (baseline: unknown): boolean => heavy({ baseline, current: 'small.json' }, paths);
    expect(weigh(`f/m@${old}`)).toBe(true);
    expect(weigh([`f/m@${young}`, `f/m@${old}`])).toBe(true);
    expect(weigh('f/m@golden')).toBe(true);
    expect(weigh(`f/m@${young}`)).toBe(false);
    expect(weigh('f/m')).toBe(false);
    expect(weigh('f/m@latest')).toBe(false);
    expect(weigh('f/none')).toBe(false);
  });

  it('when any of the entries that a folder of results is compared with is large, and when all entries of a measurement are read', () => {
    const entries = 'experiments/artifacts/perf-baselines/g';
    for (const name of ['small', 'large']) mkdirSync(path(`${entries}/${name}/20260101T000000Z`), { recursive: true });
    file(`${entries}/large/20260101T000000Z/source-snapshot.json`, HEAVY_BYTES);
    file(`${entries}/small/20260101T000000Z/source-snapshot.json`, 100);
    mkdirSync(path('nightly/g'), { recursive: true });
    file('nightly/g/small.json', 100);
    const paths = { current: readsResultsOfEntries };
    expect(heavy({ current: 'nightly' }, paths)).toBe(false);
    file('nightly/g/large.json', 100);
    expect(heavy({ current: 'nightly' }, paths)).toBe(true);
    expect(heavy({ current: 'nightly', tag: 'golden' }, paths)).toBe(true);
    expect(heavy({ measurement: 'g/large' }, { measurement: readsMeasurement })).toBe(true);
    expect(heavy({ measurement: 'g/small' }, { measurement: readsMeasurement })).toBe(false);
  });

  it('for a file that it updates, which it reads first', () => {
    file('baseline.json', HEAVY_BYTES);
    expect(heavy({ source: 'baseline.json' }, { source: updates })).toBe(true);
  });

  it('not for what it writes', () => {
    file('report.md', HEAVY_BYTES);
    expect(heavy({ source: 'report.md' }, { source: writes(/^# /) })).toBe(false);
  });
});
