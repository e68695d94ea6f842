import { describe, expect, it } from 'vitest';
import { nvidiaSmiSampler, parseGpuSamples } from '../../src/load/gpu-query.ts';
import { integratePower, parsePowerLog, type PowerSample } from '../../src/load/power.ts';
import { cacheHitRate, chooseModel } from '../../src/load/server.ts';
import { startTelemetry, telemetryValidity, type GpuSample } from '../../src/load/telemetry.ts';

const every = (gpu: string, seconds: readonly number[], watts: (second: number) => number): PowerSample[] =>
  seconds.map((second) => ({ gpu, atMs: second * 1000, watts: watts(second) }));

const SECONDS = [0, 1, 2, 3, 4];

describe('energy', () => {
  it('is the trapezoid between the edges of the window, which need no sample of their own', () => {
    const result = integratePower(
      every('a', SECONDS, (second) => 100 * second),
      [500, 2500],
      null,
    );
    expect(result).toMatchObject({ valid: true, figures: { energyJ: 300, averageW: 150 } });
  });

  it('adds up the GPUs', () => {
    const samples = [...every('a', SECONDS, () => 100), ...every('b', SECONDS, () => 50)];
    expect(integratePower(samples, [1000, 3000], 2)).toMatchObject({
      figures: { energyJ: 300, averageW: 150, peakW: 150, gpus: ['a', 'b'] },
    });
  });

  it.each([
    ['no samples', [], null, 'insufficient_power_samples'],
    ['one sample', every('a', [1], () => 5), null, 'insufficient_power_samples'],
    ['samples that begin too late', every('a', [1.5, 2, 3, 4], () => 5), null, 'benchmark_window_not_bracketed'],
    ['a hole', every('a', [0, 4], () => 5), null, 'sampling_gap_exceeded'],
    ['another number of GPUs', every('a', SECONDS, () => 5), 2, 'expected_gpu_count_mismatch'],
  ])('is not given with %s', (_, samples, nGpus, problem) => {
    expect(integratePower(samples, [1000, 3000], nGpus)).toEqual({ valid: false, problem });
  });

  it('is read from a log of either clock, and a broken line is named', () => {
    const log =
      '{"timestamp":"2026-11-22T02:15:00Z","power_w":500,"gpu":"GPU-1"}\n{"timestamp":1763777701,"power_w":510}\n';
    expect(parsePowerLog(log, 'p.jsonl')).toEqual([
      { atMs: Date.parse('2026-11-22T02:15:00Z'), watts: 500, gpu: 'GPU-1' },
      { atMs: 1763777701000, watts: 510, gpu: 'all' },
    ]);
    expect(() => parsePowerLog('{"power_w":1}', 'p.jsonl')).toThrow(
      expect.objectContaining({ code: 'power_log_line' }),
    );
  });
});

const gpu = (given: Partial<GpuSample> = {}): GpuSample => ({
  uuid: 'GPU-0',
  powerW: 500,
  smClockMhz: 1980,
  clockReasons: 0,
  eccUncorrected: 0,
  processes: [100],
  ...given,
});
const over = (samples: readonly GpuSample[]) =>
  samples.map((sample, index) => ({ atMs: index * 1000, gpus: [sample] }));
const ten = (given: (index: number) => Partial<GpuSample>) =>
  over(Array.from({ length: 10 }, (_, index) => gpu(given(index))));

