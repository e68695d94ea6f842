import { describe, expect, test } from 'vitest';
import { describeNumbers, listNumbers, selectMetric, selectValue } from '../../src/importers/select.ts';
import { faultOf, fixturePath, readFixture } from './outcome.ts';

const document = JSON.stringify({
  results: [
    { concurrency: 8, ttft_p50_ms: 40 },
    { concurrency: 16, ttft_p50_ms: 44 },
  ],
  run_id: 7,
  wall_s: 9,
});
const select = (selector: string) => selectValue('result.json', selector, { text: document });

describe('selecting a number', () => {
  test.each([
    ['throughput_tok_per_s[concurrency=16]', 1658.88],
    ['throughput_tok_per_s', 1658.88],
    ['output_throughput', 1658.88],
    ['std_ttft_ms', 11.9],
  ])('%s of a serving result', async (selector, value) => {
    expect(await selectValue(fixturePath('vllm-serve.json'), selector)).toMatchObject({ value });
  });

  test.each([
    ['results[concurrency=16].ttft_p50_ms', 44],
    ['results[1].ttft_p50_ms', 44],
    ['wall_s', 9],
    ['run_id', 7],
  ])('%s of a document', async (selector, value) => expect((await select(selector)).value).toBe(value));

  test('a metric comes with its unit and trials, a path without', async () => {
    const metric = await selectValue(fixturePath('vllm-sweep-summary.json'), 'throughput_tok_per_s');
    expect(metric).toMatchObject({
      unit: 'tok/s',
      selector: 'throughput_tok_per_s[concurrency=16,isl=1024,osl=512]',
      trials: [1650.1, 1662.4, 1655],
    });
    expect(await select('run_id')).toMatchObject({ unit: null, metric: null, trials: [] });
  });

  test('labels narrow a metric down, in any order', async () => {
    const selected = await selectValue(
      fixturePath('nccl-two-collectives.txt'),
      'busbw_gb_per_s[size=1073741824,op=all_reduce,place=in_place]',
    );
    expect(selected.value).toBe(353.13);
  });

  test('several candidates are listed, none is chosen', async () => {
    const fault = await faultOf(selectValue(fixturePath('nccl-two-collectives.txt'), 'busbw_gb_per_s[op=broadcast]'));
    expect(fault).toMatchObject({ code: 'selector_ambiguous' });
    expect(fault.details.fix).toContain('place=in_place');
  });

  test('no candidate lists the numbers found, each with its selector', async () => {
    const fault = await faultOf(select('results[concurrency=32].ttft_p50_ms'));
    expect(fault).toMatchObject({ code: 'selector_no_match', details: { at: 'results[concurrency=32].ttft_p50_ms' } });
    expect(fault.details.fix).toContain('results[concurrency=16].ttft_p50_ms = 44 ms');
    expect(fault.details.data).toMatchObject({
      numbers: expect.arrayContaining([{ selector: 'wall_s', value: 9, unit: 's' }]),
    });
  });

  test.each([
    ['text', 'selector_no_match', 'results'],
    ['a broken path', 'selector_syntax', 'results[concurrency=16'],
  ])('%s is refused', async (_, code, selector) => expect(await faultOf(select(selector))).toMatchObject({ code }));

  test('a run without a measurement has no number to select', async () => {
    expect(await faultOf(selectValue(fixturePath('nccl-failed.txt'), 'busbw_gb_per_s'))).toMatchObject({
      code: 'no_measurement',
    });
  });
});

test('every number listed is selected by its own selector', async () => {
  for (const name of ['atlas.jsonl', 'nccl-two-collectives.txt', 'inference-perfbench.json', 'sglang-serve.jsonl']) {
    const reading = await readFixture(name);
    for (const { selector, value } of listNumbers(reading))
      expect(selectMetric(reading, selector, name)?.value).toBe(value);
  }
});

test('a long list of numbers is cut and says how many are left', () => {
  const numbers = Array.from({ length: 20 }, (_, index) => ({ selector: `m${index}`, value: index, unit: null }));
  expect(describeNumbers(numbers, 2)).toBe('m0 = 0; m1 = 1; and 18 more');
});
