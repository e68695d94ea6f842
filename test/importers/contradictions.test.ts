import { existsSync, mkdtempSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { rateContradiction } from '../../src/importers/contradictions.ts';
import { readMeasurement } from '../../src/importers/read.ts';

const read = (content: unknown, name = 'result.json') =>
  readMeasurement(name, { text: typeof content === 'string' ? content : JSON.stringify(content) });

/** What the result contradicts, as it is said. */
const found = async (content: unknown, name?: string): Promise<string[]> => {
  const outcome = await read(content, name);
  if (outcome.kind !== 'measured') throw new Error(outcome.reason);
  return [...new Set((outcome.reading.contradictions ?? []).map(({ text }) => text))];
};

const VLLM = {
  model_id: 'm',
  num_prompts: 100,
  request_rate: 'inf',
  max_concurrency: 8,
  duration: 12.5,
  completed: 100,
  total_input_tokens: 20_000,
  total_output_tokens: 10_000,
  request_throughput: 8,
  output_throughput: 800,
  total_token_throughput: 2400,
  mean_ttft_ms: 41,
  median_ttft_ms: 40.25,
  p99_ttft_ms: 70.5,
  median_tpot_ms: 9.75,
};
const SGLANG = { ...VLLM, random_range_ratio: 1, sharegpt_output_len: null, input_throughput: 1600 };
const AT_ONCE = { elapsed_time: 20.5, num_requests: 1000, total_num_tokens: 500_000, requests_per_second: 48.78 };
const TRIAL = (index: number, ttft: number) => ({ index, metrics: { ttft_p50_ms: ttft }, validity: [] });
const ENVELOPE = {
  envelope_version: 'v1.1',
  suite_id: 'chat',
  metrics: { ttft_p50_ms: 40.5, ttft_p99_ms: 70 },
  trials: [TRIAL(0, 40), TRIAL(1, 40.5), TRIAL(2, 41.5)],
};
const CONSOLE = (rate: string): string =>
  [
    '============ Serving Benchmark Result ============',
    'Successful requests:                     100',
    'Benchmark duration (s):                  12.50',
    'Total input tokens:                      20000',
    'Total generated tokens:                  10000',
    `Request throughput (req/s):              ${rate}`,
    'Output token throughput (tok/s):         800.00',
    '==================================================',
  ].join('\n');

describe('a result that contradicts itself is found, with both values', () => {
  test.each([
    ['vLLM', { ...VLLM, request_throughput: 100 }, ['request_throughput is 100, but completed / duration is 8']],
    [
      'vLLM',
      { ...VLLM, output_throughput: 700 },
      ['output_throughput is 700, but total_output_tokens / duration is 800'],
    ],
    [
      'vLLM',
      { ...VLLM, total_token_throughput: 800 },
      ['total_token_throughput is 800, but (total_input_tokens + total_output_tokens) / duration is 2400'],
    ],
    ['vLLM', { ...VLLM, p99_ttft_ms: 30.5 }, ['p99_ttft_ms is 30.5, but median_ttft_ms is 40.25']],
    [
      'vLLM',
      { ...VLLM, completed: 3, request_throughput: 0.24, ttfts: [0.01, 0.02, 0.03] },
      ['median_ttft_ms is 40.25, but the median of its 3 ttfts is 20'],
    ],
    [
      'SGLang',
      { ...SGLANG, input_throughput: 1700 },
      ['input_throughput is 1700, but total_input_tokens / duration is 1600'],
    ],
    [
      'vllm bench throughput',
      { ...AT_ONCE, tokens_per_second: 30_000.5 },
      ['tokens_per_second is 30000.5, but total_num_tokens / elapsed_time is 24390.2'],
    ],
    [
      'an envelope',
      { ...ENVELOPE, metrics: { ttft_p50_ms: 20.5 } },
      ['ttft_p50_ms is 20.5, but the median of its 3 trials is 40.5'],
    ],
    [
      'a document of no known tool',
      { latency: { p50_ms: 10.5, p99_ms: 5.5 } },
      ['latency.p99_ms is 5.5, but latency.p50_ms is 10.5'],
    ],
  ] as const)('%s %#', async (_, content, says) => {
    expect(await found(content)).toEqual(says);
  });

  test('a console block', async () => {
    expect(await found(CONSOLE('80.00'), 'run.log')).toEqual([
      'Request throughput (req/s) is 80, but Successful requests / Benchmark duration (s) is 8',
    ]);
  });

  test('both rows of a tail below its median are named by their keys', async () => {
    const outcome = await read({ ...VLLM, p99_ttft_ms: 30.5 });
    const keys = outcome.kind === 'measured' ? outcome.reading.contradictions?.map(({ key }) => key) : [];
    const load = '[concurrency=8]';
    expect(keys).toEqual([`ttft_p99_ms${load}`, `ttft_p50_ms${load}`]);
  });
});

describe('nothing is found', () => {
  test.each([
    ['in a result that agrees', VLLM],
    ['in SGLang', SGLANG],
    ['within 2 percent', { ...VLLM, request_throughput: 8.15 }],
    ['where requests are fewer than were completed', { ...VLLM, ttfts: [0.01, 0.02, 0.03] }],
    ['between E2E, TTFT and TPOT', { ...VLLM, median_e2el_ms: 45.5 }],
    ['between the rate that was offered and the one that was achieved', { ...VLLM, request_rate: 50 }],
    ['in an envelope of the median', ENVELOPE],
    ['in an envelope of the mean', { ...ENVELOPE, trials: [TRIAL(0, 10), TRIAL(1, 20), TRIAL(2, 91.5)] }],
    [
      'in trials that do not count',
      { ...ENVELOPE, trials: [...ENVELOPE.trials, { ...TRIAL(3, 900), validity: ['throttle'] }] },
    ],
    ['in percentiles of a rate, whose tail is below', { tok_per_s: { p50: 90.5, p99: 60.5 } }],
  ] as const)('%s', async (_, content) => {
    expect(await found(content)).toEqual([]);
  });

  test('half of the last printed digit of each figure does not count', () => {
    const rate = (printed: number, duration: number) =>
      rateContradiction({
        rate: { key: 'rate', value: printed },
        counts: [{ key: 'count', value: 3 }],
        duration: { key: 's', value: duration },
      });
    expect(rate(0.2, 14)).toEqual([]); // 3 / 14 is 0.214, printed with one digit
    expect(rate(0.2, 11)).toHaveLength(1);
    expect(rate(0.22, 13)).toEqual([]); // a duration of 13 may be 13.5
  });
});

const SAMPLES = resolve('../shared/samples');

/** Written by hand with the figure 1 for every percentile that nobody reads. */
const MADE_UP = /bundles\/aiperf-variant\//;

const filesBelow = (folder: string): string[] =>
  readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesBelow(path) : [path];
  });

test.skipIf(!existsSync(SAMPLES))('no output of a real tool contradicts itself', async () => {
  let checked = 0;
  const tripping: string[] = [];
  for (const path of filesBelow(SAMPLES).filter((file) => !MADE_UP.test(file) && statSync(file).size < 50e6)) {
    const outcome = await readMeasurement(path).catch(() => null);
    if (outcome?.kind !== 'measured') continue;
    checked += 1;
    tripping.push(...(outcome.reading.contradictions ?? []).map(({ text }) => `${path}: ${text}`));
  }
  expect(tripping).toEqual([]);
  expect(checked).toBeGreaterThan(200);
});

test('a file that is read whole is checked the same way', async () => {
  const path = join(mkdtempSync(join(tmpdir(), 'contradictions-')), 'a.json');
  writeFileSync(path, JSON.stringify({ ...VLLM, request_throughput: 100 }));
  const outcome = await readMeasurement(path);
  expect(outcome.kind === 'measured' && outcome.reading.contradictions).toHaveLength(1);
});
