// perf_tune_report_import_zymtrace: samples of zymtrace become kernels of a cell.
import { z } from 'zod';
import { captureCall, captureFields, captureVerb } from '../../src/campaign/captures/capture-verb.ts';
import { importCaptures } from '../../src/campaign/captures/import-captures.ts';
import { defineVerb } from '../../src/verb/define-verb.ts';

export const importZymtrace = defineVerb({
  ...captureVerb('zymtrace'),
  title: 'Import zymtrace samples',
  description:
    'Imports the five TSV of zymtrace/ (or its ClickHouse by .sql there) into a cell: kernels.json with samples, never times.',
  open_world: true,
  fields: {
    ...captureFields('Folder with zymtrace/, of one cell or of arms.'),
    clickhouse: z.string().min(1).optional().describe('http://host:8123: asked with zymtrace/*.sql.'),
    since: z.string().min(1).optional().describe('Query parameter {since:String}.'),
    until: z.string().min(1).optional().describe('Query parameter {until:String}.'),
    wait_s: z.number().min(0).max(3600).default(120).describe('Longest wait for samples on their way.'),
  },
  seldom: ['campaigns_dir', 'clickhouse', 'since', 'until', 'wait_s'],
  examples: [
    {
      title: 'Samples of kernels',
      input: { campaign: 'glm51-multihw', bundle: 'captures', cell_id: 'b200-nvfp4-tp8-ep-mbt4096', dry_run: true },
    },
  ],
  run: (input, context) => {
    const { clickhouse: url, since, until, wait_s: waitS } = input;
    const clickhouse = url === undefined ? undefined : { url, since, until, waitS };
    return importCaptures({ ...captureCall('zymtrace', input), clickhouse }, context);
  },
});
