// Compares the collectives of two sides: did the transfer grow or the waiting, which rank was late, and did the time move
// from one rank to another. Pure.
import { emptyCollective } from './collectives.ts';
import type { MatchedCollective } from './collectives.ts';
import type { CollectiveRow, CollectiveSide, KernelRow } from './diff-schema.ts';

/** Share of the calls that must be matched before transfer and waiting are told apart. */
const ENOUGH_MATCHED = 0.8;
/** A part grew where it makes at least this share of the longer calls. */
const SHARE_OF_GROWTH = 0.25;
/** Time moved where a rank lost and another won at least this share of the kernel's time. */
const SHARE_MOVED = 0.15;

export const diffCollectives = (
  rows: readonly KernelRow[],
  baseline: ReadonlyMap<string, MatchedCollective>,
  candidate: ReadonlyMap<string, MatchedCollective>,
): CollectiveRow[] =>
  rows
    .filter((row) => row.collective)
    .map((row) =>
      collectiveRow(
        row,
        baseline.get(row.baseline_name ?? row.name) ?? emptyCollective(),
        candidate.get(row.name) ?? emptyCollective(),
      ),
    );

const collectiveRow = (row: KernelRow, before: MatchedCollective, after: MatchedCollective): CollectiveRow => {
  const known = isMatched(before) && isMatched(after);
  const perCall = (side: MatchedCollective, ns: number): number | null =>
    isMatched(side) ? ns / side.matchedCalls : null;
  const transfer = { baseline: perCall(before, before.transferNs), candidate: perCall(after, after.transferNs) };
  const waiting = { baseline: perCall(before, before.waitingNs), candidate: perCall(after, after.waitingNs) };
  return {
    kernel: row.name,
    baseline: sideOf(before),
    candidate: sideOf(after),
    transfer_per_call_ns: transfer,
    waiting_per_call_ns: waiting,
    grew: known ? whatGrew(transfer, waiting) : 'cannot_tell',
    late_rank: { baseline: lateRank(before), candidate: lateRank(after) },
    moved: movedBetween(row),
  };
};

const isMatched = (side: MatchedCollective): boolean =>
  side.matchedCalls > 0 && side.matchedCalls >= ENOUGH_MATCHED * (side.matchedCalls + side.unmatchedCalls);

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
const lateRank = (side: MatchedCollective): string | null => {
  const [first] = [...side.causedByRank].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0]));
  return first !== undefined && first[1] > 0.5 * side.waitingNs ? first[0] : null;
};

const movedBetween = (row: KernelRow): CollectiveRow['moved'] => {
  const change = row.ranks.map((rank) => ({ rank: rank.rank, ns: rank.delta_ns }));
  const least = change.reduce((low, next) => (next.ns < low.ns ? next : low), { rank: '', ns: 0 });
  const most = change.reduce((high, next) => (next.ns > high.ns ? next : high), { rank: '', ns: 0 });
  const limit = SHARE_MOVED * row.baseline.total_ns;
  return -least.ns >= limit && most.ns >= limit ? { from: least.rank, to: most.rank } : null;
};

const sideOf = (side: MatchedCollective): CollectiveSide => ({
  sets: side.sets,
  matched_calls: side.matchedCalls,
  unmatched_calls: side.unmatchedCalls,
  transfer_ns: side.transferNs,
  waiting_ns: side.waitingNs,
  waited_by_rank_ns: Object.fromEntries([...side.waitedByRank].sort(byKey)),
  caused_by_rank_ns: Object.fromEntries([...side.causedByRank].sort(byKey)),
});

const byKey = (a: readonly [string, number], b: readonly [string, number]): number => a[0].localeCompare(b[0]);
