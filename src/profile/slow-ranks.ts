// Names the ranks that are slow at the same work: the mean time of a call of each kernel beside that of the other ranks, launch by
// launch. Busy time cannot show this, since ranks that wait inside a collective are busy too. Pure; collectives are left out, they
// take the time of the slowest.
import { cellsBy, sumOf, type Cell } from './kernels/kernel-cells.ts';

export interface SlowRank {
  readonly rank: string;
  /** Class of kernels that is slow. */
  readonly bucket: string;
  /** Time for the same calls above that of the median of the other ranks, percent. */
  readonly slower_pct: number;
  /** Time for these calls above that of the median of the other ranks. */
  readonly excess_ns: number;
  /** The kernel that adds most to it, and by how much its mean call is longer, percent. */
  readonly kernel: string;
  readonly kernel_slower_pct: number;
}

/** Less than this is the spread that equal GPUs show. */
const SLOWER_PCT = 5;
/** Kernels that take less of the kernel time of a rank slow down nothing. */
const SHARE_PCT = 1;

interface Work {
  readonly bucket: string;
  readonly kernel: string;
  readonly ownNs: number;
  readonly otherNs: number;
}

const medianOf = (values: readonly number[]): number => {
  const sorted = Float64Array.from(values).sort();
  const half = sorted.length >> 1;
  const upper = sorted[half] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? 0) + upper) / 2;
};

/** The calls of a rank at its own mean and at the median mean of the other ranks, for each kernel and launch that all have. */
const matchedWork = (cells: readonly Cell[], ranks: readonly string[]): Map<string, Work[]> => {
  const work = new Map<string, Work[]>(ranks.map((rank) => [rank, []]));
  for (const same of cellsBy(cells, ({ kernel, stratum }) => `${kernel.name} ${stratum}`).values()) {
    const byRank = cellsBy(same, ({ rank }) => rank);
    const [first] = same;
    if (first === undefined || byRank.size < ranks.length) continue;
    const sums = new Map([...byRank].map(([rank, own]) => [rank, sumOf(own)]));
    const meanOf = (rank: string): number => (sums.get(rank)?.totalNs ?? 0) / (sums.get(rank)?.count ?? 1);
    for (const [rank, { count, totalNs }] of sums) {
      const others = ranks.filter((other) => other !== rank).map(meanOf);
      const { bucket, shortName: kernel } = first.kernel;
      work.get(rank)?.push({ bucket, kernel, ownNs: totalNs, otherNs: count * medianOf(others) });
    }
  }
  return work;
};

const percentAbove = (ownNs: number, otherNs: number): number => (otherNs === 0 ? 0 : 100 * (ownNs / otherNs - 1));

const slowBuckets = (rank: string, work: readonly Work[]): SlowRank[] => {
  const total = work.reduce((sum, { otherNs }) => sum + otherNs, 0);
  return [...new Set(work.map(({ bucket }) => bucket))].flatMap((bucket) => {
    const own = work.filter((each) => each.bucket === bucket);
    const ownNs = own.reduce((sum, each) => sum + each.ownNs, 0);
    const otherNs = own.reduce((sum, each) => sum + each.otherNs, 0);
    const [most] = own.toSorted((a, b) => b.ownNs - b.otherNs - (a.ownNs - a.otherNs));
    const slower = percentAbove(ownNs, otherNs);
    const excess = ownNs - otherNs;
    if (most === undefined || slower < SLOWER_PCT || 100 * excess < SHARE_PCT * total) return [];
    return [
      {
        rank,
        bucket,
        slower_pct: slower,
        excess_ns: excess,
        kernel: most.kernel,
        kernel_slower_pct: percentAbove(most.ownNs, most.otherNs),
      },
    ];
  });
};

/** Ranks whose kernels of a class take at least 5 percent longer than those of the other ranks, the largest excess first. */
export const slowRanks = (cells: readonly Cell[], ranks: readonly string[]): SlowRank[] => {
  if (ranks.length < 2) return [];
  const compute = cells.filter(({ kernel }) => !kernel.collective);
  return [...matchedWork(compute, ranks)]
    .flatMap(([rank, work]) => slowBuckets(rank, work))
    .sort((a, b) => b.excess_ns - a.excess_ns || a.rank.localeCompare(b.rank));
};
