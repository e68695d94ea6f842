import { describe, expect, it } from 'vitest';
import { changePoints } from '../../src/stats/e-divisive.ts';
import { historyLimits } from '../../src/stats/history-limits.ts';
import { chanceAbove, predictionInterval } from '../../src/stats/prediction-interval.ts';
import { seededRandom } from '../../src/stats/random.ts';
import { theilSen } from '../../src/stats/theil-sen.ts';
import { near } from './sample.ts';

const noise = (seed: number, levels: readonly number[], cv: number): number[] => {
  const random = seededRandom(seed);
  return levels.map((level) => level * (1 + cv * random.normal()));
};
const flat = (level: number, count: number): number[] => new Array<number>(count).fill(level);
const indices = (series: readonly number[], alpha?: number): number[] =>
  changePoints(series, alpha).accepted.map(({ index }) => index);

describe('change points', () => {
  it('finds a step where it happened', () => expect(indices([...flat(10, 8), ...flat(11, 8)])).toEqual([8]));

  it('finds three steps that hide each other in the series as a whole', () => {
    const series = noise(3, [...flat(100, 12), ...flat(106, 12), ...flat(97, 12), ...flat(104, 12)], 0.008);
    expect(changePoints(series)).toMatchObject({ accepted: [{ index: 12 }, { index: 24 }, { index: 36 }], weak: [] });
  });

  it('ignores lone spikes, short series and constants', () => {
    const spiky = noise(4, flat(50, 30), 0.01).map((value, index) =>
      index === 9 || index === 20 ? value * 1.4 : value,
    );
    expect([indices(spiky), indices([1, 2, 3]), indices(flat(5, 20)), indices([])]).toEqual([[], [], [], []]);
  });

  it('leaves out steps below the smallest magnitude', () => {
    const series = noise(5, [...flat(100, 15), ...flat(102, 15)], 0.002);
    expect(changePoints(series, 0.01, 0).accepted).toHaveLength(1);
    expect(changePoints(series, 0.01, 0.05).accepted).toHaveLength(0);
  });

  it.each([
    { alpha: 0.01, n: 10 },
    { alpha: 0.01, n: 40 },
    { alpha: 0.05, n: 20 },
  ])('alarms on at most alpha $alpha (and its noise) of pure noise series of $n', ({ alpha, n }) => {
    const alarms = Array.from(
      { length: 300 },
      (_, seed) => indices(noise(1000 + seed, flat(100, n), 0.03), alpha).length > 0,
    );
    expect(alarms.filter(Boolean).length / 300).toBeLessThanOrEqual(alpha + 0.03);
  });
});

describe('the next value of a stable series', () => {
  it('has a prediction interval, on the log scale by default', () => {
    const history = [10.02, 9.97, 10.05, 9.99, 10.01, 10.04, 9.96, 10.03];
    near(predictionInterval(history, 0.025, 'linear')?.high, 10.090777183220185);
    const log = predictionInterval(history.map(Math.exp), 0.025);
    near(Math.log(log?.high ?? 0), 10.090777183220185);
    near(chanceAbove(history, 10.08, 'linear'), 0.03953421149712771);
    near(chanceAbove(history, predictionInterval(history, 0.05)?.high ?? 0), 0.05);
  });

  it('is missed as often as stated', () => {
    const random = seededRandom(12);
    const missed = Array.from({ length: 4000 }, () => {
      const history = Array.from({ length: 6 }, () => 10 + random.normal());
      return 10 + random.normal() > (predictionInterval(history, 0.05, 'linear')?.high ?? 0);
    });
    near(missed.filter(Boolean).length / 4000, 0.05, 0.012);
  });

  it('needs two values; a constant history allows only itself', () => {
    expect([predictionInterval([1], 0.05), chanceAbove([1], 2), historyLimits('iqr', [1], 2)]).toEqual([
      null,
      null,
      null,
    ]);
    expect([chanceAbove([2, 2, 2], 2.1), chanceAbove([2, 2, 2], 2)]).toEqual([0, 1]);
  });
});

describe('drift', () => {
  it('is the median slope, with an exact interval', () => {
    const drift = theilSen([1, 2.1, 2.9, 4.2, 5.1, 5.8, 7.3, 8.0], 0.05);
    near(drift?.estimate, 1.01);
    near(drift?.interval?.low, 0.95, 1e-9);
    near(drift?.interval?.high, 1.1, 1e-9);
  });

  it('is not moved by wild values, and says nothing of one', () => {
    expect(theilSen([0, 1, 2, 300, 4, 5, 6, 7, -80, 9])?.estimate).toBe(1);
    expect(theilSen([3])).toBeNull();
    expect(theilSen([3, 4])?.interval).toBeNull();
  });

  it('covers a true zero slope as often as stated, below and above the exact table', () => {
    const random = seededRandom(13);
    const excluded = (n: number): boolean => {
      const interval = theilSen(Array.from({ length: n }, () => random.normal()))?.interval;
      return interval === undefined || interval === null ? false : interval.low > 0 || interval.high < 0;
    };
    const share = (n: number, series: number): number =>
      Array.from({ length: series }, () => excluded(n)).filter(Boolean).length / series;
    expect(share(10, 2000)).toBeLessThanOrEqual(0.11);
    expect(share(110, 300)).toBeLessThanOrEqual(0.16);
  });
});
