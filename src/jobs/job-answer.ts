// What a call about a job answers: fields, text and links, the same for the verb that started it and for job_status.
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import type { Fault } from '../text/fault.ts';
import { parseJson, type JsonObject } from '../text/json.ts';
import { exitCodeOfKind, faultRecord } from '../verb/failure.ts';
import { saying } from '../verb/dry-run.ts';
import type { Link } from '../verb/define-verb.ts';
import { completeStep, nextStepSchema, type NextStep } from '../verb/next-step.ts';
import { jobStateSchema } from './job-state.ts';
import type { PinnedPlan } from './plan-pins.ts';
import type { JobView } from './read-job.ts';

/** Fields of a result that is about a job; null for a dry run. */
export const JOB_DATA = {
  job_id: z.string().nullable(),
  state: z.string(),
  progress: jobStateSchema.shape.progress,
  /** Whatever the verb of the job answers: its own output schema says what. Null until it has ended. */
  result: z.unknown(),
  error: jobStateSchema.shape.error,
  reason: z.string().nullable(),
  exit: jobStateSchema.shape.exit,
  job_folder: z.string().nullable(),
  stdout_path: z.string().nullable(),
  stderr_path: z.string().nullable(),
  plan: z.array(z.string()),
  plan_sha256: z.string().nullable(),
};

export type JobAnswer = z.output<z.ZodObject<typeof JOB_DATA>>;

/** Longest wait of a call, a day: a build server waits for a tuning that takes hours. */
const LONGEST_WAIT_S = 86_400;

/** Time limit of a call that may wait that long. */
export const JOB_CALL_LIMIT_S = LONGEST_WAIT_S + 600;

/** `wait_s` of every verb that starts a job. */
export const waitField = z
  .number()
  .min(0)
  .max(LONGEST_WAIT_S)
  .optional()
  .describe('Seconds to wait for the end before the job id is returned, default 20.');

/** `expect_plan` of every verb that starts a job. */
export const expectPlanField = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .optional()
  .describe('plan_sha256 of a dry run. Another plan is refused.');

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
  plan_sha256: null,
});

const linkSchema = z.object({ path: z.string(), title: z.string(), mime_type: z.string() });
const reportSchema = z.object({
  summary: z.string(),
  links: z.array(linkSchema),
  next: z.array(nextStepSchema).default([]),
});

export interface JobReport {
  /** Verdict first. */
  readonly summary: string;
  /** The files that the caller should read. */
  readonly links: readonly Link[];
  /** Calls that may follow; none where absent. */
  readonly next?: readonly NextStep[];
}

/**
 * What the body of a job returns: its own fields and a report, so that `job_status` says of the result what the verb says that
 * started the job.
 */
export const jobResult = ({ summary, links, next = [] }: JobReport, fields: JsonObject): JsonObject => ({
  ...fields,
  summary,
  links: links.map((link) => ({ ...link })),
  next: JSON.parse(JSON.stringify(next.map(completeStep))),
});

const reportOf = (result: unknown): z.output<typeof reportSchema> | null => reportSchema.safeParse(result).data ?? null;

/** The summary that the body of a job left in its result. */
const summaryOf = (result: unknown): string => reportOf(result)?.summary ?? 'its result is in the structured answer';

/** The answer of a dry run: what would be started. */
export const plannedAnswer = ({ lines, sha256 }: PinnedPlan): JobAnswer => ({
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
  plan: [...lines],
  plan_sha256: sha256,
});

/**
 * The answer of work that was done in the call itself. `stopped` is why it was cut short, null when it was not; the result
 * is then what it had.
 */
export const resultAnswer = (result: JsonObject, stopped: Fault | null): JobAnswer => {
  const done: JobAnswer = {
    ...plannedAnswer({ lines: [], sha256: '' }),
    plan_sha256: null,
    state: 'succeeded',
    result,
  };
  if (stopped === null) return done;
  if (stopped.kind === 'timeout') return { ...done, state: 'failed', error: faultRecord(stopped) };
  return { ...done, state: 'cancelled', reason: stopped.message };
};

const progressLine = ({ message, done, total }: NonNullable<JobAnswer['progress']>): string => {
  const share = total > 0 ? ` (${Math.floor((100 * done) / total)} %)` : '';
  return `progress: ${message}${share}`;
};

/** The calls that follow: to wait or to end it, what the result leads to, or to end what a lost job left running. */
export const jobSteps = ({ job_id: id, state, result }: JobAnswer): NextStep[] => {
  const cancel: NextStep = { verb: 'job_cancel', input: { job_id: id } };
  if (state === 'queued' || state === 'running')
    return [{ verb: 'job_status', input: { job_id: id, wait_s: 60 } }, cancel];
  return state === 'lost' ? [cancel] : [...(reportOf(result)?.next ?? [])];
};

const adviceLines = ({ state }: JobAnswer): string[] =>
  state === 'failed' || state === 'lost' ? ['advice: read its output, fix the cause, then start it again'] : [];

/** Text of a job that has not succeeded, or not yet; one that was cut short says what it had. */
const renderState = (answer: JobAnswer): string => {
  const { job_id: id, state, progress, error, reason, result } = answer;
  const partial = result === null ? [] : [`what it had until then: ${summaryOf(result)}`];
  return [
    `job ${id} is ${state}${reason === null ? '' : `: ${reason}`}`,
    ...(error === null ? [] : [`error ${error.code}: ${error.message}`]),
    ...(typeof error?.['fix'] === 'string' ? [`fix: ${error['fix']}`] : []),
    ...partial,
    ...(progress === null || result !== null ? [] : [progressLine(progress)]),
    ...(result === null ? adviceLines(answer) : []),
  ].join('\n');
};

/** Text of an answer: the plan of a dry run, the state, or the summary of the result. */
export const renderJob = (answer: JobAnswer): string => {
  if (answer.state === 'planned')
    return [
      `${saying(true)('', 'start')}:`,
      ...answer.plan.map((line) => `  ${line}`),
      `plan: ${answer.plan_sha256 ?? ''}`,
    ].join('\n');
  const { job_id: id, state, result } = answer;
  if (id === null) return summaryOf(result); // done in the call itself; whoever cut it short knows
  return state === 'succeeded' ? `${summaryOf(result)}\njob: ${id}` : renderState(answer);
};

/** The files of the result, then what the job printed. */
export const jobLinks = ({ result, stdout_path: output, stderr_path: errors }: JobAnswer): Link[] => [
  ...(reportOf(result)?.links ?? []),
  ...(output === null ? [] : [{ path: output, title: 'output', mime_type: 'text/plain' }]),
  ...(errors === null ? [] : [{ path: errors, title: 'errors', mime_type: 'text/plain' }]),
];

/** What the job was started for did not come about: its answer is an error. */
export const jobFailed = ({ state }: JobAnswer): boolean => state === 'failed' || state === 'lost';

/** The code of a job that is a gate stands in its result. */
const gateSchema = z.object({ exit_code: z.literal([0, 1, 3, 4]) });

/**
 * 0 while it runs; when it succeeded the code that its result holds, where it was a gate, else 0; the code of its error when it
 * failed, 5 when it was lost, 130 when it was cancelled.
 */
export const jobExitCode = ({ state, error, result }: JobAnswer): number => {
  if (state === 'succeeded') return gateSchema.safeParse(result).data?.exit_code ?? 0;
  if (state === 'failed') return exitCodeOfKind(error?.['kind']);
  return state === 'lost' ? exitCodeOfKind('internal') : state === 'cancelled' ? exitCodeOfKind('interrupted') : 0;
};
