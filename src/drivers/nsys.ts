// Argument lists for Nsight Systems and what it prints about its results. Pure: starts nothing. An option that the
// installed version lacks is left out and named, never passed on in hope.
import type { NsysFacts, NsysCommand } from './nsys-facts.ts';
import { nsysSupports } from './nsys-facts.ts';

/** An argument list, and what had to be left out of it. */
export interface NsysCall {
  readonly argv: readonly string[];
  /** `--option=value` that this version does not have. */
  readonly left_out: readonly string[];
}

interface Wanted {
  readonly option: string;
  readonly value: string;
  /** The help must name the value too. */
  readonly checkValue?: boolean;
}

const pick = (
  facts: NsysFacts,
  command: NsysCommand,
  wanted: readonly Wanted[],
): { flags: string[]; left_out: string[] } => {
  const flags: string[] = [];
  const left_out: string[] = [];
  for (const { option, value, checkValue } of wanted) {
    const supported = nsysSupports(facts, command, option, checkValue === true ? value : undefined);
    (supported ? flags : left_out).push(`--${option}=${value}`);
  }
  return { flags, left_out };
};

export interface NsysTracing {
  /** `cuda`, `nvtx`, `osrt`, …; those that this version does not know are left out. */
  readonly trace: readonly string[];
  /** Kernels inside CUDA graphs one by one instead of one row per replay. */
  readonly graphNodes: boolean;
  /** Follow processes that are forked without exec (Python workers). */
  readonly forkedProcesses: boolean;
}

export interface NsysRange {
  /** `cudaProfilerApi` waits for the application's own start and stop calls. */
  readonly captureRange?: 'cudaProfilerApi' | 'nvtx';
  /** What happens at the end of the range, default `stop`. */
  readonly captureRangeEnd?: string;
}

export interface NsysOutput {
  /** Report path without `.nsys-rep`. */
  readonly output: string;
  /** Name of the session, so that it can be stopped from outside. */
  readonly session: string;
}

const tracing = (
  facts: NsysFacts,
  command: 'profile' | 'launch',
  { trace, graphNodes, forkedProcesses }: NsysTracing,
) => {
  const known = trace.filter((api) => nsysSupports(facts, command, 'trace', api));
  const chosen = pick(facts, command, [
    ...(graphNodes ? [{ option: 'cuda-graph-trace', value: 'node', checkValue: true }] : []),
    ...(forkedProcesses ? [{ option: 'trace-fork-before-exec', value: 'true' }] : []),
  ]);
  const unknown = trace.filter((api) => !known.includes(api)).map((api) => `--trace=${api}`);
  const traced = known.length === 0 ? 'none' : known.join(',');
  return { flags: [`--trace=${traced}`, ...chosen.flags], left_out: [...unknown, ...chosen.left_out] };
};

/** CPU sampling and context switches say nothing about kernels, cost the most, and need kernel settings of the host. */
const noSampling = (facts: NsysFacts, command: 'profile' | 'start') =>
  pick(facts, command, [
    { option: 'sample', value: 'none' },
    { option: 'cpuctxsw', value: 'none' },
  ]);

const range = (
  facts: NsysFacts,
  command: 'profile' | 'start',
  { captureRange, captureRangeEnd = 'stop' }: NsysRange,
) =>
  captureRange === undefined
    ? { flags: [], left_out: [] }
    : pick(facts, command, [
        { option: 'capture-range', value: captureRange },
        { option: 'capture-range-end', value: captureRangeEnd },
      ]);

export interface NsysProfile extends NsysTracing, NsysRange, NsysOutput {
  /** Collect for this long, then stop; 0 or absent: until the application ends. */
  readonly durationS?: number;
  /** Wait this long before collecting. */
  readonly delayS?: number;
  readonly application: readonly string[];
}

const seconds = (option: string, value: number | undefined): string[] =>
  value === undefined || value === 0 ? [] : [`--${option}=${value}`];

/** `nsys profile`: run an application under the profiler. The exit code is the application's own. */
export const nsysProfileArgv = (facts: NsysFacts, wanted: NsysProfile): NsysCall => {
  const parts = [tracing(facts, 'profile', wanted), noSampling(facts, 'profile'), range(facts, 'profile', wanted)];
  const argv = [
    facts.nsys,
    'profile',
    `--session-new=${wanted.session}`,
    ...parts.flatMap((part) => part.flags),
    ...seconds('delay', wanted.delayS),
    ...seconds('duration', wanted.durationS),
    `--output=${wanted.output}`,
    '--force-overwrite=true',
    ...wanted.application,
  ];
  return { argv, left_out: parts.flatMap((part) => part.left_out) };
};

