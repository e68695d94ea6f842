// Where the small rules of judging change their answer: what no run can have, what is too good, which exit code, which colour, when a
// baseline is replaced, what a tolerance is.
import { describe, expect, it } from 'vitest';
import { familyOdds } from '../../src/verdict/family-odds.ts';
import { gravestColour } from '../../src/verdict/colour.ts';
import { compareContexts } from '../../src/verdict/context-match.ts';
import { bareDecision } from '../../src/verdict/decision.ts';
import {
  type Outcome,
  comparisonExitCode,
  failOnCode,
  gravestExit,
  isRepeated,
  requireSameContext,
} from '../../src/verdict/exit-code.ts';
import { isImplausible, isImpossible, quantityOf, surpriseOf } from '../../src/verdict/plausibility.ts';
import { promotionRefusal } from '../../src/verdict/promotion.ts';
import { rankAll, rankingExitCode } from '../../src/verdict/ranking.ts';
import { fractionTolerance, halfOf, percentTolerance } from '../../src/verdict/tolerance.ts';
import { logNormalTrials, logSpread, verdictOdds } from '../../src/verdict/verdict-odds.ts';
import { changeText, clip, signed, titleOf, toleranceText } from '../../src/verdict/wording.ts';
import { seededRandom } from '../../src/stats/random.ts';

describe('what a value can be', () => {
  it.each([
    ['ms', 'amount'], ['GB', 'amount'], ['J/tok', 'amount'], ['count', 'tally'], ['%', 'tally'], ['ratio', 'tally'], ['C', 'tally'],
    ['tok/s', 'rate'], ['GB/s', 'rate'], ['W', 'rate'], ['MHz', 'rate'], ['zorp', 'unknown'], [null, 'unknown'],
  ] as const)('in %s: %s', (unit, quantity) => expect(quantityOf(unit)).toBe(quantity)); // prettier-ignore

  it.each([
    [1, 1, 'amount', false], [0, 1, 'amount', true], [1, 0, 'amount', true], [0, 0, 'amount', false], [-1, 0, 'amount', true],
    [0, -1, 'amount', true], [0, 1, 'rate', false], [1, 0, 'rate', false], [-1, 1, 'rate', true], [1, -1, 'rate', true],
    [-1, -1, 'unknown', false], [-5, 3, 'tally', false],
  ] as const)('%d and %d of an %s are impossible: %s', (before, after, quantity, expected) =>
    expect(isImpossible(before, after, quantity)).toBe(expected)); // prettier-ignore

  it.each([
    [100, 34, 'lower-is-better', 'amount', null],
    [99, 33, 'lower-is-better', 'amount', 'surprising'],
    [99, 33, 'higher-is-better', 'amount', null],
    [33, 99, 'higher-is-better', 'rate', 'surprising'],
    [33, 99, 'lower-is-better', 'rate', null],
    [33, 99, 'two-sided', 'rate', null],
    [99, 33, 'two-sided', 'rate', null],
    [100, 5, 'lower-is-better', 'amount', 'surprising'],
    [101, 5, 'lower-is-better', 'amount', 'too_good'],
    [540, 10, 'lower-is-better', 'amount', 'unit_factor'],
    [539, 10, 'lower-is-better', 'amount', 'too_good'],
    [660, 10, 'lower-is-better', 'amount', 'unit_factor'],
    [661, 10, 'lower-is-better', 'amount', 'too_good'],
    [1, 1000, 'lower-is-better', 'amount', 'unit_factor'],
    [1, 60, 'two-sided', 'amount', 'unit_factor'],
    [1, 3600, 'higher-is-better', 'rate', 'unit_factor'],
    [1, 1e6, 'higher-is-better', 'rate', 'unit_factor'],
    [1, 1000, 'higher-is-better', 'tally', null],
    [0, 1000, 'higher-is-better', 'rate', null],
    [1000, 0, 'lower-is-better', 'amount', null],
    [-1, 1000, 'higher-is-better', 'unknown', null],
  ] as const)('%d to %d, %s, of an %s: %s', (before, after, direction, quantity, expected) =>
    expect(surpriseOf(before, after, direction, quantity)).toBe(expected),
  );

  it.each([
    ['too_good', 100, 1, 'lower-is-better', true],
    ['unit_factor', 100, 1, 'lower-is-better', true],
    ['unit_factor', 1, 100, 'lower-is-better', false],
    ['unit_factor', 1, 100, 'higher-is-better', true],
    ['unit_factor', 100, 1, 'higher-is-better', false],
    ['unit_factor', 1, 100, 'two-sided', false],
    ['surprising', 100, 1, 'lower-is-better', false],
    [null, 100, 1, 'lower-is-better', false],
  ] as const)('%s, %d to %d, %s, does not pass: %s', (surprise, before, after, direction, expected) =>
    expect(isImplausible(surprise, before, after, direction)).toBe(expected),
  );
});

