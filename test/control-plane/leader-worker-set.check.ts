// A cell over two nodes as a LeaderWorkerSet, by its real controller on a real control plane: made, run, its results fetched, taken away.
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
import { LEADER_WORKER_SET, lacking, startController } from './controllers.ts';
import { startNode, type NodeAgent } from './node-agent.ts';

const ID = 'exp-20261129T010203Z';
const ACK = '--i-understand-this-submits-jobs';
const NAMESPACE = 'perf';

const binary = process.env['CONTROL_PLANE'] ?? '';
const missing = lacking(binary, LEADER_WORKER_SET);
if (missing !== null) console.warn(`skipped: LeaderWorkerSet: ${missing}`);

describe.skipIf(missing !== null)('a cell as a LeaderWorkerSet', () => {
  let plane: ControlPlane;
  let sets: { readonly stop: () => void };
  const nodes: NodeAgent[] = [];
  let engine: StandIn;
  let root: string;
  let env: Record<string, string>;

  const run = (...args: string[]): Promise<Finished> => runCli(args, { root, program: resolve('dist/perftunereport.mjs'), env });
  const cellRun = (cell: string, ...args: string[]): Promise<Finished> => run('cell_run', '--campaign', ID, '--cell', cell, ...args);
  const listed = async (path: string): Promise<{ metadata: { name: string }; spec: { nodeName?: string } }[]> =>
    ((await plane.ask('GET', path)) as { items: { metadata: { name: string }; spec: { nodeName?: string } }[] }).items;
  const pods = () => listed(`/api/v1/namespaces/${NAMESPACE}/pods`);
  const left = async (): Promise<string[]> => {
    const kinds = [`/apis/leaderworkerset.x-k8s.io/v1/namespaces/${NAMESPACE}/leaderworkersets`, `/apis/apps/v1/namespaces/${NAMESPACE}/statefulsets`, `/apis/apps/v1/namespaces/${NAMESPACE}/controllerrevisions`, `/api/v1/namespaces/${NAMESPACE}/services`, `/api/v1/namespaces/${NAMESPACE}/pods`];
    const found = await Promise.all(kinds.map(listed));
    return [...found.flat().map(({ metadata }) => metadata.name), ...nodes.flatMap((node) => node.running())];
  };
  /** What belongs to an object follows it within moments. */
  const settled = async (): Promise<string[]> => {
    for (let turn = 0; turn < 50 && (await left()).length > 0; turn += 1) await sleep(200);
    return left();
  };

  beforeAll(async () => {
    const path = benchOnPath();
    process.env['PATH'] = path;
    plane = await startControlPlane(binary);
    sets = await startController(plane, binary, LEADER_WORKER_SET);
    for (const name of ['node-1', 'node-2'])
      nodes.push(await startNode(plane.ask, { name, gpus: 8, labels: {}, folder: join(plane.folder, name), keys: plane.keys }));
    await plane.ask('POST', '/api/v1/namespaces', { metadata: { name: NAMESPACE } });
    engine = await startStandIn({ chunks: 4, models: ['org/model'] });
    env = { KUBECONFIG: plane.kubeconfig, PATH: path, HOME: plane.folder };
    root = mkdtempSync(join(tmpdir(), 'leader-worker-set-'));
    mkdirSync(join(root, '.git'));
    const bench = { endpoint_url: engine.baseUrl, requests: 20, warm_up_s: 0 };
    const shape = { ...CELL, concurrencies: [1, 2], isl: 16, osl: 4, bench, run_on: { kubernetes: { kind: 'LeaderWorkerSet', namespace: NAMESPACE, image: 'bench:1', nodes: 2, gpus_per_node: 8 } } };
    const cells = [{ ...shape, cell_id: 'two-nodes' }, { ...shape, cell_id: 'stopped', bench: { ...bench, requests: 200_000 } }];
    writeTree(root, { 'run.yaml': { experiment_id: ID, cells } });
    expect(await run('campaign_init', 'run.yaml')).toMatchObject({ code: 0 });
  });
  afterAll(async () => {
    for (const node of nodes) await node.stop();
    await engine.close();
    sets.stop();
    await plane.stop();
  });

  test('the kind is seen before anything is sent', async () => {
    const { stdout } = await cellRun('two-nodes', '--dry-run');
    expect(stdout).toMatch(/preflight ok +kind LeaderWorkerSet: leaderworkerset.x-k8s.io\/v1/);
    expect(stdout).toMatch(/preflight ok +2 x 8 nvidia.com\/gpu: 2 of 2 such nodes are free/);
  });

  test('each load runs on both nodes, the leader brings the results, nothing is left', async () => {
    const used = new Set<string>();
    const over = new AbortController();
    const ran = cellRun('two-nodes', ACK, '--wait-s', '250').finally(() => over.abort());
    while (!over.signal.aborted) {
      for (const { metadata, spec } of await pods()) used.add(`${metadata.name.replace(/^.*-(?=0)/, '')} on ${spec.nodeName ?? 'no node'}`);
      await sleep(200);
    }
    expect(await ran).toMatchObject({ code: 0, stdout: expect.stringContaining('cell two-nodes: full, 2 rows after 2 commands') });
    const folder = join(root, 'campaigns', ID, 'cells', 'two-nodes', 'commands');
    expect(readFileSync(join(folder, '01-bench-c1.exit'), 'utf8')).toBe('0\n');
    expect(readFileSync(join(folder, '01-bench-c1.stdout'), 'utf8')).toMatch(/^== \S+-0-1$/m);
    expect(new Set([...used].map((each) => each.replace(/^.* on /, '')))).toEqual(expect.objectContaining(new Set(['node-1', 'node-2'])));
    expect(await settled()).toEqual([]);
  });

  test('a cancel takes the group away', async () => {
    const { job_id: id } = JSON.parse((await cellRun('stopped', ACK, '--wait-s', '0', '--json')).stdout) as { job_id: string };
    for (let turn = 0; turn < 150 && (await pods()).length < 2; turn += 1) await sleep(200);
    expect(await pods()).toHaveLength(2);
    expect(await runCli(['job_cancel', id], { root, env })).toMatchObject({ code: 0 });
    expect(await settled()).toEqual([]);
  });
}); // prettier-ignore
