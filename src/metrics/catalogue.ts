// Every metric of the product, once: its name, its unit, which way is better, what it is made from, and what the tools of the
// field call it. Readers, load generator, fronts and judge take names from here; none keeps a list of its own. Tolerances and
// gating, which users change, live in configs/metrics.yaml. Never holds a value or a rule of judging.
import type { Direction } from '../stats/direction.ts';

const HIGHER = 'higher-is-better' satisfies Direction;
const LOWER = 'lower-is-better' satisfies Direction;
/** A change either way is another workload, or neither good nor bad alone. */
const EITHER = 'two-sided' satisfies Direction;

/** Formats whose names of metrics stand in the table. */
export type Tool =
  | 'vllm' | 'vllm_throughput' | 'sglang' | 'sglang_one_batch' | 'console' | 'mlperf' | 'guidellm' | 'aiperf' | 'inferencex'
  | 'trtllm' | 'perfbench' | 'atlas' | 'envelope' | 'nccl' | 'nvbandwidth'; // prettier-ignore

type Written = Readonly<Partial<Record<Tool, readonly string[]>>>;

export interface CatalogueEntry {
  readonly name: string;
  readonly unit: string;
  readonly direction: Direction;
  readonly means: string;
  /** What a value is over: the whole window, the requests of it, or the state of a server. */
  readonly over: 'window' | 'requests' | 'server' | 'messages' | 'run';
  /** Which statistic of what it is over, where it is one. */
  readonly statistic?: string;
  /** A rate of work done: the headline where nobody names one. */
  readonly headline?: true;
  /** A share of the requests that were attempted, or of those that were answered: judged by the counts behind it. */
  readonly share?: 'attempted' | 'answered';
  /** How much work there was: a figure of its own where a format reports it, context in a document of unknown format. */
  readonly work?: true;
  /** What documents of unknown formats call it. */
  readonly also?: readonly string[];
  /** From which metrics and how, for figures that no tool needs to report. */
  readonly derived?: string;
  /** Names under which tools write it, as they spell them. */
  readonly written?: Written;
}

const entry = <const E extends CatalogueEntry>(of: E): E => of;

