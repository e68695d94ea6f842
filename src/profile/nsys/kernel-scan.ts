// One pass over the kernel table of an export: groups, spans of streams, collective calls and the sweep of each rank.
// Keeps single kernels only where the caller attributes launches; ten million of them must not be held.
import type { Classify } from '../buckets.ts';
import { KEY, createGroupTable } from '../group-table.ts';
import type { GroupTable } from '../group-table.ts';
import type { Kernel, StreamSpan } from '../model.ts';
import { ascendingOrder } from '../order.ts';
import { stepAt } from '../ranges.ts';
import type { StepMarks } from '../ranges.ts';
import type { Database, Table } from '../sqlite/table-source.ts';
import type { Want } from '../sqlite/table-source.ts';
import { COMMUNICATION, COMPUTE, createSweep } from '../timeline.ts';
import type { Sweep } from '../timeline.ts';
import type { CaptureClock } from './clock.ts';
import { NO_DEVICE } from './device-work.ts';
import type { Intervals } from './device-work.ts';
import type { RankTable } from './identity.ts';
import type { Strings } from './strings.ts';
import { NSYS_TABLES, demandColumns, findTable } from './tables.ts';

/** Single kernels in order of arrival. */
export interface KernelCalls {
  readonly rank: number[];
  readonly start: number[];
  readonly end: number[];
  readonly correlation: number[];
}

export interface KernelScanInput {
  readonly database: Database;
  readonly clock: CaptureClock;
  readonly ranks: RankTable;
  readonly strings: Strings;
  readonly classify: Classify;
  /** Copies, sets and graph replays, which keep the GPU busy too. */
  readonly work: Intervals;
  /** Steps by process, where there is more than one type of step. */
  readonly steps: ReadonlyMap<number, StepMarks> | null;
  readonly keepCalls: boolean;
}

export interface KernelScan {
  readonly kernels: Kernel[];
  readonly table: GroupTable;
  readonly streams: StreamSpan[];
  readonly collectives: { rank: number[]; kernel: number[]; start: number[]; duration: number[] };
  readonly calls: KernelCalls | null;
  readonly sweep: Sweep;
  readonly kept: number;
  readonly dropped: number;
  /** First start and last end of all kernels, inside the window or not. */
  readonly from: number;
  readonly to: number;
}

const COLUMNS = [
  'registersPerThread',
  'gridX',
  'gridY',
  'gridZ',
  'blockX',
  'blockY',
  'blockZ',
  'staticSharedMemory',
  'dynamicSharedMemory',
];

const LAUNCH = COLUMNS.length;

/** Launch configurations as they are met: -1 for an unknown number, one after another. */
const createLaunches = () => {
  const known = new Map<string, number>();
  const numbers: number[] = [];
  const intern = (values: Float64Array): number => {
    const text = values.join();
    const found = known.get(text);
    if (found !== undefined) return found;
    known.set(text, numbers.length);
    for (const value of values) numbers.push(value >= 0 ? value : -1);
    return numbers.length - LAUNCH;
  };
  return { intern, numbers };
};

const wantsOf = (clock: CaptureClock, keepCalls: boolean, intern: (values: Float64Array) => number): Want[] => [
  { column: 'start', kind: 'number', origin: clock.origin },
  { column: 'end', kind: 'number', origin: clock.origin },
  { column: 'deviceId', kind: 'number' },
  { column: 'globalPid', kind: 'high40' },
  { column: 'streamId', kind: 'number' },
  { column: 'demangledName', kind: 'number' },
  { column: 'shortName', kind: 'number' },
  { column: COLUMNS[0] ?? '', kind: 'tuple', columns: COLUMNS, intern },
  ...(keepCalls ? [{ column: 'correlationId', kind: 'number' } as const] : []),
];

