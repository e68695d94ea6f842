import { describe, expect, test } from 'vitest';
import { decideMetric } from '../../src/verdict/decide-metric.ts';
import { judgeWinner, winnerExitCode, type FoundWinner } from '../../src/verdict/winner-gate.ts';

const BASELINE = [10, 10.1, 9.9, 10.05, 9.95, 10.02];

/** The winner's times in ms on fresh trials beside the baseline's, pair by pair. */
const found = (winner: readonly number[], more: { readonly split_pairs?: number } = {}): FoundWinner => {
  const side = (values: readonly number[]) => values.map((value, block) => ({ value, block, excluded: false }));
  const baseline = BASELINE.slice(0, winner.length);
  const decision = decideMetric({
    direction: 'lower-is-better',
    tolerance: { relative: 0, absolute: null },
    baseline: side(baseline),
    candidate: side(winner),
    analysis: 'paired',
  });
  const [was, is] = [baseline[0] ?? Number.NaN, winner[0] ?? Number.NaN];
  return { key: 'M-128', isBaseline: false, fresh: { baseline: was, winner: is, decision, split_pairs: 0, ...more } };
};
const times = (factor: number): number[] => BASELINE.map((ms, at) => ms * factor * (1 + (at % 2) / 1000));

const FASTER = found(times(0.8));
const SLOWER = found(times(1.2));
const UNDECIDED = found([10.2, 9.9, 10.1, 9.8, 10.05, 10]);
const NOT_MEASURED: FoundWinner = { key: 'M-128', isBaseline: false, fresh: null };
const NONE_BETTER: FoundWinner = { key: 'M-64', isBaseline: true, fresh: null };

describe('the winner of a search beside its baseline', () => {
  test.each([
    ['faster', FASTER, 'GREEN', 'PASS', 0],
    ['slower', SLOWER, 'RED', 'FAIL', 1],
    ['not distinguishable', UNDECIDED, 'GREEN', 'INCONCLUSIVE', 3],
    ['not measured anew', NOT_MEASURED, 'GREEN', 'INCONCLUSIVE', 4],
    ['the baseline itself', NONE_BETTER, 'GREEN', 'PASS', 0],
    ['faster in one pair', found([9]), 'GREEN', 'INCONCLUSIVE', 0],
    ['slower in one pair', found([11]), 'RED', 'INCONCLUSIVE', 1],
  ] as const)('%s: its colour, its decision and its exit code under strict', (_, winner, verdict, status, code) => {
    expect(judgeWinner(winner)).toMatchObject({ verdict, decision: { status } });
    expect(winnerExitCode(winner, { strict: true })).toBe(code);
    expect(winnerExitCode(winner, {})).toBe(0);
  });

  test.each([
    ['red', SLOWER, 1],
    ['fail', SLOWER, 1],
    ['red', FASTER, 0],
    ['inconclusive', UNDECIDED, 3],
    ['inconclusive', NOT_MEASURED, 3],
    ['fail', UNDECIDED, 0],
  ] as const)('fail_on %s asks for nothing else', (reason, winner, code) => {
    expect(winnerExitCode(winner, { failOn: [reason] })).toBe(code);
  });

  test('pairs whose halves were not measured in one go are refused under strict context alone', () => {
    const resumed = found(times(0.8), { split_pairs: 1 });
    expect(winnerExitCode(resumed, { strict: true })).toBe(0);
    expect(winnerExitCode(resumed, { strictContext: true })).toBe(4);
    expect(winnerExitCode(FASTER, { strictContext: true })).toBe(0);
  });
});
