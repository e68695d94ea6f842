// The values of one result for a scenario: what stands at a path of the document, or the metric of that name that a reader finds in
// it, one value a valid trial. Why there are none is said, never filled in.
import { amounts, valueAt, type Attempt } from '../drivers/bench-command.ts';
import { readMeasurement } from '../importers/read.ts';
import { selectMetric } from '../importers/select.ts';
import { metricKey } from '../metrics/metric.ts';
import type { Reading } from '../metrics/reading.ts';
import { excludesTrial, isValidTrial } from '../metrics/trial.ts';
import { convertUnit } from '../metrics/units.ts';
import { Fault } from '../text/fault.ts';
import { isJsonObject, type JsonValue } from '../text/json.ts';
import type { Scenario } from './comparison-spec.ts';

type Values = Attempt<readonly number[]>;

/** A result envelope with the trials that count; any other document as it is. */
const withoutInvalidTrials = (document: JsonValue): JsonValue => {
  if (!isJsonObject(document) || typeof document['envelope_version'] !== 'string') return document;
  const { trials } = document;
  if (!Array.isArray(trials)) return document;
  const counts = (trial: JsonValue): boolean => {
    const validity = isJsonObject(trial) ? trial['validity'] : null;
    return !Array.isArray(validity) || !validity.some((code) => excludesTrial(String(code)));
  };
  return { ...document, trials: trials.filter(counts) };
};

const noneValid = (trials: number): Values => ({ failed: `none of its ${trials} trials is valid` });

const atPath = (document: JsonValue, path: string): Values => {
  const counted = valueAt(withoutInvalidTrials(document), path);
  const all = valueAt(document, path);
  const noneCounts = Array.isArray(counted) && counted.length === 0 && Array.isArray(all) && all.length > 0;
  return noneCounts ? noneValid(all.length) : amounts(counted, path);
};

const ofReading = (reading: Reading, { value: selector, unit }: Scenario, source: string): Values | undefined => {
  const selected = selectMetric(reading, selector, source);
  if (selected?.metric === undefined || selected.metric === null) return undefined;
  const { metric } = selected;
  const key = metricKey(metric);
  const refuted = reading.contradictions?.find((found) => found.key === key);
  if (refuted !== undefined) return { failed: `the result contradicts itself: ${refuted.text}` };
  const repeats = reading.trials.filter((trial) => trial.values[key] !== undefined);
  const valid = repeats.filter(isValidTrial).flatMap((trial) => trial.values[key] ?? []);
  if (repeats.length > 0 && valid.length === 0) return noneValid(repeats.length);
  const values = repeats.length > 0 ? valid : [metric.value];
  return amounts(
    values.map((value) => (metric.unit === null ? value : convertUnit(value, metric.unit, unit))),
    selector,
  );
};

/** What a reader finds in the document; undefined where none can read it. */
const readingOf = async (document: JsonValue, source: string) => {
  try {
    return await readMeasurement(source, { text: JSON.stringify(document) });
  } catch (error) {
    if (error instanceof Fault) return undefined;
    throw error;
  }
};

/** The values of a result; `source` names it in reasons. */
export const resultValues = async (document: JsonValue, scenario: Scenario, source: string): Promise<Values> => {
  const found = atPath(document, scenario.value);
  if ('ok' in found || valueAt(document, scenario.value) !== undefined) return found;
  const outcome = await readingOf(document, source);
  if (outcome === undefined) return found;
  if (outcome.kind === 'no_measurement') return { failed: `no measurement: ${outcome.reason}` };
  try {
    return ofReading(outcome.reading, scenario, source) ?? found;
  } catch (error) {
    if (error instanceof Fault) return { failed: error.message }; // several metrics of that name, or a unit that does not fit
    throw error;
  }
};
