// A distribution-free confidence interval for a median from order statistics, as `benchstat` prints beside each sample.

export interface MedianInterval {
  /** Ranks (from 1) of the order statistics that bound the interval. */
  readonly lowRank: number;
  readonly highRank: number;
  /** Coverage actually reached: at least the level asked for. */
  readonly level: number;
}

/**
 * The narrowest symmetric pair of order statistics that covers the median with chance ≥ `level`: ranks k and n + 1 - k
 * where k is the largest with P(Binomial(n, ½) ≤ k - 1) ≤ (1 - level)/2. Null when n is too small (95 percent needs 6).
 */
export const medianInterval = (n: number, level = 0.95): MedianInterval | null => {
  const allowed = ((1 - level) / 2) * (1 + 1e-9);
  let [chance, below, lowRank, missed] = [2 ** -n, 0, 0, 0];
  while (below + chance <= allowed) {
    below += chance;
    missed = below;
    lowRank += 1;
    chance *= (n - lowRank + 1) / lowRank;
  }
  return lowRank === 0 ? null : { lowRank, highRank: n + 1 - lowRank, level: 1 - 2 * missed };
};
