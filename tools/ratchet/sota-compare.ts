// sota_compare: several implementations over a configuration matrix, with intervals and effect sizes.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';
import {
  JOB_CALL_LIMIT_S,
  JOB_DATA,
  jobExitCode,
  jobLinks,
  jobResult,
  plannedAnswer,
  renderJob,
  startVerbJob,
  waitField,
} from '../../src/jobs/job-answer.ts';
import type { JobBody } from '../../src/jobs/job-context.ts';
import { compareFiles, REPORT_NAME } from '../../src/sota/compare-files.ts';
import { parseComparison, type Comparison } from '../../src/sota/comparison-spec.ts';
import type { ComparisonResult } from '../../src/sota/compare-implementations.ts';
import { onFile } from '../../src/fs/io-fault.ts';
import { parseYaml } from '../../src/text/yaml.ts';
import { shellLine } from '../../src/ratchet/profile-target.ts';
import { isoSeconds } from '../../src/text/time.ts';
import type { VerbContext } from '../../src/verb/context.ts';
import { defineVerb, pathField } from '../../src/verb/define-verb.ts';

const NAME = 'sota_compare';

interface BodyInput {
  readonly specPath: string;
  readonly outputFolder: string;
  readonly cwd: string;
}

const MOST_PAIRS = 40;
const MOST_LINES = 6;

const timesText = (ratio: number | null): string => (ratio === null ? '' : `, ${ratio.toFixed(2)}×`);

/** The counts of verdicts, the pairs that differ, and what more trials could show. */
const describeComparison = ({ counts, pairs, trials_needed: needed }: ComparisonResult, report: string): string => {
  const told = Object.entries(counts).flatMap(([verdict, count]) =>
    count > 0 ? [`${count} ${verdict.replaceAll('_', ' ')}`] : [],
  );
  const lines = pairs
    .filter(({ verdict }) => verdict === 'better' || verdict === 'worse')
    .slice(0, MOST_LINES)
    .map(({ scenario, against, verdict, ratio }) => `  ${scenario}: ${verdict} than ${against}${timesText(ratio)}`);
  return [
    `compared: ${told.join(', ') || 'nothing'}`,
    ...lines,
    ...(needed === null ? [] : [`  ${needed} trials a cell could survive the correction`]),
    `next: read ${report}`,
  ].join('\n');
};

/** The job's body: runs what has no results yet, compares, writes the report. */
export const compareBody: JobBody = async (raw, job) => {
  const input = raw as unknown as BodyInput; // checked boundary: written by the verb below
  let begun = 0;
  const result = await compareFiles({
    ...input,
    run: job.run,
    now: isoSeconds(Date.now()),
    signal: job.signal,
    onProgress: (message) => job.progress((begun += 1), 0, message),
  });
  const report = join(input.outputFolder, REPORT_NAME);
  return jobResult(
    describeComparison(result, report),
    [{ path: report, title: 'report', mime_type: 'text/markdown' }],
    {
      report,
      counts: { ...result.counts },
      trials_needed: result.trials_needed,
      pairs: JSON.parse(JSON.stringify(result.pairs.slice(0, MOST_PAIRS))),
    },
  );
};

const FIELDS = {
  config: pathField('YAML of implementations and scenarios, as in configs/sota.'),
  output: pathField('Folder for the report, default below the working folder: sota.').optional(),
  cwd: pathField('Folder in which commands run, default the working folder.').optional(),
  wait_s: waitField,
};

const bodyInput = (input: z.output<z.ZodObject<typeof FIELDS>>, context: VerbContext): BodyInput => {
  const cwd = context.path(input.cwd ?? '.');
  const outputFolder = input.output === undefined ? join(cwd, 'sota') : context.path(input.output);
  return { specPath: context.path(input.config), outputFolder, cwd };
};

const readMatrix = async (path: string): Promise<Comparison> => {
  const text = await onFile(path, () => readFile(path, 'utf8'));
  return parseComparison(await parseYaml(text, path), path);
};

/** What would be run or read for each implementation. Throws the Faults of the matrix. */
const planLines = async ({ specPath, outputFolder }: BodyInput): Promise<string[]> => {
  const { scenarios, implementations, trials } = await readMatrix(specPath);
  const count = `${scenarios.length} scenarios`;
  return [
    ...implementations.map(({ name, command, results }) =>
      command === undefined
        ? `${name}: read ${results ?? ''} for ${count}`
        : `${name}: ${trials} trials of ${shellLine(command)} in ${count}`,
    ),
    `write ${join(outputFolder, REPORT_NAME)}`,
  ];
};

export const sotaCompare = defineVerb({
  name: NAME,
  family: 'ratchet',
  library: 'sota',
  verb: 'compare',
  title: 'Compare implementations',
  description:
    'Compares several implementations over a matrix of scenarios, from their commands or from existing result files: bootstrap intervals, Cliff delta, Holm correction; writes BENCHMARKS_SOTA_COMPARISON.md with plots. A job.',
  safety: 'submits_jobs',
  fields: FIELDS,
  positionals: ['config'],
  time_limit_s: JOB_CALL_LIMIT_S,
  data: JOB_DATA,
  examples: [{ title: 'See the plan', input: { config: 'configs/sota/serving.yaml', dry_run: true } }],
  plan: (input, context) => planLines(bodyInput(input, context)),
  run: async (input, context) => {
    const body = bodyInput(input, context);
    const plan = await planLines(body);
    if (context.dryRun) return plannedAnswer(plan);
    return startVerbJob(
      { verb: NAME, family: 'ratchet', body: 'compareBody', input: { ...body }, waitS: input.wait_s },
      context,
    );
  },
  render: (data) => renderJob(data),
  links: jobLinks,
  exit_code: jobExitCode,
});
