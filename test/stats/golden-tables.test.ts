import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { regularizedBeta } from '../../src/stats/incomplete-beta.ts';
import { benjaminiHochberg, holm } from '../../src/stats/multiple-testing.ts';
import { noncentralTCdf } from '../../src/stats/noncentral-t.ts';
import { normalCdf, normalQuantile } from '../../src/stats/normal-distribution.ts';
import { detectablePairedShift, detectableShift, smallestP } from '../../src/stats/power.ts';
import { predictionInterval } from '../../src/stats/prediction-interval.ts';
import { seededRandom } from '../../src/stats/random.ts';
import { rankSumCdf } from '../../src/stats/rank-sum-null.ts';
import { studentTQuantile, studentTTwoSided, studentTUpper } from '../../src/stats/student-t.ts';
import { requestsForTail } from '../../src/stats/tail-requests.ts';
import { ownGolden } from './golden-file.ts';
import { near } from './sample.ts';

const numbers = z.array(z.number());
const pair = z.tuple([z.number(), z.number()]);
const triple = z.tuple([z.number(), z.number(), z.number()]);
const four = z.tuple([z.number(), z.number(), z.number(), z.number()]);

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
    history: z.array(z.object({ history: numbers, predicted_90: pair, predicted_log_90: pair })),
    random: z.array(z.object({ seed: z.number(), uniform: numbers })),
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

  it.each(golden.history)('the next value after $history', ({ history, predicted_90, predicted_log_90 }) => {
    const [linear, log] = [predictionInterval(history, 0.05, 'linear'), predictionInterval(history, 0.05)];
    near(linear?.low, predicted_90[0]);
    near(linear?.high, predicted_90[1]);
    near(log?.low, predicted_log_90[0]);
    near(log?.high, predicted_log_90[1]);
    near(log?.centre, Math.sqrt(predicted_log_90[0] * predicted_log_90[1]));
  });
});

describe('golden numbers of the generator', () => {
  it.each(golden.random)('for seed $seed', ({ seed, uniform }) => {
    const random = seededRandom(seed);
    expect(uniform.map(() => random.uniform())).toEqual(uniform);
    const [first = 0] = uniform;
    expect(seededRandom(seed).below(1000)).toBe(Math.floor(1000 * first));
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
