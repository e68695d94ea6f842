// The correlation of a cell from files: a snapshot, a capture, kernels of a profile and of ncu; and what hostile files are refused for.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseCampaignConfig } from '../../../src/campaign/config.ts';
import { correlateCell, type CorrelatedCell } from '../../../src/campaign/grounding/correlate-cell.ts';
import { correlationText } from '../../../src/campaign/grounding/correlation-text.ts';
import { parseCeilings } from '../../../src/hardware/ceilings.ts';
import { Fault } from '../../../src/text/fault.ts';
import { CELL, writeTree } from '../bundles.ts';

const table = await parseCeilings(readFileSync('configs/sol-ceilings.yaml', 'utf8'), 'sol-ceilings.yaml');
const config = await parseCampaignConfig(JSON.stringify({ cells: [CELL] }), 'config.yaml');

let campaign: string;
beforeEach(() => (campaign = mkdtempSync(join(tmpdir(), 'correlate-'))));
afterEach(() => rmSync(campaign, { recursive: true, force: true }));

const FROZEN = {
  schema_version: 1,
  hw_key: 'b200_sm100',
  n_gpus: 8,
  sweep_start_utc: '2026-01-01T00:00:00Z',
  sweep_end_utc: '2026-01-01T00:23:00Z',
  data_tier: 'prof',
  power_watts_per_gpu: 850,
  nodes: ['node-001'],
  resources: [
    { peak_key: 'hbm3e_tbps', metric: 'DCGM_FI_PROF_DRAM_ACTIVE', unit: 'ratio', measured_avg: 0.155 },
    { peak_key: 'nvfp4_dense_pflops', metric: 'DCGM_FI_PROF_PIPE_TENSOR_ACTIVE', unit: 'ratio', measured_avg: 0.018 },
    { peak_key: 'nvlink5_tbps', metric: 'sum(TX,RX)', unit: 'bytes_per_s', measured_avg: 4e8 },
  ],
};
const frozenAt = (name: string, content: unknown): string => join(writeTree(campaign, { [name]: content }), name);

const correlated = (given: { frozen?: string; capture?: string; kernels?: string; hwKey?: string; dryRun?: boolean } = {}): Promise<CorrelatedCell> =>
  correlateCell({ campaign, cell: 'base', config, table, frozen: undefined, capture: undefined, kernels: undefined, hwKey: undefined, dryRun: false, signal: new AbortController().signal, ...given }); // prettier-ignore

const faultOf = async (given: Parameters<typeof correlated>[0]): Promise<Fault> => {
  const caught: unknown = await correlated(given).catch((error: unknown) => error);
  if (caught instanceof Fault) return caught;
  throw new Error(`no fault: ${JSON.stringify(caught)}`);
};

const written = (): unknown => JSON.parse(readFileSync(join(campaign, 'cells/base/dcgm_correlation.json'), 'utf8'));

/** Two GPUs of two nodes, four readings a second apart; GPU 1 loses its turn of DRAM_ACTIVE once. */
const START = Date.UTC(2026, 0, 1);
const readings = ['node-001', 'node-002'].flatMap((node, index) =>
  [0, 1, 2, 3].map((second) => ({
    at_ms: START + 1000 * second,
    node,
    gpu: '0',
    uuid: `GPU-${index}`,
    values: { gr_engine_active: 0.98, dram_active: index === 1 && second === 2 ? 0 : 0.6, tensor_active: 0.2, power_w: 800 + 100 * index, energy_mj: 1e9 + 8e5 * second },
  })),
); // prettier-ignore
const CAPTURE = { schema_version: 1, source: 'dcgmi', interval_s: 1, clock: 'arrival', lacking: [{ field: 'fp16_active', reason: 'Feature not supported (-6)' }], notes: [] }; // prettier-ignore
const captureTree = (folder: string) => ({
  [`${folder}/dcgm-readings.jsonl`]: readings.map((each) => `${JSON.stringify(each)}\n`).join(''),
  [`${folder}/dcgm-capture.json`]: CAPTURE,
});

