// A campaign from its YAML to its atlas, through the built server and the built command line.
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CELL, NCU, NSYS, serveBlock, writeTree, ZYMTRACE } from '../campaign/bundles.ts';
import { connect, ERAS, freshRoot, removeRoot, type CallResult, type Connection } from './connect.ts';
import { runCli } from './run-cli.ts';

const ID = 'ab-20260523T010203Z';

let root: string;
let server: Connection;
const call = (verb: string, args: Record<string, unknown>): Promise<CallResult> => server.call(verb, args);

beforeAll(async () => {
  root = freshRoot();
  server = await connect(ERAS[0], { root });
  writeTree(join(root, 'captures'), { ...NSYS, ...NCU, ...ZYMTRACE });
  writeTree(root, {
    'campaign.yaml': {
      name: 'A/B',
      experiment_id: ID,
      cells: [CELL, { ...CELL, cell_id: 'mtp-k2', mtp: true, vllm_sweep: { serve_cmd: 'x', bench_cmd: 'y' } }],
    },
    'ab/base/c8-t1.txt': serveBlock({ requests: 80, seconds: 40, tpot: 14 }),
    'ab/base/c8-t2.txt': serveBlock({ requests: 80, seconds: 20, tpot: 10 }),
    'ab/base/c8-t3.txt': serveBlock({ requests: 80, seconds: 25, tpot: 12 }),
    'ab/base/c1-t1.txt': serveBlock({ requests: 0, seconds: 10 }),
    'ab/base/result.json': { tp: 8, warm: true, engine: 'vllm', max_num_seqs: 64 },
    'ab/mtp-k2/c8-t1.txt': serveBlock({ requests: 10, seconds: 5 }),
    'ab/notes.md': 'nothing',
    'sweep/inference_perfbench_v1.json': {
      model: 'org/other-FP8',
      hardware: 'H100 80GB',
      tensor_parallel: 4,
      speculative_decoding: { method: 'mtp', num_speculative_tokens: 3 },
    },
    'sweep/raw/sweep-K1-c1.txt': serveBlock({ requests: 10, seconds: 10 }),
    'sweep/raw/sweep-K3-c1.txt': serveBlock({ requests: 10, seconds: 8 }),
    'eval/results.json': { results: { gsm8k: { 'exact_match,none': 0.9 } }, model_name: 'org/model' },
    'roof/decode_sweep.jsonl': '{"c": 1, "isl": 256, "osl": 512, "bench": {"median_tpot_ms": 14}}',
    'roof/prefill_sweep.jsonl': '{"c": 1, "isl": 512, "osl": 1, "bench": {"median_ttft_ms": 25}}',
    'model.json': { hidden_size: 64 },
    'suite/bench-workloads.json': { workloads: [{ tag: 'aa-1k', dataset: 'aa', isl: 1000, osl: 1000 }] },
    'suite/aa-1k-c10.txt': serveBlock({ requests: 100, seconds: 60, isl: 998, osl: 1000 }),
  });
});
afterAll(async () => {
  await server.close();
  removeRoot(root);
});

