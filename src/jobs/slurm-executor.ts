// The executor of a Slurm cluster: every command is a batch job of its own. A job is found again by its name, so that one whose number
// was lost is not submitted twice; only jobs that a handle names are cancelled. Output and exit code lie in a folder that the nodes see.
import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { constants } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { StringDecoder } from 'node:string_decoder';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  accountArgv,
  batchScript,
  cancelArgv,
  findArgv,
  isActive,
  parseAccounted,
  parseFound,
  parseShown,
  parseSubmitted,
  showArgv,
  slurmFault,
  submitArgv,
  type SlurmJob,
  type SlurmNeeds,
} from '../drivers/slurm.ts';
import { localRunner, type RunOptions, type RunResult, type Runner } from '../exec/run-process.ts';
import { toolCancelled } from '../exec/tool-fault.ts';
import { Fault, inputFault } from '../text/fault.ts';
import { environmentSecrets, redactArgv } from '../text/redact.ts';
import type { Executor, TaskLife } from './executor.ts';
import { taskKey, type SlurmHandle } from './job-state.ts';

const POLL_MS = 2000;
const MOST_POLL_MS = 30_000;
const OUTPUT_LIMIT = 16 * 1024 * 1024;
/** One answer of Slurm's commands; a controller that is busy takes its time. */
const ANSWER_MS = 60_000;
/** How long a cancelled job may stay in the queue before its cancellation is reported as not done. */
const GONE_MS = 120_000;

const ask: Runner = localRunner({ env: process.env, timeoutMs: ANSWER_MS });

interface Submitted {
  readonly options: RunOptions;
  readonly began: number;
}

/** Commands that this program submitted and nobody has collected. */
const submitted = new Map<string, Submitted>();

const fileOf = ({ folder, name }: Pick<SlurmHandle, 'folder' | 'name'>, what: 'stdout' | 'stderr' | 'exit'): string =>
  join(folder, `${name}.${what}`);

/** The rest of a file; empty while there is none. */
const bytesFrom = (path: string, at: number): Buffer => {
  if (!existsSync(path)) return Buffer.alloc(0);
  const file = openSync(path, 'r');
  try {
    const rest = Buffer.alloc(Math.max(0, fstatSync(file).size - at));
    return rest.subarray(0, readSync(file, rest, 0, rest.length, at));
  } finally {
    closeSync(file);
  }
};

/** The exit code that the job left in its folder; null while there is none. */
const leftExit = (handle: SlurmHandle): number | null => {
  const text = bytesFrom(fileOf(handle, 'exit'), 0).toString('utf8').trim();
  return /^\d+$/.test(text) ? Number(text) : null;
};

/** What the controller says of the job, else what accounting says; null where both have forgotten it. Throws `slurm_unreachable`. */
const jobNow = async (handle: SlurmHandle): Promise<SlurmJob | null> => {
  const argv = showArgv(handle.job);
  const shown = await ask(argv);
  if (shown.code === 0) return parseShown(shown.stdout);
  const fault = slurmFault(argv, shown);
  if (fault.code !== 'slurm_job_unknown') throw fault;
  const accounted = await ask(accountArgv(handle.job));
  return accounted.code === 0 ? parseAccounted(accounted.stdout) : null;
};

const isUnreachable = (error: unknown): boolean => error instanceof Fault && error.code === 'slurm_unreachable';

const observe = async (handle: SlurmHandle): Promise<TaskLife> => {
  if (leftExit(handle) !== null) return 'ended';
  try {
    const job = await jobNow(handle);
    return job !== null && isActive(job) ? 'running' : 'ended';
  } catch (error) {
    if (isUnreachable(error)) return 'elsewhere';
    throw error;
  }
};

/** The newest job of this name, of the handle's user; null where there is none. */
const findByName = async (name: string): Promise<SlurmJob | null> => {
  const argv = findArgv(name);
  const found = await ask(argv);
  if (found.code !== 0) throw slurmFault(argv, found);
  return parseFound(found.stdout).at(-1) ?? null;
};

const cancel = async (handle: SlurmHandle): Promise<void> => {
  if ((await observe(handle)) === 'ended') return;
  const argv = cancelArgv(handle.job);
  const result = await ask(argv);
  if (result.code !== 0) throw slurmFault(argv, result);
  const until = performance.now() + GONE_MS;
  while ((await observe(handle)) !== 'ended') {
    if (performance.now() > until)
      throw inputFault('slurm_job_stays', `job ${handle.job.id} is still there ${GONE_MS / 1000} s after scancel`, {
        fix: `check squeue --jobs=${handle.job.id}`,
      });
    await sleep(POLL_MS / 4);
  }
};

/** Lines that were written to a file since the last call, the open one at the end only when `isLast`. */
const follow = (path: string, onLine: (line: string) => void): ((isLast: boolean) => void) => {
  const decoder = new StringDecoder('utf8');
  let [at, open] = [0, ''];
  return (isLast) => {
    const bytes = bytesFrom(path, at);
    at += bytes.length;
    const lines = `${open}${decoder.write(bytes)}`.split('\n');
    open = lines.pop() ?? '';
    for (const line of lines) onLine(line);
    if (isLast && open !== '') onLine(open);
  };
};

