import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { describe as summarise } from '../../src/stats/describe.ts';
import { type HistoryModel, historyLimits } from '../../src/stats/history-limits.ts';
import { medianInterval } from '../../src/stats/median-interval.ts';
import { benjaminiHochberg, holm } from '../../src/stats/multiple-testing.ts';
import { detectableShift, smallestP } from '../../src/stats/power.ts';
import { chanceAbove } from '../../src/stats/prediction-interval.ts';
import { rankSumCdf } from '../../src/stats/rank-sum-null.ts';
import { goldenFile } from './golden-file.ts';
import { near } from './sample.ts';

const numbers = z.array(z.number());
const rank = z.number().nullable();
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
    median_order_statistic_ci_95: z.array(z.object({ n: z.number(), lo_rank: rank, hi_rank: rank, achieved: rank })),
    history_thresholds: z.array(
      z.object({
        history: numbers,
        new: z.number(),
        mean: z.number(),
        sd: z.number(),
        upper_t_975: z.number(),
        upper_z_975: z.number(),
        upper_percentage_05: z.number(),
        upper_iqr_2: z.number(),
        upper_delta_iqr_2: z.number(),
        upper_lognormal_975: z.number(),
        t_prediction_p_one_sided: z.number(),
      }),
    ),
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

  it('median intervals', () =>
    golden?.median_order_statistic_ci_95.forEach(({ n, lo_rank, hi_rank, achieved }) => {
      const found = medianInterval(n);
      expect([found?.lowRank ?? null, found?.highRank ?? null]).toEqual([lo_rank, hi_rank]);
      near(found?.level, achieved);
    }));

  it('limits after a history', () =>
    golden?.history_thresholds.forEach((row) => {
      const high = (model: HistoryModel, boundary: number): number | undefined =>
        historyLimits(model, row.history, boundary)?.high;
      near(summarise(row.history).mean, row.mean);
      near(summarise(row.history).std, row.sd);
      near(high('t_test', 0.975), row.upper_t_975);
      near(high('z_score', 0.975), row.upper_z_975);
      near(high('percentage', 0.05), row.upper_percentage_05);
      near(high('iqr', 2), row.upper_iqr_2);
      near(high('delta_iqr', 2), row.upper_delta_iqr_2);
      near(high('log_normal', 0.975), row.upper_lognormal_975);
      near(chanceAbove(row.history, row.new, 'linear'), row.t_prediction_p_one_sided);
    }));
});
