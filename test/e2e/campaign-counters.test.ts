// Counters of the GPUs around the cells of a campaign, through the built program: from beside the loads, from an exporter that the config
// names, and none, which is named with its reason.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CELL, writeTree } from '../campaign/bundles.ts';
import { startStandIn, type StandIn } from '../load/stand-in-server.ts';
import { writeFakeDcgmi } from '../telemetry/fake-dcgmi.ts';
import { freshRoot, removeRoot } from './connect.ts';
import { jsonOf, runCli, type Finished } from './run-cli.ts';
import { standInTool, type StandInTool } from './stand-in-tool.ts';

let root: string;
let tool: StandInTool;
let engine: StandIn;
let exporter: StandIn;
let campaigns = 0;

const READY = { ready_url: 'data:text/plain,ready' };
const cells = (...ids: string[]) => ids.map((cell_id) => ({ ...CELL, cell_id, isl: 16, osl: 4, sglang: { endpoint_url: engine.baseUrl } })); // prettier-ignore

/** Runs a campaign to its end; the steps of its cell. */
const stepsOf = async (block: object, bin = '', of = cells('a')): Promise<{ readonly id: string; readonly steps: Record<string, { state: string; says: string }> }> => {
  const id = `run${(campaigns += 1)}-20261129T010203Z`;
  const run = (...args: string[]): Promise<Finished> =>
    runCli(args, { root, program: resolve('dist/perftunereport.mjs'), env: { PATH: `${tool.path}:${bin}:${process.env['PATH'] ?? ''}`, NODE_NAME: 'node-001' } });
  writeTree(root, { 'run.yaml': { experiment_id: id, campaign: { ...READY, ...block }, cells: of } });
  jsonOf(await run('campaign_init', 'run.yaml', '--json'));
  expect(await run('campaign_run', id, '--i-understand-this-submits-jobs', '--wait-s', '200')).toMatchObject({ code: 0 });
  const state = JSON.parse(readFileSync(join(root, 'campaigns', id, 'campaign-run.json'), 'utf8'));
  return { id, steps: state.cells.a.steps };
}; // prettier-ignore
const fileOf = (id: string, name: string): string => join(root, 'campaigns', id, 'cells', 'a', name);

beforeAll(async () => {
  root = freshRoot();
  tool = standInTool(root, 2.5);
  engine = await startStandIn({ models: ['org/model'] });
  writeFakeDcgmi(join(root, 'gpus'));
  const gpu = 'gpu="0",UUID="GPU-9",modelName="NVIDIA B200",Hostname="node-9"';
  exporter = await startStandIn({
    metrics: () => `# TYPE DCGM_FI_DEV_POWER_USAGE gauge\nDCGM_FI_DEV_POWER_USAGE{${gpu}} 800\nDCGM_FI_PROF_DRAM_ACTIVE{${gpu}} 0.6\n`,
  });
}, 60_000); // prettier-ignore
afterAll(async () => {
  await engine.close();
  await exporter.close();
  removeRoot(root);
});

