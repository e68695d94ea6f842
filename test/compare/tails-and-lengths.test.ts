// What a comparison takes from trials and contexts besides the values: how long prompts and answers were, and how many requests
// stand behind a tail.
import { describe, expect, it } from 'vitest';
import { judge } from '../../src/compare/judge.ts';
import type { MetricDecision } from '../../src/verdict/decision.ts';
import { compareContexts } from '../../src/verdict/context-match.ts';
import type { Trial } from '../../src/metrics/trial.ts';
import { defaults, repeated } from './sides.ts';

describe('a length that a run measured matches within 2 percent', () => {
  it.each([
    ['isl', 1000, 1020, true],
    ['isl', 1020, 1000, true],
    ['isl', 1000, 1021, false],
    ['isl', 1021, 1000, false],
    ['osl', 200, 204, true],
    ['osl', 200, 205, false],
    ['acceptance_length', 2.5, 2.55, true],
    ['acceptance_length', 2.5, 2.56, false],
    ['concurrency', 100, 101, false],
    ['tp', 8, 8, true],
  ])('%s %d and %d: %s', (field, baseline, candidate, same) => {
    expect(compareContexts({ [field]: baseline }, { [field]: candidate }, []).match).toBe(same);
  });
});

describe('a tail', () => {
  const RUNS = [50, 50.4, 49.8, 50.2, 49.9];
  const decided = (name: string, before: Partial<Trial>, after: Partial<Trial> = before): MetricDecision | undefined =>
    judge(
      repeated(name, 'ms', RUNS, { trial: before }),
      repeated(
        name,
        'ms',
        RUNS.map((value) => value * 1.6),
        { trial: after },
      ),
      { policy: defaults },
    ).rows[0]?.decision;

  const isReportedOnly = (...of: Parameters<typeof decided>): boolean => {
    const decision = decided(...of);
    expect(decision?.warnings.includes('underpowered_tail')).toBe(decision?.report_only);
    return decision?.report_only ?? false;
  };

  it.each([
    ['itl_p95_ms', 58, 59],
    ['itl_p99_ms', 298, 299],
  ])('%s gates from the number of requests that bounds it: not of %i, but of %i', (name, few, enough) => {
    expect([isReportedOnly(name, { requests: few }), isReportedOnly(name, { requests: enough })]).toEqual([
      true,
      false,
    ]);
  });

  it('is as good as the smallest trial of either side', () => {
    expect(isReportedOnly('itl_p95_ms', { requests: 1000 }, { requests: 58 })).toBe(true);
    expect(isReportedOnly('itl_p95_ms', { requests: 58 }, { requests: 1000 })).toBe(true);
    const mixed = (requests: readonly number[]) => {
      const of = repeated('itl_p95_ms', 'ms', RUNS);
      return { ...of, trials: of.trials.map((trial, index) => ({ ...trial, requests: requests[index] ?? null })) };
    };
    const between = (a: readonly number[], b: readonly number[]): boolean | undefined =>
      judge(mixed(a), mixed(b), { policy: defaults }).rows[0]?.decision?.report_only;
    expect(between([100, 100, 58, 100, 100], [100, 100, 100, 100, 100])).toBe(true);
    expect(between([100, 100, 59, 100, 100], [100, 100, 100, 100, 100])).toBe(false);
    // One trial that does not say leaves it to the number that was asked for, which nobody named here.
    expect(between([100, 100, 100, 100], [100, 100, 100, 100, 100])).toBe(false);
  });

  it('is measured against the number of prompts where trials do not say', () => {
    const asked = (num_prompts: number) => repeated('itl_p95_ms', 'ms', RUNS, { side: { context: { num_prompts } } });
    const only = (prompts: number): boolean | undefined =>
      judge(asked(prompts), asked(prompts), { policy: defaults }).rows[0]?.decision?.report_only;
    expect([only(58), only(59)]).toEqual([true, false]);
  });

  it('is neither a median nor a mean, which few requests may carry', () => {
    expect([isReportedOnly('itl_p50_ms', { requests: 3 }), isReportedOnly('itl_mean_ms', { requests: 3 })]).toEqual([
      false,
      false,
    ]);
  });
});
