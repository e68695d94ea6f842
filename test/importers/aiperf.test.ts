import { describe, expect, test } from 'vitest';
import { fixtureJson, read, readFixture, readJson, reasonOf, fixtureText, valuesOf } from './outcome.ts';
import { readMeasurement } from '../../src/importers/read.ts';

const report = fixtureJson('profile_export_aiperf.json');

test('inter token latency is TPOT, inter chunk latency is ITL', async () => {
  const values = valuesOf(await readFixture('profile_export_aiperf.json'));
  expect(values).toMatchObject({
    'tpot_p50_ms[concurrency=16]': 9.9,
    'itl_p50_ms[concurrency=16]': 19.8,
    'tps_per_user[concurrency=16]': 1000 / 9.9,
    'goodput_req_per_s[concurrency=16]': 3.2,
    'ok_rate[concurrency=16]': 0.99,
  });
});

test('low percentiles of a rate are its slow tail', async () => {
  const reading = await readFixture('profile_export_aiperf.json');
  expect(reading.metrics.find(({ name }) => name === 'tps_per_user_p1')).toMatchObject({
    value: 80,
    statistic: 'p1',
    direction: 'higher-is-better',
    source_key: 'output_token_throughput_per_user.p1',
  });
});

test('the load is that of the phase that was measured, not of the warm-up', async () => {
  const { context, warnings } = await readFixture('profile_export_aiperf.json');
  expect(context).toMatchObject({ model: 'example-org/example-llm-8b', concurrency: 16 });
  expect(warnings).toEqual(['2 requests failed: latencies are over the ones that succeeded']);
});

test('units are those of the file: GenAI-Perf writes nanoseconds', async () => {
  const reading = await readFixture('profile_export_genai_perf.json');
  expect(reading.format).toBe('genai_perf_json');
  expect(reading.context).toMatchObject({ concurrency: 8, model: 'example-org/example-llm-8b' });
  expect(valuesOf(reading)['ttft_p50_ms[concurrency=8]']).toBeCloseTo(79.2, 9);
  expect(valuesOf(reading)).not.toHaveProperty('ok_rate[concurrency=8]');
});

test('a metric that is null or absent was not measured', async () => {
  const values = valuesOf(await readJson({ ...report, goodput: null, inter_token_latency: null }));
  expect(values).not.toHaveProperty('goodput_req_per_s[concurrency=16]');
  expect(values).not.toHaveProperty('tpot_p50_ms[concurrency=16]');
  expect(values['tps_per_user[concurrency=16]']).toBe(99);
});

test.each([
  ['no request was counted', { request_count: { unit: 'requests', avg: 0 } }],
  ['only errors were counted', { request_count: null, error_request_count: { unit: 'requests', avg: 200 } }],
  ['only the error list says so', { request_count: null, error_request_count: null }],
])('is no measurement when %s', async (_, change) => {
  expect(await reasonOf(JSON.stringify({ ...report, ...change }))).toContain('no request completed');
});

test('a cancelled run is read and said to be one', async () => {
  expect((await readJson({ ...report, was_cancelled: true })).warnings[0]).toContain('cancelled');
});

test('the CSV export gives the same numbers, by the last parenthesis of each name', async () => {
  const reading = await readFixture('profile_export_aiperf.csv');
  expect(reading.format).toBe('aiperf_csv');
  expect(valuesOf(reading)).toMatchObject({
    ttft_p99_ms: 112,
    tpot_p50_ms: 9.9,
    e2e_mean_ms: 4000,
    throughput_tok_per_s: 896,
    prefix_cache_hit_rate: 0.425,
    ok_rate: 0.99,
    tps_per_user: 1000 / 9.9,
  });
});

test('a CSV export of a run without requests is no measurement', async () => {
  const text = fixtureText('profile_export_aiperf.csv').replace('Request Count,198.00', 'Request Count,0');
  expect(await reasonOf(text, 'profile_export_aiperf.csv')).toBe('Request Count is 0');
});

test('a unit that does not fit is an error, not a guess', async () => {
  await expect(read(JSON.stringify({ ...report, request_latency: { unit: 'tokens', avg: 5 } }))).rejects.toMatchObject({
    code: 'unit_mismatch',
  });
});

describe('the rate of a run', () => {
  const of = async (rate: number, times: object): Promise<string[]> => {
    const export_ = { ...JSON.parse(fixtureText('profile_export_aiperf.json')), ...times };
    export_.request_count = { unit: 'requests', avg: 20 };
    export_.benchmark_duration = { unit: 'sec', avg: 1.8436 };
    export_.request_throughput = { unit: 'requests/sec', avg: rate };
    for (const key of ['output_token_throughput', 'total_token_throughput']) delete export_[key];
    const outcome = await readMeasurement('profile_export_aiperf.json', { text: JSON.stringify(export_) });
    return outcome.kind === 'measured'
      ? (outcome.reading.contradictions ?? []).map(({ text }) => text)
      : [outcome.reason];
  };
  const phase = { start_time: '2026-11-29T03:28:12.276498', end_time: '2026-11-29T03:28:14.168123' };

  test.each([
    ['over the time of the phase, as 0.13 has it', 10.5729, phase, []],
    ['over the duration, as 0.12 had it', 10.8484, phase, []],
    [
      'over neither',
      21,
      phase,
      ['request_throughput.avg is 21, but request_count.avg / benchmark_duration.avg is 10.8483'],
    ],
    ['over the duration, where nobody says when', 10.8484, { start_time: null, end_time: null }, []],
    [
      'over nothing that is there',
      21,
      { start_time: null, end_time: null },
      ['request_throughput.avg is 21, but request_count.avg / benchmark_duration.avg is 10.8483'],
    ],
  ])('%s', async (_, rate, times, says) => {
    expect(await of(rate, times)).toEqual(says);
  });
});
