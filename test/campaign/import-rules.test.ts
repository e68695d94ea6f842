// What an import makes of runs that are short, unlike, failed or unreadable: marked, kept apart and said, never merged or dropped.
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseCampaignConfig } from '../../src/campaign/config.ts';
import { parseRows } from '../../src/campaign/row-text.ts';
import { pointKey } from '../../src/campaign/row.ts';
import { CELL, serveBlock } from './bundles.ts';
import { IDENTITY, importing, serve } from './imported.ts';

const imported = importing();

/** Requests that start as slots get free: `waves` times `slots` of them, one second each, of which the first eighth is the prompt's. */
const requests = (slots: number, count: number) => {
  const starts = Array.from({ length: count }, (_, index) => Math.floor(index / slots));
  return {
    start_times: starts,
    ttfts: starts.map(() => 0.125),
    itls: starts.map(() => Array.from({ length: 7 }, () => 0.125)),
    output_lens: starts.map(() => 8),
    errors: starts.map(() => ''),
  };
};

describe('a window of fewer requests than twice the concurrency', () => {
  // Eight slots, twelve requests: in the second second half of the slots are empty.
  const short = serve({
    num_prompts: 12,
    completed: 12,
    duration: 2,
    total_output_tokens: 96,
    total_input_tokens: 12000,
    output_throughput: 48,
    request_throughput: 6,
    total_token_throughput: 6048,
    ...requests(8, 12),
  });

  test('is marked, and the rate of its full part stands beside that of the whole', async () => {
    const { rows, warnings } = await imported('short', { 'run.json': short });
    expect(rows).toMatchObject([
      {
        output_tps_per_gpu: 6,
        steady_output_tps_per_gpu: 8,
        waves: 1.5,
        extra: { steady_window_undercount: true, steady_window_s: 1 },
      },
    ]);
    expect(warnings).toEqual([
      'short at concurrency 8: requests are fewer than twice the concurrency, so throughput is undercounted; trimmed to its full part it is +33 % (steady_output_tps_per_gpu)',
    ]);
  });

  test('of many points is one warning', async () => {
    const files = Object.fromEntries(
      [8, 16, 32, 64].map((c) => [`c${c}.txt`, serveBlock({ requests: c + 1, seconds: 5 })]),
    );
    const { warnings } = await imported('many', files);
    expect(warnings).toEqual([
      '4 points, many at concurrency 8 the first: requests are fewer than twice the concurrency, so throughput is undercounted; no times of requests are there to trim the window by',
    ]);
  });

  test('of AIPerf is trimmed by the records of requests beside the summary', async () => {
    const record = (start: number, phase = 'profiling') =>
      JSON.stringify({
        metadata: { x_request_id: 'a', request_start_ns: start * 1e9, request_end_ns: (start + 1) * 1e9, benchmark_phase: phase, was_cancelled: false },
        metrics: { output_sequence_length: { value: 10, unit: 'tokens' }, time_to_first_token: { value: 100, unit: 'ms' } },
      }); // prettier-ignore
    const { rows } = await imported('aiperf-short', {
      'c4/profile_export_aiperf.json': {
        aiperf_version: '0.13',
        request_throughput: { unit: 'requests/sec', avg: 3 },
        request_count: { unit: 'requests', avg: 6 },
        output_token_throughput: { unit: 'tokens/sec', avg: 30 },
        input_config: { loadgen: { concurrency: 4, request_count: 6 } },
      },
      'c4/profile_export.jsonl': [record(-1, 'warmup'), ...[0, 0, 0, 0, 1, 1].map((at) => record(at))].join('\n'),
    });
    expect(rows).toMatchObject([
      {
        waves: 1.5,
        output_tps_per_gpu: 30 / 8,
        steady_output_tps_per_gpu: 5,
        extra: { steady_window_undercount: true },
      },
    ]);
  });
});