/** All metrics but the latency percentiles, by the name that code knows them by. */
export const CATALOGUE = {
  requestRate: entry({
    name: 'req_per_s', unit: 'req/s', direction: HIGHER, over: 'window', headline: true,
    means: 'requests that completed, per second of the window',
    derived: 'completed requests / duration',
    written: {
      vllm: ['request_throughput'], vllm_throughput: ['requests_per_second'], sglang: ['request_throughput'],
      console: ['request throughput (req/s)'], mlperf: ['completed samples per second', 'samples per second'],
      guidellm: ['requests_per_second'], aiperf: ['request_throughput'], atlas: ['request_throughput_avg'],
      envelope: ['req_per_s_all'], trtllm: ['request_throughput_req_s'],
    },
  }),
  goodput: entry({
    name: 'goodput_req_per_s', unit: 'req/s', direction: HIGHER, over: 'window', headline: true,
    means: 'requests that met every service level, per second of the window; failed and unsent ones are misses',
    written: {
      vllm: ['request_goodput'], console: ['request goodput (req/s)'], aiperf: ['goodput'],
      envelope: ['req_per_s_passing', 'goodput_at_slo'],
    },
  }),
  throughput: entry({
    name: 'throughput_tok_per_s', unit: 'tok/s', direction: HIGHER, over: 'window', headline: true,
    means: 'output tokens per second of the whole window, ramp and drain included: not the decode speed',
    derived: 'output tokens / duration',
    written: {
      vllm: ['output_throughput'], sglang: ['output_throughput'], console: ['output token throughput (tok/s)'],
      mlperf: ['completed tokens per second', 'tokens per second'], guidellm: ['output_tokens_per_second'],
      aiperf: ['output_token_throughput'], perfbench: ['throughput_toks_per_s'], trtllm: ['system_output_throughput_tok_s'],
    },
  }),
  inputThroughput: entry({
    name: 'input_throughput_tok_per_s', unit: 'tok/s', direction: HIGHER, over: 'window', headline: true,
    means: 'prompt tokens per second of the window',
    written: { sglang: ['input_throughput'], console: ['input token throughput (tok/s)'] },
  }),
  totalThroughput: entry({
    name: 'total_throughput_tok_per_s', unit: 'tok/s', direction: HIGHER, over: 'window', headline: true,
    means: 'prompt and output tokens per second of the window',
    written: {
      vllm: ['total_token_throughput'], vllm_throughput: ['tokens_per_second'],
      sglang: ['total_throughput', 'total_token_throughput'], sglang_one_batch: ['overall_throughput'],
      console: ['total token throughput (tok/s)', 'total throughput (tok/s)'], guidellm: ['tokens_per_second'],
      aiperf: ['total_token_throughput'], trtllm: ['system_total_throughput_tok_s'],
    },
  }),
  peakThroughput: entry({
    name: 'peak_throughput_tok_per_s', unit: 'tok/s', direction: HIGHER, over: 'window', statistic: 'max',
    means: 'output tokens of the busiest second',
    written: {
      vllm: ['max_output_tokens_per_s'], sglang: ['max_output_tokens_per_s'],
      console: ['peak output token throughput (tok/s)'],
    },
  }),
  prefillThroughput: entry({
    name: 'prefill_throughput_tok_per_s', unit: 'tok/s', direction: HIGHER, over: 'run', headline: true,
    means: 'prompt tokens per second of the prefill step',
    written: { sglang_one_batch: ['prefill_throughput'] },
  }),
  decodeThroughput: entry({
    name: 'decode_throughput_tok_per_s', unit: 'tok/s', direction: HIGHER, over: 'run', statistic: 'p50', headline: true,
    means: 'output tokens per second of the decode steps',
    written: { sglang_one_batch: ['median_decode_throughput'] },
  }),
  generationThroughput: entry({
    name: 'generation_throughput_tok_per_s', unit: 'tok/s', direction: HIGHER, over: 'server', statistic: 'mean', headline: true,
    means: 'output tokens per second by the counters of the server',
    written: { perfbench: ['avg_generation_throughput_toks_per_s'] },
  }),
  outputPerGpu: entry({
    name: 'output_tps_per_gpu', unit: 'tok/s/GPU', direction: HIGHER, over: 'window', headline: true,
    means: 'output tokens per second and GPU', derived: 'throughput_tok_per_s / n_gpus',
    written: {
      inferencex: ['output_tput_per_gpu'], atlas: ['output_tps_per_gpu'], trtllm: ['output_throughput_per_gpu_tok_s'],
    },
  }),
  outputPerDecodeGpu: entry({
    name: 'output_tps_per_decode_gpu', unit: 'tok/s/GPU', direction: HIGHER, over: 'window', headline: true,
    means: 'output tokens per second and decode GPU of a disaggregated deployment',
    written: { inferencex: ['output_tput_per_gpu (several nodes)'] },
  }),
  inputPerGpu: entry({
    name: 'input_tps_per_gpu', unit: 'tok/s/GPU', direction: HIGHER, over: 'window', headline: true,
    means: 'prompt tokens per second and GPU',
    written: { inferencex: ['input_tput_per_gpu'] },
  }),
  inputPerPrefillGpu: entry({
    name: 'input_tps_per_prefill_gpu', unit: 'tok/s/GPU', direction: HIGHER, over: 'window', headline: true,
    means: 'prompt tokens per second and prefill GPU of a disaggregated deployment',
    written: { inferencex: ['input_tput_per_gpu (several nodes)'] },
  }),
  totalPerGpu: entry({
    name: 'total_tps_per_gpu', unit: 'tok/s/GPU', direction: HIGHER, over: 'window', headline: true,
    means: 'prompt and output tokens per second and GPU',
    written: { inferencex: ['tput_per_gpu'], atlas: ['total_tps_per_gpu'] },
  }),
  perUser: entry({
    name: 'tps_per_user', unit: 'tok/s/user', direction: HIGHER, over: 'requests', statistic: 'p50',
    means: 'decode speed that one user sees; a percentile of it is the rate of the opposite percentile of TPOT',
    derived: '1000 / tpot_p50_ms',
    written: {
      aiperf: ['output_token_throughput_per_user'], inferencex: ['median_intvty'], perfbench: ['tps_per_user'],
      atlas: ['output_tps_per_user'],
    },
  }),
  throughputPerConcurrency: entry({
    name: 'throughput_per_concurrency_tok_per_s', unit: 'tok/s', direction: HIGHER, over: 'window', headline: true,
    means: 'throughput / concurrency, which some tools call tok/s/user and which is not',
    written: { atlas: ['output_tps_per_user (throughput / concurrency)'] },
  }),
  okRate: entry({
    name: 'ok_rate', unit: 'ratio', direction: HIGHER, over: 'requests', share: 'attempted', also: ['success_rate'],
    means: 'share of the requests that were answered', derived: 'completed / (completed + failed)',
  }),
  complianceRate: entry({
    name: 'compliance_rate', unit: 'ratio', direction: HIGHER, over: 'requests', share: 'answered',
    means: 'share of the due requests that met every service level',
  }),
  completedRequests: entry({
    name: 'completed_requests', unit: 'count', direction: HIGHER, over: 'window', statistic: 'count', work: true,
    means: 'requests that completed', written: { sglang: ['completed'] },
  }),
  failedRequests: entry({
    name: 'failed_requests', unit: 'count', direction: LOWER, over: 'window', statistic: 'count',
    means: 'requests that failed', written: { vllm: ['failed'], console: ['failed requests'], perfbench: ['errors'] },
  }),
  promptLength: entry({
    name: 'isl_mean_tokens', unit: 'tokens', direction: EITHER, over: 'requests', statistic: 'mean', work: true,
    means: 'achieved mean prompt length', derived: 'input tokens / completed requests',
    written: {
      aiperf: ['input_sequence_length'], guidellm: ['prompt_token_count'], atlas: ['mean_input_tokens'],
      trtllm: ['avg_input_length'],
    },
  }),
  outputLength: entry({
    name: 'osl_mean_tokens', unit: 'tokens', direction: EITHER, over: 'requests', statistic: 'mean', work: true,
    means: 'achieved mean output length', derived: 'output tokens / completed requests',
    written: {
      aiperf: ['output_sequence_length'], guidellm: ['output_token_count'], atlas: ['mean_output_tokens'],
      trtllm: ['avg_output_length'],
    },
  }),
  reasoningLength: entry({
    name: 'reasoning_mean_tokens', unit: 'tokens', direction: EITHER, over: 'requests', statistic: 'mean', work: true,
    means: 'mean number of reasoning tokens', written: { aiperf: ['reasoning_token_count'], atlas: ['reasoning_token_count'] },
  }),
  cacheHitRate: entry({
    name: 'prefix_cache_hit_rate', unit: 'ratio', direction: HIGHER, over: 'server',
    means: 'share of the prompt tokens that the prefix cache held, 0 to 1',
    written: {
      aiperf: ['overall_usage_prompt_cache_read_pct', 'overall_usage_prompt_cache_read_%'], atlas: ['prefix_cache_hit_rate'],
    },
  }),
  cacheHitRateBefore: entry({
    name: 'prefix_cache_hit_rate_pre', unit: 'ratio', direction: HIGHER, over: 'server',
    means: 'hit rate before the run', written: { perfbench: ['prefix_cache_hit_rate_pre'] },
  }),
  cacheHitRateAfter: entry({
    name: 'prefix_cache_hit_rate_post', unit: 'ratio', direction: HIGHER, over: 'server',
    means: 'hit rate after the run', written: { perfbench: ['prefix_cache_hit_rate_post'] },
  }),
  cacheUsage: entry({
    name: 'gpu_cache_usage_peak', unit: 'ratio', direction: LOWER, over: 'server',
    means: 'largest share of the KV cache in use', written: { perfbench: ['gpu_cache_usage_perc_peak'] },
  }),
  requestsRunning: entry({
    name: 'requests_running_peak', unit: 'count', direction: EITHER, over: 'server', work: true,
    means: 'most requests that ran at once', written: { perfbench: ['num_requests_running_peak'] },
  }),
  preemptions: entry({
    name: 'preemptions', unit: 'count', direction: LOWER, over: 'server',
    means: 'requests that the server put back because its KV cache was full',
  }),
  acceptanceLength: entry({
    name: 'acceptance_length', unit: 'tokens', direction: HIGHER, over: 'server', statistic: 'mean',
    means: 'tokens per step of speculative decoding, the verified one included',
    written: { vllm: ['spec_decode_acceptance_length'], sglang: ['accept_length'], console: ['accept length'], atlas: ['acceptance_length'] },
  }),
  acceptanceRate: entry({
    name: 'spec_accept_rate', unit: 'ratio', direction: HIGHER, over: 'server', statistic: 'mean',
    means: 'share of the proposed tokens that were accepted', written: { vllm: ['spec_decode_acceptance_rate'], atlas: ['spec_accept_rate'] },
  }),
  joulesPerToken: entry({
    name: 'joules_per_token', unit: 'J/tok', direction: LOWER, over: 'window',
    means: 'energy per output token', derived: 'energy_joules_total / output tokens of the window',
    written: { envelope: ['joules_per_token'] },
  }),
  energy: entry({
    name: 'energy_joules_total', unit: 'J', direction: LOWER, over: 'window',
    means: 'energy of the window over all GPUs', written: { envelope: ['energy_joules_total'] },
  }),
  powerMean: entry({
    name: 'power_mean_w', unit: 'W', direction: LOWER, over: 'window', statistic: 'mean', means: 'mean power over all GPUs',
    written: { envelope: ['power_mean_w'] },
  }),
  powerAverage: entry({
    name: 'power_avg_w', unit: 'W', direction: LOWER, over: 'window', statistic: 'mean', means: 'mean power over all GPUs, as the envelope calls it',
    derived: 'energy / duration', written: { envelope: ['power_avg_w'] },
  }),
  powerPeak: entry({
    name: 'power_peak_w', unit: 'W', direction: LOWER, over: 'window', statistic: 'peak', means: 'largest power over all GPUs at one moment',
    written: { envelope: ['power_peak_w'] },
  }),
  costPerMillion: entry({
    name: 'cost_usd_per_million_tokens', unit: 'USD', direction: LOWER, over: 'window', means: 'cost of a million tokens',
    written: { envelope: ['cost_usd_per_million_tokens'] },
  }),
  spinpoll: entry({
    name: 'cpu_spinpoll_pct', unit: '%', direction: LOWER, over: 'run', means: 'share of CPU time spent in polling',
    written: { perfbench: ['cpu_spinpoll_pct'] },
  }),
  kernelShare: entry({
    name: 'kernel_class_gpu_pct', unit: '%', direction: LOWER, over: 'run', means: 'share of GPU time of a class of kernels',
    written: { perfbench: ['kernel_class_gpu_pct'] },
  }),
  busBandwidth: entry({
    name: 'busbw_gb_per_s', unit: 'GB/s', direction: HIGHER, over: 'messages', headline: true,
    means: 'bus bandwidth of a collective at one message size', derived: 'algbw_gb_per_s x 2(n-1)/n for all-reduce',
    written: { nccl: ['busbw'] },
  }),
  busBandwidthMean: entry({
    name: 'busbw_mean_gb_per_s', unit: 'GB/s', direction: HIGHER, over: 'messages', headline: true,
    means: 'mean bus bandwidth over all message sizes, tiny ones included: no peak',
    written: { nccl: ['Avg bus bandwidth'] },
  }),
  algorithmBandwidth: entry({
    name: 'algbw_gb_per_s', unit: 'GB/s', direction: HIGHER, over: 'messages',
    means: 'size of the message over its time', derived: 'size / time_us', written: { nccl: ['algbw'] },
  }),
  collectiveTime: entry({
    name: 'time_us', unit: 'us', direction: LOWER, over: 'messages', means: 'time of one collective', written: { nccl: ['time'] },
  }),
  wrongValues: entry({
    name: 'wrong_count', unit: 'count', direction: LOWER, over: 'messages', means: 'wrong values of one collective',
    written: { nccl: ['#wrong'] },
  }),
  outOfBounds: entry({
    name: 'out_of_bounds_count', unit: 'count', direction: LOWER, over: 'messages', means: 'values out of bounds over a run',
    written: { nccl: ['Out of bounds values'] },
  }),
  linkBandwidth: entry({
    name: 'bandwidth_gb_per_s', unit: 'GB/s', direction: HIGHER, over: 'messages', headline: true,
    means: 'bandwidth of a copy between a pair of devices', written: { nvbandwidth: ['bandwidth'] },
  }),
  linkBandwidthSum: entry({
    name: 'bandwidth_sum_gb_per_s', unit: 'GB/s', direction: HIGHER, over: 'messages', statistic: 'sum', headline: true,
    means: 'sum over all pairs', written: { nvbandwidth: ['sum'] },
  }),
  linkLatency: entry({
    name: 'latency_ns', unit: 'ns', direction: LOWER, over: 'messages', means: 'latency between a pair of devices',
    written: { nvbandwidth: ['latency'] },
  }),
} as const satisfies Record<string, CatalogueEntry>; // prettier-ignore

