// perf_tune_report_campaign_run: runs the cells of a campaign with all their steps, as a job that can be stopped and resumed anywhere.
import { z } from 'zod';
import { CAMPAIGN_FIELDS } from '../../src/campaign/campaign-field.ts';
import { CELL_RUN_BACKENDS } from '../../src/campaign/cells/run-block.ts';
import { cellOf, cellPlan, planCell, type PlannedCell } from '../../src/campaign/cells/measure-cell.ts';
import { heldRows, openLoads } from '../../src/campaign/cells/run-cell.ts';
import { readCampaignConfig, runBlocksOf, type CampaignConfig } from '../../src/campaign/config.ts';
import { findCampaign, slugOf } from '../../src/campaign/find-campaign.ts';
import { configPath } from '../../src/campaign/layout.ts';
import { openTrials, planTrial } from '../../src/campaign/runs/arms.ts';
import { preflightSeen } from '../../src/campaign/runs/plan-preflight.ts';
import { planNotes } from '../../src/campaign/runs/plan-notes.ts';
import { deploymentFor, runCampaign, verdictCounts, type CampaignWork } from '../../src/campaign/runs/run-campaign.ts';
import { runSettings, type RunSettings } from '../../src/campaign/runs/run-settings.ts';
import { readRunState, runStatePath } from '../../src/campaign/runs/run-state.ts';
import { jobResult } from '../../src/jobs/job-answer.ts';
import type { JobContext } from '../../src/jobs/job-context.ts';
import { jobVerb } from '../../src/jobs/job-verb.ts';
import type { JobPlan } from '../../src/jobs/plan-pins.ts';
import { isSafeSegment } from '../../src/fs/safe-path.ts';
import { Fault, inputFault } from '../../src/text/fault.ts';
import type { JsonValue } from '../../src/text/json.ts';
import { nextMicrosecond, timeSlug } from '../../src/text/time.ts';
import type { VerbContext } from '../../src/verb/context.ts';
import { defineVerb } from '../../src/verb/define-verb.ts';
import type { NextStep } from '../../src/verb/next-step.ts';

const VERB = 'perf_tune_report_campaign_run';

const FIELDS = {
  ...CAMPAIGN_FIELDS,
  cells: z.array(z.string().min(1)).optional().describe('cell_ids. Default: every cell that can be run.'),
  baseline: z.string().min(1).optional().describe('family/measurement@tag; {cell} is the cell.'),
  record_family: z
    .string()
    .min(1)
    .optional()
    .describe('Family in the registry. Default: of the config, else the slug.'),
  trials: z.number().int().positive().max(1000).optional().describe('Trials of each arm.'),
  keep_going: z.boolean().optional().describe('Go on after RED or failure.'),
  resume: z.boolean().optional().describe('Go on with an unfinished run.'),
  confirm: z.enum(['each-cell']).optional().describe('Run the next cell alone.'),
  max_parallel: z.number().int().positive().max(1000).optional().describe('Cells at once on a cluster, default 4.'),
  backend: z.enum(CELL_RUN_BACKENDS).optional().describe('Tool, for every cell.'),
  endpoint_url: z.string().min(1).optional().describe('Server, for every cell.'),
  served_model: z.string().min(1).optional().describe('Model name, for every cell.'),
  namespace: z.string().min(1).optional().describe('Of the pod, or of run_on.'),
  bench_pod: z.string().min(1).optional().describe('Pod that runs the tools.'),
  kube_context: z.string().min(1).optional().describe('Of kubectl.'),
};

type Input = z.output<z.ZodObject<typeof FIELDS>>;

interface Work extends CampaignWork {
  readonly root: string;
  /** Cells that come after the next one; null where all are run at once. */
  readonly waiting: number | null;
}

const DEFAULT_PARALLEL = 4;

/** An unfinished run is gone on with on purpose only. */
const requireResume = (campaign: string, resume: boolean): void => {
  const state = readRunState(campaign);
  if (state === null || state.ended_at !== null || resume) return;
  throw new Fault(
    'refused',
    'campaign_run_open',
    `a run of ${campaign} that began at ${state.started_at} did not end`,
    {
      path: runStatePath(campaign),
      fix: 'give --resume: it does only what is missing',
    },
  );
};

