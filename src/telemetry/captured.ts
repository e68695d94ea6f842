// What every source of GPU readings takes and gives: dcgmi, an exporter's page, Prometheus, nvidia-smi. Types, and the pause between two
// readings.
import type { Environment } from '../exec/environment.ts';
import type { Runner } from '../exec/run-process.ts';
import type { FieldName, GpuReading } from './gpu-fields.ts';

/** Where programs run: this machine, or a pod. Whoever wraps the runner decides. */
export interface GpuPlace {
  readonly run: Runner;
  readonly env: Environment;
  /** Name of the node, as readings carry it. */
  readonly node: string;
}

export interface CaptureAsk {
  readonly fields: readonly FieldName[];
  /** Indices; all where undefined. */
  readonly gpus: readonly number[] | undefined;
  readonly periodMs: number;
  /** Until `until` is aborted where undefined. */
  readonly durationS: number | undefined;
  /** Ends the capture; what was read is kept. */
  readonly until: AbortSignal;
  /** A line as the source wrote it. */
  readonly keep: (line: string) => void;
}

export interface LackingField {
  readonly field: FieldName;
  readonly reason: string;
}

export const SOURCES = ['dcgmi', 'exporter', 'prometheus', 'nvidia-smi'] as const;
export type SourceName = (typeof SOURCES)[number];

export interface CapturedGpu {
  readonly node: string;
  readonly gpu: string;
  readonly uuid: string | null;
  readonly name: string | null;
}

export interface Captured {
  readonly source: SourceName;
  readonly readings: readonly GpuReading[];
  readonly gpus: readonly CapturedGpu[];
  readonly lacking: readonly LackingField[];
  /** Seconds between two readings, as asked for. */
  readonly intervalS: number;
  /** `arrival`: each line when it came; `spacing`: lines came in bursts and are spaced evenly; `source`: the source says. */
  readonly clock: 'arrival' | 'spacing' | 'source';
  /** Query behind a field, where there is one. */
  readonly queries: Readonly<Partial<Record<FieldName, string>>>;
  readonly notes: readonly string[];
}

/** Resolves after `ms`, or when the signal is aborted: true in the first case. */
export const paused = (ms: number, signal: AbortSignal): Promise<boolean> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve(false);
    const over = (whole: boolean): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
      resolve(whole);
    };
    const stop = (): void => over(false);
    const timer = setTimeout(() => over(true), ms);
    signal.addEventListener('abort', stop, { once: true });
  });

/** Calls `take` once a period, the first time at once, until the time is up or the capture is ended. One that takes longer is not caught up. */
export const periodically = async (
  { periodMs, durationS, until }: Pick<CaptureAsk, 'periodMs' | 'durationS' | 'until'>,
  take: () => Promise<void>,
): Promise<void> => {
  const startMs = performance.now();
  const endMs = durationS === undefined ? Infinity : startMs + durationS * 1000;
  for (let due = startMs; due <= endMs && !until.aborted; due = Math.max(due + periodMs, performance.now())) {
    if (due > performance.now() && !(await paused(due - performance.now(), until))) return;
    await take();
  }
};
