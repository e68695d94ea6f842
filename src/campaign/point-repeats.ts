// One repeat of a point, and what the repeats of a point come to together: the median of those that count.
import type { Context } from '../metrics/context.ts';
import type { SteadyWindow } from '../metrics/reading.ts';
import { isValidTrial, type ReplicateLevel, type ValidityCode } from '../metrics/trial.ts';
import { median } from '../stats/describe.ts';
import type { JsonObject } from '../text/json.ts';
import type { FirstTokenParts } from './disaggregation.ts';
import type { MetricOf } from './window.ts';

/** Numbers that are counted, not measured. */
export interface PointCounts {
  readonly completed?: number | undefined;
  readonly failed?: number | undefined;
  /** Requests that were asked for; the answered and failed ones where nobody says. */
  readonly num_prompts?: number | undefined;
  readonly duration_s?: number | undefined;
  /** The clock ended the window: what had no answer by then did not fail. */
  readonly time_bounded?: boolean | undefined;
  readonly steady?: SteadyWindow | undefined;
}

/** One repeat of a point. */
export interface PointRun {
  readonly path: string;
  /** Canonical name of a metric to its value. */
  readonly values: Readonly<Record<string, number>>;
  readonly counts: PointCounts;
  readonly validity: readonly ValidityCode[];
  readonly replicate_level: ReplicateLevel | null;
  /** What this file says about its configuration. */
  readonly context: Context;
  /** Figures that the rest of the file refutes, in words. */
  readonly contradictions?: readonly string[];
  /** What the server says of the time to the first token. */
  readonly firstToken?: FirstTokenParts | undefined;
  /** What the server's own counters say of the window. */
  readonly server?: JsonObject | undefined;
  /** What the GPUs did in the window; watts are those of one GPU. */
  readonly gpus?: { readonly powerPerGpu: number | null; readonly block: JsonObject } | undefined;
}

export const counted = (runs: readonly PointRun[]): readonly PointRun[] => {
  const valid = runs.filter(isValidTrial);
  return valid.length > 0 ? valid : runs;
};

const middle = (values: readonly (number | undefined)[]): number | null => {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? null : median(known);
};

export const reader = (runs: readonly PointRun[]): MetricOf => (name) => middle(runs.map(({ values }) => values[name])); // prettier-ignore

/** A figure that is counted or timed beside the metrics: the median over the runs that have it. */
export const middleOf = (
  runs: readonly PointRun[],
  figure: (run: PointRun) => number | null | undefined,
): number | null => middle(runs.map((run) => figure(run) ?? undefined));
