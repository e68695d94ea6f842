// What holds for every comparison, whatever the data: seeded random benchmarks of a few rows, judged as every
// verb judges them.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type JudgeOptions, judge } from '../../src/compare/judge.ts';
import type { Judgement } from '../../src/compare/judgement.ts';
import type { Trial } from '../../src/metrics/trial.ts';
import type { Side } from '../../src/source/side.ts';
import { decideMetric } from '../../src/verdict/decide-metric.ts';
import { comparisonExitCode } from '../../src/verdict/exit-code.ts';
import { pointVerdict } from '../../src/verdict/value-rule.ts';
import { defaults, metric, side, values } from '../compare/sides.ts';
import { near, trials } from '../stats/sample.ts';

const options: JudgeOptions = { policy: defaults };
const strictExit = (judgement: Judgement) => comparisonExitCode(judgement, { strict: true });

/** Name, unit, level and direction of the rows that random benchmarks are made of. */
const ROWS = {
  throughput_tok_per_s: { unit: 'tok/s', level: 2500, lowerIsBetter: false },
  req_per_s: { unit: 'req/s', level: 12, lowerIsBetter: false },
  ttft_p50_ms: { unit: 'ms', level: 180, lowerIsBetter: true },
  tpot_p50_ms: { unit: 'ms', level: 9, lowerIsBetter: true },
  itl_mean_ms: { unit: 'ms', level: 9.5, lowerIsBetter: true },
  ttft_p99_ms: { unit: 'ms', level: 640, lowerIsBetter: true },
} as const;

type RowName = keyof typeof ROWS;
const NAMES = Object.keys(ROWS) as RowName[]; // checked boundary: the table's own keys
const HEADLINE: RowName = 'throughput_tok_per_s';

/** Values of one row, one per run. */
type Runs = Readonly<Partial<Record<RowName, readonly number[]>>>;

const sideOf = (runs: Runs, order: readonly RowName[] = NAMES): Side => {
  const names = order.filter((name) => runs[name] !== undefined);
  const count = Math.max(...names.map((name) => runs[name]?.length ?? 0));
  const trialAt = (index: number): Trial => ({
    index,
    block: null,
    started_at: null,
    replicate_level: 'process',
    values: Object.fromEntries(names.map((name) => [name, runs[name]?.[index] ?? Number.NaN])),
    validity: [],
    gpu_uuids: null,
  });
  return side(
    names.map((name) => metric(name, runs[name]?.[0] ?? Number.NaN, ROWS[name].unit)),
    { trials: count < 2 ? [] : Array.from({ length: count }, (_, index) => trialAt(index)) },
  );
};

/** How many times its level a row becomes on the candidate side, were smaller better. */
const EFFECTS = [0.7, 0.9, 0.96, 1, 1, 1, 1.02, 1.05, 1.07, 1.1, 1.3, 3];
const NOISE = [0.0005, 0.01, 0.03, 0.1];

const inDirection = (name: RowName, factor: number): number => (ROWS[name].lowerIsBetter ? factor : 1 / factor);

interface Pair {
  readonly baseline: Runs;
  readonly candidate: Runs;
}

/** The runs of both sides: as many a side as drawn, rows that scatter by more or less. */
const someRuns: fc.Arbitrary<Pair> = fc
  .record({ before: fc.integer({ min: 1, max: 6 }), more: fc.integer({ min: 0, max: 1 }) })
  .chain(({ before, more }) => {
    const runs = (count: number) =>
      fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: count, maxLength: count });
    const after = before === 1 ? 1 : before + more;
    const row = fc.record({
      noise: fc.constantFrom(...NOISE),
      effect: fc.constantFrom(...EFFECTS),
      before: runs(before),
      after: runs(after),
    });
    return fc.array(row, { minLength: NAMES.length, maxLength: NAMES.length }).map((rows) => {
      const values = (which: 'before' | 'after'): Runs =>
        Object.fromEntries(
          NAMES.map((name, at) => {
            const { noise = 0, effect = 1, [which]: deviations = [] } = rows[at] ?? {};
            const level = ROWS[name].level * (which === 'after' ? inDirection(name, effect) : 1);
            return [name, deviations.map((deviation) => level * Math.exp(noise * deviation))];
          }),
        );
      return { baseline: values('before'), candidate: values('after') };
    });
  });

