// What the tests of readers ask of a reader: the reading of a text, its values by key, or the fault it ends with.
import { readFileSync } from 'node:fs';
import { metricKey } from '../../src/metrics/metric.ts';
import type { Reading } from '../../src/metrics/reading.ts';
import { readMeasurement } from '../../src/importers/read.ts';
import { Fault } from '../../src/text/fault.ts';

export const fixturePath = (name: string): string =>
  new URL(`../fixtures/measurements/${name}`, import.meta.url).pathname;
export const fixtureText = (name: string): string => readFileSync(fixturePath(name), 'utf8');
export const fixtureJson = (name: string): Record<string, unknown> => {
  const value: unknown = JSON.parse(fixtureText(name));
  return Object.fromEntries(Object.entries(Object(value)));
};

/** The reading of a text. Fails the test when there is no measurement. */
export const read = async (text: string, path = 'result.json', format?: string): Promise<Reading> => {
  const outcome = await readMeasurement(path, { text, format });
  if (outcome.kind !== 'measured') throw new Error(`no measurement: ${outcome.reason}`);
  return outcome.reading;
};

export const readJson = async (value: unknown, path = 'result.json'): Promise<Reading> =>
  read(JSON.stringify(value), path);
export const readFixture = async (name: string): Promise<Reading> => read(fixtureText(name), fixturePath(name));

/** Values by metric key. */
export const valuesOf = (reading: Reading): Record<string, number> =>
  Object.fromEntries(reading.metrics.map((metric) => [metricKey(metric), metric.value]));

/** The fault that a promise ends with. */
export const faultOf = async (promise: Promise<unknown>): Promise<Fault> => {
  const result = await promise.then(
    () => 'no fault',
    (error: unknown) => error,
  );
  if (result instanceof Fault) return result;
  throw new Error(`expected a Fault, got ${String(result)}`);
};

/** The reason for which a text holds no measurement. */
export const reasonOf = async (text: string, path = 'result.json'): Promise<string> => {
  const outcome = await readMeasurement(path, { text });
  if (outcome.kind === 'no_measurement') return outcome.reason;
  throw new Error('the text holds a measurement');
};
