// A cell is run through the built programs: its plan, its consent, a real run of our generator against a server, and a tool that fails.
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { vllmPage } from '../load/engine-metrics.ts';
import { startStandIn, type StandIn } from '../load/stand-in-server.ts';
import { CELL, writeTree } from '../campaign/bundles.ts';
import { writeFakeDcgmi } from '../telemetry/fake-dcgmi.ts';
import { freshRoot, removeRoot } from './connect.ts';
import { jsonOf, runCli, type Finished } from './run-cli.ts';

const ID = 'run-20261128T010203Z';
const ACK = '--i-understand-this-submits-jobs';

let root: string;
let server: StandIn;
let cells: string;
const run = (...args: string[]): Promise<Finished> =>
  runCli(args, { root, program: resolve('dist/perftunereport.mjs') });
const cellRun = (cell: string, ...args: string[]) =>
  run('perf_tune_report_cell_run', '--campaign', ID, '--cell', cell, '--backend', 'bench', ...args);

beforeAll(async () => {
  root = freshRoot();
  // Every request brings 20 prompt tokens, of which 5 are in the cache.
  const page = () => vllmPage({ requests: server.bodies.length, ttftS: 0.001, promptTokens: 20 * server.bodies.length, cachedTokens: 5 * server.bodies.length });
  server = await startStandIn({ chunks: 4, models: ['org/model'], metrics: page, firstMs: 20 });
  const bench = { endpoint_url: server.baseUrl, requests: 20, warm_up_s: 0 };
  const shape = { ...CELL, concurrencies: [1, 2], isl: 16, osl: 4 };
  const gpu = { ...shape, cell_id: 'gpu', concurrencies: [2], bench: { endpoint_url: server.baseUrl, duration_s: 9, warm_up_s: 0 } };
  const cold = { ...shape, cell_id: 'cold', concurrencies: [2], cache_mode: 'cold', bench };
  writeTree(root, {
    'run.yaml': { experiment_id: ID, cells: [{ ...shape, bench }, { ...shape, cell_id: 'gone', bench }, { ...shape, cell_id: 'bare' }, { ...shape, cell_id: 'half', bench }, cold, gpu] },
  });
  jsonOf(await run('campaign_init', 'run.yaml', '--json'));
  cells = join(root, 'campaigns', ID, 'cells');
}, 60_000); // prettier-ignore
afterAll(async () => {
  await server.close();
  removeRoot(root);
});