export type MetricId = keyof typeof CATALOGUE;

export interface LatencyEntry {
  readonly means: string;
  readonly derived?: string;
  /** Decode speed rests on it: per token, or per chunk where chunks are tokens. */
  readonly decode?: 'token' | 'chunk';
  readonly written: Written;
}

/** What a latency is of. Each has percentiles and a mean: `ttft_p50_ms`, `tpot_mean_ms`. All are in ms, and lower is better. */
export const LATENCIES = {
  ttft: {
    means: 'time from sending a request to its first token',
    written: {
      vllm: ['ttft'], sglang: ['ttft'], console: ['ttft'], inferencex: ['ttft'], mlperf: ['first token latency'],
      guidellm: ['time_to_first_token_ms'], aiperf: ['time_to_first_token'], perfbench: ['ttft'], envelope: ['ttft'],
    },
  },
  ttst: { means: 'time between the first and the second token', written: { aiperf: ['time_to_second_token'] } },
  ttfo: {
    means: 'time to the first token that is no reasoning token',
    written: { guidellm: ['time_to_first_output_token_ms'], aiperf: ['time_to_first_output_token'], atlas: ['ttfo'] },
  },
  tpot: {
    means: 'time per output token of a request after the first one', decode: 'token',
    derived: '(e2e - ttft) / (output tokens - 1) per request; requests of one token left out',
    written: {
      vllm: ['tpot'], sglang: ['tpot'], console: ['tpot'], inferencex: ['tpot'], mlperf: ['time to output token'],
      guidellm: ['inter_token_latency_ms'], aiperf: ['inter_token_latency'], atlas: ['tpot'], envelope: ['tpot'],
    },
  },
  itl: {
    means: 'gap between two chunks of an answer; with speculation a chunk is several tokens', decode: 'chunk',
    written: {
      vllm: ['itl'], sglang: ['itl'], console: ['itl'], inferencex: ['itl'], aiperf: ['inter_chunk_latency'], perfbench: ['itl'],
      atlas: ['itl'], envelope: ['itl'],
    },
  },
  e2e: {
    means: 'time from sending a request to its last chunk',
    written: {
      vllm: ['e2el'], sglang: ['e2e_latency'], console: ['e2el', 'e2e latency'], inferencex: ['e2el'], mlperf: ['latency'],
      guidellm: ['request_latency'], aiperf: ['request_latency'], perfbench: ['request_latency'], envelope: ['e2e', 'total'],
    },
  },
  e2e_per_token: {
    means: 'whole time of a request over its output tokens: neither TPOT nor ITL',
    written: { guidellm: ['time_per_output_token_ms'] },
  },
  prefill: { means: 'time of the prefill step of a batch', written: { sglang_one_batch: ['prefill_latency'] } },
  decode_step: { means: 'time of one decode step of a batch', written: { sglang_one_batch: ['median_decode_latency'] } },
  batch: {
    means: 'time of a whole batch', written: { sglang_one_batch: ['total_latency'], vllm_throughput: ['avg_latency'] },
  },
} as const satisfies Record<string, LatencyEntry>; // prettier-ignore

