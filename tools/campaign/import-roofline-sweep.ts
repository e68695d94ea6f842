// perf_tune_report_import_roofline_sweep: a sweep of decode and prefill points with hardware counters becomes rows and points.
import { z } from 'zod';
import { rooflineSweep } from '../../src/campaign/bundles/roofline-sweep.ts';
import { CAMPAIGN_FIELDS } from '../../src/campaign/campaign-field.ts';
import { givenIdentity, IDENTITY_FIELDS, SELDOM_IDENTITY_FIELDS } from '../../src/campaign/identity-fields.ts';
import { IMPORT_DATA, importText, runImport } from '../../src/campaign/import-answer.ts';
import { defineVerb, pathField } from '../../src/verb/define-verb.ts';
import { reads } from '../../src/verb/path-use.ts';

export const importRooflineSweep = defineVerb({
  name: 'perf_tune_report_import_roofline_sweep',
  family: 'campaign',
  library: 'perf_tune_report',
  verb: 'import_roofline_sweep',
  title: 'Import a roofline sweep',
  description: 'Imports decode_sweep.jsonl and prefill_sweep.jsonl with DCGM counters: cells <id>-decode and <id>-prefill.',
  safety: 'writes_artifacts',
  fields: {
    ...CAMPAIGN_FIELDS,
    bundle: pathField('Folder of the sweep.'),
    cell_id: z.string().min(1).optional().describe('First part of the cells. Default: name of the bundle.'),
    model_config: pathField("The model's config.json. Default: the bundle's.").optional(),
    ...IDENTITY_FIELDS,
    notes: z.string().optional().describe('Notes. Kept with every row.'),
  },
  paths: { bundle: reads, model_config: reads },
  seldom: ['campaigns_dir', 'notes', 'dataset', 'n_gpus', ...SELDOM_IDENTITY_FIELDS],
  data: IMPORT_DATA,
  examples: [
    {
      title: 'A sweep',
      input: { campaign: 'glm51-multihw', bundle: 'roof', model: 'zai-org/GLM-5.1', hardware: 'B200', quant: 'NVFP4', tensor_parallel: 8, cache_mode: 'cold', dry_run: true },
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
        importer: 'import_roofline_sweep',
        layouts: [rooflineSweep(input.model_config === undefined ? undefined : context.path(input.model_config))],
      },
      context,
    ),
  render: importText,
  notices: ({ warnings }) => warnings,
}); // prettier-ignore
