// perf_tune_report_import_zymtrace: samples of zymtrace become kernels of a cell.
import { captureCall, captureFields, captureVerb } from '../../src/campaign/captures/capture-verb.ts';
import { importCaptures } from '../../src/campaign/captures/import-captures.ts';
import { defineVerb } from '../../src/verb/define-verb.ts';

export const importZymtrace = defineVerb({
  ...captureVerb('zymtrace'),
  title: 'Import zymtrace samples',
  description:
    'Imports the five TSV of zymtrace/ into a cell: kernels.json with samples, never mixed with the times of nsys.',
  fields: captureFields('Folder with zymtrace/, of one cell or of arms.'),
  examples: [
    {
      title: 'Samples of kernels',
      input: { campaign: 'glm51-multihw', bundle: 'captures', cell_id: 'b200-nvfp4-tp8-ep-mbt4096', dry_run: true },
    },
  ],
  run: (input, context) => importCaptures(captureCall('zymtrace', input), context),
});