describe('runs at one concurrency', () => {
  test.each([
    ['lengths', { total_input_tokens: 128_000, total_token_throughput: 13_440 }],
    ['asked lengths', { random_input_len: 900 }],
    ['rates', { request_rate: 4 }],
  ])('that differ in %s are points, not trials', async (name, change) => {
    const { rows } = await imported(`unlike ${name}`, {
      'arm/c8-t1.json': serve({ random_input_len: 1000 }),
      'arm/c8-t2.json': serve({ random_input_len: 1000, ...change }),
    });
    expect(rows.map(({ n_trials }) => n_trials)).toEqual([1, 1]);
  });

  test('that differ in the data set are points, and the answer says so', async () => {
    const { rows, warnings } = await imported('datasets', {
      'arm/c8-t1.json': serve({ dataset_name: 'random' }),
      'arm/c8-t2.json': serve({ dataset_name: 'sharegpt' }),
      'arm/c8-t3.json': serve({ dataset_name: 'random', date: '20261101-000000' }),
    });
    expect(rows.map(({ dataset, n_trials }) => [dataset, n_trials])).toEqual([['random', 2], ['sharegpt', 1]]); // prettier-ignore
    expect(warnings).toContain(
      'arm at concurrency 8: runs differ in data set or lengths, so they are points of their own and no trials of one another',
    );
  });

  test('of which one says its lengths and another does not are no trials of one another', async () => {
    const { rows } = await imported('silent', {
      'a.csv': 'concurrency,output_throughput,median_tpot_ms\n8,640,10\n',
      'b.json': serve(),
      'c.json': serve({ total_input_tokens: 128_000, total_token_throughput: 13_440 }),
    });
    expect(rows.map(({ mean_input_tokens: isl, n_trials }) => [isl, n_trials])).toEqual([[null, 1], [1000, 1], [2000, 1]]); // prettier-ignore
  });

  test('saved as JSON and as the log of the same run count once', async () => {
    const { rows, unread } = await imported('saved', {
      'c8.log': serveBlock({ requests: 64, seconds: 10, isl: 1000, osl: 100 }),
      'c8.json': serve(),
    });
    expect(rows).toMatchObject([{ n_trials: 1, raw_path: 'c8.json' }]);
    expect(unread).toEqual([{ path: 'c8.log', reason: 'the log of c8.json' }]);
  });

  test('whose prompts were drawn anew are trials', async () => {
    const { rows } = await imported('alike', {
      'arm/c8-t1.json': serve(),
      'arm/c8-t2.json': serve({ total_input_tokens: 65_000, total_token_throughput: 7140 }),
    });
    expect(rows).toMatchObject([{ n_trials: 2 }]);
  });
});

describe('repeats of a point', () => {
  test('that answered unlike numbers of requests count to the worse side', async () => {
    const { rows } = await imported('counts', {
      'arm/c8-t1.json': serve(),
      'arm/c8-t2.json': serve({ completed: 63, failed: 1 }),
    });
    expect(rows).toMatchObject([{ n_trials: 2, completed_requests: 63, failed_requests: 1, num_prompts: 64 }]);
  });

  test('that are copies of one file are one run', async () => {
    const { rows, unread } = await imported('copies', { 'arm/c8-t1.json': serve(), 'arm/c8-t2.json': serve() });
    expect(rows).toMatchObject([{ n_trials: 1 }]);
    expect(unread).toEqual([{ path: 'arm/c8-t2.json', reason: 'the same bytes as arm/c8-t1.json: one run' }]);
  });

  test.each([
    ['an arm', { 'arm/c8-t1.json': serve({ tensor_parallel_size: 8 }), 'arm/c8-t2.json': serve({ tensor_parallel_size: 4 }) }],
    ['a workload', { 'bench-workloads.json': { workloads: [] }, 'chat-c8.json': serve({ tensor_parallel_size: 8 }), 'chat-c16.json': serve({ tensor_parallel_size: 4 }) }],
  ])('of %s whose files differ in a setting are cells, and the answer says so', async (name, files) => {
    const { rows, warnings } = await imported(`unlike ${name}`, files, { hardware: 'B200', quant: 'NVFP4' });
    expect(rows.map(({ tensor_parallel: tp, n_trials }) => [tp, n_trials]).toSorted()).toEqual([[4, 1], [8, 1]]);
    expect(warnings.join()).toContain('files differ in tensor_parallel, so they are 2 cells');
  }); // prettier-ignore

  test('of two models are never trials of one another, though the caller names one', async () => {
    const { cells, warnings } = await imported('models', {
      'a.json': serve({ model_id: 'org/a' }),
      'b.json': serve({ model_id: 'org/b' }),
    });
    expect(cells.map(({ cellId, rows }) => [cellId, rows.length, rows[0]?.n_trials])).toEqual([['models-a', 1, 1], ['models-b', 1, 1]]); // prettier-ignore
    expect(warnings).toContain(
      '2 files, a.json the first, say model org/a, org/b; org/model was given and stands in the rows',
    );
  });
});

