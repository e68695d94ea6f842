// Results of every tool that has a reader, through an import: which row comes of them, and what nobody says stays unknown.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseRows } from '../../src/campaign/row-text.ts';
import { serveBlock } from './bundles.ts';
import { importing, serve } from './imported.ts';

const imported = importing();

const fixture = (name: string): string =>
  readFileSync(new URL(`../fixtures/measurements/${name}`, import.meta.url), 'utf8');

/** File, the folder it is put in, and what its one row holds. */
const TOOLS: readonly (readonly [tool: string, path: string, row: Readonly<Record<string, unknown>>])[] = [
  ['vllm-serve.json', 'vllm-serve.json', { bench_backend: 'vllm', serving_engine: '' }],
  ['vllm-throughput.json', 'throughput.json', { concurrency: 0, tpot_median_ms: null }],
  ['sglang-console.txt', 'c16/out.txt', { bench_backend: 'sglang', serving_engine: 'sglang' }],
  ['profile_export_aiperf.json', 'c16/profile_export_aiperf.json', { backend: 'aiperf', concurrency: 16, tpot_median_ms: 9.9 }],
  ['profile_export_aiperf.csv', 'run/c16/profile_export_aiperf.csv', { backend: 'aiperf', concurrency: 16, prefix_cache_hit_rate: 0.425 }],
  ['profile_export_genai_perf.json', 'profile_export_genai_perf.json', { backend: 'genai-perf', concurrency: 8, serving_engine: '' }],
  ['mlperf_log_summary.txt', 'Server/performance/run_1/mlperf_log_summary.txt', { backend: 'mlperf', concurrency: 0 }],
]; // prettier-ignore

describe('one result of', () => {
  test.each(TOOLS)('%s is one row', async (tool, path, row) => {
    const { rows, unread } = await imported(`one ${tool}`, { [path]: fixture(tool) });
    expect(rows).toMatchObject([row]);
    expect(unread).toEqual([]);
    expect(rows[0]?.throughput_tok_per_s ?? rows[0]?.total_throughput_tok_per_s).toBeGreaterThan(0);
  });

  test('an envelope is one row, its trials in it and the throttled one not counted', async () => {
    const { rows } = await imported(
      'envelope',
      { 'point.json': fixture('envelope-v1.1.json') },
      { tensor_parallel: 1 },
    );
    expect(rows).toMatchObject([{ backend: 'bench', hardware: 'NVIDIA H200', n_trials: 3, tpot_median_ms: 9.1, throughput_tok_per_s: 1689.2 }]); // prettier-ignore
    expect(rows[0]?.trials.map(({ validity }) => validity)).toEqual([[], ['no_telemetry'], ['throttle']]);
  });

  test('trtllm-bench is one row, on the GPUs of its world', async () => {
    const { rows } = await imported('trtllm', {
      'report.json': {
        engine: { model: 'org/model', version: '1.2.0', quantization: 'FP8' },
        world_info: { tp_size: 8, pp_size: 2, world_size: 16 },
        request_info: { num_requests: 3000, avg_input_length: 1024, avg_output_length: 512 },
        performance: { total_latency_ms: 48_000, request_throughput_req_s: 62.5, system_output_throughput_tok_s: 32_000 },
      },
    }, { hardware: 'B200' }); // prettier-ignore
    expect(rows).toMatchObject([
      {
        backend: 'trtllm',
        serving_engine: 'trtllm',
        quant: 'FP8',
        n_gpus: 16,
        n_gpus_source: 'recorded',
        output_tps_per_gpu: 2000,
        mean_input_tokens: 1024,
        completed_requests: 3000,
      },
    ]);
  });

  test('SGLang is a row for each line that is another point', async () => {
    const { rows } = await imported('sglang', { 'out.jsonl': fixture('sglang-serve.jsonl') });
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows) expect(row).toMatchObject({ bench_backend: 'sglang' });
  });

  test('SGLang with prefill and decode servers has the roles and the GPUs that their sizes make', async () => {
    const [first = ''] = fixture('sglang-serve.jsonl').split('\n');
    const line = JSON.parse(first.replace('Infinity', '"inf"'));
    const server = (more: object) => ({
      model_path: 'org/model',
      version: '0.5.8',
      disable_radix_cache: true,
      ...more,
    });
    const { rows } = await imported('split', {
      'out.jsonl': JSON.stringify({
        ...line,
        server_info: {
          prefill: [server({ tp_size: 4, dp_size: 2 }), server({ tp_size: 4, dp_size: 2 })],
          decode: [server({ tp_size: 8, dp_size: 8, enable_dp_attention: true })],
        },
      }),
    }, { hardware: 'B200', quant: 'FP8' }); // prettier-ignore
    expect(rows).toMatchObject([
      {
        model: 'org/model',
        disagg: true,
        n_gpus: 24,
        n_gpus_source: 'derived',
        enable_prefix_caching: false,
        roles: [
          { role: 'prefill', workers: 2, tp: 4, dp: 2 },
          { role: 'decode', workers: 1, tp: 8, dp: null },
        ],
      },
    ]);
    const [row] = rows;
    expect(row?.output_tps_per_gpu_all).toBeCloseTo(line.output_throughput / 24);
    expect(row?.output_tps_per_decode_gpu).toBeCloseTo(line.output_throughput / 8);
    expect(() => parseRows(JSON.stringify(rows), 'rows.json')).not.toThrow();
  });

  test('GuideLLM is a row for each of its loads', async () => {
    const { rows } = await imported('guidellm', { 'benchmarks.json': fixture('guidellm-v1.json') });
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows) expect(row).toMatchObject({ backend: 'guidellm' });
  });
});