export type Latency = keyof typeof LATENCIES;

const isLatency = (name: string): name is Latency => Object.hasOwn(LATENCIES, name);
const idsOf = Object.keys(CATALOGUE) as MetricId[]; // checked boundary: the keys of the table above
const latenciesOf = Object.keys(LATENCIES).filter(isLatency);

/** Every metric that is no latency percentile. */
export const METRIC_IDS: readonly MetricId[] = idsOf;
export const LATENCY_NAMES: readonly Latency[] = latenciesOf;

/** Names that end so are shares of requests, and of which. */
export const SHARES: ReadonlyMap<string, 'attempted' | 'answered'> = new Map(
  idsOf.flatMap((id) => {
    const { name, also = [], share }: CatalogueEntry = CATALOGUE[id];
    return share === undefined ? [] : [name, ...also].map((ending) => [ending, share] as const);
  }),
);

/** Parts of the names of counts that a program repeats exactly from run to run. */
export const EXACT_COUNTS = ['instructions', 'kernel_count', 'kernel_launches'] as const;

/** The canonical name of a metric. */
export const nameOf = (id: MetricId): string => CATALOGUE[id].name;

/** `p99.9` as part of a name: `p99_9`. */
export const statisticInName = (statistic: string): string => statistic.replace('.', '_');

