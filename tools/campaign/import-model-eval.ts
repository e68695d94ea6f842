// perf_tune_report_import_model_eval: scores of lm-eval become the quality of a cell.
import { BUNDLE_FIELDS, bundleVerb, CELL_ID, importCall } from '../../src/campaign/bundle-verb.ts';
import { modelEval } from '../../src/campaign/bundles/model-eval.ts';
import { runImport } from '../../src/campaign/import-answer.ts';
import { defineVerb, pathField } from '../../src/verb/define-verb.ts';
import { reads } from '../../src/verb/path-use.ts';

export const importModelEval = defineVerb({
  ...bundleVerb('import_model_eval', ['n_gpus', 'cache_mode', 'dataset']),
  title: 'Import model quality',
  description: 'Imports results.json of lm-eval into a campaign: scores of tasks beside the speed of cells.',
  fields: { ...BUNDLE_FIELDS, ...CELL_ID, bundle: pathField('results.json or its folder.') },
  paths: { bundle: reads },
  aliases: { results: 'bundle' },
  examples: [
    {
      title: 'Scores of a model',
      input: { campaign: 'glm51-multihw', bundle: 'eval', hardware: 'B200', quant: 'NVFP4', tensor_parallel: 8, dry_run: true },
    },
  ],
  run: (input, context) =>
    runImport(importCall(input, { bundle: input.bundle, importer: 'import_model_eval', layouts: [modelEval] }), context),
}); // prettier-ignore
