// Starts work that outlives this process: makes the job's folder, starts its supervisor, hands over the request, and waits
// until the supervisor has taken it. Never leaves a folder without a state.
import { existsSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Environment } from '../exec/environment.ts';
import { startDetached, type Detached } from '../exec/start-detached.ts';
import { onFile } from '../fs/io-fault.ts';
import { currentOwner } from '../fs/process-owner.ts';
import { makeFolders, stageFolder } from '../fs/publish-folder.ts';
import { Fault } from '../text/fault.ts';
import { jsonFile, type JsonValue } from '../text/json.ts';
import { environmentSecrets, redactArgv } from '../text/redact.ts';
import { isoSeconds, type Moment } from '../text/time.ts';
import { faultOf } from '../verb/failure.ts';
import { claimJob } from './claim-job.ts';
import type { JobWork } from './job-context.ts';
import { filesIn, jobFiles, jobsFolder, newJobId, type JobFiles } from './job-folder.ts';
import { recordProcess, type JobState } from './job-state.ts';
import { readJob, readState, type JobView } from './read-job.ts';
import { redactJson } from './redact-json.ts';
import { makeReserve } from './reserve.ts';
import { writeState } from './write-state.ts';

export interface NewJob {
  readonly root: string;
  readonly verb: string;
  /** What the verb was called with; stored redacted. */
  readonly input: JsonValue;
  readonly work: JobWork;
  readonly env: Environment;
  readonly now: Moment;
  /** The job fails when it runs longer. */
  readonly timeLimitS?: number;
}

/** How long a supervisor may take to start before the job is called failed. */
const START_LIMIT_MS = 30_000;
const POLL_MS = 20;

/** Command line of a supervisor: the built file beside or above this one, or the source file under tsx. */
export const supervisorArgv = (folder: string): string[] => {
  const here = fileURLToPath(import.meta.url);
  if (here.endsWith('.ts')) {
    const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
    return [process.execPath, '--import', loader, join(dirname(here), 'supervisor.ts'), folder];
  }
  const beside = [dirname(here), dirname(dirname(here))].map((at) => join(at, 'job-supervisor.mjs'));
  const built = beside.find((path) => existsSync(path));
  if (built !== undefined) return [process.execPath, built, folder];
  throw new Fault('internal', 'job_supervisor_missing', 'job-supervisor.mjs is not part of this installation', {
    fix: 'install the product again',
  });
};

const firstState = ({ root, verb, input, work, env, now }: NewJob, id: string, files: JobFiles): JobState => {
  const secrets = environmentSecrets(env);
  const at = isoSeconds(now.epochMs);
  return {
    schema_version: 1,
    id,
    verb,
    state: 'queued',
    input: redactJson(input, secrets),
    argv: 'steps' in work ? work.steps.map(({ argv }) => redactArgv(argv, secrets)) : null,
    root,
    created_at: at,
    started_at: null,
    ended_at: null,
    updated_at: at,
    starter: recordProcess(currentOwner()),
    process: null,
    children: [],
    progress: null,
    restoring_until: null,
    exit: null,
    error: null,
    reason: null,
    result_path: null,
    stdout_path: files.stdout,
    stderr_path: files.stderr,
    events_path: files.events,
  };
};

/** The job appears with its state and empty logs, or not at all. */
const publishJob = async (state: JobState, files: JobFiles, root: string): Promise<void> => {
  await makeFolders(jobsFolder(root));
  const staged = await stageFolder(join(jobsFolder(root), '.staging'));
  try {
    await onFile(files.folder, async () => {
      await writeFile(join(staged, 'state.json'), jsonFile(state));
      for (const name of ['stdout.log', 'stderr.log', 'events.jsonl']) await writeFile(join(staged, name), '');
      await makeReserve(filesIn(staged).reserve);
      await rename(staged, files.folder);
    });
  } catch (fault) {
    await rm(staged, { recursive: true, force: true });
    throw fault;
  }
};

const startFailed = async (files: JobFiles, says: string): Promise<void> => {
  if (!(await claimJob(files, 'cancel'))) return;
  const error = { code: 'job_not_started', kind: 'internal', message: says, fix: `see ${files.supervisorLog}` };
  await writeState(files, { ...(await readState(files)), state: 'failed', error, ended_at: isoSeconds(Date.now()) });
};

/** Waits until the supervisor has written its first state, or could not. */
const untilTaken = async (files: JobFiles, supervisor: Detached): Promise<void> => {
  let over: string | undefined;
  const ended = supervisor.ended.then(
    ({ code, signal }) => (over = `the supervisor ended with ${signal ?? `exit code ${code}`} before it took the job`),
    (error: unknown) => (over = error instanceof Error ? error.message : String(error)),
  );
  const deadline = Date.now() + START_LIMIT_MS;
  while ((await readState(files)).state === 'queued') {
    if (over !== undefined) return startFailed(files, over);
    if (Date.now() > deadline)
      return startFailed(files, `the supervisor did not start within ${START_LIMIT_MS / 1000} s`);
    await Promise.race([sleep(POLL_MS), ended]);
  }
};

/**
 * Starts a job and returns its first state, `running` in the usual case. The job goes on when this process ends. Throws
 * when the folder cannot be made; a supervisor that does not start makes a job that is `failed`.
 */
export const startJob = async (job: NewJob): Promise<JobView> => {
  const id = newJobId(job.now);
  const files = jobFiles(job.root, id);
  await publishJob(firstState(job, id, files), files, job.root);
  const supervisor = await startSupervisor(job, files).catch((error: unknown) => faultOf(error));
  if (supervisor instanceof Fault) await startFailed(files, supervisor.message);
  else await untilTaken(files, supervisor);
  return readJob(job.root, id);
};

const startSupervisor = (job: NewJob, files: JobFiles): Promise<Detached> =>
  startDetached(supervisorArgv(files.folder), {
    env: job.env,
    cwd: job.root,
    stdin: JSON.stringify({ work: job.work, time_limit_s: job.timeLimitS ?? null }),
    logFile: files.supervisorLog,
  });
