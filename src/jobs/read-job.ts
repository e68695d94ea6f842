// Reads jobs back, also those whose server or supervisor was killed. Never writes: a job whose processes are gone is shown
// as `lost`, whatever its file says.
import { readFile, readdir, stat } from 'node:fs/promises';
import { processState } from '../exec/process-identity.ts';
import { onFile } from '../fs/io-fault.ts';
import { Fault, systemCode } from '../text/fault.ts';
import { isoSeconds } from '../text/time.ts';
import { isJobId, jobFiles, jobsFolder, type JobFiles } from './job-folder.ts';
import { hasEnded, identityOf, parseJobState, type JobState, type RecordedProcess } from './job-state.ts';

/** A state with what only its reader can know. */
export interface JobView extends JobState {
  /** Processes of an ended or lost job that still run. */
  readonly orphans: readonly RecordedProcess[];
}

/** A queued job whose starter died gets this long until its supervisor must have taken it. */
const QUEUE_GRACE_MS = 15_000;
/** A supervisor of another machine or container that gave no sign for this long is gone. */
const SILENCE_MS = 60_000;

export const readState = async (files: JobFiles): Promise<JobState> => {
  try {
    return parseJobState(await readFile(files.state, 'utf8'), files.state);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
    throw new Fault('input', 'job_not_found', `there is no job ${files.folder.split('/').at(-1) ?? ''}`, {
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

const exists = async (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

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
  const waited = Date.now() - Date.parse(state.created_at) > QUEUE_GRACE_MS;
  if (!waited || (await processState(identityOf(state.starter))) === 'alive') return null;
  if (await exists(files.claim)) return 'its supervisor took it and is gone';
  return `the process that started it (${state.starter.pid}) is gone and no supervisor took it`;
};

const runningChildren = async (state: JobState): Promise<RecordedProcess[]> => {
  const lives = await Promise.all(state.children.map(({ process }) => processState(identityOf(process))));
  return state.children.filter((_, index) => lives[index] === 'alive').map(({ process }) => process);
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

export interface JobPage {
  readonly jobs: readonly JobView[];
  /** Give it as `cursor` for the next page; null on the last one. */
  readonly next_cursor: string | null;
}

export interface JobListing {
  readonly root: string;
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

/** Jobs of a root, newest first. */
export const listJobs = async ({ root, limit = 20, cursor = null }: JobListing): Promise<JobPage> => {
  const before = cursor ?? '\uffff';
  if (cursor !== null) jobFiles(root, cursor);
  const folder = jobsFolder(root);
  const ids = (await onFile(folder, () => namesIn(folder))).filter((name) => isJobId(name) && name < before);
  const page = ids.sort().reverse().slice(0, limit);
  const jobs = await Promise.all(page.map((id) => readJob(root, id)));
  return { jobs, next_cursor: ids.length > page.length ? (page.at(-1) ?? null) : null };
};
