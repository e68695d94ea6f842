// How what serving tools report becomes metrics of the catalogue: the rules by which figures follow from others. A latency of
// zero means that nothing was measured and never becomes a value; one below zero is kept, since only a broken clock writes it.
import { type Sample, present } from './point.ts';
import {
  CATALOGUE,
  type CatalogueEntry,
  type Latency,
  type MetricId,
  type Tool,
  latencyName,
  latencyNamed,
  nameOf,
  statisticInName,
  writtenBy,
} from '../metrics/catalogue.ts';

/** A metric of the catalogue; undefined where the tool has no value for it. */
export const serving = (
  id: MetricId,
  value: number | undefined,
  sourceKey: string,
  statistic: string | null | undefined = undefined,
): Sample | undefined => {
  if (value === undefined) return undefined;
  const { name, unit, direction, statistic: own }: CatalogueEntry = CATALOGUE[id];
  return {
    name,
    source_key: sourceKey,
    unit,
    value,
    direction,
    statistic: statistic === undefined ? (own ?? null) : statistic,
  };
};

/** A rate of tokens of zero means that no token was counted. */
const counted = (id: MetricId, value: number | undefined): number | undefined =>
  value === 0 && CATALOGUE[id].unit === 'tok/s' ? undefined : value;

/** The metrics that a tool reports under names of its own, but for failures, which need the number of answers beside them. */
export const writtenSamples = (tool: Tool, number: (key: string) => number | undefined): Sample[] =>
  present(
    [...writtenBy(tool)].map(([key, id]) =>
      id === 'failedRequests' ? undefined : serving(id, counted(id, number(key)), key),
    ),
  );

/** A latency in milliseconds; undefined when absent or zero: one-chunk responses and runs without tokens print 0. */
export const latency = (
  kind: Latency,
  statistic: string,
  value: number | undefined,
  sourceKey: string,
): Sample | undefined => {
  if (value === undefined || value === 0) return undefined;
  const name = latencyName(kind, statistic);
  return { name, source_key: sourceKey, unit: 'ms', value, direction: 'lower-is-better', statistic };
};

/** Milliseconds of a time in seconds, without the digits that the multiplication makes up. */
export const inMilliseconds = (seconds: number): number => Number((seconds * 1000).toPrecision(15));

/** As `inMilliseconds`, for a time that may be missing. */
export const milliseconds = (seconds: number | undefined): number | undefined =>
  seconds === undefined ? undefined : inMilliseconds(seconds);

/** Decode speed that one user sees: 1000 / median TPOT in ms, from the samples of one point. */
export const perUserSpeed = (samples: readonly Sample[]): Sample | undefined => {
  const tpot = samples.find((sample) => sample.name === latencyName('tpot', 'p50'));
  return tpot === undefined || tpot.value <= 0 ? undefined : serving('perUser', 1000 / tpot.value, tpot.source_key);
};

/**
 * A percentile of tok/s/user as a metric of its own. The p-th percentile of a rate is the rate at the (100 - p)-th percentile
 * of the latency: `p1` is the slow tail. `statistic` is that of the rate.
 */
export const perUserPercentile = (
  statistic: string,
  value: number | undefined,
  sourceKey: string,
): Sample | undefined => {
  const sample = serving('perUser', value, sourceKey, statistic);
  return sample && { ...sample, name: `${nameOf('perUser')}_${statisticInName(statistic)}` };
};

/** The share of requests that were answered and the number that failed; empty where either is not known. */
export const requestOutcome = (
  completed: number | undefined,
  failed: number | undefined,
  sourceKey: string,
): (Sample | undefined)[] => {
  if (completed === undefined || failed === undefined || completed + failed <= 0) return [];
  return [serving('okRate', completed / (completed + failed), sourceKey), serving('failedRequests', failed, sourceKey)];
};

/** Mean prompt and output length of the requests that completed. */
export const meanLengths = (
  completed: number | undefined,
  input: { readonly total: number | undefined; readonly key: string },
  output: { readonly total: number | undefined; readonly key: string },
): (Sample | undefined)[] => {
  if (completed === undefined || completed <= 0) return [];
  const mean = (total: number | undefined): number | undefined =>
    total === undefined || total <= 0 ? undefined : total / completed;
  return [
    serving('promptLength', mean(input.total), input.key),
    serving('outputLength', mean(output.total), output.key),
  ];
};

/** True for names of latencies: of those a value of zero was not measured, and one below zero cannot be. */
export const isLatencyName = (name: string): boolean => latencyNamed(name) !== undefined;
