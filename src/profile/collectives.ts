// Matches the calls of a collective over ranks and splits their time into transfer and waiting. A collective cannot end on
// one rank before it began on another, so calls of one kernel and communicator that overlap on different ranks are one
// collective. Pure.
import { finer, lanesOf, partitionsOf } from './communicators.ts';
import type { Partition } from './communicators.ts';
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

interface Call {
  readonly rank: number;
  readonly start: number;
  readonly end: number;
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
  const partitions = partitionsOf(baseline);
  for (const [kernel, partition] of partitionsOf(candidate))
    partitions.set(kernel, finer(partitions.get(kernel), partition));
  return { baseline: matchCollectives(baseline, partitions), candidate: matchCollectives(candidate, partitions) };
};

/** Ranks of different captures are never matched with each other. */
const matchCollectives = (
  captures: readonly ProfileSide[],
  partitions: ReadonlyMap<string, Partition>,
): Map<string, MatchedCollective> => {
  const matched = new Map<string, MatchedCollective>();
  for (const capture of captures) matchCapture(capture, partitions, matched);
  return matched;
};

const matchCapture = (
  capture: ProfileSide,
  partitions: ReadonlyMap<string, Partition>,
  matched: Map<string, MatchedCollective>,
): void => {
  const open = new Map<string, { readonly kernel: number; calls: Call[] }>();
  const lanes = partitions.size > 0 ? lanesOf(capture) : [];
  const { rank, kernel, startNs, durationNs, communicator } = capture.collectives;
  const label = (own: number): string => capture.ranks[own]?.label ?? '';
  const labels = rankLabels(label);
  const sumOf = (at: number): MatchedCollective => {
    const name = capture.kernels[at]?.name ?? '';
    const sum = matched.get(name) ?? emptyCollective();
    matched.set(name, sum);
    return sum;
  };
  for (let i = 0; i < startNs.length; i++) {
    const start = startNs[i] ?? 0;
    const call: Call = { rank: rank[i] ?? 0, start, end: start + (durationNs[i] ?? 0) };
    const at = kernel[i] ?? 0;
    const partition = partitions.get(capture.kernels[at]?.name ?? '');
    const named = communicator[i] ?? -1;
    const key = `${at} ${named >= 0 ? `n${named}` : (partition?.get(lanes[i] ?? '') ?? '')}`;
    const set = open.get(key);
    if (set !== undefined && belongs(call, set.calls)) set.calls.push(call);
    else {
      if (set?.calls.some((other) => other.rank === call.rank && call.start < other.end) === true)
        sumOf(at).mixedCalls++;
      if (set !== undefined) addSet(sumOf(at), set.calls, label, labels);
      open.set(key, { kernel: at, calls: [call] });
    }
  }
  for (const { kernel: at, calls } of open.values()) addSet(sumOf(at), calls, label, labels);
};

const belongs = (call: Call, calls: readonly Call[]): boolean =>
  calls.every((other) => other.rank !== call.rank && call.start < other.end);

/** Labels of the ranks of a set, one a line: few sets of ranks make all the calls, so each is put into order once. */
const rankLabels = (label: (rank: number) => string): ((calls: readonly Call[]) => string) => {
  const known = new Map<string, string>();
  return (calls) => {
    const ranks = calls.map(({ rank }) => rank);
    const key = ranks.join();
    const found = known.get(key);
    if (found !== undefined) return found;
    const labels = ranks.map(label).sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
    known.set(key, labels.join('\n'));
    return labels.join('\n');
  };
};

const addSet = (
  sum: MatchedCollective,
  calls: readonly Call[],
  label: (rank: number) => string,
  labels: (calls: readonly Call[]) => string,
): void => {
  if (calls.length < 2) {
    sum.unmatchedCalls += calls.length;
    return;
  }
  const ranks = labels(calls);
  const own = sum.byRanks.get(ranks) ?? emptyCalls();
  sum.byRanks.set(ranks, own);
  for (const each of [sum, own]) addMatched(each, calls, label);
};

/** Of two that begin at the same ns the lower rank counts as the later, whatever order they were read in. */
const isLater = (a: Call, b: Call): boolean => a.start > b.start || (a.start === b.start && a.rank < b.rank);

const addMatched = (sum: MatchedCalls, calls: readonly Call[], label: (rank: number) => string): void => {
  const shortest = Math.min(...calls.map((call) => call.end - call.start));
  const last = calls.reduce((late, call) => (isLater(call, late) ? call : late));
  sum.sets++;
  sum.matchedCalls += calls.length;
  sum.transferNs += shortest * calls.length;
  for (const call of calls) {
    const waited = call.end - call.start - shortest;
    sum.waitingNs += waited;
    add(sum.waitedByRank, label(call.rank), waited);
    if (call !== last) add(sum.causedByRank, label(last.rank), waited);
  }
};

const add = (sums: Map<string, number>, key: string, value: number): void => {
  sums.set(key, (sums.get(key) ?? 0) + value);
};
