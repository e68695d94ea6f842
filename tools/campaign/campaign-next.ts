// perf_tune_report_campaign_next: what to measure next so that a campaign's questions are settled within a budget of GPU hours.
import { z } from 'zod';
import { CAMPAIGN_FIELDS } from '../../src/campaign/campaign-field.ts';
import { isRunnable } from '../../src/campaign/cells/run-block.ts';
import { readCampaignConfig, type CampaignConfig } from '../../src/campaign/config.ts';
import { findCampaign, slugOf } from '../../src/campaign/find-campaign.ts';
import { withResults } from '../../src/campaign/import-answer.ts';
import { cellFile, configPath } from '../../src/campaign/layout.ts';
import { SOL_RIGORS } from '../../src/campaign/grounding/sol-rigor.ts';
import { campaignNext as nextOf, type CampaignNext, type CellNext } from '../../src/campaign/next/campaign-next.ts';
import { sourcesOf } from '../../src/campaign/next/questions.ts';
import { trialsText } from '../../src/campaign/next/next-text.ts';
import { runSettings } from '../../src/campaign/runs/run-settings.ts';
import { isSafeSegment } from '../../src/fs/safe-path.ts';
import { formatNumber, plural } from '../../src/render/numbers.ts';
import { defineVerb, pathField } from '../../src/verb/define-verb.ts';
import { completeStep, type NextStep } from '../../src/verb/next-step.ts';
import { reads } from '../../src/verb/path-use.ts';
import { colourSchema, decisionSchema } from '../../src/verdict/answer-schema.ts';

const DEFAULT_TOLERANCE = 5;
const RUN = 'perf_tune_report_campaign_run';

const noisiestSchema = z.object({ metric: z.string(), cv: z.number(), tolerance: z.number() });

const trialsSchema = z.object({
  pairs: z.number().nullable(),
  more: z.number().nullable(),
  held: z.number(),
  from: z.enum(['decision', 'plan', 'usual']),
  noisiest: noisiestSchema.nullable(),
  concurrencies: z.array(z.number()),
  gpu_hours: z.number().nullable(),
  reason: z.string().nullable(),
});

const cellSchema = z.object({
  cell: z.string(),
  against: z.string().nullable(),
  kind: z.enum(['arm', 'baseline']).nullable(),
  decision: decisionSchema.nullable(),
  verdict: colourSchema.nullable(),
  rows: z.number(),
  reason: z.string().nullable(),
  tier: z.enum(['VERDICT', 'DRAFT']),
  tier_missing: z.array(z.string()),
  tier_says: z.string(),
  trials: trialsSchema.nullable(),
  order: z.string().nullable(),
  fits: z.boolean().nullable(),
  bought: z.object({ pairs: z.number(), mde: z.number().nullable() }).nullable(),
  sol_rigor: z.enum(SOL_RIGORS),
  has: z.array(z.string()),
  missing_for_l3: z.array(z.string()),
});

const absentSchema = z.object({
  cell: z.string().nullable(),
  what: z.enum(['points', 'trials', 'capture', 'bundle', 'baseline', 'results']),
  says: z.string(),
  named_by: z.string(),
});

const written = (cell: CellNext) => ({
  ...cell,
  tier_missing: [...cell.tier_missing],
  has: [...cell.has],
  missing_for_l3: [...cell.missing_for_l3],
  trials: cell.trials === null ? null : { ...cell.trials, concurrencies: [...cell.trials.concurrencies] },
});

/** The run that brings points and trials which the config asks for. */
const missingSteps = (campaign: string, config: CampaignConfig, absent: CampaignNext['absent']): NextStep[] => {
  const lacking = absent.filter(({ what }) => what === 'points' || what === 'trials' || what === 'results');
  const cells = [...new Set(lacking.flatMap(({ cell }) => cell ?? []))];
  const runnable = cells.filter((id) => config.cells.some((cell) => cell.cell_id === id && isRunnable(cell)));
  const [only, ...others] = runnable;
  if (only === undefined) return cells.slice(0, 1).map((cell) => withResults(campaign, cell));
  if (others.length > 0 || lacking.some(({ what }) => what === 'trials')) return [{ verb: RUN, input: { campaign, dry_run: true } }];
  return [{ verb: 'perf_tune_report_cell_run', input: { campaign, cell: only, dry_run: true } }];
}; // prettier-ignore

/** More trials of arms, or of a cell whose baseline is an entry. */
const trialSteps = (campaign: string, config: CampaignConfig, cells: readonly CellNext[]): NextStep[] => {
  const { arms } = runSettings(config, campaign);
  const wanted = cells.find(({ trials, fits }) => trials !== null && trials.more !== null && fits !== false);
  if (wanted === undefined || wanted.trials === null || wanted.reason !== null) return [];
  const { cell, kind, against, trials } = wanted;
  const canRun = arms?.cells.every((id) => config.cells.some((one) => one.cell_id === id && isRunnable(one))) === true;
  if (kind === 'arm' && canRun) return [{ verb: RUN, input: { campaign, cells: [...(arms?.cells ?? [])], trials: trials.pairs, dry_run: true } }];
  if (kind === 'arm') return [withResults(campaign, cell)];
  const current = [cellFile(campaign, cell, 'rows'), '<result files>'];
  return [{ verb: 'perf_baseline_diff', input: { baseline: [against, '<entry>'], current }, with: `${plural(trials.more ?? 1, 'more trial')} of ${cell} and of its baseline` }];
}; // prettier-ignore

