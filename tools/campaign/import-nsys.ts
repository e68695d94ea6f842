// perf_tune_report_import_nsys: kernel times of nsys become kernels of a cell.
import { captureCall, captureFields, captureVerb } from '../../src/campaign/captures/capture-verb.ts';
import { importCaptures } from '../../src/campaign/captures/import-captures.ts';
import { defineVerb } from '../../src/verb/define-verb.ts';

export const importNsys = defineVerb({
  ...captureVerb('nsys'),
  title: 'Import nsys kernels',
  description:
    'Imports nsys/cuda_gpu_kern_sum or an nsys export into a cell: kernels.json with times in ns and categories.',
  fields: captureFields('Folder with nsys/, of one cell or of arms; or a file.'),
  examples: [
    {
      title: 'Kernel times',
      input: { campaign: 'glm51-multihw', bundle: 'captures', cell_id: 'b200-nvfp4-tp8-ep-mbt4096', dry_run: true },
    },
  ],
  run: (input, context) => importCaptures(captureCall('nsys', input), context),
});
