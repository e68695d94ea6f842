// A stand-in for the Kubernetes API that the real kubectl talks to: discovery, pods, and exec over WebSocket
// (v5.channel.k8s.io). A program run "in a pod" is a process of this machine. For tests only.
import { spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import type { Duplex } from 'node:stream';
import { join } from 'node:path';
import { WebSocketServer, type WebSocket } from 'ws';

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

const status = (code: number, reason: string, message: string): Json => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  code,
  reason,
  message,
});

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

const STDIN = 0;
const STDOUT = 1;
const STDERR = 2;
const OUTCOME = 3;
const CLOSED = 255;
const OPEN = 1;

const exitStatus = (code: number | null): Json =>
  code === 0
    ? { metadata: {}, status: 'Success' }
    : {
        ...status(500, 'NonZeroExitCode', `command terminated with exit code ${code ?? 137}`),
        details: { causes: [{ reason: 'ExitCode', message: String(code ?? 137) }] },
      };

/** One exec session: the first byte of a frame names its channel. */
const runInPod = (socket: WebSocket, pod: FakePod, argv: readonly string[], stdin: boolean): void => {
  const send = (channel: number, data: Uint8Array): void => {
    if (socket.readyState === OPEN) socket.send(Buffer.concat([Buffer.from([channel]), data]));
  };
  const finish = (outcome: Json): void => {
    send(OUTCOME, Buffer.from(JSON.stringify(outcome)));
    socket.close(1000);
  };
  const [program = '', ...rest] = argv;
  const child = spawn(program, rest, { env: { PATH: pod.path ?? process.env['PATH'] }, stdio: 'pipe' });
  child.on('error', () =>
    finish(status(500, 'InternalError', `exec failed: "${program}": executable file not found in $PATH`)),
  );
  child.stdout.on('data', (data: Buffer) => send(STDOUT, data));
  child.stderr.on('data', (data: Buffer) => send(STDERR, data));
  child.stdin.on('error', () => undefined);
  child.on('close', (code) => finish(exitStatus(code)));
  socket.on('message', (data: Buffer) => {
    if (data[0] === STDIN) child.stdin.write(data.subarray(1));
    if (data[0] === CLOSED && data[1] === STDIN) child.stdin.end();
  });
  if (!stdin) child.stdin.end();
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

const refuse = (socket: Duplex, pod: FakePod, container: string): void => {
  const body = JSON.stringify(status(400, 'BadRequest', `container ${container} is not valid for pod ${pod.name}`));
  const head = `HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\ncontent-length: ${body.length}`;
  socket.end(`${head}\r\n\r\n${body}`);
};

/** Starts the API with these pods. */
export const startFakeCluster = async (pods: readonly FakePod[]): Promise<FakeCluster> => {
  const find = finder(pods);
  const commands: string[][] = [];
  const server = createServer(answer(pods));
  const sockets = new WebSocketServer({
    noServer: true,
    handleProtocols: (protocols) => (protocols.has('v5.channel.k8s.io') ? 'v5.channel.k8s.io' : false),
    perMessageDeflate: false,
  });
  server.on('upgrade', (request, socket, head) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const pod = find(url.pathname);
    if (pod === undefined) return void socket.end('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n');
    const argv = url.searchParams.getAll('command');
    const container = url.searchParams.get('container') ?? 'main';
    if (!(pod.containers ?? ['main']).includes(container)) return void refuse(socket, pod, container);
    commands.push(argv);
    sockets.handleUpgrade(request, socket, head, (opened) =>
      runInPod(opened, pod, argv, url.searchParams.get('stdin') === 'true'),
    );
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
