// perf_tune_report_import_workloads: one cell for each workload of a suite.
import { z } from 'zod';
import { workloads } from '../../src/campaign/bundles/workloads.ts';
import { CAMPAIGN_FIELDS } from '../../src/campaign/campaign-field.ts';
import { givenIdentity, IDENTITY_FIELDS, SELDOM_IDENTITY_FIELDS } from '../../src/campaign/identity-fields.ts';
import { IMPORT_DATA, importSteps, importText, runImport } from '../../src/campaign/import-answer.ts';
import { defineVerb, pathField } from '../../src/verb/define-verb.ts';
import { reads } from '../../src/verb/path-use.ts';

export const importWorkloads = defineVerb({
  name: 'perf_tune_report_import_workloads',
  family: 'campaign',
  library: 'perf_tune_report',
  verb: 'import_workloads',
  title: 'Import workloads',
  description: 'Imports <tag>-c<N>.txt with bench-workloads.json: a cell for each workload, lengths measured, not as asked.',
  safety: 'writes_artifacts',
  fields: {
    ...CAMPAIGN_FIELDS,
    bench_dir: pathField('Folder of the results.'),
    ...IDENTITY_FIELDS,
    notes: z.string().optional().describe('Notes. Kept with every row.'),
  },
  paths: { bench_dir: reads },
  aliases: { bundle: 'bench_dir' },
  seldom: ['campaigns_dir', 'notes', ...SELDOM_IDENTITY_FIELDS],
  data: IMPORT_DATA,
  examples: [
    {
      title: 'A suite',
      input: { campaign: 'glm51-multihw', bench_dir: 'suite', model: 'zai-org/GLM-5.1', hardware: 'B200', quant: 'NVFP4', tensor_parallel: 8, dry_run: true },
    },
  ],
  run: (input, context) =>
    runImport(
      {
        campaign: input.campaign,
        campaignsDir: input.campaigns_dir,
        bundle: input.bench_dir,
        cellId: undefined,
        given: givenIdentity(input),
        notes: input.notes,
        importer: 'import_workloads',
        layouts: [workloads],
      },
      context,
    ),
  render: importText,
  next: importSteps,
  notices: ({ warnings }) => warnings,
}); // prettier-ignore