/** `ttft_p50_ms`: `statistic` is `mean`, `p50`, `p99.9`, … */
export const latencyName = (latency: Latency, statistic: string): string =>
  `${latency}_${statisticInName(statistic)}_ms`;

const byName = new Map<string, MetricId>(idsOf.map((id) => [CATALOGUE[id].name, id]));

/** The metric of a canonical name. */
export const metricNamed = (name: string): MetricId | undefined => byName.get(name);

const LATENCY_NAME = new RegExp(
  `^(${latenciesOf.toSorted((a, b) => b.length - a.length).join('|')})_(mean|p\\d+(?:_\\d+)?|min|max)_ms$`,
);

/** Latency and statistic of a canonical name: `ttft_p99_9_ms` is `ttft` and `p99.9`. */
export const latencyNamed = (name: string): { readonly latency: Latency; readonly statistic: string } | undefined => {
  const [, latency = '', statistic = ''] = LATENCY_NAME.exec(name) ?? [];
  return isLatency(latency) ? { latency, statistic: statistic.replace('_', '.') } : undefined;
};

const written = <T extends string>(
  tool: Tool,
  all: readonly T[],
  of: (key: T) => Written | undefined,
): Map<string, T> => new Map(all.flatMap((key) => (of(key)?.[tool] ?? []).map((name) => [name, key] as const)));

const writtenOf = (id: MetricId): Written | undefined => {
  const found: CatalogueEntry = CATALOGUE[id];
  return found.written;
};

const metricNames = new Map<Tool, ReadonlyMap<string, MetricId>>();

/** What a tool calls the metrics, name to metric. */
export const writtenBy = (tool: Tool): ReadonlyMap<string, MetricId> => {
  const names = metricNames.get(tool) ?? written(tool, idsOf, writtenOf);
  metricNames.set(tool, names);
  return names;
};

/** What a tool calls the latencies, name to latency. */
export const latenciesWrittenBy = (tool: Tool): ReadonlyMap<string, Latency> =>
  written(tool, latenciesOf, (latency) => LATENCIES[latency].written);
