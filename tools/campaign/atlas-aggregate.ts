// perf_tune_report_atlas_aggregate: unites the rows of all cells and says how much of the campaign was measured.
import { z } from 'zod';
import { aggregateCampaign } from '../../src/campaign/aggregate.ts';
import { CAMPAIGN_FIELDS } from '../../src/campaign/campaign-field.ts';
import { findCampaign } from '../../src/campaign/find-campaign.ts';
import { plural } from '../../src/render/numbers.ts';
import { defineVerb } from '../../src/verb/define-verb.ts';

const COVERAGE = z.object({
  atlas_cells: z.number(),
  full_sweeps: z.number(),
  partial_sweeps: z.number(),
  failed_cells: z.number(),
  evicted_cells: z.number(),
  plot_ready_points: z.number(),
  non_plot_ready_full_cells: z.number(),
  header_line: z.string(),
  note_line: z.string().nullable(),
});

const CELLS = z.array(z.object({ cell: z.string(), reason: z.string() }));
const SHOWN = 8;

const named = (cells: readonly { readonly cell: string; readonly reason: string }[], word: string): string[] => [
  ...cells.slice(0, SHOWN).map(({ cell, reason }) => `${word} ${cell}: ${reason}`),
  ...(cells.length > SHOWN ? [`… ${cells.length - SHOWN} more ${word}`] : []),
];

const firstOf = (cells: readonly string[]): string =>
  `${cells.slice(0, SHOWN).join(', ')}${cells.length > SHOWN ? `, … ${cells.length - SHOWN} more` : ''}`;

export const atlasAggregate = defineVerb({
  name: 'perf_tune_report_atlas_aggregate',
  family: 'campaign',
  library: 'perf_tune_report',
  verb: 'atlas_aggregate',
  title: 'Aggregate the atlas',
  description:
    "Unites the rows of all cells of a campaign in atlas.jsonl and returns the coverage; names what it can't read.",
  safety: 'writes_artifacts',
  idempotent: true,
  fields: CAMPAIGN_FIELDS,
  positionals: ['campaign'],
  seldom: ['campaigns_dir'],
  data: {
    campaign_dir: z.string(),
    atlas_path: z.string(),
    atlas_sha256: z.string(),
    row_count: z.number(),
    cell_count: z.number(),
    coverage: COVERAGE,
    skipped: CELLS,
    damaged: CELLS,
    removed: z.array(z.string()),
    kept: z.array(z.string()),
    unchanged: z.number(),
  },
  examples: [{ title: 'Aggregate', input: { campaign: 'glm51-multihw', dry_run: true } }],
  run: async (input, context) => {
    const campaign = findCampaign(input.campaign, context, input.campaigns_dir);
    const aggregate = await aggregateCampaign(campaign, { dryRun: context.dryRun, signal: context.signal });
    return {
      campaign_dir: campaign,
      ...aggregate,
      skipped: [...aggregate.skipped],
      damaged: [...aggregate.damaged],
      removed: [...aggregate.removed],
      kept: [...aggregate.kept],
    };
  },
  render: ({ row_count, cell_count, coverage, skipped, damaged, removed, kept, unchanged, atlas_path }, say) =>
    [
      coverage.header_line,
      ...(coverage.note_line === null ? [] : [coverage.note_line]),
      `${say('wrote', 'write')} ${plural(row_count, 'row')} of ${plural(cell_count, 'cell')} to ${atlas_path}${unchanged > 0 ? `, ${unchanged} unchanged` : ''}`,
      ...named(damaged, 'damaged'),
      ...named(skipped, 'skipped'),
      ...(kept.length > 0 ? [`kept from the last atlas, without a folder: ${firstOf(kept)}`] : []),
      ...(removed.length > 0 ? [`no folder any more: ${firstOf(removed)}`] : []),
    ].join('\n'),
  next: ({ campaign_dir: campaign }) => [{ verb: 'perf_tune_report_campaign_status', input: { campaign } }],
  links: ({ atlas_path }) => [{ path: atlas_path, title: 'Atlas', mime_type: 'application/x-ndjson' }],
});
