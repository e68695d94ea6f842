// Commands in a pod that stands already, through the real kubectl, while connections are cut and servers refuse. Whatever the end, no
// process and no file of ours is left.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { POD_FOLDER, type PodRun } from '../../src/cluster/pod-scripts.ts';
import { cancelTask, observeTask } from '../../src/jobs/executors.ts';
import { podExecutor } from '../../src/jobs/pod-executor.ts';
import { startKubeServer, type KubeServer } from './kube-server.ts';

const hasKubectl = spawnSync('kubectl', ['version', '--client'], { stdio: 'ignore' }).status === 0;
if (!hasKubectl) console.warn('skipped: commands in a pod: kubectl is not installed');

let server: KubeServer;
let runs = 0;
const env = { PATH: process.env['PATH'] };

const placed = (pod = 'bench-0') => {
  const id = `pod-test-${process.pid}-${(runs += 1)}`;
  const base = `${POD_FOLDER}/${id}`;
  const run: PodRun = { base, run: `${base}/run-c1`, raw: `${base}/raw`, id };
  const here = mkdtempSync(join(tmpdir(), 'pod-here-'));
  const place = { pod, container: null, namespace: 'default', context: null, kubeconfig: server.kubeconfig };
  return { run, here, executor: podExecutor(place, { run, files: [], here }) };
};

/** Processes of a run, known by their environment, and its folder. */
const leftOf = ({ id, base }: PodRun): string[] => {
  const found = spawnSync('sh', ['-c', `grep -l "PROFILE_AND_OPTIMIZE_RUN=${id}$" /proc/[0-9]*/environ -z 2>/dev/null`], { encoding: 'utf8' });
  return [...found.stdout.split('\n').filter((line) => line !== ''), ...(existsSync(base) ? [base] : [])];
}; // prettier-ignore

describe.skipIf(!hasKubectl)('a command in a pod that stands', () => {
  beforeAll(async () => {
    server = await startKubeServer();
    server.seedPod('bench-0', [{ name: 'main' }]);
  });
  afterAll(() => server.close());

  test('hands over output line by line, exit code and files, and leaves nothing', async () => {
    const { run, here, executor } = placed();
    const lines: string[] = [];
    const write = 'echo "$1"; echo err >&2; head -c 9000000 /dev/urandom >"a b.bin"; sha256sum <"a b.bin"; exit 3';
    const handle = await executor.submit(['sh', '-c', write, 'sh', "it's  $HOME"], {
      env,
      onLine: (line, stream) => lines.push(`${stream}: ${line}`),
    });
    const result = await executor.collect(handle);
    expect(result).toMatchObject({ code: 3, stderr: 'err\n', cancelled: false });
    expect(lines).toContain("stdout: it's  $HOME");
    const hash = createHash('sha256').update(readFileSync(join(here, 'a b.bin'))).digest('hex'); // prettier-ignore
    expect(result.stdout).toContain(hash);
    expect(leftOf(run)).toEqual([]);
  }, 60_000);

  test.each([
    ['the stream that starts it is cut', () => server.cutNext(0)],
    ['the API server drops five connections', () => server.failNext(5, 0)],
    ['the API server fails for a while', () => server.failNext(5, 500)],
  ])(
    'is found again when %s, and is run once',
    async (_, fault) => {
      const { run, here, executor } = placed();
      fault();
      const handle = await executor.submit(['sh', '-c', 'echo run >>runs; sleep 1; echo done'], { env });
      expect(await executor.collect(handle)).toMatchObject({ code: 0, stdout: 'done\n' });
      expect(readFileSync(join(here, 'runs'), 'utf8')).toBe('run\n');
      expect(leftOf(run)).toEqual([]);
    },
    60_000,
  );

  test('results that arrive half are asked for again until they are whole', async () => {
    const { run, here, executor } = placed();
    const handle = await executor.submit(['sh', '-c', 'seq 1 400000 >big'], { env });
    await sleep(1500);
    server.cutNext(Infinity, Infinity, 100_000, 1000);
    expect(await executor.collect(handle)).toMatchObject({ code: 0 });
    expect(readFileSync(join(here, 'big'), 'utf8').trimEnd().split('\n')).toHaveLength(400_000);
    expect(leftOf(run)).toEqual([]);
  }, 60_000);

  test('a cancel ends all that it started, sessions of their own too, and what it wrote is here', async () => {
    const { run, here, executor } = placed();
    const stop = new AbortController();
    const words = 'echo half >half; setsid sleep 300 & (trap "" TERM; sleep 300) & sleep 300';
    const handle = await executor.submit(['sh', '-c', words], { env, signal: stop.signal });
    const result = executor.collect(handle);
    await sleep(1000);
    expect(leftOf(run).length).toBeGreaterThan(3);
    stop.abort();
    expect(await result).toMatchObject({ code: null, cancelled: true });
    expect(leftOf(run)).toEqual([]);
    expect(readFileSync(join(here, 'half'), 'utf8')).toBe('half\n');
  }, 60_000);

  test('is seen and ended by whoever has its handle', async () => {
    const { run, executor } = placed();
    const handle = await executor.submit(['sleep', '300'], { env });
    expect(await observeTask(handle)).toBe('running');
    await cancelTask(handle, 0);
    expect(await observeTask(handle)).toBe('ended');
    expect(leftOf(run)).toEqual([]);
  }, 60_000);

  test('whose processes were killed there says so', async () => {
    const { run, executor } = placed();
    const handle = await executor.submit(['sleep', '300'], { env });
    const result = executor.collect(handle);
    await sleep(500);
    for (const path of leftOf(run).filter((each) => each.startsWith('/proc')))
      spawnSync('kill', ['-KILL', path.split('/')[2] ?? '']);
    expect(await result).toMatchObject({ code: null, stderr: expect.stringMatching(/^kubernetes: RunGone: /) });
    expect(leftOf(run)).toEqual([]);
  }, 60_000);

  test.each([
    ['a pod that is not there', 'bench-9', () => undefined, 'pod_not_found'],
    ['a user without the right', 'bench-0', () => server.failNext(1, 403), 'kubectl_forbidden'],
  ])(
    '%s is refused by name',
    async (_, pod, fault, code) => {
      const { executor } = placed(pod);
      fault();
      await expect(executor.submit(['true'], { env })).rejects.toMatchObject({ code });
    },
    60_000,
  );
});
