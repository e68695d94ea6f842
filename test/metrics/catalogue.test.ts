// Every metric of the catalogue has an example here, and every name that a tool gives it: a metric without one fails the test.
import { describe, expect, it } from 'vitest';
import {
  CATALOGUE,
  type CatalogueEntry,
  LATENCIES,
  LATENCY_NAMES,
  type LatencyEntry,
  METRIC_IDS,
  type Tool,
  latenciesWrittenBy,
  latencyName,
  latencyNamed,
  metricNamed,
  writtenBy,
} from '../../src/metrics/catalogue.ts';
import { isDecodeMetric, isThroughputClass } from '../../src/metrics/metric-class.ts';
import { dimensionOf } from '../../src/metrics/units.ts';

/** As the code knows it, its name, its unit, which way is better, and how tools write it. */
const EXAMPLES: readonly (readonly [string, string, string, string, readonly string[]])[] = [
  [
    'requestRate',
    'req_per_s',
    'req/s',
    'higher',
    [
      'vllm: request_throughput',
      'vllm_throughput: requests_per_second',
      'sglang: request_throughput',
      'console: request throughput (req/s)',
      'mlperf: completed samples per second',
      'mlperf: samples per second',
      'guidellm: requests_per_second',
      'aiperf: request_throughput',
      'atlas: request_throughput_avg',
      'envelope: req_per_s_all',
      'trtllm: request_throughput_req_s',
    ],
  ],
  [
    'goodput',
    'goodput_req_per_s',
    'req/s',
    'higher',
    [
      'vllm: request_goodput',
      'console: request goodput (req/s)',
      'aiperf: goodput',
      'envelope: req_per_s_passing',
      'envelope: goodput_at_slo',
    ],
  ],
  [
    'throughput',
    'throughput_tok_per_s',
    'tok/s',
    'higher',
    [
      'vllm: output_throughput',
      'sglang: output_throughput',
      'console: output token throughput (tok/s)',
      'mlperf: completed tokens per second',
      'mlperf: tokens per second',
      'guidellm: output_tokens_per_second',
      'aiperf: output_token_throughput',
      'perfbench: throughput_toks_per_s',
      'trtllm: system_output_throughput_tok_s',
    ],
  ],
  [
    'inputThroughput',
    'input_throughput_tok_per_s',
    'tok/s',
    'higher',
    ['sglang: input_throughput', 'console: input token throughput (tok/s)'],
  ],
  [
    'totalThroughput',
    'total_throughput_tok_per_s',
    'tok/s',
    'higher',
    [
      'vllm: total_token_throughput',
      'vllm_throughput: tokens_per_second',
      'sglang: total_throughput',
      'sglang: total_token_throughput',
      'sglang_one_batch: overall_throughput',
      'console: total token throughput (tok/s)',
      'console: total throughput (tok/s)',
      'guidellm: tokens_per_second',
      'aiperf: total_token_throughput',
      'trtllm: system_total_throughput_tok_s',
    ],
  ],
  [
    'peakThroughput',
    'peak_throughput_tok_per_s',
    'tok/s',
    'higher',
    [
      'vllm: max_output_tokens_per_s',
      'sglang: max_output_tokens_per_s',
      'console: peak output token throughput (tok/s)',
    ],
  ],
  ['prefillThroughput', 'prefill_throughput_tok_per_s', 'tok/s', 'higher', ['sglang_one_batch: prefill_throughput']],
  [
    'decodeThroughput',
    'decode_throughput_tok_per_s',
    'tok/s',
    'higher',
    ['sglang_one_batch: median_decode_throughput'],
  ],
  [
    'generationThroughput',
    'generation_throughput_tok_per_s',
    'tok/s',
    'higher',
    ['perfbench: avg_generation_throughput_toks_per_s'],
  ],
  [
    'outputPerGpu',
    'output_tps_per_gpu',
    'tok/s/GPU',
    'higher',
    ['inferencex: output_tput_per_gpu', 'atlas: output_tps_per_gpu', 'trtllm: output_throughput_per_gpu_tok_s'],
  ],
  [
    'outputPerDecodeGpu',
    'output_tps_per_decode_gpu',
    'tok/s/GPU',
    'higher',
    ['inferencex: output_tput_per_gpu (several nodes)'],
  ],
  ['inputPerGpu', 'input_tps_per_gpu', 'tok/s/GPU', 'higher', ['inferencex: input_tput_per_gpu']],
  [
    'inputPerPrefillGpu',
    'input_tps_per_prefill_gpu',
    'tok/s/GPU',
    'higher',
    ['inferencex: input_tput_per_gpu (several nodes)'],
  ],
  ['totalPerGpu', 'total_tps_per_gpu', 'tok/s/GPU', 'higher', ['inferencex: tput_per_gpu', 'atlas: total_tps_per_gpu']],
  [
    'perUser',
    'tps_per_user',
    'tok/s/user',
    'higher',
    [
      'aiperf: output_token_throughput_per_user',
      'inferencex: median_intvty',
      'perfbench: tps_per_user',
      'atlas: output_tps_per_user',
    ],
  ],
  [
    'throughputPerConcurrency',
    'throughput_per_concurrency_tok_per_s',
    'tok/s',
    'higher',
    ['atlas: output_tps_per_user (throughput / concurrency)'],
  ],
  ['okRate', 'ok_rate', 'ratio', 'higher', []],
  ['complianceRate', 'compliance_rate', 'ratio', 'higher', []],
  ['completedRequests', 'completed_requests', 'count', 'higher', ['sglang: completed']],
  [
    'failedRequests',
    'failed_requests',
    'count',
    'lower',
    ['vllm: failed', 'console: failed requests', 'perfbench: errors'],
  ],
  [
    'promptLength',
    'isl_mean_tokens',
    'tokens',
    'two-sided',
    [
      'aiperf: input_sequence_length',
      'guidellm: prompt_token_count',
      'atlas: mean_input_tokens',
      'trtllm: avg_input_length',
    ],
  ],
  [
    'outputLength',
    'osl_mean_tokens',
    'tokens',
    'two-sided',
    [
      'aiperf: output_sequence_length',
      'guidellm: output_token_count',
      'atlas: mean_output_tokens',
      'trtllm: avg_output_length',
    ],
  ],
  [
    'reasoningLength',
    'reasoning_mean_tokens',
    'tokens',
    'two-sided',
    ['aiperf: reasoning_token_count', 'atlas: reasoning_token_count'],
  ],
  [
    'cacheHitRate',
    'prefix_cache_hit_rate',
    'ratio',
    'higher',
    [
      'aiperf: overall_usage_prompt_cache_read_pct',
      'aiperf: overall_usage_prompt_cache_read_%',
      'atlas: prefix_cache_hit_rate',
    ],
  ],
  ['cacheHitRateBefore', 'prefix_cache_hit_rate_pre', 'ratio', 'higher', ['perfbench: prefix_cache_hit_rate_pre']],
  ['cacheHitRateAfter', 'prefix_cache_hit_rate_post', 'ratio', 'higher', ['perfbench: prefix_cache_hit_rate_post']],
  ['cacheUsage', 'gpu_cache_usage_peak', 'ratio', 'lower', ['perfbench: gpu_cache_usage_perc_peak']],
  ['requestsRunning', 'requests_running_peak', 'count', 'two-sided', ['perfbench: num_requests_running_peak']],
  ['preemptions', 'preemptions', 'count', 'lower', []],
  [
    'acceptanceLength',
    'acceptance_length',
    'tokens',
    'higher',
    [
      'vllm: spec_decode_acceptance_length',
      'sglang: accept_length',
      'console: accept length',
      'atlas: acceptance_length',
    ],
  ],
  [
    'acceptanceRate',
    'spec_accept_rate',
    'ratio',
    'higher',
    ['vllm: spec_decode_acceptance_rate', 'atlas: spec_accept_rate'],
  ],
  ['joulesPerToken', 'joules_per_token', 'J/tok', 'lower', ['envelope: joules_per_token']],
  ['energy', 'energy_joules_total', 'J', 'lower', ['envelope: energy_joules_total']],
  ['powerMean', 'power_mean_w', 'W', 'lower', ['envelope: power_mean_w']],
  ['powerAverage', 'power_avg_w', 'W', 'lower', ['envelope: power_avg_w']],
  ['powerPeak', 'power_peak_w', 'W', 'lower', ['envelope: power_peak_w']],
  ['costPerMillion', 'cost_usd_per_million_tokens', 'USD', 'lower', ['envelope: cost_usd_per_million_tokens']],
  ['spinpoll', 'cpu_spinpoll_pct', '%', 'lower', ['perfbench: cpu_spinpoll_pct']],
  ['kernelShare', 'kernel_class_gpu_pct', '%', 'lower', ['perfbench: kernel_class_gpu_pct']],
  ['busBandwidth', 'busbw_gb_per_s', 'GB/s', 'higher', ['nccl: busbw']],
  ['busBandwidthMean', 'busbw_mean_gb_per_s', 'GB/s', 'higher', ['nccl: Avg bus bandwidth']],
  ['algorithmBandwidth', 'algbw_gb_per_s', 'GB/s', 'higher', ['nccl: algbw']],
  ['collectiveTime', 'time_us', 'us', 'lower', ['nccl: time']],
  ['wrongValues', 'wrong_count', 'count', 'lower', ['nccl: #wrong']],
  ['outOfBounds', 'out_of_bounds_count', 'count', 'lower', ['nccl: Out of bounds values']],
  ['linkBandwidth', 'bandwidth_gb_per_s', 'GB/s', 'higher', ['nvbandwidth: bandwidth']],
  ['linkBandwidthSum', 'bandwidth_sum_gb_per_s', 'GB/s', 'higher', ['nvbandwidth: sum']],
  ['linkLatency', 'latency_ns', 'ns', 'lower', ['nvbandwidth: latency']],
];

