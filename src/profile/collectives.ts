// Which calls of collectives are matched over ranks, and what their time adds up to: transfer and waiting, by kernel name and
// rank label. Pure.
import { finer, inLanes, partitionsOf } from './communicators.ts';
import type { LanedCapture, Partition } from './communicators.ts';
import { matchCalls } from './match-calls.ts';
import type { Places, RankGroup } from './match-calls.ts';
import type { ProfileSide } from './model.ts';

/** Times in ns, ranks by label. */
export interface MatchedCalls {
  sets: number;
  matchedCalls: number;
  unmatchedCalls: number;
  /** Calls that ran beside another call of the same kernel and communicator on their own rank. */
  mixedCalls: number;
  /** Shortest call of each set, times the ranks in the set. */
  transferNs: number;
  waitingNs: number;
  readonly waitedByRank: Map<string, number>;
  /** Waiting charged to the rank that came last. */
  readonly causedByRank: Map<string, number>;
}

/** Calls of one kernel: all together, and by the ranks that take part. */
export interface MatchedCollective extends MatchedCalls {
  /** By the labels of the ranks, one a line. */
  readonly byRanks: Map<string, MatchedCalls>;
}

const emptyCalls = (): MatchedCalls => ({
  sets: 0,
  matchedCalls: 0,
  unmatchedCalls: 0,
  mixedCalls: 0,
  transferNs: 0,
  waitingNs: 0,
  waitedByRank: new Map(),
  causedByRank: new Map(),
});

export const emptyCollective = (): MatchedCollective => ({ ...emptyCalls(), byRanks: new Map() });

/** Collectives of both sides by kernel name. What one side shows of communicators holds for the other too. */
export const matchBothSides = (
  baseline: readonly ProfileSide[],
  candidate: readonly ProfileSide[],
): { baseline: Map<string, MatchedCollective>; candidate: Map<string, MatchedCollective> } => {
  const [before, after] = [baseline.map(inLanes), candidate.map(inLanes)];
  const partitions = partitionsOf(before);
  for (const [kernel, partition] of partitionsOf(after))
    partitions.set(kernel, finer(partitions.get(kernel), partition));
  return { baseline: matchCollectives(before, partitions), candidate: matchCollectives(after, partitions) };
};

/** Ranks of different captures are never matched with each other. */
const matchCollectives = (
  captures: readonly LanedCapture[],
  partitions: ReadonlyMap<string, Partition>,
): Map<string, MatchedCollective> => {
  const matched = new Map<string, MatchedCollective>();
  for (const laned of captures) {
    const { capture } = laned;
    const sumOf = (kernel: number): MatchedCollective => {
      const name = capture.kernels[kernel]?.name ?? '';
      const sum = matched.get(name) ?? emptyCollective();
      matched.set(name, sum);
      return sum;
    };
    const places = placesOf(laned, partitions);
    const found = matchCalls(laned, places);
    places.kernels.forEach((kernel, place) => {
      const sum = sumOf(kernel);
      sum.unmatchedCalls += found.unmatched[place] ?? 0;
      sum.mixedCalls += found.mixed[place] ?? 0;
    });
    const label = (rank: number): string => capture.ranks[rank]?.label ?? '';
    for (const group of found.groups) addGroup(sumOf(group.kernel), group, label);
  }
  return matched;
};

const placesOf = ({ capture, lanes }: LanedCapture, partitions: ReadonlyMap<string, Partition>): Places => {
  const kernels: number[] = [];
  const known = new Map<string, number>();
  const ofLane = lanes.map(({ kernel, communicator, lane }) => {
    const told = partitions.get(capture.kernels[kernel]?.name ?? '')?.get(lane);
    const key = communicator >= 0 ? `${kernel} named ${communicator}` : `${kernel} ${told}`;
    const place = known.get(key) ?? kernels.push(kernel) - 1;
    known.set(key, place);
    return place;
  });
  return { ofLane: Uint32Array.from(ofLane), kernels };
};

const addGroup = (sum: MatchedCollective, group: RankGroup, label: (rank: number) => string): void => {
  const labels = group.ranks.map(label);
  const ranks = labels.toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true })).join('\n');
  const own = sum.byRanks.get(ranks) ?? emptyCalls();
  sum.byRanks.set(ranks, own);
  for (const each of [sum, own]) addMatched(each, group, labels);
};

const addMatched = (sum: MatchedCalls, group: RankGroup, labels: readonly string[]): void => {
  const sets = group.timesLast.reduce((all, times) => all + times, 0);
  sum.sets += sets;
  sum.matchedCalls += sets * labels.length;
  sum.transferNs += (group.shortestNs[0] ?? 0) * labels.length;
  labels.forEach((label, place) => {
    const waited = group.waitedNs[place] ?? 0;
    sum.waitingNs += waited;
    add(sum.waitedByRank, label, waited);
    if ((group.timesLast[place] ?? 0) > 0) add(sum.causedByRank, label, group.causedNs[place] ?? 0);
  });
};

const add = (sums: Map<string, number>, key: string, value: number): void => {
  sums.set(key, (sums.get(key) ?? 0) + value);
};
