// What a result's own figures give for one another: a rate for its count and duration, p99 for p50, a median for its samples.
// Only what follows from the definitions of the tool is checked: never E2E from TTFT and TPOT, never TPOT against ITL, never
// the rate that was achieved against the one that was offered.
import { AGREEMENT, agrees, halfDigit } from './stated-figure.ts';
import type { Contradiction } from '../metrics/contradiction.ts';
import { type Metric, metricKey } from '../metrics/metric.ts';
import type { ReadOutcome } from '../metrics/reading.ts';
import { dimensionOf } from '../metrics/units.ts';
import { median } from '../stats/describe.ts';
import { formatNumber } from '../render/numbers.ts';

/** A contradiction at a point: its metric by the name that the file has for it. */
export type PointContradiction = Omit<Contradiction, 'key'> & { readonly source_key: string };

/** A figure under the name that the file has for it; undefined where the file has none. */
export interface Figure {
  readonly key: string;
  readonly value: number | undefined;
}

/** A rate that the tool defines as a count over a duration. Several counts are added. */
export interface StatedRate {
  readonly rate: Figure;
  readonly counts: readonly Figure[];
  /** In seconds. */
  readonly duration: Figure;
  /** Amounts of the count in one of the rate, and seconds in one of the duration; 1 where not given. */
  readonly scale?: number;
}

const contradiction = (key: string, stated: number, implied: number, from: string): PointContradiction => ({
  source_key: key,
  stated,
  implied,
  text: `${key} is ${formatNumber(stated)}, but ${from} is ${formatNumber(implied)}`,
});

/** The rate against what its count and duration give; nothing where one of them is missing or zero. */
export const rateContradiction = ({ rate, counts, duration, scale = 1 }: StatedRate): PointContradiction[] => {
  const total = counts.reduce((sum, { value }) => sum + (value ?? NaN), 0);
  if (rate.value === undefined || duration.value === undefined || !(total > 0)) return [];
  if (rate.value <= 0 || duration.value <= 0) return [];
  const [half, halfDuration] = [halfDigit(rate.value), halfDigit(duration.value)];
  const low = (total * scale) / (duration.value + halfDuration);
  const high = halfDuration < duration.value ? (total * scale) / (duration.value - halfDuration) : Infinity;
  const fits = rate.value + half >= low * (1 - AGREEMENT) && rate.value - half <= high * (1 + AGREEMENT);
  if (fits) return [];
  const named = counts.map(({ key }) => key).join(' + ');
  const from = `${counts.length > 1 ? `(${named})` : named} / ${duration.key}`;
  return [contradiction(rate.key, rate.value, (total * scale) / duration.value, from)];
};

/** A median against the samples that it was made from; nothing where these are fewer or more than what was counted. */
export const medianContradiction = (
  stated: Figure,
  samples: { readonly key: string; readonly values: readonly number[] },
  completed: number | undefined,
): PointContradiction[] => {
  const { values } = samples;
  if (stated.value === undefined || values.length === 0 || values.length !== completed) return [];
  const [low, high] = values.reduce(
    ([least, most], value) => [Math.min(least, value), Math.max(most, value)],
    [Infinity, -Infinity],
  );
  const rounding = halfDigit(stated.value) + Math.max(halfDigit(low), halfDigit(high));
  if (stated.value >= low - rounding && stated.value <= high + rounding) return [];
  return [contradiction(stated.key, stated.value, median(values), `the median of its ${values.length} ${samples.key}`)];
};

/** `p99` and where it stands in a name; a median is a p50. */
const QUANTILE = /(?<![a-z0-9])(?:p(\d+(?:[._]\d+)?)|median)(?![a-z0-9])/i;

interface Ranked {
  readonly metric: Metric;
  /** 0 to 100. */
  readonly quantile: number;
}

/** Quantiles of one time at one point, by the name without the quantile; other metrics are left out. */
const quantilesByTime = (metrics: readonly Metric[]): Map<string, Ranked[]> => {
  const found = new Map<string, Ranked[]>();
  for (const metric of metrics) {
    if (metric.unit === null || dimensionOf(metric.unit) !== 'time') continue;
    const match = QUANTILE.exec(metric.name);
    if (match === null) continue;
    const quantile = match[1] === undefined ? 50 : Number(match[1].replace('_', '.'));
    if (quantile > 100) continue;
    const stem = metricKey({ ...metric, name: metric.name.replace(QUANTILE, '*') });
    found.set(stem, [...(found.get(stem) ?? []), { metric, quantile }]);
  }
  return found;
};

/** Both rows of a tail that lies below its median: nothing says which of them is wrong. */
const tailContradictions = (ranked: readonly Ranked[]): Contradiction[] => {
  const middle = ranked.find(({ quantile }) => quantile === 50)?.metric;
  if (middle === undefined) return [];
  return ranked.flatMap(({ metric, quantile }) => {
    const rounding = halfDigit(metric.value) + halfDigit(middle.value);
    if (quantile <= 50 || metric.value >= middle.value - rounding) return [];
    const text = `${metric.source_key} is ${formatNumber(metric.value)}, but ${middle.source_key} is ${formatNumber(middle.value)}`;
    return [metric, middle].map((each) => ({
      key: metricKey(each),
      stated: each.value,
      implied: each === metric ? middle.value : metric.value,
      text,
    }));
  });
};

/** The figure of a document against the trials in it: their median, or their mean where its writer takes that. */
export const trialContradictions = (
  metrics: readonly Metric[],
  valuesOf: (key: string) => readonly number[],
): Contradiction[] =>
  metrics.flatMap((metric) => {
    const key = metricKey(metric);
    const values = valuesOf(key);
    if (values.length === 0) return [];
    const rounding = halfDigit(metric.value) + Math.min(...values.map(halfDigit));
    const [middle, mean] = [median(values), values.reduce((sum, value) => sum + value, 0) / values.length];
    if (agrees(metric.value, middle, rounding) || agrees(metric.value, mean, rounding)) return [];
    const text = `${metric.source_key} is ${formatNumber(metric.value)}, but the median of its ${values.length} trials is ${formatNumber(middle)}`;
    return [{ key, stated: metric.value, implied: middle, text }];
  });

/** The outcome with what its quantiles contradict, besides what its reader found. */
export const withContradictions = <T extends ReadOutcome>(outcome: T): T => {
  if (outcome.kind !== 'measured') return outcome;
  const { reading } = outcome;
  const tails = [...quantilesByTime(reading.metrics).values()].flatMap(tailContradictions);
  if (tails.length === 0) return outcome;
  return { ...outcome, reading: { ...reading, contradictions: [...(reading.contradictions ?? []), ...tails] } };
};
