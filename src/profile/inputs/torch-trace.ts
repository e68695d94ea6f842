// Turns a trace of the torch profiler (Kineto, NVIDIA or AMD) into a profile. Times in the file are microseconds whatever
// its display unit says. Host operators and Python frames are skipped: they are most of the file and no kernel needs them.
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import type { Classify } from '../kernels/classify.ts';
import { KEY, createGroupTable } from '../kernels/group-table.ts';
import type { CollectiveCalls, Copies, ProfileSide, Rank, Memsets, Step } from '../model/profile-side.ts';
import type { CaptureWindow } from '../model/capture-window.ts';
import { ascendingOrder } from '../model/ascending-order.ts';
import { inRankOrder } from '../model/rank-order.ts';
import { rangeName, stepRank, stepTypeName } from '../model/range-names.ts';
import { stepAt, sumRanges } from '../model/ranges.ts';
import type { Launch, RangeTrack } from '../model/ranges.ts';
import { COMMUNICATION, COMPUTE, createSweep } from '../model/timeline.ts';
import { NO_LAUNCH, addEvent, numberIn, openTrace } from './torch-collect.ts';
import { WANTED, eventOf } from './torch-event.ts';
import { cutTrace } from './torch-work.ts';
import type { CopyCall, Trace, Work } from './torch-work.ts';
import { EMPTY_SIDE, NO_FACTS } from './side-parts.ts';
import { readTraceEvents } from './trace-events.ts';
import type { TraceText } from './trace-events.ts';

export interface TorchReadOptions {
  readonly classify: Classify;
  readonly stepMarker: string | null;
  /** Seconds from the first event that is kept; what starts in it counts. */
  readonly window: CaptureWindow | null;
  readonly signal?: AbortSignal;
}

/** Reads `.json` or `.json.gz`. Faults: those of `readTraceEvents`. */
export const readTorchTrace = async (path: string, options: TorchReadOptions): Promise<ProfileSide> => {
  const { classify, stepMarker, window, signal } = options;
  const trace = openTrace(classify, stepMarker, window !== null);
  const text = await readTraceEvents(
    path,
    (category) => WANTED.has(category),
    (value) => {
      const event = eventOf(value);
      if (event !== null) addEvent(trace, event);
    },
    signal,
  );
  return inRankOrder(await finish(path, window === null ? trace : cutTrace(trace, window, path), text));
};

const finish = async (path: string, trace: Trace, text: TraceText): Promise<ProfileSide> => {
  const { work } = trace;
  const devices = [...new Set(work.device)].sort((a, b) => a - b);
  const rankOf = new Map(devices.map((device, rank) => [device, rank]));
  const order = ascendingOrder(Float64Array.from(work.start));
  const { steps, stepTypes } = stepsOf(trace, rankOf);
  const launches = launchesOf(trace);
  const table = groupsOf(trace, order, rankOf, steps, stepTypes.length > 1);
  const exposed = exposedByRank(trace, order, rankOf, launches);
  const facts = await factsOf(path, trace, text, launches);
  return {
    ...EMPTY_SIDE,
    format: 'torch-trace',
    sources: [path],
    ranks: ranksOf(devices, text),
    kernels: trace.kernels,
    stepTypes,
    ...table,
    copies: summedCopies(trace.copies, rankOf),
    memsets: summedMemsets(trace.memsets, rankOf),
    apis: [...trace.apis].map(([name, sum]) => ({ name, ...sum })),
    ranges: sumRanges(
      rangeSet(trace),
      launches.filter((launch): launch is Launch => launch !== null),
    ),
    timelines: sweepOf(work, order, rankOf).finish((rank) => exposed.get(rank) ?? null),
    collectives: collectivesOf(trace, order, rankOf),
    steps,
    facts,
  };
};

const groupsOf = (
  trace: Trace,
  order: Uint32Array,
  rankOf: ReadonlyMap<number, number>,
  steps: readonly Step[],
  typed: boolean,
): ReturnType<ReturnType<typeof createGroupTable>['finish']> => {
  const { work } = trace;
  const table = createGroupTable();
  const marks = [...rankOf.values()].map((rank) => {
    const own = typed ? steps.filter((step) => step.rank === rank) : [];
    return { starts: own.map((step) => step.startNs), types: own.map((step) => step.type) };
  });
  for (const at of order) {
    const kernel = work.kernel[at] ?? -1;
    if (kernel < 0) continue;
    const rank = rankOf.get(work.device[at] ?? 0) ?? 0;
    const start = work.start[at] ?? 0;
    const own = marks[rank];
    table.key[KEY.kernel] = kernel;
    table.key[KEY.rank] = rank;
    table.key[KEY.stepType] = own?.types[stepAt(own.starts, start)] ?? -1;
    (work.launch[work.launchOf[at] ?? 0] ?? NO_LAUNCH).forEach((value, index) => {
      table.key[KEY.registers + index] = value;
    });
    table.add(start, work.duration[at] ?? 0);
  }
  return table.finish();
};

