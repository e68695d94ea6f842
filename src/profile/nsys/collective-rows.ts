// Calls of collective kernels, which are kept one by one: they are matched across ranks later. Columns that grow by
// doubling, since there are hundreds of thousands in a large capture.
import { grown } from '../../stats/grown.ts';
import type { CollectiveCalls } from '../model/profile-side.ts';
import { ascendingOrder } from '../model/ascending-order.ts';

/** `count` rows in order of arrival; the arrays have room for more. */
export interface CollectiveRows {
  count: number;
  rank: Uint16Array;
  kernel: Uint32Array;
  stream: Uint32Array;
  startNs: Float64Array;
  durationNs: Float64Array;
}

export const createCollectiveRows = (): CollectiveRows => ({
  count: 0,
  rank: new Uint16Array(0),
  kernel: new Uint32Array(0),
  stream: new Uint32Array(0),
  startNs: new Float64Array(0),
  durationNs: new Float64Array(0),
});

export const addCollective = (
  rows: CollectiveRows,
  rank: number,
  kernel: number,
  stream: number,
  startNs: number,
  durationNs: number,
): void => {
  if (rows.count === rows.rank.length) grow(rows, Math.max(1024, 2 * rows.count));
  const row = rows.count++;
  rows.rank[row] = rank;
  rows.kernel[row] = kernel;
  rows.stream[row] = stream;
  rows.startNs[row] = startNs;
  rows.durationNs[row] = durationNs;
};

const grow = (rows: CollectiveRows, capacity: number): void => {
  rows.rank = grown(rows.rank, new Uint16Array(capacity));
  rows.kernel = grown(rows.kernel, new Uint32Array(capacity));
  rows.stream = grown(rows.stream, new Uint32Array(capacity));
  rows.startNs = grown(rows.startNs, new Float64Array(capacity));
  rows.durationNs = grown(rows.durationNs, new Float64Array(capacity));
};

/** The calls in start order, their communicators not yet known. */
export const collectiveCalls = (rows: CollectiveRows): CollectiveCalls => {
  const order = ascendingOrder(rows.startNs.subarray(0, rows.count));
  return {
    rank: inOrder(rows.rank, order, new Uint16Array(rows.count)),
    kernel: inOrder(rows.kernel, order, new Uint32Array(rows.count)),
    startNs: inOrder(rows.startNs, order, new Float64Array(rows.count)),
    durationNs: inOrder(rows.durationNs, order, new Float64Array(rows.count)),
    stream: inOrder(rows.stream, order, new Uint32Array(rows.count)),
    communicator: new Int32Array(0),
    communicators: [],
  };
};

const inOrder = <T extends Uint16Array | Uint32Array | Float64Array>(values: T, order: Uint32Array, target: T): T => {
  for (let i = 0; i < order.length; i++) target[i] = values[order[i] ?? 0] ?? 0;
  return target;
};
