// perf_baseline_trend: the history of one metric.
import { nameOf } from '../../src/metrics/catalogue.ts';
import { join } from 'node:path';
import { writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { metricHistory } from '../../src/trend/history.ts';
import { publishDerived } from '../../src/fs/publish-folder.ts';
import { artifactsFolder } from '../../src/fs/root.ts';
import { jsonFile } from '../../src/text/json.ts';
import { timeSlug } from '../../src/text/time.ts';
import { analyseTrend } from '../../src/trend/analyse-trend.ts';
import { renderTrendText } from '../../src/trend/trend-text.ts';
import { Fault } from '../../src/text/fault.ts';
import { colourSchema, decisionSchema } from '../../src/verdict/answer-schema.ts';
import { comparisonExitCode, type SideTrials } from '../../src/verdict/exit-code.ts';
import { GATE_FIELDS } from '../../src/verdict/strict-fields.ts';
import { headlineOf } from '../../src/verb/gate-report.ts';
import type { NextStep } from '../../src/verb/next-step.ts';
import { readsMeasurement } from '../../src/registry/entry-paths.ts';
import { defineVerb } from '../../src/verb/define-verb.ts';

/** A level change, between the last point of the old level and the first of the new one. */
const changeSchema = z.object({
  /** In the whole history. */
  index: z.number(),
  last_before: z.string(),
  first_after: z.string(),
  commit_before: z.string().nullable(),
  commit_after: z.string().nullable(),
  median_before: z.number(),
  median_after: z.number(),
  change_pct: z.number().nullable(),
  p_adjusted: z.number(),
  adverse: z.boolean(),
});

/** Points of one context; `start` says what began it. */
const eraSchema = z.object({ start: z.string(), from: z.number(), points: z.number(), context_key: z.string() });

/** Where the newest value should fall; `history` is the number of points that it rests on. */
const predictionSchema = z.object({ centre: z.number(), low: z.number(), high: z.number(), history: z.number() });

const driftSchema = z.object({
  percent_per_run: z.number(),
  low: z.number(),
  high: z.number(),
  significant: z.boolean(),
});

/** The comparison that shows what the newest change for the worse did, or the same history with it as the new normal. */
const nextSteps = (
  changes: readonly z.input<typeof changeSchema>[],
  input: Readonly<Record<string, unknown>> & { readonly measurement: string; readonly accepted?: string[] | undefined },
): NextStep[] => {
  const worse = changes.findLast(({ adverse }) => adverse);
  if (worse === undefined) return [];
  const { measurement, accepted = [] } = input;
  const at = (slug: string): string => `${measurement}@${slug}`;
  return [
    { verb: 'perf_baseline_diff', input: { baseline: at(worse.last_before), current: at(worse.first_after) } },
    { verb: 'perf_baseline_trend', input: { ...input, accepted: [...accepted, worse.first_after] } },
  ];
};

const MOST_NAMED = 4;

/** A history is no repeat of a side: only a change that persists fails under `strict`. */
const HISTORY: SideTrials = { baseline: { valid: 1, invalid: 0 }, candidate: { valid: 1, invalid: 0 } };

/** Throws a Fault `context_mismatch` where the newest entry was measured in another context than the one before it. */
const requireOneContext = (
  points: readonly { readonly id: string; readonly context_key: string }[],
  of: string,
): void => {
  const [before, newest] = points.slice(-2);
  if (before === undefined || newest === undefined || before.context_key === newest.context_key) return;
  throw new Fault('not_comparable', 'context_mismatch', `${of}: ${newest.id} has another context than ${before.id}`, {
    fix: `measure under the conditions of ${before.id}, or leave strict_context out to start a new era`,
  });
};

export const perfBaselineTrend = defineVerb({
  name: 'perf_baseline_trend',
  family: 'baseline',
  library: 'perf_baseline',
  verb: 'trend',
  title: 'Trend of a measurement',
  description:
    'Reads the history of a measurement: where its level changed, drift, whether the newest entries are to be expected. Only a change that persists fails. For a new result: perf_baseline_diff.',
  safety: 'writes_artifacts',
  fields: {
    measurement: z.string().describe('family/measurement.'),
    metric: z.string().optional().describe('Metric. Default: the headline.'),
    tolerance_percent: z
      .number()
      .positive()
      .optional()
      .describe('Tolerance percent. Changes up to this are tolerated, default 5.'),
    accepted: z.array(z.string()).optional().describe('Slugs accepted as the new normal.'),
    ...GATE_FIELDS,
  },
  aliases: { tolerance: 'tolerance_percent' },
  paths: { measurement: readsMeasurement },
  positionals: ['measurement', 'metric'],
  data: {
    verdict: colourSchema,
    decision: decisionSchema,
    metric: z.string(),
    unit: z.string().nullable(),
    points_count: z.number(),
    skipped: z.array(z.string()),
    /** Further headline metrics, where none was named. */
    other_headlines: z.array(z.string()),
    changes: z.array(changeSchema),
    eras: z.array(eraSchema),
    prediction: predictionSchema.nullable(),
    alarms: z.array(z.number()),
    drift: driftSchema.nullable(),
    trend_dir: z.string().nullable(),
    exit_code: z.number(),
    summary: z.string(),
  },
  examples: [
    { title: 'A serving metric', input: { measurement: 'llama31_8b/vllm_serve', metric: nameOf('throughput') } },
  ],
  run: async (input, context) => {
    const history = await metricHistory(input.measurement, input.metric, context);
    const trend = analyseTrend(history.points, {
      metric: history.metric,
      unit: history.unit,
      direction: history.direction,
      tolerance: (input.tolerance_percent ?? 5) / 100,
      accepted: input.accepted ?? [],
    });
    if (input.strict_context === true) requireOneContext(trend.points, input.measurement);
    const trends = join(artifactsFolder(context.root), 'perf-baseline-trends');
    const folder = join(trends, history.family, history.measurement, timeSlug(context.now()));
    if (!context.dryRun)
      await publishDerived(join(trends, '.staging'), folder, async (staged) => {
        await writeFile(join(staged, 'trend.json'), jsonFile({ schema_version: 1, ...trend }));
        const { renderTrendSvg } = await import('../../src/trend/trend-svg.ts');
        await writeFile(join(staged, 'trend.svg'), renderTrendSvg(trend, `${history.family}/${history.measurement}`));
        await writeFile(join(staged, 'trend.txt'), renderTrendText(trend));
      });
    return {
      verdict: trend.verdict,
      decision: trend.decision,
      metric: history.metric,
      unit: history.unit,
      points_count: trend.points.length,
      skipped: [...history.skipped],
      other_headlines: [...history.others],
      changes: trend.changes.map((change) => ({ ...change })),
      eras: trend.eras.map((era) => ({ ...era })),
      prediction: trend.prediction === null ? null : { ...trend.prediction },
      alarms: [...trend.alarms],
      drift: trend.drift === null ? null : { ...trend.drift },
      trend_dir: context.dryRun ? null : folder,
      exit_code: comparisonExitCode(
        { verdict: trend.verdict, decision: trend.decision, trials: HISTORY, adverse: [], vanished: [] },
        { strict: input.strict, failOn: input.fail_on },
      ),
      summary: renderTrendText(trend),
    };
  },
  render: ({ summary, other_headlines: others }) =>
    others.length === 0
      ? summary
      : `${summary}\n  the headline; others by metric: ${others.slice(0, MOST_NAMED).join(', ')}${others.length > MOST_NAMED ? `, … ${others.length - MOST_NAMED} more` : ''}`,
  next: ({ changes }, input) => nextSteps(changes, input),
  links: (data) =>
    data.trend_dir === null
      ? []
      : [
          { path: join(data.trend_dir, 'trend.svg'), title: 'picture', mime_type: 'image/svg+xml' },
          { path: join(data.trend_dir, 'trend.json'), title: 'all points', mime_type: 'application/json' },
        ],
  gate: (data) => ({ headline: headlineOf(data.summary), cases: [] }),
  exit_code: (data) => data.exit_code,
});
