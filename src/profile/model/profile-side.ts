// The one profile model that every input becomes: a table of (rank, kernel, launch configuration, step type) with the
// durations of its calls, and what happened around the kernels. Plain data that may cross a thread. Times are integer
// nanoseconds on the clock of the capture, less `facts.originNs`.
import type { Bucket, Category } from './buckets.ts';
import type { MatchedAlone } from './matched-collectives.ts';

export type ProfileFormat =
  'nsys-sqlite' | 'nsys-rep' | 'nsys-stats' | 'nsys-parquet' | 'torch-trace' | 'ncu-csv' | 'ncu-rep';

/** One GPU as one process saw it. The device number is the ordinal inside that process. */
export interface Rank {
  readonly label: string;
  readonly host: string | null;
  readonly pid: number | null;
  readonly device: number;
  readonly gpuUuid: string | null;
  readonly gpuName: string | null;
}

export interface Kernel {
  /** Demangled name with template arguments where the file has it. */
  readonly name: string;
  readonly shortName: string;
  readonly bucket: Bucket;
  readonly category: Category;
  readonly collective: boolean;
}

type Three = readonly [number, number, number];

export interface LaunchConfig {
  readonly grid: Three;
  readonly block: Three;
  /** Per thread; null where the file does not say. */
  readonly registers: number | null;
  readonly staticSharedBytes: number | null;
  readonly dynamicSharedBytes: number | null;
}

/** Spread of a group for which only summary numbers are known (a CSV report holds no single calls). */
export interface GivenSpread {
  readonly medianNs: number | null;
  readonly p95Ns: number | null;
  readonly minNs: number | null;
  readonly maxNs: number | null;
}

/** Calls of one kernel on one rank with one launch configuration in one type of step. */
export interface KernelGroup {
  readonly rank: number;
  readonly kernel: number;
  /** Index into `configs`; -1 where the launch configuration is unknown. */
  readonly config: number;
  /** Index into `stepTypes`; -1 outside of steps or where there is one type only. */
  readonly stepType: number;
  readonly count: number;
  readonly totalNs: number;
  /** Sum of squared differences from the mean; null where the spread is unknown. */
  readonly squaresNs: number | null;
  /** Durations at `offset .. offset + count` of `durations`, ascending; -1 where single calls are unknown. */
  readonly offset: number;
  readonly given: GivenSpread | null;
  /** Start of the longest call; null where unknown. */
  readonly slowestStartNs: number | null;
}

export interface Copies {
  readonly rank: number;
  /** `Host-to-Device`, `Device-to-Device`, … */
  readonly kind: string;
  readonly count: number;
  readonly bytes: number;
  readonly totalNs: number;
  readonly maxNs: number;
}

export interface Memsets {
  readonly rank: number;
  readonly count: number;
  readonly bytes: number;
  readonly totalNs: number;
}

/** Time that a host thread waited. The recorded device of a wait is not reliable, the process is. */
export interface Waits {
  readonly pid: number | null;
  readonly type: string;
  readonly count: number;
  readonly totalNs: number;
}

/** Calls of the CUDA runtime or driver, version suffix kept as the file has it. */
export interface ApiCalls {
  readonly name: string;
  readonly count: number;
  readonly totalNs: number;
  readonly maxNs: number;
}

/** NVTX ranges (or profiler annotations) of one domain and normalised name. */
export interface Ranges {
  readonly domain: number;
  readonly name: string;
  readonly count: number;
  /** Wall time between begin and end on the host thread, nested ranges included. */
  readonly totalNs: number;
  /** The same less the time of ranges nested in it. */
  readonly selfNs: number;
  /** Time of the kernels launched inside it, nested ranges included; null where launches were not attributed. */
  readonly gpuNs: number | null;
  /** Time of the kernels for which it is the innermost range. */
  readonly gpuSelfNs: number | null;
  readonly kernels: number | null;
  readonly kernelsSelf: number | null;
}