describe('exit codes', () => {
  const decision = (status: Outcome['decision']['status'], reason = 'r') =>
    bareDecision(status, 'V1', reason, { basis: 'point' });
  const trials = (valid: number, invalid = 0) => ({
    baseline: { valid: 5, invalid: 0 },
    candidate: { valid, invalid },
  });
  const outcome = (more: Partial<Outcome>): Outcome => ({
    verdict: 'GREEN',
    decision: decision('PASS'),
    trials: trials(5),
    adverse: [],
    vanished: [],
    ...more,
  });
  it.each([
    ['a pass', {}, 0],
    ['a failure', { decision: decision('FAIL') }, 1],
    ['another context', { decision: decision('INCOMPARABLE') }, 4],
    ['no valid trial', { trials: trials(0, 3), decision: decision('FAIL') }, 4],
    ['no trial at all, nothing adverse', { trials: trials(0), decision: decision('INCONCLUSIVE') }, 0],
    ['a single run beyond', { trials: trials(1), decision: decision('INCONCLUSIVE'), adverse: [1] }, 1],
    ['two runs beyond, undecided', { trials: trials(2), decision: decision('INCONCLUSIVE'), adverse: [1] }, 3],
    ['a lost metric', { vanished: [1] }, 1],
    ['an impossible value', { decision: decision('INCONCLUSIVE', 'value_impossible'), adverse: [1] }, 4],
    ['a contradiction', { decision: decision('INCONCLUSIVE', 'contradicts_itself') }, 4],
    ['a unit to check', { trials: trials(1), decision: decision('INCONCLUSIVE', 'check_the_unit') }, 3],
  ] as const)('strict: %s: %i', (_, more, code) => {
    expect(comparisonExitCode(outcome(more), { strict: true })).toBe(code);
    expect(comparisonExitCode(outcome(more), {})).toBe(0);
  });

  it.each([
    ['red', 'RED', 1], ['red', 'YELLOW', 0], ['yellow', 'RED', 1], ['yellow', 'YELLOW', 1], ['yellow', 'GREEN', 0],
  ] as const)('fail_on %s of a %s verdict: %i', (reason, verdict, code) =>
    expect(failOnCode(outcome({ verdict }), [reason])).toBe(code)); // prettier-ignore

  it.each([
    ['fail', 'FAIL', 1], ['fail', 'INCONCLUSIVE', 0], ['inconclusive', 'INCONCLUSIVE', 3], ['inconclusive', 'PASS', 0],
    ['fail', 'INCOMPARABLE', 4], ['red', 'INCOMPARABLE', 4],
  ] as const)('fail_on %s of a decision %s: %i', (reason, status, code) => {
    expect(failOnCode(outcome({ decision: decision(status) }), [reason])).toBe(code);
    expect(failOnCode(outcome({ decision: decision(status) }), [])).toBe(0);
  }); // prettier-ignore

  it('fail_on vanished', () => {
    expect(failOnCode(outcome({ vanished: [1] }), ['vanished'])).toBe(1);
    expect(failOnCode(outcome({}), ['vanished'])).toBe(0);
    expect(
      comparisonExitCode(outcome({ decision: decision('INCONCLUSIVE'), trials: trials(1) }), {
        strict: true,
        failOn: ['inconclusive'],
      }),
    ).toBe(3);
  });

  it('the gravest of several', () => {
    expect([[], [0, 3], [3, 4], [4, 1, 0], [0, 0]].map((codes) => gravestExit(codes as (0 | 1 | 3 | 4)[]))).toEqual([
      0, 3, 4, 1, 0,
    ]);
    expect(gravestColour([])).toBe('GREEN');
    expect([
      gravestColour(['GREEN', 'YELLOW']),
      gravestColour(['YELLOW', 'RED', 'GREEN']),
      gravestColour(['GREEN']),
    ]).toEqual(['YELLOW', 'RED', 'GREEN']);
  });

  it('two valid trials a side are repeats', () => {
    const of = (a: number, b: number) =>
      isRepeated({ baseline: { valid: a, invalid: 0 }, candidate: { valid: b, invalid: 0 } });
    expect([of(2, 2), of(1, 2), of(2, 1)]).toEqual([true, false, false]);
  });

  it('sides of other conditions are refused where that is asked for', () => {
    const differ = { context: compareContexts({ tp: 8 }, { tp: 4 }, []) };
    expect(() => requireSameContext(differ, true)).toThrowError('INCOMPARABLE: tp 8 -> 4');
    expect(() => requireSameContext(differ, false)).not.toThrow();
    expect(() => requireSameContext({ context: compareContexts({ tp: 8 }, { tp: 8 }, []) }, true)).not.toThrow();
  });
});

