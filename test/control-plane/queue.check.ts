// A cell over two nodes as a JobSet by its real controller, and Jobs and JobSets in a queue of the real Kueue, which begins them where its
// quota allows and holds them back where it does not.
import { mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CELL, writeTree } from '../campaign/bundles.ts';
import { runCli, type Finished } from '../e2e/run-cli.ts';
import { startStandIn, type StandIn } from '../load/stand-in-server.ts';
import { benchOnPath } from './bench-on-path.ts';
import { startControlPlane, type ControlPlane } from './control-plane.ts';
import { JOB_SET, KUEUE, lacking, startController } from './controllers.ts';
import { startNode, type NodeAgent } from './node-agent.ts';

const ID = 'exp-20261129T010203Z';
const ACK = '--i-understand-this-submits-jobs';
const NAMESPACE = 'perf';

const binary = process.env['CONTROL_PLANE'] ?? '';
const missing = lacking(binary, JOB_SET, KUEUE);
if (missing !== null) console.warn(`skipped: JobSet and Kueue: ${missing}`);

const KUEUE_API = '/apis/kueue.x-k8s.io/v1beta2';
const RESOURCES = ['cpu', 'memory', 'nvidia.com/gpu'];

/** A queue of the namespace that has so many GPUs. */
const queueOf = (name: string, gpus: number): readonly [string, object][] => [
  [`${KUEUE_API}/clusterqueues`, {
    apiVersion: 'kueue.x-k8s.io/v1beta2', kind: 'ClusterQueue', metadata: { name },
    spec: { namespaceSelector: {}, resourceGroups: [{ coveredResources: RESOURCES, flavors: [{ name: 'any', resources: RESOURCES.map((resource) => ({ name: resource, nominalQuota: resource === 'nvidia.com/gpu' ? String(gpus) : resource === 'cpu' ? '100' : '1Ti' })) }] }] },
  }],
  [`${KUEUE_API}/namespaces/${NAMESPACE}/localqueues`, { apiVersion: 'kueue.x-k8s.io/v1beta2', kind: 'LocalQueue', metadata: { name, namespace: NAMESPACE }, spec: { clusterQueue: name } }],
]; // prettier-ignore

interface Listed {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly suspend?: boolean; readonly nodeName?: string };
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message: string }[] };
} // prettier-ignore

