import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { changePoints } from '../../src/stats/e-divisive.ts';
import { goldenFile, ownGolden } from './golden-file.ts';
import { near } from './sample.ts';

const run = z.object({
  alpha: z.number(),
  min_magnitude: z.number(),
  indices: z.array(z.number()),
  weak_indices: z.array(z.number()),
  detail: z.array(z.object({ p_adjusted: z.number(), median_before: z.number(), median_after: z.number() })),
});
const named = run.extend({ id: z.string(), series: z.array(z.number()) });
const own = ownGolden('series.json', z.object({ change_points: z.array(named) }));
const golden = goldenFile(
  'change-points.json',
  z.object({
    series: z.array(z.object({ id: z.string(), series: z.array(z.number()), edivisive_bonferroni: z.array(run) })),
  }),
);

const checkChanges = ({ series, alpha, min_magnitude, ...expected }: z.infer<typeof named>): void => {
  const { accepted, weak } = changePoints(series, alpha, min_magnitude);
  expect(accepted.map(({ index }) => index)).toEqual(expected.indices);
  expect(weak).toEqual(expected.weak_indices);
  expected.detail.forEach((detail, i) => {
    if (detail.p_adjusted === 0) expect(accepted[i]?.pAdjusted).toBe(0);
    else near((accepted[i]?.pAdjusted ?? Number.NaN) / detail.p_adjusted, 1);
    near(accepted[i]?.medianBefore, detail.median_before);
    near(accepted[i]?.medianAfter, detail.median_after);
  });
};

describe('golden change points', () => {
  it.each(own.change_points)('$id at alpha $alpha, magnitude $min_magnitude', checkChanges);

  it.skipIf(golden === null)('of every golden series beside the repository', () => {
    for (const { edivisive_bonferroni, ...series } of golden?.series ?? [])
      for (const expected of edivisive_bonferroni) checkChanges({ ...series, ...expected });
  });
});