describe('a frozen snapshot', () => {
  test('becomes shares of the ceilings, power with its scope, the regime, and what is missing', async () => {
    const found = await correlated({ frozen: frozenAt('f.yaml', FROZEN) });
    expect(found).toMatchObject({ sol_rigor: 'L3', capture: null });
    expect(written()).toMatchObject({
      schema_version: 1,
      captured_sources: ['dcgm'],
      duration_s: 1380,
      short_sweep_warning: false,
      power_watts_per_gpu: 850,
      power_scope: 'gpu',
      nodes: ['node-001'],
      regime: 'latency',
      resources: [
        { sol_pct: 15.5, measured_bytes_total: 1.36896e16 },
        { sol_pct: 1.8, measured_tflops_avg: null, tflops_at_most: 162 },
        { sol_pct: 0.0222222 },
      ],
      per_category_attribution: [],
      per_category_estimate: [],
      lacking: [],
    });
    expect(correlationText('base', found)).toContain('hbm3e_tbps: 15.5% of the datasheet, 16.9% of the best measured');
  });

  test('says what it lacks, that it is short, and that it names no node', async () => {
    const found = await correlated({
      frozen: frozenAt('f.yaml', { ...FROZEN, sweep_end_utc: '2026-01-01T00:00:30', nodes: undefined, power_watts_per_gpu: undefined, resources: FROZEN.resources.slice(0, 1) }),
    });
    expect(found.correlation).toMatchObject({ duration_s: 30, short_sweep_warning: true, regime: 'unknown', power_scope: null });
    expect(found.correlation.lacking.map(({ field }) => field)).toEqual(['DCGM_FI_PROF_PIPE_TENSOR_ACTIVE', 'DCGM_FI_PROF_NVLINK_TX_BYTES', 'DCGM_FI_PROF_NVLINK_RX_BYTES', 'power_watts_per_gpu']);
    expect(found.correlation.notes).toEqual([expect.stringContaining('names no node')]);
  }); // prettier-ignore

  test('of another tool reads the same, in place', async ({ skip }) => {
    const sample = resolve('../shared/samples/bundles/dcgm-frozen.yaml');
    skip(!existsSync(sample), 'no samples beside the project');
    const { correlation } = await correlated({ frozen: sample, dryRun: true });
    expect(correlation.resources.map(({ sol_pct: share }) => share)).toEqual([15.5, 1.8, 0.0222222]);
    expect(existsSync(join(campaign, 'cells'))).toBe(false);
  });

  const [dram, tensor] = FROZEN.resources;
  test.each([
    ['a wrong key', { ...FROZEN, power_watts: 850 }, 'frozen_invalid', 'power_watts_per_gpu'],
    ['a wrong key of a resource', { ...FROZEN, resources: [{ ...dram, mean: 1 }] }, 'frozen_invalid', 'resources[0]'],
    ['no resource', { ...FROZEN, resources: [] }, 'frozen_invalid', 'resources'],
    ['a number that is none', JSON.stringify(FROZEN).replace('0.155', '.nan'), 'frozen_invalid', 'resources[0].measured_avg'],
    ['an infinite number', JSON.stringify(FROZEN).replace('0.155', '.inf'), 'frozen_invalid', 'resources[0].measured_avg'],
    ['a negative number', { ...FROZEN, resources: [{ ...dram, measured_avg: -0.1 }] }, 'frozen_invalid', 'measured_avg'],
    ['percent for a ratio', { ...FROZEN, resources: [{ ...dram, measured_avg: 15.5 }] }, 'frozen_invalid', 'give 0.155 where it is 15.5 percent'],
    ['bytes for a ratio', { ...FROZEN, resources: [{ ...dram, measured_avg: 1.24e12 }] }, 'frozen_invalid', 'bytes_per_s'],
    ['a unit that nobody knows', { ...FROZEN, resources: [{ ...dram, unit: 'percent' }] }, 'frozen_invalid', 'unit'],
    ['the same twice', { ...FROZEN, resources: [dram, tensor, dram] }, 'frozen_invalid', 'second time'],
    ['a window of no length', { ...FROZEN, sweep_end_utc: FROZEN.sweep_start_utc }, 'frozen_invalid', 'is not after'],
    ['a window that ends before it starts', { ...FROZEN, sweep_end_utc: '2025-12-31T00:00:00Z' }, 'frozen_invalid', 'is not after'],
    ['a time that is none', { ...FROZEN, sweep_start_utc: 'yesterday' }, 'frozen_invalid', 'sweep_start_utc'],
    ['no GPU', { ...FROZEN, n_gpus: 0 }, 'frozen_invalid', 'n_gpus'],
    ['a part that is not in the table', { ...FROZEN, hw_key: 'b9000' }, 'hardware_unknown', 'b200_sm100'],
    ['another part than the cell ran on', { ...FROZEN, hw_key: 'h100_sxm' }, 'hardware_mismatch', 'b200_sm100'],
    ['a peak that is not in the table', { ...FROZEN, resources: [{ ...dram, peak_key: 'hbm9_tbps' }] }, 'ceiling_unknown', 'hbm3e_tbps'],
    ['watts of all GPUs', { ...FROZEN, power_watts_per_gpu: 6800 }, 'power_implausible', 'the sum over 8 GPUs'],
    ['milliwatts', { ...FROZEN, power_watts_per_gpu: 850_000 }, 'power_implausible', 'milliwatts'],
    ['kilowatts', { ...FROZEN, power_watts_per_gpu: 0.85 }, 'power_implausible', 'kilowatts'],
    ['YAML that is none', 'resources: [', 'yaml_syntax', 'line'],
  ])('is refused for %s, and nothing is written', async (_what, content, code, says) => {
    const fault = await faultOf({ frozen: frozenAt('f.yaml', content) });
    expect(fault.code).toBe(code);
    expect(`${fault.message} ${fault.details.fix ?? ''}`).toContain(says);
    expect(existsSync(join(campaign, 'cells'))).toBe(false);
  }); // prettier-ignore

  test('takes the name of a device for its part', async () => {
    expect((await correlated({ frozen: frozenAt('f.yaml', { ...FROZEN, hw_key: 'NVIDIA B200' }) })).correlation.hw_key).toBe('b200_sm100');
  }); // prettier-ignore
});