const judged = ({ baseline, candidate }: Pair): Judgement => judge(sideOf(baseline), sideOf(candidate), options);
const only = (runs: Runs, names: readonly RowName[]): Runs =>
  Object.fromEntries(names.map((name) => [name, runs[name] ?? []]));

const SEEDED = { seed: 20_261_128, numRuns: 400 };

describe('a strict gate', () => {
  it('that is closed never opens when a whole row gets worse', () => {
    fc.assert(
      fc.property(someRuns, fc.constantFrom(...NAMES), fc.constantFrom(1.001, 1.04, 1.3, 4), (pair, name, factor) => {
        const exit = strictExit(judged(pair));
        const worse = { ...pair.candidate, [name]: (pair.candidate[name] ?? []).map((value) => value * inDirection(name, factor)) };
        if (exit !== 0) expect(strictExit(judged({ ...pair, candidate: worse }))).not.toBe(0);
      }),
      SEEDED,
    );
  }); // prettier-ignore

  it('that is closed never opens when a row is added beside the headline', () => {
    fc.assert(
      fc.property(someRuns, fc.shuffledSubarray(NAMES.slice(1)), fc.constantFrom(...NAMES.slice(1)), (pair, some, added) => {
        const names: RowName[] = [HEADLINE, ...some.filter((name) => name !== added)];
        const cut = (which: readonly RowName[]): Pair => ({ baseline: only(pair.baseline, which), candidate: only(pair.candidate, which) });
        if (strictExit(judged(cut(names))) !== 0) expect(strictExit(judged(cut([...names, added])))).not.toBe(0);
      }),
      SEEDED,
    );
  }); // prettier-ignore
});

describe('colour and decision', () => {
  it('agree: GREEN never stands beside FAIL, RED never beside PASS, exit 0 never beside either', () => {
    fc.assert(
      fc.property(someRuns, (pair) => {
        const { verdict, decision, ...rest } = judged(pair);
        if (decision.status === 'FAIL') expect(verdict).not.toBe('GREEN');
        if (decision.status === 'PASS') expect(verdict).not.toBe('RED');
        if (strictExit({ verdict, decision, ...rest }) === 0) expect([decision.status, verdict]).not.toContain('FAIL');
      }),
      { ...SEEDED, numRuns: 1000 },
    );
  });

  it('do not depend on the order of trials, rows or keys', () => {
    const orders = fc.shuffledSubarray(NAMES, { minLength: NAMES.length });
    fc.assert(
      fc.property(someRuns, orders, orders, (pair, before, after) => {
        const turned = (runs: Runs): Runs =>
          Object.fromEntries(Object.entries(runs).map(([name, all]) => [name, all.toReversed()]));
        const straight = judged(pair);
        const mixed = judge(sideOf(turned(pair.baseline), before), sideOf(turned(pair.candidate), after), options);
        const outcome = ({ verdict, decision, rows }: Judgement) => [
          verdict,
          decision.status,
          decision.strength,
          decision.rule,
          decision.failed.toSorted(),
          decision.suspect.toSorted(),
          decision.open.toSorted(),
          rows.map((row) => `${row.key} ${row.decision.status} ${row.standing}`).toSorted(),
        ];
        expect(outcome(mixed)).toEqual(outcome(straight));
      }),
      SEEDED,
    );
  });
});

describe('swapping the sides', () => {
  it('turns a failure into no failure and an interval that excludes no change into an improvement', () => {
    fc.assert(
      fc.property(someRuns, (pair) => {
        const back = judged({ baseline: pair.candidate, candidate: pair.baseline });
        for (const { key, decision } of judged(pair).rows) {
          const other = back.rows.find((row) => row.key === key)?.decision;
          if (decision.status !== 'FAIL') continue;
          expect(other?.status).not.toBe('FAIL');
          if ((decision.interval?.low ?? 0) > 0) expect(other).toMatchObject({ status: 'PASS', reason: 'improved' });
        }
      }),
      SEEDED,
    );
  });

  it.each([
    ['lower-is-better', 1],
    ['higher-is-better', -1],
  ] as const)('mirrors the worsening, %s', (direction, sign) => {
    const values = fc.array(fc.double({ min: 90, max: 110, noNaN: true }), { minLength: 2, maxLength: 7 });
    fc.assert(
      fc.property(values, values, (before, after) => {
        const decide = (baseline: readonly number[], candidate: readonly number[]) =>
          decideMetric({ direction, tolerance: { relative: 0.05, absolute: null }, baseline: trials(baseline), candidate: trials(candidate) });
        const [there, back] = [decide(before, after), decide(after, before)];
        near((1 + sign * (there.worsening ?? 0)) * (1 + sign * (back.worsening ?? 0)), 1);
        near((1 + sign * (there.interval?.low ?? 0)) * (1 + sign * (back.interval?.high ?? 0)), 1);
      }),
      SEEDED,
    );
  }); // prettier-ignore
});

