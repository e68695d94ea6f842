import { describe, expect, it } from 'vitest';
import { bootstrapChangeOfMeans } from '../../src/stats/bca.ts';
import { benjaminiHochberg, holm } from '../../src/stats/multiple-testing.ts';
import { seededRandom } from '../../src/stats/random.ts';
import { welch } from './t-test.ts';
import { near } from './sample.ts';

describe('bootstrap interval', () => {
  const [baseline, candidate] = [
    [5.01, 5.04, 4.98],
    [5.42, 5.39, 5.47],
  ];

  it('enumerates small samples, so nothing is random', () => {
    const result = bootstrapChangeOfMeans(baseline, candidate);
    expect(result?.method).toBe('enumerated');
    near(result?.estimate, 0.08316699933466376);
    near(result?.bca[0], 0.07370517928286846);
    near(result?.bca[1], 0.09303882195448443);
    expect(bootstrapChangeOfMeans(baseline, candidate, { seed: 99 })).toEqual(result);
  });

  it('draws large ones with the seed given', () => {
    const values = (from: number): number[] => Array.from({ length: 9 }, (_, index) => from + ((index * 7) % 5));
    const drawn = (seed: number) => bootstrapChangeOfMeans(values(100), values(104), { resamples: 500, seed });
    expect(drawn(1)?.method).toBe('monte-carlo');
    expect(drawn(1)).toEqual(drawn(1));
    expect(drawn(1)).not.toEqual(drawn(2));
    expect(bootstrapChangeOfMeans(values(100), values(104), { resamples: 500 })).toEqual(drawn(1));
  });

  it('has nothing to say about one value or a ratio to zero', () =>
    expect([bootstrapChangeOfMeans([1], [1, 2]), bootstrapChangeOfMeans([0, 1], [1, 2])]).toEqual([null, null]));
});

describe('smaller pieces', () => {
  it('Welch (SciPy) and its degenerate cases', () => {
    const test = welch([10.1, 9.9, 10.3], [10.6, 11.0, 10.2, 10.9]);
    near(test?.t, 2.691946385511005);
    near(test?.df, 4.769233318969802);
    near(test?.pTwoSided, 0.045353761203610815);
    expect(welch([1], [1, 2])).toBeNull();
    expect(welch([2, 2], [3, 3])).toMatchObject({ t: null, pTwoSided: 0, interval: [1, 1] });
  });

  it('Holm and Benjamini-Hochberg', () => {
    holm([0.01, 0.04, 0.03, 0.005]).forEach((p, i) => near(p, [0.03, 0.06, 0.06, 0.02][i]));
    benjaminiHochberg([0.01, 0.04, 0.03, 0.005]).forEach((q, i) => near(q, [0.02, 0.04, 0.04, 0.02][i]));
    expect([holm([]), benjaminiHochberg([])]).toEqual([[], []]);
  });

  it('the generator repeats itself, fills [0, 1) evenly and draws normals', () => {
    const random = seededRandom(7);
    expect(seededRandom(7).uniform()).toBe(random.uniform());
    const normals = Array.from({ length: 20_000 }, () => random.normal());
    near(normals.reduce((sum, z) => sum + z, 0) / 20_000, 0, 0.03);
    near(normals.reduce((sum, z) => sum + z * z, 0) / 20_000, 1, 0.05);
    const counts = [0, 0, 0, 0];
    for (let i = 0; i < 8000; i += 1) counts[random.below(4)] = (counts[random.below(4)] ?? 0) + 1;
    expect(Math.min(...counts)).toBeGreaterThan(1500);
  });
});
