// Rows as importers bring them: the worked cases of real tools through their readers, and every sample of a real tool that is at hand,
// of which no run that was measured may be flagged.
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { usableRows } from '../../../src/campaign/reconcile/usable-rows.ts';
import type { Violation } from '../../../src/campaign/reconcile/violation.ts';
import { importing, importPath } from '../imported.ts';

const imported = importing();

/** A run of InferenceX: `tput_per_gpu` is over tp alone, whatever `dp` says. */
const INFERENCEX = {
  hw: 'b200', conc: 64, model: 'org/model', framework: 'sglang', precision: 'fp8', isl: 1024, osl: 1024, tp: 1, pp: 1, ep: 1,
  dp: 8, dp_attention: 'false', is_multinode: false, disagg: false, tput_per_gpu: 8000, output_tput_per_gpu: 4000,
  input_tput_per_gpu: 4000, mean_ttft: 0.3, median_ttft: 0.3, mean_tpot: 0.0155, median_tpot: 0.0155, median_intvty: 64.5,
}; // prettier-ignore

test('InferenceX leaves replicas out of its GPUs: the reader puts them back, and rows that did not are refuted by a factor of 8', async () => {
  const { rows, violations } = await imported('inferencex', { 'agg.json': INFERENCEX }, {});
  expect(violations).toEqual([]);
  const [row] = rows;
  expect(row).toMatchObject({ n_gpus: 8, data_parallel: 8, output_tps_per_gpu: 500 });
  if (row === undefined) return;
  const ignored = { ...row, throughput_tok_per_s: null, output_tps_per_gpu: 4000, total_tps_per_gpu: 8000 };
  const { excluded } = usableRows([ignored]);
  expect(excluded).toMatchObject([{ violation: { balance: 'tpot_throughput', likely_cause: 'replicas_left_out' } }]);
  expect(excluded[0]?.violation.factor).toBeCloseTo(7.75, 2);
});

const SUMMARY = ['MLPerf Results Summary', 'SUT name : GB300 x1', 'Scenario : Offline', 'Mode     : PerformanceOnly', 'Samples per second: 6.43', 'Tokens per second: 40395.6', 'Result is : VALID', ''].join('\n'); // prettier-ignore

test('a compliance run of MLPerf beside the performance run is no result', async () => {
  const { violations, rows } = await imported('mlperf', {
    'Offline/performance/run_1/mlperf_log_summary.txt': SUMMARY,
    'Offline/TEST07/performance/run_1/mlperf_log_summary.txt': SUMMARY.replace('40395.6', '40395.7'),
  });
  expect(rows.length).toBeGreaterThan(0);
  const wrong = violations.filter(({ severity }) => severity === 'impossible');
  expect(wrong).toMatchObject([{ balance: 'run_kind', likely_cause: 'compliance_run' }]);
});

const samples = new URL('../../../../shared/samples', import.meta.url).pathname;
if (!existsSync(samples)) console.log(`skipped: the sample outputs of real tools are not at ${samples}`);

/** Not measured: examples in the documentation of a format, and made-up bundles. */
const FLAGGED: Readonly<Record<string, readonly string[]>> = {
  'llm-d-benchmark-report/br_v0_1_example.yaml': ['tokens', 'bound'],
  'llm-d-benchmark-report/br_v0_2_1_example.yaml': ['tokens', 'tokens', 'tokens'],
  'bundles/aiperf-variant': ['own_figures', 'own_figures', 'own_figures'],
  'bundles/lws': ['tokens'],
};

const bundlesIn = (folder: string): string[] => {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const single = files.map((entry) => join(entry.parentPath, entry.name)).filter((path) => !path.includes('/bundles/'));
  const bundles = readdirSync(join(folder, 'bundles')).map((name) => join(folder, 'bundles', name));
  return [...single, ...bundles.filter((path) => statSync(path).isDirectory())].filter((path) => !path.endsWith('.sqlite'));
}; // prettier-ignore

describe.skipIf(!existsSync(samples))('samples of real tools', () => {
  test('none that was measured is flagged', async () => {
    const flagged: Record<string, string[]> = {};
    let rows = 0;
    for (const path of bundlesIn(samples)) {
      const read = await importPath(path).catch(() => ({ rows: [], violations: [] as Violation[] }));
      rows += read.rows.filter(({ n_trials: trials }) => trials > 0).length;
      if (read.violations.length > 0) flagged[path.slice(samples.length + 1)] = read.violations.map(({ balance }) => balance);
    }
    console.log(`${rows} rows of ${samples}`);
    expect(rows).toBeGreaterThan(150);
    expect(flagged).toEqual(FLAGGED);
  }, 120_000); // prettier-ignore
});
