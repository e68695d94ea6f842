// The exact distribution of Wilcoxon's signed rank sum when each difference is as likely up as down. Computed once per
// number of pairs and kept.

/** Above this many pairs the normal approximation takes over. */
export const EXACT_SIGNED_LIMIT = 100;

/** Chances of every doubled sum of a subset of `doubledRanks`, each rank in or out with chance ½. */
export const subsetSums = (doubledRanks: readonly number[]): Float64Array => {
  const total = doubledRanks.reduce((sum, rank) => sum + rank, 0);
  const chances = new Float64Array(total + 1);
  chances[0] = 1;
  let reached = 0;
  for (const rank of doubledRanks) {
    reached += rank;
    for (let s = reached; s >= 0; s -= 1)
      chances[s] = ((chances[s] ?? 0) + (s >= rank ? (chances[s - rank] ?? 0) : 0)) / 2;
  }
  return chances;
};

const tables = new Map<number, Float64Array>();

/** P(W ≤ w) for w = 0 … n(n+1)/2 of n differences without ties or zeros; symmetric. */
export const signedRankCdf = (n: number): Float64Array => {
  const known = tables.get(n);
  if (known !== undefined) return known;
  let total = 0;
  const cdf = subsetSums(Array.from({ length: n }, (_, index) => index + 1)).map((p) => (total += p));
  tables.set(n, cdf);
  return cdf;
};