/** A cell without a baseline can become one. */
const recordSteps = (campaign: string, config: CampaignConfig, cells: readonly CellNext[]): NextStep[] => {
  const family = config.family ?? slugOf(campaign);
  const lone = cells.find(({ kind, rows }) => kind === null && rows > 0);
  if (lone === undefined || !isSafeSegment(family)) return [];
  return [{ verb: 'perf_baseline_record', input: { family, measurement: lone.cell, source: cellFile(campaign, lone.cell, 'rows'), dry_run: true } }];
}; // prettier-ignore

const captureSteps = (campaign: string, cells: readonly CellNext[]): NextStep[] => {
  const bare = cells.find(({ has, missing_for_l3: missing }) => missing.length > 0 && !has.some((level) => level.startsWith('L3')));
  if (bare === undefined) return [];
  return [{ verb: 'perf_tune_report_dcgm_capture', input: { campaign, cell_id: bare.cell, duration_s: 60 }, with: `a load on ${bare.cell}` }];
}; // prettier-ignore

const SHOWN = 6;

const some = (lines: readonly string[], what: string): string[] =>
  lines.length <= SHOWN ? [...lines] : [...lines.slice(0, SHOWN), `… ${lines.length - SHOWN} more ${what}`];

export const campaignNext = defineVerb({
  name: 'perf_tune_report_campaign_next',
  family: 'campaign',
  library: 'perf_tune_report',
  verb: 'campaign_next',
  title: 'What to measure next',
  description:
    'Says which cell and how many paired trials would settle a campaign within a budget of GPU hours, what it lacks for L3 and VERDICT, and what did not arrive. Progress: campaign_status.',
  safety: 'read_only',
  fields: {
    ...CAMPAIGN_FIELDS,
    gpu_hours: z.number().positive().optional().describe('Budget. GPU hours. Default no limit.'),
    baseline: z.string().min(1).optional().describe('family/measurement@tag; {cell} is the cell. Default of the config.'),
    tolerance_percent: z.number().positive().max(99).optional().describe('Worsening that would matter. Default 5.'),
    policy: pathField('File of metric rules.').optional(),
    headline: z.array(z.string()).optional().describe('Deciding metrics or globs.'),
    minutes_per_trial: z.number().positive().optional().describe('Of one load. Default: as measured so far.'),
  },
  aliases: { tolerance: 'tolerance_percent', budget: 'gpu_hours' },
  positionals: ['campaign'],
  seldom: ['campaigns_dir'],
  paths: { policy: reads },
  computes: true,
  data: {
    campaign_dir: z.string(),
    cells: z.array(cellSchema),
    absent: z.array(absentSchema),
    /** Price of all trials that fit the budget; null where no price is known. */
    gpu_hours: z.number().nullable(),
    budget: z.number().nullable(),
    steps: z.array(z.object({ verb: z.string(), input: z.record(z.string(), z.unknown()), with: z.string().optional() })),
  },
  examples: [{ title: 'With eight GPU hours', input: { campaign: 'kimi-k26', gpu_hours: 8 } }],
  run: async (input, context) => {
    const campaign = findCampaign(input.campaign, context, input.campaigns_dir);
    const { config } = await readCampaignConfig(configPath(campaign), context.signal);
    const settings = runSettings(config, campaign);
    const { arms } = settings;
    const comparator = input.baseline ?? settings.comparator_baseline ?? '';
    const gates = {
      tolerance: input.tolerance_percent ?? DEFAULT_TOLERANCE,
      policy: input.policy === undefined ? undefined : context.path(input.policy),
      headline: input.headline,
    };
    const budget = input.gpu_hours ?? null;
    const found = await nextOf({
      campaign,
      config,
      arms: arms?.cells ?? [],
      plan: arms ?? null,
      baseline: comparator === '' ? null : comparator,
      gates,
      sources: await sourcesOf(gates, context),
      costs: { minutesPerTrial: input.minutes_per_trial },
      budget,
      context,
    });
    const steps = [
      ...missingSteps(campaign, config, found.absent),
      ...trialSteps(campaign, config, found.cells),
      ...recordSteps(campaign, config, found.cells),
      ...captureSteps(campaign, found.cells),
    ];
    return {
      campaign_dir: campaign,
      cells: found.cells.map(written),
      absent: [...found.absent],
      gpu_hours: found.gpu_hours,
      budget,
      steps: steps.map(completeStep),
    };
  },
  render: ({ campaign_dir: campaign, cells, absent, gpu_hours: hours, budget }) =>
    [
      `${plural(cells.filter(({ trials }) => trials !== null).length, 'open question')} of ${cells.length}: ${campaign}`,
      ...some(cells.map(trialsText), 'cells'),
      ...(hours === null ? [] : [`${formatNumber(hours, 3)} GPU hours${budget === null ? '' : ` of ${formatNumber(budget, 3)}`}, without start and warm-up of servers`]),
      ...some(absent.map(({ cell, says, named_by: by }) => `not there: ${cell === null ? '' : `${cell}: `}${says} (${by})`), 'that are not there'),
    ].join('\n'),
  next: ({ campaign_dir: campaign, steps }) => {
    const isReady = steps.some(({ with: needs }) => needs === undefined);
    return isReady ? steps : [...steps, { verb: 'perf_tune_report_campaign_status', input: { campaign } }];
  },
}); // prettier-ignore
