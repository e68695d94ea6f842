// Speaks to the built server over its pipes without a client library, so that a test sees every byte.
import { spawn } from 'node:child_process';
import { SERVER } from './connect.ts';

export interface Message {
  readonly id?: number | string | null;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly code: number; readonly message: string };
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface RawServer {
  readonly pid: number;
  /** Writes one line as it stands. */
  readonly write: (line: string) => void;
  /** Writes a text without a line break. */
  readonly writeText: (text: string) => void;
  readonly send: (message: Message) => void;
  /** The answer to the request of this id. */
  readonly answer: (id: number | string) => Promise<Message>;
  /** Everything that stdout held so far. */
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly endInput: () => void;
  readonly kill: (signal: NodeJS.Signals) => void;
  readonly exited: Promise<Exit>;
}

/** Starts the server below `root`. */
export const startRaw = (
  root: string,
  { args = [], env = {} }: { readonly args?: readonly string[]; readonly env?: Readonly<Record<string, string>> } = {},
): RawServer => {
  const child = spawn(process.execPath, [SERVER, ...args], {
    cwd: root,
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: root,
      USER: 'tester',
      PROFILE_AND_OPTIMIZE_REPO_ROOT: root,
      ...env,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const exited = new Promise<Exit>((resolve) => child.once('close', (code, signal) => resolve({ code, signal })));
  let stdout = '';
  let stderr = '';
  let read = 0;
  const answers = new Map<number | string, Message>();
  const waiting = new Map<number | string, (message: Message) => void>();
  const take = (line: string): void => {
    const message: Message = JSON.parse(line);
    if (message.id === undefined || message.id === null || message.method !== undefined) return;
    answers.set(message.id, message);
    waiting.get(message.id)?.(message);
  };
  child.stdout.on('data', (chunk) => {
    stdout += String(chunk);
    for (let end = stdout.indexOf('\n', read); end >= 0; end = stdout.indexOf('\n', read)) {
      take(stdout.slice(read, end));
      read = end + 1;
    }
  });
  child.stderr.on('data', (chunk) => (stderr += String(chunk)));
  child.stdin.on('error', () => undefined); // the process may be gone already
  const write = (line: string): void => void child.stdin.write(`${line}\n`);
  return {
    pid: child.pid ?? -1,
    write,
    writeText: (text) => void child.stdin.write(text),
    send: (message) => write(JSON.stringify({ jsonrpc: '2.0', ...message })),
    answer: (id) =>
      new Promise((resolve, reject) => {
        const known = answers.get(id);
        if (known !== undefined) return resolve(known);
        waiting.set(id, resolve);
        void exited.then(() => reject(new Error(`the server ended without an answer to ${id}: ${stderr}`)));
      }),
    stdout: () => stdout,
    stderr: () => stderr,
    endInput: () => void child.stdin.end(),
    kill: (signal) => void child.kill(signal),
    exited,
  };
};

/** The first exchange of the 2025-11-25 protocol; returns the server's introduction. */
export const shakeHands = async (server: RawServer): Promise<Record<string, unknown>> => {
  server.send({
    id: 0,
    method: 'initialize',
    params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'raw', version: '1' } },
  });
  const { result } = await server.answer(0);
  server.send({ method: 'notifications/initialized' });
  return { ...result };
};
