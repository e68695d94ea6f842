// Made-up measurements for tests of comparisons.
import { metricsYaml } from '../compare/sides.ts';
import type { DiffFile } from '../../src/envelope/diff-files.ts';
import type { Context } from '../../src/metrics/context.ts';
import { metricKey, type Metric } from '../../src/metrics/metric.ts';
import type { Trial } from '../../src/metrics/trial.ts';
import type { PolicyRule } from '../../src/metrics/policy-rule.ts';

/** The rules that the product ships. */
export const DEFAULTS: readonly PolicyRule[] = metricsYaml;

export type Figures = Readonly<Record<string, number>>;

export interface FileOptions {
  readonly context?: Context;
  readonly trials?: readonly Figures[];
  readonly invalid?: readonly number[];
  readonly blocks?: boolean;
  /** Answered requests of each trial. */
  readonly requests?: number;
  readonly envelope?: DiffFile['envelope'];
}

const metric = (name: string, value: number, context: Context): Metric => ({
  name,
  source_key: name,
  unit: name.endsWith('_ms') ? 'ms' : null,
  value,
  direction: null,
  statistic: /_(p\d+)_/.exec(name)?.[1] ?? null,
  labels: typeof context.concurrency === 'number' ? { concurrency: context.concurrency } : {},
});

export const CONTEXT: Context = {
  model: 'm',
  engine: 'vllm',
  engine_version: '0.11.0',
  quant: 'fp16',
  concurrency: 16,
};

/** A file with these figures; with `trials`, of as many trials. */
export const fileOf = (path: string, figures: Figures, options: FileOptions = {}): DiffFile => {
  const { context = CONTEXT, trials = [], invalid = [], blocks = false, envelope = null, requests } = options;
  const metrics = Object.entries(figures).map(([name, value]) => metric(name, value, context));
  const keyed = (values: Figures): Figures =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [metricKey(metric(name, value, context)), value]));
  const made: Trial[] = trials.map((values, index) => ({
    index,
    block: blocks ? index : null,
    started_at: null,
    replicate_level: 'process',
    values: keyed(values),
    validity: invalid.includes(index) ? ['throttle'] : [],
    gpu_uuids: null,
    requests,
  }));
  return {
    path,
    sha256: path,
    envelope,
    reading: { format: 'envelope', metrics, trials: made, context, warnings: [] },
  };
};

/** Trials around a centre: the same small spread on every call. */
export const around = (name: string, centre: number, count: number): Figures[] =>
  Array.from({ length: count }, (_, index) => ({ [name]: centre * (1 + 0.002 * ((index % 3) - 1) + 0.0001 * index) }));
