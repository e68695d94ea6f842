// What a command inside a container prints, gathered from one question to the next as a local command's output is: every line handed
// on once, the front of stdout and the end of stderr kept.
import { randomUUID } from 'node:crypto';
import { pollPodRun, type PodRunState, type PodShell } from '../cluster/pod-run.ts';
import type { PodRun } from '../cluster/pod-scripts.ts';
import { captureOutput } from '../exec/captured-output.ts';
import type { RunOptions, RunResult } from '../exec/run-process.ts';

const OUTPUT_LIMIT = 16 * 1024 * 1024;

export interface FollowedRun {
  /** Asks until no output waits; renews the lease. Throws the faults of the cluster. */
  readonly poll: (shell: PodShell) => Promise<PodRunState>;
  /** Everything so far. `reason`, where not empty, is the last line of stderr. */
  readonly output: (reason: string) => Pick<RunResult, 'stdout' | 'stderr' | 'truncated'>;
}

export const followRun = (run: PodRun, { onLine, maxOutputBytes = OUTPUT_LIMIT }: RunOptions): FollowedRun => {
  const stdout = captureOutput(maxOutputBytes, 'first', onLine && ((line) => onLine(line, 'stdout')));
  const stderr = captureOutput(maxOutputBytes, 'last', onLine && ((line) => onLine(line, 'stderr')));
  const known: [number, number] = [0, 0];
  const poll = async (shell: PodShell): Promise<PodRunState> => {
    const seen = await pollPodRun(shell, run, known, randomUUID());
    stdout.add(seen.stdout);
    stderr.add(seen.stderr);
    known[0] += seen.stdout.length;
    known[1] += seen.stderr.length;
    return seen.waiting > 0 && seen.stdout.length + seen.stderr.length > 0 ? poll(shell) : seen;
  };
  return {
    poll,
    output: (reason) => {
      if (reason !== '') stderr.add(Buffer.from(`${reason}\n`));
      const [out, err] = [stdout.end(), stderr.end()];
      return { stdout: out.text, stderr: err.text, truncated: out.truncated || err.truncated };
    },
  };
};