/** Replays of one CUDA graph captured as single rows. */
export interface GraphReplays {
  readonly rank: number;
  readonly graphId: number;
  readonly count: number;
  readonly totalNs: number;
}

export interface StreamSpan {
  readonly rank: number;
  readonly stream: number;
  readonly kernels: number;
  readonly totalNs: number;
  readonly firstNs: number;
  readonly lastNs: number;
}

/** What one rank did between its first and its last operation. `…Only` and `overlapNs` split the kernel time. */
export interface Timeline {
  readonly rank: number;
  /** First kernel start to last kernel end. */
  readonly kernelSpanNs: number;
  readonly kernelBusyNs: number;
  readonly kernelIdleNs: number;
  readonly computeOnlyNs: number;
  readonly communicationOnlyNs: number;
  readonly overlapNs: number;
  readonly firstKernelNs: number;
  readonly lastKernelNs: number;
  /** The same over kernels, graph replays, copies and memsets. */
  readonly spanNs: number;
  readonly busyNs: number;
  readonly idleNs: number;
  /** Idle time before a kernel while its launching call was still running; null where launches were not attributed. */
  readonly exposedLaunchNs: number | null;
}

/** Every collective call: rank, kernel, start and duration, ordered by start. */
export interface CollectiveCalls {
  readonly rank: Uint16Array;
  readonly kernel: Uint32Array;
  readonly startNs: Float64Array;
  readonly durationNs: Float64Array;
  /** Stream of each call, numbered within its rank; empty where streams are unknown. */
  readonly stream: Uint32Array;
  /** Index into `communicators`, -1 where the file does not say; empty where it says it for none. */
  readonly communicator: Int32Array;
  /** Names that mean the same group of ranks in every file of a run. */
  readonly communicators: readonly string[];
}

export interface Step {
  readonly rank: number;
  readonly type: number;
  readonly startNs: number;
  readonly endNs: number;
}

/** Whether replays of CUDA graphs were captured as one row each or kernel by kernel. */
export type GraphMode = 'graph' | 'node' | 'none' | 'unknown';

export interface CaptureFacts {
  readonly product: string | null;
  readonly schema: string | null;
  readonly driver: string | null;
  readonly graphMode: GraphMode;
  /** Subtracted from every time; decimal text since it may exceed 2^53. */
  readonly originNs: string;
  /** UTC of time zero of this side (after the origin), nanoseconds, decimal text; null where the file has no anchor. */
  readonly utcAnchorNs: string | null;
  readonly fileBytes: number;
  /** Kernel rows without a positive duration or a device: left out. */
  readonly droppedRows: number;
  /** Kernels whose launching call is not in the file, of the kernels that were looked up; null where none were. */
  readonly launches: { readonly found: number; readonly missing: number } | null;
  /** SHA-256 over what identifies the recording; equal on both sides means the same capture. */
  readonly contentId: string;
  /** True where single calls are known, false for summary tables. */
  readonly hasCalls: boolean;
  /** True where calls carry times, so that busy, idle and waiting exist. */
  readonly hasTimeline: boolean;
  readonly warnings: readonly string[];
}

export interface ProfileSide {
  readonly format: ProfileFormat;
  readonly sources: readonly string[];
  readonly ranks: readonly Rank[];
  readonly kernels: readonly Kernel[];
  readonly configs: readonly LaunchConfig[];
  readonly stepTypes: readonly string[];
  readonly groups: readonly KernelGroup[];
  readonly durations: Uint32Array | Float64Array;
  readonly copies: readonly Copies[];
  readonly memsets: readonly Memsets[];
  readonly waits: readonly Waits[];
  readonly apis: readonly ApiCalls[];
  readonly ranges: readonly Ranges[];
  readonly graphs: readonly GraphReplays[];
  readonly streams: readonly StreamSpan[];
  readonly timelines: readonly Timeline[];
  readonly collectives: CollectiveCalls;
  /** Given where a thread that read this side alone could match its collectives; else that is done when it is asked for. */
  readonly matched?: MatchedAlone;
  readonly steps: readonly Step[];
  readonly facts: CaptureFacts;
}
