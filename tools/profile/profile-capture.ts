// profile_capture: records a profile of a program, of a prepared server, or through an engine's own endpoints.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { checkCaptureInput, type CaptureInput } from '../../src/capture/capture-input.ts';
import { ncuPlace, planCapture } from '../../src/capture/capture-plan.ts';
import { captureToolsOrAssumed, readCaptureTools } from '../../src/capture/capture-tools.ts';
import { overheadText } from '../../src/capture/capture-overhead.ts';
import { deploymentAdvice } from '../../src/capture/deployment-advice.ts';
import { runCapture, type CaptureResult } from '../../src/capture/run-capture.ts';
import { localRunner } from '../../src/exec/run-process.ts';
import { artifactsFolder } from '../../src/fs/root.ts';
import { jobResult } from '../../src/jobs/job-answer.ts';
import type { JobContext } from '../../src/jobs/job-context.ts';
import { jobVerb } from '../../src/jobs/job-verb.ts';
import type { JobPlan } from '../../src/jobs/plan-pins.ts';
import type { JsonValue } from '../../src/text/json.ts';
import { formatBytes, plural } from '../../src/render/numbers.ts';
import { timeSlug } from '../../src/text/time.ts';
import type { VerbContext } from '../../src/verb/context.ts';
import type { NextStep } from '../../src/verb/next-step.ts';
import { defineVerb, pathField } from '../../src/verb/define-verb.ts';
import { fills } from '../../src/verb/path-use.ts';

const FIELDS = {
  mode: z
    .enum(['launch', 'session', 'endpoints', 'ncu'])
    .describe(
      'launch: a program; session: a server under nsys launch; endpoints: /start_profile. ncu: a program under ncu.',
    ),
  name: z.string().optional().describe('Name. Of the files, default from the time.'),
  out: pathField('Result folder. Default below the root.').optional(),
  command: z.array(z.string()).min(1).optional().describe('Program and arguments. For launch and ncu.'),
  duration_s: z.number().positive().optional().describe('Duration s. How long to record.'),
  delay_s: z.number().nonnegative().optional().describe('Delay s. Before recording starts.'),
  trace: z.array(z.string()).optional().describe('Trace. What nsys traces, default cuda, nvtx, osrt.'),
  session: z.string().optional().describe('Session. Of nsys, default profile-and-optimize.'),
  engine: z.enum(['vllm', 'sglang']).optional().describe('Engine. Behind base_url.'),
  base_url: z.string().optional().describe('Of the engine. For endpoints.'),
  profiler: z.enum(['cuda', 'torch']).optional().describe('Profiler. What records between start and stop.'),
  collect_from: z.string().optional().describe('Where the engine writes traces.'),
  kernels: z.array(z.string()).optional().describe('Names or regular expressions, for ncu.'),
  launch_count: z.number().int().positive().optional().describe('Launch count. Launches to profile, for ncu.'),
  launch_skip: z.number().int().nonnegative().optional().describe('Launch skip. Launches to skip first, for ncu.'),
  pod: z.string().optional().describe('Pod. Default this machine.'),
  namespace: z.string().optional().describe('Namespace. Of the pod.'),
  pod_folder: z.string().optional().describe('Pod folder. For files on their way.'),
  finish_s: z.number().positive().optional().describe('Finish s. Time to write the report, default 600.'),
  min_bytes: z.number().int().positive().optional().describe('Min bytes. A smaller report is not valid.'),
  container: z.string().optional().describe('Container. Of the pod.'),
  kube_context: z.string().optional().describe('Kube context. Of kubectl.'),
  rate_before: z.number().positive().optional().describe('Rate without profiler. States the overhead.'),
  rate_during: z.number().positive().optional().describe('Rate during. While capturing.'),
  rate_counter_url: z.string().optional().describe('Metrics page of the engine. Measures the overhead.'),
  rate_counter: z.string().optional().describe('vllm:generation_tokens_total. Counter on that page.'),
  rate_unit: z.string().optional().describe('Rate unit. Default tok/s.'),
};

type Input = z.output<z.ZodObject<typeof FIELDS>>;

const captureInput = (input: Input, context: VerbContext): CaptureInput => {
  const named = input.name ?? `capture-${timeSlug(context.now())}`;
  const place = input.mode === 'ncu' && input.out === undefined ? ncuPlace(context.cwd, named) : null;
  const { pod, namespace, container, kube_context: kubeContext } = input;
  const { rate_counter_url: url, rate_counter: metric } = input;
  const counter = url === undefined || metric === undefined ? undefined : { url, metric };
  const rates = { before: input.rate_before, during: input.rate_during, unit: input.rate_unit, counter };
  const reported = Object.entries(rates).filter(([, value]) => value !== undefined);
  const optional = {
    command: input.command,
    trace: input.trace,
    durationS: input.duration_s,
    delayS: input.delay_s,
    engine: input.engine,
    baseUrl: input.base_url,
    profiler: input.profiler,
    collectFrom: input.collect_from,
    kernels: input.kernels,
    launchCount: input.launch_count,
    launchSkip: input.launch_skip,
    podFolder: input.pod_folder,
    finishS: input.finish_s,
    minBytes: input.min_bytes,
    ...(pod === undefined ? {} : { pod: { pod, namespace, container, context: kubeContext } }),
    ...(reported.length === 0 ? {} : { rate: Object.fromEntries(reported) }),
  };
  return checkCaptureInput({
    ...optional,
    mode: input.mode,
    name: place?.name ?? named,
    out:
      input.out === undefined
        ? (place?.out ?? join(artifactsFolder(context.root), 'profiles', named))
        : context.path(input.out),
    session:
      input.session ??
      (input.mode === 'launch' ? `${named}-${randomBytes(3).toString('hex')}` : 'profile-and-optimize'),
  });
};

