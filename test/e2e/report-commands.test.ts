// The command lines of a report's runbook, as people have them in their notes: each runs as it stands, on bundles made here. Lines of
// verbs that are not there yet are skipped and said.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findVerb } from '../../src/catalog/find-verb.ts';
import { CELL, serveBlock, writeTree } from '../campaign/bundles.ts';
import { freshRoot, removeRoot } from './connect.ts';
import { runCli } from './run-cli.ts';

let root: string;
beforeAll(() => {
  root = freshRoot();
  writeTree(root, {
    'configs/campaigns/glm.yaml': { name: 'glm', cells: [{ ...CELL, cell_id: 'glm-base', tensor_parallel: 4, hardware: 'GB300' }] }, // prettier-ignore
    'ab/glm-base/c8-t1.txt': serveBlock({ requests: 80, seconds: 40 }),
    'ab/glm-s-radix/c8-t1.txt': serveBlock({ requests: 80, seconds: 30 }),
    'roof/decode_sweep.jsonl': '{"c": 1, "isl": 256, "osl": 512, "num_prompts": 8, "bench": {"median_tpot_ms": 14, "output_throughput": 70}}', // prettier-ignore
    'roof/prefill_sweep.jsonl': '{"c": 1, "isl": 512, "osl": 1, "bench": {"median_ttft_ms": 25}}',
    'roof/model_config.json': { hidden_size: 64 },
    'dcgm-frozen.yaml': {
      hw_key: 'gb300_nvl72',
      n_gpus: 4,
      sweep_start_utc: '2026-01-01T00:00:00Z',
      sweep_end_utc: '2026-01-01T00:23:00Z',
      power_watts_per_gpu: 1100,
      nodes: ['node-001'],
      resources: [{ peak_key: 'hbm3e_tbps', metric: 'DCGM_FI_PROF_DRAM_ACTIVE', unit: 'ratio', measured_avg: 0.4 }],
    },
  });
});
afterAll(() => removeRoot(root));

/** In the order of the runbook: phases B and D. */
const LINES = [
  'perf_tune_report_campaign_init --config configs/campaigns/glm.yaml',
  'perf_tune_report_import_variant_ab --campaign glm --bundle ab --model org/model --hardware GB300 --quant NVFP4 --tensor-parallel 4',
  'perf_tune_report_import_roofline_sweep --campaign glm --bundle roof --hardware GB300 --tensor-parallel 4 --quant NVFP4 --cache-mode cold',
  'perf_tune_report_atlas_aggregate --campaign glm',
  'perf_tune_report_tpm_summary --campaign glm',
  'perf_tune_report_tpm_summary --campaign glm --ttft-sla-ms 500 --tpot-sla-ms 50',
  'perf_tune_report_dcgm_correlate --campaign glm --cell-id glm-base --frozen-yaml dcgm-frozen.yaml',
  'perf_tune_report_champion_select --campaign glm --top 3 --focus throughput --workloads-present aa,sonnet --accuracy-gate pass --same-node --trials 3',
];

test.each(LINES)('%s', async (line) => {
  const [verb = '', ...args] = line.split(' ');
  if (findVerb(verb) === undefined) {
    console.log(`skipped: ${verb} is no verb yet`);
    return;
  }
  const { code, stdout, stderr } = await runCli([verb, ...args], { root });
  expect(`${code} ${stderr}`).toMatch(/^0 /);
  expect(stdout.length).toBeGreaterThan(0);
  expect(stdout.length).toBeLessThan(1500);
}); // prettier-ignore

test('after them the atlas holds the arms and both phases of the sweep', () => {
  const [folder = ''] = readdirSync(join(root, 'campaigns')).filter((name) => name.endsWith('-glm'));
  const atlas = readFileSync(join(root, 'campaigns', folder, 'atlas.jsonl'), 'utf8');
  const cells = atlas.trimEnd().split('\n').map((row) => JSON.parse(row).cell_id);
  expect(new Set(cells)).toEqual(new Set(['glm-base', 'glm-s-radix', 'roof-decode', 'roof-prefill']));
}); // prettier-ignore
