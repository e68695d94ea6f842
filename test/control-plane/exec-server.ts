// The part of a kubelet that the API server passes exec and logs to: WebSocket streams of v5.channel.k8s.io. For a check only.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';
import type { RunningContainer } from './containers.ts';

const [STDIN, STDOUT, STDERR, OUTCOME, CLOSED] = [0, 1, 2, 3, 255];
const OPEN = 1;

/** How an exec ended, as kubectl reads it. */
const outcome = (code: number | null): unknown =>
  code === 0
    ? { metadata: {}, status: 'Success' }
    : {
        metadata: {},
        status: 'Failure',
        reason: 'NonZeroExitCode',
        message: `command terminated with exit code ${code ?? 137}`,
        details: { causes: [{ reason: 'ExitCode', message: String(code ?? 137) }] },
      };

const runInside = (socket: WebSocket, container: RunningContainer, argv: readonly string[], stdin: boolean): void => {
  const child = container.enter(argv);
  const send = (channel: number, data: Uint8Array): void => {
    if (socket.readyState === OPEN) socket.send(Buffer.concat([Buffer.from([channel]), data]));
  };
  child.stdout.on('data', (data: Buffer) => send(STDOUT, data));
  child.stderr.on('data', (data: Buffer) => send(STDERR, data));
  child.stdin.on('error', () => undefined);
  child.on('close', (code) => {
    send(OUTCOME, Buffer.from(JSON.stringify(outcome(code))));
    socket.close(1000);
  });
  socket.on('message', (data: Buffer) => {
    if (data[0] === STDIN) child.stdin.write(data.subarray(1));
    if (data[0] === CLOSED && data[1] === STDIN) child.stdin.end();
  });
  if (!stdin) child.stdin.end();
};

export interface ExecServer {
  readonly port: number;
  readonly close: () => void;
}

/** `find` names a running container by namespace, pod and container; `log` what it printed. */
export const startExecServer = async (
  keys: { readonly key: string; readonly cert: string },
  find: (namespace: string, pod: string, container: string) => RunningContainer | undefined,
  log: (namespace: string, pod: string, container: string) => string,
): Promise<ExecServer> => {
  const sockets = new WebSocketServer({
    noServer: true,
    handleProtocols: (protocols) => (protocols.has('v5.channel.k8s.io') ? 'v5.channel.k8s.io' : false),
    perMessageDeflate: false,
  });
  const server = createServer({ key: readFileSync(keys.key), cert: readFileSync(keys.cert) }, (request, response) => {
    const [, verb, namespace = '', pod = '', container = ''] = (request.url ?? '').split('?')[0]?.split('/') ?? [];
    response.writeHead(verb === 'containerLogs' ? 200 : 404, { 'content-type': 'text/plain' });
    response.end(verb === 'containerLogs' ? log(namespace, pod, container) : '');
  });
  server.on('upgrade', (request, socket, head) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const [, , namespace = '', pod = '', container = ''] = url.pathname.split('/');
    const found = find(namespace, pod, container);
    if (found === undefined) return void socket.end('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n');
    const wantsInput = ['input', 'stdin'].some((name) => ['1', 'true'].includes(url.searchParams.get(name) ?? ''));
    sockets.handleUpgrade(request, socket, head, (opened) =>
      runInside(opened, found, url.searchParams.getAll('command'), wantsInput),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // checked boundary: a listening TCP server
  return { port, close: () => void server.close() };
};
