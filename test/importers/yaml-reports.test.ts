// Reports of inference-perf and llm-d-benchmark, in YAML and in JSON.
import { stringify } from 'yaml';
import { describe, expect, test } from 'vitest';
import { readMeasurement } from '../../src/importers/read.ts';

const lifecycle = (more: object = {}) => ({
  benchmark_time_seconds: 10,
  failures: { count: 1 },
  load_summary: { count: 5, requested_rate: 0.5, achieved_rate: 0.5 },
  successes: {
    count: 4,
    latency: {
      time_to_first_token: { mean: 0.03, median: 0.025, p99: 0.04 },
      time_per_output_token: { mean: 0.009, median: 0.008 },
      inter_token_latency: { median: 0.16 },
      request_latency: { median: 0.5 },
    },
    output_len: { mean: 60 },
    prompt_len: { mean: 200 },
    throughput: { requests_per_sec: 0.4, output_tokens_per_sec: 24, total_tokens_per_sec: 104 },
    ...more,
  },
});

const hosts = (types: readonly string[]) => ({
  host: { type: types, accelerator: types.map(() => ({ model: 'H100', count: 8, parallelism: { tp: 8, pp: 1, dp: 1, ep: 8 } })) },
  platform: { engine: [{ name: 'vllm', version: '0.9.0' }] },
  model: { name: 'org/model', quantization: 'fp8' },
}); // prettier-ignore

const old = (types: readonly string[]) => ({
  version: '0.1',
  scenario: hosts(types),
  metrics: {
    time: { duration: 16.5 },
    requests: { total: 32, failures: 1, incomplete: 1, input_length: { mean: 600 }, output_length: { mean: 30 } },
    latency: { time_to_first_token: { units: 's', mean: 0.8, p50: 0.2 }, time_per_output_token: { units: 'ms/token', p50: 80 } },
    throughput: { output_tokens_per_sec: 32, total_tokens_per_sec: 640, requests_per_sec: 1 },
  },
}); // prettier-ignore

const component = (more: object) => ({
  standardized: {
    kind: 'inference_engine', role: 'replica', model: { name: 'org/model' }, tool_version: 'img:1',
    accelerator: { model: 'H100', count: 8, parallelism: { tp: 8, pp: 1, dp: 1, ep: 1 } }, ...more,
  },
}); // prettier-ignore

const present = (more: object = {}) => ({
  results: {
    request_performance: {
      aggregate: {
        latency: { time_to_first_token: { units: 's', p50: 0.036 } },
        requests: { total: 500, failures: 0, input_length: { mean: 2000 } },
        throughput: { output_token_rate: { mean: 900, units: 'tokens/s' }, request_rate: { mean: 9 } },
      },
    },
  },
  run: { time: { duration: 'PT1M49.5S' } },
  scenario: { load: { standardized: { concurrency: 16 } }, stack: [component(more)] },
  version: '0.2.1',
});

const read = async (text: string, path = 'report.yaml') => {
  const outcome = await readMeasurement(path, { text });
  if (outcome.kind !== 'measured') return { format: outcome.format, reason: outcome.reason };
  const { metrics, context, counts, format } = outcome.reading;
  return { format, context, counts: counts?.[0], values: Object.fromEntries(metrics.map(({ name, value }) => [name, value])) };
}; // prettier-ignore

describe('the lifecycle report of inference-perf', () => {
  const expected = {
    format: 'inference_perf_lifecycle',
    context: { request_rate: 0.5 },
    counts: { completed: 4, failed: 1, requested: 5, duration_s: 10 },
    values: {
      ttft_mean_ms: 30, ttft_p50_ms: 25, ttft_p99_ms: 40, tpot_mean_ms: 9, tpot_p50_ms: 8, itl_p50_ms: 160, e2e_p50_ms: 500,
      tps_per_user: 125, req_per_s: 0.4, throughput_tok_per_s: 24, isl_mean_tokens: 200, osl_mean_tokens: 60, ok_rate: 0.8,
    },
  }; // prettier-ignore

  test.each([
    ['YAML', stringify(lifecycle())],
    ['JSON', JSON.stringify(lifecycle())],
  ])('in %s is one point, its times in ms', async (_name, text) => {
    expect(await read(text)).toMatchObject(expected);
  });

  test('of a run without an answer is no measurement', async () => {
    const nothing = { ...lifecycle({ count: 0 }), failures: { count: 5 } };
    expect(await read(stringify(nothing))).toMatchObject({ reason: 'no request succeeded' });
  });

  test('that is damaged names line and column', async () => {
    await expect(read(`${stringify(lifecycle())}\n\tx: [1`)).rejects.toMatchObject({ code: 'yaml_syntax' });
  });
});

describe('the benchmark report of llm-d', () => {
  test('of version 0.1 takes each latency by its own unit, and prefill and decode hosts as roles', async () => {
    expect(await read(stringify(old(['prefill', 'decode', 'decode'])))).toMatchObject({
      format: 'llm_d_report',
      context: {
        model: 'org/model',
        engine: 'vllm',
        disagg: true,
        roles: [
          { role: 'prefill', workers: 1, n_gpus: 8, tp: 8 },
          { role: 'decode', workers: 2, n_gpus: 16, tp: 8 },
        ],
      },
      counts: { completed: 30, failed: 1, requested: 32, duration_s: 16.5 },
      values: { ttft_p50_ms: 200, tpot_p50_ms: 80, tps_per_user: 12.5, throughput_tok_per_s: 32, isl_mean_tokens: 600 },
    });
  });

  test('of hosts that each do both is one deployment on all their GPUs', async () => {
    const { context } = await read(stringify(old(['replica', 'replica'])));
    expect(context).toMatchObject({ tp: 8, n_gpus: 16, hardware: 'H100' });
    expect(context).not.toHaveProperty('roles');
    expect(context).not.toHaveProperty('dp');
  });

  test('of version 0.2 takes the means of its statistics, and no GPUs where replicas make the count unclear', async () => {
    const single = await read(stringify(present()));
    expect(single).toMatchObject({
      context: { concurrency: 16, n_gpus: 8, tp: 8, image: 'img:1' },
      counts: { completed: 500, duration_s: 109.5 },
      values: { ttft_p50_ms: 36, throughput_tok_per_s: 900, req_per_s: 9 },
    });
    const { context } = await read(stringify(present({ replicas: 2 })));
    expect(context).not.toHaveProperty('n_gpus');
  });

  test('of a version that nobody knows is refused by it', async () => {
    await expect(read(stringify({ ...present(), version: '3.0' }))).rejects.toMatchObject({ code: 'format_version' });
  });
});

test.each(['apiVersion: v1\nkind: Pod\n', 'name: x\ncells: []\n', '- a\n'])('%j is no report', async (text) => {
  await expect(read(text)).rejects.toMatchObject({ code: 'format_unknown' });
});
