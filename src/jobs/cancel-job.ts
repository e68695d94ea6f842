// Ends a job: asks its supervisor, and when that does not answer, ends supervisor and commands by force. Only processes whose
// identity was recorded are signalled. A job that has ended stays as it is.
import { writeFile } from 'node:fs/promises';
import { signalGroup } from '../exec/process-group.ts';
import { isAlive } from '../exec/process-identity.ts';
import { onFile } from '../fs/io-fault.ts';
import { jsonFile } from '../text/json.ts';
import { isoSeconds } from '../text/time.ts';
import { claimJob } from './claim-job.ts';
import { cancelTask } from './executors.ts';
import { jobFiles, type JobFiles } from './job-folder.ts';
import { hasEnded, identityOf, type RecordedProcess, type TaskHandle } from './job-state.ts';
import { readState, viewOf, type JobView } from './read-job.ts';
import { waitForJob } from './wait-for-job.ts';
import { writeState } from './write-state.ts';

export interface JobCancel {
  readonly root: string;
  readonly id: string;
  /** How long the supervisor may take before it is ended by force, default 20 s. */
  readonly graceS?: number;
}

const CHILD_GRACE_MS = 2000;

const writeCancelled = async (files: JobFiles, reason: string): Promise<void> => {
  const at = isoSeconds(Date.now());
  await writeState(files, {
    ...(await readState(files)),
    state: 'cancelled',
    reason,
    ended_at: at,
    updated_at: at,
    children: [],
  });
};

/** The job after the grace time, or after what it still puts back. */
const waitForRestoring = async ({ root, id, graceS }: Required<JobCancel>): Promise<JobView> => {
  const asked = await waitForJob({ root, id, waitS: graceS });
  if (hasEnded(asked.state) || asked.restoring_until === null) return asked;
  const leftS = (Date.parse(asked.restoring_until) - Date.now()) / 1000;
  return leftS <= 0 ? asked : waitForRestoring({ root, id, graceS: leftS + graceS });
};

const endTask = (handle: TaskHandle): Promise<void> => cancelTask(handle, CHILD_GRACE_MS);

const force = async (files: JobFiles, supervisor: RecordedProcess): Promise<void> => {
  if (!(await isAlive(identityOf(supervisor)))) return;
  signalGroup(supervisor.pid, 'SIGKILL');
  const { children, state } = await readState(files);
  await Promise.all(children.map(endTask));
  if (!hasEnded(state))
    await writeCancelled(files, 'cancel was requested; the supervisor did not answer and was ended');
};

/**
 * Returns the job as it is afterwards: `cancelled`, or how it had ended before. A `lost` job stays lost, its remaining
 * commands are ended. A supervisor on another machine is only asked.
 */
export const cancelJob = async ({ root, id, graceS = 20 }: JobCancel): Promise<JobView> => {
  const files = jobFiles(root, id);
  const job = await viewOf(files);
  await Promise.all(job.orphans.map(endTask));
  if (hasEnded(job.state)) return viewOf(files);
  if (await claimJob(files, 'cancel')) {
    await writeCancelled(files, 'cancel was requested before it began');
    return viewOf(files);
  }
  await onFile(files.cancel, () => writeFile(files.cancel, jsonFile({ requested_at: isoSeconds(Date.now()) })));
  const taken = await takenBy(files);
  if (taken !== null && (await isAlive(identityOf(taken)))) process.kill(taken.pid, 'SIGTERM');
  const asked = await waitForRestoring({ root, id, graceS });
  if (!hasEnded(asked.state) && asked.process !== null) await force(files, asked.process);
  return viewOf(files);
};

/** The supervisor that has claimed the job; null in the moment before it says so in the state. */
const takenBy = async (files: JobFiles): Promise<RecordedProcess | null> => (await readState(files)).process;
