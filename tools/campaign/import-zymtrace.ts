// perf_tune_report_import_zymtrace: samples of zymtrace become kernels of a cell.
import { z } from 'zod';
import { CAMPAIGN_FIELDS } from '../../src/campaign/campaign-field.ts';
import { CAPTURE_DATA, capturesText, importCaptures } from '../../src/campaign/captures/import-captures.ts';
import { defineVerb, pathField } from '../../src/verb/define-verb.ts';
import { reads } from '../../src/verb/path-use.ts';

export const importZymtrace = defineVerb({
  name: 'perf_tune_report_import_zymtrace',
  family: 'campaign',
  library: 'perf_tune_report',
  verb: 'import_zymtrace',
  title: 'Import zymtrace samples',
  description:
    'Imports the five TSV of zymtrace/ into a cell: kernels.json with samples, never mixed with the times of nsys.',
  safety: 'writes_artifacts',
  fields: {
    ...CAMPAIGN_FIELDS,
    bundle: pathField('Folder with zymtrace/, of one cell or of arms.'),
    cell_id: z.string().min(1).optional().describe('Cell. Default: name of the folder.'),
  },
  paths: { bundle: reads },
  seldom: ['campaigns_dir'],
  data: CAPTURE_DATA,
  examples: [
    {
      title: 'Samples of kernels',
      input: { campaign: 'glm51-multihw', bundle: 'captures', cell_id: 'b200-nvfp4-tp8-ep-mbt4096', dry_run: true },
    },
  ],
  run: (input, context) =>
    importCaptures(
      {
        campaign: input.campaign,
        campaignsDir: input.campaigns_dir,
        bundle: input.bundle,
        cellId: input.cell_id,
        source: 'zymtrace',
        hardware: null,
      },
      context,
    ),
  render: capturesText,
});
