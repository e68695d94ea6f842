// The pages of the speed of light through the built command line: kernels of nsys, counters of ncu, a snapshot of DCGM and rows with a time per
// token become pages; files that are malformed stop the report before anything is drawn, and the PDF that was there stays.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { formatNumber } from '../../src/render/numbers.ts';
import { CELL, writeTree } from '../campaign/bundles.ts';
import { freshRoot, removeRoot } from './connect.ts';
import { jsonOf, runCli, type Finished } from './run-cli.ts';

const ID = 'grounded-20261128T010203Z';
const CLOCK = { SOURCE_DATE_EPOCH: '1764400000' };

let root: string;
const run = (args: readonly string[], env: Readonly<Record<string, string>> = CLOCK): Promise<Finished> =>
  runCli(args, { root, program: resolve('dist/perftunereport.mjs'), env });
const inCampaign = (...parts: string[]): string => join(root, 'campaigns', ID, ...parts);
const render = (env?: Readonly<Record<string, string>>) => run(['report_render', ID, '--json'], env);
const pdf = (): string => readFileSync(inCampaign('report.pdf')).toString('base64');

const KERNELS = [
  ' Time (%)  Total Time (ns)  Instances  Avg (ns)  Med (ns)  Min (ns)  Max (ns)  StdDev (ns)  Name',
  ' 60.0  6000000  100  60000.0  60000.0  1  1  1.0  fmhaSm100fKernel_QkvE4m3OBfloat16',
  ' 40.0  4000000  100  40000.0  40000.0  1  1  1.0  ncclDevKernel_AllReduce_Sum_bf16_RING_LL',
  '',
].join('\n');

const SOL = [
  '"ID","Kernel Name","DRAM Throughput","Compute (SM) Throughput","Achieved Occupancy","Duration","Block Limit Registers"',
  '"","","%","%","%","us","block"',
  '"0","fmhaSm100fKernel_QkvE4m3OBfloat16","72.5","31.0","44.0","60","4"',
  '',
].join('\n');
const RAW = [
  '"ID","Kernel Name","dram__bytes_read.sum","sm__ops_path_tensor_src_fp8.sum","sm__sass_thread_inst_executed_op_ffma_pred_on.sum"',
  '"","","Mbyte","inst","inst"',
  '"0","fmhaSm100fKernel_QkvE4m3OBfloat16","348","4000000000","1000000"',
  '',
].join('\n');

const FROZEN = [
  'schema_version: 1',
  'hw_key: b200_sm100',
  'n_gpus: 8',
  'sweep_start_utc: 2026-01-01T00:00:00Z',
  'sweep_end_utc: 2026-01-01T00:23:00Z',
  'nodes: [node-001]',
  'resources:',
  '  - {peak_key: hbm3e_tbps, metric: DCGM_FI_PROF_DRAM_ACTIVE, unit: ratio, measured_avg: 0.155}',
  '',
].join('\n');

beforeAll(async () => {
  root = freshRoot();
  const { concurrencies: _loads, ...identity } = CELL;
  const cell = { ...identity, cell_id: 'one', model: 'deepseek-ai/DeepSeek-V3', hardware: 'B200', quant: 'FP8', tensor_parallel: 8 };
  const measured = {
    ...cell, schema_version: 2, n_gpus: 8, n_gpus_source: 'recorded', concurrency: 8, status: 'full', ttft_avg_ms: 300,
    tpot_median_ms: 20, output_tps_per_user: 50, output_tps_per_gpu: 40, request_throughput_avg: 1.25,
    mean_input_tokens: 1024, mean_output_tokens: 256, captured_at: '2026-01-01T00:10:00Z',
  };
  writeTree(root, {
    'run.yaml': { experiment_id: ID, cells: [{ ...CELL, ...cell }] },
    'frozen.yaml': FROZEN,
    'profile/nsys/cuda_gpu_kern_sum.txt': KERNELS,
    'profile/capture_sources.json': { captured_sources: ['nsys'] },
    'counters/ncu-profiles/k-sol.csv': SOL,
    'counters/ncu-profiles/k-raw.csv': RAW,
    'counters/capture_sources.json': { captured_sources: ['ncu'] },
  });
  jsonOf(await run(['campaign_init', 'run.yaml', '--json']));
  writeTree(join(root, 'campaigns', ID), { 'cells/one/normalized.json': [measured] });
  const at = ['--campaign', ID, '--cell-id', 'one', '--json'];
  jsonOf(await run(['import_nsys', '--bundle', 'profile', ...at]));
  jsonOf(await run(['import_ncu', '--bundle', 'counters', ...at]));
  jsonOf(await run(['dcgm_correlate', '--frozen-yaml', 'frozen.yaml', ...at]));
  jsonOf(await run(['atlas_aggregate', ID, '--json']));
}, 120_000); // prettier-ignore
afterAll(() => removeRoot(root));

