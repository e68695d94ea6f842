// Joins kernels with the runtime or driver call that launched them. Correlation ids repeat in every process, so the join
// is on (process, correlation id); joining on the id alone pairs kernels of one rank with calls of another.
import type { ApiCalls } from '../model/profile-side.ts';
import type { Launch } from '../model/ranges.ts';
import type { Database } from '../../sqlite/table-source.ts';
import type { Want } from '../../sqlite/table-source.ts';
import type { CaptureClock } from './clock.ts';
import type { KernelCalls } from './kernel-scan.ts';
import type { Strings } from './strings.ts';
import { NSYS_TABLES, findTable } from './tables.ts';
import type { ThreadTable } from './threads.ts';

export interface HostCalls {
  readonly apis: ApiCalls[];
  /** Launching call of each kernel, in the order of the kernels; null where the file does not have it. */
  readonly launches: readonly (Launch | null)[];
}

interface Call {
  readonly thread: number;
  readonly start: number;
  readonly end: number;
}

export const readHostCalls = (
  database: Database,
  clock: CaptureClock,
  strings: Strings,
  kernels: KernelCalls,
  processes: readonly number[],
  threads: ThreadTable,
): HostCalls => {
  const table = findTable(database, NSYS_TABLES.runtime);
  if (table === null) return { apis: [], launches: kernels.start.map(() => null) };
  const apis = new Map<number, { count: number; totalNs: number; maxNs: number }>();
  const calls = new Map<number, Map<number, Call>>(processes.map((process) => [process, new Map<number, Call>()]));
  const wants: Want[] = [
    { column: 'start', kind: 'number', origin: clock.origin },
    { column: 'end', kind: 'number', origin: clock.origin },
    { column: 'correlationId', kind: 'number' },
    { column: 'nameId', kind: 'number' },
    { column: 'globalTid', kind: 'high40' },
    { column: 'globalTid', kind: 'low24' },
  ];
  database.scan(table, wants, ([starts, ends, ids, names, highs, lows], count) => {
    for (let row = 0; row < count; row++) {
      const start = starts?.[row] ?? NaN;
      const end = ends?.[row] ?? NaN;
      if (!(end >= start)) continue;
      const high = highs?.[row] ?? NaN;
      keepOutermost(calls.get(high), ids?.[row] ?? NaN, start, end, () => threads.indexOf(high, lows?.[row] ?? NaN));
      if (start >= clock.from && start < clock.to) addCall(apis, names?.[row] ?? NaN, end - start);
    }
  });
  const launches = kernels.start.map((start, kernel) => {
    const process = processes[kernels.rank[kernel] ?? 0] ?? NaN;
    const call = calls.get(process)?.get(kernels.correlation[kernel] ?? NaN);
    const kernelNs = (kernels.end[kernel] ?? start) - start;
    return call === undefined ? null : { thread: call.thread, startNs: call.start, endNs: call.end, kernelNs };
  });
  return {
    apis: [...apis].map(([name, sum]) => ({ name: strings(name) ?? `call ${name}`, ...sum })),
    launches,
  };
};

/** A runtime call and the driver call inside it share a correlation id: the one that began first launched the kernel. */
const keepOutermost = (
  calls: Map<number, Call> | undefined,
  id: number,
  start: number,
  end: number,
  thread: () => number,
): void => {
  if (calls === undefined || !(id >= 0)) return;
  const known = calls.get(id);
  if (known === undefined || start < known.start) calls.set(id, { thread: thread(), start, end });
};

const addCall = (
  apis: Map<number, { count: number; totalNs: number; maxNs: number }>,
  name: number,
  durationNs: number,
): void => {
  const sum = apis.get(name);
  if (sum === undefined) apis.set(name, { count: 1, totalNs: durationNs, maxNs: durationNs });
  else {
    sum.count++;
    sum.totalNs += durationNs;
    sum.maxNs = Math.max(sum.maxNs, durationNs);
  }
};

/** Idle time before each kernel of a rank during which its launching call was still running, summed per rank. */
export const exposedLaunch = (
  kernels: KernelCalls,
  order: Uint32Array,
  launches: readonly (Launch | null)[],
): Map<number, number> => {
  const busyUntil = new Map<number, number>();
  const exposed = new Map<number, number>();
  for (const kernel of order) {
    const rank = kernels.rank[kernel] ?? 0;
    const start = kernels.start[kernel] ?? 0;
    const end = kernels.end[kernel] ?? 0;
    const until = busyUntil.get(rank);
    const launch = launches[kernel] ?? null;
    const gap =
      until === undefined || launch === null ? 0 : Math.min(start, launch.endNs) - Math.max(until, launch.startNs);
    exposed.set(rank, (exposed.get(rank) ?? 0) + Math.max(0, gap));
    busyUntil.set(rank, Math.max(until ?? end, end));
  }
  return exposed;
};
