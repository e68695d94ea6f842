// Picks one number out of a measurement by a selector: a metric (`ttft_p50_ms[concurrency=16]`, labels may be left out while
// only one fits) or a path in the document (`results[concurrency=16].ttft_p50_ms`). Nothing is chosen among several.
import { readFileText } from './file-text.ts';
import { documentOf } from './json-document.ts';
import { inexact } from './json-fields.ts';
import { type Step, parsePath, resolvePath } from './json-path.ts';
import { type ReadOptions, readMeasurement } from './read.ts';
import { type Metric, metricKey } from '../metrics/metric.ts';
import type { Reading } from '../metrics/reading.ts';
import { inputFault } from '../text/fault.ts';
import { roundedIntegers } from '../text/json.ts';
import { nearestName } from '../text/nearest.ts';
import { withUnit } from '../render/numbers.ts';

/** A number that a measurement offers. */
export interface NumberAt {
  readonly selector: string;
  readonly value: number;
  readonly unit: string | null;
}

export interface Selected extends NumberAt {
  /** The metric, or null when the selector is a path to a number that is none (an id, a setting). */
  readonly metric: Metric | null;
  /** The value in each trial, in order; empty without trials. */
  readonly trials: readonly number[];
}

/** Every number of a reading with the selector that picks it. */
export const listNumbers = (reading: Reading): NumberAt[] =>
  reading.metrics.map((metric) => ({ selector: metricKey(metric), value: metric.value, unit: metric.unit }));

/** `ttft_p50_ms[concurrency=16] = 41.8 ms; … and 12 more`. */
export const describeNumbers = (numbers: readonly NumberAt[], limit = 12): string => {
  const shown = numbers.slice(0, limit).map(({ selector, value, unit }) => `${selector} = ${withUnit(value, unit)}`);
  const more = numbers.length - shown.length;
  return [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
};

const wantedLabels = (steps: readonly Step[]): readonly (readonly [string, string])[] | undefined => {
  const [, where, ...rest] = steps;
  if (where === undefined) return [];
  return where.kind === 'where' && rest.length === 0 ? where.labels : undefined;
};

/** Metrics whose name is the selector's, or whose source key is, and which have all of its labels. */
const metricsMatching = (metrics: readonly Metric[], selector: string): readonly Metric[] => {
  const exact = metrics.filter((metric) => metricKey(metric) === selector);
  if (exact.length > 0) return exact;
  const steps = parsePath(selector);
  const [first] = steps;
  const labels = wantedLabels(steps);
  if (labels === undefined || first?.kind !== 'key') return [];
  const fits = (metric: Metric): boolean => labels.every(([label, value]) => String(metric.labels[label]) === value);
  const named = metrics.filter((metric) => metric.name === first.key && fits(metric));
  return named.length > 0 ? named : metrics.filter((metric) => metric.source_key === first.key && fits(metric));
};

const noMatchFault = (selector: string, path: string, numbers: readonly NumberAt[]) => {
  const nearest = nearestName(
    selector,
    numbers.slice(0, 500).map((number) => number.selector),
  );
  return inputFault('selector_no_match', `selector ${JSON.stringify(selector)} picks no number in ${path}`, {
    path,
    at: selector,
    fix: `${nearest === undefined ? '' : `did you mean ${nearest}? `}choose one of ${describeNumbers(numbers)}`,
    data: { numbers: numbers.slice(0, 50) },
  });
};

const ambiguousFault = (selector: string, path: string, numbers: readonly NumberAt[]) =>
  inputFault('selector_ambiguous', `selector ${JSON.stringify(selector)} picks ${numbers.length} numbers in ${path}`, {
    path,
    at: selector,
    fix: `choose one of: ${describeNumbers(numbers)}`,
    data: { numbers: numbers.slice(0, 50) },
  });

const offer = (metric: Metric): NumberAt => ({ selector: metricKey(metric), value: metric.value, unit: metric.unit });

/** The metric that a selector picks, or undefined. Throws a Fault `selector_ambiguous` when it picks several. */
export const selectMetric = (reading: Reading, selector: string, path: string): Selected | undefined => {
  const [metric, ...others] = metricsMatching(reading.metrics, selector);
  if (metric === undefined) return undefined;
  if (others.length > 0) throw ambiguousFault(selector, path, [metric, ...others].map(offer));
  const key = metricKey(metric);
  const trials = reading.trials.flatMap(({ values }) => values[key] ?? []);
  return { ...offer(metric), metric, trials };
};

/** A finite number at a path of the JSON document, if the text is JSON. */
const selectInDocument = (text: string, path: string, selector: string): Selected | undefined => {
  if (!/^\s*[{[]/.test(text)) return undefined;
  const value = resolvePath(documentOf(text, path), parsePath(selector));
  if (typeof value !== 'number' || !Number.isFinite(value)) return undefined;
  const written = roundedIntegers(text).get(value);
  if (written !== undefined) throw inexact(written, path, selector);
  return { selector, value, unit: null, metric: null, trials: [] };
};

/**
 * The number that `selector` picks in a measurement file. Throws a Fault `selector_no_match` (which lists the numbers found),
 * `selector_ambiguous`, `selector_syntax`, or `no_measurement`.
 */
export const selectValue = async (path: string, selector: string, options: ReadOptions = {}): Promise<Selected> => {
  const text = options.text ?? (await readFileText(path));
  const outcome = await readMeasurement(path, { ...options, text });
  if (outcome.kind === 'no_measurement')
    throw inputFault('no_measurement', `${path} holds no measurement: ${outcome.reason}`, {
      path,
      fix: 'run the benchmark again',
    });
  const selected = selectMetric(outcome.reading, selector, path) ?? selectInDocument(text, path, selector);
  if (selected === undefined) throw noMatchFault(selector, path, listNumbers(outcome.reading));
  return selected;
};
