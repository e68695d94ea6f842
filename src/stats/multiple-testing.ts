// Adjusting p-values when several metrics are tested at once. Never changes their order or drops one.

/** Applies `adjust(p, rank)` (rank 1 = smallest) and puts the results back in the order given. */
const byRank = (p: readonly number[], adjust: (sorted: readonly number[]) => number[]): number[] => {
  const order = p.map((value, index) => ({ value, index })).sort((left, right) => left.value - right.value);
  const adjusted = adjust(order.map(({ value }) => value));
  const out = new Array<number>(p.length).fill(1);
  order.forEach(({ index }, rank) => (out[index] = adjusted[rank] ?? 1));
  return out;
};

/** Holm 1979: bounds the chance of even one false rejection. adj(i) = max over k ≤ i of min(1, (m - k + 1)·p(k)). */
export const holm = (p: readonly number[]): number[] =>
  byRank(p, (sorted) => {
    let floor = 0;
    return sorted.map((value, index) => (floor = Math.max(floor, Math.min(1, (sorted.length - index) * value))));
  });

/**
 * Benjamini and Hochberg 1995: bounds the expected share of false rejections. q(i) = min over k ≥ i of min(1,
 * m·p(k)/k).
 */
export const benjaminiHochberg = (p: readonly number[]): number[] =>
  byRank(p, (sorted) => {
    let ceiling = 1;
    const fromTop = sorted.map((_, index) => sorted.length - index);
    const q = fromTop.map((rank) => (ceiling = Math.min(ceiling, (sorted.length * (sorted[rank - 1] ?? 1)) / rank)));
    return q.reverse();
  });
