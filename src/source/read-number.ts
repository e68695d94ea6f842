// The one number that a scalar measurement is about, as a reading of its own: the only one in a file, the one that a selector
// picks, or plain numbers of a call. Never chooses among several.
import { readFileText } from '../importers/file-text.ts';
import { readMeasurement } from '../importers/read.ts';
import { describeNumbers, listNumbers, selectMetric, selectValue, type Selected } from '../importers/select.ts';
import { metricKey, NO_LABELS, type Metric } from '../metrics/metric.ts';
import type { Reading } from '../metrics/reading.ts';
import { isValidTrial, type ReplicateLevel, type Trial } from '../metrics/trial.ts';
import { convertUnit } from '../metrics/units.ts';
import { median } from '../stats/describe.ts';
import { inputFault } from '../text/fault.ts';
import { attestedOfContext, attestedOfTrials, joinAttested } from './fact-origin.ts';
import { trialsOfValues, withLevel } from './given-context.ts';
import { noMeasurementFault } from './read-side.ts';
import { joinTrials, type NamedReading } from './read-trials.ts';
import type { MeasuredSide } from './side.ts';

export interface NumberSource {
  /** What errors call the file. */
  readonly path: string;
  /** Where its bytes lie, when not at `path`. */
  readonly content?: string | undefined;
  readonly format?: string | undefined;
  /** What the caller picks; always applied. */
  readonly select?: string | undefined;
  /** What the baseline was picked with; not needed where the file holds one number. */
  readonly stored?: string | null | undefined;
}

const selectorNeeded = (path: string, reading: Reading) => {
  const numbers = listNumbers(reading);
  return inputFault('selector_needed', `${path} holds ${numbers.length} numbers and the baseline is one number`, {
    path,
    fix: `choose one with select, or give current_value: ${describeNumbers(numbers)}`,
    data: { numbers: numbers.slice(0, 50) },
  });
};

const pick = async (reading: Reading, text: string, source: NumberSource): Promise<Selected> => {
  const { path, format } = source;
  const [only, ...others] = reading.metrics;
  const isOne = only !== undefined && others.length === 0;
  const selector = source.select ?? (isOne && reading.format === 'scalar' ? undefined : source.stored);
  if (selector !== undefined && selector !== null)
    return selectMetric(reading, selector, path) ?? (await selectValue(path, selector, { format, text }));
  if (!isOne) throw selectorNeeded(path, reading);
  return { selector: only.name, value: only.value, unit: only.unit, metric: only, trials: [] };
};

/** Trials that hold the key, with its value under `name`. */
const trialsUnder = (trials: readonly Trial[], key: string, name: string): Trial[] =>
  trials.flatMap((trial) => {
    const value = trial.values[key];
    return value === undefined ? [] : [{ ...trial, values: { [name]: value } }];
  });

/** What contradicts the picked metric, under `name`. */
const contradictionsUnder = (
  { contradictions = [] }: Reading,
  metric: Metric | null,
  name: string,
): Reading['contradictions'] =>
  metric === null
    ? []
    : contradictions.filter(({ key }) => key === metricKey(metric)).map((found) => ({ ...found, key: name }));

const numberMetric = (name: string, number: Partial<Metric> & Pick<Metric, 'value'>): Metric => ({
  name,
  source_key: 'value',
  unit: null,
  direction: null,
  statistic: null,
  labels: NO_LABELS,
  ...number,
});

/**
 * The number, called `name` as its repeats are. Throws a Fault `selector_needed` (which lists the numbers with their
 * selectors), one of `selectValue`, or `no_measurement`.
 */
