import { describe, expect, it } from 'vitest';
import { changePoints } from '../../src/stats/e-divisive.ts';
import { predictionInterval } from '../../src/stats/prediction-interval.ts';
import { seededRandom } from '../../src/stats/random.ts';
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
  });

  it('is missed as often as stated', () => {
    const random = seededRandom(12);
    const missed = Array.from({ length: 4000 }, () => {
      const history = Array.from({ length: 6 }, () => 10 + random.normal());
      return 10 + random.normal() > (predictionInterval(history, 0.05, 'linear')?.high ?? 0);
    });
    near(missed.filter(Boolean).length / 4000, 0.05, 0.012);
  });

  it('needs two values', () => expect(predictionInterval([1], 0.05)).toBeNull());
});
