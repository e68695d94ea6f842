// What a call about a job answers: fields, text and links, the same for the verb that started it and for job_status.
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { parseJson, type JsonValue } from '../text/json.ts';
import type { Link } from '../verb/define-verb.ts';
import type { VerbContext } from '../verb/context.ts';
import { jobModule } from './job-module.ts';
import { hasEnded } from './job-state.ts';
import type { JobView } from './read-job.ts';
import { startJob } from './start-job.ts';
import { waitForJob } from './wait-for-job.ts';

/** Fields of a result that is about a job; null for a dry run. */
export const JOB_DATA = {
  job_id: z.string().nullable(),
  state: z.string(),
  progress: z.record(z.string(), z.unknown()).nullable(),
  result: z.unknown(),
  error: z.record(z.string(), z.unknown()).nullable(),
  reason: z.string().nullable(),
  exit: z.record(z.string(), z.unknown()).nullable(),
  job_folder: z.string().nullable(),
  stdout_path: z.string().nullable(),
  stderr_path: z.string().nullable(),
  plan: z.array(z.string()),
};

export interface JobAnswer {
  readonly job_id: string | null;
  readonly state: string;
  readonly progress: Record<string, unknown> | null;
  readonly result: JsonValue;
  readonly error: Record<string, unknown> | null;
  readonly reason: string | null;
  readonly exit: Record<string, unknown> | null;
  readonly job_folder: string | null;
  readonly stdout_path: string | null;
  readonly stderr_path: string | null;
  readonly plan: string[];
}

/** `wait_s` of every verb that starts a job. */
export const waitField = z
  .number()
  .min(0)
  .max(3600)
  .optional()
  .describe('Seconds to wait for the end before the job id is returned, default 20.');

const DEFAULT_WAIT_S = 20;

/** The answer about a job as it is. */
export const answerOf = async (job: JobView): Promise<JobAnswer> => ({
  job_id: job.id,
  state: job.state,
  progress: job.progress,
  result: job.result_path === null ? null : parseJson(await readFile(job.result_path, 'utf8'), job.result_path),
  error: job.error,
  reason: job.reason,
  exit: job.exit,
  job_folder: dirname(job.events_path),
  stdout_path: job.stdout_path,
  stderr_path: job.stderr_path,
  plan: [],
});

/** The answer of a dry run: what would be started. */
export const plannedAnswer = (plan: readonly string[]): JobAnswer => ({
  job_id: null,
  state: 'planned',
  progress: null,
  result: null,
  error: null,
  reason: null,
  exit: null,
  job_folder: null,
  stdout_path: null,
  stderr_path: null,
  plan: [...plan],
});

export interface VerbJob {
  readonly verb: string;
  readonly family: string;
  /** Exported name of the body in the verb's module. */
  readonly body: string;
  /** What the body gets; JSON. */
  readonly input: JsonValue;
  readonly waitS: number | undefined;
  readonly timeLimitS?: number | undefined;
}

/** Starts the job of a verb and waits `wait_s` for it. Cancelling the call leaves the job running. */
export const startVerbJob = async (job: VerbJob, context: VerbContext): Promise<JobAnswer> => {
  const started = await startJob({
    root: context.root,
    verb: job.verb,
    input: job.input,
    work: { module: jobModule(context.productFolder, job.family, job.verb), export: job.body, input: job.input },
    env: context.env,
    now: context.now(),
    ...(job.timeLimitS === undefined ? {} : { timeLimitS: job.timeLimitS }),
  });
  const ended = await waitForJob({
    root: context.root,
    id: started.id,
    waitS: job.waitS ?? DEFAULT_WAIT_S,
    signal: context.signal,
    onChange: ({ progress }) => {
      if (progress !== null) context.progress(progress.done, progress.total, progress.message);
    },
  });
  return answerOf(ended);
};

/** Text of an answer; `describeResult` tells a finished result in the verb's own terms. */
export const renderJob = (answer: JobAnswer, describeResult: (result: JsonValue) => string): string => {
  if (answer.state === 'planned')
    return ['dry run; would start:', ...answer.plan.map((line) => `  ${line}`)].join('\n');
  const done = answer.state === 'succeeded' ? describeResult(answer.result) : null;
  const { progress, error, reason } = answer;
  const lines = [
    ...(done === null ? [`job ${answer.job_id} is ${answer.state}${reason === null ? '' : `: ${reason}`}`] : [done]),
    ...(error === null ? [] : [`error ${String(error['code'])}: ${String(error['message'])}`]),
    ...(typeof error?.['fix'] === 'string' ? [`fix: ${error['fix']}`] : []),
    ...(progress === null || done !== null
      ? []
      : [`progress: ${String(progress['message'])} (${String(progress['done'])} of ${String(progress['total'])})`]),
    ...(hasEnded(answer.state as JobView['state'])
      ? []
      : [`next: job_status job_id=${answer.job_id} wait_s=60; job_cancel ends it`]),
    ...(done === null ? [] : [`job: ${answer.job_id}`]),
  ];
  return lines.join('\n');
};

export const jobLinks = (answer: JobAnswer): Link[] =>
  answer.stdout_path === null || answer.stderr_path === null
    ? []
    : [
        { path: answer.stdout_path, title: 'output', mime_type: 'text/plain' },
        { path: answer.stderr_path, title: 'errors', mime_type: 'text/plain' },
      ];

/** 0 while it runs and when it succeeded, 1 when it failed or was lost, 130 when it was cancelled. */
export const jobExitCode = ({ state, error }: JobAnswer): number => {
  if (state === 'failed')
    return error?.['kind'] === 'timeout' ? 124 : error?.['kind'] === 'input' || error?.['kind'] === 'usage' ? 2 : 1;
  return state === 'lost' ? 1 : state === 'cancelled' ? 130 : 0;
};
