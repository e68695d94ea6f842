// The part of a kubelet that the API server passes exec and logs to: WebSocket streams of v5.channel.k8s.io. For a check only.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { execSockets, pipeExec } from '../real/exec-socket.ts';
import type { RunningContainer } from './containers.ts';

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
  const sockets = execSockets();
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
      pipeExec(opened, found.enter(url.searchParams.getAll('command')), { stdin: wantsInput }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // checked boundary: a listening TCP server
  return { port, close: () => void server.close() };
};
