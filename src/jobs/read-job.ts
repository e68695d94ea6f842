// Reads jobs back, also those whose server or supervisor was killed. Never writes: a job whose processes are gone is shown
// as `lost`, whatever its file says.
import { readFileSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { processState } from '../exec/process-identity.ts';
import { exists } from '../fs/exists.ts';
import { ioFault, onFile } from '../fs/io-fault.ts';
import { withRegularFile } from '../fs/regular-file.ts';
import { Fault, systemCode } from '../text/fault.ts';
import { isoSeconds } from '../text/time.ts';
import { claimantOf } from './claim-job.ts';
import { observeTask } from './executors.ts';
import { isJobId, jobFiles, jobsFolder, type JobFiles } from './job-folder.ts';
import { hasEnded, identityOf, parseJobState, type JobState, type TaskHandle } from './job-state.ts';

/** A state with what only its reader can know. */
export interface JobView extends JobState {
  /** Commands of an ended or lost job that still run. */
  readonly orphans: readonly TaskHandle[];
}

/** A queued job whose starter died gets this long until its supervisor must have taken it. */
const QUEUE_GRACE_MS = 15_000;
/** No supervisor takes a job that is older, whoever lives. */
export const QUEUE_LIMIT_MS = 60_000;
/** A supervisor of another machine or container that gave no sign for this long is gone. */
const SILENCE_MS = 60_000;

export const readState = async (files: JobFiles): Promise<JobState> => {
  try {
    const text = await withRegularFile(files.state, ({ descriptor }) => readFileSync(descriptor, 'utf8'));
    return parseJobState(text, files.state);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw ioFault(error, files.state);
    throw new Fault('input', 'job_not_found', `there is no job ${basename(files.folder)} in ${dirname(files.folder)}`, {
      path: files.folder,
      fix: 'see job_list for the jobs of this root',
    });
  }
};

const lastSign = async (files: JobFiles): Promise<number | null> => {
  try {
    return (await stat(files.heartbeat)).mtimeMs;
  } catch {
    return null;
  }
};

const sign = (at: number | null): string =>
  at === null ? 'no sign of life was recorded' : `last sign of life ${isoSeconds(at)}`;

/** Why a job that its file calls queued or running is lost; null when it is not. */
const lossOf = async (state: JobState, files: JobFiles): Promise<string | null> => {
  if (state.process !== null) {
    const life = await processState(identityOf(state.process));
    if (life === 'alive') return null;
    const at = await lastSign(files);
    if (life === 'dead') return `its supervisor (process ${state.process.pid}) is gone, ${sign(at)}`;
    const silent = Date.now() - (at ?? Date.parse(state.updated_at)) > SILENCE_MS;
    return silent ? `its supervisor runs on another machine or container and is silent, ${sign(at)}` : null;
  }
  return lossOfQueued(state, files);
};

/** Whoever takes a job says so in the state at once; a full disk or a kill may come in between. */
const lossOfQueued = async (state: JobState, files: JobFiles): Promise<string | null> => {
  const claimant = await claimantOf(files);
  if (claimant !== null) {
    const life = await processState(identityOf(claimant));
    const silent = life === 'elsewhere' && Date.now() - Date.parse(state.created_at) > SILENCE_MS;
    return life === 'dead' || silent ? 'its supervisor took it and is gone' : null;
  }
  const waitedMs = Date.now() - Date.parse(state.created_at);
  if (waitedMs > QUEUE_LIMIT_MS) return `no supervisor took it within ${QUEUE_LIMIT_MS / 1000} s`;
  if (waitedMs <= QUEUE_GRACE_MS || (await processState(identityOf(state.starter))) === 'alive') return null;
  return `the process that started it (${state.starter.pid}) is gone and no supervisor took it`;
};

const runningChildren = async ({ children }: JobState): Promise<TaskHandle[]> => {
  const lives = await Promise.all(children.map(observeTask));
  return children.filter((_, index) => lives[index] === 'running');
};

/** The state of a job as it is, with `lost` derived. */
export const viewOf = async (files: JobFiles): Promise<JobView> => {
  const first = await readState(files);
  const loss = hasEnded(first.state) ? null : await lossOf(first, files);
  if (loss === null) return { ...first, orphans: hasEnded(first.state) ? await runningChildren(first) : [] };
  const last = await readState(files); // its writer is gone now: this is final, and may be an end that came in between
  const orphans = await runningChildren(last);
  return hasEnded(last.state) ? { ...last, orphans } : { ...last, state: 'lost', reason: loss, orphans };
};

/** Throws `job_id_invalid`, `job_not_found` or `job_state_invalid`. */
export const readJob = (root: string, id: string): Promise<JobView> => viewOf(jobFiles(root, id));

/** A job folder whose state cannot be read. */
export interface DamagedJob {
  readonly id: string;
  readonly path: string;
  readonly code: string;
  readonly problem: string;
}

export interface JobPage {
  readonly jobs: readonly JobView[];
  /** Of the same page; one such folder keeps no other job from being listed. */
  readonly damaged: readonly DamagedJob[];
  /** Give it as `cursor` for the next page; null on the last one. */
  readonly next_cursor: string | null;
}

export interface JobListing {
  readonly root: string;
  /** Only jobs in one of these states. */
  readonly states?: readonly string[] | undefined;
  /** At most this many jobs, default 20. */
  readonly limit?: number;
  /** `next_cursor` of the page before. */
  readonly cursor?: string | null;
}

const namesIn = async (folder: string): Promise<string[]> => {
  try {
    return await readdir(folder);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  }
};

const viewOrDamage = async (root: string, id: string): Promise<JobView | DamagedJob | null> => {
  const files = jobFiles(root, id);
  try {
    return await viewOf(files);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    if (!exists(files.folder)) return null; // removed since the folder was listed
    const problem = error.code === 'job_not_found' ? 'has no state.json' : error.message;
    return { id, path: files.folder, code: error.code, problem };
  }
};

const isDamaged = (found: JobView | DamagedJob): found is DamagedJob => 'problem' in found;

/** Jobs of a root, newest first. */
export const listJobs = async ({ root, states, limit = 20, cursor = null }: JobListing): Promise<JobPage> => {
  const before = cursor ?? '\uffff';
  if (cursor !== null) jobFiles(root, cursor);
  const folder = jobsFolder(root);
  const ids = (await onFile(folder, () => namesIn(folder))).filter((name) => isJobId(name) && name < before);
  const left = ids.sort().reverse();
  const jobs: JobView[] = [];
  const damaged: DamagedJob[] = [];
  let last: string | null = null;
  while (left.length > 0 && jobs.length + damaged.length < limit) {
    const page = left.splice(0, limit - jobs.length - damaged.length);
    last = page.at(-1) ?? null;
    const found = (await Promise.all(page.map((id) => viewOrDamage(root, id)))).filter((each) => each !== null);
    damaged.push(...found.filter(isDamaged));
    jobs.push(
      ...found
        .filter((each): each is JobView => !isDamaged(each))
        .filter(({ state }) => states === undefined || states.includes(state)),
    );
  }
  return { jobs, damaged, next_cursor: left.length > 0 ? last : null };
};

/** The id that a caller means: the one given, or that of the newest job for none and for `latest`. Throws `no_jobs`. */
export const jobNamed = async (root: string, named: string | undefined): Promise<string> => {
  if (named !== undefined && named !== 'latest') return named;
  const folder = jobsFolder(root);
  const newest = (await onFile(folder, () => namesIn(folder))).filter(isJobId).sort().at(-1);
  if (newest !== undefined) return newest;
  throw new Fault('input', 'no_jobs', `no job was started in ${root}`, {
    fix: 'start one, or name another root with repo_root',
  });
};
