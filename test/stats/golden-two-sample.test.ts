import { describe as group, expect, it } from 'vitest';
import { z } from 'zod';
import { bootstrapChangeOfMeans } from '../../src/stats/bca.ts';
import { cliffsDelta } from '../../src/stats/cliffs-delta.ts';
import { decideMetric } from '../../src/verdict/decide-metric.ts';
import { describe } from '../../src/stats/describe.ts';
import { hodgesLehmann } from '../../src/stats/hodges-lehmann.ts';
import { mannWhitney } from '../../src/stats/mann-whitney.ts';
import { welch } from './t-test.ts';
import { goldenFile, ownGolden } from './golden-file.ts';
import { near, trials } from './sample.ts';

const number = z.number().nullable();
const interval = z.tuple([z.number(), z.number()]).nullable();

const vector = z.object({
  id: z.string(),
  baseline: z.array(z.number()),
  candidate: z.array(z.number()),
  mean: z.tuple([z.number(), z.number()]),
  median: z.tuple([z.number(), z.number()]),
  sd: z.tuple([number, number]),
  cv: z.tuple([number, number]),
  mann_whitney: z.object({
    U_baseline: z.number(),
    U_candidate: z.number(),
    p_two_sided_exact: z.number(),
    p_candidate_greater: z.number(),
    p_candidate_less: z.number(),
  }),
  welch: z
    .object({
      t: number,
      df: number,
      p_two_sided: z.number(),
      mean_diff: z.number(),
      se: z.number(),
      ci: interval,
    })
    .nullable(),
  hodges_lehmann: z.object({
    shift: z.number(),
    ci95: interval,
    ci95_achieved: number,
    ci95_order_k: number,
    ci90: interval,
    ci90_achieved: number,
    ci90_order_k: number,
  }),
  cliffs_delta: z.number(),
  bootstrap_bca_rel_mean_95: z
    .object({
      theta: z.number(),
      ci: z.tuple([z.number(), z.number()]),
      z0: z.number(),
      accel: z.number(),
      percentile_ci: z.tuple([z.number(), z.number()]).optional(),
      tolerance_abs_at_B_10000: z.number(),
      tolerance_abs_if_enumerated: z.number().optional(),
    })
    .nullable(),
});
type Vector = z.infer<typeof vector>;

const judged = vector.extend({
  direction: z.enum(['lower', 'higher']),
  tolerance: z.number(),
  verdict_hl_log_90: z.object({
    worsening: z.number(),
    ci: interval,
    achieved: number,
    verdict: z.string(),
    reason: z.string(),
  }),
  one_sided_tests: z.object({
    p_worse_than_baseline: z.number(),
    p_worse_beyond_tolerance: z.number(),
    p_non_inferiority: z.number(),
  }),
});

const own = ownGolden('two-sample.json', z.object({ vectors: z.array(vector) })).vectors;
const golden = goldenFile('two-sample.json', z.object({ vectors: z.array(judged) }));

