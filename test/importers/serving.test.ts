import { describe, expect, test } from 'vitest';
import { faultOf, fixtureJson, fixtureText, read, readFixture, readJson, reasonOf, valuesOf } from './outcome.ts';

const serve = fixtureJson('vllm-serve.json');

describe('vllm bench serve JSON', () => {
  test('names each number by metric, statistic and unit, at the concurrency of the run', async () => {
    const reading = await readFixture('vllm-serve.json');
    expect(reading.format).toBe('vllm_serve_json');
    expect(valuesOf(reading)).toMatchObject({
      'throughput_tok_per_s[concurrency=16]': 1658.88,
      'peak_throughput_tok_per_s[concurrency=16]': 2100,
      'ttft_p50_ms[concurrency=16]': 44.07,
      'ttft_p99_9_ms[concurrency=16]': 120.5,
      'e2e_p99_ms[concurrency=16]': 5399.6,
      'isl_mean_tokens[concurrency=16]': 1024,
      'osl_mean_tokens[concurrency=16]': 512,
      'ok_rate[concurrency=16]': 1,
      'tps_per_user[concurrency=16]': 1000 / 9.25,
    });
    expect(reading.metrics.find(({ name }) => name === 'ttft_p99_9_ms')).toMatchObject({
      source_key: 'p99.9_ttft_ms',
      unit: 'ms',
      direction: 'lower-is-better',
      statistic: 'p99.9',
    });
  });

  test('keeps a latency below zero and says so; one of zero was not measured', async () => {
    const reading = await readJson({ ...serve, median_ttft_ms: -3.2, p99_itl_ms: 0, median_tpot_ms: -1 });
    expect(valuesOf(reading)).toMatchObject({
      'ttft_p50_ms[concurrency=16]': -3.2,
      'tpot_p50_ms[concurrency=16]': -1,
    });
    expect(valuesOf(reading)).not.toHaveProperty('itl_p99_ms[concurrency=16]');
    expect(valuesOf(reading)).not.toHaveProperty('tps_per_user[concurrency=16]');
    expect(reading.warnings).toContain(
      'median_ttft_ms is -3.2, median_tpot_ms is -1: no time is below zero, so the clock of that run was wrong',
    );
  });

  test('takes settings from metadata pairs, which are text, and nothing from placeholders', async () => {
    const { context } = await readJson({
      ...serve,
      vllm_version: 'unknown',
      image: '0000000000',
      n_gpus: '1',
      dp_attention: 'true',
    });
    expect(context).toEqual({
      model: 'example-org/example-llm-8b',
      hardware: 'H200',
      n_gpus: 1,
      tp: 1,
      dp_attention: true,
      concurrency: 16,
      request_rate: 'inf',
      num_prompts: 320,
    });
  });

  test('counts requests that failed, in versions that do not write them too', async () => {
    const { failed: _, ...older } = serve;
    const values = valuesOf(await readJson({ ...older, completed: 304 }));
    expect(values).toMatchObject({ 'ok_rate[concurrency=16]': 0.95, 'failed_requests[concurrency=16]': 16 });
  });

  test('never makes a latency of a zero', async () => {
    const values = valuesOf(await readJson({ ...serve, mean_tpot_ms: 0, median_tpot_ms: 0, p99_tpot_ms: -0 }));
    expect(Object.keys(values).filter((key) => /tpot|per_user/.test(key))).toEqual([]);
  });

  test('is no measurement when every request failed', async () => {
    const failed = { ...serve, completed: 0, failed: 320, median_ttft_ms: 0, output_throughput: 0 };
    expect(await reasonOf(JSON.stringify(failed))).toContain('no request completed');
  });

  test('reads seconds where the keys have no _ms', async () => {
    const { median_ttft_ms: _, ...rest } = serve;
    expect(valuesOf(await readJson({ ...rest, median_ttft: 0.0441 }))['ttft_p50_ms[concurrency=16]']).toBe(44.1);
  });

  test('labels a rate-limited run by its rate, and an unlimited one without concurrency as inf', async () => {
    const byRate = await readJson({ ...serve, request_rate: 4.5, max_concurrency: null });
    const unlimited = await readJson({ ...serve, max_concurrency: null });
    expect(byRate.metrics[0]?.labels).toEqual({ request_rate: 4.5 });
    expect(unlimited.metrics[0]?.labels).toEqual({ request_rate: 'inf' });
  });

  test('warns when there are too few prompts for the concurrency', async () => {
    expect((await readJson({ ...serve, num_prompts: 20, completed: 20 })).warnings.join()).toContain('undercounted');
  });

  test('names the place of a value of the wrong type', async () => {
    const fault = await faultOf(readJson({ ...serve, median_ttft_ms: '44 ms' }));
    expect(fault).toMatchObject({ code: 'not_a_number', details: { at: 'median_ttft_ms', path: 'result.json' } });
    expect(fault.message).toContain('44 ms');
  });
});

