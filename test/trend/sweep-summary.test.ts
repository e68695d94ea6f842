import { describe, expect, test } from 'vitest';
import type { Verdict } from '../../src/verdict/delta-row.ts';
import type { Decision } from '../../src/verdict/decision.ts';
import { renderSweep, rollUpSweep, type SweepItem } from '../../src/trend/sweep-summary.ts';

const compared = (measurement: string, verdict: Verdict, status: Decision['status'], exit_code: number): SweepItem => ({
  measurement,
  verdict,
  decision: {
    status,
    strength: null,
    basis: 'interval',
    rule: 'V8',
    failed: [],
    suspect: [],
    open: [],
    reason: 'not_worse',
    trials_needed: null,
    mde: null,
  },
  headline: 'GREEN',
  metric: 'tpot_p50_ms',
  change: '10 -> 10.03 ms (+0.3%)',
  diff_dir: '/diffs/1',
  exit_code,
});
const failed: SweepItem = { measurement: 'b/gone', error: { code: 'no_baseline', message: 'no entry' }, exit_code: 2 };
const green = compared('a/x', 'GREEN', 'PASS', 0);
const red = compared('c/y', 'RED', 'FAIL', 1);
const open = compared('d/z', 'YELLOW', 'INCONCLUSIVE', 3);
const apart = compared('e/w', 'YELLOW', 'INCOMPARABLE', 4);

describe('one summary of many comparisons', () => {
  test.each([
    [[green], 'GREEN', 0],
    [[green, open], 'YELLOW', 3],
    [[open, apart], 'YELLOW', 4],
    [[apart, failed], 'YELLOW', 2],
    [[failed, red], 'RED', 1],
    [[{ ...failed, exit_code: 5 }, failed], 'YELLOW', 5],
    [[{ ...failed, exit_code: 77 }, failed], 'YELLOW', 77],
    [[], 'YELLOW', 2],
  ] as const)('the gravest of %# decides', (items, verdict, exit_code) => {
    expect(rollUpSweep(items)).toMatchObject({ verdict, exit_code, total: items.length });
    expect(rollUpSweep([...items].reverse())).toEqual(rollUpSweep(items));
  });

  test('counts colours and decisions, and puts the gravest first', () => {
    const summary = rollUpSweep([green, failed, open, red, apart]);
    expect(summary.counts).toEqual({ RED: 1, ERROR: 1, YELLOW: 2, GREEN: 1 });
    expect(summary.decisions).toEqual({ PASS: 1, FAIL: 1, INCONCLUSIVE: 1, INCOMPARABLE: 1 });
    expect(summary.items.map(({ measurement }) => measurement)).toEqual(['c/y', 'b/gone', 'e/w', 'd/z', 'a/x']);
  });

  test('is reported as one line and a table', () => {
    const text = renderSweep(rollUpSweep([green, red]));
    expect(text).toContain('**RED** over 2 measurements: 1 red, 0 yellow, 1 green, 0 without a comparison.');
    expect(text).toContain('| c/y | RED | FAIL | tpot_p50_ms: 10 -> 10.03 ms (+0.3%) | /diffs/1 |');
    expect(renderSweep(rollUpSweep([]))).toContain('Nothing was compared.');
  });
});
