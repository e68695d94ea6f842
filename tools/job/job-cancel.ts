// job_cancel: ends a job and everything it started.
import { z } from 'zod';
import { cancelJob } from '../../src/jobs/cancel-job.ts';
import { answerOf, JOB_DATA, jobLinks, jobSteps, renderJob } from '../../src/jobs/job-answer.ts';
import { readJob } from '../../src/jobs/read-job.ts';
import { defineVerb } from '../../src/verb/define-verb.ts';

/** States that can be ended. */
const ACTIVE: readonly string[] = ['queued', 'running'];

export const jobCancel = defineVerb({
  name: 'job_cancel',
  family: 'job',
  library: 'job',
  verb: 'cancel',
  title: 'Cancel a job',
  description: 'Ends a background job and every program that it started. To wait for it: job_status.',
  safety: 'writes_artifacts',
  idempotent: true,
  fields: { job_id: z.string().describe('Job id. The starting call returned it.') },
  positionals: ['job_id'],
  data: { verb_of_job: z.string(), ...JOB_DATA },
  examples: [{ title: 'End it', input: { job_id: '20261122T020816992331Z-a1b2c3' } }],
  run: async ({ job_id: id }, context) => {
    const job = context.dryRun ? await readJob(context.root, id) : await cancelJob({ root: context.root, id });
    return { verb_of_job: job.verb, ...(await answerOf(job)) };
  },
  render: (data, say) =>
    data.state === 'succeeded'
      ? `job ${data.job_id} had already succeeded\n${renderJob(data)}`
      : `${ACTIVE.includes(data.state) ? `${say('', 'end')} `.trimStart() : ''}${data.verb_of_job}: ${renderJob(data)}`,
  next: jobSteps,
  links: jobLinks,
});
