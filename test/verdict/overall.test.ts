import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/stats/random.ts';
import { type MetricQuestion } from '../../src/verdict/decision.ts';
import { decideMetric } from '../../src/verdict/decide-metric.ts';
import { type JudgedMetric, correctFamily, decideOverall } from '../../src/verdict/overall.ts';
import { logNormalTrials } from '../../src/verdict/verdict-odds.ts';
import { trials } from '../stats/sample.ts';

const CALM = [10.1, 10.2, 9.9, 10.0, 10.05];

const metric = (
  key: string,
  factor: number,
  { gating = true, n = 5, ...extra }: { gating?: boolean; n?: number } & Partial<MetricQuestion> = {},
): JudgedMetric => ({
  key,
  gating,
  beyond: factor > 1.05,
  decision: decideMetric({
    direction: 'lower-is-better',
    tolerance: { relative: 0.05, absolute: null },
    baseline: trials(CALM.slice(0, n)),
    candidate: trials(CALM.slice(0, n).map((value) => value * factor)),
    ...extra,
  }),
});

/** One value a side. */
const single = (key: string, factor: number): JudgedMetric => metric(key, factor, { n: 1 });

describe('the decision over all metrics', () => {
  it.each([
    { name: 'all pass', rows: [metric('a', 1), metric('b', 1)], status: 'PASS', rule: 'V8', failed: [], suspect: [] },
    { name: 'one fails beyond doubt', rows: [metric('a', 1), metric('b', 1.3)], status: 'FAIL', rule: 'V6', failed: ['b'], suspect: [] },
    { name: 'a gating one is open', rows: [metric('a', 1), metric('b', 1.04)], status: 'INCONCLUSIVE', rule: 'V7', failed: [], suspect: [] },
    { name: 'a failure outweighs an open one', rows: [metric('a', 1.04), metric('b', 1.3)], status: 'FAIL', rule: 'V6', failed: ['b'], suspect: [] },
    { name: 'a failure that does not gate', rows: [metric('a', 1), metric('b', 2, { gating: false })], status: 'FAIL', rule: 'V6', failed: ['b'], suspect: [] },
    { name: 'another context', rows: [metric('a', 1), metric('b', 1, { mismatch: ['isl'] })], status: 'INCOMPARABLE', rule: 'V9', failed: [], suspect: [] },
    { name: 'one value a side, within', rows: [single('a', 1.04)], status: 'INCONCLUSIVE', rule: 'V1', failed: [], suspect: [] },
    { name: 'one value a side, beyond', rows: [single('a', 1), single('b', 1.06)], status: 'INCONCLUSIVE', rule: 'V1', failed: [], suspect: ['b'] },
    { name: 'one metric without repeats beyond its tolerance', rows: [metric('a', 1), single('b', 1.06)], status: 'INCONCLUSIVE', rule: 'V7', failed: [], suspect: ['b'] },
  ])('$name: $status by $rule', ({ rows, status, rule, failed, suspect }) => {
    expect(decideOverall(rows)).toMatchObject({ status, rule, failed, suspect });
  }); // prettier-ignore

  it('a metric that does not gate and stays undecided is named, and changes nothing', () => {
    const decision = decideOverall([metric('a', 1), metric('b', 1.04, { gating: false })]);
    expect(decision).toMatchObject({ status: 'PASS', open: ['b'] });
  });

  it('a vanished metric is no pass', () => {
    const lost = { key: 'b', decision: metric('b', 1, { candidate: [] }).decision };
    expect(decideOverall([metric('a', 1)], [lost])).toMatchObject({
      status: 'INCONCLUSIVE',
      reason: 'metric_missing',
      rule: 'V10',
    });
  });

  it('where nothing gates, everything does', () => {
    expect(decideOverall([metric('a', 1.04, { gating: false })]).status).toBe('INCONCLUSIVE');
  });

  it('one of twenty configurations that is ten times slower fails, with five samples and with three', () => {
    for (const n of [3, 5]) {
      const rows = Array.from({ length: 20 }, (_, at) => metric(`c${at}`, at === 7 ? 10 : 1, { n }));
      expect(decideOverall(rows)).toMatchObject({ status: 'FAIL', failed: ['c7'] });
    }
  });

  it('a failure that chance over the family may explain is suspect: no FAIL, and no PASS', () => {
    const edge = metric('a', 1, { baseline: trials([10, 10.4, 9.7, 10.1, 10.6]), candidate: trials([10.9, 11.2, 10.5, 11.4, 10.7]) });
    const rows = [edge, ...Array.from({ length: 49 }, (_, at) => metric(`b${at}`, 1))];
    expect(edge.decision.status).toBe('FAIL');
    expect(decideOverall(rows)).toMatchObject({ status: 'INCONCLUSIVE', reason: 'not_significant_after_holm', suspect: ['a'] });
    expect(decideOverall(rows).trials_needed).toBeGreaterThan(5);
  }); // prettier-ignore

  it('fewer than five trials beyond the tolerance in every rank never count as passed', () => {
    const wild = metric('a', 1, {
      gating: false,
      baseline: trials([10, 10.1, 9.9]),
      candidate: trials([10.7, 12.9, 17]),
    });
    expect(wild.decision).toMatchObject({ status: 'INCONCLUSIVE', suspect: true });
    expect(decideOverall([metric('b', 1), wild])).toMatchObject({
      status: 'INCONCLUSIVE',
      reason: 'beyond_tolerance_without_proof',
      suspect: ['a'],
    });
  });

  it('a thin tail never gates, but a failure of it is judged', () => {
    const thin = { tail: { quantile: 0.99, requests: 40 } };
    expect(decideOverall([metric('a', 1), metric('p99', 1.04, thin)])).toMatchObject({ status: 'PASS', open: ['p99'] });
    expect(decideOverall([metric('a', 1), metric('p99', 2, thin)])).toMatchObject({ status: 'FAIL', failed: ['p99'] });
  });

  it('carries the weakest basis, the largest mde and the most trials of the gating metrics', () => {
    const counter = metric('instructions', 1, { counter: true, baseline: trials([5]), candidate: trials([5]) });
    const open = metric('b', 1.04);
    expect(decideOverall([counter, open, metric('c', 1)])).toMatchObject({
      basis: 'interval',
      mde: open.decision.mde,
      trials_needed: open.decision.trials_needed,
    });
    expect(decideOverall([counter])).toMatchObject({ status: 'PASS', basis: 'exact' });
  });

  it('a part of a family is decided by the correction of the whole', () => {
    const edge = metric('a', 1, { baseline: trials([10, 10.4, 9.7, 10.1, 10.6]), candidate: trials([10.9, 11.2, 10.5, 11.4, 10.7]) });
    const whole = correctFamily([edge, ...Array.from({ length: 49 }, (_, at) => metric(`b${at}`, 1))]);
    expect(decideOverall([edge]).status).toBe('FAIL');
    expect(decideOverall([edge], [], whole).status).toBe('INCONCLUSIVE');
  }); // prettier-ignore

  it('shows what the correction leaves of every metric with a test', () => {
    const { members } = correctFamily([metric('a', 1.3), metric('b', 1.3, { gating: false }), single('c', 1)]);
    expect(members.map(({ name, gating, holds, standing }) => [name, gating, holds, standing])).toEqual([
      ['a', true, 'proven', 'failed'],
      ['b', false, 'proven', 'failed'],
    ]);
  });

  it('keeps the chance of any wrong FAIL over four unrelated metrics at 5 percent', () => {
    const random = seededRandom(31);
    const draw = logNormalTrials({ n: 5, cv: 0.05, worsening: 0, blockCv: null });
    const outcomes = Array.from({ length: 2500 }, () => {
      const rows = ['a', 'b', 'c', 'd'].map((key) => metric(key, 1, draw(random)));
      const alone = rows.some(({ decision }) => decision.status === 'FAIL');
      return { alone, together: decideOverall(rows).status === 'FAIL' };
    });
    const share = (of: 'alone' | 'together'): number => outcomes.filter((outcome) => outcome[of]).length / 2500;
    expect(share('alone')).toBeGreaterThan(0.12);
    expect(share('together')).toBeLessThanOrEqual(0.06);
  });
});
