// Folders of results by their layout, read into rows: what a summary or a log of requests says, and never more than that.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { measuredRow } from '../../src/campaign/measured-row.ts';
import { rowLine } from '../../src/campaign/row-text.ts';
import { findVerb } from '../../src/catalog/find-verb.ts';
import { serveBlock } from './bundles.ts';
import { importing, serve } from './imported.ts';

const imported = importing();

const request = (start: number, seconds: number, more: object = {}): string =>
  JSON.stringify({
    started_at: start,
    duration_s: seconds,
    http_status: 200,
    prompt_tokens: 1000,
    completion_tokens: 101,
    error: null,
    ...more,
  });

describe('a log of requests', () => {
  test('gives rates over the time of the answered requests, and the decode speed that a user saw', async () => {
    const { cells, layout } = await imported('load', {
      'bench-c004/raw/load.jsonl': [0, 1, 2, 3].map((at) => request(at, 2, { ttft_s: 1 })).join('\n'),
    });
    expect(layout).toBe('drive_load');
    expect(cells[0]?.rows).toMatchObject([
      {
        concurrency: 4,
        status: 'full',
        backend: 'drive-load',
        request_throughput_avg: 4 / 5,
        output_tps_per_gpu: 404 / 5 / 8,
        ttft_avg_ms: 1000,
        tpot_median_ms: 10,
        output_tps_per_user: 100,
        e2e_p99_ms: 2000,
        mean_input_tokens: 1000,
        extra: { steady_window_undercount: true },
      },
    ]);
  });

  test('of a short run has the rate of its full part beside that of the whole', async () => {
    const { rows, warnings } = await imported('short load', {
      'bench-c004/raw/load.jsonl': [0, 0, 0, 0, 2, 2].map((at) => request(at, 2, { ttft_s: 1 })).join('\n'),
    });
    expect(rows).toMatchObject([{ output_tps_per_gpu: 606 / 4 / 8, steady_output_tps_per_gpu: 404 / 2 / 8, extra: { steady_window_s: 2 } }]); // prettier-ignore
    expect(warnings.join()).toContain('trimmed to its full part it is +33 %');
  });

  test('does not know a decode speed without first tokens, and is partial where requests failed', async () => {
    const lines = [request(0, 3), request(1, 3), request(1, 9, { http_status: 500, error: 'boom' })];
    const { cells } = await imported('failing', { 'bench-c002/raw/load.jsonl': lines.join('\n') });
    expect(cells[0]?.rows).toMatchObject([
      { status: 'partial', completed_requests: 2, failed_requests: 1, duration_s: 4, ttft_avg_ms: null, output_tps_per_user: null },
    ]);
  }); // prettier-ignore

  test.each([
    ['no answer', request(0, 1, { error: 'boom' }), 'no request was answered'],
    ['a damaged line', `${request(0, 1)}\n{"started_at": 1,`, 'json'],
  ])('with %s is a failed point', async (name, text, reason) => {
    const { cells } = await imported(`failed ${name}`, {
      'bench-c008/raw/load.jsonl': text,
      'bench-c004/raw/load.jsonl': request(0, 1),
    });
    expect(cells[0]?.rows).toMatchObject([
      { concurrency: 4 },
      { concurrency: 8, status: 'failed', notes: expect.stringContaining(reason) },
    ]);
  });
});

test('a summary of variants is a cell for each; what it does not say stays unknown', async () => {
  const { cells } = await imported('lws', {
    'summary.json': {
      variants: [
        {
          short: 'base',
          label: 'base (mns=40)',
          knob: 'mns=40, mbt=32768, kv=fp8',
          metrics_per_concurrency: [
            { c: 32, req_per_s: 2, output_tps: 1024, ttft_p99_ms: 900, tpot_median_ms: null },
            { concurrency: 1, req_per_s: 0.14, output_tps: 80, ttft_median_ms: 198.58, tpot_median_ms: 12.5, path: 'a/c1.txt' },
          ],
        },
        { short: 'E4', dataset: 'sharegpt', metrics_per_concurrency: [{ concurrency: 1, output_tps: 77 }] },
      ],
    },
  });
  expect(cells.map(({ cellId }) => cellId)).toEqual(['base', 'E4']);
  expect(cells[0]?.rows).toMatchObject([
    { concurrency: 1, output_tps_per_user: 80, output_tps_per_gpu: 10, max_num_batched_tokens: 32768, max_num_seqs: 40, kv_cache_dtype: 'fp8', extra: { source_path: 'a/c1.txt' } },
    { concurrency: 32, ttft_avg_ms: null, ttft_p99_ms: 900, tpot_median_ms: null, output_tps_per_user: null },
  ]);
  expect(cells[1]?.rows).toMatchObject([{ dataset: 'sharegpt', request_throughput_avg: null, mean_input_tokens: null }]);
}); // prettier-ignore