test('a result that breaks a rule of rows is a failed point with its value, and the others stay', async () => {
  const { rows } = await imported('broken', {
    'good.json': serve(),
    'bad.json': serve({ max_concurrency: 16, completed: 640 }),
  });
  expect(rows.map(({ concurrency, status, notes }) => [concurrency, status, notes])).toEqual([
    [8, 'full', ''],
    [16, 'failed', expect.stringMatching(/^row_invalid: ok_rate is 10: /)],
  ]);
});

test('GPUs of several replicas that nobody states make the replicas, so that the row keeps its own rules', async () => {
  const { rows } = await imported('replicas', { 'run.json': serve() }, { model: 'org/model', hardware: 'B200', quant: 'NVFP4', tensor_parallel: 8, n_gpus: 16 }); // prettier-ignore
  expect(rows).toMatchObject([{ n_gpus: 16, data_parallel: 2, output_tps_per_gpu: 40 }]);
  expect(() => parseRows(JSON.stringify(rows), 'rows.json')).not.toThrow();
});

test('links and pipes in a bundle are named, not followed', async () => {
  const { unread } = await imported('links', { 'run.json': serve() }, undefined, (folder) => {
    symlinkSync('/etc', join(folder, 'etc'));
    symlinkSync('run.json', join(folder, 'c7.json'));
  });
  expect(unread).toEqual([
    { path: 'c7.json', reason: 'a link, which is not followed' },
    { path: 'etc', reason: 'a link, which is not followed' },
  ]);
});

test('lines of one file have the rate and the settings of their own', async () => {
  const line = (more: object) =>
    JSON.stringify({ backend: 'sglang', dataset_name: 'random', max_concurrency: null, duration: 10, completed: 64, total_input_tokens: 6400, total_output_tokens: 6400, total_output_tokens_retokenized: 6400, output_throughput: 640, median_ttft_ms: 50, sharegpt_output_len: null, random_range_ratio: 1, ...more }); // prettier-ignore
  const { rows } = await imported(
    'lines',
    {
      'runs.jsonl': [
        line({ request_rate: 1, server_info: { tp_size: 8 } }),
        line({ request_rate: 1, server_info: { tp_size: 4 } }),
        line({ request_rate: 2, server_info: { tp_size: 4 } }),
      ].join('\n'),
    },
    { model: 'org/model', hardware: 'B200', quant: 'NVFP4' },
  );
  expect(rows.map(({ request_rate: rate, n_gpus, n_trials }) => [rate, n_gpus, n_trials])).toEqual([
    [1, 8, 1],
    [1, 4, 1],
    [2, 4, 1],
  ]);
});

