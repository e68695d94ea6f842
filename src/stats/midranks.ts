// Ranks of a sample in which equal values share the mean of the ranks they cover.

export interface Midranks {
  /** Rank of each value in the order given, 1 … n. */
  readonly ranks: readonly number[];
  /** Sizes of the groups of equal values, ascending by value; all 1 when nothing is tied. */
  readonly groups: readonly number[];
}

/** Ranks of `values`; neighbours no further apart than `grain` count as equal. */
export const midranks = (values: readonly number[], grain = 0): Midranks => {
  const order = values.map((_, index) => index).sort((i, j) => (values[i] ?? 0) - (values[j] ?? 0));
  const at = (position: number): number => values[order[position] ?? -1] ?? Number.NaN;
  const ranks = new Array<number>(values.length).fill(0);
  const groups: number[] = [];
  let start = 0;
  while (start < order.length) {
    let end = start + 1;
    while (end < order.length && at(end) - at(end - 1) <= grain) end += 1;
    for (let position = start; position < end; position += 1) ranks[order[position] ?? 0] = (start + 1 + end) / 2;
    groups.push(end - start);
    start = end;
  }
  return { ranks, groups };
};
