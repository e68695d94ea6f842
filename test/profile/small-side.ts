// A profile side from a table of calls, for tests that need chosen numbers: which kernel took how long how often on which rank.
import { createHash } from 'node:crypto';
import type { KernelGroup, LaunchConfig, ProfileSide, Step } from '../../src/profile/model/profile-side.ts';
import { NO_COLLECTIVES } from '../../src/profile/inputs/side-parts.ts';
import { FACTS, kernelNamed } from './simulated-side.ts';

/** Calls of one kernel on one rank with one launch configuration in one type of step. */
export interface Calls {
  readonly kernel: string;
  readonly ns: readonly number[];
  /** Default 0. */
  readonly rank?: number;
  readonly grid?: number;
  readonly block?: number;
  readonly registers?: number;
  readonly shared?: number;
  readonly stepType?: string;
  /** The file holds a total and this spread, and no single calls. */
  readonly given?: KernelGroup['given'];
}

export interface SmallSide extends Partial<Omit<ProfileSide, 'facts'>> {
  readonly calls: readonly Calls[];
  /** First to last operation of each rank, ns; no timelines where absent. */
  readonly spanNs?: readonly number[];
  /** Length of each step of each rank, ns. */
  readonly stepNs?: readonly (readonly number[])[];
  readonly facts?: Partial<ProfileSide['facts']>;
}

const launchOf = ({ grid = 132, block = 128, registers = 64, shared = 0 }: Calls): LaunchConfig => ({
  grid: [grid, 1, 1],
  block: [block, 1, 1],
  registers,
  staticSharedBytes: 0,
  dynamicSharedBytes: shared,
});

export const times = (count: number, ns: number): number[] => Array.from({ length: count }, () => ns);

const indexIn = (texts: readonly string[], text: string): number => texts.indexOf(text);

const groupsOf = (
  calls: readonly Calls[],
  kernels: readonly string[],
  launches: readonly string[],
  types: readonly string[],
) => {
  const durations: number[] = [];
  const groups = calls.map((each): KernelGroup => {
    const { kernel, ns, rank = 0, stepType, given = null } = each;
    const sorted = [...ns].sort((a, b) => a - b);
    const mean = ns.reduce((sum, one) => sum + one, 0) / Math.max(1, ns.length);
    const offset = given === null ? durations.length : -1;
    if (given === null) durations.push(...sorted);
    return {
      rank,
      kernel: indexIn(kernels, kernel),
      config: indexIn(launches, JSON.stringify(launchOf(each))),
      stepType: stepType === undefined ? -1 : indexIn(types, stepType),
      count: ns.length,
      totalNs: ns.reduce((sum, one) => sum + one, 0),
      squaresNs: given === null ? ns.reduce((sum, one) => sum + (one - mean) ** 2, 0) : null,
      offset,
      given,
      slowestStartNs: 1000 * (sorted.at(-1) ?? 0),
    };
  });
  return { groups, durations: Float64Array.from(durations) };
};

const stepsOf = (stepNs: readonly (readonly number[])[]): Step[] =>
  stepNs.flatMap((lengths, rank) => {
    let end = 0;
    return lengths.map((ns) => ({ rank, type: 0, startNs: end, endNs: (end += ns) }));
  });

export const smallSide = ({ calls, spanNs = [], stepNs = [], facts, ...own }: SmallSide): ProfileSide => {
  const kernels = [...new Set(calls.map(({ kernel }) => kernel))];
  const configs = [...new Map(calls.map((each) => [JSON.stringify(launchOf(each)), launchOf(each)])).values()];
  const stepTypes = [...new Set(calls.flatMap(({ stepType }) => stepType ?? []))];
  const ranks = [...new Set(calls.map(({ rank = 0 }) => rank))];
  const busyOf = (rank: number): number =>
    calls.filter((each) => (each.rank ?? 0) === rank).reduce((sum, { ns }) => sum + ns.reduce((a, b) => a + b, 0), 0);
  return {
    format: 'nsys-sqlite',
    sources: ['memory'],
    ranks: ranks.map((rank) => ({ label: `rank ${rank}`, host: null, pid: rank, device: rank, gpuUuid: null, gpuName: 'NVIDIA H200' })), // prettier-ignore
    kernels: kernels.map(kernelNamed),
    configs,
    stepTypes,
    ...groupsOf(calls, kernels, configs.map((config) => JSON.stringify(config)), stepTypes), // prettier-ignore
    copies: [],
    memsets: [],
    waits: [],
    apis: [],
    ranges: [],
    graphs: [],
    streams: [],
    timelines: spanNs.map((span, rank) => ({
      rank,
      kernelSpanNs: span,
      kernelBusyNs: busyOf(rank),
      kernelIdleNs: span - busyOf(rank),
      computeOnlyNs: busyOf(rank),
      communicationOnlyNs: 0,
      overlapNs: 0,
      firstKernelNs: 0,
      lastKernelNs: span,
      spanNs: span,
      busyNs: busyOf(rank),
      idleNs: span - busyOf(rank),
      exposedLaunchNs: null,
    })),
    collectives: NO_COLLECTIVES,
    steps: stepsOf(stepNs),
    facts: {
      ...FACTS,
      contentId: createHash('sha256').update(JSON.stringify(calls)).digest('hex').slice(0, 8),
      ...facts,
    },
    ...own,
  };
};
