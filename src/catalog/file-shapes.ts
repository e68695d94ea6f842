// The files that callers write, by shape: what reads them, and an example of each that its reader takes. The schemas are generated
// from those that validate (`schemas/`).
import type { FileShape } from '../text/file-shape.ts';

export interface ShapeOfFile {
  readonly title: string;
  /** Verb and field. */
  readonly read_by: readonly string[];
  /** YAML, for which JSON of the same shape is taken too; JSON for a result. */
  readonly example: string;
}

const RULES = `- { match: 'ttft_p50_ms', tolerance_percent: 3, headline: true }
- { match: 'ok_rate', tolerance_absolute: 0.01, gating: true }
- { match: '*_power_w', ignore: true }
`;

export const SHAPES: Readonly<Record<FileShape, ShapeOfFile>> = {
  campaign: {
    title: 'Cells of a campaign',
    read_by: ['perf_tune_report_campaign_init config'],
    example: `name: kimi-k26
focus: throughput
cells:
  - cell_id: b200-nvfp4-tp8-ep-mbt4096
    model: moonshotai/Kimi-K2.6
    hardware: B200
    quant: NVFP4
    tensor_parallel: 8
    parallel_strategy: EP
    mtp: false
    max_num_batched_tokens: 4096
    concurrencies: [1, 8, 32]
    aiperf: { endpoint_url: 'http://127.0.0.1:8000', served_model: moonshotai/Kimi-K2.6 }
`,
  },
  tuning: {
    title: 'Parameter space of a tuning',
    read_by: ['autotune_run config'],
    example: `config: training_512
parameters:
  BLOCK_M: [64, 128]
  NUM_STAGES: [1, 2]
baseline: { BLOCK_M: 64, NUM_STAGES: 1 }
build:
  command: [nvcc, -O3, '{defines}', -o, '{artifact}', kernel.cu]
  artifact: build/tune/{key}/kernel
bench:
  command: ['{artifact}', --config, '{config}']
  value: performance.median_ms
  unit: ms
  direction: lower-is-better
trials: { screen: 3, confirm: 6 }
`,
  },
  comparison: {
    title: 'Implementations and scenarios to compare',
    read_by: ['sota_compare config'],
    example: `title: Decode latency
reference: ours
trials: 5
scenarios:
  - name: batch_1
    parameters: { batch: 1 }
    value: median_ms
    unit: ms
    direction: lower-is-better
implementations:
  - name: ours
    pinned: 4f2a9c1
    command: [python3, bench.py, --batch, '{batch}']
    version: { command: [git, rev-parse, HEAD] }
  - name: theirs
    pinned: '2.8.3'
    command: [python3, bench_theirs.py, --batch, '{batch}']
    version: { field: version }
`,
  },
  'ratchet-result': {
    title: 'Result of a kernel benchmark for the ratchet',
    read_by: ['ratchet_check current', 'ratchet_check baseline'],
    example: `{
  "configs": [
    { "name": "training_512", "performance": { "median_ms": 0.053, "samples_ms": [0.052, 0.053, 0.054] } },
    { "name": "decode_1", "performance": { "median_ms": 0.011 } }
  ]
}
`,
  },
  policy: {
    title: 'Rules for judging metrics, first match wins',
    read_by: ['perf_baseline_diff policy', 'bench_diff policy'],
    example: RULES,
  },
  metrics: {
    title: 'Table of metrics of a root (configs/metrics.yaml)',
    read_by: ['every comparison below the root'],
    example: RULES,
  },
  waivers: {
    title: 'Regressions that are accepted until a day',
    read_by: ['ratchet_check waivers'],
    example: `waivers:
  - config: training_512
    reason: new numerics, agreed with the kernel team
    expires: 2027-03-31
    max_regression_percent: 8
`,
  },
  context: {
    title: 'Context of a measurement',
    read_by: ['perf_baseline_record context', 'perf_baseline_diff context', 'bench_run context'],
    example: `model: meta-llama/Llama-3.1-8B-Instruct
hardware: NVIDIA B200
n_gpus: 8
tp: 8
quant: fp8
engine: vllm
concurrency: 16
cache_mode: cold
`,
  },
  frozen: {
    title: 'Frozen snapshot of GPU counters (dcgm_frozen_v1)',
    read_by: ['perf_tune_report_dcgm_correlate frozen_yaml'],
    example: `schema_version: 1
hw_key: b200_sm100
n_gpus: 8
sweep_start_utc: '2026-11-28T01:00:00Z'
sweep_end_utc: '2026-11-28T01:20:00Z'
nodes: [node-001]
power_watts_per_gpu: 850
resources:
  - { peak_key: hbm3e_tbps, metric: DCGM_FI_PROF_DRAM_ACTIVE, unit: ratio, measured_avg: 0.155 }
  - { peak_key: nvfp4_dense_pflops, metric: DCGM_FI_PROF_PIPE_TENSOR_ACTIVE, unit: ratio, measured_avg: 0.018 }
  - { peak_key: nvlink5_tbps, metric: 'sum(TX,RX)', unit: bytes_per_s, measured_avg: 4.0e+8 }
`,
  },
  ceilings: {
    title: 'Ceilings of hardware (configs/sol-ceilings.yaml)',
    read_by: ['perf_baseline_record sol_ceiling_key'],
    example: `b200_sm100:
  names: [B200, NVIDIA B200]
  nvlink5_oneway_tbps:
    { value: 0.9, unit: TB/s, direction: one-way, kind: datasheet, source: vendor datasheet, date: 2026-11-22 }
`,
  },
};
