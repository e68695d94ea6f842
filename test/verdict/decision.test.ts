import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type MetricQuestion, type Sample } from '../../src/verdict/decision.ts';
import { decideMetric } from '../../src/verdict/decide-metric.ts';
import { blocked, near, trials } from '../stats/sample.ts';

const latency = (baseline: readonly number[], candidate: readonly number[], percent = 5): MetricQuestion => ({
  direction: 'lower-is-better',
  tolerance: { relative: percent / 100, absolute: null },
  baseline: trials(baseline),
  candidate: trials(candidate),
});

const CALM = [10.1, 10.2, 9.9, 10.0, 10.05];
const times = (values: readonly number[], factor: number): number[] => values.map((value) => value * factor);

describe('one metric, lower is better', () => {
  it.each([
    { candidate: times(CALM, 0.9), status: 'PASS', strength: null, reason: 'improved' },
    { candidate: times(CALM, 1.001), status: 'PASS', strength: null, reason: 'equivalent' },
    { candidate: times(CALM, 1.1), status: 'FAIL', strength: 'proven', reason: 'regression_beyond_tolerance' },
    { candidate: times(CALM, 1.06), status: 'FAIL', strength: 'likely', reason: 'regression_likely_beyond_tolerance' },
    { candidate: times(CALM, 1.04), status: 'INCONCLUSIVE', strength: null, reason: 'worse_but_size_unclear' },
    { candidate: [9, 11.2, 10, 12, 9.5], status: 'INCONCLUSIVE', strength: null, reason: 'interval_spans_tolerance' },
    { candidate: [8.8, 9.2, 10.1, 10.2, 9.7], status: 'PASS', strength: null, reason: 'not_worse' },
  ])('$status $reason', ({ candidate, status, strength, reason }) => {
    const decision = decideMetric(latency(CALM, candidate));
    expect(decision).toMatchObject({
      status,
      strength,
      reason,
      basis: 'interval',
      analysis: 'unpaired',
      scale: 'ratio',
    });
    expect(decision.trials_needed === null).toBe(status !== 'INCONCLUSIVE');
  });

  it('a change of exactly the tolerance passes', () => {
    const at = decideMetric(latency([100, 100, 100], [105, 105, 105]));
    const above = decideMetric(latency([100, 100, 100], [105.001, 105.001, 105.001]));
    expect([at.status, above.status]).toEqual(['PASS', 'FAIL']);
    const fewer = decideMetric({ ...latency([100, 100, 100], [95, 95, 95]), direction: 'higher-is-better' });
    expect(fewer).toMatchObject({ status: 'PASS', reason: 'equivalent' });
    near(fewer.worsening, 0.05);
  });

  it('the proven rule leaves a likely failure open and asks for more trials', () => {
    const decision = decideMetric({ ...latency(CALM, times(CALM, 1.06)), failRule: 'proven' });
    expect(decision).toMatchObject({ status: 'INCONCLUSIVE', reason: 'worse_but_size_unclear' });
    expect(decision.trials_needed).toBeGreaterThan(5);
  });

  it('one value a side is a point: an estimate, no verdict, the default number of trials', () => {
    const decision = decideMetric(latency([100], [130]));
    expect(decision).toMatchObject({
      status: 'INCONCLUSIVE',
      reason: 'insufficient_n',
      basis: 'point',
      trials_needed: 5,
    });
    expect(decision).toMatchObject({ mde: null, interval: null });
    near(decision.worsening, 0.3);
  });

  it('states the smallest change that these trials can see', () => {
    const { mde } = decideMetric(latency([99, 101, 100, 98, 102], [100, 99, 101, 102, 98]));
    near(mde, 0.0277, 1e-3);
  });

  it('an estimate on the tolerance itself is called indistinguishable, not a number', () => {
    const decision = decideMetric(latency([100, 104, 96], [105, 109.2, 100.8]));
    expect(decision).toMatchObject({ status: 'INCONCLUSIVE', trials_needed: null });
    expect(decision.warnings).toEqual(['indistinguishable_from_tolerance']);
  });
});

