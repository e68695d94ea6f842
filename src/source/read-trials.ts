// Joins several readings of one measurement into one side: each file is a trial, the metrics are medians. A folder read as
// a measurement of its own keeps its files apart instead.
import type { Contradiction } from '../metrics/contradiction.ts';
import { metricKey, type Metric } from '../metrics/metric.ts';
import type { PolicyRule } from '../metrics/policy-rule.ts';
import type { Reading } from '../metrics/reading.ts';
import { isValidTrial, type Trial } from '../metrics/trial.ts';
import type { Context, ContextField } from '../metrics/context.ts';
import { median } from '../stats/describe.ts';
import { inputFault } from '../text/fault.ts';

export interface NamedReading {
  readonly path: string;
  readonly reading: Reading;
}

const valuesOf = (reading: Reading): Readonly<Record<string, number>> =>
  Object.fromEntries(reading.metrics.map((metric) => [metricKey(metric), metric.value]));

/** The trials of one file: its own, or the file as one. */
const trialsOf = (reading: Reading): Trial[] =>
  reading.trials.length > 0
    ? [...reading.trials]
    : [
        {
          index: 0,
          block: null,
          started_at: null,
          replicate_level: null,
          values: valuesOf(reading),
          validity: ['no_telemetry'],
          gpu_uuids: reading.context.gpu_uuids ?? null,
        },
      ];

const formatsOf = (readings: readonly NamedReading[]): string[] => [
  ...new Set(readings.flatMap(({ reading }) => reading.joined_formats ?? [reading.format])),
];

const requireSameKeys = ([first, ...others]: readonly NamedReading[]): void => {
  if (first === undefined) return;
  const wanted = Object.keys(valuesOf(first.reading)).sort();
  for (const { path, reading } of others) {
    const found = Object.keys(valuesOf(reading)).sort();
    const odd = wanted.find((key) => !found.includes(key)) ?? found.find((key) => !wanted.includes(key));
    if (odd !== undefined)
      throw inputFault(
        'trials_differ',
        `${path} and ${first.path} do not hold the same metrics: ${odd} is in one only`,
        {
          path,
          fix: 'give repeats of one measurement, or one file',
        },
      );
  }
};

/** Fields on which all contexts agree; where they do not, the field is left out and named. */
export const agreeingContext = (contexts: readonly Context[]): { context: Context; differing: ContextField[] } => {
  const fields = [...new Set(contexts.flatMap((context) => Object.keys(context)))] as ContextField[];
  const differing: ContextField[] = [];
  const kept = fields.flatMap((field) => {
    const values = new Set(contexts.map((context) => JSON.stringify(context[field] ?? null)));
    if (values.size > 1) differing.push(field);
    return values.size > 1 ? [] : [[field, contexts[0]?.[field]] as const];
  });
  return { context: Object.fromEntries(kept), differing };
};

/** One reading from repeats. Throws a Fault `trials_differ` where the files do not hold the same metrics. */
export const joinTrials = (readings: readonly NamedReading[]): Reading => {
  const [first] = readings;
  if (first === undefined) throw inputFault('no_files', 'no measurement file was given', { fix: 'name a file' });
  if (readings.length === 1) return first.reading;
  requireSameKeys(readings);
  const trials = readings.flatMap(({ reading }) => trialsOf(reading)).map((trial, index) => ({ ...trial, index }));
  const valid = trials.filter(isValidTrial);
  const counted = valid.length > 0 ? valid : trials;
  const metrics = first.reading.metrics.map((metric): Metric => {
    const key = metricKey(metric);
    const values = counted.flatMap((trial) => trial.values[key] ?? []);
    return { ...metric, value: values.length > 0 ? median(values) : metric.value };
  });
  const { context, differing } = agreeingContext(readings.map(({ reading }) => reading.context));
  const warnings = new Set(readings.flatMap(({ reading }) => reading.warnings));
  if (differing.length > 0) warnings.add(`the trials differ in ${differing.join(', ')}`);
  const contradictions = readings.flatMap(({ path, reading }) =>
    (reading.contradictions ?? []).map((found) => ({ ...found, text: `${path}: ${found.text}` })),
  );
  const joined_formats = formatsOf(readings);
  return { ...first.reading, joined_formats, metrics, trials, context, warnings: [...warnings], contradictions };
};

/** The matches of a rule about the metrics of one file, once these carry the file as a label. */
const matchesInFile = (match: string, file: string): string[] => {
  const open = match.indexOf('[');
  const label = `file=${file}`;
  if (open < 0) return [`${match}[*${label}]`, `${match}[*${label},*]`];
  const labels = match.slice(open + 1, -1).split(',');
  return [`${match.slice(0, open)}[${[...labels, label].sort().join(',')}]`];
};

const rulesInFile = (rules: readonly PolicyRule[], file: string): PolicyRule[] =>
  rules.flatMap((rule) => matchesInFile(rule.match, file).map((match) => ({ ...rule, match })));

/** One reading from different files of a folder: every metric carries the file it comes from. */
export const joinFolder = (readings: readonly NamedReading[]): Reading => {
  const labelled = (metric: Metric, file: string): Metric => ({ ...metric, labels: { ...metric.labels, file } });
  const { context } = agreeingContext(readings.map(({ reading }) => reading.context));
  const contradictionsIn = ({ path, reading }: NamedReading): Contradiction[] =>
    reading.metrics.flatMap((metric) =>
      (reading.contradictions ?? [])
        .filter(({ key }) => key === metricKey(metric))
        .map((found) => ({ ...found, key: metricKey(labelled(metric, path)), text: `${path}: ${found.text}` })),
    );
  return {
    format: 'folder',
    joined_formats: formatsOf(readings),
    metrics: readings.flatMap(({ path, reading }) => reading.metrics.map((metric) => labelled(metric, path))),
    trials: [],
    context,
    warnings: readings.flatMap(({ path, reading }) => reading.warnings.map((warning) => `${path}: ${warning}`)),
    contradictions: readings.flatMap(contradictionsIn),
    policy: readings.flatMap(({ path, reading }) => rulesInFile(reading.policy ?? [], path)),
  };
};
