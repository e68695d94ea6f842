import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judge } from '../../src/compare/judge.ts';
import { keyMetrics, matchMetrics, unitBridge } from '../../src/compare/match-metrics.ts';
import { defaults, metric, side, values } from './sides.ts';

const keys = (names: readonly string[]) => keyMetrics(side(names.map((name) => metric(name, 1))));

describe('meeting', () => {
  it('is by key, wherever it stands, and loses nothing', () => {
    const names = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 3 }), { maxLength: 20 });
    fc.assert(
      fc.property(names, names, (before, after) => {
        const { partner, added } = matchMetrics(keys(before), keys(after));
        expect(Array.from(partner, (index) => after[index] ?? null)).toEqual(
          before.map((name) => (after.includes(name) ? name : null)),
        );
        expect(added.map((index) => after[index])).toEqual(after.filter((name) => !before.includes(name)));
      }),
    );
  });

  it.each([
    ['the current side', ['a', 'b'], ['b', 'a', 'a']],
    ['the current side', ['a', 'b'], ['a', 'a', 'b']],
    ['the baseline', ['a', 'b', 'a'], ['c', 'a']],
  ])('refuses a key that %s holds twice', (what, before, after) => {
    expect(() => matchMetrics(keys(before), keys(after))).toThrow(
      expect.objectContaining({ code: 'metric_duplicate', message: expect.stringContaining(what) }),
    );
  });
});

describe('a key that both sides hold twice', () => {
  it('meets itself where all stand in the same place, and is refused where a key is left over', () => {
    expect([...matchMetrics(keys(['a', 'a', 'b']), keys(['a', 'a', 'b'])).partner]).toEqual([0, 1, 2]);
    expect([...matchMetrics(keys(['b', 'a', 'c', 'a']), keys(['b', 'a', 'c', 'a'])).partner]).toEqual([0, 1, 2, 3]);
    expect(() => matchMetrics(keys(['a', 'a', 'b']), keys(['a', 'a', 'c']))).toThrow('more than once');
  });
});

describe('units', () => {
  it.each([
    ['GB/s', 'TB/s', 1.8, 1800],
    ['ms', 's', 0.012, 12],
    ['GB/s', 'gb/s', 310, 310],
    ['GB/s', null, 310, 310],
    [null, 'GB/s', 310, 310],
    ['steps', 'steps', 3, 3],
  ])('of baseline %s, candidate %s: %d is %d', (before, after, value, expected) => {
    expect(unitBridge('k', before, after)(value)).toBe(expected);
  });

  it.each([
    ['GB/s', 'ms'],
    ['tok/s', 'tok/s/gpu'],
    ['steps', 'ms'],
  ])('%s and %s are not comparable, and the metric is named', (before, after) => {
    expect(() =>
      judge(side([metric('a', 1), metric('b', 1, before)]), side([metric('a', 1), metric('b', 1, after)]), {
        policy: defaults,
      }),
    ).toThrow(
      expect.objectContaining({
        kind: 'not_comparable',
        code: 'unit_mismatch',
        details: expect.objectContaining({ data: { key: 'b', baseline_unit: before, current_unit: after } }),
      }),
    );
  });

  it('of a side hold for metrics that state none', () => {
    const [row] = judge(values({ pair_0: 400 }, { unit: 'GB/s' }), side([metric('pair_0', 0.38, 'TB/s')]), {
      policy: defaults,
    }).rows;
    expect(row).toMatchObject({ baseline: 400, candidate: 380, unit: 'GB/s', direction: 'higher-is-better' });
  });

  it('that are no units say nothing about many metrics', () => {
    const entry = values({ ttft_p50_ms: 1, x: 2 }, { unit: 'structured-json' });
    const judged = judge(entry, side([metric('ttft_p50_ms', 1, 'ms'), metric('x', 2)]), { policy: defaults });
    expect(judged.rows.map(({ unit }) => unit)).toEqual(['ms', null]);
  });
});
