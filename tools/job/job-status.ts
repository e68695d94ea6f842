// job_status: how far a job is, or what came of it.
import { z } from 'zod';
import {
  answerOf,
  JOB_DATA,
  jobExitCode,
  jobFailed,
  jobLinks,
  jobSteps,
  renderJob,
} from '../../src/jobs/job-answer.ts';
import { jobNamed } from '../../src/jobs/read-job.ts';
import { waitForJob } from '../../src/jobs/wait-for-job.ts';
import { defineVerb } from '../../src/verb/define-verb.ts';

export const jobStatus = defineVerb({
  name: 'job_status',
  family: 'job',
  library: 'job',
  verb: 'status',
  title: 'Status of a job',
  description:
    'State, progress and result of a background job, also after a restart of the server. All jobs: job_list.',
  safety: 'read_only',
  fields: {
    job_id: z.string().optional().describe('Default: the newest job.'),
    wait_s: z.number().min(0).max(600).optional().describe('Seconds to wait for its end. Default 0.'),
  },
  positionals: ['job_id'],
  time_limit_s: 700,
  data: { verb_of_job: z.string(), ...JOB_DATA },
  examples: [{ title: 'Wait up to a minute', input: { job_id: '20261122T020816992331Z-a1b2c3', wait_s: 60 } }],
  run: async ({ job_id: named, wait_s: waitS = 0 }, context) => {
    const id = await jobNamed(context.root, named);
    const job = await waitForJob({ root: context.root, id, waitS, signal: context.signal });
    return { verb_of_job: job.verb, ...(await answerOf(job)) };
  },
  render: (data) => `${data.verb_of_job}: ${renderJob(data)}`,
  next: jobSteps,
  links: jobLinks,
  failed: jobFailed,
  exit_code: jobExitCode,
});
