// perf_tune_report_compare_public: a campaign's rows beside public results that the caller supplies.
import { z } from 'zod';
import { CAMPAIGN_FIELDS } from '../../src/campaign/campaign-field.ts';
import { findCampaign } from '../../src/campaign/find-campaign.ts';
import { comparePublic as compare } from '../../src/champion/public/compare-public.ts';
import { formatNumber, formatPercent, plural, withUnit } from '../../src/render/numbers.ts';
import { parseContext } from '../../src/source/given-context.ts';
import { ceilings } from '../../src/verdict/judging-rules.ts';
import { defineVerb, oneOrMany } from '../../src/verb/define-verb.ts';
import { reads } from '../../src/verb/path-use.ts';

const differenceSchema = z.object({ field: z.string(), ours: z.string(), public: z.string() });

const metricSchema = z.object({
  metric: z.string(),
  ours: z.number(),
  public: z.number(),
  delta_pct: z.number(),
  unit: z.string(),
  direction: z.enum(['lower-is-better', 'higher-is-better', 'two-sided']),
});

const pairSchema = z.object({
  cell: z.string(),
  concurrency: z.number(),
  source: z.string(),
  point: z.string(),
  metrics: z.array(metricSchema),
  /** Settings that both state and that differ. */
  mismatches: z.array(differenceSchema),
  not_stated: z.array(z.string()),
  notes: z.array(z.string()),
});

const SAYS =
  'DRAFT always: public figures are runs of other machines and people, without trials, and with settings that nobody here can check';

const MOST_PAIRS = 5;
const MOST_METRICS = 4;

const differenceText = ({ field, ours, public: other }: z.infer<typeof differenceSchema>): string =>
  `${field} ${ours} (public ${other})`;

const pairLines = ({ cell, concurrency, point, source, metrics, mismatches, not_stated: open, notes }: z.infer<typeof pairSchema>): string[] => [
  `${cell} at concurrency ${concurrency} against ${point} (${source})`,
  ...metrics.slice(0, MOST_METRICS).map((each) => `  ${each.metric}: ${formatNumber(each.ours)} against ${withUnit(each.public, each.unit)} (${formatPercent(each.delta_pct)})`),
  ...(mismatches.length === 0 ? [] : [`  differs: ${mismatches.slice(0, 6).map(differenceText).join('; ')}${mismatches.length > 6 ? `; ${mismatches.length - 6} more` : ''}`]),
  ...(open.length === 0 ? [] : [`  stated by one side only: ${open.join(', ')}`]),
  ...notes.map((note) => `  note: ${note}`),
]; // prettier-ignore

export const comparePublic = defineVerb({
  name: 'perf_tune_report_compare_public',
  family: 'analysis',
  library: 'perf_tune_report',
  verb: 'compare_public',
  title: 'Compare with public results',
  description:
    'Puts rows of a campaign beside InferenceX aggregates or MLPerf summaries that you supply, where model, GPU, precision, lengths and concurrency agree. Always DRAFT. Two own results: bench_diff.',
  safety: 'read_only',
  fields: {
    ...CAMPAIGN_FIELDS,
    public: oneOrMany('agg_*.json of InferenceX, mlperf_log_summary.txt.'),
    context: z.record(z.string(), z.unknown()).optional().describe('Facts that the files lack: model, hardware, n_gpus, …'),
    strict: z.boolean().optional().describe('Exit 4 where no point could be compared.'),
  },
  positionals: ['campaign', 'public'],
  seldom: ['campaigns_dir'],
  paths: { public: reads },
  data: {
    campaign_dir: z.string(),
    tier: z.literal('DRAFT'),
    tier_says: z.string(),
    pairs: z.array(pairSchema),
    unmatched: z.array(
      z.object({
        source: z.string(),
        point: z.string(),
        nearest: z.object({ cell: z.string(), concurrency: z.number() }).nullable(),
        differs: z.array(differenceSchema),
      }),
    ),
    rows_alone: z.number().describe('Measured rows without a public point.'),
    excluded: z.array(z.object({ cell: z.string(), concurrency: z.number(), because: z.string() })),
    warnings: z.array(z.string()),
  },
  examples: [
    { title: 'An aggregate of InferenceX', input: { campaign: 'kimi-k26', public: ['agg.json'] } },
    {
      title: 'A summary of MLPerf, which does not say on what it ran',
      input: { campaign: 'kimi-k26', public: ['mlperf_log_summary.txt'], context: { model: 'llama2-70b', hardware: 'H200', n_gpus: 8 } },
    },
  ],
  run: async (input, context) => {
    const campaign = findCampaign(input.campaign, context, input.campaigns_dir);
    const paths = input.public.map((path) => context.path(path));
    const found = await compare({ campaign, paths, given: parseContext(input.context), table: await ceilings(context) });
    return {
      campaign_dir: campaign,
      tier: 'DRAFT' as const,
      tier_says: SAYS,
      pairs: found.pairs.map(({ metrics, mismatches, not_stated, notes, ...pair }) => ({ ...pair, metrics: metrics.map((each) => ({ ...each })), mismatches: mismatches.map((each) => ({ ...each })), not_stated: [...not_stated], notes: [...notes] })),
      unmatched: found.unmatched.map(({ nearest, differs, ...point }) => ({ ...point, nearest: nearest === null ? null : { ...nearest }, differs: differs.map((each) => ({ ...each })) })),
      rows_alone: found.rows_alone,
      excluded: found.excluded.map((each) => ({ ...each })),
      warnings: [...found.warnings],
    };
  },
  render: ({ pairs, unmatched, excluded, warnings, tier_says: says }) =>
    [
      `${plural(pairs.length, 'pair')}, ${plural(unmatched.length, 'public point')} without a match`,
      ...pairs.slice(0, MOST_PAIRS).flatMap(pairLines),
      ...(pairs.length > MOST_PAIRS ? [`… ${pairs.length - MOST_PAIRS} more pairs`] : []),
      ...unmatched.slice(0, 3).map(({ point, nearest, differs }) => nearest === null ? `no row beside ${point}` : `not compared: ${point}; nearest ${nearest.cell} at concurrency ${nearest.concurrency}: ${differs.map(differenceText).join('; ')}`),
      ...excluded.slice(0, 3).map(({ cell, concurrency, because }) => `left out: ${cell} at concurrency ${concurrency}: ${because}`),
      ...warnings.slice(0, 3).map((warning) => `warning: ${warning}`),
      says,
    ].join('\n'),
  rows: ({ pairs }) => ({
    columns: [
      { title: 'cell' },
      { title: 'concurrency', align: 'right' },
      { title: 'source' },
      { title: 'point' },
      { title: 'metric' },
      { title: 'ours', align: 'right' },
      { title: 'public', align: 'right' },
      { title: 'delta_pct', align: 'right' },
      { title: 'unit' },
      { title: 'mismatches' },
      { title: 'tier' },
    ],
    rows: pairs.flatMap(({ cell, concurrency, source, point, metrics, mismatches }) =>
      metrics.map(({ metric, ours, public: other, delta_pct, unit }) => [cell, concurrency, source, point, metric, ours, other, delta_pct, unit, mismatches.map(differenceText).join('; '), 'DRAFT']),
    ),
  }),
  next: ({ campaign_dir: campaign }) => [{ verb: 'perf_tune_report_value_view', input: { campaign } }],
  exit_code: ({ pairs }, { strict }) => (strict === true && pairs.length === 0 ? 4 : 0),
}); // prettier-ignore
