// What matching the calls of collectives over ranks gives. Plain data that may cross a thread.

/** What a kernel ran on: `rank 3`, or `rank 3/1` for the second of its streams there. */
export type Lane = string;

/** Lanes of one kernel by the communicator they belong to. */
export type Partition = ReadonlyMap<Lane, number>;

/** Times in ns, ranks by label. */
export interface MatchedCalls {
  matchedCollectives: number;
  matchedCalls: number;
  unmatchedCalls: number;
  /** Calls that ran beside another call of the same kernel and communicator on their own rank. */
  mixedCalls: number;
  /** Shortest call of each matched collective, times the ranks in it. */
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

/** The collectives of one capture by kernel name, matched with the communicators that it shows itself. */
export interface MatchedAlone {
  readonly partitions: ReadonlyMap<string, Partition>;
  readonly byKernel: ReadonlyMap<string, MatchedCollective>;
}