/** A name that was not given holds the time, and a session of its own random digits. */
const freshNames = ({ name, session }: CaptureInput): string[] =>
  [session, name].filter((each) => /^capture-\d{8}T/.test(each));

/** What would be started, and what a deployment lacks. */
const planOf = async (input: CaptureInput, context: VerbContext): Promise<JobPlan> => {
  const { tools, assumed } = await captureToolsOrAssumed(input, localRunner({ env: context.env }), context.env);
  const plan = planCapture(input, tools);
  const advice = deploymentAdvice(input, tools.nsys);
  const notes = [
    ...plan.steps.flatMap((step) => (step.argv === null ? [step.name] : [])),
    ...(assumed === null ? [] : [`(${assumed})`]),
    ...plan.left_out.map((option) => `(left out: ${option})`),
    ...(advice === null ? [] : [`deployment: ${JSON.stringify(advice)}`]),
  ];
  return {
    commands: plan.steps.flatMap(({ argv }) => (argv === null ? [] : [argv])),
    inputs: [],
    cwd: context.cwd,
    notes,
    fresh: freshNames(input),
  };
};

const MOST_LINES = 4;

const kernelCount = ({ kernels }: CaptureResult['validation']): string =>
  kernels === null || kernels === 0 ? '' : `, ${plural(kernels, 'kernel')}`;

const describeCapture = ({ files, validation, note, capture_overhead: overhead }: CaptureResult): string =>
  [
    `captured ${plural(files.length, 'file')}; validation: ${validation.verdict}${kernelCount(validation)}`,
    ...(overhead === null ? [] : [overheadText(overhead)]),
    ...files.slice(0, MOST_LINES).map(({ path, bytes }) => `  ${path} (${formatBytes(bytes)})`),
    ...validation.checks
      .filter(({ ok }) => !ok)
      .slice(0, MOST_LINES)
      .map(({ name, says }) => `  not passed: ${name}: ${says}`),
    note,
  ].join('\n');

/** A capture with kernels can be summarised, and compared with another one. */
const stepsOf = ({ files, validation }: CaptureResult): NextStep[] => {
  if (validation.kernels === null || validation.kernels === 0) return [];
  const paths = files.map(({ path }) => path);
  const exports = paths.filter((path) => path.endsWith('.sqlite'));
  const profile = exports.length > 0 ? exports : paths;
  return [
    { verb: 'profile_profile_diff', input: { baseline: '<capture>', candidate: profile }, with: 'an earlier capture' },
    { verb: 'profile_summary', input: { profile } },
  ];
};

/** Captures, validates, returns the capture record. */
const capture = async (input: CaptureInput, job: JobContext): Promise<JsonValue> => {
  const { env, signal, progress, run } = job;
  const tools = await readCaptureTools(input, run, env);
  const result = await runCapture(input, tools, { run, env, signal, progress });
  const links = result.files
    .slice(0, MOST_LINES)
    .map(({ path }) => ({ path, title: 'capture', mime_type: 'application/octet-stream' }));
  const next = stepsOf(result);
  return jobResult({ summary: describeCapture(result), links, next }, JSON.parse(JSON.stringify(result)));
};

/** Names of the files of a capture. */
const startsWith = (name: string): RegExp => new RegExp(`^${name.replaceAll(/[^A-Za-z0-9]/g, '\\$&')}\\.`);

const CAPTURE_LIMIT_S = 7200;

const captureJob = jobVerb({
  name: 'profile_capture',
  family: 'profile',
  library: 'profile',
  verb: 'capture',
  title: 'Capture a profile',
  description:
    'Records a profile with nsys, ncu or the torch profiler, here or in a pod. A job; dry_run shows the commands and what a deployment must add. No throughput baseline: bench_run.',
  fields: FIELDS,
  paths: { out: fills(({ name }) => (typeof name === 'string' ? [[startsWith(name), null]] : [])) },
  examples: [
    {
      title: 'See what would be run',
      input: { mode: 'launch', command: ['python3', 'bench.py'], dry_run: true },
    },
    {
      title: 'A vLLM server in a pod',
      needs: 'a cluster',
      input: {
        mode: 'endpoints',
        engine: 'vllm',
        base_url: 'http://localhost:8000',
        duration_s: 10,
        collect_from: '/tmp/traces',
        pod: 'vllm-0',
        i_understand_this_submits_jobs: true,
      },
    },
  ],
  work: captureInput,
  plan: planOf,
  body: capture,
  jobLimitS: () => CAPTURE_LIMIT_S,
});

export const { body } = captureJob;
export const profileCapture = defineVerb(captureJob.definition);
