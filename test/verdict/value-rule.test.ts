import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  deltaPercent,
  difference,
  exceeds,
  exceedsPercent,
  isWorse,
  pointVerdict,
} from '../../src/verdict/value-rule.ts';
import { judge } from '../../src/compare/judge.ts';
import type { Direction } from '../../src/stats/direction.ts';
import { values } from '../compare/sides.ts';

it('a difference is never a negative zero, whichever zeros it is made of', () => {
  const zeros = [0, -0].flatMap((baseline) => [0, -0].map((candidate) => difference(baseline, candidate)));
  expect(zeros).toEqual([0, 0, 0, 0]);
  expect(difference(310, 295)).toBe(-15);
});

describe('percent of the baseline', () => {
  it.each([
    [310, 295, -4.838709677419355],
    [-5, -6, -20],
    [0, 0, 0],
    [0, 1, null],
    [2, 0, -100],
  ])('from %d to %d is %j', (baseline, candidate, percent) => {
    expect(deltaPercent(baseline, candidate)).toBe(percent);
  });
});

describe('tolerance', () => {
  it.each([
    ['exactly the tolerance is within it', 100, 105, { percent: 5 }, false],
    ['also where binary fractions make it look like more', 0.3, 0.315, { percent: 5 }, false],
    ['also in absolute terms', 0.62, 0.6, { absolute: 0.02 }, false],
    ['a hair more is beyond it', 100, 105.000001, { percent: 5 }, true],
    ['none at all allows nothing', 1, 0.9999, { percent: 0 }, true],
    ['none at all allows no change', 1, 1, { percent: 0 }, false],
    ['from zero any move is beyond a percentage', 0, 1e-9, { percent: 50 }, true],
    ['from zero an absolute tolerance holds', 0, 2, { absolute: 3 }, false],
    ['percent is of the magnitude', -100, -104, { percent: 5 }, false],
  ])('%s', (_, baseline, candidate, tolerance, expected) => {
    expect(exceeds(baseline, candidate, tolerance)).toBe(expected);
  });

  it('is as wide one way as the other in absolute terms', () => {
    const number = fc.double({ noNaN: true, min: -1e6, max: 1e6 });
    fc.assert(
      fc.property(number, number, fc.double({ noNaN: true, min: 0, max: 1e6 }), (a, b, absolute) => {
        expect(exceeds(a, b, { absolute })).toBe(exceeds(b, a, { absolute }));
      }),
    );
  });
});

describe('worse', () => {
  it.each<[Direction, boolean, boolean]>([
    ['lower-is-better', true, false],
    ['higher-is-better', false, true],
    ['two-sided', true, true],
  ])('%s: up %s, down %s', (direction, up, down) => {
    expect([isWorse(1, 2, direction), isWorse(2, 1, direction), isWorse(1, 1, direction)]).toEqual([up, down, false]);
  });
});

interface GoldenCase {
  readonly direction: 'lower' | 'higher' | 'unknown';
  readonly baseline: number | null;
  readonly candidate: number | null;
  readonly tolerance: number;
  readonly delta_rel: number | null;
  readonly verdict: string;
}

const GOLDEN = '../shared/golden/stats/bench-diff.json';
const DIRECTIONS = { lower: 'lower-is-better', higher: 'higher-is-better', unknown: null } as const;

describe.skipIf(!existsSync(GOLDEN))('golden point verdicts (skipped where ../shared is absent)', () => {
  const cases = existsSync(GOLDEN) ? (JSON.parse(readFileSync(GOLDEN, 'utf8')) as { cases: GoldenCase[] }).cases : [];

  it.each(cases)('$direction $baseline to $candidate at $tolerance is $verdict', (golden) => {
    const { baseline, candidate, direction, verdict } = golden;
    const tolerance = { percent: golden.tolerance * 100 };
    expect(pointVerdict(baseline, candidate, DIRECTIONS[direction], tolerance)).toBe(verdict);
  });

  it.each(
    cases.filter(
      ({ baseline, candidate, direction }) => baseline !== null && candidate !== null && direction !== 'unknown',
    ),
  )(
    'the judge agrees: $direction $baseline to $candidate is $verdict',
    ({ baseline, candidate, direction, tolerance, delta_rel, verdict }) => {
      const policy = {
        defaults: [{ match: '*', direction: DIRECTIONS[direction] ?? ('two-sided' as const) }],
        umbrella: { percent: tolerance * 100 },
      };
      const [row] = judge(values({ m: baseline ?? 0 }), values({ m: candidate ?? 0 }), { policy }).rows;
      expect(row).toMatchObject({ adverse: verdict === 'regression', improved: verdict === 'improvement' });
      // From zero to zero the golden has no ratio; a row says 0 percent.
      const ratio = row?.delta_pct === null || baseline === 0 ? null : (row?.delta_pct ?? Number.NaN) / 100;
      if (delta_rel === null) expect(ratio).toBeNull();
      else expect(ratio).toBeCloseTo(delta_rel, 12);
    },
  );
});

it.each([
  ['exactly the tolerance is within it', 5, false],
  ['also where binary fractions make it look like more', 5 + 4e-15, false],
  ['a hair more is beyond it', 5.0001, true],
  ['an improvement never is', -50, false],
])('a change known in percent only: %s', (_, change, expected) => {
  expect(exceedsPercent(change, 5)).toBe(expected);
});
