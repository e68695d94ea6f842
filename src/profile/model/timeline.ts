// Busy, idle and overlap of each rank from intervals that arrive in start order: constant memory, one pass. Never holds
// intervals; a caller whose rows are not in order sorts them first.
import type { Timeline } from './profile-side.ts';

export const COMPUTE = 0;
export const COMMUNICATION = 1;
/** Copies and memsets: busy, but not a kernel. */
export const COPY = 2;

/** The sums of one rank lie side by side in one array: millions of intervals go through them. */
const AT = {
  /** Latest end so far of compute, of communication, and of anything. */
  computeEnd: 0,
  communicationEnd: 1,
  anyEnd: 2,
  lastStart: 3,
  /** Time covered by compute, by communication, by both at once, and by anything. */
  compute: 4,
  communication: 5,
  overlap: 6,
  any: 7,
  firstKernel: 8,
  firstAny: 9,
  /** See `DUE`. */
  due: 10,
  length: 11,
} as const;

/** Place, among the sums of a rank, of the time at which its caller has other work to add; kept for the caller alone. */
export const DUE = AT.due;

const NOTHING_YET = new Float64Array(AT.length)
  .fill(-Infinity, AT.computeEnd, AT.lastStart + 1)
  .fill(Infinity, AT.firstKernel, AT.due + 1);

export interface Sweep {
  /** Sums of all ranks; replaced by a larger array when `baseOf` meets a new rank. */
  sums: Float64Array;
  /** Where the sums of a rank begin. */
  readonly baseOf: (rank: number) => number;
  /** Adds an interval; false where it starts before one that was added to the same rank: the sums are then void. */
  readonly add: (rank: number, kind: number, start: number, end: number) => boolean;
  readonly finish: (exposedLaunchNs: (rank: number) => number | null) => Timeline[];
}

export const createSweep = (): Sweep => {
  const baseOf = (rank: number): number => {
    const base = rank * AT.length;
    if (base >= sweep.sums.length) sweep.sums = withRoom(sweep.sums, rank);
    return base;
  };
  const sweep: Sweep = {
    sums: new Float64Array(0),
    baseOf,
    add: (rank, kind, start, end) => {
      const base = baseOf(rank);
      return addInterval(sweep.sums, base, kind, start, end);
    },
    finish: (exposedLaunchNs) =>
      Array.from({ length: sweep.sums.length / AT.length }, (_, rank) => rank).flatMap((rank) => {
        const own = sweep.sums.subarray(rank * AT.length, (rank + 1) * AT.length);
        return own[AT.lastStart] === -Infinity ? [] : [timelineOf(own, rank, exposedLaunchNs(rank))];
      }),
  };
  return sweep;
};

const withRoom = (sums: Float64Array, rank: number): Float64Array => {
  const larger = new Float64Array(2 * (rank + 1) * AT.length);
  for (let at = 0; at < larger.length; at += AT.length) larger.set(NOTHING_YET, at);
  larger.set(sums);
  return larger;
};

/** Adds an interval to the sums that begin at `base`; see `Sweep.add`. */
export const addInterval = (sums: Float64Array, base: number, kind: number, start: number, end: number): boolean => {
  if (!addBusy(sums, base, start, end)) return false;
  if (kind !== COPY) addKernel(sums, base, kind, start, end);
  return true;
};

/**
 * First half of adding an interval: what the device is busy for. Apart from the second half because loops over millions of
 * kernels add both in line, which the compiler does with small functions alone.
 */
export const addBusy = (sums: Float64Array, base: number, start: number, end: number): boolean => {
  if (start < (sums[base + AT.lastStart] ?? 0)) return false;
  sums[base + AT.lastStart] = start;
  if (start < (sums[base + AT.firstAny] ?? 0)) sums[base + AT.firstAny] = start;
  const anyEnd = sums[base + AT.anyEnd] ?? 0;
  if (end > anyEnd) {
    sums[base + AT.any] = (sums[base + AT.any] ?? 0) + (end - later(start, anyEnd));
    sums[base + AT.anyEnd] = end;
  }
  return true;
};

/**
 * Second half, for kernels. What an interval adds is the part behind the end of its own kind so far. Of that part, the piece
 * before the end of the other kind overlaps with it: intervals of the other kind that start later will count their own
 * overlap when they come.
 */
export const addKernel = (sums: Float64Array, base: number, kind: number, start: number, end: number): void => {
  if (start < (sums[base + AT.firstKernel] ?? 0)) sums[base + AT.firstKernel] = start;
  const ownEnd = sums[base + AT.computeEnd + kind] ?? 0;
  if (end <= ownEnd) return;
  const from = later(start, ownEnd);
  const otherEnd = sums[base + AT.communicationEnd - kind] ?? 0;
  sums[base + AT.compute + kind] = (sums[base + AT.compute + kind] ?? 0) + (end - from);
  if (otherEnd > from) sums[base + AT.overlap] = (sums[base + AT.overlap] ?? 0) + (earlier(end, otherEnd) - from);
  sums[base + AT.computeEnd + kind] = end;
};

/** Of two times; `Math.max` and `Math.min` would also have to order NaN and the two zeros, for every call of a kernel. */
const later = (a: number, b: number): number => (a > b ? a : b);
const earlier = (a: number, b: number): number => (a < b ? a : b);

const timelineOf = (sums: Float64Array, rank: number, exposedLaunchNs: number | null): Timeline => {
  const at = (field: number): number => sums[field] ?? 0;
  const kernelEnd = later(at(AT.computeEnd), at(AT.communicationEnd));
  const hasKernels = kernelEnd > -Infinity;
  const kernelSpanNs = hasKernels ? kernelEnd - at(AT.firstKernel) : 0;
  const kernelBusyNs = at(AT.compute) + at(AT.communication) - at(AT.overlap);
  const spanNs = at(AT.anyEnd) - at(AT.firstAny);
  return {
    rank,
    kernelSpanNs,
    kernelBusyNs,
    kernelIdleNs: kernelSpanNs - kernelBusyNs,
    computeOnlyNs: at(AT.compute) - at(AT.overlap),
    communicationOnlyNs: at(AT.communication) - at(AT.overlap),
    overlapNs: at(AT.overlap),
    firstKernelNs: hasKernels ? at(AT.firstKernel) : 0,
    lastKernelNs: hasKernels ? kernelEnd : 0,
    spanNs,
    busyNs: at(AT.any),
    idleNs: spanNs - at(AT.any),
    exposedLaunchNs,
  };
};
