// perf_tune_report_import_ncu: counters of ncu become kernels of a cell.
import { z } from 'zod';
import { CAMPAIGN_FIELDS } from '../../src/campaign/campaign-field.ts';
import { CAPTURE_DATA, capturesText, importCaptures } from '../../src/campaign/captures/import-captures.ts';
import { defineVerb, pathField } from '../../src/verb/define-verb.ts';
import { reads } from '../../src/verb/path-use.ts';

export const importNcu = defineVerb({
  name: 'perf_tune_report_import_ncu',
  family: 'campaign',
  library: 'perf_tune_report',
  verb: 'import_ncu',
  title: 'Import ncu counters',
  description:
    'Imports ncu-profiles/<x>-sol.csv and <x>-raw.csv into a cell: ncu_kernels.json with bytes, FLOPs and shares of peak.',
  safety: 'writes_artifacts',
  fields: {
    ...CAMPAIGN_FIELDS,
    bundle: pathField('Folder with ncu-profiles/, of one cell or of arms.'),
    cell_id: z.string().min(1).optional().describe('Cell. Default: name of the folder.'),
    hardware: z.string().min(1).optional().describe('B200, GB300, H100.'),
  },
  paths: { bundle: reads },
  seldom: ['campaigns_dir'],
  data: CAPTURE_DATA,
  examples: [
    {
      title: 'Counters of kernels',
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
        source: 'ncu',
        hardware: input.hardware ?? null,
      },
      context,
    ),
  render: capturesText,
});