const sweepOf = (work: Work, order: Uint32Array, rankOf: ReadonlyMap<number, number>) => {
  const sweep = createSweep();
  for (const at of order) {
    const start = work.start[at] ?? 0;
    sweep.add(rankOf.get(work.device[at] ?? 0) ?? 0, work.kind[at] ?? COMPUTE, start, start + (work.duration[at] ?? 0));
  }
  return sweep;
};

const launchesOf = ({ work, calls }: Trace): (Launch | null)[] =>
  work.start.map((_, at) => {
    const call = (work.kernel[at] ?? -1) < 0 ? undefined : calls.get(work.correlation[at] ?? NaN);
    if (call === undefined) return null;
    return { thread: call.thread, startNs: call.start, endNs: call.end, kernelNs: work.duration[at] ?? 0 };
  });

const exposedByRank = (
  { work }: Trace,
  order: Uint32Array,
  rankOf: ReadonlyMap<number, number>,
  launches: readonly (Launch | null)[],
): Map<number, number> => {
  const until = new Map<number, number>();
  const exposed = new Map<number, number>();
  if (launches.every((launch) => launch === null)) return exposed;
  for (const at of order) {
    if ((work.kernel[at] ?? -1) < 0) continue;
    const rank = rankOf.get(work.device[at] ?? 0) ?? 0;
    const start = work.start[at] ?? 0;
    const [busy, launch] = [until.get(rank), launches[at] ?? null];
    const gap =
      busy === undefined || launch === null ? 0 : Math.min(start, launch.endNs) - Math.max(busy, launch.startNs);
    exposed.set(rank, (exposed.get(rank) ?? 0) + Math.max(0, gap));
    until.set(rank, Math.max(busy ?? 0, start + (work.duration[at] ?? 0)));
  }
  return exposed;
};

const collectivesOf = (trace: Trace, order: Uint32Array, rankOf: ReadonlyMap<number, number>): CollectiveCalls => {
  const { work } = trace;
  const own = Array.from(order).filter((at) => work.kind[at] === COMMUNICATION);
  return {
    rank: Uint16Array.from(own, (at) => rankOf.get(work.device[at] ?? 0) ?? 0),
    kernel: Uint32Array.from(own, (at) => work.kernel[at] ?? 0),
    startNs: Float64Array.from(own, (at) => work.start[at] ?? 0),
    durationNs: Float64Array.from(own, (at) => work.duration[at] ?? 0),
    stream: Uint32Array.from(own, (at) => work.stream[at] ?? 0),
    communicator: Int32Array.from(own, (at) => work.communicator[at] ?? -1),
    communicators: [...trace.communicators.keys()],
  };
};

/** Markers on the GPU's own track bound its work exactly; without them those of the host count for every device. */
const stepsOf = (trace: Trace, rankOf: ReadonlyMap<number, number>): { steps: Step[]; stepTypes: string[] } => {
  const marks = trace.annotations.flatMap((mark) => {
    const rank = stepRank(mark.name, trace.stepMarker);
    return rank === null ? [] : [{ ...mark, worth: rank }];
  });
  const best = Math.min(...marks.map((mark) => mark.worth));
  const chosen = marks.filter((mark) => mark.worth === best);
  const onDevice = chosen.filter((mark) => mark.device !== null);
  const types: string[] = [];
  const steps = [...rankOf].flatMap(([device, rank]) => {
    const own = onDevice.some((mark) => mark.device === device)
      ? onDevice.filter((mark) => mark.device === device)
      : chosen.filter((mark) => mark.device === null);
    own.sort((a, b) => a.start - b.start);
    return own.map((mark, i): Step => {
      const type = indexOfType(types, stepTypeName(mark.name));
      return { rank, type, startNs: mark.start, endNs: own[i + 1]?.start ?? mark.end };
    });
  });
  return { steps, stepTypes: types };
};

