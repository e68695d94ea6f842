// Cells of a campaign that are deployed by the real Helm on a real control plane: every value of the config reaches the chart, the server is
// waited for until it serves the model of the cell, and afterwards the release is what it was. HELM names the program, else PATH.
import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CELL, writeTree } from '../campaign/bundles.ts';
import { runCli, type Finished } from '../e2e/run-cli.ts';
import { standInTool } from '../e2e/stand-in-tool.ts';
import { freePort, startControlPlane, type ControlPlane } from './control-plane.ts';
import { startNode, type NodeAgent } from './node-agent.ts';

const ID = 'exp-20261129T010203Z';
const NAMESPACE = 'perf';

const binary = process.env['CONTROL_PLANE'] ?? '';
const helm = process.env['HELM'] ?? 'helm';
const missing =
  existsSync(binary) && spawnSync(helm, ['version'], { stdio: 'ignore' }).status === 0
    ? null
    : 'there is no helm; go install helm.sh/helm/v3/cmd/helm@v3.19.5 makes it';
if (missing !== null) console.warn(`skipped: Helm: ${missing}`); // prettier-ignore

/** A server that lists one model, and nothing else. */
const SERVER =
  "require('http').createServer((q, r) => r.end(JSON.stringify({ data: [{ id: process.env.MODEL }] }))).listen(Number(process.env.PORT), '127.0.0.1')";

const CHART = {
  'chart/Chart.yaml': 'apiVersion: v2\nname: serve\nversion: 0.1.0\n',
  'chart/values.yaml': 'model: none\nport: 0\nmarker: chart\nfromFile: chart\nengine: { flags: [] }\n',
  'chart/templates/server.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: { name: {{ .Release.Name }} }
spec:
  replicas: 1
  strategy: { type: Recreate }
  selector: { matchLabels: { app: serve } }
  template:
    metadata: { labels: { app: serve } }
    spec:
      terminationGracePeriodSeconds: 1
      containers:
        - name: server
          image: node:1
          command: [node, -e, ${JSON.stringify(SERVER)}]
          env:
            - { name: MODEL, value: {{ .Values.model | quote }} }
            - { name: PORT, value: {{ .Values.port | quote }} }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: {{ .Release.Name }}-values }
data: { values: {{ .Values | toJson | quote }} }
`,
};

describe.skipIf(missing !== null)('cells deployed by Helm', () => {
  let plane: ControlPlane;
  let node: NodeAgent;
  let root: string;
  let env: Record<string, string>;
  let port: number;

  const run = (...args: string[]): Promise<Finished> => runCli(args, { root, program: resolve('dist/perftunereport.mjs'), env });
  /** The node runs in this process: nothing may wait for Helm without letting it go on. */
  const release = async (...args: string[]): Promise<string> =>
    (await promisify(execFile)(helm, [...args, '--namespace', NAMESPACE], { cwd: root, env, encoding: 'utf8' })).stdout;
  const values = async (...args: string[]): Promise<unknown> => JSON.parse(await release('get', 'values', 'serve', '--output', 'json', ...args));
  const served = async (): Promise<unknown> => (await fetch(`http://127.0.0.1:${port}/v1/models`)).json();

  beforeAll(async () => {
    plane = await startControlPlane(binary);
    node = await startNode(plane.ask, { name: 'node-1', gpus: 8, labels: {}, folder: join(plane.folder, 'node-1'), keys: plane.keys });
    await plane.ask('POST', '/api/v1/namespaces', { metadata: { name: NAMESPACE } });
    port = await freePort();
    root = mkdtempSync(join(tmpdir(), 'helm-'));
    mkdirSync(join(root, '.git'));
    const tool = standInTool(root, 0.05);
    const path = [tool.path, ...(helm.includes('/') ? [dirname(helm)] : []), process.env['PATH'] ?? ''].join(delimiter);
    env = { KUBECONFIG: plane.kubeconfig, PATH: path, HOME: plane.folder };
    const cell = (cell_id: string, helm_overrides: object) => ({
      ...CELL, cell_id, concurrencies: [1], isl: 16, osl: 4, helm_overrides,
      sglang: { endpoint_url: `http://127.0.0.1:${port}`, served_model: `model-${cell_id}` },
    });
    writeTree(root, {
      ...CHART,
      'base.yaml': `port: ${port}\nmodel: base\n`,
      'more.yaml': 'fromFile: of a file\n',
      'run.yaml': {
        experiment_id: ID,
        campaign: { target_release: 'serve', chart_dir: 'chart', target_namespace: NAMESPACE, base_values: 'base.yaml', helm_timeout_s: 60, ready_timeout_s: 60 },
        cells: [
          cell('a', { path: 'more.yaml', set: { marker: 'of a set' }, model: 'model-a', engine: { flags: ['--x', 'a, b'] } }),
          cell('b', { model: 'model-b' }),
        ],
      },
    });
    await release('install', 'serve', 'chart', '--values', 'base.yaml', '--set', 'marker=before', '--wait', '--timeout', '60s');
    expect(await run('campaign_init', 'run.yaml')).toMatchObject({ code: 0 });
  });
  afterAll(async () => {
    await node.stop();
    await plane.stop();
  });

  test('the plan has the words of Helm and what puts the release back, and starts nothing', async () => {
    const { stdout } = await run('campaign_run', ID, '--dry-run');
    expect(stdout).toMatch(/helm upgrade --install serve chart --namespace perf --values base.yaml --values more.yaml --values \S+values-a.json --set 'marker=of a set' --wait/);
    expect(stdout).toContain('release serve goes back to the revision that stands now');
    expect(stdout).toContain('is asked after the cell is deployed');
    expect(JSON.parse(await release('history', 'serve', '--output', 'json'))).toHaveLength(1);
  });

  test('each cell is measured on the server of its values, and the release is put back', async () => {
    const ran = await run('campaign_run', ID, '--i-understand-this-submits-jobs', '--wait-s', '250');
    expect(ran).toMatchObject({ code: 0, stdout: expect.stringContaining('done: 2 cells') });
    expect(await values('--revision', '2')).toEqual({ port, model: 'model-a', fromFile: 'of a file', marker: 'of a set', engine: { flags: ['--x', 'a, b'] } });
    expect(await values('--revision', '3')).toEqual({ port, model: 'model-b' });
    expect(await values()).toEqual({ port, model: 'base', marker: 'before' });
    expect(await served()).toEqual({ data: [{ id: 'base' }] });
    const history = JSON.parse(await release('history', 'serve', '--output', 'json')) as { description: string }[];
    expect(history.map(({ description }) => description)).toEqual(['Install complete', 'Upgrade complete', 'Upgrade complete', 'Rollback to 1']);
    const state = JSON.parse(readFileSync(join(root, 'campaigns', ID, 'campaign-run.json'), 'utf8')) as { standing: unknown };
    expect(state.standing).toBeNull();
  });
}); // prettier-ignore
