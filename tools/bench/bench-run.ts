// bench_run: measures an OpenAI-compatible server and writes one envelope per load point.
import { latencyName, nameOf } from '../../src/metrics/catalogue.ts';
import { dirname } from 'node:path';
import { z } from 'zod';
import { parseContext } from '../../src/source/given-context.ts';
import { prepareRun, type RunRequest } from '../../src/envelope/run-request.ts';
import { recordRun, type PointOutcome, type RecordedRun } from '../../src/envelope/record-run.ts';
import { pointName, type RunProgress } from '../../src/load/bench-run.ts';
import { GENERATOR_ADVICE } from '../../src/load/proven-limit.ts';
import { jobResult } from '../../src/jobs/job-answer.ts';
import { jobVerb } from '../../src/jobs/job-verb.ts';
import type { JobPlan } from '../../src/jobs/plan-pins.ts';
import { commandWords } from '../../src/ratchet/profile-target.ts';
import { Fault, inputFault } from '../../src/text/fault.ts';
import type { JsonObject, JsonValue } from '../../src/text/json.ts';
import { formatNumber } from '../../src/render/numbers.ts';
import type { VerbContext } from '../../src/verb/context.ts';
import type { NextStep } from '../../src/verb/next-step.ts';
import { defineVerb, oneOrMany, pathField, type Link } from '../../src/verb/define-verb.ts';
import { fills, reads } from '../../src/verb/path-use.ts';

const FIELDS = {
  suite: z.string().describe('llm.inference.chatbot-short, chat-long, summarise, code, random, or a JSONL file.'),
  base_url: oneOrMany('Address with /v1. Two are measured in turn (ABBA).'),
  output: oneOrMany('Folder, one per server. For the envelopes.'),
  model: z.string().optional().describe('Model. Default: the only one that the server lists.'),
  engine: z.string().optional().describe('Engine. vllm, sglang, trtllm, …'),
  quant: z.string().optional().describe('Quant. fp16, fp8, nvfp4, …'),
  hardware: z.string().optional().describe('GPU model.'),
  n_gpus: z.number().int().positive().optional().describe('N GPUs. Those that serve the model.'),
  concurrency: z.number().int().positive().optional().describe('Closed loop.'),
  sweep: z.array(z.number().int().positive()).optional().describe('Several concurrencies. 1,4,16.'),
  rps: z.number().positive().optional().describe('Open loop.'),
  rps_sweep: z.array(z.number().positive()).optional().describe('RPS sweep. Several rates.'),
  arrival: z.enum(['poisson', 'constant']).optional().describe('Arrival. Of the open loop, default poisson.'),
  duration_s: z.number().positive().optional().describe('Duration s. Length of the measured window in seconds.'),
  requests: z.number().int().positive().optional().describe('Requests. Of the window; default 10 per slot.'),
  warm_up_s: z.number().nonnegative().optional().describe('Warm up s. Longest warm-up, default 60; 0 is none.'),
  trials: z.number().int().positive().max(100).optional().describe('Default 1.'),
  restart_cmd: z.string().optional().describe('Restarts the server before each trial.'),
  isl: z.number().int().positive().optional().describe('Prompt tokens. Default of the suite.'),
  osl: z.number().int().positive().optional().describe('Answer tokens. Default of the suite.'),
  seed: z.number().int().optional().describe('Seed. Default 42.'),
  warm_cache: z.boolean().optional().describe('Same prompts in every run.'),
  slo: z.string().optional().describe('ttft:200,tpot:50@p99. Service level; or llm.standard.'),
  endpoint: z.enum(['chat', 'completions']).optional().describe('Endpoint. Default chat.'),
  api_key_env: z.string().optional().describe('Variable with the API key.'),
  power_source: z.string().optional().describe('telemetry, or a power log. Else no energy.'),
  power_scope: z.string().optional().describe('Power scope. Whose power it is, in words.'),
  provenance: pathField('Provenance. JSON with hardware_fingerprint and software_provenance.').optional(),
  context: z.record(z.string(), z.unknown()).optional().describe('tp, kv_cache_dtype, … Further context.'),
  max_in_flight: z
    .number()
    .int()
    .positive()
    .optional()
    .describe('Max in flight. Limit of the open loop, default 1024.'),
  timeout_s: z.number().positive().optional().describe('Timeout s. Longest silence of the server, default 120.'),
  request_timeout_s: z
    .number()
    .positive()
    .optional()
    .describe('Request timeout s. Longest whole request, default 600 plus 0.25 a token.'),
  append: z.boolean().optional().describe('Add to a point that exists.'),
};

type Input = z.output<z.ZodObject<typeof FIELDS>>;

