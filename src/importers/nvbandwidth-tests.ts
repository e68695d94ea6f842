// What the tests of nvbandwidth mean, shared by its JSON and its text: one point per test and pair, bandwidths in GB/s,
// latencies in ns. Cells marked N/A and waived tests have no value.
import { type Point, assemble, noMeasurement, present } from './point.ts';
import { serving } from './serving-metrics.ts';
import type { MetricId } from '../metrics/catalogue.ts';
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

const numeric = (text: string): number | undefined =>
  /^\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text.trim()) ? Number(text) : undefined;

/** A point per pair, and for bandwidths of several pairs their sum. A sum of latencies means nothing. */
const pointsOf = (test: BandwidthTest, context: Context): Point[] => {
  const isLatency = /\(ns\)/.test(test.description);
  const point = (labels: Point['labels'], id: MetricId, value: number, key: string): Point => ({
    labels: { test: test.name, ...labels },
    samples: present([serving(id, value, key)]),
    context,
  });
  const cells = test.cells.flatMap(({ pair, value: text }) => {
    const value = numeric(text);
    return value === undefined ? [] : [point({ pair }, isLatency ? 'linkLatency' : 'linkBandwidth', value, test.name)];
  });
  const total = cells.length > 1 && !isLatency ? test.sum : undefined;
  return total === undefined ? cells : [...cells, point({}, 'linkBandwidthSum', total, `${test.name} sum`)];
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