test('rows are kept as they are, from cells first and from the atlas what no cell holds', async () => {
  const row = (cellId: string, tpot: number) =>
    measuredRow({
      cellId,
      concurrency: 8,
      identity: { model: 'org/model', hardware: 'B200', quant: 'NVFP4', tensor_parallel: 8 },
      runs: [{ path: 'x', values: { tpot_p50_ms: tpot }, counts: {}, validity: [], replicate_level: null, context: {} }],
      status: 'full',
      capturedAt: '2026-05-01T00:00:00Z',
      notes: ['as it was'],
      extra: {},
    }); // prettier-ignore
  const { cells, unread } = await imported(
    'rows',
    {
      'cells/a/normalized.json': [row('a', 10)],
      'atlas.jsonl': `${rowLine(row('a', 99))}${rowLine(row('b', 20))}`,
      'config.yaml': 'x',
    },
    {},
  );
  expect(cells.map(({ rows }) => rows)).toEqual([[row('a', 10)], [row('b', 20)]]);
  expect(unread).toEqual([{ path: 'config.yaml', reason: 'holds no rows' }]);
});

describe('scores of lm-eval', () => {
  const score = async (name: string, document: object) =>
    (await imported(name, { 'results.json': document })).cells[0]?.rows;

  test('are the quality of one row that holds no speed; the filter is named where a task has two', async () => {
    const rows = await score('eval', {
      results: {
        mmlu_pro: { 'exact_match,custom-extract': 0.744, 'exact_match_stderr,custom-extract': 0.01, alias: 'mmlu' },
        gsm8k: { 'exact_match,strict-match': 0.94, 'exact_match,flexible-extract': 0.95 },
        arc: { 'acc,none': 0.5, 'acc_norm,none': 0.6, 'perplexity,none': 9 },
      },
    });
    expect(rows).toMatchObject([
      {
        concurrency: 1,
        status: 'full',
        backend: 'model-eval',
        dataset: 'eval',
        ttft_avg_ms: null,
        max_num_batched_tokens: 0,
        extra: {
          metric_kind: 'eval_acc',
          eval_tasks: ['mmlu_pro', 'gsm8k', 'arc'],
          quality_metrics: {
            mmlu_pro_exact_match: 0.744,
            'gsm8k_exact_match_strict-match': 0.94,
            'gsm8k_exact_match_flexible-extract': 0.95,
            arc_acc: 0.5,
            arc_acc_norm: 0.6,
          },
        },
      },
    ]);
    expect(rows?.[0]?.extra['quality_metrics']).not.toHaveProperty('arc_perplexity');
  });

  test('of the older form have no filter', async () => {
    const rows = await score('old-eval', {
      results: { arc_easy: { acc: 0.24, acc_norm: 0.25, acc_stderr: 0.008 } },
      versions: { arc_easy: 0 },
    });
    expect(rows?.[0]?.extra['quality_metrics']).toEqual({ arc_easy_acc: 0.24, arc_easy_acc_norm: 0.25 });
  });
});

