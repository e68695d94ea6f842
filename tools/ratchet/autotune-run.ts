// autotune_run: searches a parameter space for the fastest build, as a job.
import { join } from 'node:path';
import { z } from 'zod';
import { DEFAULT_BUDGET_MINUTES, findTuningFile, tuneFiles } from '../../src/autotune/tune-files.ts';
import {
  JOB_DATA,
  jobExitCode,
  jobLinks,
  plannedAnswer,
  renderJob,
  startVerbJob,
  waitField,
} from '../../src/jobs/job-answer.ts';
import type { JobBody } from '../../src/jobs/job-context.ts';
import { isJsonObject, type JsonValue } from '../../src/text/json.ts';
import { isoSeconds } from '../../src/text/time.ts';
import { defineVerb, pathField } from '../../src/verb/define-verb.ts';

const NAME = 'autotune_run';

interface BodyInput {
  readonly specPath: string;
  readonly outputFolder: string;
  readonly cwd: string;
  readonly budgetMinutes: number;
}

/** The job's body: tunes until the space or the time is used up, then writes the suggestions. */
export const autotuneBody: JobBody = async (raw, job) => {
  const input = raw as unknown as BodyInput; // checked boundary: written by the verb below
  const outcome = await tuneFiles({
    ...input,
    run: job.run,
    now: isoSeconds(Date.now()),
    signal: job.signal,
    onProgress: (message) => job.progress(0, 0, message),
  });
  const suggestions = join(input.outputFolder, 'suggestions.md');
  return { suggestions, ...JSON.parse(JSON.stringify({ ...outcome, rows: outcome.rows.slice(0, 20) })) };
};

const describeTuning = (result: JsonValue): string => {
  if (!isJsonObject(result)) return 'tuned';
  const { status, strategy, unit, baseline, winner, ties, minutes_used: minutes, knobs } = result;
  const told = (row: JsonValue | undefined): string =>
    isJsonObject(row ?? null)
      ? `${JSON.stringify(Object(row)['parameters'] ?? Object(row)['key'])} at ${String(Object(row)['value'] ?? Object(row)['median'])} ${String(unit)}`
      : 'unknown';
  const loose = isJsonObject(knobs ?? null)
    ? Object.entries(Object(knobs)).filter(([, state]) => state === 'not_connected')
    : [];
  return [
    `${String(result['config'])}: ${String(status)} (${String(strategy)}, ${Number(minutes).toFixed(1)} minutes)`,
    `  best: ${told(winner)}`,
    `  baseline: ${told(baseline)}`,
    ...(Array.isArray(ties) && ties.length > 0 ? [`  not told apart from: ${ties.slice(0, 3).join(', ')}`] : []),
    ...loose.map(([knob]) => `  ${knob} changes no binary: not connected`),
    `suggestions: ${String(result['suggestions'])}`,
    'Nothing was applied.',
  ].join('\n');
};

export const autotuneRun = defineVerb({
  name: NAME,
  family: 'ratchet',
  library: 'autotune',
  verb: 'run',
  title: 'Autotune',
  description:
    'Builds and benchmarks the combinations of a parameter space within a time budget, keeps statistical ties, re-measures the winner on fresh trials, and writes tuning/suggestions.md. Applies nothing; resumes where it stopped. A job.',
  safety: 'submits_jobs',
  fields: {
    config: z.string().describe('Tuning file (YAML or JSON), or a name: tuning/<name>.yaml.'),
    time_budget: z.number().positive().max(10_000).optional().describe('Minutes, default 20.'),
    output: pathField('Folder for results and suggestions, default tuning.').optional(),
    wait_s: waitField,
  },
  positionals: ['config'],
  time_limit_s: 7200,
  data: JOB_DATA,
  examples: [{ title: 'Twenty minutes', input: { config: 'training_512', time_budget: 20 } }],
  plan: async (input, context) => [
    `build and benchmark the space of ${await findTuningFile(input.config, context.cwd)}`,
  ],
  run: async (input, context) => {
    const specPath = await findTuningFile(input.config, context.cwd);
    const budgetMinutes = input.time_budget ?? DEFAULT_BUDGET_MINUTES;
    const outputFolder = context.path(input.output ?? 'tuning');
    if (context.dryRun)
      return plannedAnswer([
        `tune ${specPath} for at most ${budgetMinutes} minutes; write ${outputFolder}/suggestions.md`,
      ]);
    const body: BodyInput = { specPath, outputFolder, cwd: context.cwd, budgetMinutes };
    return startVerbJob(
      {
        verb: NAME,
        family: 'ratchet',
        body: 'autotuneBody',
        input: { ...body },
        waitS: input.wait_s,
        timeLimitS: budgetMinutes * 60 + 3600,
      },
      context,
    );
  },
  render: (data) => renderJob({ ...data, result: JSON.parse(JSON.stringify(data.result ?? null)) }, describeTuning),
  links: (data) => jobLinks({ ...data, result: null }),
  exit_code: (data) => jobExitCode({ ...data, result: null }),
});