const LATENCY_EXAMPLES: readonly (readonly [string, readonly string[]])[] = [
  [
    'ttft',
    [
      'vllm: ttft',
      'sglang: ttft',
      'console: ttft',
      'inferencex: ttft',
      'mlperf: first token latency',
      'guidellm: time_to_first_token_ms',
      'aiperf: time_to_first_token',
      'perfbench: ttft',
      'envelope: ttft',
    ],
  ],
  ['ttst', ['aiperf: time_to_second_token']],
  ['ttfo', ['guidellm: time_to_first_output_token_ms', 'aiperf: time_to_first_output_token', 'atlas: ttfo']],
  [
    'tpot',
    [
      'vllm: tpot',
      'sglang: tpot',
      'console: tpot',
      'inferencex: tpot',
      'mlperf: time to output token',
      'guidellm: inter_token_latency_ms',
      'aiperf: inter_token_latency',
      'atlas: tpot',
      'envelope: tpot',
    ],
  ],
  [
    'itl',
    [
      'vllm: itl',
      'sglang: itl',
      'console: itl',
      'inferencex: itl',
      'aiperf: inter_chunk_latency',
      'perfbench: itl',
      'atlas: itl',
      'envelope: itl',
    ],
  ],
  [
    'e2e',
    [
      'vllm: e2el',
      'sglang: e2e_latency',
      'console: e2el',
      'console: e2e latency',
      'inferencex: e2el',
      'mlperf: latency',
      'guidellm: request_latency',
      'aiperf: request_latency',
      'perfbench: request_latency',
      'envelope: e2e',
      'envelope: total',
    ],
  ],
  ['e2e_per_token', ['guidellm: time_per_output_token_ms']],
  ['prefill', ['sglang_one_batch: prefill_latency']],
  ['decode_step', ['sglang_one_batch: median_decode_latency']],
  ['batch', ['sglang_one_batch: total_latency', 'vllm_throughput: avg_latency']],
];