const requestOf = (input: Input, context: VerbContext): RunRequest => ({
  suite: /\.jsonl?$/i.test(input.suite) ? context.path(input.suite) : input.suite,
  baseUrls: input.base_url,
  outputs: input.output.map(context.path),
  model: input.model ?? null,
  engine: input.engine ?? null,
  quant: input.quant ?? null,
  hardware: input.hardware ?? null,
  nGpus: input.n_gpus ?? null,
  endpoint: input.endpoint ?? 'chat',
  apiKeyEnv: input.api_key_env ?? null,
  concurrency: [...(input.concurrency === undefined ? [] : [input.concurrency]), ...(input.sweep ?? [])],
  rps: [...(input.rps === undefined ? [] : [input.rps]), ...(input.rps_sweep ?? [])],
  arrival: input.arrival ?? 'poisson',
  durationS: input.duration_s ?? null,
  requests: input.requests ?? null,
  warmUpS: input.warm_up_s ?? null,
  trials: input.trials ?? 1,
  restartCmd: input.restart_cmd === undefined ? null : commandWords(input.restart_cmd),
  isl: input.isl ?? null,
  osl: input.osl ?? null,
  seed: input.seed ?? 42,
  warmCache: input.warm_cache ?? false,
  slo: input.slo ?? null,
  powerSource:
    input.power_source === undefined || input.power_source === 'telemetry'
      ? (input.power_source ?? null)
      : context.path(input.power_source),
  powerScope: input.power_scope ?? null,
  provenancePath: input.provenance === undefined ? null : context.path(input.provenance),
  context: parseContext(input.context),
  maxInFlight: input.max_in_flight ?? 1024,
  timeoutS: input.timeout_s ?? 120,
  requestTimeoutS: input.request_timeout_s ?? null,
  append: input.append ?? false,
  cwd: context.cwd,
});

const progressText = (progress: RunProgress): string => {
  const { point, trial, trials, phase, etaS } = progress;
  const eta = etaS === null ? '' : `, ${Math.ceil(etaS)} s left`;
  return `${pointName(point)} trial ${trial + 1}/${trials} ${phase.replace('_', ' ')}${eta}`;
};

type Written = Extract<PointOutcome, { kind: 'written' }>;
type Unmeasured = Extract<PointOutcome, { kind: 'no_measurement' }>;

const countsText = (failures: Readonly<Record<string, number>>): string =>
  Object.entries(failures)
    .map(([reason, count]) => `${count} ${reason}`)
    .join(', ');

const failureText = ({ failures, detail }: Unmeasured): string =>
  `${countsText(failures) || 'nothing was sent'}${detail === null ? '' : ` (${detail})`}`;

const SHOWN: readonly (readonly [metric: string, text: (value: string) => string])[] = [
  [nameOf('throughput'), (value) => `${value} tok/s`],
  [latencyName('ttft', 'p50'), (value) => `${value} ms TTFT p50`],
  [latencyName('ttft', 'p99'), (value) => `${value} ms TTFT p99`],
  [latencyName('tpot', 'p50'), (value) => `${value} ms TPOT p50`],
  [nameOf('okRate'), (value) => `ok rate ${value}`],
];

const writtenText = ({ path, envelope: { metrics, trials, failures } }: Written): string => {
  const figures = SHOWN.flatMap(([name, text]) => {
    const value = metrics[name];
    return typeof value === 'number' ? [text(formatNumber(value, 5))] : [];
  });
  const failed = Object.keys(failures).length === 0 ? '' : ` (${countsText(failures)})`;
  return `${figures.join(', ')}${failed}, n ${trials.length}\n  ${path}`;
};

const MOST_LINES = 8;
const MOST_WARNINGS = 6;

/** Warnings that a reader of the figures needs at once; that a server said nothing of its GPUs is in the envelope. */
const warningLines = (points: readonly PointOutcome[]): string[] => {
  const lines = points.flatMap((point) =>
    point.kind === 'written'
      ? point.envelope.warnings
          .filter((warning) => !warning.startsWith('no_telemetry'))
          .map((warning) => `! ${point.point}: ${warning}`)
      : [],
  );
  const rest = lines.length - MOST_WARNINGS;
  return [
    ...lines.slice(0, MOST_WARNINGS),
    ...(rest > 0 ? [`! … ${rest} more warnings in the envelopes`] : []),
    ...(lines.some((line) => /generator/.test(line)) ? [`! ${GENERATOR_ADVICE}`] : []),
  ];
};

/** One line a load point, the capacity, what casts doubt on the figures, and whether the run was cut short. */
const describeRun = ({ points, capacity, interrupted }: RecordedRun): string => {
  const lines = points.map((point) => {
    const text = point.kind === 'written' ? writtenText(point) : `no measurement: ${failureText(point)}`;
    return `${point.point}: ${text}`;
  });
  const largest = capacity.filter((point) => point !== null);
  return [
    ...(interrupted ? ['interrupted: what was measured is kept'] : []),
    ...lines.slice(0, MOST_LINES),
    ...(lines.length > MOST_LINES ? [`… ${lines.length - MOST_LINES} more points`] : []),
    ...warningLines(points),
    ...(largest.length === 0 ? [] : [`every service level met up to ${largest.join(' and ')}`]),
  ].join('\n');
};

