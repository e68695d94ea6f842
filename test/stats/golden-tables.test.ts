import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type HistoryModel, historyLimits } from '../../src/stats/history-limits.ts';
import { regularizedBeta } from '../../src/stats/incomplete-beta.ts';
import { medianInterval } from '../../src/stats/median-interval.ts';
import { benjaminiHochberg, holm } from '../../src/stats/multiple-testing.ts';
import { noncentralTCdf } from '../../src/stats/noncentral-t.ts';
import { normalCdf, normalQuantile } from '../../src/stats/normal-distribution.ts';
import { detectablePairedShift, detectableShift, smallestP } from '../../src/stats/power.ts';
import { chanceAbove, predictionInterval } from '../../src/stats/prediction-interval.ts';
import { rankSumCdf } from '../../src/stats/rank-sum-null.ts';
import { studentTQuantile, studentTTwoSided, studentTUpper } from '../../src/stats/student-t.ts';
import { requestsForTail } from '../../src/stats/tail-requests.ts';
import { ownGolden } from './golden-file.ts';
import { near } from './sample.ts';

const numbers = z.array(z.number());
const rank = z.number().nullable();
const pair = z.tuple([z.number(), z.number()]);
const triple = z.tuple([z.number(), z.number(), z.number()]);
const four = z.tuple([z.number(), z.number(), z.number(), z.number()]);
const limits = z.object({ centre: z.number(), low: z.number(), high: z.number() });
const MODELS = ['percentage', 'z_score', 't_test', 'log_normal', 'iqr', 'delta_iqr'] as const satisfies HistoryModel[];

const golden = ownGolden(
  'tables.json',
  z.object({
    multiple_testing: z.array(z.object({ p: numbers, holm: numbers, benjamini_hochberg: numbers })),
    power: z.array(
      z.object({ n: z.number(), alpha: z.number(), power: z.number(), unpaired: z.number(), paired: z.number() }),
    ),
    rank_tests: z.array(
      z.object({
        n: z.number(),
        smallest_p_unpaired: z.number(),
        smallest_p_paired: z.number(),
        widest_interval: z.number(),
      }),
    ),
    median_interval: z.array(z.object({ n: z.number(), lo_rank: rank, hi_rank: rank, achieved: rank })),
    history: z.array(
      z.object({
        history: numbers,
        new: z.number(),
        limits: z.record(z.enum(MODELS), z.tuple([z.number(), limits])),
        chance_above: z.number(),
        chance_above_log: z.number(),
        predicted_log_90: pair,
      }),
    ),
    distributions: z.object({
      normal_cdf: z.array(pair),
      normal_quantile: z.array(pair),
      student_two_sided: z.array(triple),
      student_upper: z.array(triple),
      student_quantile: z.array(triple),
      noncentral_t_cdf: z.array(four),
      beta: z.array(four),
      requests_for_tail: z.array(triple),
    }),
  }),
);

/** Relative to the value, so that a chance of 1e-20 is as good as one of 0.2. */
const close = (actual: number, expected: number, allowed = 1e-11): void => {
  if (expected === 0) near(actual, 0, 1e-15);
  else near(actual / expected, 1, allowed);
};

describe('golden tables', () => {
  it.each(golden.multiple_testing)('adjusts $p', ({ p, holm: byHolm, benjamini_hochberg }) => {
    holm(p).forEach((value, index) => near(value, byHolm[index]));
    benjaminiHochberg(p).forEach((value, index) => near(value, benjamini_hochberg[index]));
  });

  it.each(golden.power)('$n a side at alpha $alpha see with power $power', ({ n, alpha, power, unpaired, paired }) => {
    near(detectableShift(n, n, { alpha, power }), unpaired);
    near(detectablePairedShift(n, { alpha, power }), paired);
  });

  it('5 percent on one side and 4 times in 5 is what is asked for where nothing is said', () => {
    const [row] = golden.power.filter(({ n, alpha, power }) => n === 5 && alpha === 0.05 && power === 0.8);
    near(detectableShift(5, 5), row?.unpaired);
    near(detectablePairedShift(5), row?.paired);
  });

  it.each(golden.rank_tests)('what the rank tests of $n can reach', (row) => {
    near(smallestP('unpaired', row.n), row.smallest_p_unpaired);
    near(smallestP('paired', row.n), row.smallest_p_paired);
    near(1 - 2 * (rankSumCdf(row.n, row.n)[0] ?? 1), row.widest_interval);
  });

  it.each(golden.median_interval)('median interval of $n', ({ n, lo_rank, hi_rank, achieved }) => {
    const found = medianInterval(n);
    expect([found?.lowRank ?? null, found?.highRank ?? null]).toEqual([lo_rank, hi_rank]);
    near(found?.level, achieved);
  });

  it.each(golden.history)('the next value after $history', (row) => {
    for (const model of MODELS) {
      const [boundary, expected] = row.limits[model];
      const found = historyLimits(model, row.history, boundary);
      near(found?.centre, expected.centre);
      near(found?.low, expected.low);
      near(found?.high, expected.high);
    }
    near(chanceAbove(row.history, row.new, 'linear'), row.chance_above);
    near(chanceAbove(row.history, row.new), row.chance_above_log);
    const predicted = predictionInterval(row.history, 0.05);
    near(predicted?.low, row.predicted_log_90[0]);
    near(predicted?.high, row.predicted_log_90[1]);
  });
});

describe('golden distributions', () => {
  const { distributions } = golden;

  it('normal', () => {
    for (const [z, p] of distributions.normal_cdf) close(normalCdf(z), p);
    for (const [p, z] of distributions.normal_quantile) close(normalQuantile(p), z);
  });

  it('Student', () => {
    for (const [t, df, p] of distributions.student_two_sided) close(studentTTwoSided(t, df), p);
    for (const [t, df, p] of distributions.student_upper) close(studentTUpper(t, df), p);
    for (const [p, df, t] of distributions.student_quantile) near(studentTQuantile(p, df), t);
  });

  it('non-central t', () => {
    for (const [t, df, ncp, p] of distributions.noncentral_t_cdf) near(noncentralTCdf(t, df, ncp), p, 1e-12);
  });

  it('incomplete beta', () => {
    for (const [x, a, b, value] of distributions.beta) close(regularizedBeta(x, 1 - x, a, b), value);
  });

  it('requests behind a tail', () => {
    for (const [q, confidence, requests] of distributions.requests_for_tail)
      expect(requestsForTail(q, confidence)).toBe(requests);
  });
});
