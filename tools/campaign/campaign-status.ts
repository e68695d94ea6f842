// perf_tune_report_campaign_status: is the campaign done, and if not, what comes next.
import { z } from 'zod';
import { CAMPAIGN_FIELDS } from '../../src/campaign/campaign-field.ts';
import { findCampaign } from '../../src/campaign/find-campaign.ts';
import { usableConfig, withResults } from '../../src/campaign/import-answer.ts';
import { campaignStanding } from '../../src/campaign/status.ts';
import { plural } from '../../src/render/numbers.ts';
import { sweepCalls } from '../../src/campaign/sweeps/sweep-call.ts';
import { defineVerb } from '../../src/verb/define-verb.ts';
import { completeStep, nextStepSchema } from '../../src/verb/next-step.ts';

const SHOWN = 6;
const IMPORT = 'perf_tune_report_import_bench';
const RUN = 'perf_tune_report_cell_run';
const SWEEP = 'perf_tune_report_roofline_sweep';

/** Rows that cannot be true, and the verb that says why. */
const impossibleNotice = (cells: readonly { readonly cell_id: string; readonly impossible_rows: number }[]): string[] => {
  const concerned = cells.filter(({ impossible_rows: rows }) => rows > 0);
  if (concerned.length === 0) return [];
  const rows = concerned.reduce((sum, { impossible_rows }) => sum + impossible_rows, 0);
  const named = concerned.slice(0, SHOWN).map(({ cell_id }) => cell_id).join(', ');
  const more = concerned.length > SHOWN ? ` and ${concerned.length - SHOWN} more cells` : '';
  return [`${plural(rows, 'row')} of ${named}${more} cannot be true and ${rows === 1 ? 'is' : 'are'} not used: perf_tune_report_reconcile says why`];
}; // prettier-ignore

export const campaignStatus = defineVerb({
  name: 'perf_tune_report_campaign_status',
  family: 'campaign',
  library: 'perf_tune_report',
  verb: 'campaign_status',
  title: 'Status of a campaign',
  description: 'Says whether a campaign is done: cells, atlas, roofline, champion, report, lake, each with what is missing and the next call.',
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
        impossible_rows: z.number(),
        missing_concurrencies: z.array(z.number()),
        grounding: z.array(z.string()),
        missing: z.string().nullable(),
        next: z.string().nullable(),
        backend: z.string().optional(),
      }),
    ),
    steps: z.array(
      z.object({
        step: z.enum(['cells', 'atlas', 'tpm', 'roofline', 'champion', 'report', 'lake']),
        done: z.boolean(),
        says: z.string(),
        next: z.string().nullable(),
      }),
    ),
    header_line: z.string().nullable(),
    /** Why the frozen config cannot be used; null where it can. */
    config_problem: z.string().nullable(),
    /** Calls that bring a roofline sweep. */
    sweep: z.array(nextStepSchema),
  },
  examples: [{ title: 'Is it done?', input: { campaign: 'glm51-multihw' } }],
  run: async (input, context) => {
    const campaign = findCampaign(input.campaign, context, input.campaigns_dir);
    const { config, problem } = await usableConfig(campaign, context.signal);
    const { done, cells, steps, coverage } = await campaignStanding(campaign, config);
    return {
      campaign_dir: campaign,
      done,
      cells: cells.map((cell) => ({
        ...cell,
        missing_concurrencies: [...cell.missing_concurrencies],
        grounding: [...cell.grounding],
      })),
      steps: [...steps],
      header_line: coverage?.header_line ?? null,
      config_problem: problem,
      sweep: sweepCalls(campaign, config).map(completeStep),
    };
  },
  render: ({ campaign_dir, done, cells, steps }) => {
    const open = cells.filter(({ missing }) => missing !== null);
    return [
      `${done ? 'done' : 'not done'}: ${campaign_dir}`,
      ...steps.map((step) => `${step.done ? 'ok  ' : 'open'} ${step.step}: ${step.says}`),
      ...open.slice(0, SHOWN).map(({ cell_id, missing }) => `cell ${cell_id}: ${missing}`),
      ...(open.length > SHOWN ? [`… ${open.length - SHOWN} more cells`] : []),
    ].join('\n');
  },
  notices: ({ config_problem: problem, cells }) => [
    ...(problem === null ? [] : [`config.yaml is left out: ${problem}`]),
    ...impossibleNotice(cells),
  ],
  next: ({ campaign_dir: campaign, cells, steps, sweep }) => {
    const verb = steps.find((step) => !step.done)?.next ?? null;
    if (verb === null) return [];
    const { cell_id: cell, backend } = cells.find(({ next }) => next === verb) ?? {};
    if (verb === IMPORT) return [withResults(campaign, cell)];
    if (verb === RUN) return [{ verb, input: { campaign, cell, backend, dry_run: true } }, withResults(campaign, cell)];
    if (verb === SWEEP) return sweep;
    return [{ verb, input: { campaign } }];
  },
}); // prettier-ignore
