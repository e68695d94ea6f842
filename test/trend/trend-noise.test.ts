// What a history of nightly runs may not do: fail because of luck, or let a real step pass because only two nights have it.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Random, seededRandom } from '../../src/stats/random.ts';
import { analyseTrend } from '../../src/trend/analyse-trend.ts';

const verdictOf = (values: readonly number[]): string =>
  analyseTrend(
    values.map((value, index) => ({
      id: `night-${index}`,
      at: new Date(Date.UTC(2026, 0, 1 + index)).toISOString(),
      value,
      context_key: 'k',
      commit: null,
    })),
    { metric: 'tpot_p50_ms', unit: 'ms', direction: 'lower-is-better', tolerance: 0.05 },
  ).verdict;

/** Student's t with three degrees of freedom: now and then a night far away. */
const t3 = (random: Random): number => {
  const squares = [1, 2, 3].reduce((sum) => sum + random.normal() ** 2, 0);
  return random.normal() / Math.sqrt(squares / 3);
};

const series = (levels: readonly number[], seed: number, noise = (random: Random): number => random.normal()) => {
  const random = seededRandom(seed);
  return levels.map((level) => level * Math.exp(0.01 * noise(random)));
};
const level = (value: number, nights: number): number[] => new Array<number>(nights).fill(value);

/** Share of `count` seeded series that are RED. */
const redShare = (count: number, of: (seed: number) => number[]): number =>
  Array.from({ length: count }, (_, seed) => verdictOf(of(seed))).filter((verdict) => verdict === 'RED').length / count;

describe('luck is no level', () => {
  test('two lucky nights and the return to normal stay GREEN', () => {
    const lucky = [...level(100, 15), ...level(75, 2), ...level(100, 40)];
    expect(redShare(40, (seed) => series(lucky, seed))).toBe(0);
    expect(verdictOf(series(lucky, 7))).toBe('GREEN');
  });

  test('noise with heavy tails over 300 nights is RED in at most 2 of 100 series', () => {
    expect(redShare(150, (seed) => series(level(100, 300), seed, t3))).toBeLessThanOrEqual(0.02);
  }, 120_000);
});

describe('a step of 7 percent at a tolerance of 5 percent', () => {
  test('is RED with its second night, nearly always', () => {
    expect(redShare(60, (seed) => series([...level(100, 30), ...level(107, 2)], seed))).toBeGreaterThanOrEqual(0.9);
  });
});

const GATES = join('..', 'shared', 'cases', 'gates');

describe.skipIf(!existsSync(GATES))('histories of the shared cases', () => {
  test.each(['trend-two-lucky-nights.json', 'trend-t3-red.json'])('%s is GREEN', (file) => {
    expect(verdictOf(JSON.parse(readFileSync(join(GATES, file), 'utf8')))).toBe('GREEN');
  });
});
