// Counters of a cell against the ceilings, through the built program and the server: the snapshot of the runbook, a capture of dcgm_capture,
// a dry run that writes nothing, and a snapshot that is refused.
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CELL, writeTree } from '../campaign/bundles.ts';
import { writeFakeDcgmi } from '../telemetry/fake-dcgmi.ts';
import { connect, freshRoot, removeRoot, type Connection } from './connect.ts';
import { jsonOf, runCli, type Finished } from './run-cli.ts';

const ID = 'counters-20261128T010203Z';

let root: string;
let client: Connection;
const run = (...args: string[]): Promise<Finished> =>
  runCli(args, {
    root,
    program: resolve('dist/perftunereport.mjs'),
    env: { PATH: join(root, 'bin'), NODE_NAME: 'node-001' },
  });
const cell = (...parts: string[]): string => join(root, 'campaigns', ID, 'cells', ...parts);

const FROZEN = [
  'schema_version: 1',
  'hw_key: b200_sm100',
  'n_gpus: 8',
  'sweep_start_utc: 2026-01-01T00:00:00Z',
  'sweep_end_utc: 2026-01-01T00:23:00Z',
  'power_watts_per_gpu: 850.0',
  'nodes: [node-001]',
  'resources:',
  '  - {peak_key: hbm3e_tbps, metric: DCGM_FI_PROF_DRAM_ACTIVE, unit: ratio, measured_avg: 0.155}',
  '  - {peak_key: nvfp4_dense_pflops, metric: DCGM_FI_PROF_PIPE_TENSOR_ACTIVE, unit: ratio, measured_avg: 0.018}',
  '',
].join('\n');

beforeAll(async () => {
  root = freshRoot();
  writeFakeDcgmi(join(root, 'bin'), { lacks: { 1008: -6 }, turns: true });
  const { concurrencies: _loads, ...identity } = CELL;
  const row = { ...identity, cell_id: 'one', schema_version: 2, n_gpus: 8, concurrency: 8, status: 'full', output_tps_per_gpu: 250 };
  writeTree(root, {
    'run.yaml': { experiment_id: ID, cells: [{ ...CELL, cell_id: 'one' }, { ...CELL, cell_id: 'h100', hardware: 'H100', quant: 'FP8' }] },
    'frozen.yaml': FROZEN,
    'percent.yaml': FROZEN.replace('0.155', '15.5'),
  });
  jsonOf(await run('campaign_init', 'run.yaml', '--json'));
  writeTree(join(root, 'campaigns', ID), { 'cells/one/normalized.json': [row] });
  client = await connect('2.x client, 2026-07-28', { root });
}, 60_000); // prettier-ignore
afterAll(async () => {
  await client.close();
  removeRoot(root);
});

describe('dcgm_correlate', () => {
  test('of a snapshot: a dry run writes nothing, the call writes shares and the power of the row', async () => {
    const args = ['dcgm_correlate', '--campaign', ID, '--cell-id', 'one', '--frozen-yaml', 'frozen.yaml'];
    expect((await run(...args, '--dry-run')).stdout).toContain('hbm3e_tbps: 15.5% of the datasheet, 16.9% of the best measured');
    expect(existsSync(cell('one', 'dcgm_correlation.json'))).toBe(false);
    const { code, stdout } = await run(...args);
    expect([code, stdout]).toEqual([0, expect.stringContaining('power and activity into its row')]);
    expect(JSON.parse(readFileSync(cell('one', 'normalized.json'), 'utf8'))).toMatchObject([{ power_watts_per_gpu: 850, joules_per_token: 3.4, extra: { power_scope: 'gpu' } }]);
    expect((await run('campaign_status', ID)).stdout).toContain('ok   roofline: 1 cell grounded');
  }, 60_000); // prettier-ignore

  test('of a capture that the cell keeps, over MCP', async () => {
    const capture = ['dcgm_capture', '--duration-s', '2', '--period-s', '0.1', '--campaign', ID, '--cell-id', 'h100'];
    jsonOf(await run(...capture, '--i-understand-this-submits-jobs', '--wait-s', '300', '--json'));
    const { structured, isError } = await client.call('perf_tune_report_dcgm_correlate', { campaign: ID, cell_id: 'h100' });
    expect(isError).toBe(false);
    expect(structured).toMatchObject({
      hw_key: 'h100_sxm',
      n_gpus: 2,
      captured_sources: ['dcgm'],
      power_watts_per_gpu: 650,
      regime: 'memory',
      sol_rigor: 'L3',
      shares: [{ peak_key: 'hbm3_tbps', sol_pct: 60 }, { peak_key: 'fp8_dense_pflops', sol_pct: 25, share_of: 'busy time' }, { peak_key: 'nvlink4_tbps' }, { peak_key: 'pcie_gen5_x16_gbps' }],
    });
    const written: unknown = JSON.parse(readFileSync(cell('h100', 'dcgm_correlation.json'), 'utf8'));
    expect(written).toMatchObject({ per_gpu: [{ node: 'node-001', regime: 'memory' }, { gpu: '1' }], lacking: [{ field: 'fp16_active' }] });
  }, 60_000); // prettier-ignore

  test.each([
    [{ frozen_yaml: 'percent.yaml' }, 'frozen_invalid'],
    [{ frozen_yaml: 'run.yaml' }, 'frozen_invalid'],
    [{ frozen_yaml: 'absent.yaml' }, 'file_not_found'],
    [{ frozen_yaml: 'frozen.yaml', cell_id: 'h100' }, 'hardware_mismatch'],
    [{ frozen_yaml: 'frozen.yaml', cell_id: 'nobody' }, 'cell_unknown'],
    [{ capture: 'campaigns' }, 'capture_unended'],
  ])('refuses %j with %s', async (more, code) => {
    const { isError, structured } = await client.call('perf_tune_report_dcgm_correlate', { campaign: ID, cell_id: 'one', ...more });
    expect([isError, structured['error']]).toEqual([true, expect.objectContaining({ code })]);
  }); // prettier-ignore
});
