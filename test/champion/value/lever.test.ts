import { describe, expect, it } from 'vitest';
import { asNextLever, rankLevers, type Lever } from '../../../src/champion/value/lever.ts';

const lever = (name: string, expected: number | null, cost: number | null): Lever => ({
  kind: 'roofline',
  cell: 'base',
  lever: name,
  unlock: expected === null ? null : { low: 0, expected, high: 2 * expected, of: 'tok/s/user at concurrency 16' },
  yields: expected === null ? 'says what limits the cell' : null,
  gate: 'PASS',
  cost_gpu_hours: cost,
  evidence: [],
});

describe('the order of levers', () => {
  it('is value for its cost, then value alone, then what only informs', () => {
    const ranked = rankLevers([
      lever('informs', null, null),
      lever('small, no price', 2, null),
      lever('large, no price', 30, null),
      lever('large and dear', 40, 40),
      lever('small and cheap', 10, 2),
    ]);
    expect(ranked.map((each) => [each.rank, each.lever, each.value_per_gpu_hour])).toEqual([
      [1, 'small and cheap', 5],
      [2, 'large and dear', 1],
      [3, 'large, no price', null],
      [4, 'small, no price', null],
      [5, 'informs', null],
    ]);
  });

  it('does not depend on the order in which they were found', () => {
    const found = [lever('b', 5, 1), lever('a', 5, 1), lever('c', 5, 1)];
    expect(rankLevers(found.toReversed())).toEqual(rankLevers(found));
  });

  it('gives an expected loss no value', () => {
    expect(rankLevers([lever('loses', -4, 1)])[0]?.value_per_gpu_hour).toBe(0);
  });

  it('says the unlock with its interval', () => {
    expect(asNextLever(lever('a', 5, 1))).toEqual({
      lever: 'a',
      expected_unlock: '+5.0% (+0.0% to +10.0%) tok/s/user at concurrency 16',
      gate: 'PASS',
      key: 'base',
    });
  });
});
