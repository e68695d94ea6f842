import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pathTails } from '../../src/text/path-tails.ts';

describe('the ends of paths', () => {
  it.each([
    [
      ['/r/a/c1.json', '/r/a/c2.json'],
      ['c1.json', 'c2.json'],
    ],
    [
      ['/r/tp4/c1.json', '/r/tp8/c1.json', '/r/tp8/c2.json'],
      ['tp4/c1.json', 'tp8/c1.json', 'c2.json'],
    ],
    [
      ['/x/a/run/c1.json', '/x/b/run/c1.json'],
      ['a/run/c1.json', 'b/run/c1.json'],
    ],
    [
      ['c1.json', 'a/c1.json'],
      ['c1.json', 'a/c1.json'],
    ],
    [
      ['/r/c1.json', '/r/c1.json'],
      ['c1.json', 'c1.json'],
    ],
    [['only.json'], ['only.json']],
  ])('%j are shown as %j', (paths, shown) => {
    expect(pathTails(paths)).toEqual(shown);
  });

  it('are apart for paths that are', () => {
    const path = fc
      .array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 5 })
      .map((parts) => parts.join('/'));
    fc.assert(
      fc.property(fc.uniqueArray(path, { minLength: 1, maxLength: 12 }), (paths) => {
        expect(new Set(pathTails(paths)).size).toBe(paths.length);
      }),
    );
  });
});
