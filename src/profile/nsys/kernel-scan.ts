// One pass over the kernel table of an export: groups, spans of streams, collective calls and the sweep of each rank.
// Keeps single kernels only where the caller attributes launches; ten million of them must not be held.
import type { Classify } from '../buckets.ts';
import { createGroupTable } from '../group-table.ts';
import type { GroupTable } from '../group-table.ts';
import type { Kernel, StreamSpan } from '../model.ts';
import { ascendingOrder } from '../order.ts';
import type { StepMarks } from '../ranges.ts';
import type { Database, Table, Want } from '../sqlite/table-source.ts';
import { COMMUNICATION, DUE, addInterval, createSweep } from '../timeline.ts';
import type { Sweep } from '../timeline.ts';
import type { CaptureClock } from './clock.ts';
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

/** Calls of collective kernels in order of arrival. */
export interface CollectiveRows {
  readonly rank: number[];
  readonly kernel: number[];
  readonly stream: number[];
  readonly start: number[];
  readonly duration: number[];
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
  const [groups, streams, feed] = [createGroupTable(), createStreamSpans(), createFeed(input.work)];
  const targets = createKernelTargets({ ranks, names, groups, streams, sweep: feed.sweep, steps });
  const sums: Sums = {
    targets,
    streams,
    feed,
    clock,
    inSteps: steps !== null,
    collectives: { rank: [], kernel: [], stream: [], start: [], duration: [] },
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
    const kept = addRows(sums, starts, ends, ids, correlations ?? NO_COLUMN, rows, groupOf);
    groups.addAll(groupOf, starts, ends, kept);
  });
  const { collectives, calls, kept, dropped, from, to } = sums;
  const sweep = sums.ordered && feed.drainAll() ? feed.sweep : sweepUnordered(input, table, targets);
  const spans = streams.finish();
  return { kernels: names.kernels, table: groups, streams: spans, collectives, calls, sweep, kept, dropped, from, to };
};

const wantsOf = (clock: CaptureClock, { fields, intern }: KernelTargets, withIds: boolean): Want[] => [
  { column: 'start', kind: 'number', origin: clock.origin },
  { column: 'end', kind: 'number', origin: clock.origin },
  { kind: 'tuple', fields, intern },
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

/**
 * Adds rows to all sums. Moves those that count to the front of `starts` and `ends`, with the group of each in `groupOf`, and
 * returns how many there are. One loop for all that is kept of a row: a loop for each sum took three times as long.
 */
const addRows = (
  sums: Sums,
  starts: Float64Array,
  ends: Float64Array,
  ids: Float64Array,
  correlations: Float64Array,
  rows: number,
  groupOf: Int32Array,
): number => {
  const { targets, streams, feed, clock, inSteps } = sums;
  let { numbers } = targets;
  let spans = streams.sums;
  let sweep = feed.sweep.sums;
  let { dropped, from, to, ordered } = sums;
  let kept = 0;
  for (let row = 0; row < rows; row++) {
    const start = starts[row] ?? NaN;
    const end = ends[row] ?? NaN;
    const id = ids[row] ?? 0;
    const base = id * TARGET.length;
    const group = numbers[base + TARGET.group] ?? OFF_DEVICE;
    if (!(end > start) || group === OFF_DEVICE) {
      dropped++;
      continue;
    }
    if (start < from) from = start;
    if (end > to) to = end;
    if (!(start >= clock.from) || start >= clock.to) continue;
    if (group === NOT_YET) {
      targets.settle(id);
      ({ numbers } = targets);
      spans = streams.sums;
      sweep = feed.sweep.sums;
    }
    groupOf[kept] = inSteps ? targets.groupAt(id, start) : (numbers[base + TARGET.group] ?? 0);
    starts[kept] = start;
    ends[kept] = end;
    kept++;
    addToSpan(spans, numbers[base + TARGET.span] ?? 0, start, end);
    const rank = numbers[base + TARGET.sweep] ?? 0;
    const kind = numbers[base + TARGET.kind] ?? 0;
    if (start >= (sweep[rank + DUE] ?? 0)) ordered = feed.drain(numbers[base + TARGET.rank] ?? 0, start) && ordered;
    ordered = addInterval(sweep, rank, kind, start, end) && ordered;
    if (kind === COMMUNICATION) keepCollective(sums, base, start, end);
    if (sums.calls !== null)
      keepCall(sums.calls, numbers[base + TARGET.rank] ?? 0, start, end, correlations[row] ?? NaN);
  }
  Object.assign(sums, { kept: sums.kept + kept, dropped, from, to, ordered });
  return kept;
};

const keepCollective = ({ collectives, targets }: Sums, base: number, start: number, end: number): void => {
  collectives.rank.push(targets.numbers[base + TARGET.rank] ?? 0);
  collectives.kernel.push(targets.numbers[base + TARGET.kernel] ?? 0);
  collectives.stream.push(targets.numbers[base + TARGET.stream] ?? 0);
  collectives.start.push(start);
  collectives.duration.push(end - start);
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
