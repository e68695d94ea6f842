// sota_compare: several implementations over a configuration matrix, with intervals and effect sizes.
import { join } from 'node:path';
import { readNamedText } from '../../src/fs/named-text.ts';
import { z } from 'zod';
import { jobResult } from '../../src/jobs/job-answer.ts';
import type { JobContext } from '../../src/jobs/job-context.ts';
import { jobVerb } from '../../src/jobs/job-verb.ts';
import { pinnedHash, requirePinned, type JobPlan } from '../../src/jobs/plan-pins.ts';
import { commandFor, resultsFor } from '../../src/sota/collect-samples.ts';
import { compareFiles, PAGE_NAME, readResults, REPORT_NAME } from '../../src/sota/compare-files.ts';
import { parseComparison, takesPart, type Comparison } from '../../src/sota/comparison-spec.ts';
import type { ComparisonResult, PairVerdict } from '../../src/sota/compare-implementations.ts';
import { onFile } from '../../src/fs/io-fault.ts';
import type { JsonValue } from '../../src/text/json.ts';
import { parseYaml } from '../../src/text/yaml.ts';
import { isoSeconds } from '../../src/text/time.ts';
import type { CaseOutcome } from '../../src/render/junit.ts';
import { headlineOf, type GateAnswer } from '../../src/verb/gate-report.ts';
import type { Strictness } from '../../src/verdict/exit-code.ts';
import { rankingExitCode } from '../../src/verdict/ranking.ts';
import { GATE_FIELDS } from '../../src/verdict/strict-fields.ts';
import type { VerbContext } from '../../src/verb/context.ts';
import { formatFactor } from '../../src/render/numbers.ts';
import { defineVerb, pathField } from '../../src/verb/define-verb.ts';
import { faultOf } from '../../src/verb/failure.ts';
import { fills, OUR_SVG, reads } from '../../src/verb/path-use.ts';

interface Work {
  readonly specPath: string;
  /** Hash of the matrix that was planned with. */
  readonly specSha256: string | null;
  readonly outputFolder: string;
  readonly cwd: string;
  readonly strictness: Strictness & { readonly strictContext?: boolean | undefined };
}

const MOST_PAIRS = 40;
const MOST_LINES = 6;

const timesText = (ratio: number | null): string => (ratio === null ? '' : `, ${formatFactor(ratio)}`);

/** The counts of verdicts, the pairs that differ, and what more trials could show. */
const describeComparison = (result: ComparisonResult, report: string, exitCode: number): string => {
  const { counts, pairs, trials_needed: needed, verdict, decision } = result;
  const strength = decision.strength === null ? '' : ` ${decision.strength}`;
  const reported = Object.entries(counts).flatMap(([verdict, count]) =>
    count > 0 ? [`${count} ${verdict.replaceAll('_', ' ')}`] : [],
  );
  const lines = pairs
    .filter(({ verdict }) => verdict === 'better' || verdict === 'worse')
    .slice(0, MOST_LINES)
    .map(({ scenario, against, verdict, ratio }) => `  ${scenario}: ${verdict} than ${against}${timesText(ratio)}`);
  return [
    `${verdict}: compared: ${reported.join(', ') || 'nothing'}`,
    `decision: ${decision.status}${strength} (rule ${decision.rule}), exit ${exitCode}`,
    ...lines,
    ...(needed === null ? [] : [`  ${needed} trials a cell should show the differences that are open`]),
    `report: ${report}`,
  ].join('\n');
};

