// What `state.json` of a job holds, and how it is read back. The only writer of the file at any time is the starter (until
// the supervisor claims the job), then the supervisor; nobody writes over a state that has ended.
import { z } from 'zod';
import type { ProcessIdentity } from '../exec/process-identity.ts';
import { inputFault } from '../text/fault.ts';
import { parseJsonObject, type JsonValue } from '../text/json.ts';

/** `lost` is never written: readers derive it when the recorded process is gone. */
export const JOB_STATUSES = ['queued', 'running', 'succeeded', 'failed', 'cancelled', 'lost'] as const;
export type JobStatus = (typeof JOB_STATUSES)[number];

/** A process as it stands in files; `started` in clock ticks since boot on Linux, in seconds since the epoch on macOS. */
export const processSchema = z.strictObject({
  pid: z.number().int().positive(),
  started: z.string(),
  host: z.string(),
  boot: z.string(),
  pid_space: z.string(),
});

export type RecordedProcess = z.infer<typeof processSchema>;

export const recordProcess = ({ pidSpace, ...rest }: ProcessIdentity): RecordedProcess => ({
  ...rest,
  pid_space: pidSpace,
});

export const identityOf = ({ pid_space, ...rest }: RecordedProcess): ProcessIdentity => ({
  ...rest,
  pidSpace: pid_space,
});

/** A process group of this machine; `process` leads it. States of earlier versions name no executor. */
const localHandleSchema = z.strictObject({
  executor: z.literal('local_process').default('local_process'),
  process: processSchema,
  argv: z.array(z.string()),
});

/** A job of a Slurm cluster; `name` is unique to the command, the files lie in a folder that both sides see. */
const slurmHandleSchema = z.strictObject({
  executor: z.literal('slurm'),
  job: z.strictObject({ id: z.string().regex(/^\d+$/), cluster: z.string().nullable() }),
  name: z.string(),
  folder: z.string(),
  argv: z.array(z.string()),
});

/** A workload of a Kubernetes cluster; only the object with this uid is it. */
const kubernetesHandleSchema = z.strictObject({
  executor: z.literal('kubernetes'),
  kind: z.string(),
  name: z.string(),
  uid: z.string(),
  namespace: z.string(),
  context: z.string().nullable(),
  kubeconfig: z.string().nullable(),
  argv: z.array(z.string()),
});

/** A command inside a pod that stands already; `id` is in the environment of each of its processes, its files lie below `base`. */
const podHandleSchema = z.strictObject({
  executor: z.literal('pod'),
  pod: z.string(),
  container: z.string().nullable(),
  namespace: z.string(),
  context: z.string().nullable(),
  kubeconfig: z.string().nullable(),
  base: z.string(),
  run: z.string(),
  raw: z.string(),
  id: z.string(),
  argv: z.array(z.string()),
});

/** A command that an executor runs; `argv` redacted. */
const taskHandleSchema = z.union([localHandleSchema, slurmHandleSchema, kubernetesHandleSchema, podHandleSchema]);

export type TaskHandle = z.output<typeof taskHandleSchema>;
export type LocalHandle = z.output<typeof localHandleSchema>;
export type SlurmHandle = z.output<typeof slurmHandleSchema>;
export type KubernetesHandle = z.output<typeof kubernetesHandleSchema>;
export type PodHandle = z.output<typeof podHandleSchema>;

/** What tells the commands of a job apart. */
export const taskKey = (handle: TaskHandle): string => {
  switch (handle.executor) {
    case 'local_process':
      return `${handle.process.pid}.${handle.process.started}`;
    case 'slurm':
      return `slurm:${handle.job.cluster ?? ''}:${handle.job.id}`;
    case 'kubernetes':
      return `kubernetes:${handle.uid}`;
    case 'pod':
      return `pod:${handle.namespace}/${handle.pod}:${handle.id}`;
  }
};

const errorSchema = z.looseObject({ code: z.string(), kind: z.string(), message: z.string() });

const jsonValue: z.ZodType<JsonValue> = z.json() as z.ZodType<JsonValue>; // checked boundary: z.json() is JSON

/** All paths are absolute; times are UTC, `2026-11-23T01:20:44Z`. */
export const jobStateSchema = z.strictObject({
  schema_version: z.literal(1),
  id: z.string(),
  verb: z.string(),
  state: z.enum(JOB_STATUSES),
  /** What the verb was called with, redacted. */
  input: jsonValue,
  /** Commands of a job that is a list of commands, redacted. */
  argv: z.array(z.array(z.string())).nullable(),
  root: z.string(),
  created_at: z.string(),
  started_at: z.string().nullable(),
  ended_at: z.string().nullable(),
  updated_at: z.string(),
  /** The process that asked for the job. */
  starter: processSchema,
  /** The supervisor; null until it has taken the job. */
  process: processSchema.nullable(),
  /** Commands that run at the moment. */
  children: z.array(taskHandleSchema),
  progress: z.strictObject({ done: z.number(), total: z.number(), message: z.string() }).nullable(),
  /** Until when a job that is stopped may still put back what it changed; null while it changed nothing. */
  restoring_until: z.string().nullable().default(null),
  /** How the command ended that decided the outcome; null when none did. */
  exit: z.strictObject({ code: z.number().nullable(), signal: z.string().nullable() }).nullable(),
  error: errorSchema.nullable(),
  /** Why the job was cancelled or lost. */
  reason: z.string().nullable(),
  result_path: z.string().nullable(),
  stdout_path: z.string(),
  stderr_path: z.string(),
  events_path: z.string(),
});

export type JobState = z.infer<typeof jobStateSchema>;
export type JobError = z.infer<typeof errorSchema>;

const ENDED: ReadonlySet<JobStatus> = new Set(['succeeded', 'failed', 'cancelled', 'lost']);

export const hasEnded = (status: JobStatus): boolean => ENDED.has(status);

/** Throws `job_state_invalid` when the text is not a state of this schema version. */
export const parseJobState = (text: string, path: string): JobState => {
  const found = jobStateSchema.safeParse(parseJsonObject(text, path));
  if (found.success) return found.data;
  const issue = found.error.issues[0];
  throw inputFault('job_state_invalid', `${path}: ${issue?.message ?? 'not a job state'}`, {
    path,
    at: issue?.path.join('.') ?? '',
    fix: 'remove the job folder: the file was changed by hand or by another version',
  });
};