describe('the counters of a cell that campaign_run measures', () => {
  test('are those beside its loads, frozen and correlated', async () => {
    const { id, steps } = await stepsOf({}, join(root, 'gpus'));
    expect(steps['counters']).toMatchObject({ state: 'done', says: expect.stringMatching(/^dcgmi: 2 GPUs over .* s; frozen: .*dcgm-frozen\.yaml$/) });
    expect(steps['dcgm']).toMatchObject({ state: 'done', says: 'dcgm_correlation.json' });
    const found: unknown = JSON.parse(readFileSync(fileOf(id, 'dcgm_correlation.json'), 'utf8'));
    expect(found).toMatchObject({ hw_key: 'b200_sm100', n_gpus: 2, power_watts_per_gpu: 650, per_gpu: [{}, {}], regime: 'memory', notes: expect.arrayContaining([expect.stringContaining('of 2 loads one after another')]) });
    expect(existsSync(fileOf(id, 'dcgm-frozen.yaml'))).toBe(true);
    // What it holds lies in it by relative paths: packed, and unpacked under another root, it renders to the same bytes.
    const other = freshRoot();
    execFileSync('sh', ['-c', 'tar -C "$1" -cf - "$3" | tar -C "$2" -xf -', 'sh', root, other, join('campaigns', id)]);
    const drawn = [];
    for (const at of [root, other]) {
      const env = { SOURCE_DATE_EPOCH: '1764400000' };
      const words = ['report_render', '--campaign', id];
      const done = await runCli(words, { root: at, env, program: resolve('dist/perftunereport.mjs') });
      expect(done).toMatchObject({ code: 0 });
      drawn.push(readFileSync(join(at, 'campaigns', id, 'report.pdf')));
    }
    expect(drawn[1]?.equals(drawn[0] ?? Buffer.alloc(0))).toBe(true);
    removeRoot(other);
  }, 120_000); // prettier-ignore

  test('come from the exporter that the config names', async () => {
    const { id, steps } = await stepsOf({ dcgm: { exporter_url: [exporter.baseUrl], period_s: 0.5 } });
    expect(steps['counters']).toMatchObject({ state: 'done', says: expect.stringContaining('exporter: 1 GPU over') });
    const found: unknown = JSON.parse(readFileSync(fileOf(id, 'dcgm_correlation.json'), 'utf8'));
    expect(found).toMatchObject({ nodes: ['node-9'], power_watts_per_gpu: 800, resources: [{ peak_key: 'hbm3e_tbps', sol_pct: 60 }] });
  }, 120_000); // prettier-ignore

  test.each([
    ['beside their loads', {}, { source: 'dcgmi', n_gpus: 2 }, /^dcgmi: 2 GPUs over/],
    ['from the exporter that the config names', { dcgm: { exporter_url: ['EXPORTER'], period_s: 0.5 } }, { source: 'exporter', n_gpus: 1 }, /^exporter: 1 GPU over/],
  ])('of arms that are measured in turn come %s, trial by trial', async (_what, block, gpus, says) => {
    const named = JSON.parse(JSON.stringify(block).replace('EXPORTER', exporter.baseUrl)) as object;
    const arms = { cells: ['a', 'b'], trials: 2 };
    const { id, steps } = await stepsOf({ ...named, arms }, join(root, 'gpus'), cells('a', 'b'));
    expect(steps['counters']).toMatchObject({ state: 'done', says: expect.stringMatching(says) });
    expect(steps['dcgm']).toMatchObject({ state: 'done' });
    const rows = JSON.parse(readFileSync(fileOf(id, 'normalized.json'), 'utf8')) as { n_trials: number; extra: object }[];
    for (const row of rows) expect(row).toMatchObject({ n_trials: 2, extra: { gpus: { ...gpus, capture: expect.stringMatching(/^a\/c\d+-t1\/gpu_telemetry/) } } });
    for (const trial of ['c1-t1', 'c1-t2', 'c8-t1', 'c8-t2'])
      expect(existsSync(join(root, 'campaigns', id, 'variant-ab', 'b', trial, 'gpu_telemetry', trial.replace(/-.*/, ''), 'dcgm-readings.jsonl'))).toBe(true);
  }, 200_000); // prettier-ignore

  test.each([
    ['where nothing reads GPUs', {}, /^no counters of the GPUs: no GPU can be read here/],
    ['where the exporter does not answer', { dcgm: { exporter_url: ['http://127.0.0.1:9'] } }, /^no counters: exporter gave no reading/],
    ['where the config says so', { dcgm: 'off' }, /dcgm: off/],
  ])('are none %s, and the campaign is done', async (_what, block, says) => {
    const { id, steps } = await stepsOf(block);
    for (const step of ['counters', 'dcgm']) expect(steps[step]).toMatchObject({ state: 'skipped', says: expect.stringMatching(says) });
    expect(existsSync(fileOf(id, 'dcgm_correlation.json'))).toBe(false);
  }, 120_000); // prettier-ignore
});