describe('a baseline is replaced', () => {
  const timed = (samplesMs: readonly number[], timeMs = samplesMs[0] ?? 1) => ({ timeMs, samplesMs });
  const spread = (value: number, count: number) => Array.from({ length: count }, (_, at) => value * (1 + at / 1000));
  it.each([
    ['not by an equal time', timed([], 10), timed([], 10), false, 'not_faster'],
    ['by one value, where there is only one', timed([], 10), timed([], 9.9), false, null],
    ['not by one value, where there are samples', timed(spread(10, 8)), timed([], 9), false, 'gain_not_proven'],
    ['by samples that are all below one value', timed([], 10), timed(spread(9, 6)), false, null],
    ['by five of them', timed([], 10), timed(spread(9, 5)), false, null],
    ['by five samples below five', timed(spread(10, 5)), timed(spread(9, 5)), false, null],
    ['not by four of them', timed([], 10), timed(spread(9, 4)), false, 'gain_not_proven'],
    ['not by samples around it', timed([], 9.001), timed(spread(9, 8), 9), false, 'gain_not_proven'],
    ['by samples below samples', timed(spread(10, 8)), timed(spread(9, 8)), false, null],
    [
      'not where chance does as much once in 198 times',
      timed([10, 10.1, 10.2, 10.3, 10.4]),
      timed([9, 9.1, 9.2, 9.3, 9.4, 10.05, 10.06], 9),
      false,
      'gain_not_proven',
    ],
    [
      'where it does once in 396 times',
      timed([10, 10.1, 10.2, 10.3, 10.4]),
      timed([9, 9.1, 9.2, 9.3, 9.4, 9.5, 10.05], 9),
      false,
      null,
    ],
    ['not by four', timed(spread(10, 4)), timed(spread(9, 4)), false, 'gain_not_proven'],
    ['not by a gain too large', timed([], 10), timed([], 3), false, 'gain_to_confirm'],
    ['by one that somebody vouches for', timed([], 10), timed([], 3), true, null],
  ] as const)('%s', (_, baseline, candidate, accept, refusal) =>
    expect(promotionRefusal(baseline, candidate, accept)).toBe(refusal),
  );
});