describe('a capture', () => {
  test('gives means of each GPU and node, weighted by time, without zeros of a field that took turns', async () => {
    writeTree(campaign, captureTree('cells/base/raw/telemetry/20260101T000000Z'));
    const { correlation } = await correlated();
    expect(correlation).toMatchObject({
      n_gpus: 2,
      duration_s: 3,
      means: { dram_active: 0.6, tensor_active: 0.2 },
      power_watts_per_gpu: 850,
      energy_j: 4800,
      per_gpu: [{ node: 'node-001', regime: 'memory', energy_j: 2400 }, { node: 'node-002', uuid: 'GPU-1', means: { power_w: 900 } }],
      per_node: [{ node: 'node-001', n_gpus: 1, means: { power_w: 800 } }, { node: 'node-002', means: { power_w: 900 } }],
      multiplexed_zeros: { dram_active: 1 },
      lacking: [{ field: 'fp16_active' }],
      regime: 'memory',
      resources: [{ peak_key: 'hbm3e_tbps', sol_pct: 60 }, { peak_key: 'nvfp4_dense_pflops', sol_pct: 20 }],
    });
    expect(correlation.regime_times).toEqual([{ regime: 'memory', share_pct: 83.33 }, { regime: 'unknown', share_pct: 16.67 }]);
  }); // prettier-ignore

  test('is found by the snapshot that was frozen of it, and cut to its window', async () => {
    const frozen = { ...FROZEN, n_gpus: 2, sweep_start_utc: '2026-01-01T00:00:00Z', sweep_end_utc: '2026-01-01T00:00:02Z' };
    const text = JSON.stringify(frozen);
    const folder = 'cells/base/raw/telemetry/20260101T000000Z';
    writeTree(campaign, { ...captureTree(folder), [`${folder}/dcgm-frozen.yaml`]: text, 'cells/base/dcgm-frozen.yaml': text });
    const found = await correlated();
    expect(found.capture).toBe(join(campaign, folder));
    expect(found.correlation).toMatchObject({ duration_s: 2, per_gpu: [{ energy_j: 1600 }, { energy_j: 1600 }] });
  }); // prettier-ignore

  test.each([
    ['whose readings are of another time', { ...FROZEN, sweep_start_utc: '2027-01-01T00:00:00Z', sweep_end_utc: '2027-01-01T00:01:00Z' }, {}, 'window_apart'],
    ['that did not end', undefined, { 'c/dcgm-capture.json': undefined }, 'capture_unended'],
    ['with a line that is cut', undefined, { 'c/dcgm-readings.jsonl': '{"at_ms": 1, "node": "n"' }, 'json'],
    ['with a negative reading', undefined, { 'c/dcgm-readings.jsonl': JSON.stringify({ ...readings[0], values: { dram_active: -1 } }) }, 'capture_invalid'],
    ['without readings', undefined, { 'c/dcgm-readings.jsonl': '\n' }, 'no_gpu_readings'],
  ] satisfies readonly (readonly [string, object | undefined, Readonly<Record<string, string | undefined>>, string])[])('is refused %s', async (_what, frozen, tree: Readonly<Record<string, string | undefined>>, code) => {
    writeTree(campaign, Object.fromEntries(Object.entries({ ...captureTree('c'), ...tree }).filter(([, content]) => content !== undefined)));
    const fault = await faultOf({ capture: join(campaign, 'c'), ...(frozen === undefined ? {} : { frozen: frozenAt('f.yaml', frozen) }) });
    expect(fault.code).toContain(code);
  }); // prettier-ignore

  test('of nvidia-smi has power and no share: the cell is not grounded by it', async () => {
    writeTree(campaign, captureTree('c'));
    const smi = readings.map((each) => `${JSON.stringify({ ...each, values: { power_w: 700 } })}\n`).join('');
    writeTree(campaign, { 'c/dcgm-readings.jsonl': smi, 'c/dcgm-capture.json': { ...CAPTURE, source: 'nvidia-smi', lacking: [{ field: 'dram_active', reason: 'nvidia-smi does not count it: needs DCGM' }] } });
    const found = await correlated({ capture: join(campaign, 'c') });
    expect(found).toMatchObject({ sol_rigor: 'none', correlation: { captured_sources: ['nvidia-smi'], dcgm_group_level: 'absent', resources: [], power_watts_per_gpu: 700, regime: 'unknown' } });
  }); // prettier-ignore

  test('nothing at all is said, with what would bring it', async () => {
    expect((await faultOf({})).code).toBe('counters_absent');
  });
});

