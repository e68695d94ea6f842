// The cells in which the stated error rates must hold, and the two wrong verdicts counted in each.
import { describe, expect, it } from 'vitest';
import { logNormalTrials, verdictOdds } from '../../src/verdict/verdict-odds.ts';

const REPETITIONS = 10_000;
const LIMIT = 0.06;

const cells = [3, 5, 6, 10].flatMap((n) =>
  [0.005, 0.01, 0.02, 0.05, 0.1].flatMap((cv) => [0.02, 0.05].map((tolerance) => ({ n, cv, tolerance }))),
);

/** One test per cell: `blockCv` null draws unpaired trials, a number pairs that share that much noise. */
export const holdsErrorRates = (name: string, blockCv: number | null): void => {
  describe(`${name} trials, ${REPETITIONS} repetitions a cell`, () => {
    it.each(cells)(
      'n $n, cv $cv, tolerance $tolerance: wrong FAIL and wrong PASS ≤ 6 percent',
      ({ n, cv, tolerance }) => {
        const question = { direction: 'lower-is-better', tolerance: { relative: tolerance, absolute: null } } as const;
        const at = (worsening: number, seed: number) =>
          verdictOdds(logNormalTrials({ n, cv, worsening, blockCv }), question, { repetitions: REPETITIONS, seed });
        const unchanged = at(0, 101);
        const edge = at(tolerance, 202);
        expect(unchanged.failProven + unchanged.failLikely).toBeLessThanOrEqual(LIMIT);
        expect(edge.failProven).toBeLessThanOrEqual(LIMIT);
        expect(edge.pass).toBeLessThanOrEqual(LIMIT);
      },
    );
  });
};
