import { describe, expect, test } from 'vitest';
import { faultOf, fixtureJson, readFixture, readJson, reasonOf, valuesOf } from './outcome.ts';

const document = fixtureJson('inference-perfbench.json');
const load = { throughput_toks_per_s: 1804.6, ttft_p50_ms: 61.5, ttft_p99_ms: 147.6, errors: 0 };

describe('inference_perfbench_v1', () => {
  test('metrics are keyed by concurrency, counters and kernel shares by themselves', async () => {
    const reading = await readFixture('inference-perfbench.json');
    expect(valuesOf(reading)).toMatchObject({
      'throughput_tok_per_s[concurrency=16]': 1804.6,
      'ttft_p95_ms[concurrency=1]': 68.4,
      'e2e_p50_ms[concurrency=64]': 20250,
      'failed_requests[concurrency=64]': 1,
      prefix_cache_hit_rate_post: 0.58,
      gpu_cache_usage_peak: 0.74,
      'kernel_class_gpu_pct[kernel_class=fp8_bmm]': 41.2,
      cpu_spinpoll_pct: 12.5,
    });
    expect(reading.context).toMatchObject({
      model: 'example-llm',
      quant: 'FP8',
      tp: 2,
      spec_method: 'none',
      dataset: 'multi-turn-chat',
    });
  });

  test('the headline is the throughput at concurrency 16, with the tolerances of the format', async () => {
    const { policy } = await readFixture('inference-perfbench.json');
    const rule = (match: string) => policy?.find((candidate) => candidate.match === match);
    expect(policy?.filter(({ headline }) => headline).map(({ match }) => match)).toEqual([
      'throughput_tok_per_s[concurrency=16]',
    ]);
    expect(rule('ttft_p99_ms*')).toMatchObject({ tolerance_percent: 15 });
    expect(rule('prefix_cache_hit_rate_post*')).toMatchObject({ tolerance_absolute: 0.02 });
    expect(rule('kernel_class_gpu_pct*')).toMatchObject({ tolerance_absolute: 3 });
  });

  test.each([
    [[1, 8, 64], 8],
    [[8, 24], 8],
    [[32, 64], 32],
    [[1, 16, 64], 16],
  ])('of %j the headline is the throughput at %i', async (loads, headline) => {
    const metrics = Object.fromEntries(loads.map((concurrency) => [String(concurrency), load]));
    const { policy, warnings } = await readJson({ schema: 'inference_perfbench_v1', metrics });
    const headlines = policy?.filter((rule) => rule.headline).map(({ match }) => match);
    expect(headlines).toEqual([`throughput_tok_per_s[concurrency=${headline}]`]);
    expect(warnings.some((text) => text.includes(`headline is throughput at ${headline}`))).toBe(headline !== 16);
  });

  test('repeats of the loads are trials, and one that does not count in its load excludes no other', async () => {
    const trial = (tokens: number, validity: readonly string[] = []) => ({
      replicate_level: 'process',
      validity,
      metrics: { throughput_toks_per_s: tokens },
    });
    const { trials } = await readJson({
      schema: 'inference_perfbench_v1',
      metrics: { 1: { throughput_toks_per_s: 100 }, 16: { throughput_toks_per_s: 900 } },
      trials: { 1: [trial(99), trial(101)], 16: [trial(500, ['throttle']), trial(890), trial(910)] },
    });
    expect(trials.map(({ validity, values }) => [validity, values])).toEqual([
      [[], { 'throughput_tok_per_s[concurrency=1]': 99, 'throughput_tok_per_s[concurrency=16]': 890 }],
      [[], { 'throughput_tok_per_s[concurrency=1]': 101, 'throughput_tok_per_s[concurrency=16]': 910 }],
      [['throttle'], { 'throughput_tok_per_s[concurrency=16]': 500 }],
    ]);
  });

  test('figures unlike their own trials contradict the document', async () => {
    const trial = { metrics: { throughput_toks_per_s: 100 } };
    const { contradictions } = await readJson({
      schema: 'inference_perfbench_v1',
      metrics: { 1: { throughput_toks_per_s: 900 } },
      trials: { 1: [trial, trial, trial] },
    });
    expect(contradictions?.map(({ key }) => key)).toEqual(['throughput_tok_per_s[concurrency=1]']);
  });

  test('the context in our own names wins, and a load may say more of itself', async () => {
    const reading = await readJson({
      schema: 'inference_perfbench_v1',
      metrics: { 1: load, 16: load },
      context: { hardware: 'B200', n_gpus: 8 },
      contexts: { 1: { isl: 1024 }, 16: { isl: 4096 } },
    });
    expect(reading.context).toMatchObject({ hardware: 'B200', n_gpus: 8 });
    expect(reading.contexts?.map(({ context }) => context.isl)).toEqual([1024, 4096]);
  });

  test('a null is left out, named, and ignored on both sides', async () => {
    const reading = await readJson({
      ...document,
      metrics: { 16: { ...load, ttft_p99_ms: null } },
      cpu_spinpoll_pct: null,
    });
    expect(valuesOf(reading)).not.toHaveProperty('ttft_p99_ms[concurrency=16]');
    expect(reading.warnings).toEqual(
      expect.arrayContaining([
        'metrics.16.ttft_p99_ms is null: not compared',
        'cpu_spinpoll_pct is null: not compared',
      ]),
    );
    const ignored = reading.policy?.filter(({ ignore }) => ignore).map(({ match }) => match);
    expect(ignored).toEqual(expect.arrayContaining(['ttft_p99_ms[concurrency=16]', 'cpu_spinpoll_pct']));
    expect(ignored).not.toContain('ttft_p50_ms[concurrency=16]');
  });

  test('a block that is null is ignored as a whole', async () => {
    const { policy } = await readJson({ ...document, kernel_class_gpu_pct: null, server_metrics_delta: null });
    const ignored = policy?.filter(({ ignore }) => ignore).map(({ match }) => match);
    expect(ignored).toEqual(
      expect.arrayContaining(['kernel_class_gpu_pct*', 'gpu_cache_usage_peak', 'prefix_cache_hit_rate_*']),
    );
  });

  test('rates that were written in percent are shares all the same', async () => {
    const reading = await readJson({
      ...document,
      server_metrics_delta: { prefix_cache_hit_rate_post: 58, gpu_cache_usage_perc_peak: 0.74 },
    });
    expect(valuesOf(reading)).toMatchObject({ prefix_cache_hit_rate_post: 0.58, gpu_cache_usage_peak: 0.74 });
    expect(reading.warnings.join()).toContain('prefix_cache_hit_rate_post is above 1: read as percent');
  });

  test('members that the schema does not list are allowed', async () => {
    await expect(readJson({ ...document, kernel_profile: { tool: 'nsys' } })).resolves.toBeDefined();
  });

  test('a load at which nothing completed is left out; if all are, there is no measurement', async () => {
    const failed = { throughput_toks_per_s: 0, ttft_p50_ms: 0, errors: 200 };
    const reading = await readJson({ ...document, metrics: { 16: load, 64: failed } });
    expect(reading.warnings).toContain('nothing completed at concurrency 64: left out');
    expect(await reasonOf(JSON.stringify({ ...document, metrics: { 64: failed } }))).toContain('concurrency 64');
  });

  test.each([
    ['another version', { schema: 'inference_perfbench_v2' }, 'schema'],
    ['text for a number', { metrics: { 16: { ...load, ttft_p50_ms: 'fast' } } }, 'metrics.16.ttft_p50_ms'],
    ['a key that is no concurrency', { metrics: { high: load } }, 'metrics.high'],
    ['a negative latency', { metrics: { 16: { ...load, ttft_p50_ms: -1 } } }, 'metrics.16.ttft_p50_ms'],
  ])('%s is refused with its place', async (_, change, at) => {
    const fault = await faultOf(readJson({ ...document, ...change }));
    expect(fault).toMatchObject({ code: 'schema_mismatch', details: { at } });
  });

  test('a file that is called by the schema and has none is refused', async () => {
    const fault = await faultOf(
      readJson({ model: 'm', tensor_parallel_size: 1 }, 'bundle/inference_perfbench_v1.json'),
    );
    expect(fault.message).toContain('schema is missing');
  });
});
