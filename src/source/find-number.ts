// Finds the one number that a scalar measurement is about in a file: the only one there, or the one that a selector picks, with
// its repeats, unit and context. Never chooses among several.
import { readFileText } from '../importers/file-text.ts';
import { readMeasurement } from '../importers/read.ts';
import { describeNumbers, listNumbers, selectMetric, selectValue, type Selected } from '../importers/select.ts';
import type { Context } from '../metrics/context.ts';
import { metricKey, type Metric } from '../metrics/metric.ts';
import type { Reading } from '../metrics/reading.ts';
import type { Trial } from '../metrics/trial.ts';
import { inputFault } from '../text/fault.ts';
import { convertUnit } from '../metrics/units.ts';
import { noMeasurementFault } from './read-side.ts';

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

export interface FoundNumber {
  readonly value: number;
  readonly unit: string | null;
  /** The metric that the number is; null for a number of a document that is none. */
  readonly metric: Metric | null;
  /** Repeats under the name that was asked for; empty without. */
  readonly trials: readonly Trial[];
  readonly context: Context;
  readonly warnings: readonly string[];
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

/**
 * The number, whose repeats are kept under `name`. Throws a Fault `selector_needed` (which lists the numbers with their
 * selectors), one of `selectValue`, or `no_measurement`.
 */
export const findNumber = async (source: NumberSource, name: string): Promise<FoundNumber> => {
  const { path, content = path, format } = source;
  const text = await readFileText(content);
  const outcome = await readMeasurement(path, { format, text });
  if (outcome.kind === 'no_measurement') throw noMeasurementFault(path, outcome.reason);
  const { reading } = outcome;
  const { value, unit, metric } = await pick(reading, text, source);
  const trials = metric === null ? [] : trialsUnder(reading.trials, metricKey(metric), name);
  const { context, warnings } = reading;
  return { value, unit, metric, trials: trials.length > 1 ? trials : [], context, warnings };
};

/** The number in `unit`. Throws a Fault `unit_mismatch` or `unit_unknown`; a unit that either side leaves open is taken over. */
export const inUnit = (found: FoundNumber, unit: string | null): FoundNumber => {
  const from = found.unit;
  if (unit === null || from === null) return { ...found, unit: unit ?? from };
  const convert = (value: number): number => convertUnit(value, from, unit);
  const converted = (trial: Trial): Trial => ({
    ...trial,
    values: Object.fromEntries(Object.entries(trial.values).map(([key, value]) => [key, convert(value)])),
  });
  return { ...found, unit, value: convert(found.value), trials: found.trials.map(converted) };
};
