// Results of kernel benchmarks as every verb reads them: a point per configuration, a trial per sample.
import { describe, expect, it } from 'vitest';
import { faultOf, readJson, valuesOf } from './outcome.ts';

const figures = {
  configs: [
    { name: 'prefill', performance: { samples_ms: [3.2, 3, 3.1], bandwidth_gb_s: 196.2 }, gpu: 'NVIDIA L4' },
    { name: 'decode', performance: { median_ms: 0.053, config: { batch: 64 } }, gpu: 'NVIDIA L4' },
  ],
};

describe('a result of several configurations', () => {
  it('is one point each, with unit and direction', async () => {
    const reading = await readJson(figures);
    expect(reading.format).toBe('ratchet_result');
    expect(valuesOf(reading)).toEqual({
      'time_p50_ms[config=prefill]': 3.1,
      'bandwidth_gb_per_s[config=prefill]': 196.2,
      'time_p50_ms[config=decode]': 0.053,
    });
    expect(reading.metrics.map(({ unit, direction }) => [unit, direction])).toEqual([
      ['ms', 'lower-is-better'],
      ['GB/s', 'higher-is-better'],
      ['ms', 'lower-is-better'],
    ]);
    expect(reading.context).toEqual({ hardware: 'NVIDIA L4' });
  });

  it('has a trial for each sample, holding the configurations that were measured in it', async () => {
    const { trials } = await readJson(figures);
    expect(trials.map(({ values }) => values)).toEqual([
      { 'time_p50_ms[config=prefill]': 3.2 },
      { 'time_p50_ms[config=prefill]': 3 },
      { 'time_p50_ms[config=prefill]': 3.1 },
    ]);
  });

  it('states no common GPU where they ran on different ones', async () => {
    const mixed = figures.configs.map((config, index) => ({ ...config, gpu: index === 0 ? 'L4' : 'H100' }));
    expect((await readJson({ configs: mixed })).context).toEqual({});
  });

  it('names a configuration whose results were wrong', async () => {
    const wrong = { name: 'decode', performance: { median_ms: 1 }, correctness: { passed: false } };
    expect((await readJson(wrong)).warnings).toEqual(['decode: correctness_failed; its figures do not count']);
  });
});

it.each([
  ['a mean is not called a median', { kernel_name: 'fa', metrics: { mean_time_ms: 0.4 } }, 'time_mean_ms[config=fa]'],
  [
    'a baseline of the ratchet is read by its names',
    { schema_version: 2, configs: { fa: { median_ms: 0.4, statistic: 'mean' } } },
    'time_mean_ms[config=fa]',
  ],
  [
    'a baseline that does not say which statistic it holds claims none',
    { configs: { fa: { median_ms: 0.4 } } },
    'time_ms[config=fa]',
  ],
])('%s', async (_, document, key) => {
  expect(valuesOf(await readJson(document))).toEqual({ [key]: 0.4 });
});

it.each([
  ['another document with a median', { name: 'x', median_ms: 3 }],
  ['a document with configurations of another kind', { configs: [{ name: 'x', latency: 3 }] }],
])('%s is none of them', async (_, document) => {
  expect((await readJson(document)).format).toBe('json_document');
});

describe('a time that its samples contradict', () => {
  const result = (performance: object) => ({ name: 'decode', performance });
  it.each([
    [
      'a median outside',
      { median_ms: 0.6, samples_ms: [0.0531, 0.0528, 0.0533] },
      /is 0\.6, .* is 0\.0531, all between/,
    ],
    [
      'a median 3 percent off',
      { median_ms: 1.032, samples_ms: [0.901, 1.001, 1.1] },
      /is 1\.032, but the median .* is 1\.001/,
    ],
    ['a mean 3 percent off', { mean_ms: 1.031, samples_ms: [0.901, 1.001, 1.101] }, /mean of its 3 samples is 1\.001/],
    ['as many iterations as samples', { iterations: 3, median_ms: 2.5, samples_ms: [1, 1.01, 1.02] }, /is 2\.5/],
  ])('%s is refused with both values', async (_, performance, message) => {
    const fault = await faultOf(readJson(result(performance)));
    expect(fault).toMatchObject({ code: 'samples_contradict', kind: 'input' });
    expect(fault.message).toMatch(message);
  });

  it.each([
    ['2 percent off', { median_ms: 1.021, samples_ms: [0.901, 1.001, 1.1] }],
    ['off by what rounding hides', { median_ms: 0.05, samples_ms: [0.0531, 0.0528, 0.0533] }],
    ['of more iterations than samples', { iterations: 100, median_ms: 0.6, samples_ms: [0.0531, 0.0528] }],
    ['a mean that one slow sample moved', { mean_ms: 2, samples_ms: [1, 1, 4] }],
  ])('a time %s is read', async (_, performance) => {
    expect((await readJson(result(performance))).format).toBe('ratchet_result');
  });
});
