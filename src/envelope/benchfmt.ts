// Measurements as text of Go's benchmark format (golang.org/design/14313-benchmark-format), one line a trial and metric, so that
// benchstat can check what the product says. Drops nothing but trials that do not count.
import { type Context } from '../metrics/context.ts';
import { metricKey, type Metric } from '../metrics/metric.ts';
import { isValidTrial } from '../metrics/trial.ts';
import { convertUnit } from '../metrics/units.ts';
import { visibleText } from '../render/escape.ts';
import type { Direction } from '../stats/direction.ts';
import type { DiffFile } from './diff-files.ts';
import { loadPointName, splitPoints } from './load-point.ts';

const TIMES: readonly string[] = ['ns', 'us', 'ms', 's'];

/** Times become `ns/op`, which benchstat shows in seconds; every other unit stands as it is, without blanks. */
const unitOf = ({ unit }: Metric): string => {
  if (unit === null) return 'value';
  return TIMES.includes(unit) ? 'ns/op' : visibleText(unit).replace(/\s+/g, '_');
};

const amountOf = (value: number, { unit }: Metric): number =>
  unit !== null && TIMES.includes(unit) ? convertUnit(value, unit, 'ns') : value;

/** A part of a name: no blanks, no slash of its own; an ending like `-8` would be read as a number of processors. */
const part = (text: string): string =>
  visibleText(text)
    .replace(/[\s/]+/g, '_')
    .replace(/-(?=\d+$)/, '_');

const nameOf = (key: string, point: string): string =>
  part(`BenchmarkServing`) + `/metric=${part(key)}${point === '' ? '' : `/point=${part(point)}`}`;

const linesOf = ({ path, reading }: DiffFile, wanted: (key: string) => boolean): string[] =>
  splitPoints(path, reading).flatMap(({ point, reading: own }) => {
    const line = (metric: Metric, value: number): string =>
      `${nameOf(metricKey(metric), loadPointName(point))} 1 ${amountOf(value, metric)} ${unitOf(metric)}`;
    return own.metrics
      .filter((metric) => wanted(metricKey(metric)) && Number.isFinite(metric.value))
      .flatMap((metric) => {
        const repeats = own.trials.filter((trial) => trial.values[metricKey(metric)] !== undefined);
        const values = repeats.filter(isValidTrial).flatMap((trial) => trial.values[metricKey(metric)] ?? []);
        return (repeats.length > 0 ? values : [metric.value]).map((value) => line(metric, value));
      });
  });

/** Which way a unit is better, where all its metrics with a direction agree. */
const unitLines = (metrics: readonly Metric[], directionOf: (metric: Metric) => Direction | null): string[] => {
  const words = { 'higher-is-better': 'higher', 'lower-is-better': 'lower' } as const;
  return [...new Set(metrics.map(unitOf))].sort().flatMap((unit) => {
    const stated = metrics.filter((metric) => unitOf(metric) === unit).map(directionOf);
    const [only, ...others] = new Set(stated.flatMap((one) => (one === null || one === 'two-sided' ? [] : [one])));
    return only === undefined || others.length > 0 ? [] : [`Unit ${unit} better=${words[only]}`];
  });
};

const settingText = (value: unknown): string =>
  visibleText(typeof value === 'object' ? JSON.stringify(value) : String(value)).trim();

/** The context as configuration lines; a key that another file of the export has and this one has not is taken back. */
const settings = (context: Context, keys: readonly string[]): string[] => {
  const known = new Map<string, unknown>(Object.entries(context));
  return keys.map((key) => {
    const value = known.get(key) ?? null;
    return value === null ? `${key}:` : `${key}: ${settingText(value)}`;
  });
};

/** The text for benchstat; `wanted` picks metrics by key. Ends with a newline. */
export const benchfmtText = (
  files: readonly DiffFile[],
  wanted: (key: string) => boolean,
  directionOf: (metric: Metric) => Direction | null,
): string => {
  const contexts = files.map(({ reading }) => reading.context);
  const keys = [
    ...new Set(
      contexts.flatMap((context) =>
        Object.entries(context).flatMap(([key, value]) => (value === null || value === undefined ? [] : [key])),
      ),
    ),
  ].sort();
  const metrics = files.flatMap(({ reading }) => reading.metrics.filter((metric) => wanted(metricKey(metric))));
  const blocks = files.map((file) => [...settings(file.reading.context, keys), ...linesOf(file, wanted)]);
  return `${[...unitLines(metrics, directionOf), ...blocks.flat()].join('\n')}\n`;
};
