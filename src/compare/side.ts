// One side of a comparison, and how its metrics meet those of the other side: by key, in one unit. Never compares values of
// different dimensions and never drops a metric that only one side has.
import type { Context } from '../measurement/context.ts';
import { type Metric, metricKey } from '../measurement/metric.ts';
import type { Trial } from '../measurement/trial.ts';
import { Fault, inputFault } from '../text/fault.ts';
import { convertUnit, dimensionOf, sameUnit } from '../text/units.ts';
import type { FrozenSol } from './speed-of-light.ts';

export interface Side {
  readonly metrics: readonly Metric[];
  /** Empty where nothing was repeated. A trial's values are in the units of `metrics`. */
  readonly trials: readonly Trial[];
  readonly context: Context;
  /** Unit of the metrics that state none. */
  readonly unit?: string | null;
  /** Shares of ceilings frozen when the side was recorded, by metric key. */
  readonly sol?: Readonly<Record<string, FrozenSol>>;
}

/** Unit of the side for metrics that state none; a word that is no unit (`structured-json`) says nothing about many metrics. */
const commonUnit = ({ unit = null, metrics }: Side): string | null =>
  unit !== null && metrics.length > 1 && dimensionOf(unit) === null ? null : unit;

export interface KeyedMetrics {
  readonly metrics: readonly Metric[];
  readonly keys: readonly string[];
  /** Unit per metric, null where nobody says. */
  readonly units: readonly (string | null)[];
}

export const keyMetrics = (side: Side): KeyedMetrics => {
  const unit = commonUnit(side);
  return {
    metrics: side.metrics,
    keys: side.metrics.map(metricKey),
    units: side.metrics.map((metric) => metric.unit ?? unit),
  };
};

/** Position of each key. Throws a Fault `metric_duplicate`. */
const positionsOf = (keys: readonly string[], what: string): Map<string, number> => {
  const positions = new Map<string, number>();
  keys.forEach((key, index) => positions.set(key, index));
  if (positions.size === keys.length) return positions;
  const twice = keys.find((key, index) => positions.get(key) !== index);
  throw inputFault('metric_duplicate', `${what} holds ${JSON.stringify(twice)} more than once`, {
    fix: 'name each metric, or each point it was measured at, once',
  });
};

export interface Meeting {
  /** For each baseline metric its position on the current side, or -1. */
  readonly partner: Int32Array;
  /** Positions of current metrics that the baseline does not have. */
  readonly added: readonly number[];
}

/** Which metric of the current side each baseline metric meets. */
export const meet = (baseline: KeyedMetrics, current: KeyedMetrics): Meeting => {
  const positions = positionsOf(current.keys, 'the current side');
  const partner = Int32Array.from(baseline.keys, (key) => positions.get(key) ?? -1);
  const met = new Uint8Array(current.keys.length);
  let count = 0;
  for (const position of partner) {
    if (position < 0) continue;
    met[position] = 1;
    count += 1;
  }
  const distinct = met.reduce((sum, each) => sum + each, 0);
  if (distinct < count) positionsOf(baseline.keys, 'the baseline');
  return { partner, added: Array.from(met.keys()).filter((index) => met[index] === 0) };
};

/** Brings a value of the current side to the baseline's unit. A unit that only one side states is taken to hold for both. */
export type ToBaselineUnit = (value: number) => number;

const same: ToBaselineUnit = (value) => value;

/** Throws a Fault `unit_mismatch` where the two units have no common dimension. */
export const unitBridge = (key: string, baseline: string | null, current: string | null): ToBaselineUnit => {
  if (baseline === null || current === null || baseline === current || sameUnit(baseline, current)) return same;
  const dimension = dimensionOf(current);
  if (dimension === null || dimension !== dimensionOf(baseline))
    throw new Fault('not_comparable', 'unit_mismatch', `${key} is in ${baseline} on the baseline and in ${current} now`, {
      fix: 'measure both sides in units of one kind',
      data: { key, baseline_unit: baseline, current_unit: current },
    });
  return (value) => convertUnit(value, current, baseline);
};