/** Null where the export has no kernel table: nothing ran on a GPU, or kernels were not recorded. */
export const scanKernels = (input: KernelScanInput): KernelScan | null => {
  const table = findTable(input.database, NSYS_TABLES.kernel);
  if (table === null) return null;
  demandColumns(input.database, table, ['start', 'end', 'shortName']);
  const names = createKernelNames(input.strings, input.classify);
  const groups = createGroupTable();
  const streams = createStreams();
  const collectives = { rank: [] as number[], kernel: [] as number[], start: [] as number[], duration: [] as number[] };
  const calls: KernelCalls | null = input.keepCalls ? { rank: [], start: [], end: [], correlation: [] } : null;
  const feed = createFeed(input.work);
  const launches = createLaunches();
  const { clock, ranks, steps } = input;
  const recent: (RecentGroup | undefined)[] = [];
  let [kept, dropped, from, to] = [0, 0, Infinity, -Infinity];
  input.database.scan(table, wantsOf(clock, input.keepCalls, launches.intern), (columns, count) => {
    const [starts, ends, devices, pids, streamIds, demangled, shorts] = columns;
    const [launchIds, ids] = columns.slice(7);
    for (let row = 0; row < count; row++) {
      const start = starts?.[row] ?? NaN;
      const end = ends?.[row] ?? NaN;
      const device = devices?.[row] ?? NaN;
      if (!(end > start) || device === NO_DEVICE) {
        dropped++;
        continue;
      }
      if (start < from) from = start;
      if (end > to) to = end;
      if (!(start >= clock.from) || start >= clock.to) continue;
      kept++;
      const pid = pids?.[row] ?? NaN;
      const rank = ranks.indexOf(pid, device >= 0 ? device : 0);
      const kernel = names.indexOf(demangled?.[row] ?? NaN, shorts?.[row] ?? NaN);
      const stepType = steps === null ? -1 : stepTypeAt(steps.get(pid), start);
      const launch = launchIds?.[row] ?? -1;
      const slot = kernel * RANK_SLOTS + (rank % RANK_SLOTS);
      let last = recent[slot];
      if (last === undefined || last.rank !== rank || last.launch !== launch || last.stepType !== stepType) {
        fillKey(groups.key, kernel, rank, stepType, launch, launches.numbers);
        last = { rank, launch, stepType, group: groups.groupOf() };
        recent[slot] = last;
      }
      groups.addTo(last.group, start, end - start);
      streams.add(rank, streamIds?.[row] ?? NaN, start, end);
      const collective = names.isCollective(kernel);
      feed.kernel(rank, collective ? COMMUNICATION : COMPUTE, start, end);
      if (collective) {
        collectives.rank.push(rank);
        collectives.kernel.push(kernel);
        collectives.start.push(start);
        collectives.duration.push(end - start);
      }
      if (calls !== null) {
        calls.rank.push(rank);
        calls.start.push(start);
        calls.end.push(end);
        calls.correlation.push(ids?.[row] ?? NaN);
      }
    }
  });
  const sweep = feed.finish() ?? sweepUnordered(input, table, names);
  return {
    kernels: names.kernels,
    table: groups,
    streams: streams.spans(),
    collectives,
    calls,
    sweep,
    kept,
    dropped,
    from,
    to,
  };
};

/** The group that a kernel last went to on a rank: the next call mostly goes to the same one. */
interface RecentGroup {
  readonly rank: number;
  readonly launch: number;
  readonly stepType: number;
  readonly group: number;
}

const RANK_SLOTS = 16;

const fillKey = (
  key: Int32Array,
  kernel: number,
  rank: number,
  stepType: number,
  launch: number,
  numbers: readonly number[],
): void => {
  key[KEY.kernel] = kernel;
  key[KEY.rank] = rank;
  key[KEY.stepType] = stepType;
  for (let i = 0; i < LAUNCH; i++) key[KEY.registers + i] = launch < 0 ? -1 : (numbers[launch + i] ?? -1);
};

const stepTypeAt = (marks: StepMarks | undefined, time: number): number =>
  marks === undefined ? -1 : (marks.type[stepAt(marks.startNs, time)] ?? -1);

interface KernelNames {
  readonly kernels: Kernel[];
  readonly indexOf: (demangled: number, short: number) => number;
  readonly isCollective: (kernel: number) => boolean;
}

/** Kernels by string id. Equal texts under two ids are one kernel; a missing demangled name falls back to the short one. */
const createKernelNames = (strings: Strings, classify: Classify): KernelNames => {
  const kernels: Kernel[] = [];
  const byText = new Map<string, number>();
  const byId = new Map<number, number>();
  const collective: boolean[] = [];
  const register = (demangled: number, short: number): number => {
    const shortName = strings(short);
    const name = strings(demangled) ?? shortName ?? '(unnamed kernel)';
    const known = byText.get(name);
    if (known !== undefined) return known;
    const classified = classify(name);
    byText.set(name, kernels.length);
    collective.push(classified.bucket === 'collective');
    const isCollective = classified.bucket === 'collective';
    return kernels.push({ name, shortName: shortName ?? name, ...classified, collective: isCollective }) - 1;
  };
  const indexOf = (demangled: number, short: number): number => {
    const known = byId.get(demangled);
    if (known !== undefined) return known;
    const id = strings(demangled) === null ? -1 - short : demangled;
    const byShort = byId.get(id);
    if (byShort !== undefined) return byShort;
    const index = register(demangled, short);
    byId.set(id, index);
    return index;
  };
  return { kernels, indexOf, isCollective: (kernel) => collective[kernel] === true };
};