describe('categories of kernels', () => {
  const KERNELS = { schema_version: 2, captured_sources: ['nsys'], sources: [{ source: 'nsys', unit: 'ns', per_category: { FMHA: 3e6, MoE: 1e6 } }] };
  const kernel = (category: string, more: object) => ({ name: 'k', category, launches: 2, kernel_time_ns: 1000, dram_bytes_total: 1e7, sm_flops_total: null, tensor_flops_total: 4e9, achieved_sm_pct_peak: 30, ...more });

  test('that nothing measured have their time beside the means of the workload, as an estimate', async () => {
    writeTree(campaign, { 'cells/base/kernels.json': KERNELS });
    await correlated({ frozen: frozenAt('f.yaml', FROZEN) });
    expect(written()).toMatchObject({
      captured_sources: ['dcgm', 'nsys'],
      kernels_json_path: 'kernels.json',
      per_category_attribution: [],
      per_category_estimate: [
        { category: 'FMHA', label: 'estimate, not attribution', share_pct: 75, share_of: 'kernel time', workload_sol_pct: { hbm3e_tbps: 15.5 } },
        { category: 'MoE', share_pct: 25 },
      ],
    });
  });

  test('samples are no time', async () => {
    const old = { schema_version: 1, captured_sources: ['zymtrace'], per_category: { FMHA: 9, Other: 1 } };
    const { correlation } = await correlated({ frozen: frozenAt('f.yaml', FROZEN), kernels: frozenAt('k.json', old) });
    expect(correlation.per_category_estimate[0]).toMatchObject({ share_of: 'samples', share_pct: 90 });
    expect(correlation.captured_sources).toEqual(['dcgm', 'zymtrace']);
  });

  test('that ncu measured have their own rates and bound, each another', async () => {
    writeTree(campaign, {
      'cells/base/kernels.json': KERNELS,
      'cells/base/ncu_kernels.json': { kernels: [kernel('FMHA', {}), kernel('cuBLAS', { dram_bytes_total: 1e6, achieved_sm_pct_peak: 80 }), kernel('Other', { dram_bytes_total: null, achieved_dram_pct_peak: null })] },
    });
    const { correlation, sol_rigor } = await correlated({ frozen: frozenAt('f.yaml', FROZEN) });
    expect(sol_rigor).toBe('L4');
    expect(correlation.per_category_attribution).toMatchObject([
      { category: 'FMHA', basis: 'ncu', time_share_pct: 75, effective_bw_during_category_window: 5e12, effective_tflops_during_category_window: 2000, sol_pct_bw: 62.5, sol_pct_compute: 30, bound: 'bandwidth', attributed_bytes_total: null },
      { category: 'cuBLAS', sol_pct_bw: 6.25, bound: 'compute', time_share_pct: null },
      { category: 'Other', sol_pct_bw: null, bound: null },
    ]);
    expect(correlation.per_category_estimate.map(({ category }) => category)).toEqual(['MoE']);
  });

  test('of a damaged file are refused by name', async () => {
    const kernels = frozenAt('k.json', { per_category: { FMHA: 'many' } });
    expect(await faultOf({ frozen: frozenAt('f.yaml', FROZEN), kernels })).toMatchObject({ code: 'kernels_invalid' });
  });
}); // prettier-ignore

