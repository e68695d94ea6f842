// Sweeps kernels, which arrive in start order, together with the other work of their rank: copies, memsets and graph replays
// come in between. Says so where the kernels are not in order; the sums are void then.
import { ascendingOrder } from '../model/ascending-order.ts';
import { COMPUTE, DUE, createSweep } from '../model/timeline.ts';
import type { Sweep } from '../model/timeline.ts';
import type { Intervals } from './device-work.ts';

export interface WorkFeed {
  /** Its DUE times are kept up to date. */
  readonly sweep: Sweep;
  /** Adds the other work of a rank that starts by `time`; false where it came out of order. */
  readonly drain: (rank: number, time: number) => boolean;
  /** Adds all that is left. */
  readonly drainAll: () => boolean;
}

/** Positions of the work of one rank in start order, and the next that is due. */
interface Queue {
  readonly order: number[];
  next: number;
}

export const createFeed = (work: Intervals): WorkFeed => {
  const sweep = createSweep();
  const queues = queuesByRank(work);
  const drain = (rank: number, time: number): boolean => {
    const queue = queues[rank];
    if (queue === undefined) return true;
    for (; queue.next < queue.order.length; queue.next++) {
      const at = queue.order[queue.next] ?? 0;
      const start = work.start[at] ?? 0;
      if (start > time) break;
      if (!sweep.add(rank, work.kind[at] ?? COMPUTE, start, work.end[at] ?? start)) return false;
    }
    const base = sweep.baseOf(rank);
    sweep.sums[base + DUE] = work.start[queue.order[queue.next] ?? -1] ?? Infinity;
    return true;
  };
  const drainAll = (): boolean => queues.every((_, rank) => drain(rank, Infinity));
  queues.forEach((_, rank) => drain(rank, -Infinity));
  return { sweep, drain, drainAll };
};

/** By rank; a rank without work has an empty queue. */
const queuesByRank = (work: Intervals): Queue[] => {
  const ranks = work.rank.reduce((most, rank) => Math.max(most, rank + 1), 0);
  const queues = Array.from({ length: ranks }, (): Queue => ({ order: [], next: 0 }));
  for (const at of ascendingOrder(Float64Array.from(work.start))) queues[work.rank[at] ?? 0]?.order.push(at);
  return queues;
};
