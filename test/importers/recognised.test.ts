// Which readers know a file by what it looks like, and how sure each is; all others must be at zero. And the text of files.
import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { READERS } from '../../src/importers/readers.ts';

const FIXTURES = new URL('../fixtures/', import.meta.url).pathname;

const recognised = (folder: string): string[] =>
  readdirSync(`${FIXTURES}${folder}`, { withFileTypes: true }).flatMap((entry) => {
    if (!entry.isFile()) return [];
    const head = readFileSync(`${FIXTURES}${folder}/${entry.name}`, 'utf8');
    const sure = READERS.map(({ format, sniff }) => [format, sniff(entry.name, head)] as const);
    return `${entry.name}: ${sure.flatMap(([format, share]) => (share === 0 ? [] : [`${format} ${share}`])).join(', ')}`;
  });

test('each fixture is known by the readers that it is for, and by no other', async () => {
  const lines = ['measurements', 'readings'].flatMap(recognised);
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(`${FIXTURES}readings/expected/recognised.txt`);
});

describe('a file is known by these first characters', () => {
  const sure = (head: string, path = 'x'): string[] =>
    READERS.flatMap(({ format, sniff }) => (sniff(path, head) === 0 ? [] : [`${format} ${sniff(path, head)}`]));
  test.each([
    ['{"completed": 1, "output_throughput": 2, "random_range_ratio": 0, "sharegpt_output_len": 1}', ['json_document 0.1', 'sglang_serve_jsonl 0.95']],
    ['{"completed": 1, "output_throughput": 2, "total_output_tokens_retokenized": 1}', ['json_document 0.1', 'sglang_serve_jsonl 0.95']],
    ['{"completed": 1, "output_throughput": 2, "random_range_ratio": 0}', ['json_document 0.1']],
    ['{"completed": 1, "total_output_tokens_retokenized": 1}', ['json_document 0.1']],
    ['{"output_throughput": 1, "total_output_tokens_retokenized": 1}', ['json_document 0.1']],
    ['{"batch_size": 1, "prefill_latency": 2, "prefill_throughput": 3}', ['json_document 0.1']],
    ['{"avg_latency": 1}', ['json_document 0.1']],
    ['{"envelope_version": "v1", "suite_id": 1}', ['envelope 1', 'json_document 0.1']],
    ['{"envelope_version": "v1", "metrics": 1}', ['envelope 1', 'json_document 0.1']],
    ['{"envelope_version": "v1"}', ['json_document 0.1']],
    ['{"out_of_place": {"bus_bw": 1}}', ['json_document 0.1', 'nccl_tests_json 0.95']],
    ['{"nccl_version": 1, "args": [], "env": {}}', ['json_document 0.1', 'nccl_tests_json 0.95']],
    ['{"nccl_version": 1, "args": []}', ['json_document 0.1']],
    ['log\n#  size  count  type  redop\n', ['nccl_tests 0.95']],
    ['# nThread 1 nGpus 8 minBytes 8 maxBytes 8\n', ['nccl_tests 0.9']],
    [' {"a": "#  size  count  type  "}', ['json_document 0.1']],
    ['Running device_to_device_memcpy_read_ce.\n', ['nvbandwidth_text 0.9']],
    ['nvbandwidth Version: v0.8\n', ['nvbandwidth_text 0.95']],
    ['log\n{"nvbandwidth": {}}', ['nvbandwidth_json 0.95']],
    ['nvbandwidth Version: v0.8\n{ "nvbandwidth" : {', ['nvbandwidth_json 0.95']],
    ['{"schema": "inference_perfbench_v2"}', ['inference_perfbench_v1 1', 'json_document 0.1']],
    ['{"benchmarks": [], "x": "GuideLLM"}', ['guidellm_json 0.95', 'json_document 0.1']],
    ['{"benchmarks": [], "time_to_first_token_ms": 1, "inter_token_latency_ms": 2}', ['guidellm_json 0.95', 'json_document 0.1']],
    ['{"benchmarks": [], "time_to_first_token_ms": 1}', ['json_document 0.1']],
    ['{"guidellm": 1}', ['json_document 0.1']],
    ['{"hw": 1, "conc": 2, "tput_per_gpu": 3}', ['inferencex_json 0.95', 'json_document 0.1']],
    ['{"name": "a", "performance": {"median_ms": 1}}', ['json_document 0.1', 'ratchet_result 0.9']],
    ['{"kernel_name": "a", "metrics": {"mean_time_ms": 1}}', ['json_document 0.1', 'ratchet_result 0.9']],
    ['{"configs": [{"samples_ms": [1]}]}', ['json_document 0.1', 'ratchet_result 0.9']],
    ['[{"configs": [{"samples_ms": [1]}]}]', ['json_document 0.1']],
    ['{"name": "a", "median_ms": 1}', ['json_document 0.1']],
    ['Metric,avg,min\nRequest Latency (ms),1,1', ['aiperf_csv 0.95']],
    ['\uFEFFMetric,avg,min\nInter Token Latency (ms),1,1', ['aiperf_csv 0.95']],
    ['Metric,avg,min\nSpeed,1,1', []],
    ['Metric,mean\nRequest,1', []],
    ['{"request_latency": {"unit": "ms"}}', ['aiperf_json 0.7', 'genai_perf_json 0.5', 'json_document 0.1']],
    ['{"request_count": {"unit": "r"}, "was_cancelled": 1}', ['aiperf_json 0.95', 'genai_perf_json 0.5', 'json_document 0.1']],
    ['{"request_throughput": {"unit": "r"}, "perf_analyzer": {}}', ['aiperf_json 0.7', 'genai_perf_json 0.97', 'json_document 0.1']],
    ['{"request_latency": {"unit": "r"}, "a": "genai-perf profile"}', ['aiperf_json 0.7', 'genai_perf_json 0.97', 'json_document 0.1']],
    ['{"model_id": 1, "num_prompts": 2, "request_rate": 3, "completed": 4, "total_input_tokens": 5}', ['json_document 0.1', 'vllm_serve_json 0.9']],
    [' [{"model_id": 1, "num_prompts": 2, "request_rate": 3, "completed": 4, "total_input_tokens": 5}]', ['json_document 0.1', 'vllm_sweep_summary 0.9']],
    ['{"elapsed_time": 1, "num_requests": 2, "total_num_tokens": 3, "tokens_per_second": 4}', ['json_document 0.1', 'vllm_throughput_json 0.95']],
    ['{"cell_id": 1, "parallel_strategy": 2, "concurrency": 3, "status": 4}', ['atlas 0.95', 'json_document 0.1']],
    ['{"schema_version": 1, "reference": 2, "versions": 3, "pairs": 4}', ['json_document 0.1', 'sota_comparison 0.9']],
    ['MLPerf Results Summary\n', ['mlperf_summary 0.95']],
    ['12.5', ['scalar 0.9']],
    [' .5e3 ', ['scalar 0.9']],
    ['12.5 ms', []],
    ['{"value": 3}', ['json_document 0.1', 'scalar 0.8']],
    ['{"values": [3], "host": "a", "ok": true, "gap": null}', ['json_document 0.1', 'scalar 0.8']],
    ['{"value": {"a": 3}}', ['json_document 0.1']],
    ['{"value": [3]}', ['json_document 0.1']],
    ['{"value": 3, "values": [3]}', ['json_document 0.1']],
    ['{"value": 3, "more": 4}', ['json_document 0.1']],
    ['{"value": 3, "more": []}', ['json_document 0.1']],
    ['{"value": 3', ['json_document 0.1']],
  ])('%s', (head, expected) => expect(sure(head)).toEqual(expected)); // prettier-ignore

  test.each([
    ['profile_export_genai_perf.json', '{"request_latency": {"unit": "ms"}}', ['genai_perf_json 0.97', 'json_document 0.1']],
    ['profile_export_aiperf.json', '{"request_latency": {"unit": "ms"}}', ['aiperf_json 0.95', 'genai_perf_json 0.5', 'json_document 0.1']],
    ['a/inference_perfbench_v1.json', 'x', ['inference_perfbench_v1 0.9']],
    ['an_inference_perfbench_v1.json', 'x', []],
  ])('%s beside its name: %s', (path, head, expected) => expect(sure(head, path)).toEqual(expected)); // prettier-ignore
});
