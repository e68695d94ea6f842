import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { changePoints } from '../../src/stats/e-divisive.ts';
import { goldenFile } from './golden-file.ts';
import { near } from './sample.ts';

const run = z.object({
  alpha: z.number(),
  min_magnitude: z.number(),
  indices: z.array(z.number()),
  weak_indices: z.array(z.number()),
  detail: z.array(z.object({ p_adjusted: z.number(), median_before: z.number(), median_after: z.number() })),
});
const golden = goldenFile(
  'change-points.json',
  z.object({
    series: z.array(z.object({ id: z.string(), series: z.array(z.number()), edivisive_bonferroni: z.array(run) })),
  }),
);

describe.skipIf(golden === null)('golden change points', () => {
  const runs = (golden?.series ?? []).flatMap(({ id, series, edivisive_bonferroni }) =>
    edivisive_bonferroni.map((expected) => ({ id, series, ...expected })),
  );

  it.each(runs)('$id at alpha $alpha, magnitude $min_magnitude', ({ series, alpha, min_magnitude, ...expected }) => {
    const { accepted, weak } = changePoints(series, alpha, min_magnitude);
    expect(accepted.map(({ index }) => index)).toEqual(expected.indices);
    expect(weak).toEqual(expected.weak_indices);
    expected.detail.forEach((detail, i) => {
      near((accepted[i]?.pAdjusted ?? Number.NaN) / detail.p_adjusted, 1);
      near(accepted[i]?.medianBefore, detail.median_before);
      near(accepted[i]?.medianAfter, detail.median_after);
    });
  });
});
