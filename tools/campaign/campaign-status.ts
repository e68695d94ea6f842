// perf_tune_report_campaign_status: is the campaign done, and if not, what comes next.
import { z } from 'zod';
import { CAMPAIGN_FIELDS } from '../../src/campaign/campaign-field.ts';
import { findCampaign } from '../../src/campaign/find-campaign.ts';
import { configOf, withResults } from '../../src/campaign/import-answer.ts';
import { campaignStanding } from '../../src/campaign/status.ts';
import { defineVerb } from '../../src/verb/define-verb.ts';

const SHOWN = 6;
const IMPORT = 'perf_tune_report_import_bench';

export const campaignStatus = defineVerb({
  name: 'perf_tune_report_campaign_status',
  family: 'campaign',
  library: 'perf_tune_report',
  verb: 'campaign_status',
  title: 'Status of a campaign',
  description: 'Says whether a campaign is done: cells, atlas, roofline, report, lake, each with what is missing and the next call.',
  safety: 'read_only',
  fields: CAMPAIGN_FIELDS,
  positionals: ['campaign'],
  seldom: ['campaigns_dir'],
  data: {
    campaign_dir: z.string(),
    done: z.boolean(),
    cells: z.array(
      z.object({
        cell_id: z.string(),
        state: z.enum(['measured', 'partial', 'failed', 'evicted', 'to_run', 'to_import']),
        atlas_rows: z.number(),
        grounding: z.array(z.string()),
      }),
    ),
    steps: z.array(
      z.object({
        step: z.enum(['cells', 'atlas', 'roofline', 'report', 'lake']),
        done: z.boolean(),
        says: z.string(),
        next: z.string().nullable(),
      }),
    ),
    header_line: z.string().nullable(),
  },
  examples: [{ title: 'Is it done?', input: { campaign: 'glm51-multihw' } }],
  run: async (input, context) => {
    const campaign = findCampaign(input.campaign, context, input.campaigns_dir);
    const { done, cells, steps, coverage } = await campaignStanding(campaign, await configOf(campaign, context.signal));
    return {
      campaign_dir: campaign,
      done,
      cells: cells.map((cell) => ({ ...cell, grounding: [...cell.grounding] })),
      steps: [...steps],
      header_line: coverage?.header_line ?? null,
    };
  },
  render: ({ campaign_dir, done, cells, steps }) => {
    const open = cells.filter(({ state }) => state !== 'measured');
    return [
      `${done ? 'done' : 'not done'}: ${campaign_dir}`,
      ...steps.map((step) => `${step.done ? 'ok  ' : 'open'} ${step.step}: ${step.says}`),
      ...open.slice(0, SHOWN).map(({ cell_id, state }) => `cell ${cell_id}: ${state.replace('_', ' ')}`),
      ...(open.length > SHOWN ? [`… ${open.length - SHOWN} more cells`] : []),
    ].join('\n');
  },
  next: ({ campaign_dir: campaign, cells, steps }) => {
    const verb = steps.find((step) => !step.done)?.next ?? null;
    if (verb === null) return [];
    const cell = cells.find(({ state }) => state === 'to_import')?.cell_id;
    return [verb === IMPORT ? withResults(campaign, cell) : { verb, input: { campaign } }];
  },
}); // prettier-ignore