describe('rows of the cell', () => {
  const { concurrencies: _loads, ...identity } = CELL;
  const row = (concurrency: number, more: object = {}) => ({ ...identity, schema_version: 2, n_gpus: 8, concurrency, status: 'full', output_tps_per_gpu: 250, duration_s: 1200, ...more });
  const rows = () => JSON.parse(readFileSync(join(campaign, 'cells/base/normalized.json'), 'utf8')) as Record<string, unknown>[]; // checked boundary: written here

  test('of one load get its power, the joules of a token, activity, and whose power it is', async () => {
    writeTree(campaign, { 'cells/base/normalized.json': [row(8)] });
    const found = await correlated({ frozen: frozenAt('f.yaml', FROZEN) });
    expect(found).toMatchObject({ rows_with_power: 1, without_power: null });
    expect(rows()).toMatchObject([{ power_watts_per_gpu: 850, joules_per_token: 3.4, dcgm_dram_active: 0.155, dcgm_sm_active: null, extra: { power_scope: 'gpu', power_window: { nodes: ['node-001'] } } }]);
    expect(await correlated({ frozen: join(campaign, 'f.yaml') })).toMatchObject({ rows_with_power: 0 });
  });

  test.each([
    ['of several loads', [row(1), row(8)], FROZEN, 'one window over 2 loads'],
    ['of a load that was longer', [row(8, { duration_s: 4000 })], FROZEN, 'less than half'],
    ['without power in the snapshot', [row(8)], { ...FROZEN, power_watts_per_gpu: undefined }, 'no power was counted'],
  ])('%s stay without, and it is said', async (_what, held, frozen, says) => {
    writeTree(campaign, { 'cells/base/normalized.json': held });
    const found = await correlated({ frozen: frozenAt('f.yaml', frozen) });
    expect(found.rows_with_power).toBe(0);
    expect(found.without_power).toContain(says);
    expect(rows()).toEqual(held);
  });

  test('keep a power that they have', async () => {
    writeTree(campaign, { 'cells/base/normalized.json': [row(8, { power_watts_per_gpu: 700 })] });
    await correlated({ frozen: frozenAt('f.yaml', FROZEN) });
    expect(rows()[0]).toMatchObject({ power_watts_per_gpu: 700 });
  });
}); // prettier-ignore
