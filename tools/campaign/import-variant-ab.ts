// perf_tune_report_import_variant_ab: the arms of a comparison become cells, their repeats trials.
import { z } from 'zod';
import { variantAb } from '../../src/campaign/bundles/variant-ab.ts';
import { CAMPAIGN_FIELDS } from '../../src/campaign/campaign-field.ts';
import { givenIdentity, IDENTITY_FIELDS, SELDOM_IDENTITY_FIELDS } from '../../src/campaign/identity-fields.ts';
import { IMPORT_DATA, importSteps, importText, runImport } from '../../src/campaign/import-answer.ts';
import { defineVerb, pathField } from '../../src/verb/define-verb.ts';
import { reads } from '../../src/verb/path-use.ts';

export const importVariantAb = defineVerb({
  name: 'perf_tune_report_import_variant_ab',
  family: 'campaign',
  library: 'perf_tune_report',
  verb: 'import_variant_ab',
  title: 'Import an A/B of variants',
  description: 'Imports <arm>/c<N>-t<trial>.txt of an A/B, vLLM against SGLang too: a cell for each arm, every trial kept.',
  safety: 'writes_artifacts',
  fields: {
    ...CAMPAIGN_FIELDS,
    bundle: pathField('Folder with a folder for each arm.'),
    ...IDENTITY_FIELDS,
    notes: z.string().optional().describe('Notes. Kept with every row.'),
  },
  paths: { bundle: reads },
  seldom: ['campaigns_dir', 'notes', ...SELDOM_IDENTITY_FIELDS],
  data: IMPORT_DATA,
  examples: [
    { title: 'Two engines', input: { campaign: 'glm51-multihw', bundle: 'ab', model: 'zai-org/GLM-5.1', hardware: 'B200', quant: 'NVFP4', tensor_parallel: 8, dry_run: true } },
  ],
  run: (input, context) =>
    runImport(
      {
        campaign: input.campaign,
        campaignsDir: input.campaigns_dir,
        bundle: input.bundle,
        cellId: undefined,
        given: givenIdentity(input),
        notes: input.notes,
        importer: 'import_variant_ab',
        layouts: [variantAb],
      },
      context,
    ),
  render: importText,
  next: importSteps,
  notices: ({ warnings }) => warnings,
}); // prettier-ignore
