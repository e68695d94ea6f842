// A stand-in for the Kubernetes API that the real kubectl talks to: discovery, pods, and exec over WebSocket
// (v5.channel.k8s.io). A program run "in a pod" is a process of this machine. For tests only.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { failureStatus as status, serveExec } from './exec-socket.ts';

export interface FakePod {
  readonly name: string;
  readonly namespace?: string;
  readonly containers?: readonly string[];
  readonly phase?: string;
  /** PATH of programs run in it. */
  readonly path?: string;
}

export interface FakeCluster {
  /** File for `--kubeconfig`. */
  readonly kubeconfig: string;
  /** HOME for kubectl's discovery cache. */
  readonly home: string;
  /** Argument lists that were run in pods. */
  readonly commands: string[][];
  readonly close: () => Promise<void>;
}

type Json = Readonly<Record<string, unknown>>;

const podObject = ({ name, namespace = 'default', containers = ['main'], phase = 'Running' }: FakePod): Json => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace, uid: name },
  spec: {
    nodeName: 'node-1',
    containers: containers.map((container) => ({
      name: container,
      image: 'engine',
      env: [{ name: 'HF_TOKEN', value: 'hf_canary00000000' }],
      resources: { limits: { 'nvidia.com/gpu': '4' } },
    })),
  },
  status: {
    phase,
    ...(phase === 'Running'
      ? { containerStatuses: containers.map((container) => ({ name: container, ready: true })) }
      : {}),
  },
});

const DISCOVERY: Readonly<Record<string, Json>> = {
  '/version': { major: '1', minor: '32', gitVersion: 'v1.32.0' },
  '/api': { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] },
  '/apis': { kind: 'APIGroupList', apiVersion: 'v1', groups: [] },
  '/api/v1': {
    kind: 'APIResourceList',
    groupVersion: 'v1',
    resources: [
      { name: 'pods', singularName: 'pod', namespaced: true, kind: 'Pod', verbs: ['get', 'list'], shortNames: ['po'] },
    ],
  },
};

const POD_PATH = /^\/api\/v1\/namespaces\/([^/]+)\/pods\/([^/]+)(\/exec)?$/;

const finder =
  (pods: readonly FakePod[]) =>
  (path: string): FakePod | undefined => {
    const [, namespace, name] = POD_PATH.exec(path) ?? [];
    return pods.find((pod) => pod.name === name && (pod.namespace ?? 'default') === namespace);
  };

const answer = (pods: readonly FakePod[]) => {
  const find = finder(pods);
  return (request: IncomingMessage, response: ServerResponse): void => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    const pod = find(path);
    const body = DISCOVERY[path] ?? (pod === undefined ? undefined : podObject(pod));
    const missing = status(404, 'NotFound', `pods "${path.split('/').at(-1) ?? ''}" not found`);
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body ?? missing));
  };
};

const writeKubeconfig = (home: string, port: number): string => {
  const path = join(home, 'config.json');
  const cluster = { name: 'fake', cluster: { server: `http://127.0.0.1:${port}` } };
  const context = { name: 'fake', context: { cluster: 'fake', user: 'fake', namespace: 'default' } };
  const users = [{ name: 'fake', user: {} }];
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [cluster],
    contexts: [context],
    users,
    'current-context': 'fake',
  };
  writeFileSync(path, JSON.stringify(config));
  return path;
};

/** Starts the API with these pods. */
export const startFakeCluster = async (pods: readonly FakePod[]): Promise<FakeCluster> => {
  const find = finder(pods);
  const commands: string[][] = [];
  const server = createServer(answer(pods));
  serveExec(server, (namespace, name, container) => {
    const pod = find(`/api/v1/namespaces/${namespace}/pods/${name}`);
    if (pod === undefined) return 'no pod';
    if (!(pod.containers ?? ['main']).includes(container)) return 'no container';
    return { env: { PATH: pod.path ?? process.env['PATH'] }, began: (argv) => commands.push([...argv]) };
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const home = mkdtempSync(join(tmpdir(), 'kube-'));
  const { port } = server.address() as AddressInfo; // checked boundary: a listening TCP server
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    });
  return { kubeconfig: writeKubeconfig(home, port), home, commands, close };
};
