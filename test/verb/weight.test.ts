import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { reads, readsPatterns, updates } from '../../src/verb/path-use.ts';
import { HEAVY_BYTES, isHeavy } from '../../src/verb/weight.ts';

const folder = mkdtempSync(join(tmpdir(), 'weight-'));
afterAll(() => rmSync(folder, { recursive: true }));

const path = (name: string): string => join(folder, name);
const file = (name: string, bytes: number, head = ''): string => {
  writeFileSync(path(name), Buffer.concat([Buffer.from(head), Buffer.alloc(bytes, ' ')]));
  return path(name);
};
const heavy = (input: Record<string, unknown>, paths: Parameters<typeof isHeavy>[0] = { source: reads }): boolean =>
  isHeavy(paths, input, { path: (text) => join(folder, text) });

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

  it('not for what it writes', () => {
    file('baseline.json', HEAVY_BYTES);
    expect(heavy({ source: 'baseline.json' }, { source: updates })).toBe(false);
  });
});
