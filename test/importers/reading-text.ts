// A reading as text, one line for each fact of it, so that what a file is read as can be checked by eye beside the file.
import { readMeasurement } from '../../src/importers/read.ts';
import { type Metric, metricKey } from '../../src/metrics/metric.ts';
import type { PointFacts, Reading } from '../../src/metrics/reading.ts';
import type { Trial } from '../../src/metrics/trial.ts';
import { Fault } from '../../src/text/fault.ts';

const metricLine = (metric: Metric): string =>
  [
    `${metricKey(metric)} = ${metric.value} ${metric.unit ?? '(no unit)'}`,
    metric.direction ?? 'direction unknown',
    metric.statistic ?? 'no statistic',
    `from ${metric.source_key}`,
  ].join(' | ');

const trialLine = ({ values, ...facts }: Trial): string =>
  `trial ${JSON.stringify(facts)}: ${Object.entries(values)
    .map(([key, value]) => `${key} = ${value}`)
    .join(', ')}`;

const pointLine = ({ labels, ...facts }: PointFacts): string =>
  `point ${metricKey({ name: '', labels })} ${JSON.stringify(facts)}`;

const linesOf = (reading: Reading): string[] => [
  `read as ${reading.format}`,
  `context ${JSON.stringify(reading.context)}`,
  ...reading.warnings.map((warning) => `warning: ${warning}`),
  ...reading.metrics.map(metricLine),
  ...reading.trials.map(trialLine),
  ...(reading.points ?? []).map(pointLine),
  ...(reading.policy ?? []).map((rule) => `rule ${JSON.stringify(rule)}`),
];

/** What becomes of a text: its reading, the reason why it holds no measurement, or the fault. `name` is the name of its file. */
export const outcomeAsText = async (name: string, text: string): Promise<string> => {
  try {
    const outcome = await readMeasurement(name, { text });
    if (outcome.kind === 'measured') return [...linesOf(outcome.reading), ''].join('\n');
    return [
      `read as ${outcome.format}`,
      `no measurement: ${outcome.reason}`,
      ...outcome.warnings.map((warning) => `warning: ${warning}`),
      '',
    ].join('\n');
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const { at, fix, data } = error.details;
    return [
      `refused: ${error.code}: ${error.message}`,
      `at ${at ?? '(no place)'}`,
      `fix: ${fix ?? '(none)'}`,
      ...(data === undefined ? [] : [`data ${JSON.stringify(data)}`]),
      '',
    ].join('\n');
  }
};