describe('a ranking', () => {
  const around = (value: number) => [0.99, 1, 1.01, 0.995, 1.005].map((factor) => value * factor);
  const question = (name: string, subject: number, rival: number, mismatch: readonly string[] = []) => ({
    name,
    subject: around(subject),
    rival: around(rival),
    direction: 'higher-is-better' as const,
    mismatch,
  });
  it.each([
    ['better in all', [question('a', 120, 100), question('b', 130, 100)], ['better', 'better'], 'PASS', 'GREEN'],
    ['worse in one', [question('a', 120, 100), question('b', 80, 100)], ['better', 'worse'], 'FAIL', 'RED'],
    [
      'alike in one',
      [question('a', 120, 100), question('b', 100, 100)],
      ['better', 'not_distinguishable'],
      'INCONCLUSIVE',
      'YELLOW',
    ],
    ['of other machines', [question('a', 120, 100, ['hardware'])], ['not_comparable'], 'INCOMPARABLE', 'YELLOW'],
  ] as const)('%s', (_, questions, ranks, status, verdict) => {
    const ranking = rankAll(questions);
    expect(ranking.ranked.map(({ rank }) => rank)).toEqual(ranks);
    expect([ranking.decision.status, ranking.verdict]).toEqual([status, verdict]);
  });
});

describe('a tolerance', () => {
  it.each([
    [5, 5],
    ['5', 5],
    ['5%', 5],
    [' 2.5 % ', 2.5],
    [0, 0],
  ])('of %j is %d percent', (given, percent) => expect(percentTolerance(given)).toBe(percent));
  it.each([
    [0.05, 0.05],
    ['5%', 0.05],
    ['0.5', 0.5],
    [0, 0],
    ['150%', 1.5],
  ])('of %j is a share of %d', (given, share) => expect(fractionTolerance(given)).toBe(share));
  it.each(['', '%', '-1', 'five', 'Infinity'])('%j is none', (given) =>
    expect(() => percentTolerance(given)).toThrowError(/tolerance is/),
  );
  it('of 1 and more is no share', () => {
    expect(() => fractionTolerance(1)).toThrowError(/tolerance is 1/);
    expect(() => fractionTolerance(5)).toThrowError(/tolerance is 5/);
  });
  it('may be halved', () =>
    expect([halfOf({ percent: 5 }), halfOf({ absolute: 3 })]).toEqual([{ percent: 2.5 }, { absolute: 1.5 }]));
  it('is written with its unit', () => {
    expect([
      toleranceText({ percent: 5 }, 'ms'),
      toleranceText({ absolute: 2 }, 'ms'),
      toleranceText({ absolute: 0.02 }, null),
    ]).toMatchInlineSnapshot(`
      [
        "5%",
        "2 ms",
        "0.02",
      ]
    `);
  });
});

describe('words', () => {
  it('of a change', () => {
    expect(changeText({ baseline: 40, candidate: 44, unit: 'ms', delta_pct: 10 })).toMatchInlineSnapshot(
      `"40 -> 44 ms (+10.0%)"`,
    );
    expect(changeText({ baseline: 0, candidate: 4, unit: null, delta_pct: null })).toMatchInlineSnapshot(
      `"0 -> 4 (n/a)"`,
    );
    expect([signed(3, 'ms'), signed(-3, 'ms'), signed(0, null)]).toMatchInlineSnapshot(`
      [
        "+3 ms",
        "-3 ms",
        "+0",
      ]
    `);
    expect([titleOf('a'), titleOf('rows[name=x].ttft_p50_ms'), titleOf('ttft_p50_ms[concurrency=16]')])
      .toMatchInlineSnapshot(`
      [
        "a",
        "rows[name=x].ttft_p50_ms",
        "ttft_p50_ms @ concurrency=16",
      ]
    `);
  });
  it('are cut at their length', () => {
    expect(['abcdef', 'abcdefg', 'abcdefgh'].map((text) => clip(text, 7))).toMatchInlineSnapshot(`
      [
        "abcdef",
        "abcdefg",
        "abcd...",
      ]
    `);
  });
});

