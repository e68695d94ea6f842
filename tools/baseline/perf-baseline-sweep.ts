// perf_baseline_sweep: many measurements against their newest baselines, one summary, one exit code.
import { statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { answerDiff } from '../../src/compare/diff-answer.ts';
import { placeFields } from '../../src/registry/entry-steps.ts';
import { registryFolder } from '../../src/registry/layout.ts';
import { plural } from '../../src/render/numbers.ts';
import { sweepItems } from '../../src/compare/sweep-items.ts';
import { readFileSide, readFolderSide } from '../../src/source/read-side.ts';
import { Fault } from '../../src/text/fault.ts';
import { renderSweep, rollUpSweep, type SweepItem, type SweepSummary } from '../../src/trend/sweep-summary.ts';
import { colourSchema, decisionSchema } from '../../src/verdict/answer-schema.ts';
import { type ReportedDiff, reportedChange } from '../../src/verdict/gate-cases.ts';
import type { ReportCase } from '../../src/render/junit.ts';
import { headlineOf } from '../../src/verb/gate-report.ts';
import { STRICT_FIELDS } from '../../src/verdict/strict-fields.ts';
import type { NextStep } from '../../src/verb/next-step.ts';
import { defineVerb, pathField } from '../../src/verb/define-verb.ts';
import { readsResultsOfEntries } from '../../src/registry/entry-paths.ts';
import { exitCodeOf, faultOf } from '../../src/verb/failure.ts';

const MOST_LINES = 8;

const shortSweep = (summary: SweepSummary): string => {
  const { items } = summary;
  const rest = items.length > MOST_LINES ? `… ${items.length - MOST_LINES} more in the structured answer\n` : '';
  return renderSweep({ ...summary, items: items.slice(0, MOST_LINES) }) + rest;
};

const misplacedLines = (misplaced: readonly string[]): string[] =>
  misplaced.length === 0 ? [] : [`not compared, no <family>/<measurement>: ${misplaced.slice(0, 5).join(', ')}`];

const itemSchema = z.object({
  measurement: z.string(),
  /** The result that was compared. */
  path: z.string().optional(),
  exit_code: z.number(),
  verdict: colourSchema.optional(),
  decision: decisionSchema.optional(),
  headline: z.string().optional(),
  metric: z.string().nullable().optional(),
  change: z.string().nullable().optional(),
  diff_dir: z.string().nullable().optional(),
  error: z.object({ code: z.string(), message: z.string() }).optional(),
});

interface HeadlineRows {
  readonly headline_rows?: ReportedDiff['adverse'] | undefined;
}

/** The row that says most of a comparison: the worst, else an undecided one, else the largest gain, else the headline. */
const mainChange = ({ adverse, undecided = [], improved, headline_rows: rows = [] }: ReportedDiff & HeadlineRows) => {
  const row = adverse[0] ?? undecided[0] ?? improved[0] ?? rows[0];
  return row === undefined ? { metric: null, change: null } : { metric: row.key, change: reportedChange(row) };
};

const caseOf = ({
  measurement,
  verdict,
  headline,
  metric,
  change,
  error,
  exit_code: code,
}: z.input<typeof itemSchema>): ReportCase => ({
  group: measurement.replace(/\/[^/]*$/, ''),
  name: measurement,
  outcome:
    error !== undefined || code !== 0 || verdict === 'RED' ? 'failed' : verdict === 'GREEN' ? 'passed' : 'skipped',
  message:
    error === undefined
      ? [headline, ...(typeof metric === 'string' ? [`${metric}: ${change ?? ''}`] : [])].join('; ')
      : `${error.code}: ${error.message}`,
});

/** What a result is refused for that has nothing to be compared with yet. */
const NO_BASELINE: readonly string[] = ['family_not_found', 'measurement_not_found', 'entry_not_found'];

/** Where a baseline was looked for and not found. */
const withoutBaseline = ({
  items,
  registry,
}: {
  readonly items: readonly z.input<typeof itemSchema>[];
  readonly registry: string;
}): string[] => {
  const count = items.filter(({ error }) => error !== undefined && NO_BASELINE.includes(error.code)).length;
  return count === 0 ? [] : [`${plural(count, 'result')} without a baseline in ${registry}`];
};

/** The worst comparison alone, which comes first in the items; a measurement without a baseline becomes one. */
const nextSteps = (items: readonly z.input<typeof itemSchema>[], tag = 'latest'): NextStep[] => {
  const first = items.find(({ error }) => error === undefined || NO_BASELINE.includes(error.code));
  if (first === undefined || (first.verdict === 'GREEN' && first.exit_code === 0)) return [];
  const { measurement, path } = first;
  if (first.error === undefined)
    return [{ verb: 'perf_baseline_diff', input: { baseline: `${measurement}@${tag}`, current: path } }];
  return [{ verb: 'perf_baseline_record', input: { ...placeFields(measurement), source: path } }];
};

/** Why a result has no comparison: without a baseline, what is wrong with the result itself, where something is. */
const faultOfResult = async (fault: Fault, path: string): Promise<Fault> => {
  if (!NO_BASELINE.includes(fault.code)) return fault;
  const read = statSync(path).isDirectory() ? readFolderSide : readFileSide;
  return read(path, undefined).then(() => fault, faultOf);
};

export const perfBaselineSweep = defineVerb({
  name: 'perf_baseline_sweep',
  family: 'baseline',
  library: 'perf_baseline',
  verb: 'sweep',
  title: 'Sweep of measurements',
  description:
    'Compares a folder of new results, <family>/<measurement>.<ext> or <family>/<measurement>/, with their newest baselines: one summary, one exit code. For one result: perf_baseline_diff.',
  safety: 'writes_artifacts',
  fields: {
    current: pathField('Folder of new results. <family>/<measurement>.json, or a folder of trials.'),
    tag: z.string().optional().describe('Tag. Compare with this one, default latest.'),
    family: z.string().optional().describe('Family. Only this one.'),
    tolerance_percent: z.number().nonnegative().optional().describe('Tolerance percent. As in perf_baseline_diff.'),
    ...STRICT_FIELDS,
  },
  aliases: { tolerance: 'tolerance_percent' },
  positionals: ['current'],
  time_limit_s: 3600,
  paths: { current: readsResultsOfEntries },
  data: {
    verdict: colourSchema,
    counts: z.record(z.string(), z.number()),
    decisions: z.record(z.string(), z.number()),
    total: z.number(),
    items: z.array(itemSchema),
    misplaced: z.array(z.string()),
    registry: z.string().describe('Folder of the baselines.'),
    exit_code: z.number(),
    summary: z.string(),
  },
  examples: [{ title: 'Nightly', input: { current: 'nightly-results/', strict: true } }],
  run: async (input, context) => {
    const folder = context.path(input.current);
    const { sources, misplaced } = await sweepItems(folder, input.family);
    const items: SweepItem[] = [];
    for (const [index, { family, measurement, path }] of sources.entries()) {
      context.progress(index, sources.length, `${family}/${measurement}`);
      context.signal.throwIfAborted();
      const name = `${family}/${measurement}`;
      try {
        const answer = await answerDiff(
          {
            baseline: [`${name}@${input.tag ?? 'latest'}`],
            paths: [path],
            tolerance_percent: input.tolerance_percent,
            strict_context: input.strict_context,
            accept_implausible: input.accept_implausible,
            one_of_many: true,
          },
          { strict: input.strict, failOn: input.fail_on },
          context,
        );
        const headline = answer.summary.split('\n').find((line) => line !== '' && !line.startsWith('CONTEXT')) ?? '';
        items.push({
          measurement: name,
          path,
          exit_code: answer.exit_code,
          verdict: answer.verdict,
          decision: answer.decision,
          headline,
          ...mainChange(answer),
          diff_dir: answer.diff_dir,
        });
      } catch (error) {
        const fault = await faultOfResult(faultOf(error), path);
        if (fault.kind === 'interrupted' || fault.kind === 'timeout') throw error;
        items.push({
          measurement: name,
          path,
          exit_code: exitCodeOf(fault),
          error: { code: fault.code, message: fault.message },
        });
      }
    }
    const summary = rollUpSweep(items);
    if (summary.total === 0)
      throw new Fault('input', 'sweep_empty', `${basename(folder)} holds no result`, {
        path: folder,
        fix: `lay it out as ${join(input.current, '<family>', '<measurement>.json')}`,
      });
    return {
      verdict: summary.verdict,
      counts: { ...summary.counts },
      decisions: { ...summary.decisions },
      total: summary.total,
      items: summary.items.map((item) => ({ ...item })),
      misplaced: misplaced.slice(0, MOST_LINES * 4),
      registry: registryFolder(context.root),
      exit_code: summary.exit_code,
      summary: shortSweep(summary),
    };
  },
  render: (data) => [data.summary.trimEnd(), ...withoutBaseline(data), ...misplacedLines(data.misplaced)].join('\n'),
  next: ({ items }, { tag }) => nextSteps(items, tag),
  links: (data) =>
    data.items
      .flatMap(({ measurement, diff_dir: folder }) => (typeof folder === 'string' ? [{ measurement, folder }] : []))
      .slice(0, MOST_LINES)
      .map(({ measurement, folder }) => ({
        path: join(folder, 'diff.md'),
        title: measurement,
        mime_type: 'text/markdown',
      })),
  gate: (data) => ({ headline: headlineOf(data.summary).replaceAll('**', ''), cases: data.items.map(caseOf) }),
  exit_code: (data) => data.exit_code,
});
