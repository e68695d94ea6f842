// Runs one job from its claim to its end and keeps `state.json` true all the while. Ends with every process of the job ended,
// whether the work succeeded, failed, was cancelled or ran out of time.
import { setMaxListeners } from 'node:events';
import { existsSync, utimesSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type { Environment } from '../exec/environment.ts';
import { signalGroup } from '../exec/process-group.ts';
import { identifyProcess } from '../exec/process-identity.ts';
import { watchProcesses } from '../exec/process-watch.ts';
import { runProcess, type Runner } from '../exec/run-process.ts';
import { createFile } from '../fs/atomic-file.ts';
import { currentOwner } from '../fs/process-owner.ts';
import { Fault, inputFault } from '../text/fault.ts';
import { jsonFile, type JsonValue } from '../text/json.ts';
import { environmentSecrets, redact, redactArgv } from '../text/redact.ts';
import { isoSeconds } from '../text/time.ts';
import { faultOf, faultRecord } from '../verb/failure.ts';
import { claimJob } from './claim-job.ts';
import type { JobBody, JobContext, JobWork } from './job-context.ts';
import type { JobFiles } from './job-folder.ts';
import { openJobLog, type JobLog } from './job-log.ts';
import { parseJobRequest } from './job-request.ts';
import { recordProcess, type JobError, type JobState } from './job-state.ts';
import { readState } from './read-job.ts';
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

/** Writes the leaders of the running process groups into the state, so that they can be ended without the supervisor. */
const recordProcesses = ({ writer, log, secrets }: Job): (() => void) => {
  const running = new Set<number>();
  const add = async (pid: number, argv: string[]): Promise<void> => {
    const identity = await identifyProcess(pid);
    if (identity === null || !running.has(pid)) return;
    writer.update({ children: [...writer.state().children, { process: recordProcess(identity), argv }] });
  };
  return watchProcesses({
    started: (pid, argv) => {
      const shown = redactArgv(argv, secrets);
      log.event('process_started', { pid, argv: shown });
      running.add(pid);
      void add(pid, shown);
    },
    ended: (pid) => {
      log.event('process_ended', { pid });
      running.delete(pid);
      writer.update({ children: writer.state().children.filter(({ process }) => process.pid !== pid) });
    },
  });
};

const loggingRunner =
  ({ env, log, writer, stop }: Job): Runner =>
  async (argv, options = {}) => {
    const { onLine } = options;
    const result = await runProcess(argv, {
      env,
      signal: stop.signal,
      ...options,
      onLine: (line, stream) => {
        log.line(line, stream);
        onLine?.(line, stream);
      },
    });
    writer.updateSlowly({ exit: { code: result.code, signal: result.signal } });
    return result;
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
    event: job.log.event,
    log: (line, stream = 'stdout') => job.log.line(line, stream),
    run: loggingRunner(job),
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

/** The outcome of the work; a body that ignores the abort is given up after the grace time. */
const outcomeOf = async (work: Promise<JsonValue>, signal: AbortSignal): Promise<JsonValue> => {
  const aborted = new Promise<never>((_, reject) => {
    const giveUp = (): void => {
      const crashed = faultOf(signal.reason).kind === 'internal';
      void sleep(crashed ? 0 : GRACE_MS, undefined, { ref: false }).then(() => reject(signal.reason));
    };
    if (signal.aborted) giveUp();
    else signal.addEventListener('abort', giveUp, { once: true });
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

const end = async (job: Job, patch: Partial<JobState>): Promise<void> => {
  for (const { process } of job.writer.state().children) signalGroup(process.pid, 'SIGKILL');
  job.writer.update({ ...patch, ended_at: now(), children: [] });
  await job.writer.flush();
  job.log.event('state', { state: patch.state ?? 'failed' });
};

const runJob = async (job: Job, requestText: string): Promise<void> => {
  const stopHeartbeat = keepAlive(job);
  const stopRecording = recordProcesses(job);
  let stopClock = (): void => undefined;
  try {
    const request = parseJobRequest(requestText);
    stopClock = timeLimit(job, request.time_limit_s);
    const result = await outcomeOf(runWork(request.work, contextOf(job)), job.stop.signal);
    await end(job, await returned(job, result));
  } catch (error) {
    await end(job, failed(job, error));
  } finally {
    stopClock();
    stopRecording();
    stopHeartbeat();
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
    writer: openStateWriter(files.state, state, now),
    log: openJobLog(files, secrets, now),
    stop,
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

/** Takes a queued job and runs it. Does nothing when somebody else has taken it. */
export const supervise = async (files: JobFiles, wires: SupervisorWires): Promise<void> => {
  const requestText = await wires.readRequest();
  if (!(await claimJob(files, 'run'))) return;
  const job = openJob(files, wires.env, await readState(files));
  wires.onSignal((signal) => job.stop.abort(cancelled(existsSync(files.cancel) ? 'cancel was requested' : signal)));
  wires.onCrash((error) => job.stop.abort(faultOf(error)));
  job.writer.update({ state: 'running', process: recordProcess(currentOwner()), started_at: now() });
  await job.writer.flush();
  job.log.event('state', { state: 'running' });
  await runJob(job, requestText);
};
