// Separates the communicators of one kernel: two groups of ranks may run the same collective at the same moment. By name
// where the file names them; else by who ends together, since the calls of one collective end within microseconds of each
// other and calls of different groups do so only by chance. Pure.
import type { Lane, Partition } from '../model/matched-collectives.ts';
import type { ProfileSide } from '../model/profile-side.ts';

/** The calls of one kernel on one lane, and in one communicator where the file names it. */
export interface LaneCalls {
  readonly kernel: number;
  readonly rank: number;
  /** Number of the named communicator; -1 where the file does not say. */
  readonly communicator: number;
  readonly lane: Lane;
  readonly calls: number;
  /** The call that began first; `LanedCapture.next` leads from it to the others. */
  readonly first: number;
}

/** A capture whose collective calls are laid out in lanes. */
export interface LanedCapture {
  readonly capture: ProfileSide;
  /** In the order in which they were met. */
  readonly lanes: readonly LaneCalls[];
  /** By call: its lane, and the next call of that lane; 0 after the last. */
  readonly laneOf: Uint32Array;
  readonly next: Uint32Array;
}

/** Streams of a kernel on a rank are numbered by their ids. */
export const inLanes = (capture: ProfileSide): LanedCapture => {
  const { rank, kernel, stream, communicator } = capture.collectives;
  const layout: Layout = {
    rank,
    kernel,
    stream: stream.length > 0 ? stream : null,
    communicator: communicator.length > 0 ? communicator : null,
    ranks: capture.ranks.length,
    laneOf: new Uint32Array(rank.length),
    next: new Uint32Array(rank.length),
    heads: capture.kernels.map(() => NO_LANES),
    first: [],
    last: [],
    count: [],
    beside: [],
  };
  layOut(layout);
  const lanes = layout.first.map((at, lane): LaneCalls => {
    const streams = streamsBeside(layout, at);
    const label = capture.ranks[rank[at] ?? 0]?.label ?? '';
    return {
      kernel: kernel[at] ?? 0,
      rank: rank[at] ?? 0,
      communicator: layout.communicator?.[at] ?? -1,
      lane: streams.length === 1 ? label : `${label}/${streams.indexOf(stream[at] ?? 0)}`,
      calls: layout.count[lane] ?? 0,
      first: at,
    };
  });
  return { capture, lanes, laneOf: layout.laneOf, next: layout.next };
};

interface Layout {
  readonly rank: Uint16Array;
  readonly kernel: Uint32Array;
  /** Null where unknown. */
  readonly stream: Uint32Array | null;
  readonly communicator: Int32Array | null;
  readonly ranks: number;
  readonly laneOf: Uint32Array;
  readonly next: Uint32Array;
  /** By kernel and rank: the lane that was met last; -1 for none. */
  readonly heads: Int32Array[];
  /** By lane: its first and last call, how many it has, and the lane of the same kernel and rank that was met before it. */
  readonly first: number[];
  readonly last: number[];
  readonly count: number[];
  readonly beside: number[];
}

/** Lanes of a kernel that was not met yet. */
const NO_LANES = new Int32Array(0);

const layOut = (layout: Layout): void => {
  const { laneOf, next, last, count } = layout;
  for (let at = 0; at < laneOf.length; at++) {
    const known = knownLane(layout, at);
    const lane = known < 0 ? newLane(layout, at) : known;
    if (known >= 0) next[last[lane] ?? 0] = at;
    last[lane] = at;
    count[lane] = (count[lane] ?? 0) + 1;
    laneOf[at] = lane;
  }
};

const knownLane = (layout: Layout, at: number): number => {
  const { stream, communicator, first, beside } = layout;
  const ofKernel = layout.heads[layout.kernel[at] ?? 0] ?? NO_LANES;
  if (ofKernel === NO_LANES) return -1;
  let lane = ofKernel[layout.rank[at] ?? 0] ?? -1;
  while (lane >= 0) {
    const other = first[lane] ?? 0;
    const isSameStream = stream === null || stream[other] === stream[at];
    if (isSameStream && (communicator === null || communicator[other] === communicator[at])) break;
    lane = beside[lane] ?? -1;
  }
  return lane;
};

const newLane = ({ kernel, rank, ranks, heads, first, last, count, beside }: Layout, at: number): number => {
  const [own, place] = [kernel[at] ?? 0, rank[at] ?? 0];
  let ofKernel = heads[own] ?? NO_LANES;
  if (ofKernel === NO_LANES) ofKernel = heads[own] = new Int32Array(ranks).fill(-1);
  beside.push(ofKernel[place] ?? -1);
  last.push(at);
  count.push(0);
  const lane = first.push(at) - 1;
  ofKernel[place] = lane;
  return lane;
};