const TOOLS = [
  'vllm', 'vllm_throughput', 'sglang', 'sglang_one_batch', 'console', 'mlperf', 'guidellm', 'aiperf', 'inferencex', 'perfbench',
  'atlas', 'envelope', 'nccl', 'nvbandwidth',
] as const satisfies readonly Tool[]; // prettier-ignore

const spellings = (written: CatalogueEntry['written']): string[] =>
  Object.entries(written ?? {}).flatMap(([tool, names]) => names.map((name) => `${tool}: ${name}`));

describe('metrics', () => {
  it('each have an example here', () => {
    expect(EXAMPLES.map(([id]) => id)).toEqual(METRIC_IDS);
  });

  it.each(EXAMPLES)('%s is %s in %s, better %s', (id, name, unit, direction, written) => {
    const found = metricNamed(name);
    expect(found).toBe(id);
    if (found === undefined) return;
    const entry: CatalogueEntry = CATALOGUE[found];
    expect([entry.unit, entry.direction.replace('-is-better', '')]).toEqual([unit, direction]);
    expect(spellings(entry.written)).toEqual(written);
    if (unit !== 'USD') expect(dimensionOf(unit)).not.toBeNull();
  });

  it('have names that no other has, and no tool gives one name to two', () => {
    expect(new Set(METRIC_IDS.map((id) => CATALOGUE[id].name)).size).toBe(METRIC_IDS.length);
    for (const tool of TOOLS) {
      const given = EXAMPLES.flatMap(([, , , , written]) => written.filter((each) => each.startsWith(`${tool}: `)));
      expect(writtenBy(tool).size).toBe(given.length);
    }
  });

  it('are found by the name that a tool writes', () => {
    expect(writtenBy('vllm').get('output_throughput')).toBe('throughput');
    expect(writtenBy('sglang').get('accept_length')).toBe('acceptanceLength');
    expect(writtenBy('nccl').get('busbw')).toBe('busBandwidth');
  });
});

