// Names and places of jobs: `<root>/experiments/artifacts/jobs/<id>/`. An id is a time stamp with random digits, so that
// names sort by age; anything else is refused before it touches the file system.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { artifactsFolder } from '../fs/root.ts';
import { Fault } from '../text/fault.ts';
import { timeSlug, type Moment } from '../text/time.ts';

const ID = /^\d{8}T\d{12}Z-[0-9a-f]{6}$/;

export const newJobId = (now: Moment): string => `${timeSlug(now)}-${randomBytes(3).toString('hex')}`;

export const isJobId = (name: string): boolean => ID.test(name);

export const jobsFolder = (root: string): string => join(artifactsFolder(root), 'jobs');

export interface JobFiles {
  readonly folder: string;
  readonly state: string;
  readonly events: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly result: string;
  /** What the supervisor itself printed; empty unless it broke. */
  readonly supervisorLog: string;
  /** Made by the one process that may end the queue: the supervisor, or a canceller. */
  readonly claim: string;
  /** Made by a canceller. */
  readonly cancel: string;
  /** Touched while the supervisor lives. */
  readonly heartbeat: string;
  /** Space that is given up so that a full disk does not keep the end of the job from being written. */
  readonly reserve: string;
}

export const filesIn = (folder: string): JobFiles => ({
  folder,
  state: join(folder, 'state.json'),
  events: join(folder, 'events.jsonl'),
  stdout: join(folder, 'stdout.log'),
  stderr: join(folder, 'stderr.log'),
  result: join(folder, 'result.json'),
  supervisorLog: join(folder, 'supervisor.log'),
  claim: join(folder, 'claim.json'),
  cancel: join(folder, 'cancel.json'),
  heartbeat: join(folder, 'heartbeat'),
  reserve: join(folder, 'reserve'),
});

/** Throws `job_id_invalid` for a text that is no id. */
export const jobFiles = (root: string, id: string): JobFiles => {
  if (!isJobId(id))
    throw new Fault('usage', 'job_id_invalid', `${JSON.stringify(id)} is not a job id`, {
      fix: 'take the id from the result of the call that started the job, or from job_list',
    });
  return filesIn(join(jobsFolder(root), id));
};