const createStreams = () => {
  const spans = new Map<number, { -readonly [K in keyof StreamSpan]: StreamSpan[K] }>();
  const latest: { -readonly [K in keyof StreamSpan]: StreamSpan[K] }[] = [];
  const add = (rank: number, streamId: number, start: number, end: number): void => {
    const stream = streamId >= 0 ? streamId : 0;
    let span = latest[rank];
    if (span?.stream !== stream) {
      const key = rank * 2 ** 32 + stream;
      span = spans.get(key) ?? { rank, stream, kernels: 0, totalNs: 0, firstNs: start, lastNs: end };
      spans.set(key, span);
      latest[rank] = span;
    }
    span.kernels++;
    span.totalNs += end - start;
    if (start < span.firstNs) span.firstNs = start;
    if (end > span.lastNs) span.lastNs = end;
  };
  return { add, spans: (): StreamSpan[] => [...spans.values()] };
};

/** Merges kernels in start order with the other work of their rank. */
const createFeed = (work: Intervals) => {
  const sweep = createSweep();
  const queues = queuesByRank(work);
  let ordered = true;
  const drain = (rank: number, until: number): void => {
    const queue = queues.get(rank);
    if (queue === undefined) return;
    for (; queue.next < queue.order.length; queue.next++) {
      const at = queue.order[queue.next] ?? 0;
      const start = work.start[at] ?? 0;
      if (start > until) return;
      ordered = sweep.add(rank, work.kind[at] ?? COMPUTE, start, work.end[at] ?? start) && ordered;
    }
  };
  const kernel = (rank: number, kind: number, start: number, end: number): void => {
    if (!ordered) return;
    drain(rank, start);
    ordered = sweep.add(rank, kind, start, end) && ordered;
  };
  const finish = (): Sweep | null => {
    if (ordered) for (const rank of queues.keys()) drain(rank, Infinity);
    return ordered ? sweep : null;
  };
  return { kernel, finish };
};

const queuesByRank = (work: Intervals): Map<number, { order: number[]; next: number }> => {
  const queues = new Map<number, { order: number[]; next: number }>();
  for (const at of ascendingOrder(Float64Array.from(work.start))) {
    const rank = work.rank[at] ?? 0;
    const queue = queues.get(rank);
    if (queue === undefined) queues.set(rank, { order: [at], next: 0 });
    else queue.order.push(at);
  }
  return queues;
};

/** The sweep once more, for a table whose rows are not in start order: reads the times alone and sorts them. */
const sweepUnordered = (input: KernelScanInput, table: Table, names: KernelNames): Sweep => {
  const { clock, ranks } = input;
  const all = { rank: [] as number[], kind: [] as number[], start: [] as number[], end: [] as number[] };
  input.database.scan(table, wantsOf(clock, false, () => 0).slice(0, 7), (columns, count) => {
    const [starts, ends, devices, pids, , demangled, shorts] = columns;
    for (let row = 0; row < count; row++) {
      const start = starts?.[row] ?? NaN;
      const end = ends?.[row] ?? NaN;
      const device = devices?.[row] ?? NaN;
      if (!(end > start) || device === NO_DEVICE || !(start >= clock.from) || start >= clock.to) continue;
      const kernel = names.indexOf(demangled?.[row] ?? NaN, shorts?.[row] ?? NaN);
      all.rank.push(ranks.indexOf(pids?.[row] ?? NaN, device >= 0 ? device : 0));
      all.kind.push(names.isCollective(kernel) ? COMMUNICATION : COMPUTE);
      all.start.push(start);
      all.end.push(end);
    }
  });
  const feed = createFeed(input.work);
  for (const at of ascendingOrder(Float64Array.from(all.start))) {
    feed.kernel(all.rank[at] ?? 0, all.kind[at] ?? COMPUTE, all.start[at] ?? 0, all.end[at] ?? 0);
  }
  return feed.finish() ?? createSweep();
};
