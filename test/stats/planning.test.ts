import { describe, expect, it } from 'vitest';
import {
  TRIALS_CAP,
  detectablePairedShift,
  detectableShift,
  fewestTrials,
  trialsToSee,
  trialsToSettle,
} from '../../src/stats/power.ts';
import { requestsForTail } from '../../src/stats/tail-requests.ts';
import { logNormalTrials, verdictOdds } from '../../src/verdict/verdict-odds.ts';
import { near } from './sample.ts';

describe('planning trials', () => {
  it.each([
    ['unpaired', 0.05, 3],
    ['unpaired', 0.025, 4],
    ['paired', 0.05, 5],
    ['paired', 0.025, 6],
  ] as const)('%s at alpha %f needs at least %i', (analysis, alpha, n) =>
    expect(fewestTrials(analysis, alpha)).toBe(n),
  );

  it.each([
    [5, 1.7246073442461738],
    [10, 1.1562971437055223],
  ])('%i a side see %f standard deviations', (n, shift) => near(detectableShift(n, n), shift));

  it('knows no smallest change where nothing shows the noise', () =>
    expect([detectableShift(1, 1), detectablePairedShift(1)]).toEqual([null, null]));

  it('asks for the trials that see the gap, and gives up beyond the cap', () => {
    expect(trialsToSee('unpaired', 5 / 3)).toBe(7);
    expect(trialsToSee('unpaired', 100)).toBe(4);
    expect(trialsToSee('paired', 100)).toBe(6);
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

  const designs = (['unpaired', 'paired'] as const).flatMap((analysis) =>
    [0, 0.5, 1.5, 2].map((multiple) => ({ analysis, multiple })),
  );

  it.each(designs)(
    'the trials asked for settle a change of $multiple x the tolerance at least 3 times in 4: $analysis',
    (design) => {
      const { analysis, multiple } = design;
      const [cv, limit] = [0.03, Math.log1p(0.05)];
      const noise = analysis === 'paired' ? cv * Math.SQRT2 : cv;
      const n = trialsToSettle({ analysis, shift: multiple * limit, limit, noise, provenOnly: false }) ?? 0;
      const odds = verdictOdds(
        logNormalTrials({
          n,
          cv,
          worsening: Math.expm1(multiple * limit),
          blockCv: analysis === 'paired' ? 0.02 : null,
        }),
        { direction: 'lower-is-better', tolerance: { relative: 0.05, absolute: null } },
        { repetitions: 2000, seed: 21 },
      );
      expect(multiple < 1 ? odds.pass : odds.failLikely + odds.failProven).toBeGreaterThan(0.75);
      near(odds.pass + odds.failLikely + odds.failProven + odds.inconclusive, 1);
    },
  );

  it('the proven rule needs the distance to the tolerance, and nothing settles a change of just the tolerance', () => {
    const question = { analysis: 'unpaired', shift: 0.08, limit: 0.05, noise: 0.03 } as const;
    expect(trialsToSettle({ ...question, provenOnly: true })).toBe(trialsToSee('unpaired', 1));
    expect(trialsToSettle({ ...question, shift: 0.05, provenOnly: false })).toBeNull();
    expect(trialsToSettle({ ...question, shift: 0.0501, provenOnly: false })).toBeNull();
  });
});
