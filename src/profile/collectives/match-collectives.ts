// Which calls of collectives are matched over ranks, and what their time adds up to: transfer and waiting, by kernel name and
// rank label. Pure.
import { areAlike, finer, inLanes, partitionsOf } from './communicators.ts';
import type { LanedCapture } from './communicators.ts';
import { matchCalls } from './match-calls.ts';
import type { Places, RankGroup } from './match-calls.ts';
import type { MatchedAlone, MatchedCalls, MatchedCollective, Partition } from '../model/matched-collectives.ts';
import type { ProfileSide } from '../model/profile-side.ts';
import { compareLabels } from '../model/rank-order.ts';

const emptyCalls = (): MatchedCalls => ({
  matchedCollectives: 0,
  matchedCalls: 0,
  unmatchedCalls: 0,
  mixedCalls: 0,
  transferNs: 0,
  waitingNs: 0,
  waitedByRank: new Map(),
  causedByRank: new Map(),
});

export const emptyCollective = (): MatchedCollective => ({ ...emptyCalls(), byRanks: new Map() });

type ByKernel = Map<string, MatchedCollective>;

/** A side beside what its collectives show when it is taken alone. */
export const withMatches = (side: ProfileSide): ProfileSide => ({ ...side, matched: matchAlone(side) });

const matchAlone = (capture: ProfileSide): MatchedAlone => {
  const laned = inLanes(capture);
  const partitions = partitionsOf(laned);
  return { partitions, byKernel: matchCapture(laned, partitions) };
};

/** Collectives of both sides by kernel name. What one side shows of communicators holds for the other too. */
export const matchBothSides = (
  baseline: readonly ProfileSide[],
  candidate: readonly ProfileSide[],
): { baseline: ByKernel; candidate: ByKernel } => {
  const known = (capture: ProfileSide): Known => ({ capture, alone: capture.matched ?? matchAlone(capture) });
  const [before, after] = [baseline.map(known), candidate.map(known)];
  const partitions = new Map<string, Partition>();
  for (const { alone } of [...before, ...after]) {
    for (const [kernel, partition] of alone.partitions)
      partitions.set(kernel, finer(partitions.get(kernel), partition));
  }
  return { baseline: sumOfCaptures(before, partitions), candidate: sumOfCaptures(after, partitions) };
};

interface Known {
  readonly capture: ProfileSide;
  readonly alone: MatchedAlone;
}

/** Ranks of different captures are never matched with each other. */
const sumOfCaptures = (captures: readonly Known[], partitions: ReadonlyMap<string, Partition>): ByKernel => {
  const sums: ByKernel = new Map();
  for (const { capture, alone } of captures) {
    const kernels = [...alone.byKernel.keys()];
    const holds = kernels.every((kernel) => areAlike(alone.partitions.get(kernel), partitions.get(kernel)));
    const matched = holds ? alone.byKernel : matchCapture(inLanes(capture), partitions);
    for (const [kernel, own] of matched) addCollective(collectiveIn(sums, kernel), own);
  }
  return sums;
};

const collectiveIn = (sums: ByKernel, kernel: string): MatchedCollective => {
  const sum = sums.get(kernel) ?? emptyCollective();
  sums.set(kernel, sum);
  return sum;
};

const callsIn = ({ byRanks }: MatchedCollective, ranks: string): MatchedCalls => {
  const sum = byRanks.get(ranks) ?? emptyCalls();
  byRanks.set(ranks, sum);
  return sum;
};

const addCollective = (sum: MatchedCollective, own: MatchedCollective): void => {
  addCalls(sum, own);
  for (const [ranks, calls] of own.byRanks) addCalls(callsIn(sum, ranks), calls);
};

const addCalls = (sum: MatchedCalls, own: MatchedCalls): void => {
  sum.matchedCollectives += own.matchedCollectives;
  sum.matchedCalls += own.matchedCalls;
  sum.unmatchedCalls += own.unmatchedCalls;
  sum.mixedCalls += own.mixedCalls;
  sum.transferNs += own.transferNs;
  sum.waitingNs += own.waitingNs;
  for (const [rank, ns] of own.waitedByRank) add(sum.waitedByRank, rank, ns);
  for (const [rank, ns] of own.causedByRank) add(sum.causedByRank, rank, ns);
};

const matchCapture = (laned: LanedCapture, partitions: ReadonlyMap<string, Partition>): ByKernel => {
  const { kernels, ranks } = laned.capture;
  const matched: ByKernel = new Map();
  const sumOf = (kernel: number): MatchedCollective => collectiveIn(matched, kernels[kernel]?.name ?? '');
  const places = placesOf(laned, partitions);
  const found = matchCalls(laned, places);
  places.kernels.forEach((kernel, place) => {
    const sum = sumOf(kernel);
    sum.unmatchedCalls += found.unmatched[place] ?? 0;
    sum.mixedCalls += found.mixed[place] ?? 0;
  });
  for (const group of found.groups) addGroup(sumOf(group.kernel), group, (rank) => ranks[rank]?.label ?? '');
  return matched;
};

const placesOf = ({ capture, lanes }: LanedCapture, partitions: ReadonlyMap<string, Partition>): Places => {
  const kernels: number[] = [];
  const known = new Map<string, number>();
  const ofLane = lanes.map(({ kernel, communicator, lane }) => {
    const group = partitions.get(capture.kernels[kernel]?.name ?? '')?.get(lane);
    const key = communicator >= 0 ? `${kernel} named ${communicator}` : `${kernel} ${group}`;
    const place = known.get(key) ?? kernels.push(kernel) - 1;
    known.set(key, place);
    return place;
  });
  return { ofLane: Uint32Array.from(ofLane), kernels };
};

const addGroup = (sum: MatchedCollective, group: RankGroup, label: (rank: number) => string): void => {
  const labels = group.ranks.map(label);
  const ranks = labels.toSorted(compareLabels).join('\n');
  for (const each of [sum, callsIn(sum, ranks)]) addMatched(each, group, labels);
};

const addMatched = (sum: MatchedCalls, group: RankGroup, labels: readonly string[]): void => {
  const matched = group.timesLast.reduce((all, times) => all + times, 0);
  sum.matchedCollectives += matched;
  sum.matchedCalls += matched * labels.length;
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
