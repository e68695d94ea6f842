// Ranks of a sample in which equal values share the mean of the ranks they cover.

export interface Midranks {
  /** Rank of each value in the order given, 1 … n. */
  readonly ranks: readonly number[];
  /** Sizes of the groups of equal values, ascending by value; all 1 when nothing is tied. */
  readonly groups: readonly number[];
}

export const midranks = (values: readonly number[]): Midranks => {
  const order = values.map((value, index) => ({ value, index })).sort((left, right) => left.value - right.value);
  const ranks = new Array<number>(values.length).fill(0);
  const groups: number[] = [];
  let start = 0;
  while (start < order.length) {
    let end = start + 1;
    while (end < order.length && order[end]?.value === order[start]?.value) end += 1;
    for (const { index } of order.slice(start, end)) ranks[index] = (start + 1 + end) / 2;
    groups.push(end - start);
    start = end;
  }
  return { ranks, groups };
};
