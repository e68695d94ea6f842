// Metrics pages as engines write them: names, labels and types of vLLM (V1 engine) and SGLang, figures as a test asks.

export interface EngineState {
  readonly requests: number;
  /** Mean time to first token in seconds. */
  readonly ttftS: number;
  readonly promptTokens: number;
  readonly cachedTokens: number;
  readonly preemptions?: number;
  /** 0 … 1. */
  readonly cacheUsage?: number;
  readonly running?: number;
  /** Speculation: steps, proposed and accepted tokens. */
  readonly drafts?: readonly [steps: number, proposed: number, accepted: number];
}

const BOUNDS = [0.001, 0.01, 0.05, 0.1, 0.5, 1, '+Inf'] as const;

const histogram = (name: string, labels: string, { requests, ttftS }: EngineState): string[] => [
  `# HELP ${name} Histogram of time to first token in seconds.`,
  `# TYPE ${name} histogram`,
  ...BOUNDS.map((le) => `${name}_bucket{le="${le}",${labels}} ${le === '+Inf' || le >= ttftS ? requests : 0}.0`),
  `${name}_count{${labels}} ${requests}.0`,
  `${name}_sum{${labels}} ${requests * ttftS}`,
  `${name}_created{${labels}} 1.7637777e+09`,
];

const VLLM = 'engine="0",model_name="org/model"';

/** As vLLM's V1 engine writes it. */
export const vllmPage = (state: EngineState): string => {
  const { requests, promptTokens, cachedTokens, preemptions = 0, cacheUsage = 0, running = 0, drafts } = state;
  const counter = (name: string, value: number): string[] => [`# TYPE vllm:${name} counter`, `vllm:${name}_total{${VLLM}} ${value}.0`];
  return [
    `# TYPE vllm:num_requests_running gauge`,
    `vllm:num_requests_running{${VLLM}} ${running}.0`,
    `vllm:num_requests_waiting{${VLLM}} 0.0`,
    `vllm:kv_cache_usage_perc{${VLLM}} ${cacheUsage}`,
    ...counter('prefix_cache_queries', promptTokens),
    ...counter('prefix_cache_hits', cachedTokens),
    ...counter('num_preemptions', preemptions),
    '# TYPE vllm:request_success counter',
    `vllm:request_success_total{engine="0",finished_reason="stop",model_name="org/model"} 0.0`,
    `vllm:request_success_total{engine="0",finished_reason="length",model_name="org/model"} ${requests}.0`,
    ...histogram('vllm:time_to_first_token_seconds', VLLM, state),
    ...(drafts === undefined ? [] : ['drafts', 'draft_tokens', 'accepted_tokens'].flatMap((name, index) => counter(`spec_decode_num_${name}`, drafts[index] ?? 0))),
    '',
  ].join('\n');
}; // prettier-ignore

const SGLANG = 'engine_type="unified",model_name="org/model"';

/** As SGLang with `--enable-metrics` writes it: gauges for each rank and again by priority, counters that appear with their first count. */
export const sglangPage = (state: EngineState): string => {
  const { requests, promptTokens, cachedTokens, cacheUsage = 0, running = 0, preemptions = 0, drafts } = state;
  const counters = [
    `sglang:prompt_tokens_total{${SGLANG}} ${promptTokens}.0`,
    `sglang:cached_tokens_total{${SGLANG},cache_source="device"} ${cachedTokens}.0`,
    `sglang:num_requests_total{${SGLANG}} ${requests}.0`,
    `sglang:num_retracted_requests_total{${SGLANG}} ${preemptions}.0`,
    ...histogram('sglang:time_to_first_token_seconds', SGLANG, state),
  ];
  return [
    '# TYPE sglang:num_running_reqs gauge',
    ...[0, 1].map((rank) => `sglang:num_running_reqs{${SGLANG},dp_rank="${rank}",priority="",tp_rank="0"} ${running / 2}`),
    `sglang:num_running_reqs{${SGLANG},dp_rank="0",priority="0",tp_rank="0"} ${running / 2}`,
    ...[0, 1].map((rank) => `sglang:token_usage{${SGLANG},dp_rank="${rank}",tp_rank="0"} ${cacheUsage / (rank + 1)}`),
    ...(drafts === undefined ? [] : [`sglang:spec_accept_length{${SGLANG},tp_rank="0"} ${1 + drafts[2] / drafts[0]}`]),
    ...(requests === 0 ? [] : counters),
    '',
  ].join('\n');
}; // prettier-ignore