describe('a file that cannot be read in a tree of several configurations', () => {
  const tree = {
    'tp8/c8.json': serve({ tensor_parallel_size: 8 }),
    'tp4/c8.json': serve({ tensor_parallel_size: 4 }),
  };
  const given = { hardware: 'B200', quant: 'NVFP4' };

  test('makes the cell partial in whose folder it lies', async () => {
    const { cells, unread } = await imported('damaged', { ...tree, 'tp4/c16.json': '{"completed": 1,' }, given);
    expect(cells.map(({ rows }) => rows.map(({ concurrency, status }) => [concurrency, status]))).toEqual([
      [[8, 'full'], [16, 'failed']],
      [[8, 'full']],
    ]); // prettier-ignore
    expect(unread).toMatchObject([{ path: 'tp4/c16.json' }]);
  });

  test('makes every cell partial where nobody can say whose it is', async () => {
    const { cells } = await imported('unclear', { ...tree, 'c16.json': '{"completed": 1,' }, given);
    for (const { rows } of cells)
      expect(rows).toMatchObject([
        { status: 'full' },
        { status: 'partial', concurrency: 16, notes: expect.stringContaining('may belong to any of 2 cells') },
      ]);
  });

  test('and holds no result by its kind fails no cell', async () => {
    const { cells, unread } = await imported('foreign', { ...tree, 'notes.txt': 'nothing' }, given);
    expect(cells.flatMap(({ rows }) => rows.map(({ status }) => status))).toEqual(['full', 'full']);
    expect(unread).toMatchObject([{ path: 'notes.txt' }]);
  });
});

describe('requests that did not come back', () => {
  const guidellm = (limits: object) => ({
    metadata: { version: 2, guidellm_version: '0.8' },
    benchmarks: [
      {
        config: { strategy: { type_: 'concurrent', streams: 8 }, constraints: limits },
        scheduler_state: { successful_requests: 50, errored_requests: 0, cancelled_requests: 8 },
        metrics: {
          request_totals: { successful: 50, errored: 0, incomplete: 8, total: 58 },
          requests_per_second: { successful: { mean: 5 } },
          time_to_first_token_ms: { successful: { mean: 20, percentiles: { p50: 20 } } },
          inter_token_latency_ms: { successful: { mean: 9, percentiles: { p50: 9 } } },
        },
        duration: 10,
      },
    ],
  });

  test('by the end of a window that the clock ended did not complete, and did not fail', async () => {
    const { rows } = await imported('timed', {
      'report.json': guidellm({
        max_seconds: { args: { count: 10 } },
        max_requests: { args: { count: 100 } },
      }),
    });
    expect(rows).toMatchObject([
      {
        status: 'full',
        completed_requests: 50,
        failed_requests: 0,
        num_prompts: 100,
        extra: { not_completed_requests: 50 },
      },
    ]);
  });

  test('make a point partial where nothing else explains them', async () => {
    const { rows } = await imported('counted', { 'report.json': guidellm({ max_requests: { args: { count: 100 } } }) });
    expect(rows).toMatchObject([{ status: 'partial', failed_requests: 0 }]);
  });

  test('at one load of a file with several are a failed point beside those that were measured', async () => {
    const lines = [serve(), serve({ max_concurrency: 64, completed: 0, duration: 3 })];
    const { rows } = await imported('half', { 'runs.jsonl': lines.map((line) => JSON.stringify(line)).join('\n') });
    expect(rows.map(({ concurrency, status, notes }) => [concurrency, status, notes])).toEqual([
      [8, 'full', ''],
      [64, 'failed', 'no request completed'],
    ]);
  });
});

test('a rate of a billion means that everything was sent at once', async () => {
  const { rows } = await imported('rates', { 'run.json': serve({ request_rate: 1e9 }) });
  expect(rows).toMatchObject([{ request_rate: 'inf' }]);
  expect(rows[0]?.extra).not.toHaveProperty('request_rate');
});

