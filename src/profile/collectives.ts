// Matches the calls of a collective over ranks and splits their time into transfer and waiting. A collective cannot end on
// one rank before it began on another, so calls of one kernel that overlap on different ranks are one collective. Pure.
import type { ProfileSide } from './model.ts';

/** Per kernel name; times in ns, ranks by label. */
export interface MatchedCollective {
  sets: number;
  matchedCalls: number;
  unmatchedCalls: number;
  /** Shortest call of each set, times the ranks in the set. */
  transferNs: number;
  waitingNs: number;
  readonly waitedByRank: Map<string, number>;
  /** Waiting charged to the rank that came last. */
  readonly causedByRank: Map<string, number>;
}

interface Call {
  readonly rank: number;
  readonly start: number;
  readonly end: number;
}

export const emptyCollective = (): MatchedCollective => ({
  sets: 0,
  matchedCalls: 0,
  unmatchedCalls: 0,
  transferNs: 0,
  waitingNs: 0,
  waitedByRank: new Map(),
  causedByRank: new Map(),
});

/** Matches all collectives of all captures of a side; ranks of different captures are never matched with each other. */
export const matchCollectives = (captures: readonly ProfileSide[]): Map<string, MatchedCollective> => {
  const matched = new Map<string, MatchedCollective>();
  for (const capture of captures) {
    const open = new Map<number, Call[]>();
    const close = (kernel: number, calls: readonly Call[]): void => {
      const name = capture.kernels[kernel]?.name ?? '';
      const sum = matched.get(name) ?? emptyCollective();
      matched.set(name, sum);
      addSet(sum, calls, (rank) => capture.ranks[rank]?.label ?? '');
    };
    const { rank, kernel, startNs, durationNs } = capture.collectives;
    for (let i = 0; i < startNs.length; i++) {
      const start = startNs[i] ?? 0;
      const call: Call = { rank: rank[i] ?? 0, start, end: start + (durationNs[i] ?? 0) };
      const at = kernel[i] ?? 0;
      const calls = open.get(at);
      if (calls !== undefined && belongs(call, calls)) calls.push(call);
      else {
        if (calls !== undefined) close(at, calls);
        open.set(at, [call]);
      }
    }
    for (const [at, calls] of open) close(at, calls);
  }
  return matched;
};

const belongs = (call: Call, calls: readonly Call[]): boolean =>
  calls.every((other) => other.rank !== call.rank && call.start < other.end);

const addSet = (sum: MatchedCollective, calls: readonly Call[], label: (rank: number) => string): void => {
  if (calls.length < 2) {
    sum.unmatchedCalls += calls.length;
    return;
  }
  const shortest = Math.min(...calls.map((call) => call.end - call.start));
  const last = calls.reduce((late, call) => (call.start > late.start ? call : late));
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
