// Compares the collectives of two sides: did the transfer grow or the waiting, which rank was late, and did the time move
// from one rank to another. Pure.
import { emptyCollective } from '../collectives/match-collectives.ts';
import type { CollectiveRow, CollectiveSide, KernelRow } from './profile-diff-schema.ts';
import type { MatchedCalls, MatchedCollective } from '../model/matched-collectives.ts';

/** Share of the calls that must be matched before transfer and waiting are separated. */
const ENOUGH_MATCHED = 0.8;
/** A part grew where it makes at least this share of the longer calls. */
const SHARE_OF_GROWTH = 0.25;
/** Share of the time of a collective that must be waiting before a rank is named for it. */
const WORTH_A_NAME = 0.02;
/** Time moved where a rank lost and another won at least this share of the kernel's time. */
const SHARE_MOVED = 0.15;

/** Share of the calls that a group of ranks must have to be listed: fewer are cut off by the ends of the capture. */
const SHARE_OF_GROUP = 0.05;
/** Share of the calls that may run beside another of their kernel on one rank before communicators count as mixed up. */
const MOST_MIXED = 0.05;

export const diffCollectives = (
  rows: readonly KernelRow[],
  sides: {
    readonly baseline: ReadonlyMap<string, MatchedCollective>;
    readonly candidate: ReadonlyMap<string, MatchedCollective>;
  },
): CollectiveRow[] =>
  rows
    .filter((row) => row.collective)
    .map((row) =>
      collectiveRow(
        row,
        sides.baseline.get(row.baseline_name ?? row.name) ?? emptyCollective(),
        sides.candidate.get(row.name) ?? emptyCollective(),
      ),
    );

const collectiveRow = (row: KernelRow, before: MatchedCollective, after: MatchedCollective): CollectiveRow => ({
  kernel: row.name,
  baseline: sideOf(before),
  candidate: sideOf(after),
  ...splitOf(before, after),
  cannot_tell_why: isMixed(before) || isMixed(after) ? 'communicators' : isKnown(before, after) ? null : 'ranks',
  moved: movedBetween(row),
  communicators: communicatorsOf(before, after),
});

/** Transfer and waiting per call, what grew of them, and who came late. */
const splitOf = (before: MatchedCalls, after: MatchedCalls) => {
  const perCall = (side: MatchedCalls, ns: number): number | null => (isMatched(side) ? ns / side.matchedCalls : null);
  const transfer = { baseline: perCall(before, before.transferNs), candidate: perCall(after, after.transferNs) };
  const waiting = { baseline: perCall(before, before.waitingNs), candidate: perCall(after, after.waitingNs) };
  return {
    transfer_per_call_ns: transfer,
    waiting_per_call_ns: waiting,
    grew: isKnown(before, after) ? whatGrew(transfer, waiting) : ('cannot_tell' as const),
    late_rank: { baseline: lateRank(before), candidate: lateRank(after) },
  };
};

const isKnown = (before: MatchedCalls, after: MatchedCalls): boolean => isMatched(before) && isMatched(after);

const isMixed = ({ mixedCalls, matchedCalls, unmatchedCalls }: MatchedCalls): boolean =>
  mixedCalls > MOST_MIXED * (matchedCalls + unmatchedCalls);

const isMatched = (side: MatchedCalls): boolean =>
  side.matchedCalls > 0 &&
  !isMixed(side) &&
  side.matchedCalls >= ENOUGH_MATCHED * (side.matchedCalls + side.unmatchedCalls);

