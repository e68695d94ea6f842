// The executor of Kubernetes through the real kubectl, against an API server of ours that checks objects by the published schemas and runs
// the commands of containers here.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { workloadName, type Protected } from '../../src/cluster/experiment.ts';
import { kubeApi } from '../../src/cluster/kube-api.ts';
import { POD_FOLDER, type PodRun } from '../../src/cluster/pod-scripts.ts';
import { tearDown } from '../../src/cluster/tear-down.ts';
import type { Workload } from '../../src/cluster/workload.ts';
import { localRunner } from '../../src/exec/run-process.ts';
import { observeTask } from '../../src/jobs/executors.ts';
import { kubernetesExecutor } from '../../src/jobs/kubernetes-executor.ts';
import { startKubeServer, type KubeServer } from './kube-server.ts';

const hasKubectl = spawnSync('kubectl', ['version', '--client'], { stdio: 'ignore' }).status === 0;
if (!hasKubectl) console.warn('skipped: Kubernetes: kubectl is not installed');

const GUARD: Protected = { names: ['*-inference*'], namespaces: ['kube-*'], labels: ['migration'] };
const EXPERIMENT = '20261129T010203Z-kimi';

let server: KubeServer;
let runs = 0;
const env = { PATH: process.env['PATH'] };
const podRun = (id = `kube-test-${process.pid}-${(runs += 1)}`): PodRun => {
  const base = `${POD_FOLDER}/${id}`;
  return { base, run: `${base}/run-c1`, raw: `${base}/raw`, id };
};
const shape = (more: Partial<Workload> = {}): Omit<Workload, 'argv'> => ({
  kind: 'Job',
  experiment: EXPERIMENT,
  name: workloadName(EXPERIMENT, `cell-${(runs += 1)}`),
  namespace: 'default',
  group: 'cell-a-run',
  image: 'vllm/vllm-openai:v0.33.0',
  gpus_per_node: 8,
  run: podRun(),
  files: [],
  ...more,
});
const here = mkdtempSync(join(tmpdir(), 'kube-here-'));
const on = (more: Partial<Workload> = {}) =>
  kubernetesExecutor(shape(more), { guard: GUARD, kubeconfig: server.kubeconfig, here });
const podsOf = (name: string): string[] =>
  server
    .objects()
    .filter((each) => each.startsWith(`Pod/${name}`))
    .map((each) => each.slice(4));
const api = () => kubeApi(localRunner({ env: process.env }), { namespace: 'default', kubeconfig: server.kubeconfig });

