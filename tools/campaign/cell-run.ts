// perf_tune_report_cell_run: measures a cell of a campaign on this machine or by Slurm, as a job.
import { basename, join } from 'node:path';
import { z } from 'zod';
import { CAMPAIGN_FIELDS } from '../../src/campaign/campaign-field.ts';
import {
  backendOf,
  CELL_RUN_BACKENDS,
  cellCommands,
  unusedSettings,
  type CellCall,
  type CellCommand,
} from '../../src/campaign/cells/cell-commands.ts';
import { heldRows, openLoads, runCell, type CellOutcome, type CellWork } from '../../src/campaign/cells/run-cell.ts';
import { readCampaignConfig, type CellConfig } from '../../src/campaign/config.ts';
import { findCampaign } from '../../src/campaign/find-campaign.ts';
import { cellFile, cellFolder, configPath } from '../../src/campaign/layout.ts';
import { artifactsFolder } from '../../src/fs/root.ts';
import { jobResult } from '../../src/jobs/job-answer.ts';
import type { Runner } from '../../src/exec/run-process.ts';
import type { JobContext } from '../../src/jobs/job-context.ts';
import { slurmExecutor } from '../../src/jobs/slurm-executor.ts';
import { jobVerb } from '../../src/jobs/job-verb.ts';
import type { JobPlan } from '../../src/jobs/plan-pins.ts';
import { formatNumber, plural } from '../../src/render/numbers.ts';
import { Fault, inputFault } from '../../src/text/fault.ts';
import type { JsonValue } from '../../src/text/json.ts';
import { nearestName } from '../../src/text/nearest.ts';
import { isoSeconds, timeSlug } from '../../src/text/time.ts';
import type { VerbContext } from '../../src/verb/context.ts';
import { defineVerb } from '../../src/verb/define-verb.ts';

const ELSEWHERE = ['namespace', 'bench_pod', 'kube_context'] as const;

const FIELDS = {
  ...CAMPAIGN_FIELDS,
  cell: z.string().min(1).describe('cell_id of the config.'),
  backend: z
    .enum(CELL_RUN_BACKENDS)
    .optional()
    .describe('Tool that measures. Default: what the cell names or has a block for.'),
  endpoint_url: z.string().min(1).optional().describe('Server. Default: of the block.'),
  served_model: z.string().min(1).optional().describe('Name that the server knows. Default: of the block.'),
  namespace: z.string().optional().describe('Of a pod; not in this version.'),
  bench_pod: z.string().optional().describe('Pod; not in this version.'),
  kube_context: z.string().optional().describe('Of a pod; not in this version.'),
};

type Input = z.output<z.ZodObject<typeof FIELDS>>;

interface Work extends CellWork {
  readonly notes: readonly string[];
  readonly stamp: string;
}

/** Throws a Fault where the call wants a place that this version does not know. */
const requireThisMachine = (input: Input): void => {
  const asked = ELSEWHERE.filter((field) => input[field] !== undefined);
  if (asked.length === 0) return;
  throw new Fault('refused', 'place_unsupported', `${asked.join(', ')}: this version runs cells in no pod`, {
    fix: 'run the tool in the pod, then import_bench its results; or leave these out',
  });
};

const workOf = async (input: Input, context: VerbContext): Promise<Work> => {
  requireThisMachine(input);
  const campaign = findCampaign(input.campaign, context, input.campaigns_dir);
  const { config } = await readCampaignConfig(configPath(campaign), context.signal);
  const cell = config.cells.find(({ cell_id }) => cell_id === input.cell);
  if (cell === undefined) {
    const names = config.cells.map(({ cell_id }) => cell_id);
    const nearest = nearestName(input.cell, names);
    throw inputFault('cell_unknown', `the config of ${campaign} has no cell ${input.cell}`, {
      path: configPath(campaign),
      fix: nearest === undefined ? `use one of its cells: ${names.slice(0, 5).join(', ')}` : `did you mean ${nearest}?`,
    });
  }
  const backend = backendOf(cell, input.backend);
  const open = openLoads(cell, heldRows(campaign, input.cell));
  if (open.length === 0)
    throw new Fault('refused', 'cell_measured', `cell ${input.cell} holds a point of every load that its config asks for`, {
      path: cellFolder(campaign, input.cell),
      fix: 'go on with atlas_aggregate; rows are never measured over',
    });
  const stamp = timeSlug(context.now());
  const call: CellCall = {
    cell: { ...cell, concurrencies: open },
    backend,
    endpointUrl: input.endpoint_url,
    servedModel: input.served_model,
    raw: join(artifactsFolder(context.root), 'cell-runs', stamp),
    bench: [process.execPath, join(context.productFolder, 'dist', 'bench.mjs')],
  };
  const commands = cellCommands(call);
  const unused = unusedSettings(call);
  return {
    campaign,
    cellId: input.cell,
    raw: call.raw,
    kept: join(cellFile(campaign, input.cell, 'raw'), stamp),
    commands,
    stamp,
    notes: [
      `# cell ${input.cell} by ${backend}, concurrency ${open.join(', ')}`,
      ...(cell.run_on === undefined ? [] : [`# each command as a Slurm job: ${JSON.stringify(cell.run_on.slurm)}`]),
      ...(open.length < cell.concurrencies.length ? ['# the other loads hold a point and are not run again'] : []),
      ...unused.map((name) => `# ${name} of the block is not used: this version runs cells in no pod`),
      ...commands.flatMap(({ files }) => files.map(({ path, text }) => `# writes ${path}: ${text.replace(/\s+/g, ' ').trim()}`)),
    ],
  };
}; // prettier-ignore

