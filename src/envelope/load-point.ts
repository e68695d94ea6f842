// Which load point a metric was measured at, and which baseline point a candidate's point belongs to. A point without a
// baseline of its own is refused by name, never compared with another.
import type { Context } from '../metrics/context.ts';
import { metricKey, type Labels, type Metric } from '../metrics/metric.ts';
import type { Reading } from '../metrics/reading.ts';
import type { Trial } from '../metrics/trial.ts';
import { Fault } from '../text/fault.ts';

/** Null where it does not apply or is not stated. */
export interface LoadPoint {
  /** Requests in flight. */
  readonly concurrency: number | null;
  /** Requests per second. */
  readonly rate: number | null;
  /** Prompt and output tokens, only in a file that holds several lengths; else they are a matter of the context. */
  readonly isl: number | null;
  readonly osl: number | null;
}

/** What one file holds about one load point: metrics and trials without the labels of the load. */
export interface PointReading {
  readonly path: string;
  readonly point: LoadPoint;
  readonly reading: Reading;
}

const LOAD_LABELS = ['concurrency', 'request_rate', 'isl', 'osl'];

const numeric = (value: string | number | null | undefined): number | null => {
  const number = typeof value === 'string' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : null;
};

/** Lengths of which the file holds more than one. */
const varyingLengths = ({ metrics }: Reading): string[] =>
  ['isl', 'osl'].filter((label) => new Set(metrics.map(({ labels }) => labels[label])).size > 1);

const pointOf = (labels: Labels, { context }: Reading, varying: readonly string[]): LoadPoint => ({
  concurrency: numeric(labels['concurrency'] ?? context.concurrency),
  // `inf` sends everything at once: no rate.
  rate: numeric(labels['request_rate'] ?? context.request_rate),
  isl: varying.includes('isl') ? numeric(labels['isl']) : null,
  osl: varying.includes('osl') ? numeric(labels['osl']) : null,
});

const NOT_STATED = 'load not stated';

/** `c16`, `rps4`, `c16-isl1024-osl128`; `load not stated` when nothing is known. */
export const loadPointName = ({ concurrency, rate, isl, osl }: LoadPoint): string => {
  const parts = [
    ['c', concurrency],
    ['rps', rate],
    ['isl', isl],
    ['osl', osl],
  ].flatMap(([name, value]) => (value === null ? [] : `${name}${value}`));
  return parts.length === 0 ? NOT_STATED : parts.join('-');
};

const withoutLoad = (labels: Labels): Labels =>
  Object.fromEntries(Object.entries(labels).filter(([label]) => !LOAD_LABELS.includes(label)));

/** The values of a trial that belong to these metrics, under their new keys. */
const trialOfPoint = (trial: Trial, renamed: ReadonlyMap<string, string>): Trial => ({
  ...trial,
  values: Object.fromEntries(
    Object.entries(trial.values).flatMap(([key, value]) => {
      const name = renamed.get(key);
      return name === undefined ? [] : [[name, value] as const];
    }),
  ),
});

/** The context of one point: what its labels say goes before what the file says of all. */
const contextOf = (point: LoadPoint, labels: Labels, { context }: Reading): Context => {
  const [isl, osl] = [numeric(labels['isl']) ?? context.isl, numeric(labels['osl']) ?? context.osl];
  return {
    ...context,
    ...(point.concurrency === null ? {} : { concurrency: point.concurrency }),
    ...(point.rate === null ? {} : { request_rate: point.rate }),
    ...(isl === undefined ? {} : { isl }),
    ...(osl === undefined ? {} : { osl }),
  };
};

const pointReading = (path: string, point: LoadPoint, reading: Reading, metrics: readonly Metric[]): PointReading => {
  const own = metrics.map((metric) => ({ ...metric, labels: withoutLoad(metric.labels) }));
  const renamed = new Map(metrics.map((metric, index) => [metricKey(metric), metricKey(own[index] ?? metric)]));
  const trials = reading.trials.map((trial) => trialOfPoint(trial, renamed));
  const context = contextOf(point, metrics[0]?.labels ?? {}, reading);
  const contradictions = (reading.contradictions ?? []).flatMap((found) => {
    const key = renamed.get(found.key);
    return key === undefined ? [] : [{ ...found, key }];
  });
  return { path, point, reading: { ...reading, metrics: own, trials, context, contradictions } };
};

/** Splits a file into its load points, in the order in which they come. */
export const splitPoints = (path: string, reading: Reading): PointReading[] => {
  const varying = varyingLengths(reading);
  const groups = new Map<string, { point: LoadPoint; metrics: Metric[] }>();
  for (const metric of reading.metrics) {
    const point = pointOf(metric.labels, reading, varying);
    const name = loadPointName(point);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, { point, metrics: [metric] });
    else group.metrics.push(metric);
  }
  return [...groups.values()].map(({ point, metrics }) => pointReading(path, point, reading, metrics));
};

export interface MatchedPoint {
  readonly name: string;
  readonly baseline: readonly PointReading[];
  readonly candidate: readonly PointReading[];
  /** One side does not state its load; it was taken to be the other's, the only one there is. */
  readonly assumed: boolean;
}

const byName = (readings: readonly PointReading[]): Map<string, PointReading[]> => {
  const groups = new Map<string, PointReading[]>();
  for (const reading of readings) {
    const name = loadPointName(reading.point);
    groups.set(name, [...(groups.get(name) ?? []), reading]);
  }
  return groups;
};

/** Each side was measured at one load, and at least one of them does not state which: they are taken to be the same. */
const matchUntold = (
  before: ReadonlyMap<string, PointReading[]>,
  after: ReadonlyMap<string, PointReading[]>,
): MatchedPoint | null => {
  const [[name, baseline] = [], ...moreBefore] = before;
  const [[other, candidate] = [], ...moreAfter] = after;
  if (name === undefined || other === undefined || !baseline || !candidate) return null;
  if (moreBefore.length > 0 || moreAfter.length > 0 || (name !== NOT_STATED && other !== NOT_STATED)) return null;
  return { name: name === NOT_STATED ? other : name, baseline, candidate, assumed: name !== other };
};

const ownBaseline = (
  before: ReadonlyMap<string, PointReading[]>,
  name: string,
  candidate: readonly PointReading[],
): MatchedPoint => {
  const baseline = before.get(name);
  if (baseline !== undefined) return { name, baseline, candidate, assumed: false };
  const known = [...before.keys()];
  throw new Fault(
    'not_comparable',
    'load_point_without_baseline',
    `${candidate[0]?.path ?? 'the candidate'} was measured at ${name}, the baseline at ${known.join(', ')}`,
    { fix: `give a baseline measured at ${name}`, data: { point: name, baseline_points: known } },
  );
};

/** Each candidate point with the baseline of the same load. Throws a Fault `load_point_without_baseline` that names both. */
export const matchPoints = (
  baseline: readonly PointReading[],
  candidate: readonly PointReading[],
): { readonly matched: readonly MatchedPoint[]; readonly unused: readonly string[] } => {
  const [before, after] = [byName(baseline), byName(candidate)];
  const untold = matchUntold(before, after);
  if (untold !== null) return { matched: [untold], unused: [] };
  return {
    matched: [...after].map(([name, points]) => ownBaseline(before, name, points)),
    unused: [...before.keys()].filter((name) => !after.has(name)),
  };
};
