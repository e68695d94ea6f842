// Matches the calls of collectives over ranks. A collective cannot end on one rank before it began on another, so calls of one
// kernel and communicator that overlap on different ranks are one matched collective. Works on numbers in flat arrays:
// large captures hold a million calls. Pure.
import type { LanedCapture } from './communicators.ts';

/** Lanes of one place can be of one collective: they are of one kernel and, as far as it is known, one communicator. */
export interface Places {
  readonly ofLane: Uint32Array;
  /** Kernel of each place, in the order in which they were met. */
  readonly kernels: readonly number[];
}

/** The collectives of one kernel that the same ranks took part in. Times in ns. */
export interface RankGroup {
  readonly kernel: number;
  /** Ascending; the sums by rank are in this order. */
  readonly ranks: readonly number[];
  /** The shortest calls of all collectives together. */
  readonly shortestNs: Float64Array;
  readonly waitedNs: Float64Array;
  /** What the others waited for a rank that came last, and in how many collectives it did. */
  readonly causedNs: Float64Array;
  readonly timesLast: Uint32Array;
}

export interface MatchedPlaces {
  /** In the order in which their first collectives ended. */
  readonly groups: readonly RankGroup[];
  /** By place: calls without a partner. */
  readonly unmatched: Uint32Array;
  /** By place: calls that ran beside another of the place on their own rank. */
  readonly mixed: Uint32Array;
}

/** What the walk over the calls keeps. The functions below are not closures: those would be compiled for each capture anew. */
interface Walk {
  readonly rank: Uint16Array;
  readonly startNs: Float64Array;
  readonly durationNs: Float64Array;
  readonly laneOf: Uint32Array;
  readonly places: Places;
  /** By place: how many calls its open collective has, and where they stand in `members`. */
  readonly size: Uint32Array;
  readonly from: Uint32Array;
  readonly members: Uint32Array;
  /** By rank: its call in the collective that is being closed; -1 where it has none. */
  readonly callOf: Int32Array;
  readonly groups: RankGroup[];
  /** By kernel and ranks. */
  readonly known: Map<string, RankGroup>;
  /** By place: groups that its collectives belonged to. */
  readonly recent: RankGroup[][];
  readonly unmatched: Uint32Array;
  readonly mixed: Uint32Array;
}

export const matchCalls = ({ capture, lanes, laneOf }: LanedCapture, places: Places): MatchedPlaces => {
  const { rank, startNs, durationNs } = capture.collectives;
  const walk: Walk = {
    rank,
    startNs,
    durationNs,
    laneOf,
    places,
    size: new Uint32Array(places.kernels.length),
    from: roomOf(places),
    members: new Uint32Array(lanes.length),
    callOf: new Int32Array(capture.ranks.length).fill(-1),
    groups: [],
    known: new Map(),
    recent: places.kernels.map(() => []),
    unmatched: new Uint32Array(places.kernels.length),
    mixed: new Uint32Array(places.kernels.length),
  };
  walkCalls(walk);
  places.kernels.forEach((_, place) => close(walk, place));
  return walk;
};

/** A collective has a call of a rank at most, so that a place has room for as many as it has lanes. */
const roomOf = ({ ofLane, kernels }: Places): Uint32Array => {
  const from = new Uint32Array(kernels.length + 1);
  for (const place of ofLane) from[place + 1] = (from[place + 1] ?? 0) + 1;
  for (let place = 1; place < from.length; place++) from[place] = (from[place] ?? 0) + (from[place - 1] ?? 0);
  return from;
};

const FITS = 0;
const LATER = 1;
const BESIDE_ITS_OWN = 2;

const walkCalls = (walk: Walk): void => {
  const { laneOf, size, from, members, mixed } = walk;
  const { ofLane } = walk.places;
  for (let at = 0; at < laneOf.length; at++) {
    const place = ofLane[laneOf[at] ?? 0] ?? 0;
    const fit = fitOf(walk, at, place);
    if (fit === BESIDE_ITS_OWN) mixed[place] = (mixed[place] ?? 0) + 1;
    if (fit !== FITS) close(walk, place);
    const calls = size[place] ?? 0;
    members[(from[place] ?? 0) + calls] = at;
    size[place] = calls + 1;
  }
};

