import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { checkRatchet } from '../../src/ratchet/check.ts';
import { DEFAULT_THRESHOLDS } from '../../src/ratchet/judge-config.ts';
import type { ConfigResult } from '../../src/ratchet/result-file.ts';
import type { Waiver } from '../../src/ratchet/waiver.ts';
import { seededRandom } from '../../src/stats/random.ts';
import { median } from '../../src/stats/describe.ts';

const timed = (timeMs: number, more: Partial<ConfigResult> = {}): ConfigResult => ({
  name: 'training_512',
  timeMs,
  statistic: 'median',
  samplesMs: [],
  throughputGflops: null,
  bandwidthGbPerS: null,
  shape: null,
  gpu: null,
  gitCommit: null,
  timestamp: null,
  invalid: null,
  ...more,
});
const sampled = (samplesMs: readonly number[], more: Partial<ConfigResult> = {}): ConfigResult =>
  timed(median(samplesMs), { samplesMs, ...more });
const judge = (baseline: ConfigResult | null, current: ConfigResult, waivers: readonly Waiver[] = []) => {
  const outcome = checkRatchet({
    candidate: [current],
    baseline: baseline === null ? null : new Map([[baseline.name, { result: baseline, stored: {} }]]),
    thresholds: DEFAULT_THRESHOLDS,
    waivers,
    provenance: { sourceSha256: 'f'.repeat(64), commit: null, at: '2026-11-23T01:02:03Z' },
    readOnly: null,
    strict: false,
    strictContext: false,
  });
  return outcome.rows[0] ?? expect.unreachable('one configuration is one row');
};

const golden = '../shared/golden/stats/ratchet.json';
interface GoldenCase {
  readonly name: string;
  readonly baseline_ms: number | null;
  readonly current_ms: number;
  readonly expected_seed_semantics: Readonly<Record<string, number | boolean | null>>;
}

describe.skipIf(!existsSync(golden))(`golden cases of the point rule (skipped without ${golden})`, () => {
  const cases: readonly GoldenCase[] = existsSync(golden) ? JSON.parse(readFileSync(golden, 'utf8')).cases : [];
  test.each(cases)('$name', ({ baseline_ms, current_ms, expected_seed_semantics: expected }) => {
    const row = judge(baseline_ms === null ? null : timed(baseline_ms), timed(current_ms));
    const { delta_pct, ...flags } = expected;
    // A configuration that nobody measured before is new, whatever it is called elsewhere: nothing was improved.
    expect(row).toMatchObject(baseline_ms === null ? { ...flags, is_improvement: false } : flags);
    if (typeof delta_pct === 'number') expect(row.delta_pct).toBeCloseTo(delta_pct, 9);
    else expect(row.delta_pct).toBeNull();
  });
});

describe('the point rule, without samples', () => {
  test.each([
    [0.0612, 0.053, 'improvement', false, true],
    [0.053, 0.0612, 'regression', true, true],
    [100, 103, 'unchanged', true, false],
    [100, 103.0001, 'regression', true, true],
    [0.1, 0.103, 'unchanged', true, false],
    [100, 95, 'unchanged', false, false],
    [100, 94.99, 'improvement', false, false],
    [100, 90, 'improvement', false, true],
    [100, 100, 'unchanged', true, false],
  ] as const)('%d ms to %d ms: %s', (before, after, status, keep_baseline, profile) => {
    expect(judge(timed(before), timed(after))).toMatchObject({ status, keep_baseline, profile });
  });

  test('no change is a change of zero, not an absent one', () => {
    expect(judge(timed(7), timed(7)).delta_pct).toBe(0);
  });

  test('one value a side stays inconclusive by the decision, whatever the colour', () => {
    expect(judge(timed(1), timed(2)).decision).toMatchObject({
      status: 'INCONCLUSIVE',
      basis: 'point',
      reason: 'insufficient_n',
    });
  });
});

