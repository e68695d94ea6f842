// The counters of GPUs that a real Prometheus scrapes from an exporter: asked for a past window by dcgm_capture, and around the cell of a
// campaign that names the server in its block. The exporter replays a published page of dcgm-exporter where it is there, else a small one.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CELL, writeTree } from '../campaign/bundles.ts';
import { freshRoot, removeRoot } from '../e2e/connect.ts';
import { jsonOf, runCli, type Finished } from '../e2e/run-cli.ts';
import { standInTool } from '../e2e/stand-in-tool.ts';
import { startStandIn, type StandIn } from '../load/stand-in-server.ts';

const absent = spawnSync('prometheus', ['--version']).error !== undefined;
if (absent) console.warn('skipped: Prometheus is not installed (Debian: prometheus)');

const PUBLISHED = '../shared/samples/dcgm-exporter/metrics_gb200.prom';
const own = [0, 1, 2, 3]
  .flatMap((gpu) => [['DCGM_FI_DEV_SM_CLOCK', 120], ['DCGM_FI_DEV_POWER_USAGE', 180 + gpu]].map(([name, value]) => `${name}{gpu="${gpu}",UUID="GPU-${gpu}",modelName="NVIDIA GB200",Hostname="node-9"} ${value}`))
  .join('\n'); // prettier-ignore
const page = existsSync(PUBLISHED) ? readFileSync(PUBLISHED, 'utf8') : `${own}\n`;

/** Mean over the GPUs of the page. */
const meanIn = (name: string): number => {
  const values = page.split('\n').flatMap((line) => (line.startsWith(`${name}{`) ? [Number(line.split(' ').at(-1))] : []));
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}; // prettier-ignore

const freePort = (): Promise<number> =>
  new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => done(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });

describe.skipIf(absent)('GPU counters from a real Prometheus', () => {
  let root: string;
  let exporter: StandIn;
  let prometheus: ChildProcess;
  let url: string;

  beforeAll(async () => {
    root = freshRoot();
    exporter = await startStandIn({ metrics: () => page });
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    const jobs = ['dcgm', 'other'].map((job_name) => ({ job_name, metrics_path: '/metrics', static_configs: [{ targets: [new URL(exporter.baseUrl).host] }] })); // prettier-ignore
    const folder = join(root, 'prometheus');
    mkdirSync(folder);
    // JSON is YAML.
    writeFileSync(
      join(folder, 'config.yml'),
      JSON.stringify({ global: { scrape_interval: '1s' }, scrape_configs: jobs }),
    );
    const words = ['--config.file', join(folder, 'config.yml'), '--storage.tsdb.path', join(folder, 'data'), '--web.listen-address', `127.0.0.1:${port}`]; // prettier-ignore
    prometheus = spawn('prometheus', words, { stdio: 'ignore' });
    const query = `${url}/api/v1/query?query=count(DCGM_FI_DEV_SM_CLOCK)`;
    const holds = (): Promise<boolean> => fetch(query).then(async (answer) => (await answer.text()).includes('"8"'), () => false); // prettier-ignore
    for (let turn = 0; turn < 150 && !(await holds()); turn += 1) await sleep(200);
    expect(await holds()).toBe(true);
  }, 60_000);
  afterAll(async () => {
    prometheus.kill('SIGKILL');
    await exporter.close();
    removeRoot(root);
  });

  const run = (...args: string[]): Promise<Finished> =>
    runCli(args, { root, program: resolve('dist/perftunereport.mjs') });

  test('are read for a window that lies in the past, by the matchers of the call', async () => {
    await sleep(3000);
    const now = Date.now();
    const window = ['--since', new Date(now - 3000).toISOString(), '--until', new Date(now).toISOString()];
    const words = ['--prometheus-url', url, ...window, '--period-s', '1', '--selector', 'job="dcgm"', '--i-understand-this-submits-jobs'];
    const captured = await run('dcgm_capture', ...words, '--wait-s', '100', '--json');
    expect(captured).toMatchObject({ code: 0 });
    const { result } = JSON.parse(captured.stdout) as { result: Record<string, unknown> };
    expect(result).toMatchObject({ source: 'prometheus', n_gpus: 4, means: { sm_clock_mhz: meanIn('DCGM_FI_DEV_SM_CLOCK') } });
  }, 150_000); // prettier-ignore

  test('are taken around the cell of a campaign, and what the exporter lacks is named', async () => {
    const id = 'prom-20261129T010203Z';
    const tool = standInTool(root, 4);
    const engine = await startStandIn({ models: ['org/model'] });
    const dcgm = { prometheus_url: url, selector: 'job="dcgm"', period_s: 1 };
    const cell = { ...CELL, cell_id: 'a', hardware: 'GB200', concurrencies: [1], isl: 16, osl: 4, sglang: { endpoint_url: engine.baseUrl } };
    writeTree(root, { 'run.yaml': { experiment_id: id, campaign: { ready_url: 'data:text/plain,ready', dcgm }, cells: [cell] } });
    jsonOf(await run('campaign_init', 'run.yaml', '--json'));
    const env = { PATH: `${tool.path}:${process.env['PATH'] ?? ''}` };
    const ran = await runCli(['campaign_run', id, '--i-understand-this-submits-jobs', '--wait-s', '200'], { root, env, program: resolve('dist/perftunereport.mjs') });
    await engine.close();
    expect(ran).toMatchObject({ code: 0 });
    const campaign = join(root, 'campaigns', id);
    const { steps } = (JSON.parse(readFileSync(join(campaign, 'campaign-run.json'), 'utf8')) as { cells: { a: { steps: Record<string, { state: string; says: string }> } } }).cells.a;
    expect(steps['counters']).toMatchObject({ state: 'done', says: expect.stringContaining('prometheus: 4 GPUs over') });
    expect(steps['dcgm']).toMatchObject({ state: 'done' });
    expect(JSON.parse(readFileSync(join(campaign, 'cells', 'a', 'dcgm_correlation.json'), 'utf8'))).toMatchObject({
      hw_key: 'gb200_nvl72',
      n_gpus: 4,
      means: { power_w: expect.closeTo(meanIn('DCGM_FI_DEV_POWER_USAGE'), 6), sm_clock_mhz: 120 },
      lacking: expect.arrayContaining([{ field: 'dram_active', reason: 'Prometheus has no DCGM_FI_PROF_DRAM_ACTIVE of these GPUs' }]),
    });
  }, 250_000); // prettier-ignore
});
