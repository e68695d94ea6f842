// Puts files of one run (one per rank or node) together as one profile: clocks aligned by UTC, or by matched collectives,
// with the error of the alignment stated. Pure.
import { formatFixed } from '../../render/numbers.ts';
import type { CollectiveCalls, Kernel, KernelGroup, LaunchConfig, ProfileSide, Rank } from './profile-side.ts';
import { ascendingOrder } from './ascending-order.ts';

/** One profile from several files of the same run. */
export const mergeSides = (sides: readonly ProfileSide[]): ProfileSide => {
  const [first, ...others] = sides;
  if (first === undefined) throw new RangeError('nothing to merge');
  if (others.length === 0) return first;
  const shifts = shiftsOf(sides);
  const index = createIndex();
  const parts = sides.map((side, at) => rebased(side, shifts[at]?.ns ?? 0, index));
  // What a file's collectives show alone does not hold for the run: their partners are in the other files.
  const { matched: _, ...own } = first;
  return {
    ...own,
    sources: sides.flatMap((side) => side.sources),
    ranks: labelled(sides.flatMap((side) => side.ranks)),
    kernels: index.kernels,
    configs: index.configs,
    stepTypes: index.stepTypes,
    groups: parts.flatMap((part) => part.groups),
    durations: joined(sides.map((side) => side.durations)),
    copies: parts.flatMap((part) => part.copies),
    memsets: parts.flatMap((part) => part.memsets),
    waits: sides.flatMap((side) => side.waits),
    apis: sides.flatMap((side) => side.apis),
    ranges: sides.flatMap((side) => side.ranges),
    graphs: parts.flatMap((part) => part.graphs),
    streams: parts.flatMap((part) => part.streams),
    timelines: parts.flatMap((part) => part.timelines),
    collectives: joinedCollectives(
      parts.map((part) => part.collectives),
      index.communicators,
    ),
    steps: parts.flatMap((part) => part.steps),
    facts: {
      ...first.facts,
      fileBytes: sides.reduce((sum, side) => sum + side.facts.fileBytes, 0),
      droppedRows: sides.reduce((sum, side) => sum + side.facts.droppedRows, 0),
      launches: sumLaunches(sides),
      contentId: sides
        .map((side) => side.facts.contentId)
        .sort()
        .join('+'),
      warnings: [...new Set([...sides.flatMap((side) => side.facts.warnings), alignmentNote(shifts)])],
    },
  };
};

interface Shift {
  /** Add to times of the other file. */
  readonly ns: number;
  readonly errorNs: number | null;
  readonly by: string;
}

const ITSELF: Shift = { ns: 0, errorNs: 0, by: 'itself' };

/** Ends of one collective that lie further apart than this belong to different ones: the match shows nothing. */
const BAD_MATCH_NS = 20_000;

/** Each file against the first, or against one that is aligned already and shares collectives with it. */
const shiftsOf = (sides: readonly ProfileSide[]): Shift[] => {
  const shifts: Shift[] = [];
  sides.forEach((side, at) => {
    const own = sides.slice(0, at).reduce<Shift | null>((best, other, index) => {
      if (best !== null && isGood(best)) return best;
      const step = shiftOf(other, side);
      const shift = { ...step, ns: step.ns + (shifts[index]?.ns ?? 0) };
      return best === null || isGood(shift) ? shift : best;
    }, null);
    shifts.push(own ?? ITSELF);
  });
  return shifts;
};

const isGood = ({ errorNs }: Shift): boolean => errorNs !== null && errorNs <= BAD_MATCH_NS;

