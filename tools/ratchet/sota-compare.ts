// sota_compare: several implementations over a configuration matrix, with intervals and effect sizes.
import { join } from 'node:path';
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
import { compareFiles, REPORT_NAME } from '../../src/sota/compare-files.ts';
import { isJsonObject, type JsonValue } from '../../src/text/json.ts';
import { isoSeconds } from '../../src/text/time.ts';
import { defineVerb, pathField } from '../../src/verb/define-verb.ts';

const NAME = 'sota_compare';

interface BodyInput {
  readonly specPath: string;
  readonly outputFolder: string;
  readonly cwd: string;
}

/** The job's body: runs what has no results yet, compares, writes the report. */
export const compareBody: JobBody = async (raw, job) => {
  const input = raw as unknown as BodyInput; // checked boundary: written by the verb below
  const result = await compareFiles({
    ...input,
    run: job.run,
    now: isoSeconds(Date.now()),
    signal: job.signal,
    onProgress: (message) => job.progress(0, 0, message),
  });
  return {
    report: join(input.outputFolder, REPORT_NAME),
    counts: { ...result.counts },
    trials_needed: result.trials_needed,
    pairs: JSON.parse(JSON.stringify(result.pairs.slice(0, 40))),
  };
};

const describeComparison = (result: JsonValue): string => {
  if (!isJsonObject(result)) return 'compared';
  const counts = Object.entries(Object(result['counts'])).map(([verdict, count]) => `${String(count)} ${verdict}`);
  const more =
    typeof result['trials_needed'] === 'number'
      ? [`${result['trials_needed']} trials a cell could survive the correction`]
      : [];
  return [`compared: ${counts.join(', ')}`, ...more, `report: ${String(result['report'])}`].join('\n');
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
  fields: {
    matrix: pathField('YAML of implementations and scenarios, as in configs/sota.'),
    output: pathField('Folder for the report, default below the working folder: sota.').optional(),
    wait_s: waitField,
  },
  positionals: ['matrix'],
  time_limit_s: 7200,
  data: JOB_DATA,
  examples: [{ title: 'See the plan', input: { matrix: 'configs/sota/llm-serving.yaml', dry_run: true } }],
  run: async (input, context) => {
    const specPath = context.path(input.matrix);
    const outputFolder = context.path(input.output ?? 'sota');
    if (context.dryRun) return plannedAnswer([`compare by ${specPath}; write ${join(outputFolder, REPORT_NAME)}`]);
    const body: BodyInput = { specPath, outputFolder, cwd: context.cwd };
    return startVerbJob(
      { verb: NAME, family: 'ratchet', body: 'compareBody', input: { ...body }, waitS: input.wait_s },
      context,
    );
  },
  render: (data) => renderJob({ ...data, result: JSON.parse(JSON.stringify(data.result ?? null)) }, describeComparison),
  links: (data) => jobLinks({ ...data, result: null }),
  exit_code: (data) => jobExitCode({ ...data, result: null }),
});
