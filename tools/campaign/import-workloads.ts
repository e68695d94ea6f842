// perf_tune_report_import_workloads: one cell for each workload of a suite.
import { BUNDLE_FIELDS, bundleVerb, importCall } from '../../src/campaign/bundle-verb.ts';
import { workloads } from '../../src/campaign/bundles/workloads.ts';
import { runImport } from '../../src/campaign/import-answer.ts';
import { defineVerb, pathField } from '../../src/verb/define-verb.ts';
import { reads } from '../../src/verb/path-use.ts';

export const importWorkloads = defineVerb({
  ...bundleVerb('import_workloads'),
  title: 'Import workloads',
  description: 'Imports <tag>-c<N>.txt with bench-workloads.json: a cell for each workload, lengths measured, not as asked.',
  fields: { ...BUNDLE_FIELDS, bench_dir: pathField('Folder of the results.') },
  paths: { bench_dir: reads },
  aliases: { bundle: 'bench_dir' },
  examples: [
    {
      title: 'A suite',
      input: { campaign: 'glm51-multihw', bench_dir: 'suite', model: 'zai-org/GLM-5.1', hardware: 'B200', quant: 'NVFP4', tensor_parallel: 8, dry_run: true },
    },
  ],
  run: (input, context) =>
    runImport(importCall(input, { bundle: input.bench_dir, importer: 'import_workloads', layouts: [workloads] }), context),
}); // prettier-ignore
