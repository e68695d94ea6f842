import { describe, expect, it } from 'vitest';
import { solveIncreasing, upperBracket } from '../../src/stats/root.ts';
import {
  TRIALS_CAP,
  detectablePairedShift,
  detectableShift,
  hasInterval,
  trialsToSee,
  trialsToSettle,
} from '../../src/stats/power.ts';
import { requestsForTail } from '../../src/stats/tail-requests.ts';
import { near } from './sample.ts';

describe('planning trials', () => {
  it.each([
    ['unpaired', 1, 0.05, false],
    ['unpaired', 2, 0.05, true],
    ['paired', 2, 0.025, true],
    ['paired', 4, 0.025, true],
    ['paired', 5, 0.05, true],
    ['paired', 5, 0.025, false],
    ['paired', 6, 0.025, true],
  ] as const)('%s, %i trials at alpha %f have an interval: %s', (analysis, n, alpha, has) =>
    expect(hasInterval(analysis, n, alpha)).toBe(has),
  );

  it.each([
    [5, 1.7246073442461738],
    [10, 1.1562971437055223],
  ])('%i a side see %f standard deviations', (n, shift) => near(detectableShift(n, n), shift));

  it('knows no smallest change where nothing shows the noise', () =>
    expect([detectableShift(1, 1), detectablePairedShift(1)]).toEqual([null, null]));

  it('asks for the trials that see the gap, and gives up beyond the cap', () => {
    expect(trialsToSee('unpaired', 5 / 3)).toBe(7);
    expect(trialsToSee('unpaired', 100)).toBe(3);
    expect(trialsToSee('paired', 100)).toBe(3);
    expect(trialsToSee('unpaired', 0.01)).toBeNull();
    expect(trialsToSee('unpaired', detectableShift(TRIALS_CAP, TRIALS_CAP) ?? 0)).toBe(TRIALS_CAP + 1);
  });

  it.each([
    [0.99, 0.95, 299],
    [0.99, 0.975, 368],
    [0.95, 0.95, 59],
    [0.95, 0.975, 72],
    [0.999, 0.95, 2995],
  ])('quantile %f at %f needs %i requests', (tail, confidence, requests) =>
    expect(requestsForTail(tail, confidence)).toBe(requests),
  );

  it('the proven rule needs the distance to the tolerance, and nothing settles a change of just the tolerance', () => {
    const question = { analysis: 'unpaired', shift: 0.08, limit: 0.05, noise: 0.03 } as const;
    expect(trialsToSettle({ ...question, provenOnly: true })).toBe(trialsToSee('unpaired', 1));
    expect(trialsToSettle({ ...question, shift: 0.05, provenOnly: false })).toBeNull();
    expect(trialsToSettle({ ...question, shift: 0.0501, provenOnly: false })).toBeNull();
  });

  it.each([
    ['unpaired', 1, 0.8, 15],
    ['unpaired', 0.5, 0.8, 52],
    ['paired', 1, 0.8, 9],
    ['paired', 0.5, 0.9, 37],
  ] as const)('%s: a gap of %f deviations with power %f asks for %i', (analysis, gap, power, n) =>
    expect(trialsToSee(analysis, gap, { alpha: 0.05, power })).toBe(n),
  );

  it('settle a change beyond the tolerance by showing it and by placing it beyond', () => {
    const question = { analysis: 'unpaired', shift: 0.06, limit: 0.05, noise: 0.03, provenOnly: false } as const;
    // 2 (z(0.8) / (1/3))² for the place, fewer for the change itself.
    expect(trialsToSettle(question)).toBe(13);
    expect(trialsToSettle({ ...question, analysis: 'paired' })).toBe(7);
    expect(trialsToSettle({ ...question, shift: 0.3 })).toBe(trialsToSee('unpaired', 10));
    expect(trialsToSettle({ ...question, shift: 0 })).toBe(trialsToSee('unpaired', 5 / 3));
    expect(trialsToSettle({ ...question, shift: -0.01 })).toBe(trialsToSee('unpaired', 2));
    expect(trialsToSettle({ ...question, noise: 0.9, shift: 0.0501 })).toBeNull();
  });

  it('asks for 95 percent confidence in a tail where nothing is said', () => expect(requestsForTail(0.99)).toBe(299));
});

describe('the place where a function crosses a level', () => {
  it('is found to the last bit, and is the end of the range where it does not cross', () => {
    expect(solveIncreasing((x) => x ** 3, 8, [0, 10])).toBeCloseTo(2, 15);
    expect(solveIncreasing((x) => x, 20, [0, 10])).toBeCloseTo(10, 14);
    expect(solveIncreasing((x) => x, -5, [0, 10])).toBeCloseTo(0, 14);
  });

  it('lies below a bracket that doubles', () => {
    expect(upperBracket((x) => x, 5, 1)).toBe(8);
    expect(upperBracket((x) => x, 8, 1)).toBe(8);
    expect(upperBracket((x) => x, 0.5, 1)).toBe(1);
    expect(upperBracket(() => 0, 1, 3)).toBe(3 * 2 ** 100);
  });
});
