import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { decideMetric } from '../../src/verdict/decide-metric.ts';
import { signedRank, walshInterval } from '../../src/stats/signed-rank.ts';
import { pairedT } from './t-test.ts';
import { goldenFile, ownGolden } from './golden-file.ts';
import { blocked, near } from './sample.ts';

const number = z.number().nullable();
const interval = z.tuple([z.number(), z.number()]).nullable();
const shift = z.object({ estimate: z.number(), ci: interval, achieved: number, order_k: number });

const vector = z.object({
  id: z.string(),
  differences: z.array(z.number()),
  signed_rank: z.object({
    W_plus: z.number(),
    W_minus: z.number(),
    n_nonzero: z.number(),
    p_two_sided_exact: z.number(),
    p_greater: z.number(),
    p_less: z.number().optional(),
  }),
  paired_t: z
    .object({ t: number, df: number, p_two_sided: z.number(), mean_diff: z.number(), ci95: interval })
    .nullable(),
  hl_shift95: shift,
  hl_shift90: shift.optional(),
});
type Vector = z.infer<typeof vector>;

const judged = vector.extend({
  baseline: z.array(z.number()),
  candidate: z.array(z.number()),
  direction: z.enum(['lower', 'higher']),
  tolerance: z.number(),
  worsening_hl_log_90: shift,
  verdict: z.string(),
});

const own = ownGolden('paired.json', z.object({ vectors: z.array(vector) })).vectors;
const golden = goldenFile('paired.json', z.object({ vectors: z.array(judged) }));

const checkWalsh = (
  differences: readonly number[],
  alpha: number,
  expected: z.infer<typeof shift> | undefined,
): void => {
  if (expected === undefined) return;
  const { estimate, interval: found } = walshInterval(differences, alpha);
  near(estimate, expected.estimate);
  near(found?.low, expected.ci?.[0]);
  near(found?.high, expected.ci?.[1]);
  near(found?.level, expected.achieved);
  near(found?.order, expected.order_k);
};

const CHECKS: Readonly<Record<string, (of: Vector) => void>> = {
  'signed rank': ({ differences, signed_rank }) => {
    const test = signedRank(differences);
    near(test.wPlus, signed_rank.W_plus);
    near(test.wMinus, signed_rank.W_minus);
    near(test.nNonzero, signed_rank.n_nonzero);
    near(test.pTwoSided, signed_rank.p_two_sided_exact);
    near(test.pGreater, signed_rank.p_greater);
    if (signed_rank.p_less !== undefined) near(test.pLess, signed_rank.p_less);
  },

  'paired t': ({ differences, paired_t }) => {
    const t = pairedT(differences);
    near(t?.t, paired_t?.t);
    near(t?.df, paired_t?.df);
    near(t?.pTwoSided, paired_t?.p_two_sided);
    near(t?.difference, paired_t?.mean_diff);
    near(t?.interval[0], paired_t?.ci95?.[0]);
    near(t?.interval[1], paired_t?.ci95?.[1]);
  },

  'Walsh intervals': ({ differences, hl_shift95, hl_shift90 }) => {
    checkWalsh(differences, 0.025, hl_shift95);
    checkWalsh(differences, 0.05, hl_shift90);
  },
};

describe.each(Object.entries(CHECKS))('%s', (_, check) => {
  it.each(own)('of $id', check);

  it.skipIf(golden === null)('of every golden vector beside the repository', () => golden?.vectors.forEach(check));
});

describe.skipIf(golden === null)('golden paired vectors', () => {
  // The vectors give a throughput's worsening as baseline / candidate - 1; decisions give it as a share of the baseline.
  const asShare = (ratio: number | null | undefined, direction: string) =>
    typeof ratio !== 'number' || direction === 'lower' ? ratio : ratio / (1 + ratio);

  it.each((golden?.vectors ?? []).filter(({ baseline }) => baseline.length >= 5))(
    '$id: verdict',
    ({ baseline, candidate, direction, tolerance, worsening_hl_log_90, verdict }) => {
      const decision = decideMetric({
        direction: `${direction}-is-better`,
        tolerance: { relative: asShare(tolerance, direction) ?? 0, absolute: null },
        baseline: blocked(baseline),
        candidate: blocked(candidate),
      });
      expect([decision.analysis, decision.status]).toEqual(['paired', verdict]);
      near(decision.worsening, asShare(worsening_hl_log_90.estimate, direction));
      near(decision.interval?.low, asShare(worsening_hl_log_90.ci?.[0], direction));
      near(decision.interval?.high, asShare(worsening_hl_log_90.ci?.[1], direction));
      near(decision.interval?.level, worsening_hl_log_90.achieved);
    },
  );
});
