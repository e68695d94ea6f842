// autotune_run: searches a parameter space for the fastest build, as a job.
import { join } from 'node:path';
import { z } from 'zod';
import { commandsOf } from '../../src/autotune/command-trial-runner.ts';
import { combinations } from '../../src/autotune/parameter-space.ts';
import {
  checkTuning,
  DEFAULT_BUDGET_MINUTES,
  findTuningFile,
  readTuningSpec,
  tuneFiles,
} from '../../src/autotune/tune-files.ts';
import {
  foundWinner,
  type Confirmation,
  type TunedRow,
  type TuneOutcome,
  type TuneStatus,
} from '../../src/autotune/run-autotune.ts';
import { exists } from '../../src/fs/exists.ts';
import { jobResult } from '../../src/jobs/job-answer.ts';
import type { JobContext } from '../../src/jobs/job-context.ts';
import { jobVerb } from '../../src/jobs/job-verb.ts';
import { pinnedHash, requirePinned, type JobPlan } from '../../src/jobs/plan-pins.ts';
import type { JsonObject, JsonValue } from '../../src/text/json.ts';
import { formatFactor, formatFixed, formatNumber } from '../../src/render/numbers.ts';
import { isoSeconds } from '../../src/text/time.ts';
import type { VerbContext } from '../../src/verb/context.ts';
import type { NextStep } from '../../src/verb/next-step.ts';
import { ACK_FIELD } from '../../src/verb/vocabulary.ts';
import { defineVerb, pathField } from '../../src/verb/define-verb.ts';
import { headlineOf, type GateAnswer } from '../../src/verb/gate-report.ts';
import { fills, reads } from '../../src/verb/path-use.ts';
import type { Strictness } from '../../src/verdict/exit-code.ts';
import { GATE_FIELDS } from '../../src/verdict/strict-fields.ts';
import { winnerExitCode } from '../../src/verdict/winner-gate.ts';

const MOST_ROWS = 20;

interface Work {
  readonly specPath: string;
  /** Hash of the tuning file that was planned with. */
  readonly specSha256: string | null;
  readonly outputFolder: string;
  readonly cwd: string;
  readonly budgetMinutes: number;
  readonly strictness: Strictness & { readonly strictContext?: boolean | undefined };
  /** The same as the call had it. */
  readonly gate: JsonObject;
}

const figure = (amount: number | null, unit: string): string =>
  amount === null ? 'not measured' : `${formatNumber(amount, 4)} ${unit}`;

const settings = ({ parameters }: TunedRow): string =>
  Object.entries(parameters)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');

const speedupText = ({ speedup, low, high }: Confirmation): string => {
  const interval = low === null || high === null ? '' : ` (${formatFactor(low)} to ${formatFactor(high)})`;
  return `${formatFactor(speedup)}${interval} on fresh trials`;
};

const ADVICE: Readonly<Record<TuneStatus, string>> = {
  improved: 'build with these settings, then ratchet_check',
  not_confirmed: 'keep the baseline; more trials in the tuning file show smaller gains',
  baseline_is_best: 'keep the baseline, or widen the space',
  out_of_time: 'the same call again goes on from here',
};

/** Verdict, best and baseline with unit and n, what is not connected, what to do. */
const describeTuning = (outcome: TuneOutcome, suggestions: string, exitCode: number): string => {
  const { config, status, strategy, unit, baseline, winner, ties, confirmation, knobs, verdict, decision } = outcome;
  const loose = Object.entries(knobs).flatMap(([knob, state]) => (state === 'not_connected' ? [knob] : []));
  const [best, before] = [confirmation?.winner ?? winner.value, confirmation?.baseline ?? baseline.value];
  const [beforeCount, bestCount] = confirmation?.decision.n ?? [baseline.trials, winner.trials];
  const strength = decision.strength === null ? '' : ` ${decision.strength}`;
  return [
    `${config}: ${status.replaceAll('_', ' ')}${confirmation === null ? '' : `, ${speedupText(confirmation)}`}`,
    `  ${verdict}; decision: ${decision.status}${strength} (rule ${decision.rule}), exit ${exitCode}`,
    `  best: ${settings(winner)} at ${figure(best, unit)}, n ${bestCount}`,
    `  baseline: ${settings(baseline)} at ${figure(before, unit)}, n ${beforeCount}`,
    `  ${strategy.replaceAll('_', ' ')} search, ${outcome.rows.length} combinations, ${formatFixed(outcome.minutes_used, 1)} minutes`,
    ...(ties.length === 0 ? [] : [`  not distinguishable from it: ${ties.slice(0, 3).join(', ')}`]),
    ...loose.slice(0, 5).map((knob) => `  ${knob} is not connected: it changes no program`),
    `Nothing was applied; how to apply it: ${suggestions}`,
    `advice: ${ADVICE[status]}`,
  ].join('\n');
};

/** A search that ran out of time goes on from where it was. */
const stepsOf = (work: Work, { status }: TuneOutcome): NextStep[] =>
  status === 'out_of_time'
    ? [
        {
          verb: 'autotune_run',
          input: {
            config: work.specPath,
            cwd: work.cwd,
            output: work.outputFolder,
            time_budget: work.budgetMinutes,
            ...work.gate,
            [ACK_FIELD]: true,
          },
        },
      ]
    : [];

