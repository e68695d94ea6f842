// One pass over the kernel table of an export: groups, spans of streams, collective calls and the sweep of each rank.
// Keeps single kernels only where the caller attributes launches; ten million of them must not be held.
import type { Classify } from '../kernels/classify.ts';
import { createGroupTable } from '../kernels/group-table.ts';
import type { GroupTable } from '../kernels/group-table.ts';
import type { Kernel, StreamSpan } from '../model/profile-side.ts';
import { ascendingOrder } from '../model/ascending-order.ts';
import type { StepMarks } from '../model/ranges.ts';
import type { Database, Table, Want } from '../../sqlite/table-source.ts';
import { COMMUNICATION, COMPUTE, DUE, addBusy, addInterval, addKernel, createSweep } from '../model/timeline.ts';
import type { Sweep } from '../model/timeline.ts';
import type { CaptureClock } from './clock.ts';
import { addCollective, createCollectiveRows } from './collective-rows.ts';
import type { CollectiveRows } from './collective-rows.ts';
import type { Intervals } from './device-work.ts';
import type { RankTable } from './identity.ts';
import { createKernelNames } from './kernel-names.ts';
import { NOT_YET, OFF_DEVICE, TARGET, createKernelTargets } from './kernel-targets.ts';
import type { KernelTargets } from './kernel-targets.ts';
import { addToSpan, createStreamSpans } from './stream-spans.ts';
import type { StreamSpans } from './stream-spans.ts';
import type { Strings } from './strings.ts';
import { NSYS_TABLES, demandColumns, findTable } from './tables.ts';
import { createFeed } from './work-feed.ts';
import type { WorkFeed } from './work-feed.ts';

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
  /** Copies, memsets and graph replays, which keep the GPU busy too. */
  readonly work: Intervals;
  /** Steps by process, where there is more than one type of step. */
  readonly steps: ReadonlyMap<number, StepMarks> | null;
  readonly keepCalls: boolean;
}

export interface KernelScan {
  readonly kernels: Kernel[];
  readonly table: GroupTable;
  readonly streams: StreamSpan[];
  readonly collectives: CollectiveRows;
  readonly calls: KernelCalls | null;
  readonly sweep: Sweep;
  readonly kept: number;
  readonly dropped: number;
  /** First start and last end of all kernels, inside the window or not. */
  readonly from: number;
  readonly to: number;
}

/** Null where the export has no kernel table: nothing ran on a GPU, or kernels were not recorded. */
export const scanKernels = (input: KernelScanInput): KernelScan | null => {
  const { database, clock, ranks, steps } = input;
  const table = findTable(database, NSYS_TABLES.kernel);
  if (table === null) return null;
  demandColumns(database, table, ['start', 'end', 'shortName']);
  const names = createKernelNames(input.strings, input.classify);
  const [groups, streams, feed] = [
    createGroupTable(database.estimate(table)),
    createStreamSpans(),
    createFeed(input.work),
  ];
  const targets = createKernelTargets({ ranks, names, groups, streams, sweep: feed.sweep, steps });
  const sums: Sums = {
    targets,
    streams,
    feed,
    clock,
    inSteps: steps !== null,
    collectives: createCollectiveRows(),
    calls: input.keepCalls ? { rank: [], start: [], end: [], correlation: [] } : null,
    kept: 0,
    dropped: 0,
    from: Infinity,
    to: -Infinity,
    ordered: true,
  };
  let groupOf = new Int32Array(0);
  database.scan(table, wantsOf(clock, targets, input.keepCalls), ([starts, ends, ids, correlations], rows) => {
    if (starts === undefined || ends === undefined || ids === undefined) return;
    if (groupOf.length < rows) groupOf = new Int32Array(rows);
    const batch = { starts, ends, ids, correlations: correlations ?? NO_COLUMN, groupOf, rows, kept: 0 };
    addRows(sums, batch);
    groups.addAll(groupOf, starts, ends, batch.kept);
  });
  const { collectives, calls, kept, dropped, from, to } = sums;
  const sweep = sums.ordered && feed.drainAll() ? feed.sweep : sweepUnordered(input, table, targets);
  const spans = streams.finish();
  return { kernels: names.kernels, table: groups, streams: spans, collectives, calls, sweep, kept, dropped, from, to };
};

const wantsOf = (clock: CaptureClock, { fields, sequence, intern }: KernelTargets, withIds: boolean): Want[] => [
  { column: 'start', kind: 'number', origin: clock.origin },
  { column: 'end', kind: 'number', origin: clock.origin },
  { kind: 'tuple', fields, sequence, intern },
  ...(withIds ? [{ column: 'correlationId', kind: 'number' } as const] : []),
];

const NO_COLUMN = new Float64Array(0);

/** Everything that a scan adds to, but for the groups. */
interface Sums {
  readonly targets: KernelTargets;
  readonly streams: StreamSpans;
  readonly feed: WorkFeed;
  readonly clock: CaptureClock;
  readonly inSteps: boolean;
  readonly collectives: CollectiveRows;
  readonly calls: KernelCalls | null;
  kept: number;
  dropped: number;
  from: number;
  to: number;
  /** False once a kernel started before one that came earlier: the sweep is void then. */
  ordered: boolean;
}

/** Rows as they come off the scan. Those that count move to the front, with the group of each in `groupOf`. */
interface Batch {
  readonly starts: Float64Array;
  readonly ends: Float64Array;
  readonly ids: Float64Array;
  readonly correlations: Float64Array;
  readonly groupOf: Int32Array;
  readonly rows: number;
  kept: number;
}