/** Streams on which the kernel of a call ran on its rank, ascending. */
const streamsBeside = ({ kernel, rank, heads, first, beside, stream }: Layout, at: number): number[] => {
  const streams = new Set<number>();
  let lane = heads[kernel[at] ?? 0]?.[rank[at] ?? 0] ?? -1;
  for (; lane >= 0; lane = beside[lane] ?? -1) streams.add(stream?.[first[lane] ?? 0] ?? 0);
  return [...streams].sort((a, b) => a - b);
};

/** How the lanes of each kernel fall into communicators; kernels that show no more than one are left out. */
export const partitionsOf = (laned: LanedCapture): Map<string, Partition> => {
  const { capture } = laned;
  const found = new Map<string, Partition>();
  if (capture.ranks.length < 2) return found;
  for (const [kernel, lanes] of unnamedByKernel(laned)) {
    const partition = partitionOf(lanes, laned);
    if (partition !== null) found.set(capture.kernels[kernel]?.name ?? '', partition);
  }
  return found;
};

/** Lanes that no communicator is named for. */
const unnamedByKernel = ({ lanes }: LanedCapture): Map<number, LaneCalls[]> => {
  const byKernel = new Map<number, LaneCalls[]>();
  for (const lane of lanes) {
    if (lane.communicator >= 0) continue;
    const own = byKernel.get(lane.kernel);
    if (own === undefined) byKernel.set(lane.kernel, [lane]);
    else own.push(lane);
  }
  return byKernel;
};

/** Groups in step look like one; the side on which they fall apart decides for both. */
export const finer = (a: Partition | undefined, b: Partition): Partition => {
  const count = (partition: Partition): number => new Set(partition.values()).size;
  return a === undefined || count(b) > count(a) ? b : a;
};

/** Whether both separate the same groups of the same lanes, whatever their numbers. */
export const areAlike = (a: Partition | undefined, b: Partition | undefined): boolean => {
  if (a === undefined || b === undefined || a.size !== b.size) return a === b;
  const numbers = new Map<number, number>();
  for (const [lane, own] of a) {
    const other = b.get(lane);
    if (other === undefined || (numbers.get(own) ?? other) !== other) return false;
    numbers.set(own, other);
  }
  return new Set(numbers.values()).size === numbers.size;
};

/** Calls of a lane that are examined; the rest of the capture shows the same. */
const MOST_CALLS = 2000;
/** Fewer calls than this show nothing. */
const LEAST_CALLS = 4;
/** Share of calls that must end together for two lanes to belong together. */
const TOGETHER = 0.8;
/** How far apart calls of one collective may end: this, or a share of their length. */
const APART_NS = 5000;
const APART_SHARE = 0.05;

/** Null where all belong together, or where it cannot be known. */
const partitionOf = (lanes: readonly LaneCalls[], laned: LanedCapture): Partition | null => {
  const known = lanes.filter(({ calls }) => calls >= LEAST_CALLS);
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
      if (togetherShare(a, b, laned) >= TOGETHER) component[rootOf(j)] = rootOf(i);
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
const togetherShare = (a: LaneCalls, b: LaneCalls, { capture, next }: LanedCapture): number => {
  const { startNs, durationNs } = capture.collectives;
  const ofA = Math.min(a.calls, MOST_CALLS);
  const ofB = Math.min(b.calls, MOST_CALLS);
  const most = Math.max(ofA, ofB);
  let i = 0;
  let j = 0;
  let together = 0;
  let callA = a.first;
  let callB = b.first;
  while (i < ofA && j < ofB) {
    const lengthA = durationNs[callA] ?? 0;
    const lengthB = durationNs[callB] ?? 0;
    const apart = (startNs[callA] ?? 0) + lengthA - ((startNs[callB] ?? 0) + lengthB);
    const isTogether = Math.abs(apart) <= Math.max(APART_NS, APART_SHARE * Math.min(lengthA, lengthB));
    if (isTogether) together++;
    if (isTogether || apart < 0) {
      callA = next[callA] ?? 0;
      i++;
    }
    if (isTogether || apart >= 0) {
      callB = next[callB] ?? 0;
      j++;
    }
  }
  return together / most;
};
