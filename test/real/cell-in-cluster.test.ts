// A cell of a campaign is measured in a cluster by the built program and the real kubectl: in a pod that stands already, and as Jobs.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { POD_FOLDER } from '../../src/cluster/pod-scripts.ts';
import { CELL, writeTree } from '../campaign/bundles.ts';
import { runCli, type Finished } from '../e2e/run-cli.ts';
import { startStandIn, type StandIn } from '../load/stand-in-server.ts';
import { vllmPage } from '../load/engine-metrics.ts';
import { writeFakeDcgmi } from '../telemetry/fake-dcgmi.ts';
import { writeFakeVllm } from './fake-vllm.ts';
import { startKubeServer, type KubeServer } from './kube-server.ts';

const hasKubectl = spawnSync('kubectl', ['version', '--client'], { stdio: 'ignore' }).status === 0;
if (!hasKubectl) console.warn('skipped: a cell in a cluster: kubectl is not installed');

const ID = 'exp-20261129T010203Z';
const ACK = '--i-understand-this-submits-jobs';

let server: KubeServer;
let engine: StandIn;
let counting: StandIn;
let root: string;
const run = (...args: string[]): Promise<Finished> =>
  runCli(args, {
    root,
    program: resolve('dist/perftunereport.mjs'),
    env: { KUBECONFIG: server.kubeconfig, PATH: process.env['PATH'] ?? '', HOME: server.home },
  });
const cellRun = (cell: string, ...args: string[]) => run('cell_run', '--campaign', ID, '--cell', cell, ...args);
const cellFolder = (cell: string): string => join(root, 'campaigns', ID, 'cells', cell);
/** What lies in a pod or in the namespace by our doing. */
const leftThere = (): string[] => [
  ...server.objects().filter((each) => each !== 'Pod/bench-0' && each !== 'Job/somebody-else'),
  ...(existsSync(POD_FOLDER) ? readdirSync(POD_FOLDER).filter((name) => name.startsWith('exp-20261129')) : []),
];

/** `bench` of the containers, which are processes of this machine: the program that was built; and a dcgmi of two GPUs. */
const benchOnPath = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'image-bin-'));
  writeFileSync(join(folder, 'bench'), `#!/bin/sh\nexec ${process.execPath} ${resolve('dist/bench.mjs')} "$@"\n`);
  chmodSync(join(folder, 'bench'), 0o755);
  writeFakeDcgmi(folder, { lacks: { 1008: -6 } });
  writeFakeVllm(folder);
  return `${folder}:${process.env['PATH'] ?? ''}`;
};

