// Busy, idle and overlap of each rank from intervals that arrive in start order: constant memory, one pass. Never holds
// intervals; a caller whose rows are not in order sorts them first.
import type { Timeline } from './model.ts';

export const COMPUTE = 0;
export const COMMUNICATION = 1;
/** Copies and sets: busy, but not a kernel. */
export const COPY = 2;

interface RankSweep {
  computeEnd: number;
  communicationEnd: number;
  kernelEnd: number;
  anyEnd: number;
  compute: number;
  communication: number;
  overlap: number;
  kernel: number;
  any: number;
  firstKernel: number;
  firstAny: number;
  lastStart: number;
}

export interface Sweep {
  /** Adds an interval; false where it starts before one that was added to the same rank: the sums are then void. */
  readonly add: (rank: number, kind: number, start: number, end: number) => boolean;
  readonly finish: (exposedLaunchNs: (rank: number) => number | null) => Timeline[];
}

export const createSweep = (): Sweep => {
  const ranks: (RankSweep | undefined)[] = [];
  const sweepOf = (rank: number): RankSweep => (ranks[rank] ??= newRankSweep());
  return {
    add: (rank, kind, start, end) => addInterval(ranks[rank] ?? sweepOf(rank), kind, start, end),
    finish: (exposedLaunchNs) =>
      ranks.flatMap((sweep, rank) => (sweep === undefined ? [] : [timelineOf(sweep, rank, exposedLaunchNs(rank))])),
  };
};

const newRankSweep = (): RankSweep => ({
  computeEnd: -Infinity,
  communicationEnd: -Infinity,
  kernelEnd: -Infinity,
  anyEnd: -Infinity,
  compute: 0,
  communication: 0,
  overlap: 0,
  kernel: 0,
  any: 0,
  firstKernel: Infinity,
  firstAny: Infinity,
  lastStart: -Infinity,
});

/**
 * What an interval adds is the part behind the end of its own kind so far. Of that part, the piece before the end of the
 * other kind overlaps with it: intervals of the other kind that start later will count their own overlap when they come.
 */
const addInterval = (sweep: RankSweep, kind: number, start: number, end: number): boolean => {
  if (start < sweep.lastStart) return false;
  sweep.lastStart = start;
  if (start < sweep.firstAny) sweep.firstAny = start;
  if (end > sweep.anyEnd) {
    sweep.any += end - later(start, sweep.anyEnd);
    sweep.anyEnd = end;
  }
  if (kind === COPY) return true;
  if (start < sweep.firstKernel) sweep.firstKernel = start;
  if (end > sweep.kernelEnd) {
    sweep.kernel += end - later(start, sweep.kernelEnd);
    sweep.kernelEnd = end;
  }
  if (kind === COMPUTE) {
    if (end > sweep.computeEnd) {
      const from = later(start, sweep.computeEnd);
      sweep.compute += end - from;
      if (sweep.communicationEnd > from) sweep.overlap += earlier(end, sweep.communicationEnd) - from;
      sweep.computeEnd = end;
    }
  } else if (end > sweep.communicationEnd) {
    const from = later(start, sweep.communicationEnd);
    sweep.communication += end - from;
    if (sweep.computeEnd > from) sweep.overlap += earlier(end, sweep.computeEnd) - from;
    sweep.communicationEnd = end;
  }
  return true;
};

/** Of two times; `Math.max` and `Math.min` would also have to order NaN and the two zeros, for every call of a kernel. */
const later = (a: number, b: number): number => (a > b ? a : b);
const earlier = (a: number, b: number): number => (a < b ? a : b);

const timelineOf = (sweep: RankSweep, rank: number, exposedLaunchNs: number | null): Timeline => {
  const hasKernels = sweep.kernelEnd > -Infinity;
  const kernelSpanNs = hasKernels ? sweep.kernelEnd - sweep.firstKernel : 0;
  const spanNs = sweep.anyEnd - sweep.firstAny;
  return {
    rank,
    kernelSpanNs,
    kernelBusyNs: sweep.kernel,
    kernelIdleNs: kernelSpanNs - sweep.kernel,
    computeOnlyNs: sweep.compute - sweep.overlap,
    communicationOnlyNs: sweep.communication - sweep.overlap,
    overlapNs: sweep.overlap,
    firstKernelNs: hasKernels ? sweep.firstKernel : 0,
    lastKernelNs: hasKernels ? sweep.kernelEnd : 0,
    spanNs,
    busyNs: sweep.any,
    idleNs: spanNs - sweep.any,
    exposedLaunchNs,
  };
};
