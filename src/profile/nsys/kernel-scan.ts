// One pass over the kernel table of an export: groups, spans of streams, collective calls and the sweep of each rank.
// Keeps single kernels only where the caller attributes launches; ten million of them must not be held.
import type { Classify } from '../buckets.ts';
import { KEY, createGroupTable } from '../group-table.ts';
import type { GroupTable } from '../group-table.ts';
import type { Kernel, StreamSpan } from '../model.ts';
import { ascendingOrder } from '../order.ts';
import { stepAt } from '../ranges.ts';
import type { StepMarks } from '../ranges.ts';
import type { Database, Table, Want } from '../sqlite/table-source.ts';
import { COMMUNICATION, COMPUTE, createSweep } from '../timeline.ts';
import type { Sweep } from '../timeline.ts';
import type { CaptureClock } from './clock.ts';
import type { Intervals } from './device-work.ts';
import type { RankTable } from './identity.ts';
import { createKernelClasses } from './kernel-classes.ts';
import type { KernelClass, KernelClasses } from './kernel-classes.ts';
import { createKernelNames } from './kernel-names.ts';
import type { KernelNames } from './kernel-names.ts';
import { addToSpan, createStreamSpans } from './stream-spans.ts';
import type { GrowingSpan, StreamSpans } from './stream-spans.ts';
import type { Strings } from './strings.ts';
import { NSYS_TABLES, demandColumns, findTable } from './tables.ts';
import { createFeed } from './work-feed.ts';
import type { KernelBatch } from './work-feed.ts';

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

/**
 * What the rows of a class are added to. Worked out at its first row that counts, so that ranks and kernels without calls
 * stay out.
 */
interface Target {
  readonly from: KernelClass;
  readonly onDevice: boolean;
  rank: number;
  kernel: number;
  kind: number;
  span: GrowingSpan | null;
  marks: StepMarks | undefined;
  /** Group of the step type that a row was last in: the next row is mostly in the same. */
  stepType: number;
  group: number;
}

const NO_STEP = -1;
const NOT_YET = -2;

const newTarget = (from: KernelClass): Target => ({
  from,
  onDevice: from.onDevice,
  rank: NOT_YET,
  kernel: NOT_YET,
  kind: COMPUTE,
  span: null,
  marks: undefined,
  stepType: NOT_YET,
  group: NOT_YET,
});

/** Everything that a scan adds to. */
interface Sums {
  readonly input: KernelScanInput;
  readonly names: KernelNames;
  readonly groups: GroupTable;
  readonly streams: StreamSpans;
}

/** Null where the export has no kernel table: nothing ran on a GPU, or kernels were not recorded. */
export const scanKernels = (input: KernelScanInput): KernelScan | null => {
  const table = findTable(input.database, NSYS_TABLES.kernel);
  if (table === null) return null;
  demandColumns(input.database, table, ['start', 'end', 'shortName']);
  const names = createKernelNames(input.strings, input.classify);
  const sums: Sums = { input, names, groups: createGroupTable(), streams: createStreamSpans() };
  const { groups, streams } = sums;
  const collectives: CollectiveRows = { rank: [], kernel: [], start: [], duration: [] };
  const calls: KernelCalls | null = input.keepCalls ? { rank: [], start: [], end: [], correlation: [] } : null;
  const feed = createFeed(input.work);
  const classes = createKernelClasses(newTarget);
  const { clock } = input;
  let batch = newBatch(0);
  const seen = { kept: 0, dropped: 0, from: Infinity, to: -Infinity };
  input.database.scan(table, wantsOf(clock, classes, input.keepCalls), ([starts, ends, ids, correlations], count) => {
    if (batch.start.length < count) batch = newBatch(count);
    let { dropped, from, to } = seen;
    let kept = 0;
    for (let row = 0; row < count; row++) {
      const start = starts?.[row] ?? NaN;
      const end = ends?.[row] ?? NaN;
      const target = classes.all[ids?.[row] ?? -1];
      if (target === undefined || !(end > start) || !target.onDevice) {
        dropped++;
        continue;
      }
      if (start < from) from = start;
      if (end > to) to = end;
      if (!(start >= clock.from) || start >= clock.to) continue;
      const span = target.span ?? settle(sums, target);
      const { rank, kernel, kind, marks } = target;
      const stepType = marks === undefined ? NO_STEP : stepTypeAt(marks, start);
      if (stepType !== target.stepType) enterStep(sums, target, stepType);
      addToSpan(span, start, end);
      batch.group[kept] = target.group;
      batch.rank[kept] = rank;
      batch.kind[kept] = kind;
      batch.start[kept] = start;
      batch.end[kept] = end;
      kept++;
      if (kind === COMMUNICATION) {
        collectives.rank.push(rank);
        collectives.kernel.push(kernel);
        collectives.start.push(start);
        collectives.duration.push(end - start);
      }
      if (calls !== null) {
        calls.rank.push(rank);
        calls.start.push(start);
        calls.end.push(end);
        calls.correlation.push(correlations?.[row] ?? NaN);
      }
    }
    Object.assign(seen, { kept: seen.kept + kept, dropped, from, to });
    groups.addAll(batch.group, batch.start, batch.end, kept);
    feed.kernels(batch, kept);
  });
  const sweep = feed.finish() ?? sweepUnordered(input, table, classes);
  return {
    kernels: names.kernels,
    table: groups,
    streams: [...streams.spans],
    collectives,
    calls,
    sweep,
    ...seen,
  };
};