describe.skipIf(missing !== null)('cells by the real JobSet and the real Kueue', () => {
  let plane: ControlPlane;
  const controllers: { readonly stop: () => void; readonly log: () => string }[] = [];
  const nodes: NodeAgent[] = [];
  let engine: StandIn | undefined;
  let root: string;
  let env: Record<string, string>;

  const run = (...args: string[]): Promise<Finished> => runCli(args, { root, program: resolve('dist/perftunereport.mjs'), env });
  const cellRun = (cell: string, ...args: string[]): Promise<Finished> => run('cell_run', '--campaign', ID, '--cell', cell, ...args);
  const listed = async (path: string): Promise<Listed[]> => ((await plane.ask('GET', path)) as { items: Listed[] }).items;
  const jobs = () => listed(`/apis/batch/v1/namespaces/${NAMESPACE}/jobs`);
  const pods = () => listed(`/api/v1/namespaces/${NAMESPACE}/pods`);
  const workloads = () => listed(`${KUEUE_API}/namespaces/${NAMESPACE}/workloads`);
  const left = async (): Promise<string[]> => {
    const kinds = [`/apis/jobset.x-k8s.io/v1alpha2/namespaces/${NAMESPACE}/jobsets`, `/apis/batch/v1/namespaces/${NAMESPACE}/jobs`, `${KUEUE_API}/namespaces/${NAMESPACE}/workloads`, `/api/v1/namespaces/${NAMESPACE}/services`, `/api/v1/namespaces/${NAMESPACE}/pods`];
    const found = await Promise.all(kinds.map(listed));
    return [...found.flat().map(({ metadata }) => metadata.name), ...nodes.flatMap((node) => node.running())];
  };
  /** What belongs to an object follows it within moments. */
  const settled = async (): Promise<string[]> => {
    for (let turn = 0; turn < 100 && (await left()).length > 0; turn += 1) await sleep(200);
    return left();
  };
  const eventually = async (holds: () => Promise<boolean>): Promise<boolean> => {
    for (let turn = 0; turn < 200; turn += 1) {
      if (await holds()) return true;
      await sleep(200);
    }
    return false;
  };
  const conditionsOf = async (): Promise<string[]> =>
    (await workloads()).flatMap(({ status }) => (status?.conditions ?? []).map(({ type, status: state, message }) => `${type} ${state}: ${message}`));

  beforeAll(async () => {
    const path = benchOnPath();
    process.env['PATH'] = path;
    plane = await startControlPlane(binary);
    for (const controller of [JOB_SET, KUEUE]) controllers.push(await startController(plane, binary, controller));
    for (const name of ['node-1', 'node-2'])
      nodes.push(await startNode(plane.ask, { name, gpus: 8, labels: {}, folder: join(plane.folder, name), keys: plane.keys }));
    await plane.ask('POST', '/api/v1/namespaces', { metadata: { name: NAMESPACE } });
    await plane.ask('POST', `${KUEUE_API}/resourceflavors`, { apiVersion: 'kueue.x-k8s.io/v1beta2', kind: 'ResourceFlavor', metadata: { name: 'any' } });
    for (const [path_, object] of [...queueOf('enough', 16), ...queueOf('small', 4)]) await plane.ask('POST', path_, object);
    engine = await startStandIn({ chunks: 4, models: ['org/model'] });
    env = { KUBECONFIG: plane.kubeconfig, PATH: path, HOME: plane.folder };
    root = mkdtempSync(join(tmpdir(), 'queue-'));
    mkdirSync(join(root, '.git'));
    const bench = { endpoint_url: engine.baseUrl, requests: 20, warm_up_s: 0 };
    const on = (more: object) => ({ kubernetes: { namespace: NAMESPACE, image: 'bench:1', gpus_per_node: 8, ...more } });
    const shape = { ...CELL, concurrencies: [1], isl: 16, osl: 4, bench };
    const cells = [
      { ...shape, cell_id: 'two-nodes', run_on: on({ kind: 'JobSet', nodes: 2 }) },
      { ...shape, cell_id: 'two-nodes-queued', run_on: on({ kind: 'JobSet', nodes: 2, queue: 'enough' }) },
      { ...shape, cell_id: 'queued', run_on: on({ queue: 'enough' }) },
      { ...shape, cell_id: 'held', run_on: on({ queue: 'small' }) },
    ];
    writeTree(root, { 'run.yaml': { experiment_id: ID, cells } });
    expect(await run('campaign_init', 'run.yaml')).toMatchObject({ code: 0 });
  });
  afterAll(async () => {
    for (const node of nodes) await node.stop();
    await engine?.close();
    if (process.env['KEEP_CONTROL_PLANE'] !== undefined) for (const { log } of controllers) process.stderr.write(log().slice(-3000));
    for (const { stop } of controllers) stop();
    await plane.stop();
  });

  test('kinds and queues are seen before anything is sent', async () => {
    const { stdout } = await cellRun('two-nodes-queued', '--dry-run');
    expect(stdout).toMatch(/preflight ok +kind JobSet: jobset.x-k8s.io\/v1alpha2/);
    expect(stdout).toMatch(/preflight ok +queue enough/);
  });

  test.each(['two-nodes', 'two-nodes-queued'])('%s: runs on both nodes by the controller of JobSet, and leaves nothing', async (cell) => {
    const used = new Set<string>();
    const over = new AbortController();
    const ran = cellRun(cell, ACK, '--wait-s', '250').finally(() => over.abort());
    while (!over.signal.aborted) {
      for (const { spec } of await pods()) used.add(spec.nodeName ?? 'none');
      await sleep(200);
    }
    expect(await ran).toMatchObject({ code: 0, stdout: expect.stringContaining(`cell ${cell}: full, 1 row after 1 command`) });
    const folder = join(root, 'campaigns', ID, 'cells', cell, 'commands');
    expect(readFileSync(join(folder, '01-bench-c1.exit'), 'utf8')).toBe('0\n');
    expect([used.has('node-1'), used.has('node-2')]).toEqual([true, true]);
    expect(await settled()).toEqual([]);
  }); // prettier-ignore

  test('a Job with the label of a queue is begun by Kueue, which the cell waits for', async () => {
    const seen = new Set<string>();
    const over = new AbortController();
    const ran = cellRun('queued', ACK, '--wait-s', '250').finally(() => over.abort());
    while (!over.signal.aborted) {
      for (const says of await conditionsOf()) seen.add(says.replace(/:.*/, ''));
      await sleep(100);
    }
    expect(await ran).toMatchObject({ code: 0, stdout: expect.stringContaining('cell queued: full, 1 row') });
    expect([...seen]).toEqual(expect.arrayContaining(['QuotaReserved True', 'Admitted True']));
    expect(await settled()).toEqual([]);
  });

  test('where the quota is lacking the Job stays suspended, no pod is made, and a cancel takes it away', async () => {
    const { job_id: id } = JSON.parse((await cellRun('held', ACK, '--wait-s', '0', '--json')).stdout) as { job_id: string };
    expect(await eventually(async () => (await conditionsOf()).some((says) => /QuotaReserved False: .*insufficient quota for nvidia.com\/gpu/.test(says)))).toBe(true);
    await sleep(3000);
    expect((await jobs()).map(({ spec }) => spec.suspend)).toEqual([true]);
    expect(await pods()).toEqual([]);
    expect(await runCli(['job_cancel', id], { root, env })).toMatchObject({ code: 0 });
    expect(await settled()).toEqual([]);
  });
}); // prettier-ignore
