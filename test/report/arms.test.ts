import { describe, expect, test } from 'vitest';
import { armsOf, shapeText } from '../../src/report/arms.ts';
import { ambiguousArms, looksOf } from '../../src/report/looks.ts';
import { row } from './rows.ts';

const labels = (...rows: Parameters<typeof armsOf>[0]): string[] => armsOf(rows).map(({ label }) => label);

describe('arms', () => {
  test('are named by hardware, format, TP and strategy where that is enough', () => {
    expect(labels(row(), row({ concurrency: 16 }), row({ mtp: true }))).toEqual([
      'B200 NVFP4 TP8 EP',
      'B200 NVFP4 TP8 EP MTP',
    ]);
  });

  test.each([
    ['engine', { serving_engine: 'sglang' }, ['B200 NVFP4 TP8 EP, sglang', 'B200 NVFP4 TP8 EP, vllm']],
    ['data set', { dataset: 'sharegpt' }, ['B200 NVFP4 TP8 EP, random', 'B200 NVFP4 TP8 EP, sharegpt']],
    [
      'prompt length',
      { mean_input_tokens: 8190 },
      ['B200 NVFP4 TP8 EP, ISL/OSL 1000/260', 'B200 NVFP4 TP8 EP, ISL/OSL 8200/260'],
    ],
    ['cache', { cache_mode: 'warm' }, ['B200 NVFP4 TP8 EP, cold', 'B200 NVFP4 TP8 EP, warm']],
    ['KV format', { kv_cache_dtype: 'fp8' }, ['B200 NVFP4 TP8 EP', 'B200 NVFP4 TP8 EP, KV fp8']],
  ] as const)('say the %s where rows differ in it', (_name, other, expected) => {
    expect(labels(row(), row({ cell_id: 'other', ...other }))).toEqual(expected);
  });

  test('lengths that differ by less than a measured mean does are one shape', () => {
    expect(labels(row(), row({ concurrency: 16, mean_input_tokens: 1018.4 }))).toHaveLength(1);
    expect(shapeText(row({ mean_input_tokens: null }))).toBe('?/260');
    expect(shapeText(row({ mean_input_tokens: null, mean_output_tokens: null }))).toBeNull();
  });

  test('two cells that nothing tells apart are named by their ids, never laid over one another', () => {
    expect(labels(row({ cell_id: 'a' }), row({ cell_id: 'b' }))).toEqual([
      'B200 NVFP4 TP8 EP, a',
      'B200 NVFP4 TP8 EP, b',
    ]);
  });

  test('a failed cell stands with the arm that it belongs to', () => {
    const failed = row({ cell_id: 'x', max_num_batched_tokens: 16384, status: 'failed', concurrency: 0, ttft_avg_ms: null, request_throughput_avg: null, output_tps_per_gpu: null, output_tps_per_user: null, mean_input_tokens: null, mean_output_tokens: null }); // prettier-ignore
    expect(armsOf([row(), failed]).map(({ rows }) => rows.length)).toEqual([2]);
  });

  test('stand newest first, every row in one of them', () => {
    const rows = ['H100', 'MI999', 'GB300', 'B200'].map((hardware) => row({ hardware, cell_id: hardware }));
    const arms = armsOf(rows);
    expect(arms.map(({ hardware }) => hardware)).toEqual(['GB300', 'B200', 'H100', 'MI999']);
    expect(arms.flatMap((arm) => arm.rows)).toHaveLength(rows.length);
  });
});

describe('looks', () => {
  const rows = [
    row({ hardware: 'GB300', tensor_parallel: 4 }),
    row({ hardware: 'GB300', tensor_parallel: 4, parallel_strategy: 'TP', cell_id: 'b' }),
    row({ hardware: 'B200', mtp: true, cell_id: 'c' }),
    row({ hardware: 'H100', tensor_parallel: 16, cell_id: 'd' }),
  ];
  const arms = armsOf(rows);
  const lookOf = looksOf(arms);

  test('colour is hardware and TP; the shape says the strategy, a hollow mark the speculation; the oldest is grey', () => {
    expect(arms.map(lookOf)).toEqual([
      { role: 'blue', shape: 'circle', hollow: false },
      { role: 'blue', shape: 'x', hollow: false, dash: '2 3' },
      { role: 'vermilion', shape: 'circle', hollow: true },
      { role: 'slate', shape: 'circle', hollow: false },
    ]);
  });

  test('arms of one look are named at their curves', () => {
    expect(ambiguousArms(arms, lookOf).size).toBe(0);
    const alike = armsOf([row(), row({ serving_engine: 'sglang', cell_id: 'e' })]);
    expect(ambiguousArms(alike, looksOf(alike)).size).toBe(2);
  });
});
