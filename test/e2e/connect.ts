// Starts the built server and connects a real client to it: the 2.x client in both protocol eras, or the 1.x client.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { Client as OldClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as OldTransport } from '@modelcontextprotocol/sdk/client/stdio.js';

export const SERVER = resolve('dist/profile-and-optimize-mcp.mjs');
export const CLI = resolve('dist/profile-and-optimize.mjs');

export const ERAS = ['2.x client, 2026-07-28', '2.x client, 2025-11-25', '1.x client'] as const;
export type Era = (typeof ERAS)[number];

export interface ListedTool {
  readonly name: string;
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly inputSchema: unknown;
  readonly annotations?: unknown;
}

/** What the tests need of a client, whichever SDK it comes from. */
export interface Connection {
  readonly root: string;
  readonly stderr: () => string;
  readonly listTools: () => Promise<{ tools: ListedTool[] }>;
  readonly call: (name: string, args: Record<string, unknown>, options?: CallOptions) => Promise<CallResult>;
  readonly request: (method: string, params?: Record<string, unknown>) => Promise<Record<string, unknown>>;
  readonly instructions: () => string | undefined;
  readonly pid: () => number | null;
  readonly close: () => Promise<void>;
}

export interface CallOptions {
  /** Milliseconds that the client waits, default its own. */
  readonly timeout?: number;
  readonly signal?: AbortSignal;
  readonly onprogress?: (progress: {
    progress: number;
    total?: number | undefined;
    message?: string | undefined;
  }) => void;
}

export interface CallResult {
  readonly isError: boolean;
  readonly text: string;
  readonly structured: Record<string, unknown>;
  readonly links: readonly string[];
}

const resultOf = (raw: unknown): CallResult => {
  const result = Object(raw);
  const content: { type: string; text?: string; uri?: string }[] = result.content;
  return {
    isError: result.isError === true,
    text: content.flatMap((part) => (part.type === 'text' ? [part.text ?? ''] : [])).join('\n'),
    structured: Object(result.structuredContent),
    links: content.flatMap((part) => (part.type === 'resource_link' ? [part.uri ?? ''] : [])),
  };
};

export const freshRoot = (): string => mkdtempSync(join(tmpdir(), 'perf-root-'));

/** Removes a root with the read-only entries below it. */
export const removeRoot = (root: string): void => {
  execFileSync('chmod', ['-R', 'u+w', root]);
  rmSync(root, { recursive: true, force: true });
};

export const EXAMPLES = resolve('examples/measurements');

/** Connects a client of the given era to a new server process that works below `root`. */
export const connect = async (
  era: Era,
  options: {
    root?: string;
    cwd?: string;
    args?: string[];
    env?: Record<string, string>;
    elicit?: (message: string) => boolean;
  } = {},
): Promise<Connection> => {
  const root = options.root ?? freshRoot();
  const parameters = {
    command: process.execPath,
    args: [SERVER, ...(options.args ?? [])],
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: root,
      USER: 'tester',
      PROFILE_AND_OPTIMIZE_REPO_ROOT: root,
      ...options.env,
    },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    stderr: 'pipe' as const,
  };
  const info = { name: 'e2e', version: '1.0.0' };
  const capabilities = options.elicit === undefined ? {} : { elicitation: {} };
  const answer = (message: string) => ({
    action: 'accept' as const,
    content: { confirm: options.elicit?.(message) === true },
  });
  let errors = '';
  if (era === '1.x client') {
    const transport = new OldTransport(parameters);
    transport.stderr?.on('data', (chunk) => (errors += String(chunk)));
    const client = new OldClient(info, { capabilities });
    if (options.elicit !== undefined) {
      const { ElicitRequestSchema } = await import('@modelcontextprotocol/sdk/types.js');
      client.setRequestHandler(ElicitRequestSchema, async (request) => answer(request.params.message));
    }
    await client.connect(transport);
    const { ResultSchema } = await import('@modelcontextprotocol/sdk/types.js');
    return {
      root,
      stderr: () => errors,
      listTools: () => client.listTools(),
      call: async (name, args, callOptions) =>
        resultOf(await client.callTool({ name, arguments: args }, undefined, callOptions)),
      request: async (method, params) => client.request({ method, params }, ResultSchema),
      instructions: () => client.getInstructions(),
      pid: () => transport.pid,
      close: () => client.close(),
    };
  }
  const transport = new StdioClientTransport(parameters);
  transport.stderr?.on('data', (chunk) => (errors += String(chunk)));
  const mode = era === '2.x client, 2026-07-28' ? { pin: '2026-07-28' } : ('legacy' as const);
  const client = new Client(info, { capabilities, versionNegotiation: { mode } });
  if (options.elicit !== undefined)
    client.setRequestHandler('elicitation/create', async (request) => answer(request.params.message));
  await client.connect(transport);
  return {
    root,
    stderr: () => errors,
    listTools: () => client.listTools(),
    call: async (name, args, callOptions) => resultOf(await client.callTool({ name, arguments: args }, callOptions)),
    request: async (method, params) =>
      Object(await client.request({ method: method as 'resources/list', ...(params === undefined ? {} : { params }) })),
    instructions: () => client.getInstructions(),
    pid: () => transport.pid,
    close: () => client.close(),
  };
};
