import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { difference, pointVerdict } from '../../src/verdict/value-rule.ts';
import type { Direction } from '../../src/stats/direction.ts';

interface Case {
  readonly direction: 'lower' | 'higher' | 'unknown';
  readonly baseline: number | null;
  readonly candidate: number | null;
  readonly tolerance: number;
  readonly delta_abs: number | null;
  readonly delta_rel: number | null;
  readonly verdict: string;
}

const DIRECTIONS: Readonly<Record<Case['direction'], Direction | null>> = {
  lower: 'lower-is-better',
  higher: 'higher-is-better',
  unknown: null,
};

const GOLDEN = new URL('../../../shared/golden/stats/bench-diff.json', import.meta.url);
const isThere = existsSync(GOLDEN);
if (!isThere) console.log('skipped: ../shared/golden is not here');
const golden = isThere ? (JSON.parse(readFileSync(GOLDEN, 'utf8')) as { cases: Case[] }).cases : [];

const OWN: Case[] = [
  {
    direction: 'lower',
    baseline: 50,
    candidate: 51,
    tolerance: 0.02,
    delta_abs: 1,
    delta_rel: 0.02,
    verdict: 'no_change',
  },
  {
    direction: 'lower',
    baseline: 50,
    candidate: 51.5,
    tolerance: 0.02,
    delta_abs: 1.5,
    delta_rel: 0.03,
    verdict: 'regression',
  },
  {
    direction: 'higher',
    baseline: 50,
    candidate: 51.5,
    tolerance: 0.02,
    delta_abs: 1.5,
    delta_rel: 0.03,
    verdict: 'improvement',
  },
  {
    direction: 'higher',
    baseline: 1,
    candidate: 0.75,
    tolerance: 0,
    delta_abs: -0.25,
    delta_rel: -0.25,
    verdict: 'regression',
  },
  {
    direction: 'lower',
    baseline: 0,
    candidate: 1e-9,
    tolerance: 0.5,
    delta_abs: 1e-9,
    delta_rel: null,
    verdict: 'regression',
  },
  {
    direction: 'lower',
    baseline: 5,
    candidate: null,
    tolerance: 0.02,
    delta_abs: null,
    delta_rel: null,
    verdict: 'missing',
  },
  {
    direction: 'lower',
    baseline: null,
    candidate: 5,
    tolerance: 0.02,
    delta_abs: null,
    delta_rel: null,
    verdict: 'unknown',
  },
  { direction: 'unknown', baseline: 5, candidate: 5, tolerance: 0.02, delta_abs: 0, delta_rel: 0, verdict: 'unknown' },
];

/** A row's figures and word from two values. */
const classifyChange = (
  direction: Direction | null,
  baseline: number | null,
  candidate: number | null,
  tolerance: { readonly relative: number } | { readonly absolute: number },
) => {
  const delta = baseline === null || candidate === null ? null : difference(baseline, candidate);
  const allowed = 'absolute' in tolerance ? tolerance : { percent: 100 * tolerance.relative };
  return {
    delta_abs: delta,
    delta_rel: delta === null || baseline === null || baseline === 0 ? null : delta / Math.abs(baseline),
    verdict: pointVerdict(baseline, candidate, direction, allowed),
  };
};

const check = (given: Case): void => {
  const { direction, baseline, candidate, tolerance, delta_abs, delta_rel, verdict } = given;
  expect(classifyChange(DIRECTIONS[direction], baseline, candidate, { relative: tolerance })).toEqual({
    delta_abs,
    delta_rel,
    verdict,
  });
};

describe('the point rule', () => {
  it.each(OWN)('$direction: $baseline to $candidate within $tolerance is $verdict', check);

  it.skipIf(!isThere)('holds in the golden cases beside the repository', () => golden.forEach(check));

  it('takes a change either way for adverse where both count', () => {
    for (const candidate of [90, 110])
      expect(classifyChange('two-sided', 100, candidate, { relative: 0.05 }).verdict).toBe('regression');
  });

  it('takes an absolute tolerance in the unit of the metric', () => {
    expect(classifyChange('higher-is-better', 0.5, 0.485, { absolute: 0.02 }).verdict).toBe('no_change');
    expect(classifyChange('higher-is-better', 0.5, 0.45, { absolute: 0.02 }).verdict).toBe('regression');
  });

  const value = fc.double({ min: -1e6, max: 1e6, noNaN: true });
  const direction = fc.constantFrom<Direction>('lower-is-better', 'higher-is-better');
  const OPPOSITE = { 'lower-is-better': 'higher-is-better', 'higher-is-better': 'lower-is-better' } as const;

  it('finds no change between a value and itself', () => {
    fc.assert(
      fc.property(direction, value, (way, x) => {
        expect(classifyChange(way, x, x, { relative: 0 }).verdict).toBe('no_change');
      }),
    );
  });

  it('turns an improvement into a regression when the direction is turned', () => {
    const turned = { improvement: 'regression', regression: 'improvement' } as Record<string, string>;
    fc.assert(
      fc.property(
        fc.constantFrom('lower-is-better' as const, 'higher-is-better' as const),
        value,
        value,
        (way, a, b) => {
          const verdict = classifyChange(way, a, b, { relative: 0.02 }).verdict;
          expect(classifyChange(OPPOSITE[way], a, b, { relative: 0.02 }).verdict).toBe(turned[verdict] ?? verdict);
        },
      ),
    );
  });
});