/** Tunes until the space or the time is used up, then writes the suggestions. */
const tune = async (work: Work, job: JobContext): Promise<JsonValue> => {
  await requirePinned(work.specPath, work.specSha256);
  const began = performance.now();
  const minutes = (): number => (performance.now() - began) / 60_000;
  const outcome = await tuneFiles({
    ...work,
    run: job.run,
    now: isoSeconds(Date.now()),
    signal: job.signal,
    onProgress: (message) => job.progress(minutes(), work.budgetMinutes, message),
  });
  const suggestions = join(work.outputFolder, 'suggestions.md');
  const exitCode = winnerExitCode(foundWinner(outcome), work.strictness);
  const links = [
    { path: suggestions, title: 'suggestions', mime_type: 'text/markdown' },
    { path: join(work.outputFolder, 'result.json'), title: 'all results', mime_type: 'application/json' },
  ];
  const fields = JSON.parse(JSON.stringify({ ...outcome, rows: outcome.rows.slice(0, MOST_ROWS) }));
  return jobResult(
    { summary: describeTuning(outcome, suggestions, exitCode), links, next: stepsOf(work, outcome) },
    { suggestions, exit_code: exitCode, ...fields },
  );
};

const FIELDS = {
  config: z.string().describe('Tuning file, or the name of tuning/<name>.yaml. YAML or JSON.'),
  time_budget: z.number().positive().max(10_000).optional().describe('Minutes. Default 20.'),
  output: pathField('Result folder. Default tuning.').optional(),
  cwd: pathField('Where commands run. Default the folder with tuning/: here, else the root.').optional(),
  ...GATE_FIELDS,
};

/** The tuning file and where its commands run: the working folder, or the root where only that holds a file of this name. */
const placeOf = async (
  config: string,
  stated: string | undefined,
  { path, cwd, root }: VerbContext,
): Promise<readonly [spec: string, cwd: string]> => {
  if (stated !== undefined) return [await findTuningFile(config, path(stated)), path(stated)];
  try {
    return [await findTuningFile(config, cwd), cwd];
  } catch (error) {
    if (root === cwd) throw error;
    return [await findTuningFile(config, root).catch(() => Promise.reject(error)), root];
  }
};

const workOf = async (input: z.output<z.ZodObject<typeof FIELDS>>, context: VerbContext): Promise<Work> => {
  const { strict, strict_context: strictContext, fail_on: failOn } = input;
  const named = context.path(input.config);
  const [specPath, cwd] = await placeOf(exists(named) ? named : input.config, input.cwd, context);
  return {
    specPath,
    specSha256: await pinnedHash(specPath),
    outputFolder: input.output === undefined ? join(cwd, 'tuning') : context.path(input.output),
    cwd,
    budgetMinutes: input.time_budget ?? DEFAULT_BUDGET_MINUTES,
    strictness: { strict, failOn, strictContext },
    gate: {
      ...(strict === undefined ? {} : { strict }),
      ...(strictContext === undefined ? {} : { strict_context: strictContext }),
      ...(failOn === undefined ? {} : { fail_on: failOn }),
    },
  };
};

/** Combinations whose commands a plan lists; the others differ only in the settings. */
const MOST_PLANNED = 100;

/** The build and the benchmark of every combination. Throws the Faults of the tuning file. */
const planOf = async (work: Work): Promise<JobPlan> => {
  const { specPath, outputFolder, cwd, budgetMinutes } = work;
  await checkTuning(work);
  const spec = await readTuningSpec(specPath);
  const all = combinations(spec);
  const commands = all.slice(0, MOST_PLANNED).flatMap((combination) => {
    const { build, bench } = commandsOf(spec, combination);
    return build === null ? [bench] : [build, bench];
  });
  const rest = all.length - MOST_PLANNED;
  return {
    commands,
    inputs: [specPath],
    cwd,
    notes: [
      ...(rest > 0 ? [`(and ${rest} more combinations, by the same templates)`] : []),
      `build and benchmark the space of ${specPath} for at most ${budgetMinutes} minutes`,
      `write ${join(outputFolder, 'suggestions.md')}; apply nothing`,
    ],
  };
};

const resultSchema = z.looseObject({
  summary: z.string(),
  config: z.string(),
  winner: z.looseObject({ key: z.string() }),
  decision: z.looseObject({ status: z.enum(['PASS', 'FAIL', 'INCONCLUSIVE', 'INCOMPARABLE']) }),
});

/** What a build server shows of a search that is done. */
const gateOf = (result: unknown): GateAnswer | null => {
  const parsed = resultSchema.safeParse(result).data;
  if (parsed === undefined) return null;
  const { config, winner, decision, summary } = parsed;
  const outcome = decision.status === 'PASS' ? 'passed' : 'failed';
  const headline = headlineOf(summary);
  return { headline, cases: [{ group: config, name: winner.key, outcome, message: headline }] };
};

const autotune = jobVerb({
  name: 'autotune_run',
  family: 'ratchet',
  library: 'autotune',
  verb: 'run',
  title: 'Autotune',
  description:
    'Builds and benchmarks a parameter space within a time budget, re-measures the winner on fresh trials, writes suggestions.md. Applies nothing; resumes. A job. Given builds: sota_compare.',
  fields: FIELDS,
  paths: {
    config: reads,
    cwd: reads,
    output: fills([
      [/^suggestions\.md$/, /^# Autotune Report: /],
      [/^result\.json$/, /^\{\n {2}"baseline": \{\n/],
    ]),
  },
  positionals: ['config'],
  examples: [
    {
      title: 'Twenty minutes',
      input: { config: 'training_512', time_budget: 20, i_understand_this_submits_jobs: true },
    },
  ],
  work: workOf,
  plan: planOf,
  body: tune,
  gate: ({ result }) => gateOf(result),
  jobLimitS: ({ budgetMinutes }) => budgetMinutes * 60 + 3600,
});

export const { body } = autotune;
export const autotuneRun = defineVerb(autotune.definition);
