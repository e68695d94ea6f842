import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseCeilings } from '../../src/hardware/ceilings.ts';
import { frozenYaml, hardwareOf, type FrozenAsk } from '../../src/telemetry/frozen.ts';
import type { GpuMeans } from '../../src/telemetry/gpu-means.ts';
import { parseYaml } from '../../src/text/yaml.ts';

const table = await parseCeilings(readFileSync('configs/sol-ceilings.yaml', 'utf8'), 'sol-ceilings.yaml');

const gpu = (index: number, fields: Readonly<Record<string, number>>): GpuMeans => ({
  node: `node-00${index}`,
  gpu: '0',
  uuid: null,
  fields: Object.fromEntries(Object.entries(fields).map(([name, mean]) => [name, { mean, samples: 9 }])),
  multiplexed_zeros: {},
  energy_j: null,
});

const ASK: FrozenAsk = {
  hwKey: 'b200_sm100',
  quant: 'NVFP4',
  startMs: Date.UTC(2026, 0, 1),
  endMs: Date.UTC(2026, 0, 1, 0, 23),
  capturedAt: '2026-01-01T01:00:00Z',
  capturedBy: 'tester@host',
  intervalS: 1,
  namespace: 'ns',
  podSelector: 'app="glm"',
  queries: { dram_active: '{__name__="X"}' },
  notes: ['source dcgmi'],
};

const GPUS = [
  gpu(1, { dram_active: 0.15, tensor_active: 0.018, nvlink_tx: 1e8, nvlink_rx: 3e8, power_w: 840, sm_active: 0.4 }),
  gpu(2, { dram_active: 0.16, tensor_active: 0.018, nvlink_tx: 1e8, nvlink_rx: 3e8, power_w: 860, sm_active: 0.4 }),
];

describe('the frozen snapshot', () => {
  test('holds the window, the nodes, power and each resource that has a ceiling', async () => {
    const text = frozenYaml(GPUS, table, ASK) ?? '';
    expect(await parseYaml(text, 'f.yaml')).toEqual({
      schema_version: 1,
      hw_key: 'b200_sm100',
      n_gpus: 2,
      sweep_start_utc: '2026-01-01T00:00:00.000Z',
      sweep_end_utc: '2026-01-01T00:23:00.000Z',
      captured_at: '2026-01-01T01:00:00Z',
      captured_by: 'tester@host',
      data_tier: 'prof',
      scrape_interval_s: 1,
      power_watts_per_gpu: 850,
      namespace: 'ns',
      pod_label_selector: 'app="glm"',
      notes: 'source dcgmi',
      nodes: ['node-001', 'node-002'],
      resources: [
        { peak_key: 'hbm3e_tbps', metric: 'DCGM_FI_PROF_DRAM_ACTIVE', unit: 'ratio', measured_avg: 0.155, promql: '{__name__="X"}' },
        { peak_key: 'nvfp4_dense_pflops', metric: 'DCGM_FI_PROF_PIPE_TENSOR_ACTIVE', unit: 'ratio', measured_avg: 0.018 },
        { peak_key: 'nvlink5_tbps', metric: 'sum(DCGM_FI_PROF_NVLINK_TX_BYTES,DCGM_FI_PROF_NVLINK_RX_BYTES)', unit: 'bytes_per_s', measured_avg: 400000000 },
      ],
    });
  }); // prettier-ignore

  test.each([
    ['FP8', ['fp8_dense_pflops']],
    ['BF16', ['bf16_dense_pflops']],
    ['MXFP4', ['nvfp4_dense_pflops']],
    [undefined, ['nvfp4_dense_pflops', 'fp8_dense_pflops', 'bf16_dense_pflops']],
  ])('holds the tensor duty cycle of %s against %j', async (quant, peaks) => {
    const text = frozenYaml([gpu(1, { tensor_active: 0.5 })], table, { ...ASK, quant }) ?? '';
    const { resources } = (await parseYaml(text, 'f.yaml')) as { resources: { peak_key: string }[] };
    expect(resources.map(({ peak_key }) => peak_key).filter((key) => peaks.includes(key))).toEqual(peaks);
  });

  test('is none where nothing was read that has a ceiling, and without power where none was read', () => {
    expect(frozenYaml([gpu(1, { power_w: 800 })], table, ASK)).toBeNull();
    expect(frozenYaml([gpu(1, { dram_active: 0.1 })], table, ASK)).not.toContain('power_watts_per_gpu');
  });
});

test.each([
  [['NVIDIA H100 80GB HBM3', 'NVIDIA H100 80GB HBM3'], 'h100_sxm'],
  [['NVIDIA B200'], 'b200_sm100'],
  [['NVIDIA B200', 'NVIDIA H100 80GB HBM3'], null],
  [['NVIDIA GeForce RTX 3060'], null],
  [[null], null],
])('%j is %s in the table of ceilings', (names, key) => {
  expect(hardwareOf(table, names)).toBe(key);
});
