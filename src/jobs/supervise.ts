// Runs one job from its claim to its end and keeps `state.json` true all the while. Ends with every command of the job ended,
// whether the work succeeded, failed, was cancelled or ran out of time; when it is killed itself, a guard ends them.
import { setMaxListeners } from 'node:events';
import { existsSync, utimesSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { deathGuard } from '../exec/death-guard.ts';
import type { Environment } from '../exec/environment.ts';
import { watchProcesses } from '../exec/process-watch.ts';
import type { Runner } from '../exec/run-process.ts';
import { createFile } from '../fs/atomic-file.ts';
import { currentOwner } from '../fs/process-owner.ts';
import { Fault, inputFault } from '../text/fault.ts';
import { jsonFile, type JsonValue } from '../text/json.ts';
import { environmentSecrets, redact, redactArgv } from '../text/redact.ts';
import { isoSeconds } from '../text/time.ts';
import { faultOf, faultRecord } from '../verb/failure.ts';
import { claimJob } from './claim-job.ts';
import type { Executor } from './executor.ts';
import { cancelTask } from './executors.ts';
import type { JobBody, JobContext, JobWork } from './job-context.ts';
import type { JobFiles } from './job-folder.ts';
import { openJobLog, type JobLog } from './job-log.ts';
import { parseJobRequest } from './job-request.ts';
import { recordProcess, taskKey, type JobError, type JobState, type TaskHandle } from './job-state.ts';
import { localHandle, localProcesses } from './local-process.ts';
import { QUEUE_LIMIT_MS, readState } from './read-job.ts';
import { redactJson } from './redact-json.ts';
import { runSteps } from './run-steps.ts';
import { openStateWriter, type StateWriter } from './state-writer.ts';

const HEARTBEAT_MS = 2000;
/** How long a body may take to end after cancel or time limit. */
const GRACE_MS = 10_000;

const now = (): string => isoSeconds(Date.now());

interface Job {
  readonly files: JobFiles;
  readonly env: Environment;
  readonly secrets: readonly string[];
  readonly writer: StateWriter;
  readonly log: JobLog;
  readonly stop: AbortController;
  /** Work that a stopped job still waits for. */
  readonly restoring: Set<Promise<unknown>>;
}

/** Touches the heartbeat and looks for a cancel request, which may come from another machine. */
const keepAlive = ({ files, stop }: Job): (() => void) => {
  writeFileSync(files.heartbeat, '');
  const timer = setInterval(() => {
    const at = new Date();
    utimesSync(files.heartbeat, at, at);
    if (existsSync(files.cancel) && !stop.signal.aborted) stop.abort(cancelled('cancel was requested'));
  }, HEARTBEAT_MS);
  return () => clearInterval(timer);
};

const cancelled = (reason: string): Fault => new Fault('interrupted', 'cancelled', reason);

const timeLimit = ({ stop }: Job, seconds: number | null): (() => void) => {
  if (seconds === null) return () => undefined;
  const fault = new Fault('timeout', 'job_time_limit', `the job ran past its time limit of ${seconds} s`, {
    fix: 'raise time_limit_s',
  });
  const timer = setTimeout(() => stop.abort(fault), seconds * 1000);
  return () => clearTimeout(timer);
};

/** Writes a command into the state, so that it can be ended without the supervisor; the returned function takes it out. */
const recordTask = ({ writer }: Job, handle: TaskHandle): (() => void) => {
  const others = (): TaskHandle[] => writer.state().children.filter((child) => taskKey(child) !== taskKey(handle));
  writer.update({ children: [...others(), handle] });
  return () => writer.update({ children: others() });
};

/** Records every process that the job's code starts in whatever way, and has it ended when this process is killed. */
const recordProcesses = (job: Job): (() => void) => {
  const { env, log, secrets } = job;
  const forget = new Map<number, () => void>();
  const add = async (pid: number, argv: readonly string[]): Promise<void> => {
    const handle = await localHandle(pid, argv);
    if (forget.has(pid)) forget.set(pid, recordTask(job, handle));
  };
  const stopGuarding = watchProcesses(deathGuard(env));
  const stopRecording = watchProcesses({
    started: (pid, argv) => {
      const shown = redactArgv(argv, secrets);
      log.event('process_started', { pid, argv: shown });
      forget.set(pid, () => undefined);
      void add(pid, shown);
    },
    ended: (pid) => {
      log.event('process_ended', { pid });
      forget.get(pid)?.();
      forget.delete(pid);
    },
  });
  return () => {
    stopRecording();
    stopGuarding();
  };
};

/** Runs commands on an executor: logged, recorded, cancelled with the job. */
const runnerOn =
  <Handle extends TaskHandle>(job: Job, executor: Executor<Handle>): Runner =>
  async (argv, options = {}) => {
    const { env, log, writer, stop } = job;
    const { onLine } = options;
    const handle = await executor.submit(argv, {
      env,
      signal: stop.signal,
      ...options,
      onLine: (line, stream) => {
        log.line(line, stream);
        onLine?.(line, stream);
      },
    });
    const forget = recordTask(job, handle);
    const result = await executor.collect(handle).finally(forget);
    writer.updateSlowly({ exit: { code: result.code, signal: result.signal } });
    return result;
  };

const restore = async <T>(job: Job, limitS: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> => {
  const { writer, restoring } = job;
  writer.update({ restoring_until: isoSeconds(Date.now() + limitS * 1000) });
  const doing = work(AbortSignal.timeout(limitS * 1000));
  restoring.add(doing);
  try {
    return await doing;
  } finally {
    restoring.delete(doing);
    if (restoring.size === 0) writer.update({ restoring_until: null });
  }
};

const contextOf = (job: Job): JobContext => {
  const { id, root } = job.writer.state();
  return {
    id,
    root,
    folder: job.files.folder,
    env: job.env,
    signal: job.stop.signal,
    progress: (done, total, message) =>
      job.writer.updateSlowly({ progress: { done, total, message: redact(message, job.secrets) } }),
    restore: (limitS, work) => restore(job, limitS, work),
    event: job.log.event,
    log: (line, stream = 'stdout') => job.log.line(line, stream),
    run: runnerOn(job, localProcesses),
    runOn: (executor) => runnerOn(job, executor),
  };
};

const bodyOf = async (module: string, name: string): Promise<JobBody> => {
  const loaded = (await import(pathToFileURL(module).href)) as Record<string, unknown>; // checked boundary: the next line
  const body = loaded[name];
  if (typeof body === 'function') return body as JobBody; // checked boundary: callers name a JobBody
  throw inputFault('job_body_missing', `${module} exports no function ${name}`, { path: module });
};

const runWork = async (work: JobWork, context: JobContext): Promise<JsonValue> => {
  if ('steps' in work) return runSteps(work.steps, context);
  return (await bodyOf(work.module, work.export))(work.input, context);
};

/** The outcome of the work; a body that ignores the abort is given up after the grace time, but not while it puts something back. */
const outcomeOf = async (work: Promise<JsonValue>, { stop: { signal }, restoring }: Job): Promise<JsonValue> => {
  const aborted = new Promise<never>((_, reject) => {
    const giveUp = async (): Promise<void> => {
      const crashed = faultOf(signal.reason).kind === 'internal';
      await sleep(crashed ? 0 : GRACE_MS, undefined, { ref: false });
      while (restoring.size > 0)
        await Promise.allSettled(restoring).then(() => sleep(GRACE_MS / 10, undefined, { ref: false }));
      reject(signal.reason);
    };
    if (signal.aborted) void giveUp();
    else signal.addEventListener('abort', () => void giveUp(), { once: true });
  });
  return Promise.race([work, aborted]);
};

const failed = (job: Job, error: unknown): Partial<JobState> => {
  const { stop, secrets } = job;
  const fault = faultOf(stop.signal.aborted ? stop.signal.reason : error);
  const record = redactJson(JSON.parse(JSON.stringify(faultRecord(fault))) as JsonValue, secrets) as JobError; // an object stays one
  if (fault.kind === 'interrupted') return { state: 'cancelled', reason: fault.message };
  return { state: 'failed', error: record };
};

/** How a job ended whose body returned: one that was stopped before is no success, though what it returned is kept. */
const returned = async (job: Job, result: JsonValue): Promise<Partial<JobState>> => {
  const { files, secrets, stop } = job;
  await createFile(files.result, jsonFile(redactJson(result, secrets)));
  const how: Partial<JobState> = stop.signal.aborted ? failed(job, stop.signal.reason) : { state: 'succeeded' };
  return { ...how, result_path: files.result };
};

/** Whoever reads that the job has ended finds everything else of it there: its state is written last. */
const end = async (job: Job, patch: Partial<JobState>): Promise<void> => {
  await Promise.all(job.writer.state().children.map((handle) => cancelTask(handle, 0)));
  if (job.log.lostLines() > 0) job.log.event('log_incomplete', { lines: job.log.lostLines() });
  job.log.event('state', { state: patch.state ?? 'failed' });
  job.writer.update({ ...patch, ended_at: now(), children: [] });
  await job.writer.flush();
};

const begin = async ({ writer, log }: Job): Promise<void> => {
  writer.update({ state: 'running', process: recordProcess(currentOwner()), started_at: now() });
  await writer.flush();
  log.event('state', { state: 'running' });
};

const runJob = async (job: Job, requestText: string): Promise<void> => {
  const ending: (() => void)[] = [];
  try {
    await begin(job);
    ending.push(keepAlive(job), recordProcesses(job));
    const request = parseJobRequest(requestText);
    ending.push(timeLimit(job, request.time_limit_s));
    const result = await outcomeOf(runWork(request.work, contextOf(job)), job);
    await end(job, await returned(job, result));
  } catch (error) {
    await end(job, failed(job, error));
  } finally {
    for (const stop of ending) stop();
  }
};

const openJob = (files: JobFiles, env: Environment, state: JobState): Job => {
  const secrets = environmentSecrets(env);
  const stop = new AbortController();
  setMaxListeners(0, stop.signal); // every child process of the job listens to it
  return {
    files,
    env,
    secrets,
    writer: openStateWriter(files, state, now),
    log: openJobLog(files, secrets, now),
    stop,
    restoring: new Set(),
  };
};

/** What the supervisor's process has to hand to the job. */
export interface SupervisorWires {
  readonly env: Environment;
  readonly readRequest: () => Promise<string>;
  /** Registers what is done when the process is asked to end. */
  readonly onSignal: (stop: (signal: string) => void) => void;
  /** Registers what is done with an error that nothing caught. */
  readonly onCrash: (crash: (error: unknown) => void) => void;
}

/** Takes a queued job and runs it. Does nothing when somebody else has taken it, or when readers call it lost already. */
export const supervise = async (files: JobFiles, wires: SupervisorWires): Promise<void> => {
  const requestText = await wires.readRequest();
  const queued = await readState(files);
  if (Date.now() - Date.parse(queued.created_at) > QUEUE_LIMIT_MS || !(await claimJob(files, 'run'))) return;
  const job = openJob(files, wires.env, queued);
  wires.onSignal((signal) => job.stop.abort(cancelled(existsSync(files.cancel) ? 'cancel was requested' : signal)));
  wires.onCrash((error) => job.stop.abort(faultOf(error)));
  await runJob(job, requestText);
};
