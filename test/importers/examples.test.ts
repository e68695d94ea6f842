import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readMeasurement } from '../../src/importers/read.ts';
import type { Reading } from '../../src/metrics/reading.ts';
import { valuesOf } from './outcome.ts';

const folder = new URL('../../examples/measurements/', import.meta.url).pathname;
const readExample = async (name: string): Promise<Reading> => {
  const outcome = await readMeasurement(folder + name);
  if (outcome.kind !== 'measured') throw new Error(outcome.reason);
  return outcome.reading;
};

test('every bundled measurement is read without a warning that spoils it', async () => {
  const names = readdirSync(folder).filter((name) => name !== 'README.md');
  expect(names).toHaveLength(4);
  for (const name of names) expect((await readExample(name)).metrics.length).toBeGreaterThan(10);
});

test('the regressed example is 12 percent slower at the load of the baseline', async () => {
  const [baseline, regressed] = [
    await readExample('vllm-serve-baseline.json'),
    await readExample('vllm-serve-regressed.json'),
  ];
  const key = 'throughput_tok_per_s[concurrency=16]';
  expect((valuesOf(regressed)[key] ?? 0) / (valuesOf(baseline)[key] ?? 1)).toBeCloseTo(0.88, 9);
  expect(Object.keys(valuesOf(regressed))).toEqual(Object.keys(valuesOf(baseline)));
  expect(regressed.context).toEqual(baseline.context);
});
