// The definition of a verb whose work is a job: from what the call means, its plan and its body follow the fields, the answer,
// its text and its exit code that all such verbs share. The module of the verb exports the body as `body`, which the
// supervisor loads.
import type { z } from 'zod';
import type { JsonObject, JsonValue } from '../text/json.ts';
import type { VerbContext } from '../verb/context.ts';
import type { VerbDefinition } from '../verb/define-verb.ts';
import { faultOf } from '../verb/failure.ts';
import { Fault } from '../text/fault.ts';
import {
  answerOf,
  expectPlanField,
  JOB_CALL_LIMIT_S,
  JOB_DATA,
  jobExitCode,
  jobFailed,
  jobLinks,
  jobSteps,
  plannedAnswer,
  renderJob,
  resultAnswer,
  waitField,
  type JobAnswer,
} from './job-answer.ts';
import type { JobBody, JobContext } from './job-context.ts';
import { jobModule } from './job-module.ts';
import { pinPlan, type JobPlan, type PinnedPlan } from './plan-pins.ts';
import { startJob } from './start-job.ts';
import { waitForJob } from './wait-for-job.ts';

type Shape = Record<string, z.ZodType>;
type InputOf<Fields extends Shape> = z.output<z.ZodObject<Fields>>;
type WaitFields = {
  readonly wait_s: typeof waitField;
  readonly expect_plan: typeof expectPlanField;
};
type Definition<Fields extends Shape> = VerbDefinition<Fields & WaitFields, typeof JOB_DATA>;

/** What the verb itself says; `Work` is what its body gets, JSON. */
export interface JobVerb<Fields extends Shape, Work> extends Pick<
  Definition<Fields>,
  | 'name'
  | 'family'
  | 'library'
  | 'verb'
  | 'title'
  | 'description'
  | 'positionals'
  | 'aliases'
  | 'lists'
  | 'seldom'
  | 'examples'
  | 'gate'
  | 'paths'
> {
  /** Name of the verb's file in snake case, where that is not its whole name. */
  readonly file?: string;
  /** Without `wait_s` and `expect_plan`, which every such verb takes. */
  readonly fields: Fields;
  /** What the call asks for. Throws a Fault for what the caller can fix. */
  readonly work: (input: InputOf<Fields>, context: VerbContext) => Work | Promise<Work>;
  /** What the job would start. Reads and checks everything: throws what would make the job fail at once. */
  readonly plan: (work: Work, context: VerbContext) => JobPlan | Promise<JobPlan>;
  /** Does the work; returns a `jobResult`. After a cancel it may return what it has, which is kept. */
  readonly body: (work: Work, job: JobContext) => Promise<JsonValue>;
  /** Does the work in the call itself for a person at a terminal. After an interruption it returns what it has. */
  readonly foreground?: (work: Work, context: VerbContext) => Promise<JsonObject>;
  /** Seconds after which the job is ended; default none. */
  readonly jobLimitS?: (work: Work) => number;
}

const DEFAULT_WAIT_S = 20;

interface StartedWork {
  readonly name: string;
  readonly file: string;
  readonly family: string;
  readonly work: JsonValue;
  readonly waitS: number | undefined;
  readonly timeLimitS: number | undefined;
}

/** Starts the job and waits `wait_s` for it. Cancelling the call leaves the job running. */
const startAndWait = async (job: StartedWork, context: VerbContext): Promise<JobAnswer> => {
  const { name: verb, file, family, work: input, waitS = DEFAULT_WAIT_S, timeLimitS } = job;
  const { root, signal } = context;
  const started = await startJob({
    root,
    verb,
    input,
    work: { module: jobModule(context.productFolder, family, file), export: 'body', input },
    env: context.env,
    now: context.now(),
    ...(timeLimitS === undefined ? {} : { timeLimitS }),
  });
  const ended = await waitForJob({
    root,
    id: started.id,
    waitS,
    signal,
    onChange: ({ progress }) => {
      if (progress !== null) context.progress(progress.done, progress.total, progress.message);
    },
  });
  return answerOf(ended);
};

const inTheCall = (result: JsonObject, { aborted, reason }: AbortSignal): JobAnswer =>
  resultAnswer(result, aborted ? faultOf(reason) : null);

/** Fields of every such verb. */
interface JobInput {
  readonly wait_s?: number;
  readonly expect_plan?: string;
}

const asJson = (work: unknown): JsonValue => JSON.parse(JSON.stringify(work));

const requirePlan = (expected: string | undefined, { sha256 }: PinnedPlan): void => {
  if (expected === undefined || expected === sha256) return;
  throw new Fault('refused', 'plan_changed', `the plan is ${sha256} now, not ${expected}`, {
    fix: 'see the new plan with dry_run, then give its plan_sha256 as expect_plan',
  });
};

/** The whole definition for `defineVerb`, and the body for the supervisor. */
export const jobVerb = <Fields extends Shape, Work>(
  own: JobVerb<Fields, Work>,
): { readonly definition: Definition<Fields>; readonly body: JobBody } => {
  const { file, fields, work: workOf, plan, body, foreground, jobLimitS, ...names } = own;
  type Prepared = { readonly work: Work; readonly plan: PinnedPlan };
  /** Of one call once: what a person confirmed is what is started. */
  const prepared = new WeakMap<VerbContext, Promise<Prepared>>();
  const prepare = (input: InputOf<Fields>, context: VerbContext): Promise<Prepared> => {
    const make = async (): Promise<Prepared> => {
      const work = await workOf(input, context);
      return { work, plan: await pinPlan(await plan(work, context), context.env) };
    };
    const known = prepared.get(context) ?? make();
    prepared.set(context, known);
    return known;
  };
  const run = async (input: InputOf<Fields> & JobInput, context: VerbContext): Promise<JobAnswer> => {
    const { wait_s: waitS, expect_plan: expected, ...rest } = input;
    const own_ = rest as unknown as InputOf<Fields>; // checked boundary: the fields above
    if (!context.dryRun && context.foreground && foreground !== undefined)
      return inTheCall(await foreground(await workOf(own_, context), context), context.signal);
    const { work, plan: pinned } = await prepare(own_, context);
    if (context.dryRun) return plannedAnswer(pinned);
    requirePlan(expected, pinned);
    const { name, family } = own;
    return startAndWait(
      { name, file: file ?? name, family, work: asJson(work), waitS, timeLimitS: jobLimitS?.(work) },
      context,
    );
  };
  return {
    body: (raw, job) => body(raw as Work, job), // checked boundary: written by `run` above, read back as JSON
    definition: {
      ...names,
      safety: 'submits_jobs',
      ...(foreground === undefined ? {} : { keeps_partial: true }),
      fields: { ...fields, wait_s: waitField, expect_plan: expectPlanField },
      data: JOB_DATA,
      time_limit_s: JOB_CALL_LIMIT_S,
      plan: async (input, context) => {
        const { plan: pinned } = await prepare(input as unknown as InputOf<Fields>, context); // checked boundary: more fields than it needs
        return [...pinned.lines, `plan ${pinned.sha256}`];
      },
      run: (input, context) => run(input as InputOf<Fields> & JobInput, context), // checked boundary: the fields above
      render: (data) => renderJob(data),
      next: (data) => jobSteps(data),
      links: jobLinks,
      failed: jobFailed,
      exit_code: jobExitCode,
    },
  };
};
