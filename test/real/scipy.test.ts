// The statistics against scipy, on samples that no golden file holds: small and unequal sizes, ties, zeros.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { cliffsDelta } from '../../src/stats/cliffs-delta.ts';
import { hodgesLehmann } from '../../src/stats/hodges-lehmann.ts';
import { mannWhitney } from '../../src/stats/mann-whitney.ts';
import { benjaminiHochberg } from '../../src/stats/multiple-testing.ts';
import { noncentralTCdf } from '../../src/stats/noncentral-t.ts';
import { seededRandom } from '../../src/stats/random.ts';
import { signedRank, walshInterval } from '../../src/stats/signed-rank.ts';
import { studentTQuantile, studentTTwoSided } from '../../src/stats/student-t.ts';
import { welch } from '../stats/t-test.ts';

const missing = spawnSync('python3', ['-c', 'import scipy']).status !== 0;
if (missing) console.log('skipped: the comparison with scipy needs python3 with scipy');

interface Case {
  readonly a: readonly number[];
  readonly b: readonly number[];
  readonly d: readonly number[];
  readonly p: readonly number[];
  readonly t: number;
  readonly df: number;
  readonly ncp: number;
  readonly q: number;
}

const random = seededRandom(20261127);
const whole = (low: number, high: number): number => low + Math.floor(random.uniform() * (high - low + 1));
const list = (length: number, value: () => number): number[] => Array.from({ length }, value);

/** Every third case has ties, every second has differences with ties and zeros. */
const makeCase = (_: unknown, index: number): Case => {
  const value = index % 3 === 0 ? () => whole(1, 6) : () => 10 * Math.exp(0.2 * (random.uniform() - 0.5));
  const difference = index % 2 === 0 ? () => whole(-2, 3) : () => random.uniform() - 0.3;
  return {
    a: list(whole(3, 8), value),
    b: [...list(whole(2, 7), value), 3.5],
    d: [...list(whole(4, 10), difference), 1],
    p: list(whole(2, 7), () => random.uniform()),
    t: whole(-30, 60) / 10,
    df: whole(2, 30),
    ncp: whole(-20, 50) / 10,
    q: 0.01 + 0.98 * random.uniform(),
  };
};

const ours = ({ a, b, d, p, t, df, ncp, q }: Case): Readonly<Record<string, unknown>> => {
  const [u, w, shift, sign] = [mannWhitney(a, b), welch(a, b), hodgesLehmann(a, b, 0.05), signedRank(d)];
  const { interval } = shift;
  return {
    mannWhitney: [u.pCandidateGreater, u.pCandidateLess],
    welch: [w?.t, w?.df, w?.pTwoSided, ...(w?.interval ?? [])],
    cliffs: cliffsDelta(a, b),
    hodgesLehmann: [shift.estimate, interval?.low ?? null, interval?.high ?? null, interval?.level ?? null],
    signedRank: [sign.pGreater, sign.pLess],
    walsh: walshInterval(d, 0.05).estimate,
    adjusted: benjaminiHochberg(p),
    noncentralT: noncentralTCdf(t, df, ncp),
    studentT: [studentTQuantile(q, df), studentTTwoSided(t, df)],
  };
};

/** The largest distance of two values of one form, relative above one; endless where one of them is no number. */
const distance = (mine: unknown, theirs: unknown): number => {
  if (Array.isArray(mine) && Array.isArray(theirs))
    return mine.length === theirs.length ? Math.max(...mine.map((each, i) => distance(each, theirs[i]))) : Infinity;
  if (mine === null && theirs === null) return 0;
  const gap = Math.abs(Number(mine) - Number(theirs)) / Math.max(1, Math.abs(Number(theirs)));
  return Number.isNaN(gap) || mine === null || theirs === null ? Infinity : gap;
};

describe.skipIf(missing)('against scipy', () => {
  const cases = Array.from({ length: 60 }, makeCase);
  const script = fileURLToPath(new URL('./scipy-reference.py', import.meta.url));

  it('every figure of 60 random cases agrees to 1e-9', () => {
    const { stdout, stderr } = spawnSync('python3', [script], { input: JSON.stringify(cases), encoding: 'utf8' });
    const theirs: readonly Readonly<Record<string, unknown>>[] = JSON.parse(stdout || `"${stderr.slice(-400)}"`);
    expect(theirs).toHaveLength(cases.length);
    const apart = cases.flatMap((each, index) =>
      Object.entries(ours(each)).flatMap(([name, mine]) => {
        const found = theirs[index]?.[name];
        return distance(mine, found) <= 1e-9 ? [] : [{ index, name, mine, found }];
      }),
    );
    expect(apart).toEqual([]);
  });
});
