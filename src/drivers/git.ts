// Commit and state of a working tree, from one git call. Never fails because git or the repository is absent: the facts are
// null then and say why. Never runs a program that the repository's own configuration names.
import type { Environment } from '../exec/environment.ts';
import { howItEnded, outputTail } from '../exec/tool-fault.ts';
import { runProcess, type RunResult } from '../exec/run-process.ts';
import { Fault } from '../text/fault.ts';

export interface GitFacts {
  /** Full object id, 40 or 64 hex digits. */
  readonly head_sha: string | null;
  /** Null also when no branch is checked out. */
  readonly branch: string | null;
  /** True when a tracked file differs from HEAD; untracked files do not count. */
  readonly dirty: boolean | null;
  /** Why `head_sha` is null; null otherwise. */
  readonly reason: string | null;
}

export interface GitOptions {
  readonly env: Environment;
  readonly signal?: AbortSignal;
  /** Default 10 s; a huge tree on a slow disk gives up after it. */
  readonly timeoutMs?: number;
}

const STATUS = [
  '--no-optional-locks',
  '-c',
  'core.fsmonitor=false',
  'status',
  '--porcelain=v2',
  '--branch',
  '--untracked-files=no',
];

const unknown = (reason: string): GitFacts => ({ head_sha: null, branch: null, dirty: null, reason });

/** Variables of an enclosing git command (hooks set them) would point git at another repository. */
const withoutGitVariables = (env: Environment): Environment => ({
  ...Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('GIT_'))),
  LC_ALL: 'C',
});

/** Format: git-status(1), "Porcelain Format Version 2" with branch headers. */
export const parseGitStatus = (text: string): GitFacts => {
  const lines = text.split('\n');
  const header = (name: string): string | undefined =>
    lines.find((line) => line.startsWith(`# branch.${name} `))?.slice(`# branch.${name} `.length);
  const [oid, head] = [header('oid'), header('head')];
  if (oid === '(initial)') return unknown('the repository has no commit');
  if (oid === undefined || !/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(oid)) return unknown('git printed no commit id');
  const dirty = lines.some((line) => /^[12u] /.test(line));
  return { head_sha: oid, branch: head === undefined || head === '(detached)' ? null : head, dirty, reason: null };
};

const reasonOf = (result: RunResult): string => {
  if (result.timedOut) return 'git took too long';
  if (/not a git repository/i.test(result.stderr)) return 'not a git repository';
  if (/dubious ownership/i.test(result.stderr)) return 'git refuses a repository of another user (safe.directory)';
  return `git ended with ${howItEnded(result)}: ${outputTail(result, [], 1)}`;
};

/** The facts of the working tree that holds `folder`; linked worktrees and submodules are their own trees. */
export const readGitFacts = async (folder: string, options: GitOptions): Promise<GitFacts> => {
  const { signal, timeoutMs = 10_000 } = options;
  const env = withoutGitVariables(options.env);
  try {
    const result = await runProcess(['git', '-C', folder, ...STATUS], {
      env,
      timeoutMs,
      ...(signal === undefined ? {} : { signal }),
    });
    return result.code === 0 ? parseGitStatus(result.stdout) : unknown(reasonOf(result));
  } catch (error) {
    if (error instanceof Fault && error.code === 'tool_missing') return unknown('git is not installed');
    throw error;
  }
};
