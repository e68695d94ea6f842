// Runs one command line of the built product and returns what a shell would see of it.
import { spawn } from 'node:child_process';
import { CLI } from './connect.ts';

export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly root: string;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** A program of dist/ other than `profile-and-optimize`. */
  readonly program?: string;
  /** Another Node than the one that runs the tests. */
  readonly node?: string;
  /** Called when the process runs, for signals. */
  readonly onStart?: (pid: number) => void;
}

/** The exit code, and everything that was printed. */
export const runCli = (args: readonly string[], options: CliOptions): Promise<Finished> =>
  new Promise((resolve, reject) => {
    const { root, cwd = root, env = {}, program = CLI, node = process.execPath } = options;
    const child = spawn(node, [program, ...args], {
      cwd,
      env: {
        PATH: process.env['PATH'] ?? '',
        HOME: root,
        USER: 'tester',
        PROFILE_AND_OPTIMIZE_REPO_ROOT: root,
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk) => (stdout += String(chunk)));
    child.stderr.on('data', (chunk) => (stderr += String(chunk)));
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
    if (child.pid !== undefined) options.onStart?.(child.pid);
  });

/** The one object that `--json` printed. Throws where stdout holds anything else. */
export const jsonOf = ({ code, stdout, stderr }: Finished): Record<string, unknown> => {
  const text = stdout.trimEnd();
  if (!text.startsWith('{') || text.includes('\n'))
    throw new TypeError(`stdout is not one object (exit ${code}): ${stdout.slice(0, 200)} ${stderr.slice(0, 400)}`);
  return JSON.parse(text);
};

/** Lines that only a stack trace has. */
export const STACK_LINE = /^\s+at .+:\d+:\d+\)?$/m;
