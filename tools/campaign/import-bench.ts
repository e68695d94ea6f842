// perf_tune_report_import_bench: results of any benchmark become rows of a campaign.
import { z } from 'zod';
import { LAYOUTS } from '../../src/campaign/bundles/find-bundle.ts';
import { CAMPAIGN_FIELDS } from '../../src/campaign/campaign-field.ts';
import { givenIdentity, IDENTITY_FIELDS, SELDOM_IDENTITY_FIELDS } from '../../src/campaign/identity-fields.ts';
import { IMPORT_DATA, importSteps, importText, runImport } from '../../src/campaign/import-answer.ts';
import { defineVerb, pathField } from '../../src/verb/define-verb.ts';
import { reads } from '../../src/verb/path-use.ts';

export const importBench = defineVerb({
  name: 'perf_tune_report_import_bench',
  family: 'campaign',
  library: 'perf_tune_report',
  verb: 'import_bench',
  title: 'Import benchmark results',
  description:
    'Imports results of vLLM, SGLang, AIPerf, GuideLLM, InferenceX, … into a campaign: repeats become trials, failures stay.',
  safety: 'writes_artifacts',
  fields: {
    ...CAMPAIGN_FIELDS,
    bundle: pathField('Folder or file of results.'),
    cell_id: z.string().min(1).optional().describe('Cell. Default: name of the bundle.'),
    ...IDENTITY_FIELDS,
    notes: z.string().optional().describe('Notes. Kept with every row.'),
  },
  paths: { bundle: reads },
  seldom: ['campaigns_dir', 'notes', ...SELDOM_IDENTITY_FIELDS],
  data: IMPORT_DATA,
  examples: [
    {
      title: 'A folder of results',
      input: { campaign: 'glm51-multihw', bundle: 'bundle', cell_id: 'b200-nvfp4-tp8-ep-mbt4096', hardware: 'B200', tensor_parallel: 8, cache_mode: 'cold', dry_run: true },
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
        importer: 'import_bench',
        layouts: LAYOUTS,
      },
      context,
    ),
  render: importText,
  next: importSteps,
  notices: ({ warnings }) => warnings,
}); // prettier-ignore
