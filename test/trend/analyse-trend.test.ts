import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../src/stats/random.ts';
import { analyseTrend, type TrendOptions } from '../../src/trend/analyse-trend.ts';
import { driftWithin } from '../../src/trend/drift.ts';
import type { TrendPoint } from '../../src/trend/eras.ts';
import { renderTrendSvg } from '../../src/trend/trend-svg.ts';
import { renderTrendText } from '../../src/trend/trend-text.ts';

const options: TrendOptions = {
  metric: 'tpot_p50_ms',
  unit: 'ms',
  direction: 'lower-is-better',
  tolerance: 0.03,
};

const history = (values: readonly number[], context = (_: number): string => 'k1'): TrendPoint[] =>
  values.map((value, index) => ({
    id: `run-${index}`,
    at: new Date(Date.UTC(2026, 0, 1 + index)).toISOString(),
    value,
    context_key: context(index),
    commit: index.toString(16).padStart(12, 'a'),
  }));

/** Log-normal noise around each centre. */
const noisy = (centres: readonly number[], cv: number, seed: number): number[] => {
  const random = seededRandom(seed);
  return centres.map((centre) => centre * Math.exp(cv * random.normal()));
};
const level = (centre: number, n: number): number[] => new Array<number>(n).fill(centre);
const of = (centres: readonly number[], cv = 0.01, seed = 3) =>
  analyseTrend(history(noisy(centres, cv, seed)), options);

describe('the verdict on a history', () => {
  test('a stable history passes', () => {
    expect(of(level(10, 20))).toMatchObject({
      verdict: 'GREEN',
      decision: { status: 'PASS', reason: 'stable' },
      changes: [],
    });
  });

  test('a lasting step for the worse fails and names the commits it lies between', () => {
    const trend = of([...level(10, 15), ...level(11, 8)]);
    expect(trend).toMatchObject({ verdict: 'RED', decision: { status: 'FAIL', reason: 'level_changed' } });
    expect(trend.changes).toMatchObject([
      { index: 15, last_before: 'run-14', first_after: 'run-15', commit_before: 'aaaaaaaaaaae', adverse: true },
    ]);
    expect(Math.round(trend.changes[0]?.change_pct ?? 0)).toBe(9);
  });

  test('the same step is an improvement when higher is better', () => {
    const points = history(noisy([...level(10, 15), ...level(11, 8)], 0.01, 3));
    const trend = analyseTrend(points, { ...options, direction: 'higher-is-better' });
    expect(trend.decision).toMatchObject({ status: 'PASS', reason: 'improved' });
  });

  test('any step fails a metric that should stay where it is', () => {
    const points = history(noisy([...level(10, 15), ...level(9, 8)], 0.01, 3));
    expect(analyseTrend(points, { ...options, direction: 'two-sided' }).decision.reason).toBe('level_changed');
  });

  test('a step within the tolerance is shown and does not fail', () => {
    const trend = of([...level(10, 20), ...level(10.2, 20)], 0.004);
    expect(trend.changes).toHaveLength(1);
    expect(trend.decision.status).toBe('PASS');
  });

  test('a step that was fixed passes', () => {
    expect(of([...level(10, 15), ...level(11, 8), ...level(10, 10)]).decision.status).toBe('PASS');
  });

  test('small steps that add up fail against the first level', () => {
    const steps = [10, 10.25, 10.5, 10.75].flatMap((centre) => level(centre, 12));
    expect(of(steps, 0.004)).toMatchObject({ verdict: 'RED', decision: { status: 'FAIL' } });
  });

  test('one odd point warns, two in a row fail', () => {
    const one = of([...level(10, 15), 11.5]);
    expect(one).toMatchObject({ verdict: 'YELLOW', alarms: [15], decision: { reason: 'one_alarm', trials_needed: 1 } });
    const two = analyseTrend(history([...noisy(level(10, 12), 0.01, 3), 10.9, 10.8]), options);
    expect(two.verdict).toBe('RED');
    expect(two.alarms.length > 0 || two.changes.length > 0).toBe(true);
  });

  test('two odd points that no change point can see yet are still a failure', () => {
    const trend = analyseTrend(history([10, 10.02, 9.98, 10.01, 9.99, 10.6, 10.9]), { ...options, changeAlpha: 1e-12 });
    expect(trend.changes).toEqual([]);
    expect(trend).toMatchObject({ alarms: [5, 6], decision: { status: 'FAIL', reason: 'persistent_alarm' } });
  });

  test('an odd point for the better is no alarm', () => {
    expect(of([...level(10, 15), 8.5]).alarms).toEqual([]);
  });

  test('a perfectly stable history still alarms on a change beyond the tolerance, and only then', () => {
    expect(analyseTrend(history([...level(10, 8), 10.2]), options).alarms).toEqual([]);
    expect(analyseTrend(history([...level(10, 8), 10.5]), options).alarms).toEqual([8]);
  });

  test.each([1, 2, 5])('%d points are too few, and the answer says how many are missing', (n) => {
    expect(of(level(10, n)).decision).toMatchObject({
      status: 'INCONCLUSIVE',
      reason: 'too_few_points',
      trials_needed: 6 - n,
    });
  });

  test('slow creep fails as creep, not as steps', () => {
    const creeping = Array.from({ length: 40 }, (_, run) => 10 * 1.0025 ** run);
    const trend = of(creeping, 0.004);
    expect(trend.decision).toMatchObject({ status: 'FAIL', reason: 'crept_away' });
    expect(trend.drift?.percent_per_run).toBeCloseTo(0.25, 1);
  });
});

