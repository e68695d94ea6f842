// perf_tune_report_import_ncu: counters of ncu become kernels of a cell.
import { z } from 'zod';
import { captureCall, captureFields, captureVerb } from '../../src/campaign/captures/capture-verb.ts';
import { importCaptures } from '../../src/campaign/captures/import-captures.ts';
import { defineVerb } from '../../src/verb/define-verb.ts';

export const importNcu = defineVerb({
  ...captureVerb('ncu'),
  title: 'Import ncu counters',
  description:
    'Imports ncu-profiles/<x>-sol.csv and <x>-raw.csv into a cell: ncu_kernels.json with bytes, FLOPs and shares of peak.',
  fields: {
    ...captureFields('Folder with ncu-profiles/, of one cell or of arms.'),
    hardware: z.string().min(1).optional().describe('B200, GB300, H100.'),
  },
  aliases: { hw_key: 'hardware' },
  examples: [
    {
      title: 'Counters of kernels',
      input: { campaign: 'glm51-multihw', bundle: 'captures', cell_id: 'b200-nvfp4-tp8-ep-mbt4096', dry_run: true },
    },
  ],
  run: (input, context) => importCaptures({ ...captureCall('ncu', input), hardware: input.hardware }, context),
});