describe.skipIf(!hasKubectl)('a command on a Kubernetes cluster', () => {
  beforeAll(async () => {
    server = await startKubeServer();
  });
  afterAll(() => server.close());

  test('runs as a Job and hands over its log and exit code', async () => {
    const { submit, observe, collect } = on();
    const lines: string[] = [];
    const handle = await submit(['sh', '-c', 'echo "$1"; exit 3', 'sh', 'a  b; $HOME'], {
      env,
      onLine: (line, stream) => lines.push(`${stream}: ${line}`),
    });
    expect(handle).toMatchObject({
      executor: 'kubernetes',
      kind: 'Job',
      namespace: 'default',
      uid: expect.any(String),
    });
    expect(await collect(handle)).toMatchObject({
      code: 3,
      stdout: 'a  b; $HOME\n',
      stderr: '',
      cancelled: false,
    });
    expect(lines).toEqual(['stdout: a  b; $HOME']);
    expect(await observe(handle)).toBe('ended');
  }, 60_000);

  test('brings what it wrote, whole, and leaves nothing there', async () => {
    const run = podRun();
    const files = [{ path: `${run.raw}/given/params.json`, text: '{"a":"it\'s"}' }];
    const { submit, collect } = on({ run, files });
    const write =
      'cat given/params.json; mkdir "a b"; head -c 9000000 /dev/urandom >"a b/big.bin"; sha256sum <"a b/big.bin"; : >empty; ln -s /etc/passwd link';
    const handle = await submit(['sh', '-c', write], { env });
    const { code, stdout } = await collect(handle);
    expect({ code, given: stdout.slice(0, 12) }).toEqual({ code: 0, given: '{"a":"it\'s"}' });
    const hash = createHash('sha256')
      .update(readFileSync(join(here, 'a b/big.bin')))
      .digest('hex');
    expect(stdout).toContain(hash);
    expect(readFileSync(join(here, 'empty'), 'utf8')).toBe('');
    expect(readFileSync(join(here, 'given/params.json'), 'utf8')).toBe('{"a":"it\'s"}');
    expect(existsSync(join(here, 'link'))).toBe(false);
    expect(server.objects().filter((each) => each.includes(handle.name))).toEqual([]);
  }, 60_000);

  test('killed for memory says so, and what it had written is here', async () => {
    const { submit, collect } = on();
    const handle = await submit(['sh', '-c', 'echo half >half.txt; sleep 60'], { env });
    const result = collect(handle);
    for (let turn = 0; turn < 50 && podsOf(handle.name).length === 0; turn += 1) await sleep(100);
    await sleep(500);
    server.killContainer(podsOf(handle.name)[0] ?? '', 'main');
    expect(await result).toMatchObject({ code: 137, stderr: 'kubernetes: OOMKilled\n' });
    expect(readFileSync(join(here, 'half.txt'), 'utf8')).toBe('half\n');
  }, 60_000);

  test('waits in the queue of Kueue until it is admitted', async () => {
    const { submit, observe, collect } = on({ queue: 'gpu-queue' });
    const handle = await submit(['echo', 'admitted'], { env });
    await sleep(300);
    expect(await observe(handle)).toBe('running');
    expect(server.objects().filter((name) => name.startsWith(`Pod/${handle.name}`))).toEqual([]);
    server.admit('Job', handle.name);
    expect(await collect(handle)).toMatchObject({ code: 0, stdout: 'admitted\n' });
  }, 60_000);

  test('of several nodes is a JobSet, each pod with its index', async () => {
    const { submit, collect } = on({ kind: 'JobSet', nodes: 2 });
    const handle = await submit(['sh', '-c', 'echo "rank $JOB_COMPLETION_INDEX"'], { env });
    const { code, stdout } = await collect(handle);
    expect(code).toBe(0);
    expect(stdout.match(/^rank \d$/gm)?.sort()).toEqual(['rank 0', 'rank 1']);
    expect(stdout).toMatch(/^== /m);
  }, 60_000);

  test('gets secrets by reference: none stands in the object, the arguments or the handle', async () => {
    server.secrets.set('hf/token', 'canary-secret-8');
    const { submit, collect } = on({ secrets: [{ variable: 'HF_TOKEN', secret: 'hf', key: 'token' }] });
    const handle = await submit(['sh', '-c', 'test -n "$HF_TOKEN" && echo there'], { env: { ...env, HF_TOKEN: 'x' } });
    expect(await collect(handle)).toMatchObject({ code: 0, stdout: 'there\n' });
    expect(JSON.stringify([handle, await api().get('Job', handle.name)])).not.toContain('canary-secret-8');
  }, 60_000);

  test('is taken over when it exists already, and is never another one of its name', async () => {
    const same = { name: workloadName(EXPERIMENT, 'once'), run: podRun() };
    const first = await on(same).submit(['sh', '-c', 'echo once'], { env });
    const again = on(same);
    const second = await again.submit(['sh', '-c', 'echo once'], { env });
    expect(second.uid).toBe(first.uid);
    await expect(on(same).submit(['echo', 'other'], { env })).rejects.toMatchObject({ code: 'workload_name_taken' });
    expect(await again.collect(second)).toMatchObject({ code: 0, stdout: 'once\n' });
  }, 60_000);

  test('is deleted by a cancel with its pods', async () => {
    const stop = new AbortController();
    const { submit, collect } = on();
    const handle = await submit(['sleep', '60'], { env, signal: stop.signal });
    setTimeout(() => stop.abort(), 500);
    expect(await collect(handle)).toMatchObject({ cancelled: true, code: null });
    expect(await observeTask(handle)).toBe('ended');
    expect(server.objects().filter((each) => each.includes(handle.name))).toEqual([]);
  }, 60_000);

  test('leaves alone what took its name since', async () => {
    const { submit, collect, cancel } = on();
    const handle = await submit(['true'], { env });
    await cancel({ ...handle, uid: 'that-of-another' }, 0);
    expect(server.objects()).toContain(`Job/${handle.name}`);
    await collect(handle);
    expect(server.objects()).not.toContain(`Job/${handle.name}`);
  }, 60_000);

  test('survives a server that fails and connections that are cut', async () => {
    const { submit, collect } = on();
    const handle = await submit(['sh', '-c', 'sleep 2; echo done'], { env });
    server.failNext(1, 0);
    const result = collect(handle);
    await sleep(800);
    server.failNext(1, 500);
    expect(await result).toMatchObject({ code: 0, stdout: 'done\n' });
  }, 60_000);

  test.each([
    [409, 'conflicts'],
    [429, 'a server that has no time'],
  ])('survives %i (%s) when it is made, asked about and deleted', async (status) => {
    const { submit, collect } = on();
    server.failNext(2, status);
    const handle = await submit(['sh', '-c', 'sleep 1; echo done'], { env });
    server.failNext(2, status);
    expect(await collect(handle)).toMatchObject({ code: 0, stdout: 'done\n' });
    const other = await on().submit(['sleep', '60'], { env });
    server.failNext(2, status);
    await on().cancel(other, 0);
    for (const { name } of [handle, other]) expect(server.objects().filter((each) => each.includes(name))).toEqual([]);
  }, 90_000); // prettier-ignore

  test('brings its results whole over a stream that is slow', async () => {
    const { submit, collect } = on();
    const handle = await submit(['sh', '-c', 'head -c 20000 /dev/urandom >slow.bin; sha256sum <slow.bin'], { env });
    server.slow(15);
    const { code, stdout } = await collect(handle);
    server.slow(0);
    const hash = createHash('sha256')
      .update(readFileSync(join(here, 'slow.bin')))
      .digest('hex');
    expect({ code, hash: stdout.slice(0, 64) }).toEqual({ code: 0, hash });
  }, 90_000);

  test('that the cluster forbids is refused by name', async () => {
    const { submit } = on();
    server.failNext(1, 403);
    await expect(submit(['true'], { env })).rejects.toMatchObject({ code: 'kubectl_forbidden' });
  }, 60_000);

  test('with a kind that the cluster does not have says so', async () => {
    await expect(on({ kind: 'LeaderWorkerSet', nodes: 2 }).submit(['true'], { env })).rejects.toMatchObject({
      code: 'kind_not_installed',
    });
  }, 60_000);

  test('after an experiment nothing of it is left, and everything else is as it was', async () => {
    server.seed('v1', 'Pod', 'standing-engine', { app: 'vllm' });
    server.seed('batch/v1', 'Job', 'somebody-else', { experiment: 'another' });
    const running = await on().submit(['sleep', '60'], { env });
    const before = await api().everything();
    const report = await tearDown(api(), { experiment: EXPERIMENT, group: 'cell-a-run', before }, { pollMs: 100 });
    expect(report).toMatchObject({ left: [], gone_meanwhile: [] });
    expect(report.removed).toContain(`Job/${running.name}`);
    expect(server.objects()).toEqual(['Job/somebody-else', 'Pod/standing-engine']);
  }, 60_000);
});