/** The trees that AIPerf writes: one run, several runs, a sweep, and a sweep of runs in either order. */
const AIPERF_TREES: readonly (readonly [string, readonly string[]])[] = [
  ['one run', ['profile_export_aiperf.json']],
  ['several runs', ['profile_runs/run_0001/profile_export_aiperf.json', 'profile_runs/run_0002/profile_export_aiperf.json']],
  ['a sweep', ['concurrency_16/profile_export_aiperf.json']],
  ['a sweep of trials', ['concurrency_16/profile_runs/trial_0001/profile_export_aiperf.json', 'concurrency_16/profile_runs/trial_0002/profile_export_aiperf.json']],
  ['trials of a sweep', ['profile_runs/trial_0001/concurrency_16/profile_export_aiperf.json', 'profile_runs/trial_0002/concurrency_16/profile_export_aiperf.json']],
]; // prettier-ignore

test.each(AIPERF_TREES)('AIPerf, %s: repeats are trials of one point, aggregates are not read again', async (name, paths) => {
  const aggregates = {
    'aggregate/profile_export_aiperf_aggregate.json': { metrics: {} },
    'sweep_aggregate/profile_export_aiperf_sweep.csv': 'a,b\n1,2\n',
  };
  const { rows, unread } = await imported(`aiperf ${name}`, {
    ...Object.fromEntries(paths.map((path, index) => [path, `${fixture('profile_export_aiperf.json')}${'\n'.repeat(index)}`])),
    ...aggregates,
  });
  expect(rows).toMatchObject([{ concurrency: 16, n_trials: paths.length, backend: 'aiperf' }]);
  expect(unread.map(({ path }) => path)).toEqual(Object.keys(aggregates));
}); // prettier-ignore

test('AIPerf 0.13 writes each phase once more, the warm-up too: the run is the same as its summary alone', async () => {
  const summary = fixture('profile_export_aiperf.json');
  const tree = {
    'c16/profile_export_aiperf.json': summary,
    'c16/profile_export_aiperf.csv': 'Metric,avg\nRequest Latency (ms),1\n',
    'c16/phases/profiling/profile_export_aiperf.json': summary,
    'c16/phases/warmup/profile_export_aiperf.json': JSON.stringify({
      ...JSON.parse(summary),
      request_count: { unit: 'requests', avg: 1 },
    }),
    'c16/phases/warmup/profile_export_aiperf.csv': 'Metric,avg\nRequest Latency (ms),1\n',
    'c16/phase_manifest.json': { phases: [] },
    'c16/profile_export_console.txt': 'NVIDIA AIPerf',
    'c16/logs/aiperf.log': 'INFO starting',
    'c16/inputs.json': { data: [] },
  };
  const { rows, unread } = await imported('aiperf phases', tree);
  const alone = await imported('aiperf alone', { 'c16/profile_export_aiperf.json': summary });
  const [row, other] = [rows, alone.rows].map(([first]) => ({ ...first, captured_at: '', cell_id: '' }));
  expect(row).toMatchObject({ concurrency: 16, n_trials: 1 });
  expect(row).toEqual(other);
  expect(unread.map(({ path }) => path).sort()).toEqual(Object.keys(tree).slice(1).sort());
});

