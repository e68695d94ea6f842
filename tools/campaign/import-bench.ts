// perf_tune_report_import_bench: results of any benchmark become rows of a campaign.
import { BUNDLE_FIELDS, bundleVerb, CELL_ID, importCall } from '../../src/campaign/bundle-verb.ts';
import { LAYOUTS } from '../../src/campaign/bundles/find-bundle.ts';
import { runImport } from '../../src/campaign/import-answer.ts';
import { defineVerb, pathField } from '../../src/verb/define-verb.ts';
import { reads } from '../../src/verb/path-use.ts';

export const importBench = defineVerb({
  ...bundleVerb('import_bench'),
  title: 'Import benchmark results',
  description:
    'Imports results of vLLM, SGLang, AIPerf, GuideLLM, InferenceX, … into a campaign: repeats become trials, failures stay.',
  fields: { ...BUNDLE_FIELDS, ...CELL_ID, bundle: pathField('Folder or file of results.') },
  paths: { bundle: reads },
  examples: [
    {
      title: 'A folder of results',
      input: { campaign: 'glm51-multihw', bundle: 'bundle', cell_id: 'b200-nvfp4-tp8-ep-mbt4096', hardware: 'B200', tensor_parallel: 8, cache_mode: 'cold', dry_run: true },
    },
  ],
  run: (input, context) =>
    runImport(importCall(input, { bundle: input.bundle, importer: 'import_bench', layouts: LAYOUTS }), context),
}); // prettier-ignore
