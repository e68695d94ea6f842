// Host threads by their serialized global id, which may not fit a number: the two halves together make an index.

export interface ThreadTable {
  readonly indexOf: (high40: number, low24: number) => number;
}

export const createThreadTable = (): ThreadTable => {
  const byProcess = new Map<number, Map<number, number>>();
  let count = 0;
  return {
    indexOf: (high40, low24) => {
      const threads = byProcess.get(high40) ?? new Map<number, number>();
      byProcess.set(high40, threads);
      const known = threads.get(low24);
      if (known !== undefined) return known;
      threads.set(low24, count);
      return count++;
    },
  };
};