type Stop = 'timeout' | 'cancel' | null;

const stopOf = ({ options, began }: Submitted): Stop => {
  if (options.signal?.aborted === true) return 'cancel';
  return options.timeoutMs !== undefined && performance.now() - began > options.timeoutMs ? 'timeout' : null;
};

/**
 * Waits for the end of the job or for a reason to stop it. The folder is looked at every two seconds, the controller ever more seldom:
 * many cells wait at once. One that does not answer is asked again.
 */
const waitForEnd = async (handle: SlurmHandle, known: Submitted, onPoll: () => void): Promise<Stop> => {
  const { signal } = known.options;
  let [askAfterMs, asked] = [POLL_MS, 0];
  for (;;) {
    onPoll();
    if (leftExit(handle) !== null) return null;
    if (performance.now() - asked >= askAfterMs) {
      if ((await observe(handle)) === 'ended') return null;
      [askAfterMs, asked] = [Math.min(MOST_POLL_MS, askAfterMs * 1.5), performance.now()];
    }
    const stop = stopOf(known);
    if (stop !== null) {
      await cancel(handle);
      return stop;
    }
    await sleep(POLL_MS, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
  }
};

const signalNamed = (number: number): NodeJS.Signals | null =>
  (Object.entries(constants.signals).find(([, value]) => value === number)?.[0] ?? null) as NodeJS.Signals | null; // checked boundary: the table's own names

/** How the command ended, from the file that it left, else from Slurm. */
const endingOf = async (handle: SlurmHandle): Promise<Pick<RunResult, 'code' | 'signal'>> => {
  const left = leftExit(handle);
  if (left !== null) return { code: left, signal: null };
  const job = await jobNow(handle);
  if (job === null || job.exit === null) return { code: null, signal: null };
  return job.exit.signal === 0
    ? { code: job.exit.code, signal: null }
    : { code: null, signal: signalNamed(job.exit.signal) };
};

/** As of a local command: the front of stdout and the end of stderr are kept. */
const outputOf = (handle: SlurmHandle, limit: number): Pick<RunResult, 'stdout' | 'stderr' | 'truncated'> => {
  const [stdout, stderr] = [bytesFrom(fileOf(handle, 'stdout'), 0), bytesFrom(fileOf(handle, 'stderr'), 0)];
  return {
    stdout: stdout.subarray(0, limit).toString('utf8'),
    stderr: stderr.subarray(Math.max(0, stderr.length - limit)).toString('utf8'),
    truncated: stdout.length > limit || stderr.length > limit,
  };
};

const collect = async (handle: SlurmHandle): Promise<RunResult> => {
  const known = submitted.get(taskKey(handle)) ?? { options: { env: process.env }, began: performance.now() };
  submitted.delete(taskKey(handle));
  const { onLine } = known.options;
  const streams = (['stdout', 'stderr'] as const).map((stream) =>
    follow(fileOf(handle, stream), (line) => onLine?.(line, stream)),
  );
  const stop = await waitForEnd(handle, known, () => streams.forEach((read) => read(false)));
  streams.forEach((read) => read(true));
  return {
    ...(await endingOf(handle)),
    ...outputOf(handle, known.options.maxOutputBytes ?? OUTPUT_LIMIT),
    timedOut: stop === 'timeout',
    cancelled: stop === 'cancel',
    durationMs: performance.now() - known.began,
  };
};

/** What needs only a handle. */
export const slurmTasks = { observe, cancel: (handle: SlurmHandle, _graceMs: number): Promise<void> => cancel(handle) };

/**
 * An executor whose commands are Slurm jobs with these needs; `folder` is absolute and seen by the nodes. `submit` takes over a job of
 * the same name instead of submitting it again, and throws what `slurmFault` names.
 */
export const slurmExecutor = (needs: SlurmNeeds, folder: string): Executor<SlurmHandle> => ({
  submit: async (argv, options) => {
    if (options.signal?.aborted === true) throw toolCancelled(argv);
    await mkdir(folder, { recursive: true });
    const named = { folder, name: needs.name };
    const handleOf = (job: SlurmHandle['job']): SlurmHandle => {
      const handle = {
        executor: 'slurm' as const,
        job,
        ...named,
        argv: redactArgv(argv, environmentSecrets(options.env)),
      };
      submitted.set(taskKey(handle), { options, began: performance.now() });
      return handle;
    };
    const before = await findByName(needs.name);
    if (before !== null) return handleOf({ id: before.id, cluster: null });
    const script = batchScript({
      ...needs,
      argv,
      cwd: options.cwd ?? folder,
      stdout: fileOf(named, 'stdout'),
      stderr: fileOf(named, 'stderr'),
      exit_file: fileOf(named, 'exit'),
    });
    const submission = submitArgv(Object.keys(options.env));
    const result = await ask(submission, { env: { ...process.env, ...options.env }, stdin: script });
    if (result.code !== 0) throw slurmFault(submission, result);
    return handleOf(parseSubmitted(result.stdout));
  },
  ...slurmTasks,
  collect,
});
