// Starts a program that is to outlive this process: own session, and no pipe that breaks when this process ends. Never
// waits for its end. (Node's own spawn: a plain file descriptor must become the child's stdout.)
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { definedVariables, type Environment } from './environment.ts';
import { requireTool } from './find-tool.ts';
import { toolNotStarted } from './tool-fault.ts';

export interface DetachedOptions {
  readonly env: Environment;
  readonly cwd: string;
  /** Everything the program reads from stdin; the pipe is closed after it. */
  readonly stdin: string;
  /** File that gets what it prints on stdout and stderr; created or appended to. */
  readonly logFile: string;
}

export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Detached {
  readonly pid: number;
  /** Settles when the program ends while this process still lives. */
  readonly ended: Promise<ProcessEnd>;
}

/** Throws `tool_missing` or `tool_not_started`. This process may exit while the program runs. */
export const startDetached = async (argv: readonly string[], options: DetachedOptions): Promise<Detached> => {
  const { env, cwd, stdin, logFile } = options;
  const file = requireTool(argv[0] ?? '', env);
  const log = openSync(logFile, 'a', 0o600);
  const child = spawn(file, argv.slice(1), {
    cwd,
    env: definedVariables(env),
    detached: true,
    stdio: ['pipe', log, log],
  });
  closeSync(log);
  const ended = new Promise<ProcessEnd>((resolve, reject) => {
    child.once('error', (cause) => reject(toolNotStarted(argv, cause)));
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  ended.catch(() => undefined);
  const { pid } = child;
  if (pid === undefined || child.stdin === null) throw await ended.catch((fault: unknown) => fault);
  child.stdin.on('error', () => undefined); // it may end before it reads; `ended` says when
  child.stdin.end(stdin);
  child.unref();
  return { pid, ended };
};
