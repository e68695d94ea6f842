// Where nothing is there yet, every verb that looks something up says in which folder it did: the usual cause is another root than meant.
import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MANIFEST } from '../../src/catalog/verbs.generated.ts';
import { EXAMPLES, freshRoot, removeRoot } from './connect.ts';
import { runCli } from './run-cli.ts';

const root = freshRoot();
const nightly = join(root, 'nightly');
const results = join(nightly, 'f', 'm.json');

beforeAll(() => {
  mkdirSync(join(nightly, 'f'), { recursive: true });
  cpSync(join(EXAMPLES, 'vllm-serve-baseline.json'), results);
});
afterAll(() => removeRoot(root));

const JOB = '20261122T020816992331Z-a1b2c3';
const CELL = ['--campaign', 'c', '--cell-id', 'x', '--dry-run'];

/** A call of each verb that looks up what is kept below the root. */
const CALLS: Readonly<Record<string, readonly string[]>> = {
  job_cancel: ['--job-id', JOB],
  job_list: [],
  job_status: [],
  perf_baseline_diff: ['f/m', results],
  perf_baseline_list: [],
  perf_baseline_show: ['f/m'],
  perf_baseline_sweep: [nightly],
  perf_baseline_tag: ['f/m', 'golden'],
  perf_baseline_trend: ['f/m'],
  perf_baseline_verify: [],
  plan_trials: ['--measurement', 'f/m', '--tolerance-percent', '5'],
  perf_tune_report_atlas_aggregate: ['c'],
  perf_tune_report_campaign_next: ['c'],
  perf_tune_report_champion_select: ['c'],
  perf_tune_report_campaign_status: ['c'],
  perf_tune_report_campaign_run: ['--campaign', 'c', '--dry-run'],
  perf_tune_report_cell_run: ['--campaign', 'c', '--cell', 'x', '--dry-run'],
  perf_tune_report_chart: ['scatter', '--campaign', 'c'],
  perf_tune_report_compare_public: ['c', nightly],
  perf_tune_report_value_view: ['c'],
  perf_tune_report_dcgm_correlate: [...CELL, '--frozen-yaml', nightly],
  perf_tune_report_import_bench: [...CELL, '--bundle', nightly],
  perf_tune_report_import_model_eval: [...CELL, '--bundle', nightly],
  perf_tune_report_import_ncu: [...CELL, '--bundle', nightly],
  perf_tune_report_import_nsys: [...CELL, '--bundle', nightly],
  perf_tune_report_import_roofline_sweep: [...CELL, '--bundle', nightly],
  perf_tune_report_import_variant_ab: ['--campaign', 'c', '--dry-run', '--bundle', nightly],
  perf_tune_report_import_workloads: ['--campaign', 'c', '--dry-run', '--bench-dir', nightly],
  perf_tune_report_tpm_summary: ['c'],
  perf_tune_report_report_render: ['c'],
  perf_tune_report_reconcile: ['c'],
  perf_tune_report_import_zymtrace: [...CELL, '--bundle', nightly],
};

/** Verbs that look nothing up: they make something new, or read only what the call names. */
const MAKERS = [
  'autotune_run',
  'bench_compare',
  'bench_diff',
  'bench_export',
  'bench_run',
  'perf_baseline_record',
  'perf_tune_report_campaign_init',
  'perf_tune_report_dcgm_capture',
  'perf_tune_report_roofline_estimate',
  'perf_tune_report_report_smoke',
  'perf_tune_report_report_verify',
  'perf_tune_report_roofline_sweep',
  'profile_capture',
  'profile_profile_diff',
  'profile_summary',
  'ratchet_check',
  'ratchet_profile',
  'registry_site',
  'sota_compare',
];

describe('in an empty root', () => {
  it('the calls below are those of every verb that looks something up', () => {
    expect([...Object.keys(CALLS), ...MAKERS].sort()).toEqual(MANIFEST.map(({ name }) => name).sort());
  });

  it.each(Object.entries(CALLS))('%s names the folder that holds nothing', async (verb, words) => {
    const { stdout, stderr } = await runCli([verb, ...words], { root });
    expect(stdout + stderr).toMatch(new RegExp(`${root}/(?:experiments|campaigns)|no job was started in ${root}`));
  });
});