describe.skipIf(!hasKubectl)('a cell measured in a cluster', () => {
  beforeAll(async () => {
    server = await startKubeServer({ path: benchOnPath() });
    engine = await startStandIn({ chunks: 4, models: ['org/model'] });
    let pages = 0;
    const page = (): string =>
      vllmPage({
        requests: (pages += 1),
        ttftS: 0.05,
        promptTokens: 16 * pages,
        cachedTokens: 8 * pages,
        running: 2,
        preemptions: pages,
      });
    counting = await startStandIn({ models: ['org/model'], metrics: page });
    server.seed('v1', 'Node', 'gpu-1', { gpu: 'b200' }, { allocatable: { 'nvidia.com/gpu': '8' } });
    server.seed('v1', 'Node', 'cpu-1', {}, { allocatable: {} });
    server.secrets.set('hf/token', 'canary-secret-9');
    server.seedPod('bench-0', [
      { name: 'main', env: [{ name: 'HF_TOKEN', valueFrom: { secretKeyRef: { name: 'hf', key: 'token' } } }] },
    ]);
    server.seed('batch/v1', 'Job', 'somebody-else', { experiment: 'another' });
    root = mkdtempSync(join(tmpdir(), 'cell-in-cluster-'));
    mkdirSync(join(root, '.git'));
    const shape = { ...CELL, concurrencies: [1, 2], isl: 16, osl: 4 };
    const bench = { endpoint_url: engine.baseUrl, requests: 20, warm_up_s: 0 };
    const jobs = { kubernetes: { namespace: 'default', image: 'bench:1', gpus_per_node: 8 } };
    const vllm_sweep = {
      serve_cmd: 'vllm serve org/model',
      bench_cmd: `vllm bench serve --model org/model --base-url ${new URL(counting.baseUrl).origin}`,
    };
    writeTree(root, {
      'run.yaml': {
        experiment_id: ID,
        cells: [
          { ...shape, cell_id: 'in-pod', bench },
          { ...shape, cell_id: 'as-jobs', bench, run_on: jobs },
          { ...shape, cell_id: 'sweep-in-pod', vllm_sweep: { ...vllm_sweep, workload_iters: 2 } },
          { ...shape, cell_id: 'sweep-as-job', vllm_sweep, run_on: jobs },
          { ...shape, cell_id: 'long-in-pod', bench: { ...bench, requests: 100_000 } },
          { ...shape, cell_id: 'long-as-jobs', bench: { ...bench, requests: 100_000 }, run_on: jobs },
        ],
      },
    });
    expect(await run('campaign_init', 'run.yaml')).toMatchObject({ code: 0 });
  }, 60_000);
  afterAll(async () => {
    await engine.close();
    await counting.close();
    await server.close();
  });

  test('shows what would be sent, and sends nothing', async () => {
    const before = server.objects();
    const pod = await cellRun('in-pod', '--namespace', 'default', '--bench-pod', 'bench-0', '--dry-run');
    expect(pod.stdout).toContain('kubectl --namespace=default exec bench-0 -- sh -c');
    expect(pod.stdout).toContain('--concurrency 2 --requests 20');
    const jobs = await cellRun('as-jobs', '--dry-run');
    expect(jobs.stdout).toContain('"kind": "Job"');
    expect(jobs.stdout).toContain('"nvidia.com/gpu": "8"');
    expect(jobs.stdout).toContain('kubectl --namespace=default create --filename=- --output=json');
    expect(pod.stdout).toMatch(/# preflight ok +pod bench-0: runs on node-0/);
    expect(pod.stdout).toMatch(/# preflight ok +secret hf: has key token for HF_TOKEN/);
    expect(jobs.stdout).toMatch(/# preflight ok +permissions: create jobs, .*create pods\/exec/);
    expect(jobs.stdout).toMatch(/# preflight ok +1 x 8 nvidia.com\/gpu: 1 of 1 such nodes are free/);
    expect(`${pod.stdout}${jobs.stdout}`).not.toContain('canary-secret');
    expect({ execs: server.execs(), objects: server.objects() }).toEqual({ execs: 0, objects: before });
  }, 60_000);

  test('starts nothing where something is not as it must be, and names it', async () => {
    server.denied.add('create pods/exec');
    const refused = await cellRun('as-jobs', ACK, '--wait-s', '60');
    expect(refused).toMatchObject({
      code: 2,
      stdout: expect.stringContaining(
        'preflight_failed: nothing was started: permissions: this user may not create pods/exec',
      ),
    });
    server.denied.clear();
    const unserved = await cellRun(
      'in-pod',
      '--namespace',
      'default',
      '--bench-pod',
      'bench-0',
      '--endpoint-url',
      'http://127.0.0.1:9',
      ACK,
      '--wait-s',
      '60',
    );
    expect(unserved).toMatchObject({
      code: 2,
      stdout: expect.stringContaining('server http://127.0.0.1:9: does not answer'),
    });
    const elsewhere = await cellRun(
      'in-pod',
      '--namespace',
      'default',
      '--bench-pod',
      'bench-9',
      ACK,
      '--wait-s',
      '60',
    );
    expect(elsewhere).toMatchObject({
      code: 2,
      stdout: expect.stringContaining('pod bench-9: Error from server (NotFound)'),
    });
    const [before, pods] = [server.execs(), server.objects()];
    const unseen = await cellRun('as-jobs', '--endpoint-url', 'http://127.0.0.1:9', ACK, '--wait-s', '100');
    expect(unseen).toMatchObject({
      code: 2,
      stdout: expect.stringContaining('server http://127.0.0.1:9: does not answer'),
    });
    expect(server.execs()).toBeGreaterThan(before); // asked by a Job of the same image, inside of the cluster
    expect(server.objects()).toEqual(pods);
    expect(leftThere()).toEqual([]);
  }, 150_000);

  test.each([
    ['in-pod', 'in a pod that stands already', ['--namespace', 'default', '--bench-pod', 'bench-0']],
    ['as-jobs', 'as a Job for each load', []],
  ])(
    '%s: measures every load %s, and leaves nothing there',
    async (cell, _, flags) => {
      const ran = await cellRun(cell, ...flags, ACK, '--wait-s', '120');
      expect(ran).toMatchObject({
        code: 0,
        stdout: expect.stringContaining(`cell ${cell}: full, 2 rows after 2 commands`),
      });
      const rows: { raw_path: string; extra: object }[] = JSON.parse(
        readFileSync(join(cellFolder(cell), 'normalized.json'), 'utf8'),
      );
      for (const { extra } of rows)
        expect(extra).toMatchObject({ gpus: { source: 'dcgmi', n_gpus: 2, lacking: ['fp16_active'] } });
      for (const { raw_path: path } of rows) expect(existsSync(join(cellFolder(cell), path))).toBe(true);
      expect(readFileSync(join(cellFolder(cell), 'commands', '01-bench-c1.exit'), 'utf8')).toBe('0\n');
      expect(leftThere()).toEqual([]);
      expect(server.objects()).toEqual(['Job/somebody-else', 'Pod/bench-0']);
    },
    150_000,
  );

  test.each([
    ['sweep-in-pod', ['--namespace', 'default', '--bench-pod', 'bench-0'], '3 rows after 2 commands', [1, 2, 3]],
    ['sweep-as-job', [], '2 rows after 1 command', [1, 2]],
  ])(
    '%s: each load of a sweep brings what its server and its GPUs did while it ran',
    async (cell, flags, says, loads) => {
      const ran = await cellRun(cell, ...flags, ACK, '--wait-s', '140');
      expect(ran).toMatchObject({
        code: 0,
        stdout: expect.stringContaining(`cell ${cell}: full, ${says}`),
      });
      const rows: { concurrency: number; extra: object }[] = JSON.parse(
        readFileSync(join(cellFolder(cell), 'normalized.json'), 'utf8'),
      );
      expect(rows.map(({ concurrency }) => concurrency)).toEqual(loads);
      for (const { extra } of rows)
        expect(extra).toMatchObject({
          server: {
            prefix_cache_hit_rate: 0.5,
            requests_running_peak: 2,
            ttft_client_minus_server_pct: expect.closeTo(0),
          },
          gpus: { source: 'dcgmi', n_gpus: 2, window_of: 'requests', power_watts_per_gpu: 650 },
        });
      expect(leftThere()).toEqual([]);
    },
    180_000,
  );

  test.each([
    ['long-in-pod', ['--namespace', 'default', '--bench-pod', 'bench-0']],
    ['long-as-jobs', []],
  ])(
    '%s: a cancel leaves nothing there',
    async (cell, flags) => {
      const started = await cellRun(cell, ...flags, ACK, '--wait-s', '0');
      const id = /job (\S+)/.exec(started.stdout)?.[1] ?? '';
      for (let turn = 0; turn < 100 && leftThere().length === 0; turn += 1) await sleep(200);
      expect(leftThere()).not.toEqual([]);
      const main = resolve('dist/profile-and-optimize.mjs');
      const env = { KUBECONFIG: server.kubeconfig, PATH: process.env['PATH'] ?? '', HOME: server.home };
      expect((await runCli(['job_cancel', id], { root, program: main, env })).stdout).toContain('cancelled');
      expect(leftThere()).toEqual([]);
      expect(server.objects()).toEqual(['Job/somebody-else', 'Pod/bench-0']);
    },
    150_000,
  );

  const capture = (...args: string[]) =>
    run('dcgm_capture', '--pod', 'bench-0', '--namespace', 'default', '--period-s', '0.2', ...args);
  /** Readers that live on in the pod, whose processes are this machine's. */
  const readers = (): string => spawnSync('pgrep', ['-f', 'dcgmi dmon'], { encoding: 'utf8' }).stdout;

  test('its GPUs are captured by the dcgmi of the pod, with the node that it runs on', async () => {
    const planned = await capture('--duration-s', '3', '--dry-run');
    expect(planned.stdout).toContain('kubectl --namespace=default exec bench-0 -- dcgmi dmon -e 1001,');
    const done = await capture('--duration-s', '3', '--out', 'pod-capture', ACK, '--wait-s', '120', '--json');
    expect(JSON.parse(done.stdout)).toMatchObject({
      state: 'succeeded',
      result: { source: 'dcgmi', nodes: ['node-0'], n_gpus: 2, power_watts_per_gpu: 650, lacking: [{ field: 'fp16_active' }] },
    });
    expect(readFileSync(join(root, 'pod-capture', 'dcgm-frozen.yaml'), 'utf8')).toContain('hw_key: "h100_sxm"');
  }, 150_000); // prettier-ignore

  test('a capture that is cancelled leaves no reader in the pod, and one of a pod that is not there is refused', async () => {
    const started = await capture('--duration-s', '600', '--out', 'cut', ACK, '--wait-s', '0');
    const id = /job (\S+)/.exec(started.stdout)?.[1] ?? '';
    for (let turn = 0; turn < 100 && readers() === ''; turn += 1) await sleep(200);
    await sleep(2000);
    expect(readers()).not.toBe('');
    const main = resolve('dist/profile-and-optimize.mjs');
    const env = { KUBECONFIG: server.kubeconfig, PATH: process.env['PATH'] ?? '', HOME: server.home };
    expect((await runCli(['job_cancel', id], { root, program: main, env })).stdout).toContain('cancelled');
    for (let turn = 0; turn < 50 && readers() !== ''; turn += 1) await sleep(200);
    expect(readers()).toBe('');
    const absent = await run('dcgm_capture', '--pod', 'bench-9', '--namespace', 'default', '--duration-s', '1', ACK, '--wait-s', '60');
    expect(absent).toMatchObject({ code: 2, stdout: expect.stringContaining('pod_not_found') });
  }, 150_000); // prettier-ignore
});
