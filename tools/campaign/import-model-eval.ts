// perf_tune_report_import_model_eval: scores of lm-eval become the quality of a cell.
import { z } from 'zod';
import { modelEval } from '../../src/campaign/bundles/model-eval.ts';
import { CAMPAIGN_FIELDS } from '../../src/campaign/campaign-field.ts';
import { givenIdentity, IDENTITY_FIELDS, SELDOM_IDENTITY_FIELDS } from '../../src/campaign/identity-fields.ts';
import { IMPORT_DATA, importText, runImport } from '../../src/campaign/import-answer.ts';
import { defineVerb, pathField } from '../../src/verb/define-verb.ts';
import { reads } from '../../src/verb/path-use.ts';

export const importModelEval = defineVerb({
  name: 'perf_tune_report_import_model_eval',
  family: 'campaign',
  library: 'perf_tune_report',
  verb: 'import_model_eval',
  title: 'Import model quality',
  description: 'Imports results.json of lm-eval into a campaign: scores of tasks beside the speed of cells.',
  safety: 'writes_artifacts',
  fields: {
    ...CAMPAIGN_FIELDS,
    bundle: pathField('results.json or its folder.'),
    cell_id: z.string().min(1).optional().describe('Cell. Default: name of the bundle.'),
    ...IDENTITY_FIELDS,
    notes: z.string().optional().describe('Notes. Kept with every row.'),
  },
  paths: { bundle: reads },
  seldom: ['campaigns_dir', 'notes', 'n_gpus', 'cache_mode', 'dataset', ...SELDOM_IDENTITY_FIELDS],
  data: IMPORT_DATA,
  examples: [
    {
      title: 'Scores of a model',
      input: { campaign: 'glm51-multihw', bundle: 'eval', hardware: 'B200', quant: 'NVFP4', tensor_parallel: 8, dry_run: true },
    },
  ],
  run: (input, context) =>
    runImport(
      {
        campaign: input.campaign,
        campaignsDir: input.campaigns_dir,
        bundle: input.bundle,
        cellId: input.cell_id,
        given: givenIdentity(input),
        notes: input.notes,
        importer: 'import_model_eval',
        layouts: [modelEval],
      },
      context,
    ),
  render: importText,
  notices: ({ warnings }) => warnings,
}); // prettier-ignore
