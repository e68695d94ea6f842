// What every measurement file under the folder of sample tool outputs must be read as: its points and metrics with units, or
// the code of the error. Values were taken from the files by hand.

export interface MeasuredSample {
  readonly file: string;
  readonly format: string;
  /** Number of different label sets. */
  readonly points: number;
  /** Every metric name with its unit. */
  readonly metrics: Readonly<Record<string, string>>;
  /** Values by metric key. */
  readonly values: Readonly<Record<string, number>>;
  readonly context?: Readonly<Record<string, unknown>>;
}

export interface RefusedSample {
  readonly file: string;
  readonly code: string;
}

/** Folders that hold measurements of the tools that are read. */
export const SAMPLE_FOLDERS = [
  'aiperf',
  'guidellm',
  'inferencex',
  'mlperf',
  'nccl-tests',
  'nvbandwidth',
  'sglang',
  'vllm',
];

const ms = (kind: string, ...statistics: readonly string[]): Record<string, string> =>
  Object.fromEntries(statistics.map((statistic) => [`${kind}_${statistic}_ms`, 'ms']));

const RATES = { req_per_s: 'req/s', throughput_tok_per_s: 'tok/s', total_throughput_tok_per_s: 'tok/s' };
const OUTCOME = { ok_rate: 'ratio', failed_requests: 'count' };
const LENGTHS = { isl_mean_tokens: 'tokens', osl_mean_tokens: 'tokens' };
const PER_USER = { tps_per_user: 'tok/s/user' };
const MEAN_P50_P99 = ['mean', 'p50', 'p99'];
const QUOTED = ['mean', 'p50', 'p90', 'p95', 'p99'];

const CONSOLE = {
  ...RATES,
  ...ms('ttft', ...MEAN_P50_P99),
  ...ms('tpot', ...MEAN_P50_P99),
  ...ms('itl', ...MEAN_P50_P99),
  ...LENGTHS,
  ...PER_USER,
};
const SERVE = { ...CONSOLE, ...OUTCOME };

const AIPERF = {
  req_per_s: 'req/s',
  throughput_tok_per_s: 'tok/s',
  ...ms('e2e', ...QUOTED),
  ...ms('ttft', ...QUOTED),
  ...ms('ttst', ...QUOTED),
  ...ms('ttfo', ...QUOTED),
  ...ms('tpot', ...QUOTED),
  ...ms('itl', ...QUOTED),
  tps_per_user_p10: 'tok/s/user',
  tps_per_user_p5: 'tok/s/user',
  tps_per_user_p1: 'tok/s/user',
  ...OUTCOME,
  ...LENGTHS,
  ...PER_USER,
};

const SGLANG = {
  throughput_tok_per_s: 'tok/s',
  completed_requests: 'count',
  ...ms('e2e', 'mean', 'p50'),
  ...ms('ttft', 'p50'),
  ...ms('itl', 'p50'),
  ...LENGTHS,
};

const NCCL = { time_us: 'us', algbw_gb_per_s: 'GB/s', busbw_gb_per_s: 'GB/s' };
const NCCL_FOOTER = { busbw_mean_gb_per_s: 'GB/s', out_of_bounds_count: 'count' };
const REPORT_PERCENTILES = ['p99_9', 'p99', 'p97', 'p95', 'p90', 'p80', 'p75', 'p50', 'p25', 'p10', 'p5', 'p1'];
const MLPERF_LATENCIES = ['mean', 'p50', 'p90', 'p95', 'p97', 'p99', 'p99_9'];

