// GPU counters are captured through the built program: its plan and consent, dcgmi, what stands in for it, and the cell that keeps them.
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CELL, writeTree } from '../campaign/bundles.ts';
import { startStandIn, type StandIn } from '../load/stand-in-server.ts';
import { writeFakeDcgmi } from '../telemetry/fake-dcgmi.ts';
import { parseYaml } from '../../src/text/yaml.ts';
import { freshRoot, removeRoot } from './connect.ts';
import { jsonOf, runCli, type Finished } from './run-cli.ts';

const ID = 'gpu-20261128T010203Z';
const ACK = ['--i-understand-this-submits-jobs', '--wait-s', '300'];

let root: string;
let exporter: StandIn;
const withTools = (bin: string, ...args: string[]): Promise<Finished> =>
  runCli(args, {
    root,
    program: resolve('dist/perftunereport.mjs'),
    env: { PATH: join(root, bin), NODE_NAME: 'node-001' },
  });
const capture = (bin: string, ...args: string[]) => withTools(bin, 'dcgm_capture', '--period-s', '0.1', ...args);

beforeAll(async () => {
  root = freshRoot();
  writeFakeDcgmi(join(root, 'dcgm'), { lacks: { 1008: -6 }, turns: true });
  mkdirSync(join(root, 'smi'));
  const answers = [
    'case "$*" in',
    '*compute-apps*) echo "GPU-1, 42" ;;',
    '*index,name*) echo "0, NVIDIA L4, GPU-1, 570.1, 23034, 72.0, 2040" ;;',
    '*) echo "GPU-1, 61.5, 1800, 0x0000000000000000, 0" ;;',
    'esac',
  ];
  writeFileSync(join(root, 'smi', 'nvidia-smi'), `#!/bin/sh\n${answers.join('\n')}\n`);
  chmodSync(join(root, 'smi', 'nvidia-smi'), 0o755);
  const gpu = 'gpu="0",UUID="GPU-9",modelName="NVIDIA B200",Hostname="node-9"';
  exporter = await startStandIn({
    metrics: () =>
      `# TYPE DCGM_FI_DEV_POWER_USAGE gauge\nDCGM_FI_DEV_POWER_USAGE{${gpu}} 800\nDCGM_FI_PROF_DRAM_ACTIVE{${gpu}} 0.6\n`,
  });
  writeTree(root, { 'run.yaml': { experiment_id: ID, cells: [{ ...CELL, hardware: 'H100', quant: 'FP8' }] } });
  jsonOf(await runCli(['campaign_init', 'run.yaml', '--json'], { root, program: resolve('dist/perftunereport.mjs') }));
}, 60_000);
afterAll(async () => {
  await exporter.close();
  removeRoot(root);
});

describe('dcgm_capture', () => {
  test('starts nothing without consent, and its dry run shows the command and writes nothing', async () => {
    const refused = await capture('dcgm', '--duration-s', '1');
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('i_understand_this_submits_jobs') });
    const { stdout, code } = await capture('dcgm', '--duration-s', '1', '--dry-run');
    expect(code).toBe(0);
    expect(stdout).toContain('dcgmi dmon -e 1001,1002,1004,1005,1008,1009,1010,1011,1012,155,156,100,112,203,230,311 -d 100 -c 10');
    expect(existsSync(join(root, 'experiments', 'artifacts', 'telemetry'))).toBe(false);
  }, 60_000);

  test.each([
    ['no length', [], 'duration_missing'],
    ['two sources', ['--duration-s', '1', '--source', 'dcgmi', '--exporter-url', 'http://h'], 'source_open'],
    ['half a window', ['--prometheus-url', 'http://h', '--since', '2026-11-01T00:00:00Z'], 'window_invalid'],
    ['no address', ['--duration-s', '1', '--prometheus-url', 'prom:9090'], 'url_invalid'],
    ['half a cell', ['--duration-s', '1', '--campaign', ID], 'place_open'],
  ])('refuses %s', async (_what, args, code) => {
    expect(await capture('dcgm', ...args, '--dry-run')).toMatchObject({ code: 2, stderr: expect.stringContaining(code) });
  }, 60_000);

  test('keeps a capture in its cell: the table as it came, readings, means without turns, and the frozen snapshot', async () => {
    const args = ['--duration-s', '2', '--campaign', ID, '--cell-id', 'base'];
    const done = jsonOf(await capture('dcgm', ...args, ...ACK, '--json'));
    expect(done).toMatchObject({ state: 'succeeded', result: { source: 'dcgmi', n_gpus: 2, nodes: ['node-001'], lacking: [{ field: 'fp16_active' }] } });
    const { means } = done['result'] as { means: Record<string, number> };
    expect(means['dram_active']).toBeCloseTo(0.6);
    expect(means['tensor_active']).toBeCloseTo(0.25);
    const cell = join(root, 'campaigns', ID, 'cells', 'base');
    const frozen = await parseYaml(readFileSync(join(cell, 'dcgm-frozen.yaml'), 'utf8'), 'f');
    expect(frozen).toMatchObject({ hw_key: 'h100_sxm', n_gpus: 2, power_watts_per_gpu: 650, nodes: ['node-001'] });
    expect(JSON.stringify(frozen)).toContain('"peak_key":"fp8_dense_pflops"');
    expect(JSON.stringify(frozen)).not.toContain('bf16_dense_pflops');
    const [stamp = ''] = readdirSync(join(cell, 'raw', 'telemetry'));
    expect(readdirSync(join(cell, 'raw', 'telemetry', stamp))).toEqual(['dcgm-capture.json', 'dcgm-frozen.yaml', 'dcgm-raw.txt', 'dcgm-readings.jsonl']);
    expect(await capture('dcgm', ...args, ...ACK)).toMatchObject({ code: 2, stderr: expect.stringContaining('cell_filled') });
  }, 120_000);

  test('without dcgmi it takes what nvidia-smi has, and says so', async () => {
    const { stdout, code } = await capture('smi', '--duration-s', '0.5', '--out', 'smi-out', ...ACK);
    expect(code).toBe(0);
    expect(stdout).toMatch(/nvidia-smi: 1 GPU of node-001 .*61\.5 W a GPU/);
    expect(stdout).toContain('no dcgmi (dcgmi is not on PATH): power, clocks and errors by nvidia-smi');
    expect(stdout).toMatch(/lacking: gr_engine_active, sm_active/);
    expect(existsSync(join(root, 'smi-out', 'dcgm-frozen.yaml'))).toBe(false);
  }, 60_000);

  test('of an exporter starts no program, and names what the exporter lacks', async () => {
    const url = `${exporter.baseUrl.replace('/v1', '')}/metrics`;
    const { stdout, code } = await capture('none', '--duration-s', '0.5', '--exporter-url', url, '--out', 'exp-out', ...ACK);
    expect(code).toBe(0);
    expect(stdout).toContain('exporter: 1 GPU of node-9');
    expect(stdout).toContain('the exporter has no DCGM_FI_PROF_GR_ENGINE_ACTIVE');
    expect(readFileSync(join(root, 'exp-out', 'dcgm-frozen.yaml'), 'utf8')).toMatch(/hw_key: "b200_sm100"[\s\S]*power_watts_per_gpu: 800/);
  }, 60_000);

  test('where there is neither it fails with the way to get one', async () => {
    const failed = await capture('none', '--duration-s', '0.5', ...ACK);
    expect(failed).toMatchObject({ code: 2, stdout: expect.stringContaining('no_gpu') });
  }, 60_000);
}); // prettier-ignore