describe('cell_run', () => {
  test('starts nothing without consent, and names the field and the dry run', async () => {
    const refused = await cellRun('base');
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(/FATAL: .*i_understand_this_submits_jobs[\s\S]*--dry-run/);
    expect(readdirSync(cells)).toEqual([]);
  });

  test('shows every command without consent, and writes nothing', async () => {
    const { stdout, code } = await cellRun('base', '--dry-run');
    expect(code).toBe(0);
    for (const concurrency of [1, 2]) expect(stdout).toContain(`--concurrency ${concurrency} --requests 20`);
    expect(readdirSync(cells)).toEqual([]);
  });

  test.each([
    ['a cell of no name', ['bas'], 'did you mean base?'],
    ['a cell without the block', ['bare'], 'has no block bench'],
    ['a pod of no namespace', ['base', '--bench-pod', 'p'], 'nothing says in which namespace pod p is'],
    ['a namespace of no pod', ['base', '--namespace', 'n'], 'runs in no cluster'],
    ['a pod that others rely on', ['base', '--bench-pod', 'kimi-inference-0', '--namespace', 'n'], 'protected_name'],
  ])('refuses %s, also in a dry run', async (_name, [cell = '', ...args], says) => {
    const refused = await cellRun(cell, ...args, '--dry-run');
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining(says) });
  });

  test('measures every load, records each command, and does not measure again', async () => {
    const done = jsonOf(await cellRun('base', ACK, '--wait-s', '300', '--json'));
    expect(done).toMatchObject({ state: 'succeeded', result: { status: 'full', row_count: 2 } });
    const cell = join(cells, 'base');
    expect(readFileSync(join(cell, 'status.txt'), 'utf8')).toBe('full\n');
    const rows: { concurrency: number; raw_path: string; model: string }[] = JSON.parse(readFileSync(join(cell, 'normalized.json'), 'utf8'));
    expect(rows.map(({ concurrency }) => concurrency)).toEqual([1, 2]);
    for (const { raw_path: path, model } of rows) {
      expect(existsSync(join(cell, path))).toBe(true);
      expect(model).toBe('org/model');
    }
    for (const kind of ['cmd', 'stdout', 'stderr', 'exit']) expect(existsSync(join(cell, 'commands', `02-bench-c2.${kind}`))).toBe(true);
    expect(readFileSync(join(cell, 'commands', '01-bench-c1.exit'), 'utf8')).toBe('0\n');
    expect(await cellRun('base', '--dry-run')).toMatchObject({ code: 2, stderr: expect.stringContaining('cell_measured') });
    expect(readFileSync(join(cell, 'status.txt'), 'utf8')).toBe('full\n');
    const atlas = await run('atlas_aggregate', ID);
    expect(atlas.stdout).toContain('1 full sweeps | 0 partial sweeps | 0 failed cells | 2 plot-ready');
  }, 300_000); // prettier-ignore

  test('keeps what the server counted beside each point, and says where client and server are apart', async () => {
    const done = await cellRun('cold', ACK, '--wait-s', '300');
    expect(done.stdout).toMatch(/client's mean time to first token is \+\d+ % from what the server counts/);
    expect(done.stdout).toMatch(/called cold, but 25 % of the prompt tokens came from the prefix cache: does not count/);
    const cell = join(cells, 'cold');
    const [row] = JSON.parse(readFileSync(join(cell, 'normalized.json'), 'utf8'));
    expect(row).toMatchObject({
      prefix_cache_hit_rate: 0.25,
      cache_mode: 'cold',
      extra: { invalid: expect.arrayContaining(['cache_state']), server: { preemptions: 0, ttft_p50_ms: expect.any(Number), scrapes: expect.stringMatching(/spec_metrics$/) } },
    });
    expect(row.extra.server.completed_requests).toBeGreaterThanOrEqual(20);
    const [stamp = ''] = readdirSync(join(cell, 'raw'));
    expect(readdirSync(join(cell, 'raw', stamp, 'spec_metrics'))).toEqual(expect.arrayContaining(['metrics-pre-c2.prom', 'metrics-post-c2.prom']));
  }, 300_000); // prettier-ignore

  test('keeps what the GPUs of this machine did beside a point, and a process that came meanwhile makes it doubtful', async () => {
    const bin = join(root, 'bin');
    writeFakeDcgmi(bin, { lacks: { 1012: -6 } });
    // Another process is on the GPU after the first question.
    const smi = `#!/bin/sh\n[ -e ${root}/asked ] && echo "GPU-1, 77"; touch ${root}/asked; echo "GPU-1, 42"\n`;
    writeFileSync(join(bin, 'nvidia-smi'), smi, { mode: 0o755 });
    const env = { PATH: `${bin}:${process.env['PATH'] ?? ''}` };
    const args = ['perf_tune_report_cell_run', '--campaign', ID, '--cell', 'gpu', '--backend', 'bench', ACK, '--wait-s', '300'];
    const done = await runCli(args, { root, program: resolve('dist/perftunereport.mjs'), env });
    expect(done.code).toBe(0);
    const cell = join(cells, 'gpu');
    const [row] = JSON.parse(readFileSync(join(cell, 'normalized.json'), 'utf8'));
    expect(row.extra.gpus).toMatchObject({ source: 'dcgmi', n_gpus: 2, power_watts_per_gpu: 650, lacking: ['nvlink_rx'] });
    expect(row.extra.gpus.means.dram_active).toBeCloseTo(0.6);
    expect(row.trials[0].validity).toContain('foreign_gpu_process');
    const [stamp = ''] = readdirSync(join(cell, 'raw'));
    expect(readdirSync(join(cell, 'raw', stamp, 'gpu_telemetry', 'c2'))).toEqual(['dcgm-capture.json', 'dcgm-raw.txt', 'dcgm-readings.jsonl']);
  }, 300_000); // prettier-ignore

  test('nothing is started where no server answers, or another model is served', async () => {
    const before = readdirSync(cells);
    const gone = await cellRun('gone', '--endpoint-url', 'http://127.0.0.1:9', ACK, '--wait-s', '60');
    expect(gone).toMatchObject({ code: 2, stdout: expect.stringMatching(/preflight_failed: nothing was started: server http:\/\/127.0.0.1:9: does not answer: ECONNREFUSED/) });
    const other = await cellRun('gone', '--endpoint-url', server.baseUrl, '--served-model', 'other', ACK, '--wait-s', '60');
    expect(other).toMatchObject({ code: 2, stdout: expect.stringContaining('serves org/model, not other') });
    expect(readdirSync(cells)).toEqual(before);
  }, 120_000); // prettier-ignore

  test('a load whose server dies is a failed one with its reason, and so are those after it', async () => {
    const dying = await startStandIn({ models: ['org/model'], behave: () => 'hang' });
    const running = cellRun('gone', '--endpoint-url', dying.baseUrl, ACK, '--wait-s', '300');
    for (let turn = 0; turn < 600 && dying.bodies.length === 0; turn += 1) await new Promise((done) => setTimeout(done, 100));
    await dying.close();
    const done = await running;
    expect(done).toMatchObject({
      code: 2,
      stdout: expect.stringMatching(/cell_failed: cell gone has no measured point: 01-bench-c1: EndpointGone.*exit \d/),
    });
    const cell = join(cells, 'gone');
    expect(readFileSync(join(cell, 'status.txt'), 'utf8')).toBe('failed\n');
    const rows: { notes: string }[] = JSON.parse(readFileSync(join(cell, 'normalized.json'), 'utf8'));
    expect(rows).toHaveLength(2);
    expect(rows[0]?.notes).toMatch(/^01-bench-c1: EndpointGone: http:\/\/127.0.0.1:\d+ does not answer: ECONNREFUSED \(exit \d/);
    expect(rows[1]?.notes).toMatch(/^was not reached: EndpointGone/);
  }, 300_000); // prettier-ignore

  test('asks for the loads without a point alone, with --resume as without, and never measures over one', async () => {
    const cell = join(cells, 'half');
    mkdirSync(cell, { recursive: true });
    const rows: { concurrency: number }[] = JSON.parse(readFileSync(join(cells, 'base', 'normalized.json'), 'utf8'));
    writeFileSync(join(cell, 'normalized.json'), JSON.stringify(rows.filter(({ concurrency }) => concurrency === 1).map((row) => ({ ...row, cell_id: 'half' }))));
    for (const words of [['--resume'], []]) {
      const { code, stdout } = await cellRun('half', ...words, '--dry-run');
      expect(code).toBe(0);
      expect(stdout).toMatch(/# cell half by bench, concurrency 2\n\s*# the other loads hold a point and are not run again/);
    }
    expect(await cellRun('half', '--no-resume', '--dry-run')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/cell_measured.*holds a point of 1 load that its config asks for[^]*--resume/),
    });
  }, 60_000); // prettier-ignore
});
