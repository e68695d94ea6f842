// Exec over WebSocket (v5.channel.k8s.io) for the API servers of the tests: a program run "in a container" is a process of this machine.
// Streams can be cut.
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import type { Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocketServer, type WebSocket } from 'ws';

type Json = Readonly<Record<string, unknown>>;

export const failureStatus = (code: number, reason: string, message: string): Json => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  code,
  reason,
  message,
});

interface Session {
  readonly stdin: boolean;
  /** Bytes after which the connection is cut; default never. */
  readonly cutAfter?: number;
  /** Each piece of a few bytes waits so long; default not at all. */
  readonly pieceMs?: number;
}

/** Bytes of a piece of a slow stream. */
const PIECE = 700;

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
        ...failureStatus(500, 'NonZeroExitCode', `command terminated with exit code ${code ?? 137}`),
        details: { causes: [{ reason: 'ExitCode', message: String(code ?? 137) }] },
      };

/** One exec session with a program that was started for it: the first byte of a frame names its channel. */
export const pipeExec = (
  socket: WebSocket,
  child: ChildProcessWithoutNullStreams,
  { stdin, cutAfter = Infinity, pieceMs = 0 }: Session,
): void => {
  let room = cutAfter;
  let last: Promise<void> = Promise.resolve();
  const send = (channel: number, data: Uint8Array): void => {
    if (pieceMs === 0) return put(channel, data);
    for (let at = 0; at < data.length; at += PIECE)
      last = last.then(() => sleep(pieceMs)).then(() => put(channel, data.subarray(at, at + PIECE)));
  };
  const put = (channel: number, data: Uint8Array): void => {
    room -= data.length;
    if (room < 0) return socket.terminate();
    if (socket.readyState === OPEN) socket.send(Buffer.concat([Buffer.from([channel]), data]));
  };
  const finish = (outcome: Json): void => {
    void last.then(() => {
      put(OUTCOME, Buffer.from(JSON.stringify(outcome)));
      socket.close(1000);
    });
  };
  child.on('error', () =>
    finish(
      failureStatus(500, 'InternalError', `exec failed: "${child.spawnfile}": executable file not found in $PATH`),
    ),
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

/** Takes the upgrades that kubectl asks for. */
export const execSockets = (): WebSocketServer =>
  new WebSocketServer({
    noServer: true,
    handleProtocols: (protocols) => (protocols.has('v5.channel.k8s.io') ? 'v5.channel.k8s.io' : false),
    perMessageDeflate: false,
  });

const refuse = (socket: Duplex, code: number, message: string): void => {
  const reason = code === 404 ? 'NotFound' : code === 403 ? 'Forbidden' : 'BadRequest';
  const body = JSON.stringify(failureStatus(code, reason, message));
  const head = `HTTP/1.1 ${code} ${reason}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}`;
  socket.end(`${head}\r\n\r\n${body}`);
};

/** What a container gives its programs; `began` hears of each. */
export interface ExecTarget {
  readonly env: NodeJS.ProcessEnv;
  readonly began?: (argv: readonly string[]) => void;
  readonly cutAfter?: number;
  readonly pieceMs?: number;
  /** How its paths are called on this machine. */
  readonly placed?: (word: string) => string;
}

type Refused = 'no pod' | 'no container' | 'forbidden' | 'cut';

const EXEC_PATH = /^\/api\/v1\/namespaces\/([^/]+)\/pods\/([^/]+)\/exec$/;

/** Answers upgrades to exec on this server. */
export const serveExec = (
  server: Server,
  find: (namespace: string, pod: string, container: string) => ExecTarget | Refused,
): void => {
  const sockets = execSockets();
  server.on('upgrade', (request, socket, head) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const [, namespace = '', pod = ''] = EXEC_PATH.exec(url.pathname) ?? [];
    const container = url.searchParams.get('container') ?? 'main';
    const target = find(namespace, pod, container);
    if (target === 'no pod') return refuse(socket, 404, `pods "${pod}" not found`);
    if (target === 'no container') return refuse(socket, 400, `container ${container} is not valid for pod ${pod}`);
    if (target === 'forbidden') return refuse(socket, 403, `pods "${pod}" is forbidden`);
    if (target === 'cut') return void socket.destroy();
    const argv = url.searchParams.getAll('command').map((word) => target.placed?.(word) ?? word);
    target.began?.(argv);
    sockets.handleUpgrade(request, socket, head, (opened) => {
      const [program = '', ...rest] = argv;
      const child = spawn(program, rest, { env: target.env, stdio: 'pipe' });
      const { cutAfter = Infinity, pieceMs = 0 } = target;
      pipeExec(opened, child, { stdin: url.searchParams.get('stdin') === 'true', cutAfter, pieceMs });
    });
  });
};