describe('several runs in one file', () => {
  const lines = (...runs: readonly object[]): string => runs.map((run) => JSON.stringify(run)).join('\n');

  test('repeats of one load are trials, and the metric is their median', async () => {
    const reading = await read(
      lines(serve, { ...serve, output_throughput: 1600 }, { ...serve, output_throughput: 1700 }),
      'result.jsonl',
    );
    expect(valuesOf(reading)['throughput_tok_per_s[concurrency=16]']).toBe(1658.88);
    expect(reading.trials.map(({ values }) => values['throughput_tok_per_s[concurrency=16]'])).toEqual([
      1658.88, 1600, 1700,
    ]);
    expect(reading.trials.map(({ replicate_level: level }) => level)).toEqual([null, null, null]);
  });

  test('different loads are points, not trials', async () => {
    const reading = await read(lines(serve, { ...serve, max_concurrency: 32 }), 'result.jsonl');
    expect(reading.trials).toEqual([]);
    expect(valuesOf(reading)).toMatchObject({
      'req_per_s[concurrency=16]': 3.24,
      'req_per_s[concurrency=32]': 3.24,
    });
    expect(reading.context).not.toHaveProperty('concurrency');
  });

  test('runs that only differ in prompt length are distinguished by number', async () => {
    const reading = await read(lines(serve, { ...serve, total_input_tokens: 40960 }), 'result.jsonl');
    expect(reading.trials).toEqual([]);
    expect(Object.keys(valuesOf(reading))).toContain('isl_mean_tokens[concurrency=16,run=2]');
  });

  test('a sweep summary gives windows of one server, without its warm-up', async () => {
    const reading = await readFixture('vllm-sweep-summary.json');
    expect(reading.format).toBe('vllm_sweep_summary');
    expect(reading.trials.map(({ replicate_level: level }) => level)).toEqual(['window', 'window', 'window']);
    expect(valuesOf(reading)['throughput_tok_per_s[concurrency=16,isl=1024,osl=512]']).toBe(1655);
  });
});

describe('console blocks', () => {
  test('take the load from the lines above the banner', async () => {
    const reading = await readFixture('vllm-console.txt');
    expect(reading.format).toBe('vllm_serve_console');
    expect(valuesOf(reading)).toMatchObject({
      'throughput_tok_per_s[concurrency=8]': 1271.85,
      'total_throughput_tok_per_s[concurrency=8]': 3815.54,
      'total_throughput_tok_per_s[concurrency=16]': 6297.6,
      'ok_rate[concurrency=8]': 0.975,
      'itl_p99_9_ms[concurrency=16]': 31.75,
    });
    expect(valuesOf(reading)).not.toHaveProperty('itl_p50_ms[concurrency=16]');
  });

  test('are numbered when nothing printed distinguishes them', async () => {
    const block = fixtureText('sglang-console.txt');
    const reading = await read(`${block}\n${block}`, 'log.txt');
    expect(reading.format).toBe('sglang_serve_console');
    expect(reading.metrics.map(({ labels }) => labels['block'])).toContain(2);
    expect(reading.trials).toEqual([]);
  });

  test('of SGLang carry the input throughput and the engine', async () => {
    const reading = await readFixture('sglang-console.txt');
    expect(valuesOf(reading)).toMatchObject({
      'input_throughput_tok_per_s[request_rate=4]': 3236.35,
      'e2e_p50_ms[request_rate=4]': 2488,
    });
    expect(reading.context).toMatchObject({ engine: 'sglang', request_rate: 4 });
  });

  test('without a closing line are read and said to be cut off', async () => {
    const cut = fixtureText('sglang-console.txt').split('Mean TTFT')[0] ?? '';
    const { warnings } = await read(cut, 'log.txt');
    expect(warnings.join()).toContain('line 1 has no closing line');
  });

  test('in which no request succeeded are no measurement', async () => {
    const failed = fixtureText('sglang-console.txt').replace(/(Successful requests: +)128/, '$10');
    expect(await reasonOf(failed, 'log.txt')).toContain('no request succeeded');
  });

  test('of documentation are refused, with the line of the banner', async () => {
    const template = fixtureText('sglang-console.txt').replaceAll(
      /(\(tok\/s\)|\(ms\)|\(req\/s\)):( +)[\d.]+/g,
      '$1:$2xxx',
    );
    const fault = await faultOf(read(`log\n${template}`, 'README.txt'));
    expect(fault).toMatchObject({ code: 'placeholder_values', details: { at: '2:1' } });
  });
});

