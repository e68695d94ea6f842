// sota_compare: several implementations over a configuration matrix, with intervals and effect sizes.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';
import { jobResult } from '../../src/jobs/job-answer.ts';
import type { JobContext } from '../../src/jobs/job-context.ts';
import { jobVerb } from '../../src/jobs/job-verb.ts';
import { compareFiles, PAGE_NAME, REPORT_NAME } from '../../src/sota/compare-files.ts';
import { parseComparison, type Comparison } from '../../src/sota/comparison-spec.ts';
import type { ComparisonResult } from '../../src/sota/compare-implementations.ts';
import { onFile } from '../../src/fs/io-fault.ts';
import type { JsonValue } from '../../src/text/json.ts';
import { parseYaml } from '../../src/text/yaml.ts';
import { shellLine } from '../../src/ratchet/profile-target.ts';
import { isoSeconds } from '../../src/text/time.ts';
import type { VerbContext } from '../../src/verb/context.ts';
import { defineVerb, pathField } from '../../src/verb/define-verb.ts';

interface Work {
  readonly specPath: string;
  readonly outputFolder: string;
  readonly cwd: string;
}

const MOST_PAIRS = 40;
const MOST_LINES = 6;

const timesText = (ratio: number | null): string => (ratio === null ? '' : `, ${ratio.toFixed(2)}×`);

/** The counts of verdicts, the pairs that differ, and what more trials could show. */
const describeComparison = ({ counts, pairs, trials_needed: needed }: ComparisonResult, report: string): string => {
  const reported = Object.entries(counts).flatMap(([verdict, count]) =>
    count > 0 ? [`${count} ${verdict.replaceAll('_', ' ')}`] : [],
  );
  const lines = pairs
    .filter(({ verdict }) => verdict === 'better' || verdict === 'worse')
    .slice(0, MOST_LINES)
    .map(({ scenario, against, verdict, ratio }) => `  ${scenario}: ${verdict} than ${against}${timesText(ratio)}`);
  return [
    `compared: ${reported.join(', ') || 'nothing'}`,
    ...lines,
    ...(needed === null ? [] : [`  ${needed} trials a cell could survive the correction`]),
    `next: read ${report}`,
  ].join('\n');
};

/** Runs what has no results yet, compares, writes the report. */
const compare = async (work: Work, job: JobContext): Promise<JsonValue> => {
  let begun = 0;
  const result = await compareFiles({
    ...work,
    run: job.run,
    now: isoSeconds(Date.now()),
    signal: job.signal,
    onProgress: (message) => job.progress((begun += 1), 0, message),
  });
  const report = join(work.outputFolder, REPORT_NAME);
  return jobResult(
    describeComparison(result, report),
    [
      { path: report, title: 'report', mime_type: 'text/markdown' },
      { path: join(work.outputFolder, PAGE_NAME), title: 'page with its pictures', mime_type: 'text/html' },
    ],
    {
      report,
      counts: { ...result.counts },
      trials_needed: result.trials_needed,
      pairs: JSON.parse(JSON.stringify(result.pairs.slice(0, MOST_PAIRS))),
    },
  );
};

const FIELDS = {
  config: pathField('YAML of implementations and scenarios. As in configs/sota.'),
  output: pathField('Report folder. Default sota, below the working folder.').optional(),
  cwd: pathField('Where commands run. Default the working folder.').optional(),
};

const workOf = (input: z.output<z.ZodObject<typeof FIELDS>>, context: VerbContext): Work => {
  const cwd = context.path(input.cwd ?? '.');
  const outputFolder = input.output === undefined ? join(cwd, 'sota') : context.path(input.output);
  return { specPath: context.path(input.config), outputFolder, cwd };
};

const readMatrix = async (path: string): Promise<Comparison> => {
  const text = await onFile(path, () => readFile(path, 'utf8'));
  return parseComparison(await parseYaml(text, path), path);
};

/** What would be run or read for each implementation. Throws the Faults of the matrix. */
const planLines = async ({ specPath, outputFolder }: Work): Promise<string[]> => {
  const { scenarios, implementations, trials } = await readMatrix(specPath);
  const count = `${scenarios.length} scenarios`;
  return [
    ...implementations.map(({ name, command, results }) =>
      command === undefined
        ? `${name}: read ${results ?? ''} for ${count}`
        : `${name}: ${trials} trials of ${shellLine(command)} in ${count}`,
    ),
    `write ${join(outputFolder, REPORT_NAME)} and the same as ${PAGE_NAME}`,
  ];
};

const sota = jobVerb({
  name: 'sota_compare',
  family: 'ratchet',
  library: 'sota',
  verb: 'compare',
  title: 'Compare implementations',
  description:
    'Compares implementations over a matrix of scenarios, from their commands or result files: intervals, effect sizes, Holm; writes BENCHMARKS_SOTA_COMPARISON.md with plots. A job.',
  fields: FIELDS,
  positionals: ['config'],
  examples: [{ title: 'See the plan', input: { config: 'configs/sota/serving.yaml', dry_run: true } }],
  work: workOf,
  plan: planLines,
  check: planLines,
  body: compare,
});

export const { body } = sota;
export const sotaCompare = defineVerb(sota.definition);