const wantsOf = (clock: CaptureClock, { fields, intern }: KernelClasses<Target>, withIds: boolean): Want[] => [
  { column: 'start', kind: 'number', origin: clock.origin },
  { column: 'end', kind: 'number', origin: clock.origin },
  { kind: 'tuple', fields, intern },
  ...(withIds ? [{ column: 'correlationId', kind: 'number' } as const] : []),
];

/** Rows that count, by column: each of the sums goes through them in a loop of its own. */
const newBatch = (rows: number): KernelBatch & { readonly group: Int32Array } => ({
  group: new Int32Array(rows),
  rank: new Int32Array(rows),
  kind: new Int32Array(rows),
  start: new Float64Array(rows),
  end: new Float64Array(rows),
});

const settle = ({ input, names, streams }: Sums, target: Target): GrowingSpan => {
  const { process, device, stream, demangled, short } = target.from;
  target.rank = input.ranks.indexOf(process, device);
  target.kernel = names.indexOf(demangled, short);
  target.kind = names.kernels[target.kernel]?.collective === true ? COMMUNICATION : COMPUTE;
  target.marks = input.steps?.get(process);
  return (target.span = streams.spanOf(target.rank, stream));
};

const enterStep = ({ groups }: Sums, target: Target, stepType: number): void => {
  const { key } = groups;
  key[KEY.kernel] = target.kernel;
  key[KEY.rank] = target.rank;
  key[KEY.stepType] = stepType;
  key.set(target.from.launch, KEY.registers);
  target.stepType = stepType;
  target.group = groups.groupOf();
};

const stepTypeAt = (marks: StepMarks, time: number): number => marks.type[stepAt(marks.startNs, time)] ?? NO_STEP;

/** The sweep once more, for a table whose rows are not in start order: reads the times alone and sorts them. */
const sweepUnordered = (input: KernelScanInput, table: Table, classes: KernelClasses<Target>): Sweep => {
  const { clock } = input;
  const all = { rank: [] as number[], kind: [] as number[], start: [] as number[], end: [] as number[] };
  input.database.scan(table, wantsOf(clock, classes, false), ([starts, ends, ids], count) => {
    for (let row = 0; row < count; row++) {
      const start = starts?.[row] ?? NaN;
      const end = ends?.[row] ?? NaN;
      const target = classes.all[ids?.[row] ?? -1];
      if (!target?.onDevice || !(end > start) || !(start >= clock.from) || start >= clock.to) continue;
      all.rank.push(target.rank);
      all.kind.push(target.kind);
      all.start.push(start);
      all.end.push(end);
    }
  });
  const order = ascendingOrder(Float64Array.from(all.start));
  const batch = newBatch(order.length);
  order.forEach((at, i) => {
    batch.rank[i] = all.rank[at] ?? 0;
    batch.kind[i] = all.kind[at] ?? COMPUTE;
    batch.start[i] = all.start[at] ?? 0;
    batch.end[i] = all.end[at] ?? 0;
  });
  const feed = createFeed(input.work);
  feed.kernels(batch, order.length);
  return feed.finish() ?? createSweep();
};
