// Reads what a GPU did besides kernels: copies, memsets, and graph replays that were captured as one row each.
import type { Copies, GraphReplays, Memsets, Waits } from '../model/profile-side.ts';
import { COMPUTE, COPY } from '../model/timeline.ts';
import type { Database } from '../../sqlite/table-source.ts';
import type { Want } from '../../sqlite/table-source.ts';
import type { CaptureClock } from './clock.ts';
import { pidOf } from './identity.ts';
import type { RankTable } from './identity.ts';
import { NSYS_TABLES, findTable } from './tables.ts';

/** Device number that CUPTI gives to host nodes of a graph. */
export const NO_DEVICE = 0x7fffffff;

const COPY_KINDS: Readonly<Record<number, string>> = {
  1: 'Host-to-Device',
  2: 'Device-to-Host',
  3: 'Host-to-Array',
  4: 'Array-to-Host',
  5: 'Array-to-Array',
  6: 'Array-to-Device',
  7: 'Device-to-Array',
  8: 'Device-to-Device',
  9: 'Host-to-Host',
  10: 'Peer-to-Peer',
  11: 'Unified Host-to-Device',
  12: 'Unified Device-to-Host',
  13: 'Unified Device-to-Device',
};

const WAIT_TYPES: Readonly<Record<number, string>> = {
  1: 'Event sync',
  2: 'Stream wait sync',
  3: 'Stream sync',
  4: 'Context sync',
};

/** Intervals that keep a GPU busy, in order of arrival. */
export interface Intervals {
  readonly rank: number[];
  readonly kind: number[];
  readonly start: number[];
  readonly end: number[];
}

export interface DeviceWork {
  readonly copies: Copies[];
  readonly memsets: Memsets[];
  readonly graphs: GraphReplays[];
  readonly intervals: Intervals;
}

interface Sum {
  count: number;
  bytes: number;
  totalNs: number;
  maxNs: number;
}

type Seen = (rank: number, start: number, end: number, bytes: number, id: number) => void;

export const readDeviceWork = (database: Database, clock: CaptureClock, ranks: RankTable): DeviceWork => {
  const intervals: Intervals = { rank: [], kind: [], start: [], end: [] };
  const sumsOf = (name: string, idColumn: string, kind: number): Map<string, Sum & { rank: number; id: number }> => {
    const sums = new Map<string, Sum & { rank: number; id: number }>();
    eachOperation(database, name, idColumn, clock, ranks, (rank, start, end, bytes, id) => {
      intervals.rank.push(rank);
      intervals.kind.push(kind);
      intervals.start.push(start);
      intervals.end.push(end);
      addTo(sums, rank, id, bytes, end - start);
    });
    return sums;
  };
  const copies = [...sumsOf(NSYS_TABLES.memcpy, 'copyKind', COPY).values()].map(({ id, ...sum }) => ({
    ...sum,
    kind: COPY_KINDS[id] ?? `copy kind ${id}`,
  }));
  const memsets = [...sumsOf(NSYS_TABLES.memset, '', COPY).values()].map(({ rank, count, bytes, totalNs }) => ({
    rank,
    count,
    bytes,
    totalNs,
  }));
  const graphs = [...sumsOf(NSYS_TABLES.graphTrace, 'graphId', COMPUTE).values()].map((sum) => ({
    rank: sum.rank,
    graphId: sum.id,
    count: sum.count,
    totalNs: sum.totalNs,
  }));
  return { copies, memsets, graphs, intervals };
};

const addTo = (
  sums: Map<string, Sum & { rank: number; id: number }>,
  rank: number,
  id: number,
  bytes: number,
  durationNs: number,
): void => {
  const key = `${rank} ${id}`;
  const sum = sums.get(key) ?? { rank, id, count: 0, bytes: 0, totalNs: 0, maxNs: 0 };
  sum.count++;
  sum.bytes += bytes;
  sum.totalNs += durationNs;
  sum.maxNs = Math.max(sum.maxNs, durationNs);
  sums.set(key, sum);
};

const eachOperation = (
  database: Database,
  name: string,
  idColumn: string,
  clock: CaptureClock,
  ranks: RankTable,
  seen: Seen,
): void => {
  const table = findTable(database, name);
  if (table === null) return;
  const wants: Want[] = [
    { column: 'start', kind: 'number', origin: clock.origin },
    { column: 'end', kind: 'number', origin: clock.origin },
    { column: 'deviceId', kind: 'number' },
    { column: 'globalPid', kind: 'high40' },
    { column: 'bytes', kind: 'number' },
    { column: idColumn, kind: 'number' },
  ];
  database.scan(table, wants, ([starts, ends, devices, pids, bytes, ids], count) => {
    for (let row = 0; row < count; row++) {
      const start = starts?.[row] ?? NaN;
      const end = ends?.[row] ?? NaN;
      const device = devices?.[row] ?? NaN;
      if (!(end > start) || !(start >= clock.from) || start >= clock.to || device === NO_DEVICE) continue;
      const rank = ranks.indexOf(pids?.[row] ?? NaN, device >= 0 ? device : 0);
      const size = bytes?.[row] ?? NaN;
      const id = ids?.[row] ?? NaN;
      seen(rank, start, end, size >= 0 ? size : 0, id >= 0 ? id : -1);
    }
  });
};

/** Host-side waits, by process: the recorded device of a wait is 0 for every rank. */
export const readWaits = (database: Database, clock: CaptureClock): Waits[] => {
  const table = findTable(database, NSYS_TABLES.synchronization);
  if (table === null) return [];
  const sums = new Map<string, Waits>();
  const wants: Want[] = [
    { column: 'start', kind: 'number', origin: clock.origin },
    { column: 'end', kind: 'number', origin: clock.origin },
    { column: 'globalPid', kind: 'high40' },
    { column: 'syncType', kind: 'number' },
  ];
  database.scan(table, wants, ([starts, ends, pids, types], count) => {
    for (let row = 0; row < count; row++) {
      const start = starts?.[row] ?? NaN;
      const duration = (ends?.[row] ?? NaN) - start;
      if (!(duration >= 0) || !(start >= clock.from) || start >= clock.to) continue;
      const pid = pidOf(pids?.[row] ?? NaN);
      const type = WAIT_TYPES[types?.[row] ?? 0] ?? 'Other sync';
      const sum = sums.get(`${pid} ${type}`) ?? { pid, type, count: 0, totalNs: 0 };
      sums.set(`${pid} ${type}`, { ...sum, count: sum.count + 1, totalNs: sum.totalNs + duration });
    }
  });
  return [...sums.values()];
};
