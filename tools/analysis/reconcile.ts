// perf_tune_report_reconcile: which rows of a campaign cannot be true, by what factor, and what most likely went wrong.
import { z } from 'zod';
import { CAMPAIGN_FIELDS } from '../../src/campaign/campaign-field.ts';
import { findCampaign } from '../../src/campaign/find-campaign.ts';
import { BALANCES } from '../../src/campaign/reconcile/balance.ts';
import { parseEngineSteps } from '../../src/campaign/reconcile/engine-steps.ts';
import { reconcileCampaign } from '../../src/campaign/reconcile/reconcile-campaign.ts';
import { VIOLATIONS } from '../../src/campaign/reconcile/violation-schema.ts';
import { reconciliationText } from '../../src/campaign/reconcile/violation-text.ts';
import { readNamedText } from '../../src/fs/named-text.ts';
import { readModel } from '../../src/roofline/read-model.ts';
import { Fault } from '../../src/text/fault.ts';
import { ceilings } from '../../src/verdict/judging-rules.ts';
import { defineVerb, pathField } from '../../src/verb/define-verb.ts';
import { reads } from '../../src/verb/path-use.ts';

const COLUMNS = [
  'row_id',
  'severity',
  'balance',
  'expected',
  'seen',
  'factor',
  'unit',
  'likely_cause',
  'says',
] as const;

export const reconcile = defineVerb({
  name: 'perf_tune_report_reconcile',
  family: 'analysis',
  library: 'perf_tune_report',
  verb: 'reconcile',
  title: 'Find rows that cannot be true',
  description:
    "Finds rows of a campaign that can't be true (Little's law, tokens, energy, counters, bound, settings) and why. Two measurements: perf_baseline_diff.",
  safety: 'read_only',
  fields: {
    ...CAMPAIGN_FIELDS,
    cell: z.string().min(1).optional().describe('Only this cell.'),
    model_config: pathField("The model's config.json: for the bound.").optional(),
    model: z.string().min(1).optional().describe('Only rows of this model are held against model_config.'),
    engine_steps: pathField("CSV of an engine's steps, with cell.").optional(),
  },
  paths: { model_config: reads, engine_steps: reads },
  positionals: ['campaign'],
  seldom: ['campaigns_dir', 'model', 'engine_steps'],
  data: {
    campaign_dir: z.string(),
    source: z.string(),
    row_count: z.number(),
    impossible_rows: z.number(),
    odd_rows: z.number(),
    violations: VIOLATIONS,
    balances: z.array(
      z.object({
        balance: z.enum(BALANCES),
        checked: z.number(),
        broken: z.number(),
        lacking: z.array(z.object({ because: z.string(), rows: z.number() })),
      }),
    ),
    summary: z.string(),
  },
  examples: [
    { title: 'Rows of a campaign', input: { campaign: 'glm51-multihw' } },
    { title: 'With the bound', input: { campaign: 'glm51-multihw', model_config: 'config.json' } },
  ],
  run: async (input, context) => {
    const campaign = findCampaign(input.campaign, context, input.campaigns_dir);
    const { cell, model_config: config, engine_steps: steps, model: name = null } = input;
    if (steps !== undefined && cell === undefined)
      throw new Fault('usage', 'cell_missing', 'engine_steps are of one cell', { fix: 'name it with cell' });
    const read = config === undefined ? undefined : await readModel(context.path(config), undefined, context.signal);
    const stepsPath = steps === undefined ? undefined : context.path(steps);
    const result = await reconcileCampaign({
      campaign,
      cell,
      ceilings: await ceilings(context, campaign),
      model: read === undefined ? undefined : { model: read.model, kvCache: read.kvCache, format: read.legacy.quant, name },
      steps:
        stepsPath === undefined ? undefined : await parseEngineSteps(await readNamedText(stepsPath), stepsPath),
      signal: context.signal,
    });
    return {
      campaign_dir: campaign,
      source: result.source,
      row_count: result.rows,
      impossible_rows: result.impossible,
      odd_rows: result.odd,
      violations: [...result.violations],
      balances: result.balances.map((balance) => ({ ...balance, lacking: [...balance.lacking] })),
      summary: reconciliationText(result),
    };
  },
  render: ({ summary }) => summary,
  rows: ({ violations }) => ({
    columns: COLUMNS.map((title) => ({ title, align: typeof violations[0]?.[title] === 'number' ? ('right' as const) : ('left' as const) })),
    rows: violations.map((violation) => COLUMNS.map((column) => violation[column])),
  }),
}); // prettier-ignore
