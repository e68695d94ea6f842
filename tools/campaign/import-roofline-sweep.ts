// perf_tune_report_import_roofline_sweep: a sweep of decode and prefill points with hardware counters becomes rows and points, and its
// two questions are answered.
import { BUNDLE_FIELDS, bundleVerb, CELL_ID, importCall } from '../../src/campaign/bundle-verb.ts';
import { rooflineSweep } from '../../src/campaign/bundles/roofline-sweep.ts';
import { answersOf } from '../../src/campaign/bundles/sweep-document.ts';
import { IMPORT_DATA, importText, importWithCells } from '../../src/campaign/import-answer.ts';
import { answersSchema } from '../../src/roofline/sweep-answers-schema.ts';
import { answerLines } from '../../src/roofline/sweep-questions.ts';
import { defineVerb, pathField } from '../../src/verb/define-verb.ts';
import { reads } from '../../src/verb/path-use.ts';

export const importRooflineSweep = defineVerb({
  ...bundleVerb('import_roofline_sweep', ['dataset', 'n_gpus']),
  title: 'Import a roofline sweep',
  description:
    'Imports decode_sweep.jsonl and prefill_sweep.jsonl with DCGM counters: cells <id>-decode and <id>-prefill. Says where TFLOPS peak and whether decode is at 75% of memory bandwidth.',
  fields: {
    ...BUNDLE_FIELDS,
    ...CELL_ID,
    bundle: pathField('Folder of the sweep.'),
    model_config: pathField("The model's config.json. Default: the bundle's.").optional(),
  },
  paths: { bundle: reads, model_config: reads },
  aliases: { kv_dtype: 'kv_cache_dtype' },
  data: { ...IMPORT_DATA, answers: answersSchema },
  examples: [
    {
      title: 'A sweep',
      input: { campaign: 'glm51-multihw', bundle: 'roof', model: 'zai-org/GLM-5.1', hardware: 'B200', quant: 'NVFP4', tensor_parallel: 8, cache_mode: 'cold', dry_run: true },
    },
  ],
  run: async (input, context) => {
    const config = input.model_config === undefined ? undefined : context.path(input.model_config);
    const call = importCall(input, { bundle: input.bundle, importer: 'import_roofline_sweep', layouts: [rooflineSweep(config)] });
    const { answer, cells } = await importWithCells(call, context);
    const { most_flops, memory, because } = answersOf(cells.flatMap(({ files }) => files));
    return { ...answer, answers: { most_flops, memory, because: [...because] } };
  },
  render: (answer, say) => [importText(answer, say), ...answerLines(answer.answers)].join('\n'),
}); // prettier-ignore