describe('a campaign', () => {
  test('a dry run writes nothing; then the folder is there, its config frozen byte for byte', async () => {
    const planned = await call('perf_tune_report_campaign_init', { config: 'campaign.yaml', dry_run: true });
    expect(planned.text).toMatch(/^would begin campaign /);
    expect(existsSync(join(root, 'campaigns'))).toBe(false);
    const { structured } = await call('perf_tune_report_campaign_init', { config: 'campaign.yaml', family: 'glm' });
    expect(structured).toMatchObject({
      experiment_id: ID,
      slug: 'a-b',
      family: 'glm',
      cell_count: 2,
      cells_to_import: ['base'],
    });
    const folder = join(root, 'campaigns', ID);
    expect(readFileSync(join(folder, 'config.yaml'))).toEqual(readFileSync(join(root, 'campaign.yaml')));
    for (const name of ['SOURCE.md', 'summary.md', 'sol-summary.md', 'provenance.json', 'cells', 'commands'])
      expect(existsSync(join(folder, name))).toBe(true);
    expect(readFileSync(join(root, 'campaigns', '.gitignore'), 'utf8')).toBe('*\n');
  });

  test('a second of the same name is refused, and the first stays', async () => {
    const again = await call('perf_tune_report_campaign_init', { config: 'campaign.yaml' });
    expect(again).toMatchObject({ isError: true });
    expect(again.text).toContain('exists and is not touched');
  });

  test('results that hold a credential are refused whole, by file and line', async () => {
    writeTree(join(root, 'leaky'), {
      'c8-t1.txt': `${serveBlock({ requests: 80, seconds: 40 })}\nAuthorization: Bearer abcdefghijklmnop1234567890\n`,
    });
    const asked = { campaign: ID, bundle: 'leaky', cell_id: 'base' };
    for (const dry_run of [true, false]) {
      const refused = await call('perf_tune_report_import_bench', { ...asked, dry_run });
      expect(refused).toMatchObject({ isError: true, structured: { error: { code: 'secret_in_source' } } });
      expect(refused.text).not.toContain('abcdefghijklmnop');
    }
    expect(existsSync(join(root, 'campaigns', ID, 'cells', 'base'))).toBe(false);
  });

  test('repeats of an arm become trials, and a run without an answer a failed point', async () => {
    const planned = await call('perf_tune_report_import_variant_ab', { campaign: ID, bundle: 'ab', dry_run: true });
    expect(planned).toMatchObject({
      text: expect.stringContaining('would import 3 rows'),
      structured: { written: false },
    });
    const { structured, text } = await call('perf_tune_report_import_variant_ab', { campaign: ID, bundle: 'ab' });
    expect(structured).toMatchObject({
      row_count: 3,
      cells: [
        { cell_id: 'base', status: 'partial', rows: 2, trials: 3 },
        { cell_id: 'mtp-k2', status: 'full', rows: 1, trials: 1 },
      ],
      unread: [{ path: 'ab/notes.md' }, { path: 'base/c1-t1.txt' }].map(({ path }) =>
        expect.objectContaining({ path: path.replace('ab/', '') }),
      ),
    });
    expect(text).toContain('fewer than twice the concurrency');
    const rows = JSON.parse(readFileSync(join(root, 'campaigns', ID, 'cells', 'base', 'normalized.json'), 'utf8'));
    expect(rows.find((row: { concurrency: number }) => row.concurrency === 8)).toMatchObject({
      tpot_median_ms: 12,
      output_tps_per_user: 1000 / 12,
      cache_mode: 'warm',
      serving_engine: 'vllm',
      max_num_seqs: 64,
      n_gpus: 8,
      n_trials: 3,
      output_tps_per_gpu: (80 * 512) / 25 / 8,
    });
    expect(rows.find((row: { status: string }) => row.status === 'failed')).toMatchObject({
      concurrency: 1,
      ttft_avg_ms: null,
    });
  });

  test('an import into a cell that is filled is refused', async () => {
    expect((await call('perf_tune_report_import_variant_ab', { campaign: ID, bundle: 'ab' })).text).toContain(
      'already holds rows',
    );
  });

  test('a sweep over speculative tokens is a cell for each, with its own number', async () => {
    const { structured } = await call('perf_tune_report_import_bench', { campaign: ID, bundle: 'sweep', cell_id: 'k' });
    expect(structured).toMatchObject({
      layout: 'inference_perf_bench',
      cells: [{ cell_id: 'k' }, { cell_id: 'k-K3' }],
    });
    const [row] = JSON.parse(readFileSync(join(root, 'campaigns', ID, 'cells', 'k', 'normalized.json'), 'utf8'));
    expect(row).toMatchObject({
      num_speculative_tokens: 1,
      quant: 'FP8',
      hardware: 'H100',
      tensor_parallel: 4,
      model: 'org/other-FP8',
    });
  });

  test('a suite of workloads is a cell for each, its lengths measured', async () => {
    await call('perf_tune_report_import_workloads', { campaign: ID, bench_dir: 'suite' });
    const [row] = JSON.parse(readFileSync(join(root, 'campaigns', ID, 'cells', 'aa-1k', 'normalized.json'), 'utf8'));
    expect(row).toMatchObject({ dataset: 'aa', mean_input_tokens: 998, extra: { isl: 1000, workload: 'aa-1k' } });
  });

  test('scores of a model and a roofline sweep are cells of their own', async () => {
    const found = await call('perf_tune_report_import_model_eval', {
      campaign: ID,
      bundle: 'eval',
      cell_id: 'quality',
    });
    expect(found.structured).toMatchObject({ layout: 'model_eval', cells: [{ cell_id: 'quality', status: 'full' }] });
    const swept = await call('perf_tune_report_import_roofline_sweep', {
      campaign: ID,
      bundle: 'roof',
      model_config: 'model.json',
      cache_mode: 'cold',
    });
    expect(swept.structured).toMatchObject({ cells: [{ cell_id: 'roof-decode' }, { cell_id: 'roof-prefill' }] });
    const path = join(root, 'campaigns', ID, 'cells', 'roof-decode', 'roofline_sweep.json');
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ analytical_shape: { config: { hidden_size: 64 } } });
    for (const cell of ['quality', 'roof-decode', 'roof-prefill'])
      rmSync(join(root, 'campaigns', ID, 'cells', cell), { recursive: true });
  });

  test('captures of kernels lie beside the rows, each in its own unit, and are not replaced', async () => {
    const bundle = { campaign: ID, bundle: 'captures', cell_id: 'base' };
    expect((await call('perf_tune_report_import_nsys', bundle)).structured).toMatchObject({
      cells: [{ cell_id: 'base', kernels: 2, unit: 'ns' }],
    });
    expect((await call('perf_tune_report_import_zymtrace', bundle)).structured).toMatchObject({
      cells: [{ kernels: 2, unit: 'samples' }],
    });
    expect((await call('perf_tune_report_import_ncu', bundle)).structured).toMatchObject({ cells: [{ kernels: 1 }] });
    expect((await call('perf_tune_report_import_nsys', bundle)).text).toContain('already holds kernels of nsys');
    const cell = join(root, 'campaigns', ID, 'cells', 'base');
    expect(JSON.parse(readFileSync(join(cell, 'kernels.json'), 'utf8'))).toMatchObject({
      captured_sources: ['nsys', 'zymtrace'],
      sources: [
        { unit: 'ns', per_category: { NCCL: 3000 }, top_kernels: [{ value: 3000, calls: 3, category: 'NCCL' }, {}] },
        { unit: 'samples', per_category: { NCCL: 30, Other: 5 } },
      ],
    });
    expect(existsSync(join(cell, 'ncu_kernels.json'))).toBe(true);
    for (const name of ['kernels.json', 'ncu_kernels.json']) rmSync(join(cell, name));
  });

  test('what nobody says and a row must have is asked for', async () => {
    writeTree(root, { 'elsewhere.yaml': { name: 'empty', cells: [] } });
    await call('perf_tune_report_campaign_init', { config: 'elsewhere.yaml' });
    const refused = await call('perf_tune_report_import_bench', {
      campaign: 'empty',
      bundle: 'ab/base',
      dry_run: true,
    });
    expect(refused.text).toContain('give model, hardware, quant, tensor_parallel, or name the cell');
  });

  test('the atlas unites the cells, and the second time copies those that did not change', async () => {
    const first = await call('perf_tune_report_atlas_aggregate', { campaign: ID });
    expect(first.text.split('\n')[0]).toBe(
      'Coverage: 5 atlas cells | 4 full sweeps | 1 partial sweeps | 0 failed cells | 5 plot-ready concurrency points',
    );
    const atlas = join(root, 'campaigns', ID, 'atlas.jsonl');
    const text = readFileSync(atlas, 'utf8');
    expect(text.trimEnd().split('\n')).toHaveLength(6);
    const second = await call('perf_tune_report_atlas_aggregate', { campaign: ID });
    expect(second.structured).toMatchObject({ unchanged: 5, atlas_sha256: first.structured['atlas_sha256'] });
    expect(readFileSync(atlas, 'utf8')).toBe(text);
  });

  test('a damaged cell is named and left out, the others stay', async () => {
    const folder = join(root, 'campaigns', ID, 'cells', 'broken');
    mkdirSync(folder);
    writeFileSync(join(folder, 'normalized.json'), '[{"cell_id": "broken", "tensor_parallel": "eight"}]');
    mkdirSync(join(root, 'campaigns', ID, 'cells', 'waiting'));
    const { structured } = await call('perf_tune_report_atlas_aggregate', { campaign: ID });
    expect(structured).toMatchObject({
      row_count: 6,
      damaged: [{ cell: 'broken', reason: expect.stringContaining('row 1') }],
      skipped: [{ cell: 'waiting', reason: 'no normalized.json' }],
    });
  });

  test('a dry run counts and leaves the atlas as it is', async () => {
    const atlas = join(root, 'campaigns', ID, 'atlas.jsonl');
    const before = statSync(atlas).mtimeMs;
    const { structured } = await call('perf_tune_report_atlas_aggregate', { campaign: ID, dry_run: true });
    expect(structured).toMatchObject({ row_count: 6 });
    expect(statSync(atlas).mtimeMs).toBe(before);
  });

  test('the status says what is missing and the call that brings it', async () => {
    const { structured, text } = await call('perf_tune_report_campaign_status', { campaign: ID });
    expect(structured).toMatchObject({ done: false });
    expect(text).toContain('open roofline: no cell has kernels, counters or a roofline sweep with counters');
    expect(text).toMatch(/(next|with results of a cell): perf_tune_report_\w+ \{"campaign":/);
  });

  test('perftunereport gives the next call in its own words', async () => {
    const { code, stdout } = await runCli(['campaign_status', '--campaign', ID], {
      root,
      program: resolve('dist/perftunereport.mjs'),
    });
    expect(code).toBe(0);
    expect(stdout).toMatch(/(next|with results of a cell): perftunereport \w+ --campaign/);
    expect(stdout).not.toContain('profile-and-optimize perf_tune_report');
  });

  test('the atlas is recorded as a baseline, and a slower one is found', async () => {
    const atlas = join(root, 'campaigns', ID, 'atlas.jsonl');
    await server.call('perf_baseline_record', { family: 'ab', measurement: 'atlas', source: atlas });
    const slower = readFileSync(atlas, 'utf8').replaceAll(/"(tpot_(?:median|p50)_ms)":([\d.]+)/g, (_, field, ms) =>
      `"${field}":${3 * Number(ms)}`,
    ); // prettier-ignore
    writeFileSync(join(root, 'slower.jsonl'), slower);
    const { text } = await server.call('perf_baseline_diff', {
      baseline: 'ab/atlas@latest',
      current: 'slower.jsonl',
      strict: true,
    });
    expect(text).toMatch(/tpot_p50_ms.*\+200/);
  });
});
