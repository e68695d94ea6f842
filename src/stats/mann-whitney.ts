// The Mann-Whitney (Wilcoxon rank sum) test, exact also when values are tied. Says nothing about how large a difference
// is: for that see the Hodges-Lehmann interval.
import { midranks } from './midranks.ts';
import { normalCdf } from './normal-distribution.ts';
import { EXACT_PAIRS_LIMIT, cdfAt, rankSumCdf } from './rank-sum-null.ts';

/** Chances, when nothing differs, of evidence at least this strong in either direction. */
export interface OneSided {
  readonly greater: number;
  readonly less: number;
}

export interface MannWhitney {
  /** #(baseline > candidate) + ½ #(equal), over all pairs. */
  readonly uBaseline: number;
  readonly uCandidate: number;
  readonly pTwoSided: number;
  readonly pCandidateGreater: number;
  readonly pCandidateLess: number;
  /** `exact` over all relabelings, or the normal approximation with tie and continuity corrections. */
  readonly method: 'exact' | 'normal';
}

/** Numbers of ways to take 0, 1, … `group` members of a group: C(group, taken). */
const binomials = (group: number): number[] => {
  const ways = [1];
  for (let taken = 1; taken <= group; taken += 1) ways.push(((ways[taken - 1] ?? 0) * (group - taken + 1)) / taken);
  return ways;
};

const addShifted = (into: Float64Array, from: Float64Array, shift: number, ways: number): void => {
  for (let s = shift; s < into.length; s += 1) {
    const count = from[s - shift] ?? 0;
    if (count > 0) into[s] = (into[s] ?? 0) + count * ways;
  }
};

/**
 * Chances of every doubled rank sum of a sample of `size` among all values: for each group of tied values (which share
 * one doubled midrank) choose how many of them belong to the sample. All C(n + m, size) relabelings are equally likely.
 */
const tiedRankSums = (groups: readonly number[], size: number): Float64Array => {
  const all = groups.reduce((sum, group) => sum + group, 0);
  const rows = Array.from({ length: size + 1 }, () => new Float64Array(size * (2 * all - size + 1) + 1));
  rows[0]?.fill(1, 0, 1);
  let below = 0;
  for (const group of groups) {
    const doubledRank = 2 * below + group + 1;
    const ways = binomials(group);
    for (const [chosen, into] of [...rows.entries()].reverse()) {
      for (let taken = 1; taken <= Math.min(group, chosen); taken += 1) {
        const from = rows[chosen - taken];
        if (from !== undefined) addShifted(into, from, taken * doubledRank, ways[taken] ?? 0);
      }
    }
    below += group;
  }
  const counts = rows[size] ?? Float64Array.of(1);
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.map((count) => count / total);
};

/** Tails of the count `u` of pairs that the sample of `size` wins. */
const tiedTails = (groups: readonly number[], size: number, u: number): OneSided => {
  const chances = tiedRankSums(groups, size);
  const observed = Math.round(2 * u + size * (size + 1));
  const share = (from: number, to: number): number =>
    chances.subarray(from, to).reduce((sum, chance) => sum + chance, 0);
  return { greater: share(observed, chances.length), less: share(0, observed + 1) };
};

const exactTails = (groups: readonly number[], n: number, m: number, uCandidate: number): OneSided => {
  if (groups.every((group) => group === 1)) {
    const cdf = rankSumCdf(n, m);
    return { greater: cdfAt(cdf, n * m - uCandidate), less: cdfAt(cdf, uCandidate) };
  }
  if (m <= n) return tiedTails(groups, m, uCandidate);
  const { greater, less } = tiedTails(groups, n, n * m - uCandidate);
  return { greater: less, less: greater };
};

const normalTails = (groups: readonly number[], n: number, m: number, uCandidate: number): OneSided => {
  const size = n + m;
  const ties = groups.reduce((sum, group) => sum + (group ** 3 - group), 0);
  const spread = Math.sqrt(((n * m) / 12) * (size + 1 - ties / (size * (size - 1))));
  const upper = (u: number): number => (spread === 0 ? 1 : normalCdf(-(u - (n * m) / 2 - 0.5) / spread));
  return { greater: upper(uCandidate), less: upper(n * m - uCandidate) };
};

/** Both samples must hold at least one finite value; values within `grain` of each other are ties. */
export const mannWhitney = (baseline: readonly number[], candidate: readonly number[], grain = 0): MannWhitney => {
  const [n, m] = [baseline.length, candidate.length];
  const { ranks, groups } = midranks([...baseline, ...candidate], grain);
  const rankSum = ranks.slice(n).reduce((sum, rank) => sum + rank, 0);
  const uCandidate = rankSum - (m * (m + 1)) / 2;
  const method = n * m <= EXACT_PAIRS_LIMIT ? 'exact' : 'normal';
  const { greater, less } = (method === 'exact' ? exactTails : normalTails)(groups, n, m, uCandidate);
  return {
    uBaseline: n * m - uCandidate,
    uCandidate,
    pTwoSided: Math.min(1, 2 * Math.min(greater, less)),
    pCandidateGreater: Math.min(1, greater),
    pCandidateLess: Math.min(1, less),
    method,
  };
};