const pointJson = (point: PointOutcome) => {
  const { kind, side, point: name } = point;
  if (kind === 'no_measurement') return { kind, side, point: name, failures: point.failures, detail: point.detail };
  const { path, envelope } = point;
  return { kind, side, point: name, path, metrics: envelope.metrics, trials: envelope.trials.length };
};

const envelopeLinks = (points: readonly PointOutcome[]): Link[] =>
  points.flatMap((point) =>
    point.kind === 'written'
      ? [{ path: point.path, title: `envelope ${point.point}`, mime_type: 'application/json' }]
      : [],
  );

/** The folders of the envelopes, one a side. */
const foldersOf = (points: readonly PointOutcome[]): string[] => [
  ...new Set(points.flatMap((point) => (point.kind === 'written' ? [dirname(point.path)] : []))),
];

/** Two servers are compared with each other; one with an earlier run. */
const stepsOf = (points: readonly PointOutcome[]): NextStep[] => {
  const [first, second] = foldersOf(points);
  return second === undefined
    ? [
        { verb: 'bench_diff', input: { baseline: '<results>', candidate: first }, with: 'an earlier run' },
        { verb: 'bench_export', input: { results: first } },
      ]
    : [{ verb: 'bench_diff', input: { baseline: first, candidate: second } }];
};

/** What a run came to, without the raw requests. Throws a Fault `no_measurement` when nothing was answered anywhere. */
const resultOf = (run: RecordedRun): JsonObject => {
  const { capacity, interrupted } = run;
  const points: JsonValue = JSON.parse(JSON.stringify(run.points.map(pointJson)));
  if (run.points.some(({ kind }) => kind === 'written'))
    return jobResult(
      {
        summary: describeRun(run),
        links: envelopeLinks(run.points).slice(0, MOST_LINES),
        next: stepsOf(run.points),
      },
      { points, capacity: [...capacity], interrupted },
    );
  if (interrupted) throw new Fault('interrupted', 'interrupted', 'the run was ended before anything was measured');
  const why = run.points.flatMap((point) => (point.kind === 'no_measurement' ? [failureText(point)] : []))[0];
  throw inputFault('no_measurement', `no request was answered: ${why ?? 'nothing was sent'}`, {
    fix: 'check the address, the model and the server log',
    data: { points },
  });
};

/** Measures; after an interruption it returns what was measured until then. */
const measure = async (
  request: RunRequest,
  { env, signal, progress }: Pick<VerbContext, 'env' | 'signal' | 'progress'>,
): Promise<JsonObject> => {
  const { plan, options } = await prepareRun(request, env, signal);
  const onProgress = (each: RunProgress): void => {
    const total = each.etaS === null ? 0 : each.elapsedS + each.etaS;
    progress(each.elapsedS, total, progressText(each));
  };
  return resultOf(await recordRun(plan, options, { signal, onProgress }));
};

const planOf = async (request: RunRequest, { env, signal }: VerbContext): Promise<JobPlan> => {
  await prepareRun(request, env, signal);
  const load =
    request.rps.length > 0 ? `${request.rps.join(', ')} req/s` : `${request.concurrency.join(', ')} in flight`;
  const window = request.durationS === null ? `${request.requests ?? 'default'} requests` : `${request.durationS} s`;
  const notes = [
    `load: ${request.suite} at ${load}, ${window}, ${request.trials} trials, against ${request.baseUrls.join(' and ')}`,
    `envelopes: ${request.outputs.join(', ')}`,
    ...(request.restartCmd === null ? [] : ['the restart command runs before each trial']),
  ];
  const inputs = [
    ...(/\.jsonl?$/i.test(request.suite) ? [request.suite] : []),
    ...(request.provenancePath === null ? [] : [request.provenancePath]),
  ];
  return { commands: request.restartCmd === null ? [] : [request.restartCmd], inputs, notes, cwd: request.cwd };
};

const benchJob = jobVerb({
  name: 'bench_run',
  family: 'bench',
  library: 'bench',
  verb: 'run',
  title: 'Run a benchmark',
  description:
    'Measures an OpenAI-compatible streaming endpoint (TTFT, TPOT, ITL, throughput, goodput), closed or open loop, with trials. One envelope per load point. A job. For kernels: profile_capture.',
  fields: FIELDS,
  paths: { suite: reads, power_source: reads, provenance: reads, output: fills([]) },
  positionals: ['suite'],
  lists: { concurrency: 'sweep', rps: 'rps_sweep' },
  aliases: { duration: 'duration_s', warmup: 'warm_up_s', warm_up: 'warm_up_s' },
  examples: [
    {
      title: 'A local server',
      input: {
        suite: 'llm.inference.chatbot-short',
        model: 'meta-llama/Llama-3.1-8B-Instruct',
        engine: 'vllm',
        quant: 'fp16',
        concurrency: 16,
        base_url: 'http://localhost:8000/v1',
        output: './baseline',
        i_understand_this_submits_jobs: true,
      },
    },
  ],
  work: requestOf,
  plan: planOf,
  body: measure,
  foreground: measure,
});

export const { body } = benchJob;
export const benchRun = defineVerb(benchJob.definition);
