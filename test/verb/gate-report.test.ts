import { describe, expect, test } from 'vitest';
import { gateReport, headlineOf } from '../../src/verb/gate-report.ts';

const ANSWER = {
  headline: 'RED: slower',
  cases: [
    { group: 'c1', name: 'tpot', outcome: 'failed', message: '+9%' },
    { group: 'c1', name: 'ttft', outcome: 'passed', message: '' },
  ],
} as const;

describe('the report of a gate agrees with its exit code', () => {
  test.each([
    [0, ['passed', 'skipped', 'passed']],
    [1, ['failed', 'failed', 'passed']],
    [3, ['failed', 'failed', 'passed']],
    [4, ['failed', 'failed', 'passed']],
  ] as const)('exit %i', (code, outcomes) => {
    expect(gateReport('bench_diff', ANSWER, code).cases.map(({ outcome }) => outcome)).toEqual(outcomes);
  });

  test('a gate that fails without a failing row has one failing case', () => {
    const { cases } = gateReport('bench_diff', { headline: 'context_mismatch', cases: [] }, 4);
    expect(cases).toEqual([
      { group: 'bench_diff', name: 'gate', outcome: 'failed', message: 'exit 4: context_mismatch' },
    ]);
  });

  test('the headline is the first line that says something', () => {
    expect(headlineOf('\nRED: x\nmore')).toBe('RED: x');
  });
});
