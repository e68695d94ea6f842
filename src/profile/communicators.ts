// Tells apart the communicators of one kernel: two groups of ranks may run the same collective at the same moment. By name
// where the file names them; else by who ends together, since the calls of one collective end within microseconds of each
// other and calls of different groups do so only by chance. Pure.
import type { ProfileSide } from './model.ts';

/** What a kernel ran on: `rank 3`, or `rank 3/1` for the second of its streams there. */
export type Lane = string;

/** Lanes of one kernel by the communicator they belong to. */
export type Partition = ReadonlyMap<Lane, number>;

/** Calls of one kernel on one lane, ascending by start. */
interface LaneCalls {
  readonly rank: number;
  readonly lane: Lane;
  readonly start: number[];
  readonly end: number[];
}

/** Lanes of each call, in the order of the calls. Streams of a kernel on a rank are numbered by their ids. */
export const lanesOf = (capture: ProfileSide): Lane[] => {
  const { rank, kernel, stream } = capture.collectives;
  const pairOf = (at: number): number => (kernel[at] ?? 0) * MOST_RANKS + (rank[at] ?? 0);
  const streams = new Map<number, number[]>();
  for (let at = 0; at < rank.length; at++) {
    const [pair, id] = [pairOf(at), stream[at] ?? 0];
    const known = streams.get(pair);
    if (known === undefined) streams.set(pair, [id]);
    else if (!known.includes(id)) known.push(id);
  }
  for (const ids of streams.values()) ids.sort((a, b) => a - b);
  const labels = capture.ranks.map(({ label }) => label);
  return Array.from(rank, (own, at) => {
    const label = labels[own] ?? '';
    const ids = streams.get(pairOf(at));
    return ids === undefined || ids.length === 1 ? label : `${label}/${ids.indexOf(stream[at] ?? 0)}`;
  });
};

/** Ranks are numbered in 16 bits. */
const MOST_RANKS = 2 ** 16;

/** How the lanes of each kernel fall into communicators; kernels that show no more than one are left out. */
export const partitionsOf = (captures: readonly ProfileSide[]): Map<string, Partition> => {
  const found = new Map<string, Partition>();
  for (const capture of captures) {
    if (capture.ranks.length < 2) continue;
    for (const [kernel, lanes] of callsByKernel(capture)) {
      const partition = partitionOf(lanes);
      if (partition !== null) found.set(kernel, finer(found.get(kernel), partition));
    }
  }
  return found;
};

/** Groups in step look like one; the side on which they fall apart tells for both. */
export const finer = (a: Partition | undefined, b: Partition): Partition => {
  const count = (partition: Partition): number => new Set(partition.values()).size;
  return a === undefined || count(b) > count(a) ? b : a;
};

const callsByKernel = (capture: ProfileSide): Map<string, LaneCalls[]> => {
  const { rank, kernel, startNs, durationNs, communicator } = capture.collectives;
  const lanes = lanesOf(capture);
  const byKernel = new Map<string, Map<Lane, LaneCalls>>();
  startNs.forEach((start, at) => {
    if ((communicator[at] ?? -1) >= 0) return;
    const name = capture.kernels[kernel[at] ?? 0]?.name ?? '';
    const calls = byKernel.get(name) ?? new Map<Lane, LaneCalls>();
    byKernel.set(name, calls);
    const lane = lanes[at] ?? '';
    const own = calls.get(lane) ?? { rank: rank[at] ?? 0, lane, start: [], end: [] };
    calls.set(lane, own);
    if (own.start.length >= MOST_CALLS) return;
    own.start.push(start);
    own.end.push(start + (durationNs[at] ?? 0));
  });
  return new Map([...byKernel].map(([name, calls]) => [name, [...calls.values()]]));
};

/** Calls of a lane that are looked at; the rest of the capture shows the same. */
const MOST_CALLS = 2000;
/** Fewer calls than this show nothing. */
const LEAST_CALLS = 4;
/** Share of calls that must end together for two lanes to belong together. */
const TOGETHER = 0.8;
/** How far apart calls of one collective may end: this, or a share of their length. */
const APART_NS = 5000;
const APART_SHARE = 0.05;

/** Null where all belong together, or where it cannot be told. */
const partitionOf = (lanes: readonly LaneCalls[]): Partition | null => {
  const known = lanes.filter(({ start }) => start.length >= LEAST_CALLS);
  if (known.length < 4) return null;
  const component = known.map((_, index) => index);
  const rootOf = (index: number): number => {
    let root = index;
    while (component[root] !== root) root = component[root] ?? root;
    return root;
  };
  known.forEach((a, i) => {
    for (let j = i + 1; j < known.length; j++) {
      const b = known[j];
      if (b === undefined || a.rank === b.rank || rootOf(i) === rootOf(j)) continue;
      if (togetherShare(a, b) >= TOGETHER) component[rootOf(j)] = rootOf(i);
    }
  });
  const roots = known.map((_, index) => rootOf(index));
  return isSound(known, roots) ? new Map(known.map(({ lane }, index) => [lane, roots[index] ?? 0])) : null;
};

/** At least two groups, each of at least two ranks, none with two streams of one rank. */
const isSound = (lanes: readonly LaneCalls[], roots: readonly number[]): boolean => {
  const groups = [...new Set(roots)].map((root) => lanes.filter((_, index) => roots[index] === root));
  const sound = groups.every(
    (group) => group.length >= 2 && new Set(group.map(({ rank }) => rank)).size === group.length,
  );
  return groups.length >= 2 && sound;
};

/** Share of the calls of the busier lane that end together with one of the other. */
const togetherShare = (a: LaneCalls, b: LaneCalls): number => {
  let [i, j, together] = [0, 0, 0];
  while (i < a.end.length && j < b.end.length) {
    const [endA, endB] = [a.end[i] ?? 0, b.end[j] ?? 0];
    const shorter = Math.min(endA - (a.start[i] ?? 0), endB - (b.start[j] ?? 0));
    if (Math.abs(endA - endB) <= Math.max(APART_NS, APART_SHARE * shorter)) {
      [i, j, together] = [i + 1, j + 1, together + 1];
    } else if (endA < endB) i++;
    else j++;
  }
  return together / Math.max(a.end.length, b.end.length);
};