test('a rate that its count and duration refute is marked, with both values', async () => {
  const { rows, warnings } = await imported('refuted', { 'run.json': serve({ output_throughput: 1280 }) });
  expect(rows[0]?.extra['contradictions']).toEqual([
    'output_throughput is 1280, but total_output_tokens / duration is 640',
  ]);
  expect(warnings.join()).toContain('the result contradicts itself: output_throughput is 1280');
});

test('a sweep of vLLM counts each run once, and a run that died is a failed point', async () => {
  const folder = 'SERVE--max_num_seqs=64-BENCH--max_concurrency=8';
  const { rows, unread } = await imported('sweep', {
    [`${folder}/run=0.json`]: serve({ run_number: 0 }),
    [`${folder}/run=1.json`]: serve({ run_number: 1 }),
    [`${folder}/summary.json`]: [serve({ run_number: 0 }), serve({ run_number: 1 })],
    [`${folder}/warmup.json`]: serve({ run_number: -1 }),
    'SERVE--max_num_seqs=64-BENCH--max_concurrency=16/run=0.failure.json': {
      run_number: 0,
      error_type: 'TimeoutError',
      error: 'no answer',
      bench_overrides: { max_concurrency: 16 },
    },
    'summary.csv': ',completed\n0,64\n',
  });
  expect(rows).toMatchObject([
    { concurrency: 8, n_trials: 2, status: 'full' },
    { concurrency: 16, status: 'failed', notes: 'TimeoutError: no answer' },
  ]);
  expect(unread.map(({ path, reason }) => [path.split('/').at(-1), reason])).toEqual(
    expect.arrayContaining([
      ['summary.json', 'repeats the runs beside it'],
      ['summary.csv', 'repeats the runs beside it'],
      ['warmup.json', 'a warm-up'],
    ]),
  );
});

test('no two rows of an import are the same point, though a file tells them apart by nothing but their order', async () => {
  const blocks = [80, 90, 0, 0].map((requests) => serveBlock({ requests, seconds: 10 })).join('\n');
  const { rows } = await imported('blocks', { 'log.txt': blocks });
  expect(rows.map(({ status }) => status)).toEqual(['full', 'full', 'failed']);
  expect(rows.map(({ extra }) => extra['block'] ?? null)).toEqual([1, 2, null]);
  expect(new Set(rows.map(pointKey)).size).toBe(3);
});

test('a document that is no operating point is no row', async () => {
  const { rows, unread } = await imported('documents', {
    'run.json': serve(),
    'build.json': { build_time_ms: 12.5 },
  });
  expect(rows).toHaveLength(1);
  expect(unread).toMatchObject([{ path: 'build.json', reason: expect.stringContaining('no operating point of serving') }]); // prettier-ignore
});

describe('results of another model than the config of their cell says', () => {
  const config = (cell_id: string) => parseCampaignConfig(JSON.stringify({ cells: [{ ...CELL, cell_id }] }), 'c.yaml');
  const files = { 'run.json': serve({ model_id: 'org/other', tensor_parallel_size: 8 }) };
  const { model: _unsaid, ...rest } = IDENTITY;

  test('are kept as they are, and said', async () => {
    const { rows, warnings, cells } = await imported('unlike', files, rest, undefined, await config('unlike'));
    expect(cells.map(({ cellId }) => cellId)).toEqual(['unlike']);
    expect(rows[0]?.model).toBe('org/other');
    expect(warnings).toContainEqual(
      'unlike: the results say model org/other (config: org/model); the rows keep what the results say',
    );
  });

  test.each([
    ['the caller says which it is', { ...rest, model: 'org/third' }, 'unlike'],
    ['the cell is none of the config', rest, 'another'],
  ])('are no contradiction where %s', async (name, given, cell) => {
    const { warnings } = await imported(`as-${name.length}/unlike`, files, given, undefined, await config(cell));
    expect(warnings.filter((line) => line.includes('(config:'))).toEqual([]);
  });
});
