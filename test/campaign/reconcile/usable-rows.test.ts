// Rows are held against what must be true of them: which balance breaks, by what factor, and what most likely went wrong.
import { describe, expect, test } from 'vitest';
import type { GivenRow } from '../../../src/campaign/row.ts';
import { usableRows, violationsOfRow } from '../../../src/campaign/reconcile/usable-rows.ts';
import { rowOf } from './row.ts';

const brief = (more: Partial<GivenRow>) =>
  violationsOfRow(rowOf(more)).map(({ balance, severity, likely_cause }) => [balance, severity, likely_cause]);

describe('a row that could have been measured', () => {
  test.each<readonly [string, Partial<GivenRow>]>([
    ['keeps every balance', {}],
    ['may have a rate of two digits', { request_throughput_avg: 0.14, throughput_tok_per_s: 26, total_throughput_tok_per_s: null, total_tps_per_gpu: null, output_tps_per_gpu: 26 / 8, completed_requests: 32, duration_s: 235, concurrency: 1, e2e_mean_ms: 7000, tpot_mean_ms: 35, tpot_median_ms: 35, output_tps_per_user: null }],
    ['may have two waves, of which the last drains', { num_prompts: 64, completed_requests: 64, waves: 2, duration_s: 8, request_throughput_avg: 8, throughput_tok_per_s: 1600, output_tps_per_gpu: 200, total_throughput_tok_per_s: 9600, total_tps_per_gpu: 1200 }],
    ['may be of an open load, whose window ends with the last answer', { concurrency: 0, request_rate: 12, duration_s: 27, waves: null, request_throughput_avg: 12, throughput_tok_per_s: 2400, output_tps_per_gpu: 300, total_throughput_tok_per_s: 14_400, total_tps_per_gpu: 1800 }],
    ['may keep fewer requests open than it was allowed, at a rate', { request_rate: 2, request_throughput_avg: 2, duration_s: 160, throughput_tok_per_s: 400, output_tps_per_gpu: 50, total_throughput_tok_per_s: 2400, total_tps_per_gpu: 300 }],
    ['may hold no more than a load', { request_throughput_avg: null, mean_output_tokens: null, throughput_tok_per_s: null, output_tps_per_gpu: null, tpot_median_ms: null }],
    ['may be a prompt of one token of output', { mean_output_tokens: 1, tpot_median_ms: 0, tpot_mean_ms: 0, output_tps_per_user: null, throughput_tok_per_s: 10, output_tps_per_gpu: 1.25, total_throughput_tok_per_s: 10_010, total_tps_per_gpu: 1251.25, e2e_mean_ms: 3200, ttft_avg_ms: 3199 }],
  ])('%s', (_name, more) => {
    expect(brief(more)).toEqual([]);
  });
}); // prettier-ignore

describe('a row that no run can give', () => {
  test.each<readonly [string, Partial<GivenRow>, string, string]>([
    ['per-GPU rates over the tensor-parallel size alone', { tensor_parallel: 1, data_parallel: 8, output_tps_per_gpu: 2000, throughput_tok_per_s: null, total_tps_per_gpu: 12_000, total_throughput_tok_per_s: null }, 'tokens', 'replicas_left_out'],
    ['seconds where milliseconds should be, below the load', { e2e_mean_ms: 3.2, ttft_avg_ms: 0.215, tpot_mean_ms: 0.015, tpot_median_ms: 15, output_tps_per_user: null }, 'littles_law', 'seconds_for_ms'],
    ['milliseconds times a thousand, above the load', { e2e_mean_ms: 3_200_000 }, 'littles_law', 'seconds_for_ms'],
    ['a rate per minute', { request_throughput_avg: 600 }, 'tokens', 'other_time_unit'],
    ['the rate of all GPUs as that of one', { output_tps_per_gpu: 2000 }, 'tokens', 'one_gpu_for_all'],
    ['prompt tokens in the output', { throughput_tok_per_s: 12_000, output_tps_per_gpu: 1500 }, 'tokens', 'total_for_output'],
    ['a first token after the end', { ttft_avg_ms: 9000 }, 'tpot_throughput', 'unknown'],
    ['a file that contradicts itself', { extra: { contradictions: ['ttft.p99 is 1, but ttft.p50 is 80'] } }, 'own_figures', 'contradiction'],
    ['a time of zero', { ttft_avg_ms: 0 }, 'own_figures', 'not_measured'],
    ['a compliance run', { raw_path: 'gpt-oss-120b/Offline/TEST07/performance/run_1/mlperf_log_summary.txt' }, 'run_kind', 'compliance_run'],
  ])('%s', (_name, more, balance, cause) => {
    const violations = violationsOfRow(rowOf(more)).filter(({ severity }) => severity === 'impossible');
    expect(violations.map((violation) => [violation.balance, violation.likely_cause])).toContainEqual([balance, cause]);
  });
}); // prettier-ignore