export const MEASURED: readonly MeasuredSample[] = [
  {
    file: 'aiperf/qwen_concurrency1__profile_export_aiperf.json',
    format: 'aiperf_json',
    points: 1,
    metrics: AIPERF,
    values: {
      'throughput_tok_per_s[concurrency=1]': 50.08213863971112,
      'ttft_p50_ms[concurrency=1]': 30.668547999999998,
      'tpot_p50_ms[concurrency=1]': 18.158001085427134,
      'itl_mean_ms[concurrency=1]': 18.197640450062813,
      'tps_per_user_p1[concurrency=1]': 51.333753027499135,
      'tps_per_user[concurrency=1]': 1000 / 18.158001085427134,
      'ok_rate[concurrency=1]': 1,
    },
    context: { model: 'Qwen/Qwen3-0.6B', isl: 100, osl: 200, num_prompts: 64, seed: 100 },
  },
  {
    file: 'aiperf/qwen_concurrency4__profile_export_aiperf.json',
    format: 'aiperf_json',
    points: 1,
    metrics: AIPERF,
    values: {
      'throughput_tok_per_s[concurrency=4]': 194.50576456385642,
      'req_per_s[concurrency=4]': 0.9726808041949375,
      'ttft_p99_ms[concurrency=4]': 70.73280420999998,
    },
  },
  {
    file: 'guidellm/guidellm_report_v2_mock_backend.json',
    format: 'guidellm_json',
    points: 2,
    metrics: {
      ...RATES,
      ...ms('ttft', ...QUOTED),
      ...ms('ttfo', ...QUOTED),
      ...ms('tpot', ...QUOTED),
      ...ms('e2e_per_token', ...QUOTED),
      ...ms('e2e', ...QUOTED),
      ...OUTCOME,
      ...LENGTHS,
      ...PER_USER,
    },
    values: {
      'e2e_mean_ms[request_rate=2,strategy=constant]': 19.7890996932983,
      'tpot_mean_ms[request_rate=2,strategy=constant]': 1.1508464813232422,
      'e2e_per_token_mean_ms[request_rate=4,strategy=constant]': 2.177119255065918,
      'throughput_tok_per_s[request_rate=4,strategy=constant]': 6.377131566888984,
    },
    context: { model: 'e2e-mock-model', isl: 32, osl: 8 },
  },
  {
    file: 'inferencex/agg_gptoss_single_node_tp8.json',
    format: 'inferencex_json',
    points: 1,
    metrics: {
      total_tps_per_gpu: 'tok/s/GPU',
      output_tps_per_gpu: 'tok/s/GPU',
      input_tps_per_gpu: 'tok/s/GPU',
      ...ms('ttft', ...MEAN_P50_P99),
      ...ms('tpot', ...MEAN_P50_P99),
      ...ms('itl', ...MEAN_P50_P99),
      tps_per_user_p1: 'tok/s/user',
      ...PER_USER,
    },
    values: {
      'ttft_p50_ms[concurrency=64,isl=2048,osl=2048]': 116.716164500076,
      'output_tps_per_gpu[concurrency=64,isl=2048,osl=2048]': 736.6106812056992,
      'tps_per_user_p1[concurrency=64,isl=2048,osl=2048]': 76.99944598051206,
    },
    context: { tp: 8, quant: 'fp4', engine: 'vllm', dp_attention: false },
  },
  {
    file: 'inferencex/glm47-gaudi3-tp8-1024x1024.csv',
    format: 'serve_csv',
    points: 8,
    metrics: { throughput_tok_per_s: 'tok/s', ...ms('ttft', 'p50', 'p99'), ...ms('tpot', 'p50'), ...PER_USER },
    values: {
      'throughput_tok_per_s[concurrency=128]': 760.78,
      'ttft_p99_ms[concurrency=8]': 868.77,
      'tps_per_user[concurrency=1]': 1000 / 52.88,
    },
  },
  {
    file: 'mlperf/vr-nvl72_deepseek-r1_server_report.head.txt',
    format: 'mlperf_report',
    points: 1,
    metrics: {
      req_per_s: 'req/s',
      throughput_tok_per_s: 'tok/s',
      ...OUTCOME,
      ...ms('ttft', 'mean', ...REPORT_PERCENTILES),
      ...ms('tpot', 'mean', 'p99_9', 'p99', 'p95', 'p90', 'p50', 'p1'),
      ...PER_USER,
    },
    values: {
      'req_per_s[request_rate=325]': 310.08,
      'throughput_tok_per_s[request_rate=325]': 1175890.22,
      'ttft_p99_ms[request_rate=325]': 303.55,
      'tpot_p50_ms[request_rate=325]': 41.11,
    },
    context: { request_rate: 325 },
  },
  {
    file: 'mlperf/mlperf_log_summary_llama2-70b_interactive_mi300x.txt',
    format: 'mlperf_summary',
    points: 1,
    metrics: {
      req_per_s: 'req/s',
      throughput_tok_per_s: 'tok/s',
      ...ms('e2e', ...MLPERF_LATENCIES),
      ...ms('ttft', ...MLPERF_LATENCIES),
      ...ms('tpot', ...MLPERF_LATENCIES),
      ...PER_USER,
    },
    values: {
      'req_per_s[scenario=Server]': 29.41,
      'throughput_tok_per_s[scenario=Server]': 8840.42,
      'ttft_p99_ms[scenario=Server]': 435.9761,
      'tpot_p50_ms[scenario=Server]': 31.888318,
    },
    context: { request_rate: 29.5 },
  },
  {
    file: 'mlperf/mlperf_log_summary_llama2-70b_offline_mi300x.txt',
    format: 'mlperf_summary',
    points: 1,
    metrics: { req_per_s: 'req/s', throughput_tok_per_s: 'tok/s' },
    values: { 'req_per_s[scenario=Offline]': 92.1544, 'throughput_tok_per_s[scenario=Offline]': 27803.9 },
  },
  {
    file: 'nccl-tests/aws_all_reduce_rank_prefixed_0.txt',
    format: 'nccl_tests',
    points: 29 * 2,
    metrics: { ...NCCL, wrong_count: 'count' },
    values: {
      'time_us[dtype=float,place=out_of_place,redop=sum,size=8]': 164.3,
      'busbw_gb_per_s[dtype=float,place=out_of_place,redop=sum,size=2147483648]': 78.33,
      'algbw_gb_per_s[dtype=float,place=in_place,redop=sum,size=67108864]': 25.35,
      'wrong_count[dtype=float,place=in_place,redop=sum,size=1048576]': 0,
    },
  },
  {
    file: 'nccl-tests/pkb_nccl_all_reduce_with_root_and_wrong.txt',
    format: 'nccl_tests',
    points: 11 * 2 + 1,
    metrics: { ...NCCL, ...NCCL_FOOTER },
    values: {
      'time_us[dtype=float,place=in_place,redop=sum,size=1073741824]': 1763386,
      'busbw_gb_per_s[dtype=float,place=out_of_place,redop=sum,size=268435456]': 0.63,
      busbw_mean_gb_per_s: 0.565546,
      out_of_bounds_count: 0,
    },
    context: { hardware: 'Tesla K80', n_gpus: 2, gpus_per_node: 1 },
  },
  {
    file: 'nccl-tests/superbench_nccl_allreduce.log',
    format: 'nccl_tests',
    points: 32 * 2 + 1,
    metrics: { ...NCCL, ...NCCL_FOOTER },
    values: {
      'busbw_gb_per_s[dtype=float,place=out_of_place,redop=sum,size=8589934592]': 235.26,
      'time_us[dtype=float,place=in_place,redop=sum,size=4]': 35.3,
      busbw_mean_gb_per_s: 68.4048,
    },
    context: { hardware: 'A100-SXM4-40GB', n_gpus: 8, gpus_per_node: 8 },
  },
  {
    file: 'nccl-tests/superbench_nccl_alltoall.log',
    format: 'nccl_tests',
    points: 29 * 2 + 1,
    metrics: { ...NCCL, ...NCCL_FOOTER },
    values: {
      'busbw_gb_per_s[dtype=float,place=in_place,size=8589934592]': 226.16,
      'algbw_gb_per_s[dtype=float,place=out_of_place,size=32768]': 0.38,
      busbw_mean_gb_per_s: 58.6481,
    },
  },
  {
    file: 'nvbandwidth/dcgm_verboseFullOutput.json',
    format: 'nvbandwidth_json',
    points: 15,
    metrics: { bandwidth_gb_per_s: 'GB/s', latency_ns: 'ns' },
    values: {
      'bandwidth_gb_per_s[pair=0-0,test=host_to_device_memcpy_ce]': 12.3964,
      'latency_ns[pair=0-0,test=host_device_latency_sm]': 649.879,
    },
    context: { driver: '565.02', cuda: '12.7' },
  },
  {
    file: 'nvbandwidth/dcgm_verboseFullOutputWithErrors.txt',
    format: 'nvbandwidth_json',
    points: 15,
    metrics: { bandwidth_gb_per_s: 'GB/s', latency_ns: 'ns' },
    values: { 'bandwidth_gb_per_s[pair=0-0,test=host_to_all_bidirectional_memcpy_sm]': 10.1235 },
  },
  {
    file: 'nvbandwidth/superbench_nvbandwidth_v0.6_gh200.log',
    format: 'nvbandwidth_text',
    points: 23,
    metrics: { bandwidth_gb_per_s: 'GB/s', bandwidth_sum_gb_per_s: 'GB/s', latency_ns: 'ns' },
    values: {
      'bandwidth_gb_per_s[pair=1-2,test=host_to_device_memcpy_ce]': 312.11,
      'bandwidth_sum_gb_per_s[test=host_to_device_memcpy_ce]': 1985.6,
      'latency_ns[pair=0-0,test=host_device_latency_sm]': 772.58,
    },
    context: { hardware: 'NVIDIA GH200 480GB', n_gpus: 1, driver: '550.54.15' },
  },
  {
    file: 'sglang/bench_serving_llama_3_3_70b_online_output.jsonl',
    format: 'sglang_serve_jsonl',
    points: 7,
    metrics: SGLANG,
    values: {
      'throughput_tok_per_s[dataset=random,isl=1024,osl=1024,request_rate=1]': 537.4142851849319,
      'itl_p50_ms[dataset=random,isl=1024,osl=1024,request_rate=8]': 70.76324708759785,
      'ttft_p50_ms[dataset=sharegpt,request_rate=4]': 68.27884959056973,
      'isl_mean_tokens[dataset=random,isl=1024,osl=1024,request_rate=1]': 152612 / 300,
    },
    context: { engine: 'sglang' },
  },
  {
    file: 'sglang/bench_serving_llama_405b_online_output.jsonl',
    format: 'sglang_serve_jsonl',
    points: 6,
    metrics: SGLANG,
    values: {
      'e2e_p50_ms[dataset=random,isl=1024,osl=1024,request_rate=8]': 254232.27260110434,
      'completed_requests[dataset=sharegpt,request_rate=8]': 2400,
    },
  },
  {
    file: 'vllm/inferencex_bench_serving_variant_qwen35_vllm_tp8_isl10240_osl128_conc32.json',
    format: 'vllm_serve_json',
    points: 1,
    metrics: {
      req_per_s: 'req/s',
      throughput_tok_per_s: 'tok/s',
      ...ms('ttft', 'p50', 'p99'),
      ...ms('tpot', 'p50', 'p99'),
      ...ms('e2e', 'p50', 'p99'),
      ...OUTCOME,
      ...LENGTHS,
      ...PER_USER,
    },
    values: {
      'ttft_p50_ms[concurrency=32]': 18667.5045453012,
      'tpot_p50_ms[concurrency=32]': 318.29973843726,
      'isl_mean_tokens[concurrency=32]': 10240,
    },
    context: { model: 'Qwen/Qwen3.5-397B-A17B', concurrency: 32 },
  },
  {
    file: 'vllm/latency_8xH100_405b_np16.json',
    format: 'vllm_latency_json',
    points: 1,
    metrics: ms('batch', 'mean', 'p10', 'p25', 'p50', 'p75', 'p90', 'p99'),
    values: { batch_mean_ms: 84220.3282209998, batch_p50_ms: 84220.3282209998 },
  },
  {
    file: 'vllm/serve_2024-11_llama405b_16qps_detailed_trimmed.json',
    format: 'vllm_serve_json',
    points: 1,
    metrics: SERVE,
    values: {
      'throughput_tok_per_s[request_rate=16]': 1198.8884495761356,
      'ttft_p99_ms[request_rate=16]': 9912.536467760054,
      'isl_mean_tokens[request_rate=16]': 215.196,
    },
    context: { model: 'meta-llama/Llama-3.1-405B-FP8', request_rate: 16, num_prompts: 1000 },
  },
  {
    file: 'vllm/serve_2025-09_gpt-oss-120b_conc32_in128.json',
    format: 'vllm_serve_json',
    points: 1,
    metrics: SERVE,
    values: {
      'throughput_tok_per_s[concurrency=32]': 4014.167833232468,
      'itl_p50_ms[concurrency=32]': 7.2198090001620585,
    },
  },
  {
    file: 'vllm/serve_2025-09_gpt-oss-120b_conc64.json',
    format: 'vllm_serve_json',
    points: 1,
    metrics: SERVE,
    values: {
      'throughput_tok_per_s[concurrency=64]': 5892.885449645593,
      'tps_per_user[concurrency=64]': 1000 / 10.48383008281032,
    },
  },
  {
    file: 'vllm/serve_text_2025-12_with_failed_and_peak.txt',
    format: 'vllm_serve_console',
    points: 1,
    metrics: { ...SERVE, peak_throughput_tok_per_s: 'tok/s' },
    values: {
      throughput_tok_per_s: 133.67,
      peak_throughput_tok_per_s: 312,
      tpot_p50_ms: 25.78,
      failed_requests: 0,
      osl_mean_tokens: 266.3,
    },
  },
  {
    file: 'vllm/serve_text_many_blocks.txt',
    format: 'vllm_serve_console',
    points: 23,
    metrics: CONSOLE,
    values: {
      'throughput_tok_per_s[block=1]': 18.75,
      'ttft_p50_ms[block=2]': 372.8,
      'isl_mean_tokens[block=20]': 128000,
      'req_per_s[block=20]': 1 / 748.82,
    },
  },
  {
    file: 'vllm/serve_text_third_block.txt',
    format: 'vllm_serve_console',
    points: 1,
    metrics: {
      req_per_s: 'req/s',
      total_throughput_tok_per_s: 'tok/s',
      ...ms('e2e', ...MEAN_P50_P99),
      ...OUTCOME,
      isl_mean_tokens: 'tokens',
    },
    values: { req_per_s: 56.32, e2e_p99_ms: 166.66 },
  },
  {
    file: 'vllm/throughput_8xH100_405b_np16.json',
    format: 'vllm_throughput_json',
    points: 1,
    metrics: { req_per_s: 'req/s', total_throughput_tok_per_s: 'tok/s' },
    values: { total_throughput_tok_per_s: 781.508237172722 },
    context: { num_prompts: 16 },
  },
  {
    file: 'vllm/throughput_8xMI300X_405b_req16.json',
    format: 'vllm_throughput_json',
    points: 1,
    metrics: { req_per_s: 'req/s', total_throughput_tok_per_s: 'tok/s' },
    values: { req_per_s: 0.218977587503542 },
  },
];

export const REFUSED: readonly RefusedSample[] = [
  { file: 'aiperf/qwen_concurrency1__gpu_telemetry_export.jsonl', code: 'telemetry_records' },
  { file: 'aiperf/qwen_concurrency1__profile_export.jsonl', code: 'per_request_records' },
  { file: 'inferencex/power_validation_agg_gptoss_single_node_tp8.json', code: 'power_validation_record' },
  { file: 'mlperf/measurements.json', code: 'no_numbers' },
  { file: 'mlperf/published-points.csv', code: 'format_unknown' },
  { file: 'mlperf/mlperf_log_detail_llama2-70b_interactive_head.txt', code: 'detail_log' },
  { file: 'sglang/bench_serving_text_placeholders_xxx.txt', code: 'placeholder_values' },
  { file: 'vllm/serve_results_aggregated_by_user_script.csv', code: 'format_unknown' },
];