const planOf = ({ campaign, commands, notes, stamp }: Work): JobPlan => ({
  commands: commands.map(({ argv }) => argv),
  inputs: [configPath(campaign)],
  notes,
  cwd: campaign,
  fresh: [stamp],
});

const pointText = ({ concurrency, output_tps_per_gpu: rate, ttft_avg_ms: ttft, n_trials: n, status, notes }: CellOutcome['rows'][number]): string => {
  if (status === 'failed') return `  concurrency ${concurrency}: failed: ${notes}`;
  const figures = [
    ...(rate === null ? [] : [`${formatNumber(rate, 5)} tok/s/GPU`]),
    ...(ttft === null ? [] : [`TTFT ${formatNumber(ttft, 4)} ms`]),
  ];
  return `  concurrency ${concurrency}: ${figures.join(', ') || status}, n ${n}`;
}; // prettier-ignore

const SHOWN = 12;

/** A name that no other command has: campaign, cell, run and point. */
const slurmName = ({ campaign, cellId, stamp }: Work, { slug }: CellCommand): string =>
  [basename(campaign), cellId, stamp, slug].join('.').replaceAll(/[^\w.-]/g, '_');

/** Commands run on this machine, or each as a Slurm job where the cell's `run_on` says so. */
const runners =
  (work: Work, { run_on: place }: CellConfig, job: JobContext): ((command: CellCommand) => Runner) =>
  (command) => {
    if (place === undefined) return job.run;
    const needs = { ...place.slurm, name: slurmName(work, command), experiment: basename(work.campaign) };
    return job.runOn(slurmExecutor(needs, join(work.raw, '.slurm')));
  };

/** A run that measured nothing is no success, though its failed points are written. */
const requireMeasured = ({ status, rows }: CellOutcome, { cellId }: Work, folder: string): void => {
  if (status !== 'failed') return;
  const reasons = [...new Set(rows.map(({ notes }) => notes))].slice(0, 3).join('; ');
  throw inputFault('cell_failed', `cell ${cellId} has no measured point: ${reasons}`, {
    path: folder,
    fix: 'read commands/ in the cell for what the tool said, then start it again: only missing points are measured',
  });
};

const measure = async (work: Work, job: JobContext): Promise<JsonValue> => {
  const { config } = await readCampaignConfig(configPath(work.campaign));
  const { env, signal, progress } = job;
  const cell = config.cells.find(({ cell_id }) => cell_id === work.cellId);
  if (cell === undefined)
    throw inputFault('cell_unknown', `the config of ${work.campaign} has no cell ${work.cellId} any more`, {
      fix: 'start it again',
    });
  const runnerOf = runners(work, cell, job);
  const outcome = await runCell(work, config, { runnerOf, env, signal, progress, now: () => isoSeconds(Date.now()) });
  const { status, rows, commands, warnings } = outcome;
  const folder = cellFolder(work.campaign, work.cellId);
  if (!signal.aborted) requireMeasured(outcome, work, folder);
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
    'Measures a cell of a campaign here or by Slurm, every load of its config. A job; dry_run shows each command.',
  fields: FIELDS,
  examples: [
    {
      title: 'See what would be run',
      input: { campaign: 'kimi-k26', cell: 'h100-fp8-tp16-ep-mbt4096', backend: 'vllm-sweep', dry_run: true },
    },
  ],
  work: workOf,
  plan: planOf,
  body: measure,
});

export const cellRun = defineVerb(cellRunJob.definition);

export const { body } = cellRunJob;