describe('a disaggregated deployment', () => {
  const run = JSON.parse(fixture('inferencex-multinode.json'));

  test('of InferenceX has rates over all GPUs beside those of its roles', async () => {
    const { rows } = await imported('multinode', { 'agg.json': run }, {});
    const output = 711.2 * 32;
    expect(rows).toMatchObject([
      {
        backend: 'inferencex',
        disagg: true,
        n_gpus: 40,
        n_gpus_source: 'recorded',
        tensor_parallel: 32,
        parallel_strategy: 'EP',
        roles: [
          { role: 'prefill', workers: 2, n_gpus: 8, tp: 4, ep: 4 },
          { role: 'decode', workers: 1, n_gpus: 32, tp: 32, ep: 32 },
        ],
        output_tps_per_decode_gpu: 711.2,
        input_tps_per_prefill_gpu: 22757.8,
      },
    ]);
    expect(rows[0]?.output_tps_per_gpu_all).toBeCloseTo(output / 40, 9);
    expect(rows[0]?.output_tps_per_gpu).toBe(rows[0]?.output_tps_per_gpu_all);
    expect(rows[0]?.total_tps_per_gpu).toBeCloseTo((output + 22757.8 * 8) / 40, 6);
  });

  test('is refused where the recorded GPUs are not those of the roles, with both numbers', async () => {
    await expect(imported('conflict', { 'agg.json': run }, { n_gpus: 72 })).rejects.toMatchObject({
      code: 'gpu_count_conflict',
      message: expect.stringMatching(/n_gpus is 72, but the roles have 40/),
    });
  });

  test('of another split is another cell', async () => {
    const other = { ...run, num_prefill_gpu: 16, num_decode_gpu: 24 };
    const { cells } = await imported('splits', { 'a.json': run, 'b.json': other }, {});
    expect(cells).toHaveLength(2);
  });

  const scrape = (queue: number, prefill: number, transfer: number, count: number): string =>
    [
      '# HELP vllm:request_queue_time_seconds x',
      `vllm:request_queue_time_seconds_sum{engine="0"} ${queue}`,
      `vllm:request_queue_time_seconds_count{engine="0"} ${count}`,
      `vllm:request_prefill_time_seconds_sum ${prefill}`,
      `vllm:request_prefill_time_seconds_count ${count}`,
      `vllm:nixl_xfer_time_seconds_sum ${transfer}`,
      `vllm:nixl_xfer_time_seconds_count ${count}`,
      `vllm:spec_decode_num_drafts_total ${count * 10}`,
      `vllm:spec_decode_num_draft_tokens_total ${count * 30}`,
      `vllm:spec_decode_num_accepted_tokens_total ${count * 15}`,
    ].join('\n');

  test.each([
    ['prefill', 6, 2, 1, { ttft_queue_ms: 60, ttft_prefill_ms: 20, ttft_kv_transfer_ms: 10, ttft_first_decode_ms: 10, saturated_role: 'prefill' }],
    ['decode', 1, 2, 1, { ttft_queue_ms: 10, ttft_first_decode_ms: 60, saturated_role: 'decode' }],
    ['no role', 2, 5, 1, { ttft_queue_ms: 20, ttft_first_decode_ms: 20, saturated_role: null }],
  ])('splits the time to the first token by what its servers count: %s is waited for', async (name, queue, prefill, transfer, row) => {
    const { rows } = await imported(`split ${name}`, {
      'c8.json': serve({ mean_ttft_ms: 100, disagg: true, num_prompts: 100, completed: 100, request_throughput: 10 }),
      'metrics-pre-c8.prom': scrape(0, 0, 0, 0),
      'metrics-post-c8.prom': scrape(queue, prefill, transfer, 100),
    });
    expect(rows).toMatchObject([{ ...row, acceptance_length: 2.5, spec_accept_rate: 0.5 }]);
  }); // prettier-ignore

  test('says nothing of a part that no server counts', async () => {
    const { rows } = await imported('unsplit', { 'c8.json': serve({ disagg: true }) });
    expect(rows).toMatchObject([{ disagg: true, ttft_queue_ms: null, ttft_first_decode_ms: null, saturated_role: null, output_tps_per_decode_gpu: null }]); // prettier-ignore
  });
});

test('a recorded number of GPUs that the stated replicas refute is an error', async () => {
  const files = { 'run.json': serve({ tensor_parallel_size: 4, data_parallel_size: 2, num_gpus: 16 }) };
  await expect(imported('gpus', files, { hardware: 'B200', quant: 'FP8', tensor_parallel: 4, data_parallel: 2, n_gpus: 16 })).rejects.toThrow('n_gpus is 16, but tp x pp x dp is 8'); // prettier-ignore
});

test('lengths are those that were measured, not those that were asked for', async () => {
  const { rows } = await imported('lengths', { 'c8.txt': serveBlock({ requests: 80, seconds: 10, isl: 998, osl: 511 }) });
  expect(rows).toMatchObject([{ mean_input_tokens: 998, mean_output_tokens: 511 }]);
}); // prettier-ignore
