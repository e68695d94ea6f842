// A profile side made from simulated events in memory, without a file: busy, idle and overlapping time are counted here a second
// time, by the pieces of time between events.
import type { Bucket } from '../../src/profile/model/buckets.ts';
import type {
  CaptureFacts,
  Kernel,
  KernelGroup,
  LaunchConfig,
  ProfileSide,
  Timeline,
} from '../../src/profile/model/profile-side.ts';
import { simulate } from './simulate-run.ts';
import type { SimulatedEvent, SimulatedRun } from './simulate-run.ts';

const BUCKET_OF: readonly (readonly [RegExp, Bucket])[] = [
  [/^nccl/, 'collective'],
  [/nvjet|gemm/i, 'gemm'],
  [/flash|attention/i, 'attention'],
  [/rms_norm/, 'norm'],
  [/act_and_mul|silu/, 'elementwise'],
];

const shortNameOf = (name: string): string => /(\w+)(?:<.*>)?\(/.exec(name.replace(/^void /, ''))?.[1] ?? name;

export const kernelNamed = (name: string): Kernel => ({
  name,
  shortName: shortNameOf(name),
  bucket: BUCKET_OF.find(([pattern]) => pattern.test(name))?.[1] ?? 'other',
  category: name.startsWith('nccl') ? 'NCCL' : 'Other',
  collective: name.startsWith('nccl'),
});

export const FACTS: CaptureFacts = {
  product: 'a profiler 1.0',
  schema: '1',
  driver: '580.95',
  graphMode: 'none',
  originNs: '0',
  utcAnchorNs: null,
  fileBytes: 1,
  droppedRows: 0,
  launches: null,
  contentId: 'a',
  hasCalls: true,
  hasTimeline: true,
  warnings: [],
};

const configOf = (event: SimulatedEvent): LaunchConfig => ({
  grid: [event.op?.grid ?? 132, 1, 1],
  block: [event.op?.block ?? 128, 1, 1],
  registers: 64,
  staticSharedBytes: 0,
  dynamicSharedBytes: 0,
});

/** Sum of the squares of the differences from the mean. */
const squaresOf = (values: readonly number[]): number => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
};

const groupsBy = <T>(items: readonly T[], key: (item: T) => string): T[][] => {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(key(item), groups.get(key(item)) ?? []);
  for (const item of items) groups.get(key(item))?.push(item);
  return [...groups.values()];
};

const timelineOf = (rank: number, work: readonly SimulatedEvent[]): Timeline => {
  const cuts = [...new Set(work.flatMap(({ start, end }) => [start, end]))].sort((a, b) => a - b);
  const at = { busy: 0, kernel: 0, compute: 0, communication: 0, both: 0 };
  let [open, next]: [SimulatedEvent[], number] = [[], 0];
  cuts.slice(1).forEach((to, index) => {
    const from = cuts[index] ?? to;
    while ((work[next]?.start ?? Infinity) <= from) open.push(...work.slice(next, ++next));
    open = open.filter(({ end }) => end > from);
    const running = open;
    const kernels = running.filter(({ kind }) => kind === 'kernel');
    const isCommunicating = kernels.some(({ name }) => name.startsWith('nccl'));
    const isComputing = kernels.some(({ name }) => !name.startsWith('nccl'));
    if (running.length > 0) at.busy += to - from;
    if (kernels.length > 0) at.kernel += to - from;
    if (isComputing && isCommunicating) at.both += to - from;
    else if (isComputing) at.compute += to - from;
    else if (isCommunicating) at.communication += to - from;
  });
  const kernels = work.filter(({ kind }) => kind === 'kernel');
  const spanOf = (events: readonly SimulatedEvent[]): readonly [number, number] => [
    Math.min(...events.map(({ start }) => start)),
    Math.max(...events.map(({ end }) => end)),
  ];
  const [[first, last], [begin, finish]] = [spanOf(kernels), spanOf(work)];
  const byStart = kernels.toSorted((a, b) => a.start - b.start);
  let idleFrom = 0;
  const exposed = byStart.map(({ launchStart, launchEnd, start, end }) => {
    const ns = idleFrom === 0 ? 0 : Math.max(0, Math.min(launchEnd, start) - Math.max(launchStart, idleFrom));
    idleFrom = Math.max(idleFrom, end);
    return ns;
  });
  return {
    rank,
    kernelSpanNs: last - first,
    kernelBusyNs: at.kernel,
    kernelIdleNs: last - first - at.kernel,
    computeOnlyNs: at.compute,
    communicationOnlyNs: at.communication,
    overlapNs: at.both,
    firstKernelNs: first,
    lastKernelNs: last,
    spanNs: finish - begin,
    busyNs: at.busy,
    idleNs: finish - begin - at.busy,
    exposedLaunchNs: exposed.reduce((sum, ns) => sum + ns, 0),
  };
};

