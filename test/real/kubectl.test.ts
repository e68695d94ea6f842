import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { copyFromArgv, kubectlFault, podRunner, type KubeTarget } from '../../src/drivers/kubectl.ts';
import { findTool } from '../../src/exec/find-tool.ts';
import { localRunner, type Runner } from '../../src/exec/run-process.ts';
import { Fault } from '../../src/text/fault.ts';
import { startFakeCluster, type FakeCluster } from './fake-kube-apiserver.ts';

const present = findTool('kubectl', process.env) !== null;
if (!present) console.log('skipped: kubectl is not installed');

const folder = (): string => mkdtempSync(join(tmpdir(), 'pod-'));

describe.skipIf(!present)('the real kubectl', () => {
  let cluster: FakeCluster;
  let local: Runner;
  let pod: KubeTarget;

  beforeAll(async () => {
    cluster = await startFakeCluster([
      { name: 'engine-0', containers: ['engine', 'sidecar'] },
      { name: 'engine-1', phase: 'Pending' },
    ]);
    local = localRunner({ env: { PATH: process.env['PATH'], HOME: cluster.home }, timeoutMs: 30_000 });
    pod = { pod: 'engine-0', namespace: 'default', container: 'engine', kubeconfig: cluster.kubeconfig };
  });
  afterAll(() => cluster.close());

  const faultFrom = async (work: Promise<unknown>): Promise<Fault> => {
    const outcome = await work.then(
      () => undefined,
      (error: unknown) => error,
    );
    if (outcome instanceof Fault) return outcome;
    throw new Error(`expected a Fault, got ${String(outcome)}`);
  };

  test('runs programs in the pod with their arguments, streams, input and exit code', async () => {
    const run = podRunner(local, pod);
    expect(await run(['printf', '%s|', 'a b', '$HOME', '"'])).toMatchObject({ code: 0, stdout: 'a b|$HOME|"|' });
    expect(await run(['sh', '-c', 'cat; echo err >&2; exit 7'], { stdin: 'fed' })).toMatchObject({
      code: 7,
      stdout: 'fed',
    });
    expect((await run(['sh', '-c', 'echo err >&2'])).stderr).toContain('err');
  });

  test('copies a file out of the pod', async () => {
    const [there, here] = [join(folder(), 'report.bin'), join(folder(), 'report.bin')];
    const bytes = Buffer.alloc(300_000, 'nsys');
    writeFileSync(there, bytes);
    expect((await local(copyFromArgv(pod, there, here))).code).toBe(0);
    expect(readFileSync(here).equals(bytes)).toBe(true);
    expect(existsSync(there)).toBe(true);
  });

  test.each([
    ['a pod that is not there', { pod: 'engine-9' }, ['true'], 'pod_not_found'],
    ['a program that the pod does not have', {}, ['nsys-not-here'], 'tool_missing'],
    ['a context that is unknown', { context: 'nowhere' }, ['true'], 'kubectl_context_unknown'],
    ['a container that is not in the pod', { container: 'other' }, ['true'], 'container_not_found'],
  ])('says %s', async (_name, change, argv, code) => {
    expect(await faultFrom(podRunner(local, { ...pod, ...change })(argv))).toMatchObject({ kind: 'input', code });
  });

  test('says a cluster that cannot be reached', async () => {
    const config = readFileSync(cluster.kubeconfig, 'utf8').replace(/127\.0\.0\.1:\d+/, '127.0.0.1:9');
    const kubeconfig = join(folder(), 'config');
    writeFileSync(kubeconfig, config);
    const target = { ...pod, kubeconfig };
    expect(await faultFrom(podRunner(local, target)(['true']))).toMatchObject({ code: 'cluster_unreachable' });
  });
});

test('a program in the pod that fails by itself is no fault of kubectl', () => {
  const result = { code: 1, signal: null, stdout: '', stderr: 'assertion failed\ncommand terminated with exit code 1' };
  const run = { ...result, timedOut: false, cancelled: false, truncated: false, durationMs: 1 };
  expect(kubectlFault({ pod: 'p' }, ['prog'], run)).toBeNull();
});
