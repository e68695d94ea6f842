import { describe, expect, test } from 'vitest';
import { rankAll, rankingExitCode, type RankQuestion } from '../../src/verdict/ranking.ts';

const SLOW = [2, 2.02, 1.98, 2.01, 1.99, 2];
const FAST = [1, 1.01, 0.99, 1.02, 0.98, 1];

const ask = (
  name: string,
  subject: readonly number[],
  rival: readonly number[],
  mismatch: string[] = [],
): RankQuestion => ({
  name,
  subject,
  rival,
  direction: 'lower-is-better',
  mismatch,
});

const FASTER = ask('faster', FAST, SLOW);
const SLOWER = ask('slower', SLOW, FAST);
const EQUAL = ask('equal', [1, 1.01, 0.99, 1.02, 0.98, 1], [1, 1.02, 0.98, 1.01, 0.99, 1.005]);
const FOREIGN = ask('foreign', FAST, SLOW, ['gpu']);

describe('a ranking', () => {
  test.each([
    [[FASTER], ['better'], 'GREEN', 'PASS', 0],
    [[SLOWER], ['worse'], 'RED', 'FAIL', 1],
    [[FASTER, EQUAL], ['better', 'not_distinguishable'], 'YELLOW', 'INCONCLUSIVE', 3],
    [[FASTER, FOREIGN], ['better', 'not_comparable'], 'YELLOW', 'INCOMPARABLE', 4],
    [[SLOWER, FOREIGN, EQUAL], ['worse', 'not_comparable', 'not_distinguishable'], 'RED', 'FAIL', 1],
    [[], [], 'YELLOW', 'INCOMPARABLE', 4],
  ] as const)(
    '%# of pairs has one colour, one decision and one strict exit code',
    (asked, ranks, verdict, status, code) => {
      const ranking = rankAll(asked);
      expect(ranking.ranked.map(({ rank }) => rank)).toEqual(ranks);
      expect(ranking).toMatchObject({ verdict, decision: { status } });
      expect(rankingExitCode({ ...ranking, ranks }, { strict: true, missing: 0 })).toBe(code);
      expect(rankingExitCode({ ...ranking, ranks }, { missing: 0 })).toBe(0);
    },
  );

  test('a rate is better when it is larger', () => {
    expect(rankAll([{ ...FASTER, direction: 'higher-is-better' }]).ranked[0]?.rank).toBe('worse');
  });

  test.each([
    [{ strict: true, missing: 1 }, 4],
    [{ failOn: ['vanished'], missing: 1 }, 1],
    [{ failOn: ['vanished'], missing: 0 }, 0],
  ] as const)('a pair without a measurement under %j', (gate, code) => {
    expect(rankingExitCode({ ...rankAll([FASTER]), ranks: ['better'] }, gate)).toBe(code);
  });

  test.each([
    [{ strictContext: true, missing: 0 }, 4],
    [{ failOn: ['yellow'], missing: 0 }, 4],
    [{ missing: 0 }, 0],
  ] as const)('a pair that cannot be compared under %j', (gate, code) => {
    const ranking = rankAll([FOREIGN]);
    expect(rankingExitCode({ ...ranking, ranks: ['not_comparable'] }, gate)).toBe(code);
  });
});