describe('report_render', () => {
  test('draws the speed of light, single kernels, attribution and the ledger, and says how far it is grounded', async () => {
    expect(jsonOf(await render())).toMatchObject({
      render_status: {
        rendered_pages: expect.arrayContaining(['sol', 'ncu', 'dcgm', 'attribution', 'ledger']),
        sol_complete: true,
        sol_rigor: 'L4',
        dcgm_grounded: true,
        focus: expect.any(String),
      },
    });
  }, 60_000);

  test('explains a time per token by the ledger of roofline_estimate', async () => {
    const estimate = jsonOf(
      await run(['roofline_estimate', '--campaign', ID, '--cell-id', 'one', '--concurrency', '8', '--json']),
    );
    const { ledger } = z
      .object({ ledger: z.object({ bound_ms: z.number(), communication_ms: z.number() }) })
      .parse(estimate);
    jsonOf(await run(['report_render', ID, '--format', 'html', '--out', 'ledger.html', '--json']));
    const ms = (value: number): string => formatNumber(value, 3);
    expect(readFileSync(join(root, 'ledger.html'), 'utf8')).toContain(
      `one takes 20 ms a token at C=8: ${ms(ledger.bound_ms)} ms bound, ${ms(ledger.communication_ms)} ms communication`,
    );
  }, 60_000);

  test('without ceilings names all three preconditions of the speed of light', async () => {
    const answer = jsonOf(await run(['report_render', ID, '--out', 'without.pdf', '--json'], { ...CLOCK, SOL_CEILINGS_YAML: 'disable' }));
    expect(JSON.stringify(answer)).toContain('(1) kernels.json of 1 cell: met; (2) no ceilings are in use; (3) no hardware of the rows has a ceiling');
  }, 60_000); // prettier-ignore

  test.each([
    ['kernels.json', 'cells/one/kernels.json', '{"schema_version": 2', 'KernelsJsonMalformed'],
    ['kernels.json of another shape', 'cells/one/kernels.json', '{"sources": 3}', 'KernelsJsonMalformed'],
    ['ncu_kernels.json', 'cells/one/ncu_kernels.json', '{"kernels": [{}]}', 'KernelsJsonMalformed'],
  ])(
    'stops at a malformed %s by name, and the PDF that is there stays',
    async (_what, file, text, name) => {
      jsonOf(await render());
      const [before, kept] = [pdf(), readFileSync(inCampaign(file))];
      writeFileSync(inCampaign(file), text);
      const refused = await run(['report_render', ID], { SOURCE_DATE_EPOCH: '1764500000' });
      writeFileSync(inCampaign(file), kept);
      expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining(name) });
      expect(refused.stderr).toContain(inCampaign(file));
      expect(pdf()).toBe(before);
    },
    60_000,
  );

  test('stops at malformed ceilings by name, and the PDF that is there stays', async () => {
    jsonOf(await render());
    const before = pdf();
    mkdirSync(inCampaign('configs'), { recursive: true });
    const path = inCampaign('configs', 'sol-ceilings.yaml');
    writeFileSync(path, 'b200_sm100:\n  names: [B200]\n  hbm3e_tbps: { value: fast, unit: TB/s }\n');
    const refused = await run(['report_render', ID], { SOURCE_DATE_EPOCH: '1764500000' });
    rmSync(path);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('SoLCeilingsMalformed') });
    expect(refused.stderr).toContain(path);
    expect(pdf()).toBe(before);
  }, 60_000);
});