const cellsOf = (input: Input, config: CampaignConfig, campaign: string, arms: readonly string[]): string[] => {
  if (input.cells !== undefined) return input.cells.map((id) => cellOf(config, campaign, id).cell_id).filter((id) => !arms.includes(id));
  return config.cells.filter((cell) => runBlocksOf(cell).length > 0).map(({ cell_id: id }) => id).filter((id) => !arms.includes(id));
}; // prettier-ignore

const familyOf = (input: Input, settings: RunSettings, config: CampaignConfig, campaign: string): string => {
  const family = input.record_family ?? settings.record_family ?? config.family ?? slugOf(campaign);
  return isSafeSegment(family) ? family : slugOf(campaign);
};

const isOpen = (config: CampaignConfig, campaign: string, id: string): boolean =>
  openLoads(cellOf(config, campaign, id), heldRows(campaign, id)).length > 0;

const workOf = async (input: Input, context: VerbContext): Promise<Work> => {
  const campaign = findCampaign(input.campaign, context, input.campaigns_dir);
  const { config } = await readCampaignConfig(configPath(campaign), context.signal);
  const settings = runSettings(config, campaign);
  const { resume = false, keep_going: keepGoing = false } = input;
  requireResume(campaign, resume || context.dryRun);
  const armed = settings.arms !== undefined && (input.cells === undefined || settings.arms.cells.every((arm) => input.cells?.includes(arm)));
  const all = cellsOf(input, config, campaign, armed ? (settings.arms?.cells ?? []) : []);
  if (all.length === 0 && !armed)
    throw inputFault('nothing_to_run', `no cell of ${campaign} has a block that says how it is run`, {
      fix: 'import results with import_bench, or begin a campaign whose cells have a block',
    });
  const next = all.filter((id) => isOpen(config, campaign, id));
  const cells = input.confirm === undefined ? all : next.slice(0, 1);
  const { namespace, bench_pod, kube_context } = input;
  const request = { backend: input.backend, endpointUrl: input.endpoint_url, servedModel: input.served_model, place: { namespace, bench_pod, kube_context } };
  let moment = context.now();
  const stamp = (): string => timeSlug((moment = nextMicrosecond(moment)));
  const { productFolder, root } = context;
  return {
    campaign,
    root,
    productFolder,
    baseline: input.baseline ?? (settings.comparator_baseline === undefined || settings.comparator_baseline === '' ? null : settings.comparator_baseline),
    family: familyOf(input, settings, config, campaign),
    cells: cells.map((cell) => ({ cell, stamp: stamp() })),
    resume,
    keepGoing,
    maxParallel: input.max_parallel ?? settings.max_parallel ?? DEFAULT_PARALLEL,
    request,
    arms: armed && settings.arms !== undefined ? { ...settings.arms, trials: input.trials ?? settings.arms.trials, stamp: stamp(), request, productFolder, keepGoing } : null,
    waiting: input.confirm === undefined ? null : Math.max(0, next.length - 1),
  };
}; // prettier-ignore