/** A decimal of `digits` digits after the point. */
const decimal = (units: bigint, digits: number): number => Number(`${units}e-${digits}`);

interface Exact {
  readonly baseline: number;
  readonly percent: number;
  readonly up: number;
  readonly down: number;
  /** A hair beyond. */
  readonly above: number;
  readonly below: number;
}

/** Values as people write them, and what exactly the tolerance makes of them in decimals. */
const exactCases = (count: number): Exact[] => {
  const cases: Exact[] = [];
  for (let at = 0; at < count; at += 1) {
    const digits = at % 7;
    const units = BigInt(7 + ((at * 7919) % 99_991));
    const tenths = BigInt([1, 5, 10, 20, 25, 30, 50, 70, 100, 150, 200, 333][at % 12] ?? 50);
    const scale = 10_000_000n; // thousandths for tenths of a percent, and four digits for the hair
    const change = units * tenths * 10_000n;
    const hair = units;
    cases.push({
      baseline: decimal(units, digits),
      percent: Number(tenths) / 10,
      up: decimal(units * scale + change, digits + 7),
      down: decimal(units * scale - change, digits + 7),
      above: decimal(units * scale + change + hair, digits + 7),
      below: decimal(units * scale - change - hair, digits + 7),
    });
  }
  return cases;
};

const CASES = exactCases(10_000);

describe('a change of exactly the tolerance is inside, in 10,000 exact decimals', () => {
  it('as one value a side', () => {
    const wrong = CASES.filter(({ baseline, percent, up, down, above, below }) => {
      const tolerance = { percent };
      const inside = [pointVerdict(baseline, up, 'lower-is-better', tolerance), pointVerdict(baseline, down, 'higher-is-better', tolerance)];
      const outside = [pointVerdict(baseline, above, 'lower-is-better', tolerance), pointVerdict(baseline, below, 'higher-is-better', tolerance)];
      return inside.some((said) => said !== 'no_change') || outside.some((said) => said !== 'regression');
    });
    expect(wrong).toEqual([]);
  }); // prettier-ignore

  it('as repeated trials, by t and by ranks', () => {
    const same = (value: number, n: number) => trials(Array.from({ length: n }, () => value));
    const wrong = CASES.filter(({ baseline, percent, up, down }, at) => {
      const n = [2, 3, 5][at % 3] ?? 5;
      const decide = (direction: 'lower-is-better' | 'higher-is-better', candidate: number) =>
        decideMetric({ direction, tolerance: { relative: percent / 100, absolute: null }, baseline: same(baseline, n), candidate: same(candidate, n) }).status;
      return decide('lower-is-better', up) !== 'PASS' || decide('higher-is-better', down) !== 'PASS';
    });
    expect(wrong).toEqual([]);
  }); // prettier-ignore

  it('as the rows of a comparison', () => {
    for (const percent of new Set(CASES.map((each) => each.percent))) {
      const cases = CASES.filter((each) => each.percent === percent);
      const named = (pick: (each: Exact) => number): Side =>
        values(Object.fromEntries(cases.map((each, at) => [`step_${at}_ms`, pick(each)])));
      const policy = { ...defaults, umbrella: { percent } };
      const at = (pick: (each: Exact) => number) => judge(named(({ baseline }) => baseline), named(pick), { policy });
      expect(at(({ up }) => up).verdict).toBe('GREEN');
      expect(at(({ above }) => above).adverse).toHaveLength(cases.length);
    }
  }); // prettier-ignore
});