describe('the interval rule, with samples', () => {
  const base = [1, 1.01, 0.99, 1.005, 0.995];
  const times = (factor: number): number[] => base.map((value) => value * factor);

  test.each([
    ['a clear gain', 0.9, 'improvement', false],
    ['a small proven gain', 0.97, 'unchanged', false],
    ['the same values', 1, 'unchanged', true],
    ['a clear loss', 1.1, 'regression', true],
  ] as const)('%s', (_, factor, status, keep_baseline) => {
    expect(judge(sampled(base), sampled(times(factor)))).toMatchObject({ status, keep_baseline });
  });

  test('a faster median that noise explains keeps the baseline and says why', () => {
    const row = judge(sampled([1, 1.2, 0.9, 1.1, 1.05]), sampled([0.98, 1.15, 0.95, 1.1, 0.99]));
    expect(row).toMatchObject({ status: 'inconclusive', keep_baseline: true });
    expect(row.decision?.trials_needed).toBeGreaterThan(5);
    expect(row.notes.join()).toContain('baseline kept');
  });

  test('four samples never promote, however fast', () => {
    expect(judge(sampled(base), sampled([0.5, 0.51, 0.49, 0.5])).keep_baseline).toBe(true);
  });

  test('a baseline of one value is replaced only when the bound of the new samples lies below it', () => {
    expect(judge(timed(1), sampled([0.98, 0.97, 0.985, 0.975, 0.99])).keep_baseline).toBe(false);
    expect(judge(timed(1), sampled([0.9, 0.95, 1.02, 0.93, 0.97])).keep_baseline).toBe(true);
  });

  test('a single lucky time does not replace samples', () => {
    expect(judge(sampled(base), timed(0.5)).keep_baseline).toBe(true);
  });
});

describe('results that must not be compared', () => {
  test.each([
    ['another GPU', { gpu: 'NVIDIA L4' }, { gpu: 'NVIDIA H100' }, 'context_mismatch:gpu'],
    ['another shape under the same name', { shape: { seq: 512 } }, { shape: { seq: 128 } }, 'context_mismatch:config'],
    ['a mean against a median', { statistic: 'median' }, { statistic: 'mean' }, 'context_mismatch:statistic'],
  ] as const)('%s', (_, before, after, note) => {
    const row = judge(timed(1, before), timed(2, after));
    expect(row).toMatchObject({ status: 'not_comparable', keep_baseline: true, is_regression: false, notes: [note] });
  });

  test('facts that only one side states, and the order of keys, are no mismatch', () => {
    const row = judge(
      timed(1, { gpu: null, shape: { seq: 1, batch: 2 } }),
      timed(1, { gpu: 'NVIDIA L4', shape: { batch: 2, seq: 1 } }),
    );
    expect(row.status).toBe('unchanged');
  });

  test('an invalid measurement neither passes, fails nor promotes', () => {
    const row = judge(timed(1), timed(0.1, { invalid: 'bandwidth_above_peak' }));
    expect(row).toMatchObject({ status: 'invalid', keep_baseline: true, is_improvement: false, profile: false });
  });
});

describe('waivers', () => {
  const waive = (expires: string, max_regression_percent: number | null, after = 1.1) =>
    judge(timed(1), timed(after), [
      { config: 'training_512', reason: 'FP32 accumulation for accuracy', expires, max_regression_percent },
    ]);

  test('a waiver covers a slowdown up to and on its last day', () => {
    expect(waive('2026-11-23', 10.5)).toMatchObject({ status: 'waived', is_regression: false, keep_baseline: true });
  });

  test('an expired waiver covers nothing and says when it ended', () => {
    const row = waive('2026-11-22', null);
    expect(row.status).toBe('regression');
    expect(row.notes).toEqual(['the waiver expired on 2026-11-22']);
  });

  test('a larger slowdown than was waived is a regression', () => {
    expect(waive('2027-01-01', 5).notes).toEqual(['the waiver covers 5% at most']);
  });

  test('a waiver of another configuration is silent', () => {
    const other = { config: 'inference_128', reason: 'x', expires: '2099-01-01', max_regression_percent: null };
    const row = judge(timed(1), timed(1.1), [other]);
    expect(row).toMatchObject({ status: 'regression', notes: [] });
  });
});

/** Share of noise-only series in which the given run is called a regression although nothing ever changed. */
const falseAlarms = (cv: number, runs: number, samples: number, series: number): number => {
  const random = seededRandom(20261123);
  let alarms = 0;
  for (let repeat = 0; repeat < series; repeat += 1) {
    const draw = (): ConfigResult => {
      const values = Array.from({ length: samples }, () => Math.exp(cv * random.normal()));
      return samples === 1 ? timed(values[0] ?? 1) : sampled(values);
    };
    let [best, row] = [draw(), judge(null, draw())];
    for (let run = 1; run <= runs; run += 1) {
      const current = draw();
      row = judge(best, current);
      if (!row.keep_baseline) best = current;
    }
    if (row.is_regression) alarms += 1;
  }
  return alarms / series;
};

describe('a ratchet over noise alone', () => {
  test.each([
    [0.01, 0.01, 0.16],
    [0.02, 0.03, 0.63],
    [0.03, 0.07, 0.79],
    [0.05, 0.08, 0.88],
  ])('cv %d: at run 20 the interval rule alarms in at most %d where the point rule does in %d', (cv, most, point) => {
    expect(falseAlarms(cv, 20, 5, 600)).toBeLessThanOrEqual(most);
    expect(falseAlarms(cv, 20, 1, 600)).toBeCloseTo(point, 1);
  });
});
