// A cell of a campaign is measured on a real Kubernetes control plane: kube-apiserver validates and stores, the Job controller makes pods,
// the scheduler places them by their GPUs, and a node agent of ours runs their words. CONTROL_PLANE names the program that build.sh made.
import { existsSync, mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CELL, writeTree } from '../campaign/bundles.ts';
import { runCli, type Finished } from '../e2e/run-cli.ts';
import { startStandIn, type StandIn } from '../load/stand-in-server.ts';
import { benchOnPath } from './bench-on-path.ts';
import { startControlPlane, type ControlPlane } from './control-plane.ts';
import { startNode, type NodeAgent } from './node-agent.ts';

const ID = 'exp-20261129T010203Z';
const ACK = '--i-understand-this-submits-jobs';
const NAMESPACE = 'perf';

let plane: ControlPlane;
let nodes: NodeAgent[];
let engine: StandIn;
let root: string;
let path: string;

const run = (kubeconfig: string, ...args: string[]): Promise<Finished> =>
  runCli(args, { root, program: resolve('dist/perftunereport.mjs'), env: { KUBECONFIG: kubeconfig, PATH: path, HOME: plane.folder } }); // prettier-ignore
const cellRun = (cell: string, ...args: string[]): Promise<Finished> =>
  run(plane.kubeconfig, 'cell_run', '--campaign', ID, '--cell', cell, ...args);
const cellFile = (cell: string, ...names: string[]): string => join(root, 'campaigns', ID, 'cells', cell, ...names);

interface Listed {
  readonly metadata: { readonly name: string };
  readonly message?: string;
}

const namesIn = async (resource: string): Promise<string[]> => {
  const { items } = (await plane.ask('GET', resource)) as { items: Listed[] };
  return items.map(({ metadata }) => metadata.name).sort();
};
const jobs = (): Promise<string[]> => namesIn(`/apis/batch/v1/namespaces/${NAMESPACE}/jobs`);
const pods = (): Promise<string[]> => namesIn(`/api/v1/namespaces/${NAMESPACE}/pods`);

const expectNothingLeft = async (): Promise<void> => {
  expect({ jobs: await jobs(), pods: await pods(), running: nodes.flatMap((node) => node.running()) }).toEqual({
    jobs: ['somebody-else'],
    pods: [],
    running: [],
  });
};

beforeAll(async () => {
  const binary = process.env['CONTROL_PLANE'] ?? '';
  if (!existsSync(binary)) throw new Error('CONTROL_PLANE must name the program that test/control-plane/build.sh made');
  path = benchOnPath();
  process.env['PATH'] = path;
  plane = await startControlPlane(binary);
  nodes = [];
  for (const [name, gpus] of [['node-1', 8], ['node-2', 4]] as const)
    nodes.push(await startNode(plane.ask, { name, gpus, labels: { 'nvidia.com/gpu.product': `GPU-of-${name}` }, folder: join(plane.folder, name), keys: plane.keys })); // prettier-ignore
  await plane.ask('POST', '/api/v1/namespaces', { metadata: { name: NAMESPACE } });
  await plane.ask('POST', `/apis/batch/v1/namespaces/${NAMESPACE}/jobs`, {
    metadata: { name: 'somebody-else', labels: { experiment: 'another' } },
    spec: { suspend: true, template: { spec: { restartPolicy: 'Never', containers: [{ name: 'a', image: 'b' }] } } },
  });
  engine = await startStandIn({ chunks: 4, models: ['org/model'] });
  root = mkdtempSync(join(tmpdir(), 'cell-on-control-plane-'));
  mkdirSync(join(root, '.git'));
  const shape = { ...CELL, concurrencies: [1, 2], isl: 16, osl: 4 };
  const bench = { endpoint_url: engine.baseUrl, requests: 20, warm_up_s: 0 };
  const on = (more: object) => ({ kubernetes: { namespace: NAMESPACE, image: 'bench:1', gpus_per_node: 8, ...more } });
  writeTree(root, {
    'run.yaml': {
      experiment_id: ID,
      cells: [
        { ...shape, cell_id: 'jobs', bench, run_on: on({}) },
        { ...shape, cell_id: 'chosen', bench, run_on: on({ gpus_per_node: 4, node_selector: { 'nvidia.com/gpu.product': 'GPU-of-node-2' } }) },
        { ...shape, cell_id: 'interrupted', bench: { ...bench, requests: 200 }, run_on: on({}) },
        { ...shape, cell_id: 'restarted', bench, run_on: on({}) },
        { ...shape, cell_id: 'refused', bench, run_on: on({}) },
      ],
    },
  }); // prettier-ignore
  expect(await run(plane.kubeconfig, 'campaign_init', 'run.yaml')).toMatchObject({ code: 0 });
});
afterAll(async () => {
  for (const node of nodes) await node.stop();
  await engine.close();
  await plane.stop();
});

test.each(['jobs', 'chosen'])('%s: each load runs as a Job and leaves nothing', async (cell) => {
  const ran = await cellRun(cell, ACK, '--wait-s', '200');
  expect(ran).toMatchObject({ code: 0, stdout: expect.stringContaining(`cell ${cell}: full, 2 rows after 2 commands`) });
  expect(readFileSync(cellFile(cell, 'commands', '01-bench-c1.exit'), 'utf8')).toBe('0\n');
  await expectNothingLeft();
}); // prettier-ignore

test('its node selector decides where it runs', async () => {
  const { items } = (await plane.ask('GET', `/api/v1/namespaces/${NAMESPACE}/events`)) as { items: Listed[] };
  const assigned = items.flatMap(
    ({ message = '' }) => /assigned perf\/\S*-chosen-\S* to (\S+)/.exec(message)?.[1] ?? [],
  );
  // Its two loads, and the Job that asks from inside of the cluster whether they can be measured.
  expect(assigned).toEqual(['node-2', 'node-2', 'node-2']);
});

test('a cancelled job ends its pods and takes its Jobs away', async () => {
  const ran = await cellRun('interrupted', ACK, '--wait-s', '0', '--json');
  const { job_id: id } = JSON.parse(ran.stdout) as { job_id: string };
  for (let turn = 0; turn < 100 && (await pods()).length === 0; turn += 1) await sleep(200);
  expect(await pods()).toHaveLength(1);
  expect(await runCli(['job_cancel', id], { root, env: { KUBECONFIG: plane.kubeconfig, PATH: path, HOME: plane.folder } })).toMatchObject({ code: 0 }); // prettier-ignore
  for (let turn = 0; turn < 150 && (await pods()).length > 0; turn += 1) await sleep(200);
  await expectNothingLeft();
});

test('an API server that dies and comes back costs nothing', async () => {
  const running = cellRun('restarted', ACK, '--wait-s', '250');
  for (let turn = 0; turn < 100 && (await pods()).length === 0; turn += 1) await sleep(100);
  await plane.killServer();
  await sleep(3000);
  await plane.startServer();
  expect(await running).toMatchObject({ code: 0, stdout: expect.stringContaining('full, 2 rows') });
  await expectNothingLeft();
});

test('a user without rights is refused before anything is there', async () => {
  const ran = await run(plane.stranger, 'cell_run', '--campaign', ID, '--cell', 'refused', ACK, '--wait-s', '100');
  expect(ran.code).not.toBe(0);
  expect(`${ran.stdout}${ran.stderr}`).toMatch(/preflight_failed: .*this user may not create jobs/);
  await expectNothingLeft();
});
