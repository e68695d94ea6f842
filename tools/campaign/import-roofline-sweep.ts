// perf_tune_report_import_roofline_sweep: a sweep of decode and prefill points with hardware counters becomes rows and points.
import { BUNDLE_FIELDS, bundleVerb, CELL_ID, importCall } from '../../src/campaign/bundle-verb.ts';
import { rooflineSweep } from '../../src/campaign/bundles/roofline-sweep.ts';
import { runImport } from '../../src/campaign/import-answer.ts';
import { defineVerb, pathField } from '../../src/verb/define-verb.ts';
import { reads } from '../../src/verb/path-use.ts';

export const importRooflineSweep = defineVerb({
  ...bundleVerb('import_roofline_sweep', ['dataset', 'n_gpus']),
  title: 'Import a roofline sweep',
  description: 'Imports decode_sweep.jsonl and prefill_sweep.jsonl with DCGM counters: cells <id>-decode and <id>-prefill.',
  fields: {
    ...BUNDLE_FIELDS,
    ...CELL_ID,
    bundle: pathField('Folder of the sweep.'),
    model_config: pathField("The model's config.json. Default: the bundle's.").optional(),
  },
  paths: { bundle: reads, model_config: reads },
  aliases: { kv_dtype: 'kv_cache_dtype' },
  examples: [
    {
      title: 'A sweep',
      input: { campaign: 'glm51-multihw', bundle: 'roof', model: 'zai-org/GLM-5.1', hardware: 'B200', quant: 'NVFP4', tensor_parallel: 8, cache_mode: 'cold', dry_run: true },
    },
  ],
  run: (input, context) => {
    const config = input.model_config === undefined ? undefined : context.path(input.model_config);
    return runImport(
      importCall(input, { bundle: input.bundle, importer: 'import_roofline_sweep', layouts: [rooflineSweep(config)] }),
      context,
    );
  },
}); // prettier-ignore
