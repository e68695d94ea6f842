// Merges kernels, which arrive in start order, with the other work of their rank, and sweeps both. Says so where the
// kernels are not in order; the sums are void then.
import { ascendingOrder } from '../order.ts';
import { COMPUTE, createSweep } from '../timeline.ts';
import type { Sweep } from '../timeline.ts';
import type { Intervals } from './device-work.ts';

/** Kernel calls by column. Whole batches are passed on, since a number handed to a function may have to be boxed first. */
export interface KernelBatch {
  readonly rank: Int32Array;
  readonly kind: Int32Array;
  readonly start: Float64Array;
  readonly end: Float64Array;
}

export interface WorkFeed {
  readonly kernels: (batch: KernelBatch, count: number) => void;
  /** Null where something came out of order. */
  readonly finish: () => Sweep | null;
}

/** Positions of the work of one rank in start order, and the next that is due. */
interface Queue {
  readonly order: number[];
  next: number;
}

export const createFeed = (work: Intervals): WorkFeed => {
  const sweep = createSweep();
  const queues = queuesByRank(work);
  /** When the next work of each rank starts; ranks without work have no entry. */
  const due = queues.map((queue) => work.start[queue.order[0] ?? 0] ?? Infinity);
  let ordered = true;
  const drain = (rank: number, until: number): void => {
    const queue = queues[rank];
    if (queue === undefined) return;
    for (; queue.next < queue.order.length; queue.next++) {
      const at = queue.order[queue.next] ?? 0;
      const start = work.start[at] ?? 0;
      if (start > until) break;
      ordered = sweep.add(rank, work.kind[at] ?? COMPUTE, start, work.end[at] ?? start) && ordered;
    }
    due[rank] = work.start[queue.order[queue.next] ?? -1] ?? Infinity;
  };
  return {
    kernels: ({ rank: ranks, kind, start: starts, end }, count) => {
      for (let i = 0; i < count && ordered; i++) {
        const rank = ranks[i] ?? 0;
        const start = starts[i] ?? 0;
        if (start >= (due[rank] ?? Infinity)) drain(rank, start);
        ordered = sweep.add(rank, kind[i] ?? COMPUTE, start, end[i] ?? start) && ordered;
      }
    },
    finish: () => {
      if (ordered) for (let rank = 0; rank < queues.length; rank++) drain(rank, Infinity);
      return ordered ? sweep : null;
    },
  };
};

/** By rank; a rank without work has an empty queue. */
const queuesByRank = (work: Intervals): Queue[] => {
  const ranks = work.rank.reduce((most, rank) => Math.max(most, rank + 1), 0);
  const queues = Array.from({ length: ranks }, (): Queue => ({ order: [], next: 0 }));
  for (const at of ascendingOrder(Float64Array.from(work.start))) queues[work.rank[at] ?? 0]?.order.push(at);
  return queues;
};
