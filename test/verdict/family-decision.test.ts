import { describe, expect, it } from 'vitest';
import { type MetricQuestion, decideMetric } from '../../src/verdict/decision.ts';
import { type FamilyMember, decideFamily } from '../../src/verdict/family-decision.ts';
import { seededRandom } from '../../src/stats/random.ts';
import { logNormalTrials } from '../../src/verdict/verdict-odds.ts';
import { trials } from '../stats/sample.ts';

const CALM = [10.1, 10.2, 9.9, 10.0, 10.05];

const member = (
  name: string,
  factor: number,
  { gating = true, n = 5, ...extra }: { gating?: boolean; n?: number } & Partial<MetricQuestion> = {},
): FamilyMember => ({
  name,
  gating,
  decision: decideMetric({
    direction: 'lower-is-better',
    tolerance: { relative: 0.05, absolute: null },
    baseline: trials(CALM.slice(0, n)),
    candidate: trials(CALM.slice(0, n).map((value) => value * factor)),
    ...extra,
  }),
});

describe('the decision over all metrics', () => {
  it.each([
    { name: 'all pass', family: [member('a', 1), member('b', 1)], status: 'PASS', by: ['a', 'b'] },
    { name: 'one fails beyond doubt', family: [member('a', 1), member('b', 1.3)], status: 'FAIL', by: ['b'] },
    { name: 'one is open', family: [member('a', 1), member('b', 1.04)], status: 'INCONCLUSIVE', by: ['b'] },
    {
      name: 'a failure outweighs an open one',
      family: [member('a', 1.04), member('b', 1.3)],
      status: 'FAIL',
      by: ['b'],
    },
    {
      name: 'a failure that does not gate',
      family: [member('a', 1), member('b', 2, { gating: false })],
      status: 'PASS',
      by: ['a'],
    },
    {
      name: 'a vanished metric is no pass',
      family: [member('a', 1), member('b', 1, { candidate: [] })],
      status: 'INCONCLUSIVE',
      by: ['b'],
    },
    {
      name: 'another context',
      family: [member('a', 1), member('b', 1, { mismatch: ['isl'] })],
      status: 'INCOMPARABLE',
      by: ['b'],
    },
    { name: 'nothing gates', family: [member('a', 1, { gating: false })], status: 'INCONCLUSIVE', by: [] },
  ])('$name: $status', ({ family, status, by }) => {
    const decision = decideFamily(family);
    expect([decision.status, decision.decided_by]).toEqual([status, by]);
  });

  it('a failure of n = 3 alone stands, but not beside a second gating metric', () => {
    const [failing, other] = [member('a', 1.3, { n: 3 }), member('b', 1, { n: 3 })];
    expect(decideFamily([failing])).toMatchObject({ status: 'FAIL', strength: 'proven', warnings: [] });
    expect(decideFamily([failing, other])).toMatchObject({
      status: 'INCONCLUSIVE',
      reason: 'not_significant_after_holm',
      trials_needed: 4,
      warnings: ['family_cannot_fail'],
    });
  });

  it('a proof that does not survive the correction may leave a likely failure', () => {
    const edge = member('a', 1, {
      candidate: trials([10.72, 10.62, 10.55, 10.95, 10.9]),
      baseline: trials([10.1, 10.2, 9.9, 10.0, 10.05]),
    });
    const family = [edge, ...['b', 'c', 'd'].map((name) => member(name, 1))];
    expect(edge.decision).toMatchObject({ status: 'FAIL', strength: 'proven' });
    expect(decideFamily(family)).toMatchObject({
      status: 'FAIL',
      strength: 'likely',
      reason: 'regression_likely_beyond_tolerance',
    });
    expect(decideFamily(family, { alpha: 0.05, failRule: 'proven' })).toMatchObject({ status: 'INCONCLUSIVE' });
  });

  it('a thin tail never gates', () => {
    const tail = member('p99', 1.3, { tail: { quantile: 0.99, requests: 40 } });
    expect(decideFamily([member('a', 1), tail])).toMatchObject({ status: 'PASS', holm_family: ['a'] });
  });

  it('carries the weakest basis, the largest mde and the most trials of the gating metrics', () => {
    const counter = member('instructions', 1, { counter: true, baseline: trials([5]), candidate: trials([5]) });
    const open = member('b', 1.04);
    const decision = decideFamily([counter, open, member('c', 1)]);
    expect(decision).toMatchObject({
      basis: 'interval',
      mde: open.decision.mde,
      trials_needed: open.decision.trials_needed,
    });
    expect(decideFamily([counter])).toMatchObject({ status: 'PASS', basis: 'exact' });
  });

  it('shows q-values for every metric with a test and Holm only for the gating ones', () => {
    const { metrics } = decideFamily([
      member('a', 1.3),
      member('b', 1.3, { gating: false }),
      member('c', 1, { candidate: [] }),
    ]);
    expect(
      metrics.map(({ name, holds, q_worse, p_worse_holm }) => [name, holds, q_worse !== null, p_worse_holm !== null]),
    ).toEqual([
      ['a', 'proven', true, true],
      ['b', null, true, false],
      ['c', null, false, true],
    ]);
  });

  it('keeps the chance of any wrong FAIL over four unrelated metrics at 5 percent', () => {
    const random = seededRandom(31);
    const draw = logNormalTrials({ n: 5, cv: 0.05, worsening: 0, blockCv: null });
    const outcomes = Array.from({ length: 2500 }, () => {
      const family = ['a', 'b', 'c', 'd'].map((name) => member(name, 1, draw(random)));
      const alone = family.some(({ decision }) => decision.status === 'FAIL');
      return { alone, together: decideFamily(family).status === 'FAIL' };
    });
    const share = (of: 'alone' | 'together'): number => outcomes.filter((outcome) => outcome[of]).length / 2500;
    expect(share('alone')).toBeGreaterThan(0.12);
    expect(share('together')).toBeLessThanOrEqual(0.06);
  });
});
