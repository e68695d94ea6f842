// Waits for a job to end, for a limited time. Never changes the job.
import { setTimeout as sleep } from 'node:timers/promises';
import { hasEnded } from './job-state.ts';
import { readJob, type JobView } from './read-job.ts';

const FIRST_POLL_MS = 20;
const LONGEST_POLL_MS = 500;

export interface JobWait {
  readonly root: string;
  readonly id: string;
  /** How long to wait at most. */
  readonly waitS: number;
  /** Ends the wait early; the job goes on. */
  readonly signal?: AbortSignal;
  readonly onChange?: (job: JobView) => void;
}

/** The job when it has ended, or as it is when the time is up or `signal` was aborted. */
export const waitForJob = async ({ root, id, waitS, signal, onChange }: JobWait): Promise<JobView> => {
  const deadline = Date.now() + waitS * 1000;
  let poll = FIRST_POLL_MS;
  for (;;) {
    const job = await readJob(root, id);
    onChange?.(job);
    const left = deadline - Date.now();
    if (hasEnded(job.state) || left <= 0 || signal?.aborted === true) return job;
    await sleep(Math.min(poll, left), undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
    poll = Math.min(poll * 1.5, LONGEST_POLL_MS);
  }
};