const indexOfType = (types: string[], type: string): number => {
  const known = types.indexOf(type);
  return known >= 0 ? known : types.push(type) - 1;
};

const rangeSet = ({ annotations }: Trace) => {
  const names = new Map<string, number>();
  const tracks = new Map<number, RangeTrack>();
  for (const mark of annotations) {
    if (mark.device !== null) continue;
    const track = tracks.get(mark.thread) ?? {
      process: 0,
      thread: mark.thread,
      domain: 0,
      start: [],
      end: [],
      name: [],
    };
    tracks.set(mark.thread, track);
    track.start.push(mark.start);
    track.end.push(mark.end);
    track.name.push(numberIn(names, rangeName(mark.name)));
  }
  return { names: [...names.keys()], tracks: [...tracks.values()] };
};

const summedCopies = (copies: readonly CopyCall[], rankOf: ReadonlyMap<number, number>): Copies[] => {
  const sums = new Map<string, Copies>();
  for (const copy of copies) {
    const rank = rankOf.get(copy.rank) ?? 0;
    const { kind } = copy;
    const key = `${rank} ${kind}`;
    const sum = sums.get(key);
    sums.set(
      key,
      sum === undefined
        ? { rank, kind, count: copy.count, bytes: copy.bytes, totalNs: copy.totalNs, maxNs: copy.maxNs }
        : {
            ...sum,
            count: sum.count + 1,
            bytes: sum.bytes + copy.bytes,
            totalNs: sum.totalNs + copy.totalNs,
            maxNs: Math.max(sum.maxNs, copy.totalNs),
          },
    );
  }
  return [...sums.values()];
};

const summedMemsets = (memsets: readonly Memsets[], rankOf: ReadonlyMap<number, number>): Memsets[] =>
  [...rankOf].flatMap(([device, rank]) => {
    const own = memsets.filter((memset) => memset.rank === device);
    if (own.length === 0) return [];
    const sum = (pick: (memset: Memsets) => number): number => own.reduce((total, memset) => total + pick(memset), 0);
    return [
      { rank, count: own.length, bytes: sum((memset) => memset.bytes), totalNs: sum((memset) => memset.totalNs) },
    ];
  });

/** A trace is of one process; where it names its rank, that is the label. */
const ranksOf = (devices: readonly number[], { head, tail }: TraceText): Rank[] => {
  const said =
    /"distributedInfo"\s*:\s*\{[^}]*?"rank"\s*:\s*(\d+)/.exec(head) ??
    /"distributedInfo"\s*:\s*\{[^}]*?"rank"\s*:\s*(\d+)/.exec(tail);
  const names = new Map(
    [...head.matchAll(/"id"\s*:\s*(\d+)\s*,\s*"name"\s*:\s*"([^"]*)"/g)].map((match) => [
      Number(match[1]),
      match[2] ?? '',
    ]),
  );
  return devices.map((device) => ({
    label: said === null || devices.length > 1 ? '' : `rank ${said[1]}`,
    host: null,
    pid: null,
    device,
    gpuUuid: null,
    gpuName: names.get(device) ?? null,
  }));
};

/** Newer traces count from `baseTimeNanoseconds`, older ones from 1970. */
const factsOf = async (
  path: string,
  trace: Trace,
  text: TraceText,
  launches: readonly (Launch | null)[],
): Promise<ProfileSide['facts']> => {
  const base = /"baseTimeNanoseconds"\s*:\s*(\d+)/.exec(`${text.head}${text.tail}`)?.[1];
  const originUs = trace.originUs;
  const originNs = originUs === null ? 0n : BigInt(Math.round(originUs * 1000));
  const { work } = trace;
  const kernels = work.kernel.filter((kernel) => kernel >= 0).length;
  const found = launches.filter((launch) => launch !== null).length;
  const hash = createHash('sha256').update(`${originNs} ${kernels}`);
  for (const times of [work.start, work.duration]) hash.update(Float64Array.from(times));
  return {
    ...NO_FACTS,
    originNs: originNs.toString(),
    utcAnchorNs: originUs === null ? null : (originNs + BigInt(base ?? 0)).toString(),
    fileBytes: (await stat(path)).size,
    launches: { found, missing: kernels - found },
    contentId: hash.digest('hex'),
    hasCalls: true,
    hasTimeline: true,
    warnings: kernels === 0 ? ['the trace holds no kernels: record with CUDA activities'] : [],
  };
};