test('a violation names both figures, the factor, the unit and the row', () => {
  const [violation] = violationsOfRow(rowOf({ output_tps_per_gpu: 2000 }));
  expect(violation).toMatchObject({
    row_id: expect.stringMatching(/^base:c32:[0-9a-f]{8}$/),
    cell_id: 'base',
    concurrency: 32,
    balance: 'tokens',
    severity: 'impossible',
    expected: 2000,
    seen: 16_000,
    factor: 8,
    unit: 'tok/s',
    says: 'output tok/s/GPU x GPUs against output tok/s: 16000 tok/s seen, 2000 tok/s expected (8.00×): the figure of one GPU stands for that of all, or the reverse',
  });
});

test('the latencies of MLPerf on a VR-NVL72 agree with its rates within 0.2 percent', () => {
  const [qps, tps, ttft, tpot, latency] = [310.08, 1_175_890.22, 212.03, 38.69, 146_920];
  const row = rowOf({ concurrency: 0, request_rate: 325, request_throughput_avg: qps, throughput_tok_per_s: tps, mean_output_tokens: 3792.16, ttft_avg_ms: ttft, tpot_mean_ms: tpot, tpot_median_ms: 41.11, output_tps_per_user: 24.32, e2e_mean_ms: latency, n_gpus: 72, tensor_parallel: 72, output_tps_per_gpu: tps / 72, total_throughput_tok_per_s: null, total_tps_per_gpu: null, mean_input_tokens: null, completed_requests: 600_000, num_prompts: 600_000, duration_s: 2318.93, waves: null }); // prettier-ignore
  expect(violationsOfRow(row)).toEqual([]);
  expect((qps * latency) / (tps * tpot)).toBeCloseTo(1, 2);
  // A tenth of the time would not pass.
  const [violation] = violationsOfRow({ ...row, e2e_mean_ms: latency / 10 });
  expect(violation).toMatchObject({ balance: 'tpot_throughput', severity: 'impossible' });
});

test('usable rows are those that no balance calls impossible; the others are listed, odd ones and markers stay', () => {
  const wrong = rowOf({ cell_id: 'wrong', output_tps_per_gpu: 2000 });
  const odd = rowOf({ cell_id: 'odd', output_tps_per_user: 40 });
  const marker = rowOf({ cell_id: 'marker', status: 'failed', n_trials: 0, ttft_avg_ms: 0 });
  expect(violationsOfRow(odd).map(({ severity }) => severity)).toEqual(['odd']);
  const { usable, excluded } = usableRows([rowOf(), wrong, odd, marker]);
  expect(usable.map(({ cell_id }) => cell_id)).toEqual(['base', 'odd', 'marker']);
  expect(excluded).toMatchObject([{ cell_id: 'wrong', concurrency: 32, violation: { balance: 'tokens', factor: 8 } }]);
});

test.each([0, 1e-300, 5e-324, 1e300, Number.MAX_VALUE])('a row of the figure %d alone gives finite violations', (figure) => {
  const figures = Object.fromEntries(
    ['request_throughput_avg', 'throughput_tok_per_s', 'output_tps_per_gpu', 'total_tps_per_gpu', 'e2e_mean_ms', 'tpot_mean_ms', 'ttft_avg_ms', 'mean_output_tokens', 'duration_s'].map((field) => [field, figure]),
  );
  for (const violation of violationsOfRow(rowOf(figures)))
    expect([violation.factor, violation.expected, violation.seen].every(Number.isFinite)).toBe(true);
}); // prettier-ignore
