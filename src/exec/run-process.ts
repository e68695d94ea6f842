// The one place that runs outside programs: own process group, bounded output, time limit, cancel. Never lets a child use
// this process's stdin, stdout or stderr, never goes through a shell, and passes only the environment it is given.
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { environmentSecrets } from '../text/redact.ts';
import { captureOutput } from './captured-output.ts';
import { definedVariables, type Environment } from './environment.ts';
import { requireTool } from './find-tool.ts';
import { stopGroup } from './process-group.ts';
import { noteProcess } from './process-watch.ts';
import { toolCancelled, toolFailed, toolNotStarted, toolTimeout } from './tool-fault.ts';

export type OutputStream = 'stdout' | 'stderr';

export interface RunOptions {
  /** All variables the program sees, and the PATH it is looked up in. */
  readonly env: Environment;
  readonly cwd?: string;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  readonly stdin?: string | Uint8Array;
  /** Limit per stream, default 16 MiB: the front of stdout and the end of stderr are kept. */
  readonly maxOutputBytes?: number;
  /** Time between SIGTERM and SIGKILL, default 5 s. */
  readonly graceMs?: number;
  /** Every line, also beyond the output limit, as it was printed (not redacted). Must not throw. */
  readonly onLine?: (line: string, stream: OutputStream) => void;
  /** Absolute folders where the program may be when PATH does not have it. */
  readonly folders?: readonly string[];
}

export interface RunResult {
  /** Exit code; null when a signal ended the process. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly timedOut: boolean;
  readonly cancelled: boolean;
  /** True when a stream printed more than `maxOutputBytes`. */
  readonly truncated: boolean;
  readonly durationMs: number;
}

/** Runs an argument list somewhere: on this machine, or in a pod. */
export type Runner = (argv: readonly string[], options?: Partial<RunOptions>) => Promise<RunResult>;

const OUTPUT_LIMIT = 16 * 1024 * 1024;
const GRACE_MS = 5000;
/** How long output may still arrive after the program ended; a daemon that it left behind may hold the pipe for ever. */
const DRAIN_MS = 300;

interface Child {
  readonly pid: number;
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  readonly drained: Promise<unknown>;
  readonly abandonOutput: () => void;
}

type Collector = (stream: OutputStream, chunk: Buffer) => void;

const startChild = async (argv: readonly string[], options: RunOptions, collect: Collector): Promise<Child> => {
  const file = requireTool(argv[0] ?? '', options.env, options.folders);
  const { execa } = await import('execa');
  const child = execa(file, argv.slice(1), {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.stdin === undefined ? { stdin: 'ignore' } : { input: options.stdin }),
    env: definedVariables(options.env),
    extendEnv: false,
    detached: true,
    cleanup: false,
    buffer: false,
    reject: false,
  });
  if (child.pid === undefined) throw toolNotStarted(argv, (await child).cause);
  child.stdout.on('data', (chunk: Buffer) => collect('stdout', chunk));
  child.stderr.on('data', (chunk: Buffer) => collect('stderr', chunk));
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  const abandonOutput = (): void => {
    child.stdout.destroy();
    child.stderr.destroy();
  };
  return { pid: child.pid, ended, drained: child, abandonOutput };
};

type StopReason = 'timeout' | 'cancel';

/** Resolves with the reason once the process has to be stopped; never when neither limit is hit. */
const stopReason = ({ timeoutMs, signal }: RunOptions, over: AbortSignal): Promise<StopReason> =>
  new Promise((resolve) => {
    const timer = timeoutMs === undefined ? undefined : setTimeout(() => resolve('timeout'), timeoutMs);
    over.addEventListener('abort', () => clearTimeout(timer), { once: true });
    if (signal?.aborted === true) resolve('cancel');
    signal?.addEventListener('abort', () => resolve('cancel'), { once: true, signal: over });
  });

const waitOrStop = async (child: Child, options: RunOptions): Promise<StopReason | null> => {
  const over = new AbortController();
  const reason = await Promise.race([child.ended.then(() => null), stopReason(options, over.signal)]);
  over.abort();
  if (reason !== null) await stopGroup(child.pid, options.graceMs ?? GRACE_MS);
  await child.ended;
  await Promise.race([child.drained, sleep(DRAIN_MS)]);
  child.abandonOutput();
  return reason;
};

/** A program that was started, and what becomes of it. */
export interface RunningProcess {
  /** Leader of its own process group. */
  readonly pid: number;
  /** How it ended; never rejects for what the program does. */
  readonly result: Promise<RunResult>;
}

/**
 * Starts a program. On cancel or time limit the whole process group gets SIGTERM, then SIGKILL. Throws only when nothing was
 * started: `tool_missing`, `tool_not_started`, `cancelled`.
 */
export const startProcess = async (argv: readonly string[], options: RunOptions): Promise<RunningProcess> => {
  if (options.signal?.aborted === true) throw toolCancelled(argv);
  const limit = options.maxOutputBytes ?? OUTPUT_LIMIT;
  const { onLine } = options;
  const outputs = {
    stdout: captureOutput(limit, 'first', onLine && ((line) => onLine(line, 'stdout'))),
    stderr: captureOutput(limit, 'last', onLine && ((line) => onLine(line, 'stderr'))),
  };
  const began = performance.now();
  const child = await startChild(argv, options, (stream, chunk) => outputs[stream].add(chunk));
  const noteEnd = noteProcess(child.pid, argv);
  const resultOf = async (): Promise<RunResult> => {
    const reason = await waitOrStop(child, options).finally(noteEnd);
    const [stdout, stderr] = [outputs.stdout.end(), outputs.stderr.end()];
    return {
      ...(await child.ended),
      stdout: stdout.text,
      stderr: stderr.text,
      timedOut: reason === 'timeout',
      cancelled: reason === 'cancel',
      truncated: stdout.truncated || stderr.truncated,
      durationMs: performance.now() - began,
    };
  };
  return { pid: child.pid, result: resultOf() };
};

/** Runs a program to its end and reports how it ended, whatever the exit code. Throws as `startProcess` does. */
export const runProcess = async (argv: readonly string[], options: RunOptions): Promise<RunResult> =>
  (await startProcess(argv, options)).result;

/** Throws the Fault of a run that did not end well: `tool_timeout`, `cancelled` or `tool_failed`. */
export const requireSuccess = (argv: readonly string[], result: RunResult, options: RunOptions): RunResult => {
  const secrets = environmentSecrets(options.env);
  if (result.timedOut) throw toolTimeout(argv, result, secrets, options.timeoutMs ?? 0);
  if (result.cancelled) throw toolCancelled(argv);
  if (result.code !== 0) throw toolFailed(argv, result, secrets);
  return result;
};

/** A runner on this machine with the given defaults. */
export const localRunner =
  (defaults: RunOptions): Runner =>
  (argv, options = {}) =>
    runProcess(argv, { ...defaults, ...options });