describe('SGLang JSON Lines', () => {
  test('are points of load, with the unlimited rate that Python writes', async () => {
    const reading = await readFixture('sglang-serve.jsonl');
    expect(reading.format).toBe('sglang_serve_jsonl');
    expect(valuesOf(reading)).toMatchObject({
      'throughput_tok_per_s[concurrency=8,dataset=random,isl=1024,osl=256]': 809.09,
      'throughput_tok_per_s[concurrency=16,dataset=random,isl=1024,osl=256]': 1490.2,
      'itl_p95_ms[dataset=random,isl=1024,osl=256,request_rate=4]': 12,
    });
    expect(reading.context).toMatchObject({ engine: 'sglang', engine_version: '0.5.4', tp: 2, isl: 1024, osl: 256 });
  });

  test('with another bare Infinity are refused with its line', async () => {
    const text = fixtureText('sglang-serve.jsonl').replace('"request_throughput": 3.1605', '"request_throughput": NaN');
    expect(await faultOf(read(text, 'out.jsonl'))).toMatchObject({
      code: 'json_non_finite',
      details: { at: expect.stringMatching(/^1:/) },
    });
  });

  test('cut off in the last line are refused with its line', async () => {
    const fault = await faultOf(read(fixtureText('sglang-serve.jsonl').slice(0, -40), 'out.jsonl'));
    expect(fault).toMatchObject({ code: 'json_syntax', details: { at: expect.stringMatching(/^3:/) } });
  });

  test('of bench_one_batch are points of batch size, without decode where one token was made', async () => {
    const values = valuesOf(await readFixture('sglang-one-batch.jsonl'));
    expect(values).toMatchObject({
      'prefill_mean_ms[batch_size=1,isl=1024,osl=128]': 41,
      'decode_step_p50_ms[batch_size=1,isl=1024,osl=128]': 8.2,
      'prefill_throughput_tok_per_s[batch_size=16,isl=1024,osl=1]': 34859.6,
    });
    expect(values).not.toHaveProperty('decode_step_p50_ms[batch_size=16,isl=1024,osl=1]');
  });
});

describe('vllm bench throughput and latency', () => {
  test('tokens per second are prompt and output tokens', async () => {
    expect(valuesOf(await readFixture('vllm-throughput.json'))).toEqual({
      req_per_s: 3.106796,
      total_throughput_tok_per_s: 4772.038835,
    });
  });

  test('iterations of a batch are windows of the median', async () => {
    const reading = await readFixture('vllm-latency.json');
    expect(valuesOf(reading)).toMatchObject({ batch_mean_ms: 2020, batch_p50_ms: 2010, batch_p99_ms: 2049.2 });
    expect(reading.trials.map(({ values }) => values)).toEqual([
      { batch_p50_ms: 2000 },
      { batch_p50_ms: 2010 },
      { batch_p50_ms: 2050 },
    ]);
  });
});
