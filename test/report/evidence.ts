// What a campaign may hold beside its rows, made up: sweeps, kernels, counters and the source under test of one cell.
import { NO_EVIDENCE, type Evidence } from '../../src/report/evidence.ts';
import type { Counters, Kernels } from '../../src/report/cell-captures.ts';
import type { RooflinePoint } from '../../src/report/roofline-points.ts';

export const point = (given: Partial<RooflinePoint> = {}): RooflinePoint => ({
  file: 'base-decode/roofline_v1.json', sweep: 'base', model: 'org/model', hardware: 'B200', quant: 'NVFP4', tp: 8, phase: 'decode',
  concurrency: 8, isl: 256, osl: 512,
  intensity: 4, tflops: 12, delivered: 30, dram: 36, tensor: 4, sm: 20, peakPflops: 9, peakTbps: 8, ...given,
}); // prettier-ignore

export const kernels: Kernels = {
  cell: 'base',
  document: {
    sources: [
      {
        source: 'nsys',
        unit: 'ns',
        per_category: { GEMM: 750, Attention: 250 },
        top_kernels: [{ name: 'nvjet', category: 'GEMM', value: 750, calls: 3 }],
      },
    ],
  },
};

export const counters: Counters = {
  cell: 'base',
  document: { hw_key: 'b200_sm100', n_gpus: 8, duration_s: 60, power_watts_per_gpu: 850, regime: 'memory', regime_rule: 'the rule', resources: [
    { peak_key: 'hbm3e_tbps', metric: 'dram_active', measured_avg: 1.24, sol_pct: 15.5, best_pct: 16.9, share_of: 'rate' },
    { peak_key: 'nvfp4_dense_pflops', metric: 'tensor_active', measured_avg: 0.018, sol_pct: 0.0222, best_pct: null, share_of: 'busy time' },
  ] },
}; // prettier-ignore

/** Everything of it at once. */
export const muchEvidence: Evidence = {
  ...NO_EVIDENCE,
  kernels: [kernels],
  counters: [counters],
  roofline: [
    point(),
    point({ concurrency: 64, delivered: 71 }),
    point({ phase: 'prefill', intensity: 500, tflops: 200 }),
  ],
  sources: [{ repo: 'org/vllm', commit: 'abc1234', delivery: 'image' }],
};
