import { describe, expect, test } from 'vitest';
import { NO_PEAKS, parseResult } from '../../src/ratchet/result-file.ts';
import type { JsonValue } from '../../src/text/json.ts';

const parse = (document: JsonValue) => parseResult(document, 'current.json');

const single = {
  name: 'training_512',
  performance: {
    mean_time_ms: 0.0561,
    std_dev_ms: 0.004,
    median_ms: 0.053,
    throughput_gflops: 40512.5,
    bandwidth_gb_s: 196.2,
    iterations: 100,
    config: { batch: 32, heads: 8, seq: 512, dim: 64, dtype: 'float16' },
  },
  timestamp: '2025-10-13 09:41:00',
  gpu: 'NVIDIA L4',
};

describe('benchmark result formats', () => {
  test('a single result keeps its median, shape and GPU', () => {
    expect(parse(single)).toEqual([
      {
        name: 'training_512',
        timeMs: 0.053,
        statistic: 'median',
        samplesMs: [],
        throughputGflops: 40512.5,
        bandwidthGbPerS: 196.2,
        shape: { batch: 32, heads: 8, seq: 512, dim: 64, dtype: 'float16' },
        gpu: 'NVIDIA L4',
        gitCommit: null,
        timestamp: '2025-10-13 09:41:00',
        invalid: null,
      },
    ]);
  });

  test('the older format says that its time is a mean', () => {
    const [result] = parse({ kernel_name: 'fa_fwd', metrics: { mean_time_ms: 0.4, std_dev_ms: 0.01 } });
    expect(result).toMatchObject({ name: 'fa_fwd', timeMs: 0.4, statistic: 'mean' });
  });

  test('several results come as performance, metrics or flat, named directly or by their config', () => {
    const results = parse({
      gpu: 'NVIDIA H100',
      git_commit: 'abc123def4567890',
      configs: [
        { name: 'a', performance: { median_ms: 1 } },
        { config: { name: 'b', seq: 128 }, metrics: { mean_time_ms: 2 } },
        { name: 'c', samples_ms: [3.2, 3, 3.1], git_commit: 'fedcba9876543210' },
      ],
    });
    expect(results.map(({ name, timeMs, statistic }) => [name, timeMs, statistic])).toEqual([
      ['a', 1, 'median'],
      ['b', 2, 'mean'],
      ['c', 3.1, 'median'],
    ]);
    expect(results.map(({ gpu }) => gpu)).toEqual(['NVIDIA H100', 'NVIDIA H100', 'NVIDIA H100']);
    expect(results.map(({ gitCommit }) => gitCommit?.slice(0, 3))).toEqual(['abc', 'abc', 'fed']);
  });

  test('a placeholder commit is no commit', () => {
    for (const git_commit of ['0000000000000000000000000000000000000000', 'unknown', ''])
      expect(parse({ ...single, git_commit })[0]?.gitCommit).toBeNull();
  });
});

describe('bad benchmark results', () => {
  const cases: readonly (readonly [string, JsonValue, string, string | undefined])[] = [
    ['an empty list', { configs: [] }, 'no_configs', undefined],
    ['a list at the top', [single], 'no_configs', undefined],
    ['no name', { performance: { median_ms: 1 } }, 'config_name_missing', 'result'],
    ['an empty name', { name: ' ', performance: { median_ms: 1 } }, 'config_name_missing', 'result'],
    ['a name with a line break', { name: 'a\n# b', median_ms: 1 }, 'config_name_invalid', 'result'],
    ['a name with an escape', { name: 'a\u001b[31m', median_ms: 1 }, 'config_name_invalid', 'result'],
    ['a name without end', { name: 'x'.repeat(201), median_ms: 1 }, 'config_name_invalid', 'result'],
    ['one name twice', { configs: [single, single] }, 'config_name_repeated', 'training_512'],
    ['no time', { name: 'a', performance: { throughput_gflops: 3 } }, 'time_missing', 'result'],
    ['a time of zero', { name: 'a', performance: { median_ms: 0 } }, 'impossible_value', 'result.median_ms'],
    ['a negative time', { name: 'a', median_ms: -1 }, 'impossible_value', 'result.median_ms'],
    ['a time in words', { name: 'a', median_ms: 'fast' }, 'impossible_value', 'result.median_ms'],
    ['a sample of zero', { name: 'a', samples_ms: [1, 0] }, 'impossible_value', 'result.samples_ms'],
    ['an entry that is a number', { configs: [7] }, 'no_configs', 'configs[0]'],
  ];
  test.each(cases)('%s is refused with its place', (_, document, code, at) => {
    expect(() => parse(document)).toThrow(
      expect.objectContaining({ code, details: expect.objectContaining(at === undefined ? {} : { at }) }),
    );
  });
});

describe('figures that cannot be true', () => {
  test('a bandwidth above the peak is kept as measured and marked invalid', () => {
    const [result] = parseResult({ name: 'a', median_ms: 1, bandwidth_gb_s: 310 }, 'current.json', {
      ...NO_PEAKS,
      bandwidthGbPerS: 300,
    });
    expect(result).toMatchObject({ bandwidthGbPerS: 310, invalid: 'bandwidth_above_peak' });
  });

  test('a throughput above the peak is invalid, one at the peak is not', () => {
    const peaks = { ...NO_PEAKS, throughputGflops: 1000 };
    const judged = [1000, 1000.5].map(
      (throughput_gflops) => parseResult({ name: 'a', median_ms: 1, throughput_gflops }, 'x', peaks)[0]?.invalid,
    );
    expect(judged).toEqual([null, 'throughput_above_peak']);
  });

  test('a fast kernel with wrong results does not count', () => {
    const [result] = parse({ kernel_name: 'a', metrics: { mean_time_ms: 0.1 }, correctness: { passed: false } });
    expect(result?.invalid).toBe('correctness_failed');
  });
});
