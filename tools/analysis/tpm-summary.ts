// perf_tune_report_tpm_summary: what the measured configurations carry, in tokens per minute, dollars and joules.
import { z } from 'zod';
import { CAMPAIGN_FIELDS } from '../../src/campaign/campaign-field.ts';
import { findCampaign } from '../../src/campaign/find-campaign.ts';
import { tpmSummaryPath } from '../../src/campaign/layout.ts';
import { campaignCapacity } from '../../src/capacity/campaign-capacity.ts';
import { answerPoints, pointLines, pointRows, shownPointSchema } from '../../src/capacity/summary-answer.ts';
import { leftOutSchema } from '../../src/capacity/summary-schema.ts';
import { summaryTables, writeSummary } from '../../src/capacity/write-summary.ts';
import { plural } from '../../src/render/numbers.ts';
import { defineVerb } from '../../src/verb/define-verb.ts';

const limit = (description: string) => z.number().positive().max(86_400_000).optional().describe(description);
const size = (description: string) => z.number().int().positive().max(100_000).optional().describe(description);

/** Points and left-out rows of an answer that is read, not printed as a table. */
const SHOWN = 30;
/** Characters that the lines of points take in the text. */
const POINTS_ROOM = 1040;

/** The first lines that fit. */
const fitting = (lines: readonly string[]): readonly string[] => {
  let taken = 0;
  const last = lines.findIndex((line) => (taken += line.length) > POINTS_ROOM);
  return last < 0 ? lines : lines.slice(0, last);
};

export const tpmSummary = defineVerb({
  name: 'perf_tune_report_tpm_summary',
  family: 'analysis',
  library: 'perf_tune_report',
  verb: 'tpm_summary',
  title: 'Tokens per minute and cost',
  description:
    'Peak and SLA points of each configuration: tokens per minute per GPU, replica, node and rack, $ per million tokens, tokens per joule. Which one to ship: perf_tune_report_champion_select.',
  safety: 'writes_artifacts',
  idempotent: true,
  fields: {
    ...CAMPAIGN_FIELDS,
    ttft_sla_ms: limit('Limit of mean TTFT. Default 2000.'),
    tpot_sla_ms: limit('Limit of median TPOT. Default 50.'),
    gpus_per_node: size('Default 8; GB200, GB300 4.'),
    gpus_per_rack: size('Default 72 for GB200, GB300.'),
    context: z.string().min(1).max(1000).optional().describe('A line on what was measured.'),
  },
  positionals: ['campaign'],
  seldom: ['campaigns_dir', 'gpus_per_rack', 'context'],
  data: {
    campaign_dir: z.string(),
    json_path: z.string(),
    csv_path: z.string(),
    md_path: z.string(),
    row_count: z.number(),
    group_count: z.number(),
    point_count: z.number(),
    hardwares: z.array(z.string()),
    sla_computed: z.boolean(),
    ttft_sla_ms: z.number(),
    tpot_sla_ms: z.number(),
    gpus_per_node: z.number().nullable(),
    cost_rate_source: z.string(),
    /** The first of them; all are in the files. */
    points: z.array(shownPointSchema),
    excluded: z.array(leftOutSchema),
    excluded_count: z.number(),
    methodology_caveat: z.string(),
    warnings: z.array(z.string()),
  },
  examples: [
    { title: 'What it carries and costs', input: { campaign: 'glm51-multihw', dry_run: true } },
    {
      title: 'By limits of a customer',
      input: { campaign: 'glm51-multihw', ttft_sla_ms: 500, tpot_sla_ms: 25, dry_run: true },
    },
  ],
  run: async (input, context) => {
    const campaign = findCampaign(input.campaign, context, input.campaigns_dir);
    const { capacity, head, stamp, warnings } = await campaignCapacity(campaign, input, input.context, context);
    if (!context.dryRun) await writeSummary(campaign, capacity, summaryTables(capacity, stamp), head);
    const points = answerPoints(capacity);
    const shown = context.allRows ? Infinity : SHOWN;
    return {
      campaign_dir: campaign,
      json_path: tpmSummaryPath(campaign, 'json'),
      csv_path: tpmSummaryPath(campaign, 'csv'),
      md_path: tpmSummaryPath(campaign, 'md'),
      row_count: capacity.rows,
      group_count: capacity.groups.length,
      point_count: points.length,
      hardwares: [...new Set(capacity.groups.map(({ hardware }) => hardware))],
      sla_computed: head.sla_computed,
      ttft_sla_ms: head.ttft_sla_ms,
      tpot_sla_ms: head.tpot_sla_ms,
      gpus_per_node: head.gpus_per_node,
      cost_rate_source: head.cost_rate_source,
      points: points.slice(0, shown),
      excluded: capacity.excluded.slice(0, shown),
      excluded_count: capacity.excluded.length,
      methodology_caveat: head.methodology_caveat,
      warnings: [...warnings],
    };
  },
  render: ({ points, point_count, group_count, row_count, excluded, excluded_count, cost_rate_source }, say) => {
    const lines = pointLines(points);
    const shown = fitting(lines);
    return [
      `${plural(point_count, 'point')} of ${plural(group_count, 'group')} from ${plural(row_count, 'row')}; ${say('wrote', 'write')} tpm_summary.md, .csv and .json`,
      ...shown,
      ...(lines.length > shown.length ? ['… more points in the files'] : []),
      `prices: ${cost_rate_source}`,
      ...excluded.slice(0, 1).map(({ cell_id, concurrency, says }) => `left out ${cell_id} at concurrency ${concurrency}: ${says}`),
      ...(excluded_count > 1 ? [`… ${excluded_count - 1} more left out`] : []),
    ].join('\n');
  },
  rows: ({ points }) => pointRows(points),
  notices: ({ warnings }) => warnings,
  next: ({ campaign_dir: campaign }) => [{ verb: 'perf_tune_report_campaign_status', input: { campaign } }],
  links: ({ md_path, json_path, csv_path }) => [
    { path: md_path, title: 'Tokens per minute', mime_type: 'text/markdown' },
    { path: csv_path, title: 'As a table', mime_type: 'text/csv' },
    { path: json_path, title: 'All figures', mime_type: 'application/json' },
  ],
}); // prettier-ignore
