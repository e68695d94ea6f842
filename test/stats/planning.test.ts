import { describe, expect, it } from 'vitest';
import { trialsToSettle } from '../../src/stats/power.ts';
import { logNormalTrials, verdictOdds } from '../../src/verdict/verdict-odds.ts';
import { near } from './sample.ts';

describe('planning trials', () => {
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
});
