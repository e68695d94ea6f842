// Rows that cannot be true, through the built server and the built command line: said by the import, kept, listed by the reconciliation
// with balance, factor and cause, and named by the status.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeTree } from '../campaign/bundles.ts';
import { serve } from '../campaign/imported.ts';
import { DENSE_32B } from '../campaign/reconcile/evidence.ts';
import { connect, ERAS, freshRoot, removeRoot, type Connection } from './connect.ts';
import { runCli } from './run-cli.ts';

let root: string;
let server: Connection;

/** 64 requests at concurrency 8 in ten seconds, 1.25 s each; `more` is what a file says wrong. */
const run = (more: object = {}): object => serve({ mean_ttft_ms: 250, mean_tpot_ms: 10, mean_e2el_ms: 1240, ...more });

const IDENTITY = { hardware: 'B200', quant: 'BF16', tensor_parallel: 4 };

beforeAll(async () => {
  root = freshRoot();
  server = await connect(ERAS[0], { root });
  writeTree(root, {
    'campaign.yaml': { name: 'balances', cells: [] },
    'honest/c8.json': run(),
    'wrong/c8.json': run({ mean_e2el_ms: 1.24, mean_ttft_ms: 0.25 }),
    'wrong/c16.json': run({
      max_concurrency: 16,
      mean_tpot_ms: 20,
      median_tpot_ms: 20,
      mean_ttft_ms: 500,
      mean_e2el_ms: 2480,
    }),
    'model/config.json': DENSE_32B,
    'table.csv': 'a,b\n1,2\n',
    'steps.csv':
      'ctx_tokens,ctx_requests,ctx_kv_tokens,decode_tokens,decode_requests,decode_kv_tokens,latency_ms\n8192,2,0,0,0,0,133.953\n',
  });
  await server.call('perf_tune_report_campaign_init', { config: 'campaign.yaml' });
});
afterAll(async () => {
  await server.close();
  removeRoot(root);
});

const bring = (bundle: string, more: object = {}) =>
  server.call('perf_tune_report_import_bench', { campaign: 'balances', bundle, ...IDENTITY, ...more });

describe('a campaign', () => {
  test('an import says of a row that it cannot be true, and keeps it', async () => {
    expect((await bring('honest')).structured).toMatchObject({ row_count: 1, violations: [] });
    const { text, structured } = await bring('wrong');
    expect(structured).toMatchObject({
      row_count: 2,
      violations: [
        { cell_id: 'wrong', concurrency: 8, balance: 'littles_law', severity: 'impossible', likely_cause: 'seconds_for_ms' },
        { cell_id: 'wrong', concurrency: 8, balance: 'tpot_throughput', severity: 'impossible' },
      ],
    });
    expect(text).toMatch(/1 row cannot be true; kept, .* \(wrong at concurrency 8\): requests per second x time of a request/);
    const rows = JSON.parse(readFileSync(join(String(structured['campaign_dir']), 'cells/wrong/normalized.json'), 'utf8'));
    expect(rows).toHaveLength(2);
  }); // prettier-ignore

  test('the reconciliation lists it with both figures, and says what it could not check', async () => {
    const { structured, text } = await server.call('perf_tune_report_reconcile', { campaign: 'balances' });
    expect(structured).toMatchObject({ row_count: 3, impossible_rows: 1, odd_rows: 0 });
    expect(text).toMatch(/^1 of 3 rows cannot be true, 0 more are odd\nimpossible wrong:c8:[0-9a-f]{8} littles_law: /);
    expect(text).toContain('not checked: bound of 3 rows: no config of the model was given');
    const { stdout, code } = await runCli(['reconcile', 'balances', '--csv'], { root, program: resolve('dist/perftunereport.mjs') });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^row_id,severity,balance,expected,seen,factor,unit,likely_cause,says\r\nwrong:c8:/);
  }); // prettier-ignore

  test('with a config of the model rows are held against the bound, steps of an engine too', async () => {
    await bring('honest', { cell_id: 'h100', hardware: 'H100', max_num_batched_tokens: 2048 });
    const ask = { campaign: 'balances', cell: 'h100', model_config: 'model' };
    expect((await server.call('perf_tune_report_reconcile', ask)).structured).toMatchObject({ impossible_rows: 0 });
    const { structured } = await server.call('perf_tune_report_reconcile', { ...ask, engine_steps: 'steps.csv' });
    expect(structured['violations']).toMatchObject([
      { cell_id: 'h100', balance: 'configuration', expected: 2048, seen: 8192 },
      { cell_id: 'h100', balance: 'bound', likely_cause: 'wrong_gpu_label' },
    ]);
  });

  test('the status names cells with such rows once they are in the atlas', async () => {
    await server.call('perf_tune_report_atlas_aggregate', { campaign: 'balances' });
    const { structured, text } = await server.call('perf_tune_report_campaign_status', { campaign: 'balances' });
    expect(structured['cells']).toMatchObject([
      { cell_id: 'h100', impossible_rows: 0 },
      { cell_id: 'honest', impossible_rows: 0 },
      { cell_id: 'wrong', impossible_rows: 1 },
    ]);
    expect(text).toContain('1 row of wrong cannot be true and is not used: perf_tune_report_reconcile says why');
  });

  test.each([
    ['steps of no cell', { engine_steps: 'steps.csv' }, 'cell_missing'],
    ['a cell that holds no rows', { cell: 'none' }, 'rows_missing'],
    ['a table that is none of steps', { cell: 'wrong', engine_steps: 'table.csv' }, 'engine_steps_invalid'],
    ['a config that is none', { model_config: 'steps.csv' }, 'json_syntax'],
  ])('%s is refused', async (_name, more, code) => {
    const { isError, structured } = await server.call('perf_tune_report_reconcile', { campaign: 'balances', ...more });
    expect(isError).toBe(true);
    expect(JSON.stringify(structured)).toContain(code);
  });
});
