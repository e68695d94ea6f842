import { describe, expect, test } from 'vitest';
import type { WholeIdentity } from '../../src/campaign/cell-identity.ts';
import { markerRow, measuredRow } from '../../src/campaign/measured-row.ts';
import type { PointRun } from '../../src/campaign/point-repeats.ts';
import type { AtlasRow } from '../../src/campaign/row.ts';
import { rowWarnings } from '../../src/campaign/window.ts';

const IDENTITY: WholeIdentity = { model: 'm', hardware: 'B200', quant: 'FP8', tensor_parallel: 8 };

const run = (values: Record<string, number>, rest: Partial<PointRun> = {}): PointRun => ({
  path: 'raw/c8.txt',
  values,
  counts: {},
  validity: ['no_telemetry'],
  replicate_level: null,
  context: {},
  ...rest,
});

const rowOf = (runs: readonly PointRun[], identity: WholeIdentity = IDENTITY, concurrency = 8): AtlasRow =>
  measuredRow({ cellId: 'c', concurrency, identity, runs, status: 'full', capturedAt: '', notes: [], extra: {} });

describe('a row', () => {
  test('per-GPU rates divide by all GPUs, not by those of one tensor-parallel group', () => {
    const row = rowOf([run({ throughput_tok_per_s: 6400 })], { ...IDENTITY, data_parallel: 4, pipeline_parallel: 2 });
    expect(row).toMatchObject({ n_gpus: 64, n_gpus_source: 'derived', output_tps_per_gpu: 100 });
  });

  test('data-parallel attention shares the GPUs of tensor parallelism, and experts never multiply', () => {
    const row = rowOf([run({})], { ...IDENTITY, data_parallel: 8, dp_attention: true, expert_parallel: 8 });
    expect(row.n_gpus).toBe(8);
  });

  test('a recorded number of GPUs wins, and one that the sizes refute is an error', () => {
    expect(rowOf([run({})], { ...IDENTITY, n_gpus: 16 })).toMatchObject({ n_gpus: 16, n_gpus_source: 'recorded' });
    expect(() => rowOf([run({})], { ...IDENTITY, n_gpus: 12 })).toThrow('n_gpus is 12, but tp x pp x dp is 8');
  });

  test('repeats become trials, the row is their median, and trials that do not count stay', () => {
    const runs = [300, 100, 200].map((value) => run({ throughput_tok_per_s: value, tpot_p50_ms: value }));
    const row = rowOf([...runs, run({ throughput_tok_per_s: 9000 }, { validity: ['throttle'] })]);
    expect(row).toMatchObject({ throughput_tok_per_s: 200, tpot_median_ms: 200, n_trials: 4 });
    expect(row.trials.map(({ values }) => values['throughput_tok_per_s'])).toEqual([300, 100, 200, 9000]);
  });

  test('the average time to first token is a mean; where only a median is known, the row says so', () => {
    expect(rowOf([run({ ttft_mean_ms: 110, ttft_p50_ms: 100 })])).toMatchObject({
      ttft_avg_ms: 110,
      ttft_p50_ms: 100,
      extra: {},
    });
    expect(rowOf([run({ ttft_p50_ms: 100 })])).toMatchObject({
      ttft_avg_ms: 100,
      extra: { ttft_median_ms_substituted_for_avg: true },
    });
  });

  test.each([
    [15, true],
    [16, false],
  ])('%d requests at concurrency 8: undercounted is %s', (requests, undercounted) => {
    const row = rowOf([run({}, { counts: { completed: requests } })]);
    expect(row.extra['steady_window_undercount'] === true).toBe(undercounted);
    expect(rowWarnings([row])).toHaveLength(1);
  });

  test('a window that was filled five times and always full warns of nothing', () => {
    const values = { req_per_s: 8, e2e_mean_ms: 1000 };
    const row = rowOf([run(values, { counts: { completed: 40 } })]);
    expect(row).toMatchObject({ waves: 5, occupancy: 1 });
    expect(rowWarnings([row])).toEqual([]);
  });

  test('slots that stood empty warn', () => {
    const row = rowOf([run({ req_per_s: 4, e2e_mean_ms: 1000 }, { counts: { completed: 400 } })]);
    expect(rowWarnings([row])).toEqual(['c at concurrency 8: 50 % of the slots were in use on average']);
  });

  test('a failed point keeps its reason and holds no number', () => {
    const row = markerRow({
      cellId: 'c',
      identity: IDENTITY,
      concurrency: 8,
      status: 'failed',
      reason: 'no request succeeded',
      path: 'c8.txt',
    });
    expect(row).toMatchObject({ status: 'failed', notes: 'no request succeeded', ttft_avg_ms: null, n_trials: 0 });
  });
});

describe('what the server says', () => {
  const hits = (rate: number) => rowOf([run({ ttft_mean_ms: 1, prefix_cache_hit_rate: rate })], { ...IDENTITY, cache_mode: 'cold' });

  test.each([
    [0.01, ['no_telemetry']],
    [0.011, ['no_telemetry', 'cache_state']],
  ])('a point that is called cold with %d of its prompts from the cache has validity %j', (rate, validity) => {
    const row = hits(rate);
    expect(row.trials[0]?.validity).toEqual(validity);
    expect(row.extra['invalid']).toEqual(validity.length === 1 ? undefined : ['cache_state']);
    expect(rowWarnings([row])).toEqual(
      validity.length === 1 ? [] : [expect.stringContaining('c at concurrency 8: called cold, but 1 % of the prompt tokens came from the prefix cache')],
    );
  });

  test('a warm point may hit its cache, and one trial that does not count leaves the others', () => {
    expect(rowOf([run({ prefix_cache_hit_rate: 0.9 })]).trials[0]?.validity).toEqual(['no_telemetry']);
    const runs = [run({ prefix_cache_hit_rate: 0, tpot_p50_ms: 4 }), run({ prefix_cache_hit_rate: 0.5, tpot_p50_ms: 2 })];
    const row = rowOf(runs, { ...IDENTITY, cache_mode: 'cold' });
    expect(row).toMatchObject({ tpot_median_ms: 4, extra: expect.not.objectContaining({ invalid: expect.anything() }) });
  });

  test.each([
    [10, []],
    [23.4, [expect.stringContaining("the client's mean time to first token is +23 % from what the server counts")]],
    [-11, [expect.stringContaining('is -11 % from')]],
  ])('a time to first token %d percent apart is said above ten', (excess, warnings) => {
    const row = rowOf([run({ ttft_mean_ms: 1 }, { server: { ttft_client_minus_server_pct: excess } })]);
    expect(rowWarnings([row])).toEqual(warnings);
    expect(row.extra['server']).toEqual({ ttft_client_minus_server_pct: excess });
  });
}); // prettier-ignore