/** By UTC anchors, then by the collectives: their ends lie close together on all ranks. */
const shiftOf = (first: ProfileSide, other: ProfileSide): Shift => {
  const [a, b] = [first.facts.utcAnchorNs, other.facts.utcAnchorNs];
  const utc = a === null || b === null ? null : Number(BigInt(b) - BigInt(a));
  const pairs = collectiveEnds(first, other);
  const middle = pairs.length < 3 ? null : medianOf(pairs);
  if (middle === null) return { ns: utc ?? 0, errorNs: null, by: utc === null ? 'nothing' : 'UTC' };
  const errorOf = (shift: number): number => medianOf(pairs.map((pair) => Math.abs(pair - shift)));
  const byMatch = utc === null || (Math.abs(middle - utc) < 50e6 && errorOf(middle) <= BAD_MATCH_NS);
  return byMatch
    ? { ns: middle, errorNs: errorOf(middle), by: 'matched collectives' }
    : { ns: utc, errorNs: errorOf(utc), by: 'UTC' };
};

/** Differences of the ends of the collectives of both files, in order, where both made the same number of calls. */
const collectiveEnds = (first: ProfileSide, other: ProfileSide): number[] => {
  const [a, b] = [endsByKernel(first), endsByKernel(other)];
  return [...a].flatMap(([kernel, ends]) => {
    const others = b.get(kernel);
    return others === undefined || others.length !== ends.length ? [] : ends.map((end, i) => end - (others[i] ?? end));
  });
};

/** By kernel and, where the file names it, communicator. */
const endsByKernel = (side: ProfileSide): Map<string, number[]> => {
  const ends = new Map<string, number[]>();
  const { kernel, startNs, durationNs, communicator, communicators } = side.collectives;
  kernel.forEach((at, i) => {
    const name = `${side.kernels[at]?.name ?? ''} ${communicators[communicator[i] ?? -1] ?? ''}`;
    const end = (startNs[i] ?? 0) + (durationNs[i] ?? 0);
    const own = ends.get(name);
    if (own === undefined) ends.set(name, [end]);
    else own.push(end);
  });
  return ends;
};

const medianOf = (values: readonly number[]): number => Float64Array.from(values).sort()[values.length >> 1] ?? 0;

const alignmentNote = (shifts: readonly Shift[]): string => {
  const others = shifts.slice(1);
  const unknown = others.some((shift) => shift.errorNs === null);
  const worst = Math.max(...others.map((shift) => shift.errorNs ?? 0));
  const by = [...new Set(others.map((shift) => shift.by))].join(', ');
  return `files aligned by ${by}; error ${unknown ? 'unknown' : `about ${formatFixed(worst / 1000, 1)} us`}`;
};

/** Ranks keep the label that their file gave them unless two files gave the same. */
const labelled = (ranks: readonly Rank[]): Rank[] => {
  const unique = new Set(ranks.map((rank) => rank.label)).size === ranks.length;
  return ranks.map((rank, index) => (unique ? rank : { ...rank, label: `rank ${index}` }));
};

const createIndex = () => {
  const kernels: Kernel[] = [];
  const configs: LaunchConfig[] = [];
  const stepTypes: string[] = [];
  const communicators: string[] = [];
  const known = new Map<string, number>();
  const place = <T>(list: T[], key: string, value: T): number => {
    const found = known.get(key);
    if (found !== undefined) return found;
    known.set(key, list.length);
    return list.push(value) - 1;
  };
  return {
    kernels,
    configs,
    stepTypes,
    communicators,
    ranks: 0,
    calls: 0,
    kernel: (kernel: Kernel) => place(kernels, `k ${kernel.name}`, kernel),
    config: (config: LaunchConfig) => place(configs, `c ${JSON.stringify(config)}`, config),
    stepType: (type: string) => place(stepTypes, `s ${type}`, type),
    communicator: (name: string) => place(communicators, `m ${name}`, name),
  };
};

type Index = ReturnType<typeof createIndex>;