const addRows = (sums: Sums, batch: Batch): void => {
  const all = sums.inSteps || sums.calls !== null;
  for (let row = 0; row < batch.rows; row++) {
    if (!all) row = addUsual(sums, batch, row);
    if (row < batch.rows) addRow(sums, batch, row);
  }
  sums.kept += batch.kept;
};

/**
 * Adds rows from `first` on for as long as they are calls of compute kernels that need nothing but adding up; returns the
 * first that does. Must call nothing that is not inlined: the arrays are at hand over the whole loop then.
 */
const addUsual = (sums: Sums, batch: Batch, first: number): number => {
  const { starts, ends, ids, groupOf, rows } = batch;
  const { numbers } = sums.targets;
  const spans = sums.streams.sums;
  const sweep = sums.feed.sweep.sums;
  const { from: opens, to: closes } = sums.clock;
  let { from, to } = sums;
  let { kept } = batch;
  let row = first;
  for (; row < rows; row++) {
    const start = starts[row] ?? NaN;
    const end = ends[row] ?? NaN;
    const base = (ids[row] ?? 0) * TARGET.length;
    const group = numbers[base + TARGET.group] ?? NOT_YET;
    const rank = numbers[base + TARGET.sweep] ?? 0;
    if (group < 0 || numbers[base + TARGET.kind] !== COMPUTE) break;
    if (!(end > start) || !(start >= opens) || start >= closes || start >= (sweep[rank + DUE] ?? 0)) break;
    if (!addBusy(sweep, rank, start, end)) break;
    addKernel(sweep, rank, COMPUTE, start, end);
    addToSpan(spans, numbers[base + TARGET.span] ?? 0, start, end);
    if (start < from) from = start;
    if (end > to) to = end;
    groupOf[kept] = group;
    starts[kept] = start;
    ends[kept] = end;
    kept++;
  }
  sums.from = from;
  sums.to = to;
  batch.kept = kept;
  return row;
};

/** Adds any row. */
const addRow = (sums: Sums, batch: Batch, row: number): void => {
  const { targets, feed, clock, calls } = sums;
  const start = batch.starts[row] ?? NaN;
  const end = batch.ends[row] ?? NaN;
  const id = batch.ids[row] ?? 0;
  const base = id * TARGET.length;
  const group = targets.numbers[base + TARGET.group] ?? OFF_DEVICE;
  if (!(end > start) || group === OFF_DEVICE) {
    sums.dropped++;
    return;
  }
  sums.from = Math.min(sums.from, start);
  sums.to = Math.max(sums.to, end);
  if (!(start >= clock.from) || start >= clock.to) return;
  if (group === NOT_YET) targets.settle(id);
  const { numbers } = targets;
  batch.groupOf[batch.kept] = sums.inSteps ? targets.groupAt(id, start) : (numbers[base + TARGET.group] ?? 0);
  batch.starts[batch.kept] = start;
  batch.ends[batch.kept] = end;
  batch.kept++;
  addToSpan(sums.streams.sums, numbers[base + TARGET.span] ?? 0, start, end);
  const at = numbers[base + TARGET.sweep] ?? 0;
  const kind = numbers[base + TARGET.kind] ?? 0;
  const rank = numbers[base + TARGET.rank] ?? 0;
  if (start >= (feed.sweep.sums[at + DUE] ?? 0)) sums.ordered = feed.drain(rank, start) && sums.ordered;
  sums.ordered = addInterval(feed.sweep.sums, at, kind, start, end) && sums.ordered;
  if (kind === COMMUNICATION) keepCollective(sums, base, start, end);
  if (calls !== null) keepCall(calls, rank, start, end, batch.correlations[row] ?? NaN);
};

const keepCollective = ({ collectives, targets }: Sums, base: number, start: number, end: number): void => {
  const { numbers } = targets;
  const rank = numbers[base + TARGET.rank] ?? 0;
  const kernel = numbers[base + TARGET.kernel] ?? 0;
  addCollective(collectives, rank, kernel, numbers[base + TARGET.stream] ?? 0, start, end - start);
};

const keepCall = (calls: KernelCalls, rank: number, start: number, end: number, correlation: number): void => {
  calls.rank.push(rank);
  calls.start.push(start);
  calls.end.push(end);
  calls.correlation.push(correlation);
};

/** The sweep once more, for a table whose rows are not in start order: reads the times alone and sorts them. */
const sweepUnordered = ({ database, clock, work }: KernelScanInput, table: Table, targets: KernelTargets): Sweep => {
  const all = { id: [] as number[], start: [] as number[], end: [] as number[] };
  database.scan(table, wantsOf(clock, targets, false), ([starts, ends, ids], rows) => {
    for (let row = 0; row < rows; row++) {
      const start = starts?.[row] ?? NaN;
      const end = ends?.[row] ?? NaN;
      const id = ids?.[row] ?? 0;
      const onDevice = targets.numbers[id * TARGET.length + TARGET.group] !== OFF_DEVICE;
      if (!onDevice || !(end > start) || !(start >= clock.from) || start >= clock.to) continue;
      all.id.push(id);
      all.start.push(start);
      all.end.push(end);
    }
  });
  const feed = createFeed(work);
  let ordered = true;
  for (const at of ascendingOrder(Float64Array.from(all.start))) {
    const base = (all.id[at] ?? 0) * TARGET.length;
    const rank = targets.numbers[base + TARGET.rank] ?? 0;
    const start = all.start[at] ?? 0;
    ordered = feed.drain(rank, start) && ordered;
    ordered = feed.sweep.add(rank, targets.numbers[base + TARGET.kind] ?? 0, start, all.end[at] ?? start) && ordered;
  }
  return ordered && feed.drainAll() ? feed.sweep : createSweep();
};