describe('latencies', () => {
  it('each have an example here', () => {
    expect(LATENCY_EXAMPLES.map(([latency]) => latency)).toEqual(LATENCY_NAMES);
  });

  it.each(LATENCY_EXAMPLES)('%s', (name, written) => {
    const latency = LATENCY_NAMES.find((known) => known === name);
    if (latency === undefined) throw new Error(`${name} is no latency`);
    const entry: LatencyEntry = LATENCIES[latency];
    expect(spellings(entry.written)).toEqual(written);
    expect(latencyNamed(latencyName(latency, 'p99.9'))).toEqual({ latency, statistic: 'p99.9' });
  });

  it('are found by the name that a tool writes', () => {
    expect(latenciesWrittenBy('vllm').get('e2el')).toBe('e2e');
    expect(latenciesWrittenBy('guidellm').get('inter_token_latency_ms')).toBe('tpot');
  });
});

describe('what a claim may rest on', () => {
  it.each([
    ['tpot_p50_ms', null, true],
    ['tpot_p50_ms[concurrency=16]', 'mtp', true],
    ['cells.1.itl_p50_ms', null, true],
    ['itl_p50_ms', 'mtp', false],
    ['median_tpot_ms', 'mtp', true],
    ['p50_itl', null, true],
    ['tpot_p99_ms', null, false],
    ['tpot_mean_ms', null, false],
    ['ttft_p50_ms', null, false],
    ['throughput_tok_per_s', null, false],
  ])('%s with speculation %s is decode speed: %s', (key, spec_method, expected) => {
    expect(isDecodeMetric(key, { spec_method })).toBe(expected);
  });

  it.each([
    ['throughput_tok_per_s', 'tok/s', true],
    ['results[concurrency=16].request_throughput', null, true],
    ['busbw_gb_per_s', 'GB/s', true],
    ['throughput', 'ms', false],
    ['tps_per_user', 'tok/s/user', false],
    ['algbw_gb_per_s', 'GB/s', false],
    ['ttft_p50_ms', 'ms', false],
  ])('%s in %s is a rate of work done: %s', (name, unit, expected) => {
    expect(isThroughputClass(name, unit)).toBe(expected);
  });
});
