// What a reader makes of a file: metrics at points, trials, context, warnings. Shared by every reader and every consumer.
import type { JsonObject } from '../text/json.ts';
import type { Context } from './context.ts';
import type { Contradiction } from './contradiction.ts';
import type { Labels, Metric } from './metric.ts';
import type { PolicyRule } from './policy-rule.ts';
import type { Trial } from './trial.ts';

/** What holds at one point of a file only. */
export interface PointFacts {
  readonly labels: Labels;
  readonly context: Context;
  /** Shape and settings that were run, as the file has them; null where it does not say. */
  readonly settings: JsonObject | null;
  readonly git_commit: string | null;
  /** As the file has it. */
  readonly measured_at: string | null;
  /** Why the point cannot count (`correctness_failed`); null where it can. */
  readonly invalid: string | null;
}

/** What was counted at a point: no metrics, but what a window, a share or a rate rests on. */
export interface CountsAtPoint {
  readonly labels: Labels;
  readonly completed: number | undefined;
  readonly failed: number | undefined;
  /** Requests that were asked for, where the file says. */
  readonly requested: number | undefined;
  readonly duration_s: number | undefined;
  /** The window was ended by the clock: what had no answer by then did not fail. Absent where the file does not say. */
  readonly time_bounded?: boolean | undefined;
  /** The part of the window that was full; absent where the file holds no times of requests. */
  readonly steady?: SteadyWindow | undefined;
}

/** A window without its ramp and its drain. */
export interface SteadyWindow {
  /** Output tokens per second. */
  readonly tok_per_s: number;
  readonly seconds: number;
}

/** What a point says of its configuration, where points of a file differ in it. */
export interface ContextAtPoint {
  readonly labels: Labels;
  readonly context: Context;
}

/** A point that was tried and of which nothing came. */
export interface FailedReading {
  readonly labels: Labels;
  readonly reason: string;
}

export interface Reading {
  /** Short name of the format: `vllm_serve_json`, `nccl_tests`, `json_document`, … */
  readonly format: string;
  /** Formats of the files that were joined into this reading; absent of one file. */
  readonly joined_formats?: readonly string[] | undefined;
  readonly metrics: readonly Metric[];
  /** Empty when the file holds one measurement without repeats. */
  readonly trials: readonly Trial[];
  /** What all points have in common. */
  readonly context: Context;
  /** The whole context of each point; absent where all points agree. */
  readonly contexts?: readonly ContextAtPoint[] | undefined;
  readonly warnings: readonly string[];
  /** Figures that the rest of the file refutes; absent where there is none. */
  readonly contradictions?: readonly Contradiction[] | undefined;
  /** What was counted, point by point; absent where the format does not say. */
  readonly counts?: readonly CountsAtPoint[] | undefined;
  /** Points of the file in which nothing completed; absent where there is none. */
  readonly failed?: readonly FailedReading[] | undefined;
  /** For formats whose points differ in more than their labels. */
  readonly points?: readonly PointFacts[];
  /** How this known document judges its own metrics; weaker than flags and policy files, stronger than `configs/metrics.yaml`. */
  readonly policy?: readonly PolicyRule[];
}

export type ReadOutcome =
  | { readonly kind: 'measured'; readonly reading: Reading }
  /** The run happened and nothing completed: an outcome of its own, never a value of zero. */
  | {
      readonly kind: 'no_measurement';
      readonly format: string;
      readonly reason: string;
      readonly warnings: readonly string[];
    };

/** One reader per format. `head` is the first 64 KiB of the file as UTF-8 text (lossy). */
export interface Reader {
  readonly format: string;
  /** 0 = not this format, 1 = certain. Must not read more than `head`. */
  readonly sniff: (path: string, head: string) => number;
  /** `text` is the whole file. Throws a Fault naming file and place when the content cannot be used. */
  readonly parse: (text: string, path: string) => Promise<ReadOutcome> | ReadOutcome;
}
