// How the metrics of one side meet those of the other: by key, in one unit. Never compares values of different dimensions and
// never drops a metric that only one side has.
import { type Metric, metricKey } from '../metrics/metric.ts';
import { convertUnit, dimensionOf, sameUnit } from '../metrics/units.ts';
import type { Side } from '../source/side.ts';
import { Fault, inputFault } from '../text/fault.ts';

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

export interface Meeting {
  /** For each baseline metric its position on the candidate's side, or -1. */
  readonly partner: Int32Array;
  /** Positions of the candidate's metrics that the baseline does not have. */
  readonly added: readonly number[];
}

/** Number of leading keys that are the same on both sides, in the same order. */
const commonPrefix = (a: readonly string[], b: readonly string[]): number => {
  const end = Math.min(a.length, b.length);
  let length = 0;
  while (length < end && a[length] === b[length]) length += 1;
  return length;
};

const commonSuffix = (a: readonly string[], b: readonly string[], prefix: number): number => {
  const end = Math.min(a.length, b.length) - prefix;
  let length = 0;
  while (length < end && a[a.length - 1 - length] === b[b.length - 1 - length]) length += 1;
  return length;
};

const duplicate = (key: string, what: string): Fault =>
  inputFault('metric_duplicate', `${what} holds ${JSON.stringify(key)} more than once`, {
    fix: 'name each metric, or each point it was measured at, once',
  });

/** Position of each key from `from` to `to`. Throws a Fault `metric_duplicate`. */
const positionsOf = (keys: readonly string[], from: number, to: number, what: string): Map<string, number> => {
  const positions = new Map<string, number>();
  for (let index = from; index < to; index += 1) {
    const key = keys[index] ?? '';
    positions.set(key, index);
    if (positions.size <= index - from) throw duplicate(key, what);
  }
  return positions;
};

/**
 * Which metric of the candidate each baseline metric meets. Files of one tool mostly name their metrics in one order, so
 * only what lies between a common beginning and a common end is looked up. Throws a Fault `metric_duplicate` where a key that
 * occurs twice leaves open which one is meant.
 */
export const matchMetrics = ({ keys: before }: KeyedMetrics, { keys: after }: KeyedMetrics): Meeting => {
  const prefix = commonPrefix(before, after);
  const suffix = commonSuffix(before, after, prefix);
  const shift = after.length - before.length;
  const [endBefore, endAfter] = [before.length - suffix, after.length - suffix];
  const waiting = positionsOf(after, prefix, endAfter, 'the current side');
  const lookUp = (key: string): number => {
    const position = waiting.get(key) ?? -1;
    waiting.delete(key);
    return position;
  };
  const partner = new Int32Array(before.length);
  for (let index = 0; index < before.length; index += 1) {
    if (index < prefix) partner[index] = index;
    else partner[index] = index >= endBefore ? index + shift : lookUp(before[index] ?? '');
  }
  // A key left over may be the second of its name.
  if (partner.includes(-1)) positionsOf(before, 0, before.length, 'the baseline');
  if (waiting.size > 0) positionsOf(after, 0, after.length, 'the current side');
  return { partner, added: [...waiting.values()] };
};

/** Brings a value of the candidate to the baseline's unit. A unit that only one side states is taken to hold for both. */
export type ToBaselineUnit = (value: number) => number;

const same: ToBaselineUnit = (value) => value;

/** What brings the metric `key` from the candidate's unit to the baseline's. */
export type UnitBridge = (key: string, baseline: string | null, candidate: string | null) => ToBaselineUnit;

/** Throws a Fault `unit_mismatch` where the two units have no common dimension. */
export const unitBridge: UnitBridge = (key, baseline, candidate) => {
  if (baseline === null || candidate === null || baseline === candidate || sameUnit(baseline, candidate)) return same;
  const dimension = dimensionOf(candidate);
  if (dimension === null || dimension !== dimensionOf(baseline))
    throw new Fault(
      'not_comparable',
      'unit_mismatch',
      `${key} is in ${baseline} on the baseline and in ${candidate} now`,
      {
        fix: 'measure both sides in units of one kind',
        data: { key, baseline_unit: baseline, current_unit: candidate },
      },
    );
  return (value) => convertUnit(value, candidate, baseline);
};
