// What the tests of nvbandwidth mean, shared by its JSON and its text: one point per test and pair, bandwidths in GB/s,
// latencies in ns. Cells marked N/A and waived tests have no value.
import { type Point, assemble, noMeasurement } from './point.ts';
import type { Context } from '../metrics/context.ts';
import type { ReadOutcome } from '../metrics/reading.ts';

/** A test as both outputs state it: cells as text, rows and columns by the index of their device. */
export interface BandwidthTest {
  readonly name: string;
  readonly status: string;
  readonly description: string;
  readonly cells: readonly { readonly pair: string; readonly value: string }[];
  readonly sum: number | undefined;
}

const MEASURES = {
  bandwidth: { name: 'bandwidth_gb_per_s', unit: 'GB/s', direction: 'higher-is-better' },
  latency: { name: 'latency_ns', unit: 'ns', direction: 'lower-is-better' },
} as const;

const numeric = (text: string): number | undefined =>
  /^\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text.trim()) ? Number(text) : undefined;

/** A point per pair, and for bandwidths of several pairs their sum. A sum of latencies means nothing. */
const pointsOf = (test: BandwidthTest, context: Context): Point[] => {
  const measure = /\(ns\)/.test(test.description) ? MEASURES.latency : MEASURES.bandwidth;
  const point = (
    labels: Point['labels'],
    name: string,
    value: number,
    statistic: string | null,
    key: string,
  ): Point => ({
    labels: { test: test.name, ...labels },
    samples: [{ name, source_key: key, unit: measure.unit, value, direction: measure.direction, statistic }],
    context,
  });
  const cells = test.cells.flatMap(({ pair, value: text }) => {
    const value = numeric(text);
    return value === undefined ? [] : [point({ pair }, measure.name, value, null, test.name)];
  });
  const total = cells.length > 1 && measure === MEASURES.bandwidth ? test.sum : undefined;
  return total === undefined
    ? cells
    : [...cells, point({}, 'bandwidth_sum_gb_per_s', total, 'sum', `${test.name} sum`)];
};

/** The outcome of a run of several tests. */
export const bandwidthOutcome = (
  format: string,
  path: string,
  tests: readonly BandwidthTest[],
  context: Context,
): ReadOutcome => {
  const points = tests.filter(({ status }) => status === 'Passed').flatMap((test) => pointsOf(test, context));
  const others = tests.filter(({ status }) => status !== 'Passed');
  const warnings = others
    .filter(({ status }) => status !== 'Waived')
    .map(({ name, status }) => `${name} ended with status ${status} and is left out`);
  if (points.length === 0) return noMeasurement(format, `none of ${tests.length} tests passed`, warnings);
  const waived = others.filter(({ status }) => status === 'Waived').length;
  return assemble({
    format,
    path,
    points,
    warnings: [...warnings, ...(waived > 0 ? [`tests waived on this machine: ${waived}`] : [])],
  });
};

/** `12070` is CUDA 12.7. */
export const cudaVersion = (code: number | undefined): string | undefined =>
  code === undefined ? undefined : `${Math.floor(code / 1000)}.${Math.floor((code % 1000) / 10)}`;
