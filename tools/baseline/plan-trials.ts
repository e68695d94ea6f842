// plan_trials: how many trials a comparison needs before time is spent on it.
import { z } from 'zod';
import { renderPlanText } from '../../src/trend/plan-text.ts';
import { planTrials as plan } from '../../src/verdict/plan-trials.ts';
import { metricHistory } from '../../src/trend/history.ts';
import { Fault } from '../../src/text/fault.ts';
import { readsMeasurement } from '../../src/registry/entry-paths.ts';
import { defineVerb } from '../../src/verb/define-verb.ts';

/** How often each decision comes out where the candidate is worse by so many times the tolerance; shares of 1. */
const oddsSchema = z.object({
  times_tolerance: z.number(),
  pass: z.number(),
  fail_proven: z.number(),
  fail_likely: z.number(),
  inconclusive: z.number(),
});

export const planTrials = defineVerb({
  name: 'plan_trials',
  family: 'baseline',
  library: 'perf_baseline',
  verb: 'plan_trials',
  title: 'Plan trials',
  description:
    'Says how many trials a comparison needs, from stated noise or the history of a measurement: number, order, minutes, odds of each verdict. For results at hand: bench_diff.',
  safety: 'read_only',
  fields: {
    tolerance_percent: z.number().positive().max(99).describe('Worsening that would matter.'),
    cv_percent: z.number().nonnegative().max(99).optional().describe('Spread of one trial (std / mean). In percent.'),
    measurement: z.string().optional().describe('family/measurement with the noise.'),
    metric: z.string().optional().describe('Metric. Key in that measurement, for structured ones.'),
    gating_metrics: z.number().int().positive().max(10_000).optional().describe('Gating metrics. How many, default 1.'),
    minutes_per_trial: z
      .number()
      .positive()
      .optional()
      .describe('Minutes per trial. Wall time with start and warm-up, default 5.'),
    paired: z.boolean().optional().describe('Interleave both sides.'),
    trials: z.number().int().positive().max(100_000).optional().describe('Trials. The number that you have in mind.'),
    minutes_allowed: z.number().positive().optional().describe('Minutes allowed. The longest time you have.'),
  },
  aliases: { tolerance: 'tolerance_percent' },
  paths: { measurement: readsMeasurement },
  computes: true,
  data: {
    analysis: z.enum(['paired', 'unpaired']),
    trials: z.number(),
    order: z.string(),
    minutes: z.number(),
    cv: z.number(),
    tolerance: z.number(),
    gating_metrics: z.number(),
    mde: z.number().nullable(),
    trials_to_pass: z.number().nullable(),
    odds: z.array(oddsSchema),
    summary: z.string(),
  },
  examples: [
    { title: 'Two percent at one percent noise', input: { tolerance_percent: 2, cv_percent: 1, paired: true } },
  ],
  run: async (input, context) => {
    const { cv_percent: cv, measurement, metric, paired = false } = input;
    if (cv === undefined && measurement === undefined)
      throw new Fault('usage', 'noise_unknown', 'neither cv_percent nor measurement is given', {
        fix: 'give the spread of one trial, or the measurement whose history shows it',
      });
    const history = measurement === undefined ? null : await metricHistory(measurement, metric, context);
    const noise = cv === undefined ? { history: (history?.points ?? []).map(({ value }) => value) } : { cv: cv / 100 };
    const planned = plan({
      tolerance: input.tolerance_percent / 100,
      noise,
      gatingMetrics: input.gating_metrics ?? 1,
      minutesPerTrial: input.minutes_per_trial ?? 5,
      analysis: paired ? 'paired' : 'unpaired',
      ...(history === null ? {} : { direction: history.direction }),
      trials: input.trials ?? null,
      minutesAllowed: input.minutes_allowed ?? null,
    });
    return { ...planned, odds: planned.odds.map((row) => ({ ...row })), summary: renderPlanText(planned) };
  },
  render: (data) => data.summary.trimEnd(),
  next: ({ trials }) => [
    {
      verb: 'bench_run',
      input: { suite: 'random', base_url: '<address>', output: '<folder>', concurrency: 16, trials },
      with: 'a server',
    },
  ],
});