/** One row for each group of ranks, the one whose calls grew most in all first; none where there is one group only. */
const communicatorsOf = (before: MatchedCollective, after: MatchedCollective): CollectiveRow['communicators'] => {
  const known = (side: MatchedCollective): string[] =>
    [...side.byRanks].flatMap(([ranks, own]) =>
      own.matchedCollectives >= SHARE_OF_GROUP * side.matchedCollectives ? [ranks] : [],
    );
  const groups = [...new Set([...known(before), ...known(after)])];
  if (groups.length < 2 || isMixed(before) || isMixed(after)) return [];
  const rows = groups.flatMap((ranks) => {
    const [was, is] = [before.byRanks.get(ranks), after.byRanks.get(ranks)];
    if (was === undefined || is === undefined) return [];
    return [{ ranks: ranks.split('\n'), baseline: sideOf(was), candidate: sideOf(is), ...splitOf(was, is) }];
  });
  return rows.sort((a, b) => growthOf(b) - growthOf(a));
};

/** The same of the transfer alone. */
export const transferGrowthOf = ({ baseline, candidate }: Pick<CollectiveRow, 'baseline' | 'candidate'>): number =>
  baseline.matched_calls === 0
    ? 0
    : candidate.transfer_ns - (candidate.matched_calls * baseline.transfer_ns) / baseline.matched_calls;

/** Time that the candidate's calls took above their mean before. */
export const growthOf = ({ baseline, candidate }: Pick<CollectiveRow, 'baseline' | 'candidate'>): number => {
  const total = (side: CollectiveSide): number => side.transfer_ns + side.waiting_ns;
  const mean = baseline.matched_calls === 0 ? 0 : total(baseline) / baseline.matched_calls;
  return total(candidate) - candidate.matched_calls * mean;
};

type Pair = { readonly baseline: number | null; readonly candidate: number | null };

const whatGrew = (transfer: Pair, waiting: Pair): CollectiveRow['grew'] => {
  const grown = (pair: Pair): number => (pair.candidate ?? 0) - (pair.baseline ?? 0);
  const total = (transfer.baseline ?? 0) + (waiting.baseline ?? 0);
  const sum = Math.max(0, grown(transfer)) + Math.max(0, grown(waiting));
  const counts = (pair: Pair): boolean =>
    grown(pair) >= SHARE_OF_GROWTH * sum && grown(pair) >= 0.02 * total && grown(pair) > 0;
  if (counts(transfer)) return counts(waiting) ? 'both' : 'transfer';
  return counts(waiting) ? 'waiting' : 'neither';
};

/** The rank that made the others wait most; null where nobody waited worth a name. */
const lateRank = (side: MatchedCalls): string | null => {
  const [first] = [...side.causedByRank].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0]));
  const worthIt = side.waitingNs >= WORTH_A_NAME * (side.transferNs + side.waitingNs);
  return first !== undefined && worthIt && first[1] > 0.5 * side.waitingNs ? first[0] : null;
};

const movedBetween = (row: KernelRow): CollectiveRow['moved'] => {
  const change = row.ranks.map((rank) => ({ rank: rank.rank, ns: rank.delta_ns }));
  const least = change.reduce((low, next) => (next.ns < low.ns ? next : low), { rank: '', ns: 0 });
  const most = change.reduce((high, next) => (next.ns > high.ns ? next : high), { rank: '', ns: 0 });
  const limit = SHARE_MOVED * row.baseline.total_ns;
  return -least.ns >= limit && most.ns >= limit ? { from: least.rank, to: most.rank } : null;
};

const sideOf = (side: MatchedCalls): CollectiveSide => ({
  matched_collectives: side.matchedCollectives,
  matched_calls: side.matchedCalls,
  unmatched_calls: side.unmatchedCalls,
  transfer_ns: side.transferNs,
  waiting_ns: side.waitingNs,
  waited_by_rank_ns: Object.fromEntries([...side.waitedByRank].sort(byKey)),
  caused_by_rank_ns: Object.fromEntries([...side.causedByRank].sort(byKey)),
});

/** No reader sees this order, so no tables of a language are loaded for it. */
const byKey = ([a]: readonly [string, number], [b]: readonly [string, number]): number => (a < b ? -1 : a > b ? 1 : 0);
