// perf_tune_report_campaign_init: begins a campaign from its YAML.
import { z } from 'zod';
import { CAMPAIGNS_DIR } from '../../src/campaign/campaign-field.ts';
import { withResults } from '../../src/campaign/import-answer.ts';
import { isRunnable, runProblem } from '../../src/campaign/cells/run-block.ts';
import { readCampaignConfig } from '../../src/campaign/config.ts';
import { campaignsFolderOf } from '../../src/campaign/find-campaign.ts';
import { initCampaign, isEvidenceBundle, planInit, type InitRequest } from '../../src/campaign/init.ts';
import { bundleLineage } from '../../src/campaign/lineage.ts';
import { inputFault } from '../../src/text/fault.ts';
import { plural } from '../../src/render/numbers.ts';
import type { VerbContext } from '../../src/verb/context.ts';
import { defineVerb, pathField } from '../../src/verb/define-verb.ts';
import { reads } from '../../src/verb/path-use.ts';

const FIELDS = {
  config: pathField('YAML of the campaign.'),
  slug: z.string().min(1).optional().describe('Slug. Default: from its name.'),
  experiment_id: z.string().min(1).optional().describe('Names the folder; holds a UTC stamp.'),
  family: z.string().min(1).optional().describe('Family.'),
  evidence_bundle: pathField('Evidence bundle. Folder whose SOURCE.md holds the lineage.').optional(),
  ...CAMPAIGNS_DIR,
};

type Input = z.output<z.ZodObject<typeof FIELDS>>;

const bundleOf = (input: Input, stated: string | undefined, context: VerbContext): string | null => {
  const named = input.evidence_bundle ?? stated;
  if (named === undefined) return null;
  const path = context.path(named);
  if (isEvidenceBundle(path)) return path;
  throw inputFault('evidence_bundle_invalid', `${path} is no evidence bundle: it holds no SOURCE.md`, {
    path,
    fix: 'name the folder of the bundle, or leave it out',
  });
};

const requestOf = async (input: Input, context: VerbContext): Promise<InitRequest> => {
  const configPath = context.path(input.config);
  const read = await readCampaignConfig(configPath, context.signal);
  const evidenceBundle = bundleOf(input, read.config.evidence_bundle_path, context);
  const fromBundle = evidenceBundle === null ? undefined : await bundleLineage(evidenceBundle, context.signal);
  return {
    configPath,
    read,
    slug: input.slug,
    experimentId: input.experiment_id,
    family: input.family,
    evidenceBundle,
    lineage: fromBundle ?? read.config.provenance,
    now: context.now(),
    campaigns: campaignsFolderOf(context, input.campaigns_dir),
  };
};

export const campaignInit = defineVerb({
  name: 'perf_tune_report_campaign_init',
  family: 'campaign',
  library: 'perf_tune_report',
  verb: 'campaign_init',
  title: 'Begin a campaign',
  description:
    'Begins a benchmark campaign from a YAML: checks every cell, then makes its folder with the frozen config.',
  safety: 'writes_artifacts',
  fields: FIELDS,
  paths: { config: reads, evidence_bundle: reads },
  positionals: ['config'],
  seldom: ['campaigns_dir'],
  data: {
    campaign_dir: z.string(),
    /** False in a dry run. */
    written: z.boolean(),
    slug: z.string(),
    experiment_id: z.string(),
    family: z.string(),
    cells: z.array(z.string()),
    cell_count: z.number(),
    /** Cells that nothing runs: their results are imported. */
    cells_to_import: z.array(z.string()),
    /** Blocks that `cell_run` will refuse, as the config stands. */
    run_problems: z.array(z.string()),
    evidence_bundle_path: z.string().nullable(),
  },
  examples: [{ title: 'Begin', input: { config: 'configs/campaigns/kimi-k26.yaml' } }],
  run: async (input, context) => {
    const request = await requestOf(input, context);
    const plan = planInit(request);
    if (!context.dryRun) await initCampaign(request, plan);
    const { cells } = request.read.config;
    return {
      campaign_dir: plan.folder,
      written: !context.dryRun,
      slug: plan.slug,
      experiment_id: plan.experimentId,
      family: plan.family,
      cells: cells.map(({ cell_id }) => cell_id),
      cell_count: cells.length,
      cells_to_import: cells.filter((cell) => !isRunnable(cell)).map(({ cell_id }) => cell_id),
      run_problems: cells.flatMap((cell) => runProblem(cell) ?? []),
      evidence_bundle_path: request.evidenceBundle,
    };
  },
  notices: ({ run_problems: problems }) =>
    problems.map((problem) => `cannot be run: ${problem}; the config is frozen, so begin anew to run it`),
  render: ({ campaign_dir, cell_count, cells_to_import: { length: imports } }, say) =>
    `${say('campaign', 'begin campaign')} ${campaign_dir}: ${plural(cell_count, 'cell')}${imports > 0 ? `, ${imports} of them to import` : ''}`,
  next: ({ campaign_dir: campaign, cells, cells_to_import: toImport }) => [
    ...(cells.length > toImport.length ? [] : [withResults(campaign, toImport[0])]),
    { verb: 'perf_tune_report_campaign_status', input: { campaign } },
  ],
  links: ({ campaign_dir }) => [{ path: campaign_dir, title: 'Campaign', mime_type: 'inode/directory' }],
});