/** Runs what has no results yet, compares, writes the report. */
const compare = async (work: Work, job: JobContext): Promise<JsonValue> => {
  await requirePinned(work.specPath, work.specSha256);
  let begun = 0;
  const result = await compareFiles({
    ...work,
    run: job.run,
    now: isoSeconds(Date.now()),
    signal: job.signal,
    onProgress: (message) => job.progress((begun += 1), 0, message),
  });
  const report = join(work.outputFolder, REPORT_NAME);
  const ranks = result.pairs.map(({ verdict }) => verdict);
  const exitCode = rankingExitCode({ ...result, ranks }, { ...work.strictness, missing: result.counts.no_measurement });
  const links = [
    { path: report, title: 'report', mime_type: 'text/markdown' },
    { path: join(work.outputFolder, PAGE_NAME), title: 'page with its pictures', mime_type: 'text/html' },
  ];
  return jobResult(
    { summary: describeComparison(result, report, exitCode), links },
    {
      report,
      verdict: result.verdict,
      decision: JSON.parse(JSON.stringify(result.decision)),
      exit_code: exitCode,
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
  ...GATE_FIELDS,
};

const workOf = async (input: z.output<z.ZodObject<typeof FIELDS>>, context: VerbContext): Promise<Work> => {
  const cwd = context.path(input.cwd ?? '.');
  const outputFolder = input.output === undefined ? join(cwd, 'sota') : context.path(input.output);
  const specPath = context.path(input.config);
  const strictness = { strict: input.strict, failOn: input.fail_on, strictContext: input.strict_context };
  return { specPath, specSha256: await pinnedHash(specPath), outputFolder, cwd, strictness };
};

const readMatrix = async (path: string): Promise<Comparison> => {
  const text = await onFile(path, () => readNamedText(path));
  return parseComparison(await parseYaml(text, path), path);
};

/** What would be run or read for each implementation. Throws the Faults of the matrix; names results that cannot be read. */
const planOf = async ({ specPath, outputFolder, cwd }: Work): Promise<JobPlan> => {
  const { scenarios, implementations, trials } = await readMatrix(specPath);
  const cells = scenarios.flatMap((scenario) =>
    implementations.filter((each) => takesPart(each, scenario)).map((implementation) => ({ scenario, implementation })),
  );
  const results = cells.flatMap(({ implementation, scenario }) => resultsFor(implementation, scenario, cwd) ?? []);
  const unread: string[] = [];
  for (const path of results)
    await readResults(path).catch((error: unknown) => unread.push(`! ${path}: ${faultOf(error).message}`));
  const versions = implementations.flatMap(({ version }) => ('command' in version ? [version.command] : []));
  return {
    commands: [
      ...versions,
      ...cells.flatMap(({ implementation, scenario }) =>
        [commandFor(implementation, scenario)].filter((argv) => argv !== null),
      ),
    ],
    inputs: [specPath, ...results],
    cwd,
    notes: [
      `each command ${trials} times, interleaved`,
      ...results.map((path) => `read ${path}`),
      ...unread,
      `write ${join(outputFolder, REPORT_NAME)} and the same as ${PAGE_NAME}`,
    ],
  };
};

const OUTCOMES: Readonly<Record<PairVerdict, CaseOutcome>> = {
  better: 'passed',
  worse: 'failed',
  not_distinguishable: 'skipped',
  not_comparable: 'failed',
  no_measurement: 'failed',
};

const resultSchema = z.looseObject({
  summary: z.string(),
  pairs: z.array(
    z.looseObject({
      scenario: z.string(),
      against: z.string(),
      verdict: z.enum(['better', 'worse', 'not_distinguishable', 'not_comparable', 'no_measurement']),
      reason: z.string().nullable(),
      ratio: z.number().nullable(),
    }),
  ),
});

/** What a build server shows of a comparison that is done. */
const gateOf = (result: unknown): GateAnswer | null => {
  const parsed = resultSchema.safeParse(result).data;
  if (parsed === undefined) return null;
  return {
    headline: headlineOf(parsed.summary),
    cases: parsed.pairs.map(({ scenario, against, verdict, reason, ratio }) => ({
      group: scenario,
      name: `against ${against}`,
      outcome: OUTCOMES[verdict],
      message: `${verdict.replaceAll('_', ' ')}${timesText(ratio)}${reason === null ? '' : `: ${reason}`}`,
    })),
  };
};

const sota = jobVerb({
  name: 'sota_compare',
  family: 'ratchet',
  library: 'sota',
  verb: 'compare',
  title: 'Compare implementations',
  description:
    'Compares implementations (vLLM against SGLang, …) over a matrix of scenarios, from their commands or result files: intervals, effect sizes, Holm; writes a report with plots. A job. A parameter space: autotune_run.',
  fields: FIELDS,
  paths: {
    config: reads,
    cwd: reads,
    output: fills([
      [/^BENCHMARKS_SOTA_COMPARISON\.md$/, /^# .*\n\nGenerated \d{4}-/],
      [/^comparison\.json$/, /^\{\n {2}"cells": \[/],
      [/^(ratios|trials-.*)\.svg$/, OUR_SVG],
    ]),
  },
  positionals: ['config'],
  examples: [{ title: 'See the plan', input: { config: 'configs/sota/serving.yaml', dry_run: true } }],
  work: workOf,
  plan: planOf,
  body: compare,
  gate: ({ result }) => gateOf(result),
});

export const { body } = sota;
export const sotaCompare = defineVerb(sota.definition);
