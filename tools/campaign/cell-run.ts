// perf_tune_report_cell_run: measures a cell of a campaign where its config or the call says, as a job.
import { z } from 'zod';
import { CAMPAIGN_FIELDS } from '../../src/campaign/campaign-field.ts';
import { CELL_RUN_BACKENDS } from '../../src/campaign/cells/run-block.ts';
import { cellPlan, measureCell, planCell, pointText, type PlannedCell } from '../../src/campaign/cells/measure-cell.ts';
import { readCampaignConfig } from '../../src/campaign/config.ts';
import { findCampaign } from '../../src/campaign/find-campaign.ts';
import { cellFolder, configPath } from '../../src/campaign/layout.ts';
import { jobResult } from '../../src/jobs/job-answer.ts';
import type { JobContext } from '../../src/jobs/job-context.ts';
import { jobVerb } from '../../src/jobs/job-verb.ts';
import { plural } from '../../src/render/numbers.ts';
import type { JsonValue } from '../../src/text/json.ts';
import { timeSlug } from '../../src/text/time.ts';
import type { VerbContext } from '../../src/verb/context.ts';
import { defineVerb } from '../../src/verb/define-verb.ts';

const FIELDS = {
  ...CAMPAIGN_FIELDS,
  cell: z.string().min(1).describe('cell_id of the config.'),
  backend: z.enum(CELL_RUN_BACKENDS).optional().describe('Tool that measures. Default: that of the cell.'),
  endpoint_url: z.string().min(1).optional().describe('Server.'),
  served_model: z.string().min(1).optional().describe('Model as the server knows it.'),
  namespace: z.string().min(1).optional().describe('Of the pod, or of run_on.'),
  bench_pod: z.string().min(1).optional().describe('Pod that runs the tool.'),
  resume: z.boolean().optional().describe('Measure only loads without a point: the default.'),
  kube_context: z.string().min(1).optional().describe('Of kubectl.'),
};

type Input = z.output<z.ZodObject<typeof FIELDS>>;

const workOf = async (input: Input, context: VerbContext): Promise<PlannedCell> => {
  const campaign = findCampaign(input.campaign, context, input.campaigns_dir);
  const { config } = await readCampaignConfig(configPath(campaign), context.signal);
  const { cell, backend, endpoint_url: endpointUrl, served_model: servedModel, resume } = input;
  const { root, productFolder } = context;
  const at = { root, productFolder, stamp: timeSlug(context.now()) };
  return planCell({ campaign, cell, backend, endpointUrl, servedModel, resume, place: input }, config, at);
};

const SHOWN = 12;

const measure = async (work: PlannedCell, job: JobContext): Promise<JsonValue> => {
  const { status, rows, commands, warnings } = await measureCell(work, job);
  const folder = cellFolder(work.campaign, work.cellId);
  const summary = [
    `cell ${work.cellId}: ${status}, ${plural(rows.length, 'row')} after ${plural(commands.length, 'command')}`,
    ...rows.slice(0, SHOWN).map(pointText),
    ...warnings.slice(0, 3).map((warning) => `  ${warning}`),
  ].join('\n');
  const next = [{ verb: 'perf_tune_report_atlas_aggregate', input: { campaign: work.campaign } }];
  return jobResult(
    { summary, links: [{ path: folder, title: 'Cell', mime_type: 'inode/directory' }], next },
    {
      campaign_dir: work.campaign,
      cell_id: work.cellId,
      cell_dir: folder,
      status,
      row_count: rows.length,
      commands: commands.map(({ record, failure }) => ({ record, failure })),
      warnings: [...warnings],
    },
  );
};

const cellRunJob = jobVerb({
  name: 'perf_tune_report_cell_run',
  family: 'campaign',
  library: 'perf_tune_report',
  verb: 'cell_run',
  file: 'cell_run',
  title: 'Run a cell',
  description:
    'Measures a cell here, by Slurm, in a pod or on Kubernetes, every load of its config. A job; dry_run shows all.',
  fields: FIELDS,
  seldom: ['campaigns_dir', 'kube_context', 'resume'],
  examples: [
    {
      title: 'See what would be run',
      input: { campaign: 'kimi-k26', cell: 'h100-fp8-tp16-ep-mbt4096', backend: 'vllm-sweep', dry_run: true },
    },
  ],
  work: workOf,
  plan: cellPlan,
  body: measure,
});

export const cellRun = defineVerb(cellRunJob.definition);

export const { body } = cellRunJob;