describe('directions', () => {
  it('a throughput and the latency that is its reciprocal get the same decision under tolerances that say the same', () => {
    const positive = fc.array(fc.double({ min: 1, max: 100, noNaN: true }), { minLength: 3, maxLength: 7 });
    fc.assert(
      fc.property(positive, positive, (baseline, candidate) => {
        const low = decideMetric(latency(baseline, candidate));
        const inverse = (values: readonly number[]): number[] => values.map((value) => 1 / value);
        const high = decideMetric({
          ...latency(inverse(baseline), inverse(candidate)),
          tolerance: { relative: 0.05 / 1.05, absolute: null },
          direction: 'higher-is-better',
        });
        expect(high.status).toBe(low.status);
        near(1 / (1 - (high.worsening ?? 0)) - 1, low.worsening, 1e-9);
      }),
    );
  });

  it('swapping the sides inverts the ratio; order and unit change nothing', () => {
    const positive = fc.array(fc.integer({ min: 1000, max: 1100 }), { minLength: 3, maxLength: 7 });
    fc.assert(
      fc.property(positive, positive, (baseline, candidate) => {
        const there = decideMetric(latency(baseline, candidate));
        const back = decideMetric(latency(candidate, baseline));
        near((1 + (there.worsening ?? 0)) * (1 + (back.worsening ?? 0)), 1, 1e-9);
        const other = decideMetric(latency(times(baseline.toReversed(), 1000), times(candidate.toReversed(), 1000)));
        expect([other.status, other.reason, other.trials_needed]).toEqual([
          there.status,
          there.reason,
          there.trials_needed,
        ]);
      }),
    );
  });

  it.each([
    { factor: 1, status: 'PASS', reason: 'equivalent' },
    { factor: 0.9, status: 'FAIL', reason: 'change_beyond_tolerance' },
    { factor: 1.1, status: 'FAIL', reason: 'change_beyond_tolerance' },
    { factor: 0.948, status: 'FAIL', reason: 'change_likely_beyond_tolerance' },
    { factor: 1.045, status: 'INCONCLUSIVE', reason: 'changed_but_size_unclear' },
  ])('two-sided, times $factor: $status', ({ factor, status, reason }) => {
    const decision = decideMetric({ ...latency(CALM, times(CALM, factor)), direction: 'two-sided' });
    expect(decision).toMatchObject({ status, reason });
    expect(decision.interval?.level).toBeGreaterThanOrEqual(0.95);
  });

  it('without a direction nothing is judged', () =>
    expect(decideMetric({ ...latency(CALM, CALM), direction: null })).toMatchObject({
      status: 'UNKNOWN',
      reason: 'direction_unknown',
      worsening: null,
      n: [5, 5],
    }));
});

describe('zero, negative values and absolute tolerances', () => {
  const rate = (
    baseline: readonly number[],
    candidate: readonly number[],
    absolute: number | null,
  ): MetricQuestion => ({
    ...latency(baseline, candidate),
    tolerance: { relative: 0.05, absolute },
  });

  it('0 against 0 passes; 0 against more than the absolute tolerance fails', () => {
    expect(decideMetric(rate([0, 0, 0], [0, 0, 0], 0.01))).toMatchObject({ status: 'PASS', scale: 'difference' });
    expect(decideMetric(rate([0, 0, 0], [0.02, 0.02, 0.02], 0.01))).toMatchObject({ status: 'FAIL', tolerance: 0.01 });
    expect(decideMetric(rate([0, 0, 0], [0.01, 0.01, 0.01], 0.01))).toMatchObject({ status: 'PASS' });
  });

  it('says when it had no absolute tolerance to use', () =>
    expect(decideMetric(rate([0, 0, 0], [0.02, 0.02, 0.02], null))).toMatchObject({
      status: 'FAIL',
      tolerance: 0,
      warnings: ['no_absolute_tolerance'],
    }));

  it('negative values are compared by difference, in the right direction', () => {
    const score = { ...rate([-5, -4, -6], [-9, -10, -8], 1), direction: 'higher-is-better' as const };
    expect(decideMetric(score)).toMatchObject({ status: 'FAIL', worsening: 4 });
  });

  it('with both tolerances a change must exceed both', () => {
    const grown = times(CALM, 1.2);
    expect(decideMetric(rate(CALM, grown, 1)).status).toBe('FAIL');
    expect(decideMetric(rate(CALM, grown, 5))).toMatchObject({ status: 'PASS', scale: 'difference' });
    expect(decideMetric(rate(times(CALM, 100), times(CALM, 101), 1))).toMatchObject({ status: 'PASS', scale: 'ratio' });
  });
});

describe('counters', () => {
  const counted = (baseline: readonly number[], candidate: readonly number[]): MetricQuestion => ({
    ...latency(baseline, candidate, 1),
    counter: true,
  });

  it('one value a side suffices', () => {
    expect(decideMetric(counted([1_000_000], [1_012_000]))).toMatchObject({
      status: 'FAIL',
      strength: 'proven',
      basis: 'exact',
      p_worse: 0,
    });
    expect(decideMetric(counted([1_000_000], [1_010_000]))).toMatchObject({
      status: 'PASS',
      basis: 'exact',
      p_worse: 0,
      p_beyond_tolerance: 1,
    });
  });

  it('a counter that varies is judged like any other metric, and said so', () =>
    expect(decideMetric(counted([100, 101, 100], [100, 100, 101]))).toMatchObject({
      basis: 'interval_t',
      warnings: ['counter_varies'],
    }));
});