describe('the exit code of a ranking', () => {
  const outcome = (status: Outcome['decision']['status'], ranks: readonly string[]) => ({
    decision: bareDecision(status, 'V1', 'r', { basis: 'interval' }),
    verdict: 'GREEN' as const,
    ranks,
  });
  it.each([
    [outcome('PASS', ['better']), { strict: true, missing: 0 }, 0],
    [outcome('FAIL', ['worse']), { strict: true, missing: 0 }, 1],
    [outcome('FAIL', ['worse']), { missing: 0 }, 0],
    [outcome('INCONCLUSIVE', ['not_distinguishable']), { strict: true, missing: 0 }, 3],
    [outcome('PASS', ['better', 'not_comparable']), { strict: true, missing: 0 }, 4],
    [outcome('PASS', ['better', 'not_comparable']), { strictContext: true, missing: 0 }, 4],
    [outcome('PASS', ['better', 'not_comparable']), { missing: 0 }, 0],
    [outcome('PASS', ['better']), { strict: true, missing: 1 }, 4],
    [outcome('PASS', ['better']), { missing: 1 }, 0],
    [outcome('PASS', ['better']), { failOn: ['vanished'], missing: 1 }, 1],
    [outcome('PASS', ['better']), { failOn: ['vanished'], missing: 0 }, 0],
    [outcome('FAIL', ['worse', 'not_comparable']), { strict: true, missing: 1 }, 1],
  ] as const)('%#', (ranking, gate, code) => expect(rankingExitCode(ranking, gate)).toBe(code));
});

describe('odds by simulation', () => {
  it('draws trials that vary as much as was asked, in blocks where there are some', () => {
    expect([logSpread(0.1), logSpread(0)]).toEqual([expect.closeTo(0.09975, 5), 0]);
    const drawn = logNormalTrials({ n: 4, cv: 0, worsening: 0.1, blockCv: null })(seededRandom(1));
    expect(drawn.baseline).toEqual(Array.from({ length: 4 }, () => ({ value: 100, block: null, excluded: false })));
    for (const { value } of drawn.candidate) expect(value).toBeCloseTo(110, 9);
    const paired = logNormalTrials({ n: 3, cv: 0, worsening: 0.1, blockCv: 0.2 })(seededRandom(1));
    expect(paired.candidate.map(({ block }) => block)).toEqual([0, 1, 2]);
    paired.baseline.forEach(({ value }, at) =>
      expect((paired.candidate[at]?.value ?? 0) / (value ?? 1)).toBeCloseTo(1.1, 9),
    );
    expect(new Set(paired.baseline.map(({ value }) => value)).size).toBe(3);
  });

  it('counts what the decisions say, the same on every machine', () => {
    const model = { n: 5, cv: 0.03, blockCv: null };
    const question = { direction: 'lower-is-better', tolerance: { relative: 0.05, absolute: null } } as const;
    const odds = (worsening: number) =>
      verdictOdds(logNormalTrials({ ...model, worsening }), question, { repetitions: 100, seed: 1 });
    expect([odds(0), odds(0.1), odds(0.2)]).toMatchInlineSnapshot(`
      [
        {
          "failLikely": 0.01,
          "failProven": 0,
          "inconclusive": 0.26,
          "pass": 0.73,
        },
        {
          "failLikely": 0.31,
          "failProven": 0.69,
          "inconclusive": 0,
          "pass": 0,
        },
        {
          "failLikely": 0,
          "failProven": 1,
          "inconclusive": 0,
          "pass": 0,
        },
      ]
    `);
  });

  it('of a family, each of which must pass', () => {
    const design = {
      analysis: 'unpaired',
      direction: 'lower-is-better',
      tolerance: 0.05,
      cv: 0.02,
      n: 5,
      gatingMetrics: 1,
    } as const;
    expect([
      familyOdds(design, 40)(0),
      familyOdds({ ...design, gatingMetrics: 4 }, 40)(0),
      familyOdds({ ...design, gatingMetrics: 4 }, 40)(0.12),
    ]).toMatchInlineSnapshot(`
      [
        {
          "failLikely": 0,
          "failProven": 0,
          "inconclusive": 0.025,
          "pass": 0.975,
        },
        {
          "failLikely": 0,
          "failProven": 0,
          "inconclusive": 0.05,
          "pass": 0.95,
        },
        {
          "failLikely": 0.025,
          "failProven": 0.975,
          "inconclusive": 0,
          "pass": 0,
        },
      ]
    `);
    expect(familyOdds({ ...design, direction: 'higher-is-better', analysis: 'paired' }, 40)(0.12))
      .toMatchInlineSnapshot(`
      {
        "failLikely": 0,
        "failProven": 1,
        "inconclusive": 0,
        "pass": 0,
      }
    `);
  });
});
