// The cells in which the stated error rates must hold, and the wrong verdicts counted in each.
import { describe, expect, it } from 'vitest';
import { logNormalTrials, verdictOdds } from '../../src/verdict/verdict-odds.ts';

const REPETITIONS = 2000;
/** What docs/statistics.md promises; a rate of 5 percent is drawn as 5.0 +- 0.5 by this many repetitions. */
const promised = (n: number): number => (n === 2 ? 0.07 : 0.06);

const cells = [2, 3, 5, 10].flatMap((n) =>
  [0.01, 0.05].flatMap((cv) => [0.02, 0.05].map((tolerance) => ({ n, cv, tolerance }))),
);

/** One test per cell: `blockCv` null draws unpaired trials, a number pairs that share that much noise. */
export const holdsErrorRates = (name: string, blockCv: number | null): void => {
  describe(`${name} trials, ${REPETITIONS} repetitions a cell`, () => {
    it.each(cells)(
      'n $n, cv $cv, tolerance $tolerance: wrong FAIL and wrong PASS as rare as promised',
      ({ n, cv, tolerance }) => {
        const question = { direction: 'lower-is-better', tolerance: { relative: tolerance, absolute: null } } as const;
        const at = (worsening: number, seed: number) =>
          verdictOdds(logNormalTrials({ n, cv, worsening, blockCv }), question, { repetitions: REPETITIONS, seed });
        const unchanged = at(0, 101);
        const edge = at(tolerance, 202);
        const limit = promised(n);
        expect(unchanged.failProven + unchanged.failLikely).toBeLessThanOrEqual(limit);
        expect(edge.failProven).toBeLessThanOrEqual(limit);
        expect(edge.pass).toBeLessThanOrEqual(limit);
      },
    );
  });
};
