// Makes one metric of a measurement file worse by rewriting the one number in its text that the metric is read from.
import { readMeasurement } from '../../../src/importers/read.ts';
import { metricKey } from '../../../src/metrics/metric.ts';

/** A time in a file may be in s, ms or us where the metric is in ms. */
const SCALES = [1, 1e-3, 1e3];

const NUMBER = /(?<![\w.])-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])/g;

const closeTo = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-9 * Math.abs(b);

const valueIn = async (path: string, text: string, key: string): Promise<number | undefined> => {
  const outcome = await readMeasurement(path, { text }).catch(() => undefined);
  const metrics = outcome?.kind === 'measured' ? outcome.reading.metrics : [];
  return metrics.find((metric) => metricKey(metric) === key)?.value;
};

/**
 * The text in which one number is `factor` times what it was and the metric `key`, of value `value`, with it; undefined where
 * no single number of the text carries the metric.
 */
export const changeInText = async (
  path: string,
  text: string,
  { key, value }: { readonly key: string; readonly value: number },
  factor: number,
): Promise<string | undefined> => {
  for (const found of text.matchAll(NUMBER)) {
    const literal = Number(found[0]);
    if (!SCALES.some((scale) => closeTo(literal * scale, value))) continue;
    const changed = `${text.slice(0, found.index)}${literal * factor}${text.slice(found.index + found[0].length)}`;
    const now = await valueIn(path, changed, key);
    if (now !== undefined && Math.abs(now / value - factor) < 1e-6) return changed;
  }
  return undefined;
};
