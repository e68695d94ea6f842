import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Step, parsePath, renderPath, resolvePath } from '../../src/importers/json-path.ts';
import { Fault } from '../../src/text/fault.ts';

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('key' as const), key: fc.string() }),
  fc.record({ kind: fc.constant('index' as const), index: fc.nat() }),
  fc.record({
    kind: fc.constant('where' as const),
    labels: fc.array(fc.tuple(fc.string(), fc.string()), { minLength: 1, maxLength: 3 }),
  }),
);

describe('paths', () => {
  test('are read as they were written', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 5 }), (steps) => {
        expect(parsePath(renderPath(steps))).toEqual(steps);
      }),
    );
  });

  test.each([
    ['a.b', { a: { b: 1 } }, 1],
    ['a[1]', { a: [1, 2] }, 2],
    ['a["x.y"]', { a: { 'x.y': 3 } }, 3],
    [
      'a[c=16].t',
      {
        a: [
          { c: 8, t: 1 },
          { c: 16, t: 4 },
        ],
      },
      4,
    ],
    [
      'a[c=16,d=x].t',
      {
        a: [
          { c: 16, d: 'y', t: 1 },
          { c: 16, d: 'x', t: 5 },
        ],
      },
      5,
    ],
    ['[0].t', [{ t: 6 }], 6],
    [
      'a[c=16].t',
      {
        a: [
          { c: 16, t: 1 },
          { c: 16, t: 2 },
        ],
      },
      undefined,
    ],
    ['a[c=1].t', { a: { c: 1 } }, undefined],
    ['toString', {}, undefined],
  ])('%s selects in %j', (path, document, value) => expect(resolvePath(document, parsePath(path))).toBe(value));

  test.each([
    ['', 1],
    ['a..b', 3],
    ['a[', 3],
    ['a[x', 3],
    ['a]b', 2],
    ['a["x', 3],
    ['a[c=1', 3],
    ['a.', 3],
  ])('%j is refused at character %i', (path, character) => {
    expect(() => parsePath(path)).toThrow(Fault);
    expect(() => parsePath(path)).toThrow(`character ${character}`);
  });
});
