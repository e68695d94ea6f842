import { describe, it } from 'vitest';
import { z } from 'zod';
import { benjaminiHochberg, holm } from '../../src/stats/multiple-testing.ts';
import { detectableShift, smallestP } from '../../src/stats/power.ts';
import { predictionInterval } from '../../src/stats/prediction-interval.ts';
import { rankSumCdf } from '../../src/stats/rank-sum-null.ts';
import { goldenFile } from './golden-file.ts';
import { near } from './sample.ts';

const numbers = z.array(z.number());
const golden = goldenFile(
  'misc.json',
  z.object({
    multiple_testing: z.array(z.object({ p: numbers, holm: numbers, benjamini_hochberg: numbers })),
    power_table: z.array(
      z.object({
        n: z.number(),
        mde_over_cv_alpha05_one_sided_power80: z.number(),
        power90: z.number(),
        two_sided_alpha05_power80: z.number(),
        mw_min_p_two_sided: z.number(),
        hl_max_confidence: z.number(),
      }),
    ),
    history_thresholds: z.array(z.object({ history: numbers, upper_t_975: z.number() })),
  }),
);

describe.skipIf(golden === null)('golden tables beside the repository', () => {
  it('adjusts p-values', () =>
    golden?.multiple_testing.forEach(({ p, holm: byHolm, benjamini_hochberg }) => {
      holm(p).forEach((value, index) => near(value, byHolm[index]));
      benjaminiHochberg(p).forEach((value, index) => near(value, benjamini_hochberg[index]));
    }));

  it('power', () =>
    golden?.power_table.forEach((row) => {
      near(detectableShift(row.n, row.n), row.mde_over_cv_alpha05_one_sided_power80);
      near(detectableShift(row.n, row.n, { alpha: 0.05, power: 0.9 }), row.power90);
      near(detectableShift(row.n, row.n, { alpha: 0.025, power: 0.8 }), row.two_sided_alpha05_power80);
      near((2 * smallestP('unpaired', row.n)) / row.mw_min_p_two_sided, 1);
      near(1 - 2 * (rankSumCdf(row.n, row.n)[0] ?? 1), row.hl_max_confidence);
    }));

  it('the next value after a history', () =>
    golden?.history_thresholds.forEach(({ history, upper_t_975 }) =>
      near(predictionInterval(history, 0.025, 'linear')?.high, upper_t_975),
    ));
});