describe('paired trials', () => {
  const drifting = [100, 110, 120, 130, 140, 150];
  const steady = drifting.map((value, index) => value * (1.04 + index * 0.0005));

  it('cancels drift that both sides of a block share', () => {
    const question = latency([], [], 3);
    const paired = decideMetric({ ...question, baseline: blocked(drifting), candidate: blocked(steady) });
    const unpaired = decideMetric({
      ...question,
      baseline: blocked(drifting),
      candidate: blocked(steady),
      analysis: 'unpaired',
    });
    expect(paired).toMatchObject({ status: 'FAIL', analysis: 'paired', pairs: 6 });
    expect(unpaired).toMatchObject({ status: 'INCONCLUSIVE', analysis: 'unpaired', pairs: null });
  });

  it('of fewer than 5 pairs Student’s t decides, of one nothing does', () => {
    const paired = (count: number): MetricQuestion => ({
      ...latency([], []),
      baseline: blocked(CALM.slice(0, count)),
      candidate: blocked([1.29, 1.3, 1.31, 1.3].slice(0, count).map((factor, at) => factor * (CALM[at] ?? 1))),
    });
    expect(decideMetric(paired(4))).toMatchObject({ status: 'FAIL', basis: 'interval_t', rule: 'V2', pairs: 4 });
    expect(decideMetric(paired(1))).toMatchObject({ status: 'INCONCLUSIVE', reason: 'insufficient_n', basis: 'point' });
  });

  it('an ABBA block holds two pairs; a trial without partner is left out and counted', () => {
    const trial = (value: number, block: number): Sample => ({ value, block, excluded: false });
    const abba = (value: number): Sample[] => [0, 0, 1, 1, 2, 2].map((block) => trial(value, block));
    const decision = decideMetric({ ...latency([], []), baseline: [...abba(100), trial(99, 7)], candidate: abba(120) });
    expect(decision).toMatchObject({ status: 'FAIL', pairs: 6, warnings: ['unpaired_trials_left_out'] });
  });

  it('a paired plan whose blocks are lost is not quietly judged unpaired', () =>
    expect(decideMetric({ ...latency(CALM, times(CALM, 1.3)), analysis: 'paired' })).toMatchObject({
      status: 'INCONCLUSIVE',
      reason: 'blocks_missing',
    }));
});

describe('what cannot be judged', () => {
  const bad = (values: readonly number[]): Sample[] => trials(values).map((trial) => ({ ...trial, excluded: true }));
  const empty: Sample[] = [{ value: null, block: null, excluded: false }];

  it.each([
    { name: 'vanished', change: { candidate: empty }, status: 'MISSING', reason: 'metric_missing' },
    { name: 'no trial', change: { candidate: [] }, status: 'MISSING', reason: 'metric_missing' },
    { name: 'all invalid', change: { candidate: bad(CALM) }, status: 'INVALID', reason: 'trials_invalid' },
    {
      name: 'other context',
      change: { mismatch: ['isl', 'concurrency'] },
      status: 'INCOMPARABLE',
      reason: 'context_mismatch:isl,concurrency',
    },
  ])('$name: $status', ({ change, status, reason }) => {
    const decision = decideMetric({ ...latency(CALM, CALM), ...change });
    expect(decision).toMatchObject({ status, reason, strength: null, p_worse: null });
  });

  it('invalid trials are excluded and counted, whatever their value', () => {
    const decision = decideMetric({ ...latency(CALM, CALM), candidate: [...trials(CALM), ...bad([900, Number.NaN])] });
    expect(decision).toMatchObject({ status: 'PASS', n: [5, 5], excluded: [0, 2] });
  });

  it('a tail percentile from too few requests is reported only', () => {
    const question = latency(CALM, times(CALM, 1.3));
    const thin = decideMetric({ ...question, tail: { quantile: 0.99, requests: 298 } });
    const thick = decideMetric({ ...question, tail: { quantile: 0.99, requests: 299 } });
    expect([thin.report_only, thin.warnings, thin.status]).toEqual([true, ['underpowered_tail'], 'FAIL']);
    expect([thick.report_only, thick.warnings]).toEqual([false, []]);
  });
});
