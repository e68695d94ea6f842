// Annotated ranges of host threads: how long each name took, what the GPU ran for it, and the steps that markers bound.
// Ranges of one thread and domain nest; a range of another domain never hides them.
import type { Ranges } from './profile-side.ts';
import { ascendingOrder } from './ascending-order.ts';

/** One thread and domain; ranges in order of arrival. */
export interface RangeTrack {
  readonly process: number;
  readonly thread: number;
  readonly domain: number;
  readonly start: number[];
  readonly end: number[];
  /** Index into the names of the set. */
  readonly name: number[];
}

export interface RangeSet {
  readonly names: readonly string[];
  readonly tracks: readonly RangeTrack[];
}

/** A call that launched a kernel: when it ran on its thread, and how long the kernel took. */
export interface Launch {
  readonly thread: number;
  readonly startNs: number;
  readonly endNs: number;
  readonly kernelNs: number;
}

interface RangeSum {
  count: number;
  totalNs: number;
  selfNs: number;
  gpuNs: number;
  gpuSelfNs: number;
  kernels: number;
  kernelsSelf: number;
}

/** Sums per domain and name. `launches` null: GPU time is unknown. */
export const sumRanges = (set: RangeSet, launches: readonly Launch[] | null): Ranges[] => {
  const sums = new Map<number, Map<number, RangeSum>>();
  const sumOf = (domain: number, name: number): RangeSum => {
    const byName = sums.get(domain) ?? new Map<number, RangeSum>();
    sums.set(domain, byName);
    const sum = byName.get(name) ?? emptyRangeSum();
    byName.set(name, sum);
    return sum;
  };
  const launchesOf = byThread(launches ?? []);
  for (const track of set.tracks) {
    const nested = nestedOrder(track);
    addHostTime(track, nested, (name) => sumOf(track.domain, name));
    addKernelTime(track, nested, launchesOf.get(track.thread) ?? [], (name) => sumOf(track.domain, name));
  }
  const attributed = launches !== null;
  return [...sums].flatMap(([domain, byName]) =>
    [...byName].map(([name, sum]) => ({
      domain,
      name: set.names[name] ?? '',
      count: sum.count,
      totalNs: sum.totalNs,
      selfNs: sum.selfNs,
      gpuNs: attributed ? sum.gpuNs : null,
      gpuSelfNs: attributed ? sum.gpuSelfNs : null,
      kernels: attributed ? sum.kernels : null,
      kernelsSelf: attributed ? sum.kernelsSelf : null,
    })),
  );
};

/** Nothing measured yet. */
export const emptyRangeSum = (): RangeSum => ({
  count: 0,
  totalNs: 0,
  selfNs: 0,
  gpuNs: 0,
  gpuSelfNs: 0,
  kernels: 0,
  kernelsSelf: 0,
});

const byThread = (launches: readonly Launch[]): Map<number, Launch[]> => {
  const groups = new Map<number, Launch[]>();
  for (const launch of launches) {
    const group = groups.get(launch.thread);
    if (group === undefined) groups.set(launch.thread, [launch]);
    else group.push(launch);
  }
  for (const group of groups.values()) group.sort((a, b) => a.startNs - b.startNs);
  return groups;
};

/** Order in which an outer range comes before the ranges nested in it. */
const nestedOrder = (track: RangeTrack): number[] => {
  const order = Array.from(ascendingOrder(Float64Array.from(track.start)));
  return order.sort(
    (a, b) => (track.start[a] ?? 0) - (track.start[b] ?? 0) || (track.end[b] ?? 0) - (track.end[a] ?? 0),
  );
};

const addHostTime = (track: RangeTrack, order: readonly number[], sumOf: (name: number) => RangeSum): void => {
  const open: number[] = [];
  for (const range of order) {
    const start = track.start[range] ?? 0;
    const duration = (track.end[range] ?? 0) - start;
    closeBefore(track, open, start);
    const parent = open.at(-1);
    if (parent !== undefined) sumOf(track.name[parent] ?? 0).selfNs -= duration;
    const sum = sumOf(track.name[range] ?? 0);
    sum.count++;
    sum.totalNs += duration;
    sum.selfNs += duration;
    open.push(range);
  }
};

/** Takes ranges off the stack that ended at or before `time`. */
const closeBefore = (track: RangeTrack, open: number[], time: number): void => {
  while (open.length > 0 && (track.end[open.at(-1) ?? 0] ?? 0) <= time) open.pop();
};

const addKernelTime = (
  track: RangeTrack,
  order: readonly number[],
  launches: readonly Launch[],
  sumOf: (name: number) => RangeSum,
): void => {
  const open: number[] = [];
  let next = 0;
  for (const launch of launches) {
    for (; next < order.length; next++) {
      const range = order[next] ?? 0;
      const start = track.start[range] ?? 0;
      if (start > launch.startNs) break;
      closeBefore(track, open, start);
      open.push(range);
    }
    const names = new Set<number>();
    for (let depth = open.length - 1; depth >= 0; depth--) {
      const range = open[depth] ?? 0;
      if ((track.end[range] ?? 0) < launch.endNs) continue;
      const name = track.name[range] ?? 0;
      const sum = sumOf(name);
      if (names.size === 0) {
        sum.gpuSelfNs += launch.kernelNs;
        sum.kernelsSelf++;
      }
      if (names.has(name)) continue;
      names.add(name);
      sum.gpuNs += launch.kernelNs;
      sum.kernels++;
    }
  }
};

/** Markers of one process, one thread's worth: the thread that has most of them. */
export interface StepMarks {
  readonly startNs: number[];
  readonly endNs: number[];
  /** Index into the step types. */
  readonly type: number[];
}

/** The step that is running at `time`: the last one that began by then; -1 before the first. `starts` ascends. */
export const stepAt = (starts: ArrayLike<number>, time: number): number => {
  let low = 0;
  let high = starts.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((starts[middle] ?? Infinity) <= time) low = middle + 1;
    else high = middle;
  }
  return low - 1;
};