const rounded = (event: SimulatedEvent): SimulatedEvent => ({
  ...event,
  start: Math.round(event.start),
  end: Math.round(event.end),
});

/** What a reader makes of the run. `own` replaces parts of it. */
export const simulatedSide = (run: SimulatedRun, own: Partial<ProfileSide> = {}): ProfileSide => {
  const events = simulate(run).map(rounded);
  const work = events.filter(({ kind }) => kind === 'kernel' || kind === 'copy');
  const calls = work.filter(({ kind }) => kind === 'kernel');
  const names = [...new Set(calls.map(({ name }) => name))];
  const configs = [...new Map(calls.map((event) => [JSON.stringify(configOf(event)), configOf(event)])).values()];
  const texts = configs.map((config) => JSON.stringify(config));
  const durations: number[] = [];
  const groups = groupsBy(calls, (event) => `${event.rank} ${event.name} ${JSON.stringify(configOf(event))}`).flatMap(
    (group): KernelGroup[] => {
      const [first] = group;
      if (first === undefined) return [];
      const ns = group.map(({ start, end }) => end - start).sort((a, b) => a - b);
      const offset = durations.length;
      durations.push(...ns);
      const slowest = group.find(({ start, end }) => end - start === ns.at(-1));
      return [
        {
          rank: first.rank,
          kernel: names.indexOf(first.name),
          config: texts.indexOf(JSON.stringify(configOf(first))),
          stepType: -1,
          count: ns.length,
          totalNs: ns.reduce((sum, each) => sum + each, 0),
          squaresNs: squaresOf(ns),
          offset,
          given: null,
          slowestStartNs: slowest?.start ?? null,
        },
      ];
    },
  );
  const collective = calls.filter(({ name }) => name.startsWith('nccl'));
  const communicators = [...new Set(collective.map(({ group }) => group.join()))];
  const ranks = Array.from({ length: run.ranks }, (_, rank) => rank);
  return {
    format: 'nsys-sqlite',
    sources: ['memory'],
    ranks: ranks.map((rank) => ({ label: `rank ${rank}`, host: null, pid: rank, device: rank, gpuUuid: null, gpuName: 'NVIDIA H200' })), // prettier-ignore
    kernels: names.map(kernelNamed),
    configs,
    stepTypes: [],
    groups,
    durations: Float64Array.from(durations),
    copies: groupsBy(
      work.filter(({ kind }) => kind === 'copy'),
      ({ rank }) => String(rank),
    ).map((group) => {
      const ns = group.map(({ start, end }) => end - start);
      return {
        rank: group[0]?.rank ?? 0,
        kind: 'Host-to-Device',
        count: ns.length,
        bytes: group.reduce((sum, { op }) => sum + (op?.bytes ?? 0), 0),
        totalNs: ns.reduce((sum, each) => sum + each, 0),
        maxNs: Math.max(...ns),
      };
    }),
    memsets: [],
    waits: [],
    apis: [],
    ranges: [],
    graphs: [],
    streams: [],
    timelines: ranks.map((rank) =>
      timelineOf(
        rank,
        work.filter((event) => event.rank === rank),
      ),
    ),
    collectives: {
      rank: Uint16Array.from(collective, ({ rank }) => rank),
      kernel: Uint32Array.from(collective, ({ name }) => names.indexOf(name)),
      startNs: Float64Array.from(collective, ({ start }) => start),
      durationNs: Float64Array.from(collective, ({ start, end }) => end - start),
      stream: Uint32Array.from(collective, ({ stream }) => stream),
      communicator: Int32Array.from(collective, ({ group }) => communicators.indexOf(group.join())),
      communicators,
    },
    steps: events
      .filter(({ kind }) => kind === 'step')
      .map(({ rank, start, end }) => ({ rank, type: 0, startNs: start, endNs: end })),
    facts: { ...FACTS, contentId: JSON.stringify([run.seed, run.steps, durations.length, durations[0]]) },
    ...own,
  };
};
