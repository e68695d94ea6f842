// What a torch trace holds once its events are read, and how a part of it is cut out. Times in ns from the first event.
import type { Copies, Kernel, Memsets } from '../model/profile-side.ts';
import type { CaptureWindow } from '../model/capture-window.ts';
import { demandWindowHit } from '../model/capture-window.ts';

/** Kernels, copies and memsets in order of arrival; times in ns from the first event. */
export interface Work {
  readonly device: number[];
  readonly kind: number[];
  readonly start: number[];
  readonly duration: number[];
  /** Kernel index, or -1 for a copy or memset. */
  readonly kernel: number[];
  readonly correlation: number[];
  readonly launch: (readonly number[])[];
  readonly launchOf: number[];
  readonly stream: number[];
  /** Index into `communicators`; -1 where the trace does not say. */
  readonly communicator: number[];
}

export interface Annotation {
  readonly name: string;
  readonly thread: number;
  readonly device: number | null;
  readonly start: number;
  readonly end: number;
}

export interface Trace {
  readonly work: Work;
  readonly kernels: Kernel[];
  readonly communicators: ReadonlyMap<string, number>;
  readonly copies: CopyCall[];
  readonly memsets: MemsetCall[];
  readonly annotations: Annotation[];
  readonly calls: Map<number, { thread: number; start: number; end: number }>;
  /** Sums by name, and the single calls where a window may be cut. */
  readonly apis: Map<string, ApiSum>;
  readonly apiCalls: ApiCall[] | null;
  readonly stepMarker: string | null;
  /** Start of the first event; null where there is none. */
  readonly originUs: number | null;
}

export type CopyCall = Copies & { readonly startNs: number };
export type MemsetCall = Memsets & { readonly startNs: number };

export interface ApiSum {
  readonly count: number;
  readonly totalNs: number;
  readonly maxNs: number;
}

export interface ApiCall {
  readonly name: string;
  readonly startNs: number;
  readonly durationNs: number;
}

export const addToApi = (apis: Map<string, ApiSum>, name: string, durationNs: number): void => {
  const { count, totalNs, maxNs } = apis.get(name) ?? { count: 0, totalNs: 0, maxNs: 0 };
  apis.set(name, { count: count + 1, totalNs: totalNs + durationNs, maxNs: Math.max(maxNs, durationNs) });
};

/** What starts in the window, in seconds from the earliest event. Faults: `window_outside_capture`. */
export const cutTrace = (trace: Trace, window: CaptureWindow, path: string): Trace => {
  const { work } = trace;
  const starts = [
    work.start,
    trace.annotations.map(({ start }) => start),
    (trace.apiCalls ?? []).map((call) => call.startNs),
  ];
  const zero = starts.flat().reduce((least, start) => Math.min(least, start), Infinity);
  const inside = (start: number): boolean => start - zero >= window.startS * 1e9 && start - zero < window.endS * 1e9;
  const kept = work.start.flatMap((start, at) => (inside(start) ? [at] : []));
  const kernels = work.start.filter((_, at) => (work.kernel[at] ?? -1) >= 0);
  if (kernels.length > 0 && !kept.some((at) => (work.kernel[at] ?? -1) >= 0)) {
    const ends = kernels.reduce((last, start) => Math.max(last, start), -Infinity);
    demandWindowHit(
      path,
      window,
      zero,
      kernels.reduce((least, start) => Math.min(least, start), Infinity),
      ends,
    );
  }
  const pick = (values: readonly number[]): number[] => kept.map((at) => values[at] ?? 0);
  const apis = new Map<string, ApiSum>();
  for (const { name, startNs, durationNs } of trace.apiCalls ?? [])
    if (inside(startNs)) addToApi(apis, name, durationNs);
  return {
    ...trace,
    work: {
      device: pick(work.device),
      kind: pick(work.kind),
      start: pick(work.start),
      duration: pick(work.duration),
      kernel: pick(work.kernel),
      correlation: pick(work.correlation),
      launch: work.launch,
      launchOf: pick(work.launchOf),
      stream: pick(work.stream),
      communicator: pick(work.communicator),
    },
    copies: trace.copies.filter(({ startNs }) => inside(startNs)),
    memsets: trace.memsets.filter(({ startNs }) => inside(startNs)),
    annotations: trace.annotations.filter(({ start }) => inside(start)),
    apis,
  };
};