describe('resets', () => {
  test('a new driver starts a new era instead of a regression', () => {
    const values = noisy([...level(10, 12), ...level(12, 8)], 0.01, 5);
    const trend = analyseTrend(
      history(values, (index) => (index < 12 ? 'driver-570' : 'driver-580')),
      options,
    );
    expect(trend.eras).toMatchObject([
      { start: 'first', from: 0, points: 12 },
      { start: 'context_changed', from: 12, points: 8 },
    ]);
    expect(trend).toMatchObject({ changes: [], decision: { status: 'PASS' } });
  });

  test('an accepted level is the new normal, and the next step counts again', () => {
    const points = history(noisy([...level(10, 12), ...level(11, 12)], 0.01, 5));
    expect(analyseTrend(points, options).decision.status).toBe('FAIL');
    expect(analyseTrend(points, { ...options, accepted: ['run-12'] }).decision.status).toBe('PASS');
    const again = history(noisy([...level(10, 12), ...level(11, 12), ...level(12, 8)], 0.01, 5));
    expect(analyseTrend(again, { ...options, accepted: ['run-12'] }).decision.status).toBe('FAIL');
  });
});

describe('false alarms on noise alone', () => {
  test.each([10, 20, 40])('at most 5 in 100 series of %d points fail', (n) => {
    const failed = Array.from({ length: 200 }, (_, seed) => of(level(10, n), 0.03, seed)).filter(
      ({ decision }) => decision.status === 'FAIL',
    );
    expect(failed.length / 200).toBeLessThanOrEqual(0.05);
  });
});

describe('drift within segments', () => {
  test('a known slope is found whatever steps lie between', () => {
    const rising = (from: number): number[] => Array.from({ length: 10 }, (_, run) => from * Math.exp(0.01 * run));
    const drift = driftWithin([rising(1), rising(100)]);
    expect(drift?.percent_per_run).toBeCloseTo(100 * Math.expm1(0.01), 9);
    expect(drift?.significant).toBe(true);
  });

  test('steps alone are no drift', () => {
    const random = seededRandom(11);
    const flat = (centre: number): number[] =>
      Array.from({ length: 15 }, () => centre * Math.exp(0.01 * random.normal()));
    expect(driftWithin([flat(1), flat(2)])?.significant).toBe(false);
  });

  test('equal values have a slope of zero', () => {
    expect(driftWithin([level(5, 6)])).toMatchObject({ percent_per_run: 0, significant: false });
  });

  test('reversing the order turns the sign', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 1, max: 2, noNaN: true }), { minLength: 6, maxLength: 15 }), (values) => {
        const there = driftWithin([values]);
        const back = driftWithin([[...values].reverse()]);
        const ratio = 1 + (there?.percent_per_run ?? 0) / 100;
        expect(1 + (back?.percent_per_run ?? 0) / 100).toBeCloseTo(1 / ratio, 9);
      }),
      { numRuns: 50 },
    );
  });

  test('too few pairs give no slope', () => {
    expect(driftWithin([[1, 2, 3]])).toBeNull();
  });
});

describe('renderers', () => {
  const trend = of([...level(10, 15), ...level(11, 8)]);

  test('the text starts with the verdict and names the change', () => {
    const lines = renderTrendText(trend).split('\n');
    expect(lines[0]).toBe('RED: tpot_p50_ms the level changed for the worse (decision FAIL, level_changed)');
    expect(lines.join('\n')).toContain('worse at run-15');
    expect(lines.join('\n')).toContain('commits aaaaaaaaaaae..aaaaaaaaaaaf');
  });

  test('the picture has one mark an entry and one in its legend, a label a change, and a break a context', () => {
    const values = noisy(level(10, 12), 0.01, 5);
    const broken = analyseTrend(
      history(values, (index) => (index < 6 ? 'a' : 'b')),
      options,
    );
    expect(renderTrendSvg(trend, 'llama31_8b/vllm_serve').match(/data-mark=/g)).toHaveLength(23 + 1);
    expect(renderTrendSvg(trend, 'llama31_8b/vllm_serve')).toMatch(/>\+\d+\.\d% worse<\/text>/);
    expect(renderTrendSvg(trend, 'llama31_8b/vllm_serve')).toContain('llama31_8b/vllm_serve; n = ');
    expect(renderTrendSvg(broken, 'llama31_8b/vllm_serve')).toContain('context changed');
  });

  test('names are escaped and no coordinate is NaN', () => {
    const hostile = analyseTrend(history([5]), { ...options, metric: '<script>&"', unit: '<b>' });
    const svg = renderTrendSvg(hostile, 'llama31_8b/vllm_serve');
    expect(svg).toContain('&lt;script&gt;&amp;&quot;');
    expect(svg).not.toMatch(/NaN|<script|<b>/);
  });
});

describe('histories that cannot be read', () => {
  test('an empty one', () => {
    expect(() => analyseTrend([], options)).toThrow(expect.objectContaining({ code: 'no_history' }));
  });
  test('one with a value that is no number', () => {
    expect(() => analyseTrend(history([1, Number.NaN]), options)).toThrow(
      expect.objectContaining({ code: 'not_a_number' }),
    );
  });
  test('zeros and negative values are levels like any other', () => {
    const trend = analyseTrend(history([...level(0, 8), ...level(5, 8)]), options);
    expect(trend).toMatchObject({ drift: null, decision: { status: 'FAIL' } });
    expect(JSON.stringify(trend)).not.toContain('Infinity');
    expect(trend.changes[0]?.change_pct).toBeNull();
  });
});