/** Whether a call belongs to the open collective of its place. */
const fitOf = ({ rank, startNs, durationNs, size, from, members }: Walk, at: number, place: number): number => {
  const own = rank[at] ?? 0;
  const start = startNs[at] ?? 0;
  const first = from[place] ?? 0;
  const end = first + (size[place] ?? 0);
  let fit = FITS;
  for (let i = first; i < end; i++) {
    const other = members[i] ?? 0;
    if (start >= (startNs[other] ?? 0) + (durationNs[other] ?? 0)) fit = LATER;
    else if (rank[other] === own) return BESIDE_ITS_OWN;
  }
  return fit;
};

const close = (walk: Walk, place: number): void => {
  const { rank, startNs, durationNs, size, from, members, callOf, unmatched } = walk;
  const first = from[place] ?? 0;
  const calls = size[place] ?? 0;
  size[place] = 0;
  if (calls < 2) {
    unmatched[place] = (unmatched[place] ?? 0) + calls;
    return;
  }
  let shortest = Infinity;
  let latest = members[first] ?? 0;
  for (let i = first; i < first + calls; i++) {
    const at = members[i] ?? 0;
    const length = durationNs[at] ?? 0;
    if (length < shortest) shortest = length;
    const after = (startNs[at] ?? 0) - (startNs[latest] ?? 0);
    // Of two that begin at the same ns the lower rank counts as the later, whatever order they were read in.
    if (after > 0 || (after === 0 && (rank[at] ?? 0) < (rank[latest] ?? 0))) latest = at;
    callOf[rank[at] ?? 0] = at;
  }
  addSet(walk, groupOf(walk, place, first, calls), shortest, latest);
  for (let i = first; i < first + calls; i++) callOf[rank[members[i] ?? 0] ?? 0] = -1;
};

const addSet = ({ durationNs, callOf }: Walk, group: RankGroup, shortest: number, latest: number): void => {
  const { ranks, shortestNs, waitedNs, causedNs, timesLast } = group;
  let all = 0;
  let last = 0;
  for (let i = 0; i < ranks.length; i++) {
    const at = callOf[ranks[i] ?? 0] ?? -1;
    const waited = (durationNs[at] ?? 0) - shortest;
    waitedNs[i] = (waitedNs[i] ?? 0) + waited;
    if (at === latest) last = i;
    else all += waited;
  }
  causedNs[last] = (causedNs[last] ?? 0) + all;
  timesLast[last] = (timesLast[last] ?? 0) + 1;
  shortestNs[0] = (shortestNs[0] ?? 0) + shortest;
};

/** Group of the collective that is being closed. */
const groupOf = (walk: Walk, place: number, first: number, calls: number): RankGroup => {
  const kernel = walk.places.kernels[place] ?? 0;
  const recent = walk.recent[place] ?? [];
  for (const group of recent) if (group.ranks.length === calls && isOf(group, walk.callOf)) return group;
  const ranks = Array.from(walk.members.subarray(first, first + calls), (at) => walk.rank[at] ?? 0);
  ranks.sort((a, b) => a - b);
  const key = `${kernel} ${ranks.join()}`;
  const known = walk.known.get(key);
  const group = known ?? newGroup(kernel, ranks);
  if (known === undefined) walk.groups.push(group);
  walk.known.set(key, group);
  recent.push(group);
  if (recent.length > MOST_RECENT) recent.shift();
  return group;
};

/** Groups of a place that are looked through before its ranks are put into order and looked up. */
const MOST_RECENT = 8;

const isOf = ({ ranks }: RankGroup, callOf: Int32Array): boolean => {
  for (let i = 0; i < ranks.length; i++) if ((callOf[ranks[i] ?? 0] ?? -1) < 0) return false;
  return true;
};

const newGroup = (kernel: number, ranks: readonly number[]): RankGroup => ({
  kernel,
  ranks,
  shortestNs: new Float64Array(1),
  waitedNs: new Float64Array(ranks.length),
  causedNs: new Float64Array(ranks.length),
  timesLast: new Uint32Array(ranks.length),
});
