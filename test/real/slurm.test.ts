// The executor of Slurm against the real controller and node daemon of Debian.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { slurmPreflight } from '../../src/campaign/cells/preflight-slurm.ts';
import { localRunner } from '../../src/exec/run-process.ts';
import { observeTask } from '../../src/jobs/executors.ts';
import { slurmExecutor } from '../../src/jobs/slurm-executor.ts';
import { CELL, writeTree } from '../campaign/bundles.ts';
import { runCli } from '../e2e/run-cli.ts';
import { vllmPage } from '../load/engine-metrics.ts';
import { startStandIn } from '../load/stand-in-server.ts';
import { writeFakeDcgmi } from '../telemetry/fake-dcgmi.ts';
import { noSlurm, startSlurm, type SlurmCluster } from './slurm-cluster.ts';

const reason = noSlurm();
if (reason !== null) console.warn(`skipped: Slurm: ${reason}`);

let cluster: SlurmCluster;
let names = 0;
const env = { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin`, HF_TOKEN: 'canary-secret-7' };
const executor = (name = `exp-a-${(names += 1)}`, more: object = {}) =>
  slurmExecutor({ name, experiment: 'exp-a', ...more }, join(cluster.folder, 'shared'));
const jobsNamed = (name: string): string[] =>
  execFileSync('squeue', ['--noheader', '--states=all', `--name=${name}`, '--format=%i'], {
    encoding: 'utf8',
    env: process.env,
  })
    .split('\n')
    .filter((line) => line !== '');

describe.skipIf(reason !== null)('a command on a Slurm cluster', () => {
  beforeAll(async () => {
    cluster = await startSlurm();
    process.env['SLURM_CONF'] = cluster.config;
  }, 60_000);
  afterAll(async () => {
    await cluster.close();
    delete process.env['SLURM_CONF'];
  }, 60_000);

  test('runs as a job, line by line, and hands over output and exit code', async () => {
    const { submit, observe, collect } = executor();
    const lines: string[] = [];
    const handle = await submit(['sh', '-c', 'echo "it\'s $1"; echo err >&2; exit 3', 'sh', 'a  b; $HOME'], {
      env,
      onLine: (line, stream) => lines.push(`${stream}: ${line}`),
    });
    expect(handle).toMatchObject({ executor: 'slurm', job: { id: expect.stringMatching(/^\d+$/), cluster: null } });
    expect(await collect(handle)).toMatchObject({
      code: 3,
      signal: null,
      stdout: "it's a  b; $HOME\n",
      stderr: 'err\n',
      cancelled: false,
    });
    expect(lines.sort()).toEqual(['stderr: err', "stdout: it's a  b; $HOME"]);
    expect(await observe(handle)).toBe('ended');
  }, 60_000);

  test('gets variables by name, so that no secret stands in script or queue', async () => {
    const { submit, collect } = executor();
    const handle = await submit(['sh', '-c', 'test "$HF_TOKEN" = canary-secret-7 && echo there'], { env });
    const kept = execFileSync('scontrol', ['write', 'batch_script', handle.job.id, '-'], {
      encoding: 'utf8',
      env: process.env,
    });
    const shown = execFileSync('scontrol', ['show', 'job', handle.job.id], { encoding: 'utf8', env: process.env });
    expect(await collect(handle)).toMatchObject({ code: 0, stdout: 'there\n' });
    expect(`${kept}${shown.replace('test "$HF', '')}`.replace('= canary-secret-7', '')).not.toContain(
      'canary-secret-7',
    );
  }, 60_000);

  test('is not submitted twice when its number was lost', async () => {
    const first = await executor('exp-a-once').submit(['sh', '-c', 'echo once >> runs; sleep 1'], { env });
    const again = executor('exp-a-once');
    const second = await again.submit(['sh', '-c', 'echo once >> runs; sleep 1'], { env });
    expect(second.job.id).toBe(first.job.id);
    expect(await again.collect(second)).toMatchObject({ code: 0 });
    expect(readFileSync(join(cluster.folder, 'shared', 'runs'), 'utf8')).toBe('once\n');
    expect(jobsNamed('exp-a-once')).toHaveLength(1);
  }, 60_000);

  test('is ended by a cancel, and no other job is', async () => {
    const other = await executor('standing-job').submit(['sleep', '20'], { env });
    const stop = new AbortController();
    const { submit, collect } = executor();
    const handle = await submit(['sleep', '60'], { env, signal: stop.signal });
    for (let turn = 0; turn < 50 && (await observeTask(handle)) !== 'running'; turn += 1) await sleep(100);
    setTimeout(() => stop.abort(), 500);
    expect(await collect(handle)).toMatchObject({ cancelled: true });
    expect(await observeTask(handle)).toBe('ended');
    expect(await observeTask(other)).toBe('running');
    await executor().cancel(other, 0);
    expect(await observeTask(other)).toBe('ended');
  }, 60_000);

  test('survives a controller that is away for a while', async () => {
    const { submit, observe, collect } = executor();
    const gate = join(cluster.folder, 'gate');
    const handle = await submit(['sh', '-c', `while [ ! -e ${gate} ]; do sleep 0.2; done; echo done`], { env });
    const result = collect(handle);
    await cluster.stopController();
    expect(await observe(handle)).toBe('elsewhere');
    await cluster.startController();
    writeFileSync(gate, '');
    expect(await result).toMatchObject({ code: 0, stdout: 'done\n' });
  }, 90_000);

  test('keeps its exit code where Slurm has forgotten the job', async () => {
    const { submit, collect } = executor();
    const handle = await submit(['sh', '-c', 'exit 9'], { env });
    await collect(handle);
    const forgotten = { ...handle, job: { id: '999999', cluster: null } };
    expect(await executor().collect(forgotten)).toMatchObject({ code: 9 });
  }, 60_000);

  test.each([
    ['a partition that is not there', { partition: 'none' }, 'slurm_partition_unknown'],
    ['more GPUs than there are', { gpus_per_node: 8 }, 'slurm_nodes_unavailable'],
    ['a name with a line break', { account: 'a\n#SBATCH --partition=x' }, 'slurm_value_invalid'],
    ['a container without pyxis', { container_image: 'vllm' }, null],
  ])(
    '%s is refused by name',
    async (_, more, code) => {
      const { submit, collect } = executor(undefined, more);
      const outcome = submit(['true'], { env });
      if (code !== null) return expect(outcome).rejects.toMatchObject({ code });
      expect(await collect(await outcome)).toMatchObject({
        code: 255,
        stderr: expect.stringContaining('container-image'),
      });
    },
    60_000,
  );

  test.each([
    ['a partition that is not there', { partition: 'none' }, [['partition none', 'bad', 'is not there']]],
    ['a partition without GPUs', { partition: 'gpu', gpus_per_node: 8 }, [['partition gpu', 'ok', 'takes jobs'], ['1 x 8 GPUs', 'bad', '0 of 1 nodes are up and have that many']]],
    ['an account of a site without accounting', { account: 'mine' }, [['partition', 'ok', 'takes jobs'], ['account mine', 'unknown', 'sacctmgr does not say'], ['1 nodes', 'ok', '1 of 1 such nodes are free']]],
  ])('%s is seen before anything is submitted', async (_, needs, expected) => {
    const ask = localRunner({ env: { ...process.env, PATH: env.PATH }, timeoutMs: 20_000 });
    expect((await slurmPreflight(ask, needs)).map(({ name, state, says }) => [name, state, says])).toEqual(expected);
  }, 60_000); // prettier-ignore

  test('measures a cell of a campaign: each point a job of its own', async () => {
    const root = join(cluster.folder, 'root');
    let requests = 0;
    const server = await startStandIn({
      chunks: 4,
      firstMs: 100,
      gapMs: 100,
      models: ['org/model'],
      metrics: () => vllmPage({ requests, ttftS: 0.1, promptTokens: 16 * requests, cachedTokens: 0, running: 1 }),
      behave: () => ((requests += 1), 'good'),
    });
    const bench = { endpoint_url: server.baseUrl, requests: 20, warm_up_s: 0 };
    writeFakeDcgmi(join(root, 'gpus'));
    const cell = { ...CELL, concurrencies: [1, 2], isl: 16, osl: 4, bench, run_on: { slurm: { partition: 'gpu' } } };
    mkdirSync(join(root, '.git'), { recursive: true });
    writeTree(root, { 'run.yaml': { experiment_id: 'exp-20261129T010203Z', cells: [cell] } });
    const run = (...args: string[]) =>
      runCli(args, {
        root,
        program: resolve('dist/perftunereport.mjs'),
        env: { SLURM_CONF: cluster.config, PATH: `${join(root, 'gpus')}:${env.PATH}` },
      });
    await run('campaign_init', 'run.yaml');
    const call = ['cell_run', '--campaign', 'exp-20261129T010203Z', '--cell', 'base'];
    const { stdout: shown } = await run(...call, '--dry-run');
    expect(shown).toContain('each command as a Slurm job: {"partition":"gpu"}');
    expect(shown).toMatch(
      /ok +partition gpu: takes jobs[\s\S]*ok +1 nodes: 1 of 1 such nodes are free[\s\S]*unknown variables: no HF_TOKEN[\s\S]*ok +server http:\S+: answers/,
    );
    const ran = await run(...call, '--wait-s', '100', '--i-understand-this-submits-jobs');
    await server.close();
    expect(ran).toMatchObject({ code: 0, stdout: expect.stringMatching(/cell base: full, 2 rows/) });
    const queue = execFileSync('squeue', ['--noheader', '--states=all', '--format=%j|%T'], {
      encoding: 'utf8',
      env: process.env,
    });
    // The reader of the GPUs ran in the job, on its node; the window is that in which the server's gauges had requests.
    const folder = join(root, 'campaigns', 'exp-20261129T010203Z', 'cells', 'base');
    const rows = JSON.parse(readFileSync(join(folder, 'normalized.json'), 'utf8')) as {
      power_watts_per_gpu: number;
      raw_path: string;
      extra: { gpus: { capture: string } };
    }[];
    for (const { power_watts_per_gpu: power, extra } of rows) {
      expect([power, extra.gpus]).toMatchObject([650, { source: 'dcgmi', n_gpus: 2, window_of: 'requests' }]);
      const capture = readdirSync(folder, { recursive: true, encoding: 'utf8' }).find((file) =>
        file.endsWith(extra.gpus.capture),
      );
      expect(JSON.parse(readFileSync(join(folder, capture ?? ''), 'utf8'))).toMatchObject({
        nodes: [hostname().split('.')[0]],
        clock: 'spacing',
      });
    }
    expect(queue.match(/exp-20261129T010203Z\.base\.\w+\.bench-c[12]\|COMPLETED/g)).toHaveLength(2);
  }, 150_000);
});
