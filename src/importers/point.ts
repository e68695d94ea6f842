// A point is what one load level, message size or device pair yielded; a reading is the points of a file. Points that carry
// the same labels are repeats of one another: they become trials, and the metric is their median. Never drops a value.
import { sharedContext } from './context-fields.ts';
import type { PointContradiction } from './contradictions.ts';
import { finite } from './json-fields.ts';
import type { Context } from '../metrics/context.ts';
import type { Contradiction } from '../metrics/contradiction.ts';
import { type Labels, type Metric, metricKey } from '../metrics/metric.ts';
import type { PolicyRule } from '../metrics/policy-rule.ts';
import type { ContextAtPoint, CountsAtPoint, FailedReading, ReadOutcome } from '../metrics/reading.ts';
import type { ReplicateLevel, Trial } from '../metrics/trial.ts';
import { median } from '../stats/describe.ts';
import { inputFault } from '../text/fault.ts';

/** A metric whose point is not stated yet. */
export type Sample = Omit<Metric, 'labels'>;

export interface Point {
  readonly labels: Labels;
  readonly samples: readonly Sample[];
  readonly context: Context;
  readonly counts?: Omit<CountsAtPoint, 'labels'> | undefined;
  /** Figures that the point's other figures refute. */
  readonly contradictions?: readonly PointContradiction[];
}

export interface Assembly {
  readonly format: string;
  /** Names the file in errors. */
  readonly path: string;
  readonly points: readonly Point[];
  readonly warnings?: readonly string[];
  readonly policy?: readonly PolicyRule[];
  /** Points in which nothing completed. */
  readonly failed?: readonly FailedReading[];
  /** What a repeat of a point is in this format; null where the file does not say. */
  readonly replicateLevel?: ReplicateLevel | null;
}

/** The samples that exist, in order. */
export const present = (samples: readonly (Sample | undefined)[]): Sample[] =>
  samples.filter((sample) => sample !== undefined);

const groupByLabels = (points: readonly Point[]): Point[][] => {
  const groups = new Map<string, Point[]>();
  for (const point of points) {
    const key = metricKey({ name: '', labels: point.labels });
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [point]);
    else group.push(point);
  }
  return [...groups.values()];
};

/** One metric for each name of a group of repeats: the median where there are several. */
const metricsOf = (repeats: readonly Point[]): Metric[] => {
  const byName = new Map<string, { first: Sample; labels: Labels; values: number[] }>();
  for (const { labels, samples } of repeats)
    for (const sample of samples) {
      const found = byName.get(sample.name);
      if (found === undefined) byName.set(sample.name, { first: sample, labels, values: [sample.value] });
      else found.values.push(sample.value);
    }
  return [...byName.values()].map(({ first, labels, values }) => ({
    ...first,
    value: values.length === 1 ? first.value : median(values),
    labels,
  }));
};

const trialOf = (groups: readonly Point[][], index: number, level: ReplicateLevel | null): Trial => {
  const points = groups.flatMap((group) => group[index] ?? []);
  const entries = points.flatMap(({ labels, samples }) =>
    samples.map((sample) => [metricKey({ name: sample.name, labels }), sample.value] as const),
  );
  return {
    index,
    block: null,
    started_at: null,
    replicate_level: level,
    values: Object.fromEntries(entries),
    validity: ['no_telemetry'],
    gpu_uuids: null,
  };
};

/** What a point contradicts, by the metrics that the refuted figures became. A figure that is no metric refutes nothing. */
const contradictionsOf = ({ labels, samples, contradictions = [] }: Point): Contradiction[] =>
  contradictions.flatMap(({ source_key: key, ...found }) =>
    samples
      .filter((sample) => sample.source_key === key)
      .map(({ name }) => ({ key: metricKey({ name, labels }), ...found })),
  );

/** The context of each point, where points differ in it; repeats of a point have what they share. */
const contextsOf = (groups: readonly Point[][]): ContextAtPoint[] => {
  const contexts = groups.flatMap((group): ContextAtPoint[] => {
    const [first] = group;
    return first === undefined
      ? []
      : [{ labels: first.labels, context: sharedContext(group.map(({ context }) => context)) }];
  });
  return new Set(contexts.map(({ context }) => JSON.stringify(context))).size > 1 ? contexts : [];
};

/** Joins points into a reading. Throws a Fault `no_numbers` when there is none, `number_overflow` for one that no double holds. */
export const assemble = (assembly: Assembly): ReadOutcome => {
  const { format, path, points, policy, failed = [], replicateLevel = null } = assembly;
  if (points.every(({ samples }) => samples.length === 0))
    throw inputFault('no_numbers', `${path} holds no measured number (read as ${format})`, {
      path,
      fix: 'give the result file that the benchmark wrote',
    });
  for (const { samples } of points) for (const { value, source_key: key } of samples) finite(value, path, key);
  const groups = groupByLabels(points);
  const repeats = groups.map((group) => group.length);
  const count = Math.max(...repeats);
  const contradictions = points.flatMap(contradictionsOf);
  const counts = groups.flatMap(([first]) =>
    first?.counts === undefined ? [] : [{ labels: first.labels, ...first.counts }],
  );
  const contexts = contextsOf(groups);
  const uneven = repeats.some((length) => length !== count);
  return {
    kind: 'measured',
    reading: {
      format,
      metrics: groups.flatMap(metricsOf),
      trials: count === 1 ? [] : Array.from({ length: count }, (_, index) => trialOf(groups, index, replicateLevel)),
      context: sharedContext(points.map(({ context }) => context)),
      warnings: [
        ...(assembly.warnings ?? []),
        ...(uneven ? [`points were repeated ${Math.min(...repeats)} to ${count} times`] : []),
      ],
      ...(contexts.length === 0 ? {} : { contexts }),
      ...(contradictions.length === 0 ? {} : { contradictions }),
      ...(counts.length === 0 ? {} : { counts }),
      ...(failed.length === 0 ? {} : { failed }),
      ...(policy === undefined ? {} : { policy }),
    },
  };
};

/** The outcome of a run in which nothing completed. */
export const noMeasurement = (format: string, reason: string, warnings: readonly string[] = []): ReadOutcome => ({
  kind: 'no_measurement',
  format,
  reason,
  warnings,
});