describe('telemetry', () => {
  it.each([
    ['nothing unusual', ten(() => ({})), []],
    ['an idle GPU', ten(() => ({ clockReasons: 0x1 })), []],
    ['no samples', [], ['no_telemetry']],
    ['thermal slowdown', ten((index) => ({ clockReasons: index > 4 ? 0x40 : 0 })), ['throttle']],
    ['the power cap', ten(() => ({ clockReasons: 0x4 })), ['power_cap']],
    ['wandering clocks', ten((index) => ({ smClockMhz: index % 2 === 0 ? 1980 : 1200 })), ['clock_spread']],
    ['a memory error', ten((index) => ({ eccUncorrected: index > 7 ? 1 : 0 })), ['ecc_or_xid']],
    ['a visitor', ten((index) => ({ processes: index === 5 ? [100, 200] : [100] })), ['foreign_gpu_process']],
  ])('with %s makes %j', (_, samples, codes) => {
    expect(telemetryValidity(samples)).toEqual(codes);
  });

  it('is read from nvidia-smi, whatever it does not support', () => {
    const gpus =
      'GPU-aa, 312.40, 1755, 0x0000000000000004, 0\nGPU-bb, [N/A], [Not Supported], 0x0000000000000000, [N/A]\n';
    expect(parseGpuSamples(gpus, 'GPU-aa, 4711\n')).toEqual([
      { uuid: 'GPU-aa', powerW: 312.4, smClockMhz: 1755, clockReasons: 4, eccUncorrected: 0, processes: [4711] },
      { uuid: 'GPU-bb', powerW: null, smClockMhz: null, clockReasons: 0, eccUncorrected: null, processes: [] },
    ]);
    expect(parseGpuSamples('NVIDIA-SMI has failed\n', null)).toEqual([]);
  });

  it('asks nvidia-smi twice, and does without the processes where it may not see them', async () => {
    const sample = nvidiaSmiSampler((argv) =>
      argv.some((part) => part.includes('compute-apps'))
        ? Promise.reject(new Error('no'))
        : Promise.resolve('GPU-aa, 1, 2, 0x0, 0'),
    );
    expect(await sample()).toEqual([
      { uuid: 'GPU-aa', powerW: 1, smClockMhz: 2, clockReasons: 0, eccUncorrected: 0, processes: null },
    ]);
  });

  it('outlives a sampler that fails', async () => {
    let calls = 0;
    const recorder = startTelemetry(() => {
      calls += 1;
      return calls === 1 ? Promise.reject(new Error('gone')) : Promise.resolve([gpu()]);
    });
    expect(await recorder.stop()).toHaveLength(1);
  });
});

const PAGE = (hits: number, queries: number): string =>
  [
    '# TYPE vllm:prefix_cache_hits_total counter',
    `vllm:prefix_cache_hits_total{engine="0",model_name="a}b"} ${hits}`,
    'vllm:prefix_cache_hits_created{engine="0"} 1.7e+09',
    `vllm:prefix_cache_queries_total{engine="0"} ${queries}.0`,
    `vllm:prefix_cache_queries_total{engine="1"} 5 1763777701`,
  ].join('\n');

describe('the server', () => {
  it.each([
    ['before and after', PAGE(0, 0), PAGE(25, 100), 0.25],
    ['a restart in between', PAGE(50, 200), PAGE(25, 100), null],
    ['no page', null, PAGE(25, 100), null],
    ['no traffic', PAGE(1, 1), PAGE(1, 1), null],
    [
      'other counters',
      'sglang:cached_tokens_total 0\nsglang:prompt_tokens_total 0',
      'sglang:cached_tokens_total 5\nsglang:prompt_tokens_total 10',
      0.5,
    ],
  ])('has a cache hit rate from %s', (_, before, after, rate) => {
    expect(cacheHitRate(before, after)).toBe(rate);
  });

  it('serves the model asked for, or the only one', () => {
    const facts = {
      models: ['a'],
      modelRoot: null,
      maxModelLen: null,
      engine: null,
      engineVersion: null,
      prefixCaching: null,
    };
    expect(chooseModel('x', facts)).toBe('x');
    expect(chooseModel(null, facts)).toBe('a');
    expect(() => chooseModel(null, { ...facts, models: ['a', 'b'] })).toThrow(
      expect.objectContaining({ code: 'model_ambiguous' }),
    );
    expect(() => chooseModel(null, { ...facts, models: null })).toThrow(
      expect.objectContaining({ code: 'model_unknown' }),
    );
  });
});
