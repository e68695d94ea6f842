// perf_tune_report_import_variant_ab: the arms of a comparison become cells, their repeats trials.
import { BUNDLE_FIELDS, bundleVerb, importCall } from '../../src/campaign/bundle-verb.ts';
import { variantAb } from '../../src/campaign/bundles/variant-ab.ts';
import { runImport } from '../../src/campaign/import-answer.ts';
import { defineVerb, pathField } from '../../src/verb/define-verb.ts';
import { reads } from '../../src/verb/path-use.ts';

export const importVariantAb = defineVerb({
  ...bundleVerb('import_variant_ab'),
  title: 'Import an A/B of variants',
  description: 'Imports <arm>/c<N>-t<trial>.txt of an A/B, vLLM against SGLang too: a cell for each arm, every trial kept.',
  fields: { ...BUNDLE_FIELDS, bundle: pathField('Folder with a folder for each arm.') },
  paths: { bundle: reads },
  examples: [
    {
      title: 'Two engines',
      input: { campaign: 'glm51-multihw', bundle: 'ab', model: 'zai-org/GLM-5.1', hardware: 'B200', quant: 'NVFP4', tensor_parallel: 8, dry_run: true },
    },
  ],
  run: (input, context) =>
    runImport(importCall(input, { bundle: input.bundle, importer: 'import_variant_ab', layouts: [variantAb] }), context),
}); // prettier-ignore
