import { describe, expect, test } from 'vitest';
import { faultOf, fixtureJson, fixtureText, read, readFixture, readJson, reasonOf, valuesOf } from './outcome.ts';

describe('MLPerf summary', () => {
  test('nanoseconds become milliseconds, minimum and maximum are left alone', async () => {
    const reading = await readFixture('mlperf_log_summary.txt');
    expect(valuesOf(reading)).toEqual({
      'req_per_s[scenario=Server]': 12.5,
      'throughput_tok_per_s[scenario=Server]': 3712.4,
      'e2e_mean_ms[scenario=Server]': 4000,
      'e2e_p99_9_ms[scenario=Server]': 8500,
      'ttft_p50_ms[scenario=Server]': 150,
      'ttft_p99_ms[scenario=Server]': 410,
      'tpot_p50_ms[scenario=Server]': 25,
      'tps_per_user[scenario=Server]': 40,
    });
    expect(reading.context).toEqual({ request_rate: 12.6 });
  });

  test('a result that is not valid is said to be so', async () => {
    expect((await readFixture('mlperf_log_summary.txt')).warnings).toEqual(['LoadGen calls the result INVALID']);
  });

  test('latencies of Offline, where all samples start at once, are not read', async () => {
    const offline = fixtureText('mlperf_log_summary.txt').replace('Scenario : Server', 'Scenario : Offline');
    expect(Object.keys(valuesOf(await read(offline, 'summary.txt')))).toEqual([
      'req_per_s[scenario=Offline]',
      'throughput_tok_per_s[scenario=Offline]',
    ]);
  });

  test('an accuracy run is no measurement', async () => {
    const accuracy = fixtureText('mlperf_log_summary.txt').replace('PerformanceOnly', 'AccuracyOnly');
    expect(await reasonOf(accuracy, 'summary.txt')).toContain('accuracy');
  });
});

describe('GuideLLM report', () => {
  test('version 1: one point per benchmark, successes only, seconds of request latency', async () => {
    const reading = await readFixture('guidellm-v1.json');
    expect(valuesOf(reading)).toMatchObject({
      'e2e_p50_ms[concurrency=8,strategy=concurrent]': 1862,
      'tpot_mean_ms[concurrency=1,strategy=synchronous]': 14.4,
      'e2e_per_token_mean_ms[request_rate=2,strategy=constant]': 14.8,
      'ok_rate[request_rate=2,strategy=constant]': 50 / 51,
      'tps_per_user[concurrency=8,strategy=concurrent]': 1000 / (14.4 * 0.98),
    });
    expect(reading.metrics.some(({ labels }) => labels['concurrency'] === 512)).toBe(false);
  });

  test('a version that is not known is refused', async () => {
    const report = { ...fixtureJson('guidellm-v1.json'), metadata: { version: 3, guidellm_version: '2.0' } };
    expect(await faultOf(readJson(report))).toMatchObject({
      code: 'format_version',
      details: { at: 'metadata.version' },
    });
  });

  test('is no measurement without a benchmark that completed a request', async () => {
    const text = fixtureText('guidellm-v1.json').replaceAll('"successful": 50', '"successful": 0');
    expect(await reasonOf(text)).toContain('no request succeeded');
  });
});

describe('InferenceX aggregate', () => {
  test('over several nodes rates are per GPU of their role, and the GPUs are those recorded', async () => {
    const reading = await readFixture('inferencex-multinode.json');
    expect(valuesOf(reading)).toMatchObject({
      'total_tps_per_gpu[concurrency=1024,isl=8192,osl=1024]': 5120.5,
      'output_tps_per_decode_gpu[concurrency=1024,isl=8192,osl=1024]': 711.2,
      'ttft_p50_ms[concurrency=1024,isl=8192,osl=1024]': 1100,
      'tps_per_user_p1[concurrency=1024,isl=8192,osl=1024]': 62.5,
    });
    expect(reading.context).toMatchObject({
      n_gpus: 40,
      disagg: true,
      roles: [
        { role: 'prefill', n_gpus: 8, tp: 4, ep: 4 },
        { role: 'decode', n_gpus: 32, tp: 32, ep: 32 },
      ],
    });
  });

  test('one node states no number of GPUs, and none is derived', async () => {
    const { num_prefill_gpu: _, num_decode_gpu: __, ...single } = fixtureJson('inferencex-multinode.json');
    const reading = await readJson({ ...single, is_multinode: false, disagg: false, tp: 8, pp: 1 });
    expect(reading.context).toMatchObject({ tp: 8, pp: 1 });
    expect(reading.context).not.toHaveProperty('n_gpus');
    expect(valuesOf(reading)).toHaveProperty('output_tps_per_gpu[concurrency=1024,isl=8192,osl=1024]', 711.2);
  });
});
