// job_list: jobs of a root, newest first.
import { z } from 'zod';
import { jobsFolder } from '../../src/jobs/job-folder.ts';
import { JOB_STATUSES } from '../../src/jobs/job-state.ts';
import { listJobs } from '../../src/jobs/read-job.ts';
import { defineVerb } from '../../src/verb/define-verb.ts';

const MOST_LINES = 20;
const MOST_DAMAGED = 3;

const damagedText = (damaged: readonly { readonly job_id: string; readonly problem: string }[]): string[] => [
  ...damaged.slice(0, MOST_DAMAGED).map(({ job_id: id, problem }) => `! ${id} cannot be read: ${problem}`),
  ...(damaged.length > MOST_DAMAGED ? [`! … ${damaged.length - MOST_DAMAGED} more that cannot be read`] : []),
];

export const jobList = defineVerb({
  name: 'job_list',
  family: 'job',
  library: 'job',
  verb: 'list',
  title: 'List jobs',
  description: 'Background jobs of this root, newest first: verb, state, progress. One job: job_status.',
  safety: 'read_only',
  fields: {
    state: z.array(z.enum(JOB_STATUSES)).optional().describe('Only jobs in these states.'),
    limit: z.number().int().min(1).max(200).optional().describe('Limit. Most jobs, default 20.'),
    cursor: z.string().optional().describe('next_cursor of the last call.'),
  },
  data: {
    jobs: z.array(
      z.object({
        job_id: z.string(),
        verb: z.string(),
        state: z.string(),
        progress: z.object({ done: z.number(), total: z.number(), message: z.string() }).nullable(),
        created_at: z.string(),
        ended_at: z.string().nullable(),
        reason: z.string().nullable(),
      }),
    ),
    damaged: z.array(z.object({ job_id: z.string(), path: z.string(), code: z.string(), problem: z.string() })),
    next_cursor: z.string().nullable(),
    folder: z.string().describe('Folder of the jobs.'),
  },
  examples: [{ title: 'The newest', input: { limit: 5 } }],
  run: async ({ state: states, limit = 20, cursor }, context) => {
    const page = await listJobs({ root: context.root, states, limit, cursor: cursor ?? null });
    const jobs = page.jobs.map(({ id, verb, state, progress, created_at, ended_at, reason }) => ({
      job_id: id,
      verb,
      state,
      progress,
      created_at,
      ended_at,
      reason,
    }));
    const damaged = page.damaged.map(({ id, path, code, problem }) => ({ job_id: id, path, code, problem }));
    return { jobs, damaged, next_cursor: page.next_cursor, folder: jobsFolder(context.root) };
  },
  render: ({ jobs, damaged, folder }) => {
    if (jobs.length === 0) return [`no jobs in ${folder}`, ...damagedText(damaged)].join('\n');
    return [
      ...jobs.slice(0, MOST_LINES).map(({ job_id: id, verb, state }) => `${id} ${verb}: ${state}`),
      ...damagedText(damaged),
      ...(jobs.length > MOST_LINES ? [`… ${jobs.length - MOST_LINES} more rows: jobs in the structured result`] : []),
    ].join('\n');
  },
  next: ({ jobs: [newest], next_cursor: cursor }, input) => [
    ...(newest === undefined ? [] : [{ verb: 'job_status', input: { job_id: newest.job_id } }]),
    ...(cursor === null ? [] : [{ verb: 'job_list', input: { ...input, cursor } }]),
  ],
});