/** A side with ranks, kernels, configurations and calls renumbered, and times moved by `shift`. */
const rebased = (side: ProfileSide, shift: number, index: Index) => {
  const [ranks, calls] = [index.ranks, index.calls];
  index.ranks += side.ranks.length;
  index.calls += side.durations.length;
  const kernels = side.kernels.map((kernel) => index.kernel(kernel));
  const configs = side.configs.map((config) => index.config(config));
  const types = side.stepTypes.map((type) => index.stepType(type));
  const communicators = side.collectives.communicators.map((name) => index.communicator(name));
  const moved = <T extends { readonly rank: number }>(item: T): T => ({ ...item, rank: item.rank + ranks });
  return {
    groups: side.groups.map((group): KernelGroup => ({
      ...moved(group),
      kernel: kernels[group.kernel] ?? 0,
      config: configs[group.config] ?? -1,
      stepType: types[group.stepType] ?? -1,
      offset: group.offset < 0 ? -1 : group.offset + calls,
      slowestStartNs: group.slowestStartNs === null ? null : group.slowestStartNs + shift,
    })),
    copies: side.copies.map(moved),
    memsets: side.memsets.map(moved),
    graphs: side.graphs.map(moved),
    streams: side.streams.map((span) => ({
      ...moved(span),
      firstNs: span.firstNs + shift,
      lastNs: span.lastNs + shift,
    })),
    timelines: side.timelines.map((line) => ({
      ...moved(line),
      firstKernelNs: line.firstKernelNs + shift,
      lastKernelNs: line.lastKernelNs + shift,
    })),
    steps: side.steps.map((step) => ({
      ...moved(step),
      type: types[step.type] ?? 0,
      startNs: step.startNs + shift,
      endNs: step.endNs + shift,
    })),
    collectives: {
      rank: side.collectives.rank.map((rank) => rank + ranks),
      kernel: side.collectives.kernel.map((kernel) => kernels[kernel] ?? 0),
      startNs: side.collectives.startNs.map((start) => start + shift),
      durationNs: side.collectives.durationNs,
      stream: side.collectives.stream,
      communicator: side.collectives.communicator.map((own) => communicators[own] ?? -1),
      communicators: [],
    },
  };
};

const joined = (parts: readonly (Uint32Array | Float64Array)[]): Uint32Array | Float64Array => {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const all = parts.every((part) => part instanceof Uint32Array) ? new Uint32Array(length) : new Float64Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
};

const joinedCollectives = (parts: readonly CollectiveCalls[], communicators: readonly string[]): CollectiveCalls => {
  const starts = Float64Array.from(parts.flatMap((part) => Array.from(part.startNs)));
  const ranks = parts.flatMap((part) => Array.from(part.rank));
  const kernels = parts.flatMap((part) => Array.from(part.kernel));
  const durations = parts.flatMap((part) => Array.from(part.durationNs));
  const streams = parts.flatMap((part) => Array.from(part.startNs, (_, at) => part.stream[at] ?? 0));
  const groups = parts.flatMap((part) => Array.from(part.startNs, (_, at) => part.communicator[at] ?? -1));
  const order = ascendingOrder(starts);
  return {
    rank: Uint16Array.from(order, (at) => ranks[at] ?? 0),
    kernel: Uint32Array.from(order, (at) => kernels[at] ?? 0),
    startNs: Float64Array.from(order, (at) => starts[at] ?? 0),
    durationNs: Float64Array.from(order, (at) => durations[at] ?? 0),
    stream: Uint32Array.from(order, (at) => streams[at] ?? 0),
    communicator: Int32Array.from(order, (at) => groups[at] ?? -1),
    communicators,
  };
};

const sumLaunches = (sides: readonly ProfileSide[]): ProfileSide['facts']['launches'] => {
  const all = sides.map((side) => side.facts.launches);
  if (all.some((launches) => launches === null)) return null;
  return {
    found: all.reduce((sum, launches) => sum + (launches?.found ?? 0), 0),
    missing: all.reduce((sum, launches) => sum + (launches?.missing ?? 0), 0),
  };
};
