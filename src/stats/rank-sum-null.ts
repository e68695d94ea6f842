// The exact distribution of the Mann-Whitney count U when both samples come from one population. Computed once per pair
// of sizes and kept; everything that asks for a critical value reads the same table.

/** Above this many pairs the normal approximation takes over: its error there is below 1e-4 at the 5 percent point. */
export const EXACT_PAIRS_LIMIT = 2_500;

const tables = new Map<string, Float64Array>();

/**
 * Probabilities of U = 0 … nm by the largest observation: with chance m/(n+m) it is from the second sample and beats
 * all n of the first, else U does not change (Mann and Whitney 1947). Sums of positive terms only, so relative accuracy
 * is kept.
 */
const probabilities = (n: number, m: number): Float64Array => {
  let previous: Float64Array[] = Array.from({ length: m + 1 }, () => Float64Array.of(1));
  for (let i = 1; i <= n; i += 1) {
    const row: Float64Array[] = [Float64Array.of(1)];
    for (let j = 1; j <= m; j += 1) {
      const out = new Float64Array(i * j + 1);
      const [fewerFirst, fewerSecond] = [previous[j] ?? out, row[j - 1] ?? out];
      fewerFirst.forEach((p, u) => (out[u] = (p * i) / (i + j)));
      fewerSecond.forEach((p, u) => (out[u + i] = (out[u + i] ?? 0) + (p * j) / (i + j)));
      row.push(out);
    }
    previous = row;
  }
  return previous[m] ?? Float64Array.of(1);
};

/** P(U ≤ u) for u = 0 … nm without ties; symmetric, so P(U ≥ u) is its value at nm - u. */
export const rankSumCdf = (n: number, m: number): Float64Array => {
  const key = `${Math.min(n, m)}:${Math.max(n, m)}`;
  const known = tables.get(key);
  if (known !== undefined) return known;
  let total = 0;
  const cdf = probabilities(Math.min(n, m), Math.max(n, m)).map((p) => (total += p));
  tables.set(key, cdf);
  return cdf;
};

/** Reads a table of P(X ≤ x) at an integer x outside or inside its range. */
export const cdfAt = (cdf: Float64Array, x: number): number => (x < 0 ? 0 : (cdf[Math.min(x, cdf.length - 1)] ?? 1));

/**
 * The order k of the confidence interval [D(k), D(count + 1 - k)]: the largest k with P(X ≤ k - 1) ≤ `alpha`, the error
 * allowed on each side. 0 when even the widest interval errs more often. `level` is the coverage that order reaches.
 */
export const intervalOrder = (cdf: Float64Array, alpha: number): { readonly order: number; readonly level: number } => {
  const allowed = alpha * (1 + 1e-9);
  let order = 0;
  while (order < cdf.length && cdfAt(cdf, order) <= allowed) order += 1;
  return { order, level: 1 - 2 * cdfAt(cdf, order - 1) };
};