const planOf = async (work: Work, { dryRun, env }: Pick<VerbContext, 'dryRun' | 'env'>): Promise<JobPlan> => {
  const { campaign, root, productFolder, request, arms } = work;
  const { config } = await readCampaignConfig(configPath(campaign));
  const settings = runSettings(config, campaign);
  const planned = work.cells.flatMap(({ cell, stamp }): PlannedCell[] =>
    isOpen(config, campaign, cell) ? [planCell({ campaign, cell, ...request }, config, { root, productFolder, stamp })] : [],
  );
  const trials = arms === null ? [] : openTrials(campaign, config, arms).map((trial) => planTrial(campaign, config, arms, trial, root));
  const deploymentOf = ({ cellId }: PlannedCell) => deploymentFor(settings, cellOf(config, campaign, cellId), campaign);
  const deployments = new Map([...trials, ...planned].flatMap((cell) => {
    const found = deploymentOf(cell);
    return found === null ? [] : [[found.key, found] as const];
  }));
  const [commands, notes]: [(readonly string[])[], string[]] = [[], []];
  for (const cell of [...trials, ...planned]) {
    const deployment = deploymentOf(cell);
    const { commands: own, notes: says } = await cellPlan(cell, { root, dryRun: false, env });
    const teardown = deployment?.teardown ?? null;
    commands.push(...(deployment === null ? [] : [deployment.argv]), ...own, ...(teardown === null ? [] : [teardown]));
    notes.push(...says);
  }
  return {
    commands,
    inputs: [configPath(campaign)],
    notes: planNotes({ work, settings, planned, trials, deployments: [...deployments.values()], cells: notes }),
    seen: dryRun ? await preflightSeen([...trials, ...planned], { env, deploys: deployments.size > 0 }) : [],
    cwd: root,
    fresh: [...work.cells.map(({ stamp }) => stamp), ...planned.map(({ stamp }) => stamp), ...(arms === null ? [] : [arms.stamp])],
  };
}; // prettier-ignore

const SHOWN = 10;

const nextSteps = (work: Work, unfinished: boolean): NextStep[] => {
  const { campaign } = work;
  if (work.waiting !== null && work.waiting > 0)
    return [{ verb: VERB, input: { campaign, resume: true, confirm: 'each-cell', dry_run: true } }];
  if (unfinished) return [{ verb: VERB, input: { campaign, resume: true, dry_run: true } }];
  return [{ verb: 'perf_tune_report_campaign_status', input: { campaign } }];
};

const run = async (work: Work, job: JobContext): Promise<JsonValue> => {
  const { cells, lacking, red, stopped } = await runCampaign(work, job);
  const { campaign, waiting } = work;
  const unfinished = stopped !== null || lacking.length > 0;
  const skipped = new Set(
    Object.values(cells).flatMap(({ steps }) =>
      Object.entries(steps).flatMap(([step, { state, says }]) => (state === 'skipped' ? [`${step}: ${says}`] : [])),
    ),
  );
  const summary = [
    `${unfinished ? 'unfinished' : 'done'}: ${verdictCounts(cells)}${stopped === null ? '' : `; stopped: ${stopped}`}`,
    ...lacking.slice(0, SHOWN).map(({ cell, says }) => `  ${cell}: ${says}`),
    ...(lacking.length > SHOWN ? [`  … ${lacking.length - SHOWN} more cells lack something`] : []),
    ...[...skipped].slice(0, SHOWN).map((says) => `skipped ${says}`),
    ...(waiting === null ? [] : [`${waiting} more to confirm`]),
  ].join('\n');
  const links = [{ path: runStatePath(campaign), title: 'Every step', mime_type: 'application/json' }];
  return jobResult(
    { summary, links, next: nextSteps(work, unfinished) },
    {
      campaign_dir: campaign,
      cells: JSON.parse(JSON.stringify(cells)) as JsonValue, // checked boundary: what was written as JSON
      lacking: lacking.map((one) => ({ ...one })),
      red: [...red],
      stopped,
      waiting,
      exit_code: unfinished && red.length === 0 ? 4 : red.length > 0 ? 1 : 0,
    },
  );
}; // prettier-ignore

const campaignRunJob = jobVerb({
  name: VERB,
  family: 'campaign',
  library: 'perf_tune_report',
  verb: 'campaign_run',
  file: 'campaign_run',
  title: 'Run a campaign',
  description:
    'Runs the cells of a campaign: deploy, warm-up, measure, compare, record, restore. Stops on RED. A resumable job; dry_run shows the plan with its hash. One cell: cell_run.',
  fields: FIELDS,
  positionals: ['campaign'],
  seldom: ['campaigns_dir', 'record_family', 'endpoint_url', 'served_model', 'max_parallel', 'namespace', 'bench_pod', 'kube_context'],
  examples: [
    { title: 'See the plan', input: { campaign: 'kimi-k26', dry_run: true } },
  ],
  work: workOf,
  plan: planOf,
  body: run,
}); // prettier-ignore

export const campaignRun = defineVerb(campaignRunJob.definition);

export const { body } = campaignRunJob;
