// Reports of tools with one file each: what they call things, and what they do not say.
import { expect, test } from 'vitest';
import { read, readJson, reasonOf, valuesOf } from './outcome.ts';

const TRTLLM = {
  engine: { model: 'org/model', version: '1.2.0', kv_cache_dtype: 'FP8', quantization: 'FP8' },
  machine: null,
  world_info: { tp_size: 8, pp_size: 1, ep_size: null, world_size: 8, max_batch_size: 512, max_num_tokens: 8192 },
  request_info: { num_requests: 3000, avg_num_concurrent_requests: 812.4, avg_input_length: 1024, avg_output_length: 512 },
  performance: {
    total_latency_ms: 48_000,
    avg_request_latency_ms: 12_000,
    request_throughput_req_s: 62.5,
    system_output_throughput_tok_s: 32_000,
    system_total_throughput_tok_s: 96_000,
    output_throughput_per_user_tok_s: 42.6,
    output_throughput_per_gpu_tok_s: 4000,
    request_latency_percentiles_ms: { p50: 11_840, p99: 19_200, minimum: 2400, average: 12_000 },
  },
  streaming_metrics: { avg_ttft_ms: 300, avg_tpot_ms: 22.72, ttft_percentiles: { p50: 280 }, tpot_percentiles: { p50: 20 } },
}; // prettier-ignore

test('trtllm-bench: tok/s/user is 1000 / median TPOT, not what the tool calls so, and GPUs are those of the world', async () => {
  const reading = await readJson(TRTLLM);
  expect(reading.format).toBe('trtllm_bench_json');
  expect(valuesOf(reading)).toMatchObject({
    throughput_tok_per_s: 32_000,
    output_tps_per_gpu: 4000,
    e2e_mean_ms: 12_000,
    e2e_p99_ms: 19_200,
    ttft_p50_ms: 280,
    tps_per_user: 50,
    isl_mean_tokens: 1024,
  });
  expect(reading.context).toMatchObject({ n_gpus: 8, tp: 8, engine: 'trtllm', quant: 'FP8', max_num_seqs: 512 });
  expect(reading.context).not.toHaveProperty('concurrency');
  expect(reading.counts).toMatchObject([{ completed: 3000, duration_s: 48 }]);
});

test('trtllm-bench: a rate is held against the requests and the time', async () => {
  const { contradictions } = await readJson({ ...TRTLLM, performance: { ...TRTLLM.performance, request_throughput_req_s: 80 } }); // prettier-ignore
  expect(contradictions).toMatchObject([{ key: 'req_per_s', stated: 80, implied: 62.5 }]);
});

test('trtllm-bench: no request is no measurement', async () => {
  expect(await reasonOf(JSON.stringify({ ...TRTLLM, request_info: { num_requests: 0 } }))).toBe('num_requests is 0');
});

const REPORT = (completed: number): string => `----------------- Summary -----------------
Version: 0.1.0
Run config:
  load_pattern: type=max, target_qps=None, target_concurrency=64, use_legacy_loadgen_qps_metrics=True
Total samples issued: 1000
Total samples completed: ${completed}
Total samples failed: 10
Duration: 100.00 seconds
QPS: 9.90
TPS: 5000.50
TTFT:
  Median: 205.52 ms
  Avg.: 0.25 s
  Percentiles:
    99.9: 1874.30 ms
    50.0: 205.52 ms
  Early-stopping percentile estimates (N/A = insufficient samples):
    99.0: 304.65 ms
TPOT:
  Median: 40 ms
`;

test('an endpoint report of MLPerf: measured percentiles, not the estimates below them', async () => {
  const reading = await read(REPORT(990), 'report.txt');
  expect(reading.format).toBe('mlperf_report');
  const values = valuesOf(reading);
  expect(values).toMatchObject({
    'req_per_s[concurrency=64]': 9.9,
    'ttft_mean_ms[concurrency=64]': 250,
    'ttft_p99_9_ms[concurrency=64]': 1874.3,
    'tps_per_user[concurrency=64]': 25,
    'failed_requests[concurrency=64]': 10,
  });
  expect(values).not.toHaveProperty('ttft_p99_ms[concurrency=64]');
  expect(reading.counts).toMatchObject([{ completed: 990, failed: 10, requested: 1000, duration_s: 100 }]);
  expect(await reasonOf(REPORT(0), 'report.txt')).toContain('no sample completed, 10 failed');
});

test("a table of a sweep has a point for each line; a column that no tool names makes it nobody's", async () => {
  const reading = await read('concurrency,output_throughput,median_tpot_ms\n8,640,10\n16,,20\n', 'sweep.csv');
  expect(reading.format).toBe('serve_csv');
  expect(valuesOf(reading)).toEqual({
    'throughput_tok_per_s[concurrency=8]': 640,
    'tpot_p50_ms[concurrency=8]': 10,
    'tps_per_user[concurrency=8]': 100,
    'tpot_p50_ms[concurrency=16]': 20,
    'tps_per_user[concurrency=16]': 50,
  });
  await expect(read('concurrency,output_throughput,my_score\n8,640,1\n', 'sweep.csv')).rejects.toMatchObject({ code: 'format_unknown' }); // prettier-ignore
  await expect(read('concurrency,output_throughput\n8,fast\n', 'sweep.csv')).rejects.toMatchObject({ code: 'not_a_number' }); // prettier-ignore
});

test('InferenceX: replicas that its rates leave out are divided by, and said', async () => {
  const run = { hw: 'h200', conc: 64, model: 'm', framework: 'vllm', precision: 'fp8', isl: 1024, osl: 1024, tp: 4, pp: 1, dp: 2, is_multinode: false, disagg: false, tput_per_gpu: 400, output_tput_per_gpu: 200, input_tput_per_gpu: 200, median_tpot: 0.01 }; // prettier-ignore
  const reading = await readJson(run);
  expect(valuesOf(reading)['output_tps_per_gpu[concurrency=64,isl=1024,osl=1024]']).toBe(100);
  expect(reading.warnings).toEqual(['rates per GPU leave out the replicas in 1 of 1 runs: they were divided by dp']);
  const shared = valuesOf(await readJson({ ...run, dp_attention: 'true' }));
  expect(shared['output_tps_per_gpu[concurrency=64,isl=1024,osl=1024]']).toBe(200);
});

test('InferenceX: the rate over all GPUs is held against those of the roles', async () => {
  const run = { hw: 'gb200', conc: 8, model: 'm', isl: 8192, osl: 1024, is_multinode: true, disagg: true, num_prefill_gpu: 8, num_decode_gpu: 32, output_tput_per_gpu: 100, input_tput_per_gpu: 3200, median_tpot: 0.01 }; // prettier-ignore
  expect((await readJson({ ...run, tput_per_gpu: 720 })).contradictions).toBeUndefined();
  expect((await readJson({ ...run, tput_per_gpu: 3300 })).contradictions).toMatchObject([
    { stated: 3300, implied: 720 },
  ]);
});

test('AIPerf: a rate is held against its count and duration', async () => {
  const metric = (unit: string, avg: number) => ({ unit, avg });
  const report = {
    aiperf_version: '0.13',
    request_throughput: metric('requests/sec', 5),
    request_count: metric('requests', 50),
    benchmark_duration: metric('sec', 10),
    output_token_throughput: metric('tokens/sec', 640),
    total_osl: metric('tokens', 3200),
  };
  expect((await readJson(report)).contradictions).toMatchObject([
    { key: 'throughput_tok_per_s', stated: 640, implied: 320 },
  ]);
});