export const readNumber = async (source: NumberSource, name: string): Promise<Reading> => {
  const { path, content = path, format } = source;
  const text = await readFileText(content);
  const outcome = await readMeasurement(path, { format, text });
  if (outcome.kind === 'no_measurement') throw noMeasurementFault(path, outcome.reason);
  const { reading } = outcome;
  const { value, unit, metric } = await pick(reading, text, source);
  const repeats = metric === null ? [] : trialsUnder(reading.trials, metricKey(metric), name);
  const direction = metric?.direction ?? null;
  return {
    format: reading.format,
    metrics: [numberMetric(name, { value, unit, direction, source_key: source.select ?? 'value' })],
    trials: repeats.length > 1 ? repeats : [],
    context: reading.context,
    warnings: reading.warnings,
    contradictions: contradictionsUnder(reading, metric, name),
  };
};

/** The format of numbers that no file holds. */
const STATED = 'stated';

/** Trials of one number that the caller states, as a reading. */
export const statedTrials = (name: string, trials: readonly Trial[], unit: string | null): Reading => {
  const value = trials[0]?.values[name] ?? 0;
  return { format: STATED, metrics: [numberMetric(name, { value, unit })], trials, context: {}, warnings: [] };
};

/** Throws a Fault `number_inexact`: nobody can say any more which number was written. */
const requireExact = (value: number): void => {
  if (Math.abs(value) <= Number.MAX_SAFE_INTEGER) return;
  throw inputFault('number_inexact', `the value is ${value}, where integers lose digits on their way here`, {
    fix: 'give it in a larger unit',
  });
};

/** Plain numbers, one a trial, as a reading. Throws a Fault `number_inexact`. */
export const statedNumbers = (name: string, values: readonly number[], unit: string | null): Reading => {
  values.forEach(requireExact);
  return statedTrials(name, trialsOfValues(name, values, null), unit);
};

/** The reading in `unit`. Throws a Fault `unit_mismatch` or `unit_unknown`; a unit that either side leaves open is taken over. */
export const inUnit = (reading: Reading, unit: string | null): Reading => {
  const [metric] = reading.metrics;
  if (metric === undefined || unit === null) return reading;
  const from = metric.unit;
  if (from === null) return { ...reading, metrics: [{ ...metric, unit }] };
  const convert = (value: number): number => convertUnit(value, from, unit);
  const converted = (trial: Trial): Trial => ({
    ...trial,
    values: Object.fromEntries(Object.entries(trial.values).map(([key, value]) => [key, convert(value)])),
  });
  return {
    ...reading,
    metrics: [{ ...metric, unit, value: convert(metric.value) }],
    trials: reading.trials.map(converted),
  };
};

/** The number of each file as a repeat, all in the unit of the first. `files` is not empty. */
export const readNumbers = async (files: readonly NumberSource[], name: string): Promise<Reading> => {
  const found: NamedReading[] = [];
  for (const file of files) {
    const unit = found[0]?.reading.metrics[0]?.unit ?? null;
    found.push({ path: file.path, reading: inUnit(await readNumber(file, name), unit) });
  }
  return joinTrials(found);
};

/** A reading of one number as a side: the median of its valid repeats. Throws a Fault `not_finite`. */
export const scalarSide = (reading: Reading, level: ReplicateLevel | undefined): MeasuredSide => {
  const { format, context, warnings, contradictions } = reading;
  const [metric] = reading.metrics;
  if (metric === undefined) throw new Error('a reading of a number holds none');
  const values = reading.trials.filter(isValidTrial).flatMap((trial) => trial.values[metric.name] ?? []);
  const value = values.length > 0 ? median(values) : metric.value;
  const bad = [...values, value].find((each) => !Number.isFinite(each));
  if (bad !== undefined) throw inputFault('not_finite', `the value is ${bad}`, { fix: 'give finite numbers' });
  return {
    shape: 'scalar',
    format: format === STATED ? null : format,
    metrics: [{ ...metric, value }],
    trials: reading.trials.length > 1 ? withLevel(reading.trials, level) : [],
    attested: joinAttested(attestedOfTrials(format, reading.trials, level), attestedOfContext(format, context)),
    context,
    unit: metric.unit,
    policy: [],
    warnings,
    contradictions,
  };
};
