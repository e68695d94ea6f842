// job_list: jobs of a root, newest first.
import { z } from 'zod';
import { listJobs } from '../../src/jobs/read-job.ts';
import { defineVerb } from '../../src/verb/define-verb.ts';

const MOST_LINES = 20;

export const jobList = defineVerb({
  name: 'job_list',
  family: 'job',
  library: 'job',
  verb: 'list',
  title: 'List jobs',
  description: 'Background jobs of this root, newest first: verb, state, progress.',
  safety: 'read_only',
  fields: {
    limit: z.number().int().min(1).max(200).optional().describe('Limit. Most jobs, default 20.'),
    cursor: z.string().optional().describe('next_cursor of the last call.'),
  },
  data: { jobs: z.array(z.record(z.string(), z.unknown())), next_cursor: z.string().nullable() },
  examples: [{ title: 'The newest', input: { limit: 5 } }],
  run: async ({ limit = 20, cursor }, context) => {
    const page = await listJobs({ root: context.root, limit, cursor: cursor ?? null });
    const jobs = page.jobs.map(({ id, verb, state, progress, created_at, ended_at, reason }) => ({
      job_id: id,
      verb,
      state,
      progress,
      created_at,
      ended_at,
      reason,
    }));
    return { jobs, next_cursor: page.next_cursor };
  },
  render: ({ jobs, next_cursor: cursor }) => {
    const [newest] = jobs;
    if (newest === undefined) return 'no jobs';
    const next =
      cursor === null ? `job_status job_id=${String(newest['job_id'])}` : `job_list cursor=${cursor} for older ones`;
    return [
      ...jobs
        .slice(0, MOST_LINES)
        .map((job) => `${String(job['job_id'])} ${String(job['verb'])}: ${String(job['state'])}`),
      ...(jobs.length > MOST_LINES ? [`… ${jobs.length - MOST_LINES} more in the structured answer`] : []),
      `next: ${next}`,
    ].join('\n');
  },
});