/** `nsys launch`: start an application so that a later `nsys start` can collect from it. */
export const nsysLaunchArgv = (
  facts: NsysFacts,
  wanted: NsysTracing & { readonly session: string; readonly application: readonly string[] },
): NsysCall => {
  const { flags, left_out } = tracing(facts, 'launch', wanted);
  return { argv: [facts.nsys, 'launch', `--session-new=${wanted.session}`, ...flags, ...wanted.application], left_out };
};

/** `nsys start`: begin to collect in a session. It exits with 0 also when the session does not exist. */
export const nsysStartArgv = (facts: NsysFacts, wanted: NsysOutput & NsysRange): NsysCall => {
  const parts = [noSampling(facts, 'start'), range(facts, 'start', wanted)];
  const flags = parts.flatMap((part) => part.flags);
  const where = [`--session=${wanted.session}`, `--output=${wanted.output}`, '--force-overwrite=true'];
  return { argv: [facts.nsys, 'start', ...where, ...flags], left_out: parts.flatMap((part) => part.left_out) };
};

export const nsysStopArgv = (facts: NsysFacts, session: string): string[] => [
  facts.nsys,
  'stop',
  `--session=${session}`,
];

/** Ends the session and the application in it. */
export const nsysShutdownArgv = (facts: NsysFacts, session: string): string[] => [
  facts.nsys,
  'shutdown',
  `--session=${session}`,
  '--kill=sigterm',
];

export const nsysSessionsArgv = (facts: NsysFacts): string[] => [facts.nsys, 'sessions', 'list'];

/**
 * Tables that a kernel summary or diff reads, as patterns for `nsys export --tables`. The table with the environment of the
 * profiled process (TARGET_INFO_SYSTEM_ENV) is not among them.
 */
export const DIFF_TABLES: readonly string[] = [
  'StringIds',
  'CUPTI_ACTIVITY_KIND_.*',
  'CUDA_GRAPH.*',
  'NVTX_EVENTS',
  'TARGET_INFO_GPU',
  'TARGET_INFO_CUDA_DEVICE',
  'TARGET_INFO_SESSION_START_TIME',
  'META_DATA_CAPTURE',
  'META_DATA_EXPORT',
  'EXPORT_META_DATA',
  'ANALYSIS_DETAILS',
  'PROCESSES',
  'DIAGNOSTIC_EVENT',
];

export interface NsysExport {
  readonly report: string;
  readonly output: string;
  readonly type: 'sqlite' | 'parquetdir';
  /** Table name patterns; absent: all tables. Versions without the option export all. */
  readonly tables?: readonly string[];
}

/** `nsys export`. An output type that the version lacks is still asked for: the call fails and says so. */
export const nsysExportArgv = (facts: NsysFacts, { report, output, type, tables }: NsysExport): NsysCall => {
  const { flags, left_out } = pick(facts, 'export', [
    { option: 'lazy', value: 'true' },
    { option: 'quiet', value: 'true' },
    ...(tables === undefined ? [] : [{ option: 'tables', value: tables.join(',') }]),
  ]);
  const argv = [
    facts.nsys,
    'export',
    `--type=${type}`,
    `--output=${output}`,
    '--force-overwrite=true',
    ...flags,
    report,
  ];
  return { argv, left_out };
};

/**
 * Report paths in what `profile` and `stop` print: below `Generated:`, one on a line. A report goes to a temporary folder,
 * with exit code 0, when its own place cannot be written: compare with the path that was asked for.
 */
export const parseGenerated = (output: string): string[] =>
  [...output.replaceAll('\r', '\n').matchAll(/^\s*(\/.*\.nsys-rep)\s*$/gm)].map((match) => match[1] ?? '');

export interface NsysSession {
  readonly name: string;
  /** `Launched`, `Collection`, `DelayedCollection`, … */
  readonly state: string;
}

/** Table of `nsys sessions list`: ID, TIME, STATE, LAUNCH, NAME. */
export const parseSessions = (output: string): NsysSession[] =>
  [...output.matchAll(/^\s*\d+\s+[\d:]+\s+(\S.*?)\s+\d+\s+(\S.*?)\s*$/gm)].map(([, state = '', name = '']) => ({
    name,
    state,
  }));