const CHECKS: Readonly<Record<string, (of: Vector) => void>> = {
  summaries: ({ baseline, candidate, mean, median, sd, cv }) => {
    [describe(baseline), describe(candidate)].forEach((summary, side) => {
      near(summary.mean, mean[side]);
      near(summary.median, median[side]);
      near(summary.std, sd[side]);
      near(summary.cv, cv[side]);
    });
    expect([describe(baseline).min, describe(candidate).max]).toEqual([Math.min(...baseline), Math.max(...candidate)]);
  },

  'Mann-Whitney, exact with ties': ({ baseline, candidate, mann_whitney: expected }) => {
    const test = mannWhitney(baseline, candidate);
    near(test.uBaseline, expected.U_baseline);
    near(test.uCandidate, expected.U_candidate);
    near(test.pTwoSided, expected.p_two_sided_exact);
    near(test.pCandidateGreater, expected.p_candidate_greater);
    near(test.pCandidateLess, expected.p_candidate_less);
    expect(test.method).toBe(baseline.length * candidate.length > 2500 ? 'normal' : 'exact');
  },

  Welch: ({ baseline, candidate, welch: expected }) => {
    const test = welch(baseline, candidate);
    near(test?.t, expected?.t);
    near(test?.df, expected?.df);
    near(test?.pTwoSided, expected?.p_two_sided);
    near(test?.difference, expected?.mean_diff);
    near(test?.standardError, expected?.se);
    near(test?.interval[0], expected?.ci?.[0]);
    near(test?.interval[1], expected?.ci?.[1]);
  },

  'Hodges-Lehmann and Cliff': ({ baseline, candidate, hodges_lehmann: expected, cliffs_delta }) => {
    const at95 = hodgesLehmann(baseline, candidate, 0.025);
    const at90 = hodgesLehmann(baseline, candidate, 0.05);
    near(at95.estimate, expected.shift);
    near(at95.interval?.low, expected.ci95?.[0]);
    near(at95.interval?.high, expected.ci95?.[1]);
    near(at95.interval?.level, expected.ci95_achieved);
    near(at95.interval?.order, expected.ci95_order_k);
    near(at90.interval?.low, expected.ci90?.[0]);
    near(at90.interval?.high, expected.ci90?.[1]);
    near(at90.interval?.level, expected.ci90_achieved);
    near(at90.interval?.order, expected.ci90_order_k);
    near(cliffsDelta(baseline, candidate), cliffs_delta);
  },

  'BCa bootstrap': ({ baseline, candidate, bootstrap_bca_rel_mean_95: expected }) => {
    const result = bootstrapChangeOfMeans(baseline, candidate);
    if (expected === null) return expect(result).toBeNull();
    const exact = result?.method !== 'monte-carlo';
    const allowed = exact ? (expected.tolerance_abs_if_enumerated ?? 1e-9) : expected.tolerance_abs_at_B_10000;
    near(result?.estimate, expected.theta);
    near(result?.acceleration, expected.accel);
    near(result?.z0, expected.z0, exact ? 1e-9 : 0.05);
    near(result?.bca[0], expected.ci[0], allowed);
    near(result?.bca[1], expected.ci[1], allowed);
    if (expected.percentile_ci === undefined) return;
    near(result?.percentile[0], expected.percentile_ci[0], allowed);
    near(result?.percentile[1], expected.percentile_ci[1], allowed);
  },
};

group.each(Object.entries(CHECKS))('%s', (_, check) => {
  it.each(own)('of $id', check);

  it.skipIf(golden === null)('of every golden vector beside the repository', () => golden?.vectors.forEach(check));
});

group.skipIf(golden === null)('golden two-sample vectors', () => {
  // The vectors give a throughput's worsening as baseline / candidate - 1; decisions give it as a share of the baseline.
  const asShare = (ratio: number | null | undefined, direction: string) =>
    typeof ratio !== 'number' || direction === 'lower' ? ratio : ratio / (1 + ratio);

  it.each(
    (golden?.vectors ?? []).filter(({ baseline, candidate }) => Math.min(baseline.length, candidate.length) >= 5),
  )('$id: verdict', ({ baseline, candidate, direction, tolerance, verdict_hl_log_90, one_sided_tests }) => {
    const decision = decideMetric({
      direction: `${direction}-is-better`,
      tolerance: { relative: asShare(tolerance, direction) ?? 0, absolute: null },
      baseline: trials(baseline),
      candidate: trials(candidate),
    });
    expect([decision.status, decision.reason]).toEqual([verdict_hl_log_90.verdict, verdict_hl_log_90.reason]);
    near(decision.worsening, asShare(verdict_hl_log_90.worsening, direction));
    near(decision.interval?.low, asShare(verdict_hl_log_90.ci?.[0], direction));
    near(decision.interval?.high, asShare(verdict_hl_log_90.ci?.[1], direction));
    near(decision.interval?.level, verdict_hl_log_90.achieved);
    near(decision.p_worse, one_sided_tests.p_worse_than_baseline);
    near(decision.p_beyond_tolerance, one_sided_tests.p_worse_beyond_tolerance);
    near(decision.p_within_tolerance, one_sided_tests.p_non_inferiority);
  });
});