describe('a roofline sweep', () => {
  const line = (more: object): string => JSON.stringify({ seed: 0, num_prompts: 32, ...more });
  const sweep = {
    'decode_sweep.jsonl': [
      line({ c: 4, isl: 256, osl: 512, bench: { median_tpot_ms: 20, median_ttft_ms: 60, output_throughput: 800, request_throughput: 1.6, total_input_tokens: 8000, duration: 20 }, dcgm_steady: { sm_active_mean: 0.2, dram_active_mean: 0.3, tensor_active_mean: 0.1 } }),
      line({ c: 32, isl: 256, osl: 512, bench: { median_tpot_ms: 25, output_throughput: 4000, request_throughput: 8 } }),
      line({ c: 64, isl: 256, osl: 512 }),
    ].join('\n'),
    'prefill_sweep.jsonl': [512, 2048].map((isl) => line({ c: 1, isl, osl: 1, bench: { median_ttft_ms: isl / 20, median_tpot_ms: 0 } })).join('\n'),
    'roofline_sweep_manifest.json': { model: 'org/model', hardware: 'B200', quant: 'NVFP4', tensor_parallel: 8, kv_dtype: 'fp8' },
    'model_config.json': { hidden_size: 64 },
  }; // prettier-ignore

  test('is a cell of decode and one of prefill points, with what DCGM saw of each', async () => {
    const { cells } = await imported('roof', sweep, {});
    expect(cells.map(({ cellId }) => cellId)).toEqual(['roof-decode', 'roof-prefill']);
    expect(cells[0]?.rows).toMatchObject([
      { concurrency: 4, output_tps_per_gpu: 100, output_tps_per_user: 50, dcgm_sm_active: 0.2, dcgm_dram_active: 0.3, dcgm_tensor_active: 0.1, mean_input_tokens: 250, mean_output_tokens: 500, kv_cache_dtype: 'fp8', extra: { phase: 'decode', isl: 256 } },
      { concurrency: 32, extra: { steady_window_undercount: true } },
      { concurrency: 64, status: 'failed', notes: expect.stringContaining('holds no bench') },
    ]);
    expect(cells[1]?.rows).toMatchObject([
      { tpot_median_ms: null, output_tps_per_user: null, extra: { phase: 'prefill', isl: 512 } },
      { extra: { phase: 'prefill', isl: 2048 } },
    ]);
  }); // prettier-ignore

  test('has its points beside the decode rows, with the config of the model and no figure that nobody computed', async () => {
    const { cells } = await imported('roof-points', sweep, {});
    expect(cells[1]?.files).toEqual([]);
    expect(cells[0]?.files[0]?.name).toBe('roofline_sweep.json');
    expect(JSON.parse(cells[0]?.files[0]?.text ?? '')).toMatchObject({
      schema: 'roofline_sweep_points_v1',
      hardware: 'B200',
      tensor_parallel: 8,
      kv_dtype: 'fp8',
      decode: [{ c: 4, sm_active: 0.2, arithmetic_intensity: null }, { c: 32 }, { c: 64 }],
      prefill: [{ isl: 512, median_tpot_ms: null }, { isl: 2048 }],
      analytical_shape: { source: 'model_config.json', config: { hidden_size: 64 } },
      answers: { most_flops: { concurrency: 32, basis: 'output_rate', tflops_per_gpu: null }, memory: null },
      analytical_summary: null,
      analytical_reason: expect.stringContaining('num_hidden_layers'),
    });
  });

  test('stands under the roofline of its model, with its two answers and a row of roofline_v1 for each measured point', async () => {
    const model = JSON.parse(readFileSync('test/fixtures/roofline/dense.json', 'utf8'));
    const { cells } = await imported('roof-model', { ...sweep, 'model_config.json': model }, { max_num_batched_tokens: 4096 });
    const files = new Map(cells[0]?.files.map(({ name, text }) => [name, JSON.parse(text ?? '')]));
    expect(files.get('roofline_sweep.json')).toMatchObject({
      decode: [{ c: 4, achieved_tflops_per_gpu: expect.any(Number), flags: [] }, { c: 32 }, { c: 64, arithmetic_intensity: null }],
      answers: { most_flops: { concurrency: 32, basis: 'flops', at_edge: true }, memory: { concurrency: 32, reached: false } },
      analytical_summary: { params_total: 86_848 },
      analytical_reason: null,
    });
    const { schema, rows } = files.get('roofline_v1.json');
    expect([schema, rows.length]).toEqual(['roofline_v1', 4]);
    expect(Object.keys(rows[0])).toHaveLength(26);
    expect(rows[0]).toMatchObject({
      campaign_id: 'a-campaign', cell_id: 'roof-model-decode', hardware: 'B200', kv_dtype: 'fp8', phase: 'decode', concurrency: 4, isl: 256, osl: 512,
      median_tpot_ms: 20, dram_active_pct: 30, tensor_active_pct: 10, compute_peak_pflops_per_gpu: 9, hbm_peak_tbps_per_gpu: 8, ridge_ai: 1125,
    });
    expect(rows[2]).toMatchObject({ cell_id: 'roof-model-prefill', phase: 'prefill', median_tpot_ms: null });
  }); // prettier-ignore
});

describe('a tree of results', () => {
  test('of several configurations is a cell for each, named by what differs', async () => {
    const { cells, unread } = await imported(
      'mixed',
      {
        'one.json': serve({ tensor_parallel_size: 8 }),
        'two.json': serve({ tensor_parallel_size: 4 }),
        'other.json': serve({ tensor_parallel_size: 4, model_id: 'org/other' }),
        'readme.txt': 'nothing',
      },
      { hardware: 'B200', quant: 'NVFP4' },
    );
    expect(cells.map(({ cellId, rows }) => [cellId, rows[0]?.output_tps_per_gpu])).toEqual([
      ['mixed-model-tensor_parallel-8', 80],
      ['mixed-other-tensor_parallel-4', 160],
      ['mixed-model-tensor_parallel-4', 160],
    ]);
    expect(unread).toMatchObject([{ path: 'readme.txt', reason: expect.stringContaining('format_unknown') }]);
  });

  test('a text of no benchmark fails no point; a run without an answer does', async () => {
    const { cells } = await imported('tree', {
      'c1/run.txt': serveBlock({ requests: 10, seconds: 5 }),
      'c8/run.txt': serveBlock({ requests: 0, seconds: 5 }),
      'notes.txt': 'nothing',
    });
    expect(cells[0]?.rows.map(({ concurrency, status }) => [concurrency, status])).toEqual([
      [1, 'full'],
      [8, 'failed'],
    ]);
  });

  test('of AIPerf tables takes the load from the folder', async () => {
    const table = 'Metric,avg,p50,p99\nTime to First Token (ms),120.00,110.00,300.00\nInter Token Latency (ms),9.00,8.00,12.00\n\nMetric,Value\nRequest Count,50\nRequest Throughput (requests/sec),2.00\nOutput Token Throughput (tokens/sec),800.00\n'; // prettier-ignore
    const { cells } = await imported('aiperf', { 'c16/profile_export_aiperf.csv': table });
    expect(cells[0]?.rows).toMatchObject([
      { concurrency: 16, ttft_avg_ms: 120, tpot_median_ms: 8, output_tps_per_gpu: 100 },
    ]);
  });
});

test('the older name of the importer is the same verb', () => {
  expect(findVerb('perf_tune_report_import_perf_bench')?.name).toBe('perf_tune_report_import_bench');
});
