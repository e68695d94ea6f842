import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSlo, meetsSlo, sloVerdicts } from '../../src/load/slo.ts';
import {
  failureCounts,
  meanInFlight,
  tokenFacts,
  tokensInWindow,
  trialMetrics,
  type TrialInput,
} from '../../src/load/trial-metrics.ts';
import { answered, failed, lasting } from './request-records.ts';

const input = (given: Partial<TrialInput>): TrialInput => ({
  measured: [],
  carried: [],
  windowMs: [0, 1000],
  slo: parseSlo('ttft:200'),
  nGpus: null,
  cacheHitRate: null,
  power: null,
  ...given,
});

describe('the figures of a trial', () => {
  const two = [
    answered({ sentMs: 0, pieceMs: [100, 120, 160], tokens: 3 }),
    answered({ sentMs: 100, pieceMs: [400, 440], tokens: 5 }),
  ];

  it('are those of the definitions', () => {
    const { metrics } = trialMetrics(input({ measured: two, nGpus: 2 }));
    expect(metrics).toMatchObject({
      ttft_mean_ms: 200,
      ttft_p50_ms: 200,
      e2e_p50_ms: 250,
      // (160 - 100) / 2 and (440 - 400) / 4
      tpot_p50_ms: 20,
      tps_per_user: 50,
      // gaps 20, 40 and 40
      itl_p50_ms: 40,
      throughput_tok_per_s: 8,
      output_tps_per_gpu: 4,
      req_per_s: 2,
      ok_rate: 1,
    });
  });

  it('begin at the time a request was due', () => {
    const late = answered({ dueMs: 0, sentMs: 900, pieceMs: [950] });
    expect(trialMetrics(input({ measured: [late] })).metrics).toMatchObject({ ttft_p50_ms: 950, e2e_p50_ms: 950 });
  });

  it('never take a latency from a failed request, and count it against the rates', () => {
    const { metrics } = trialMetrics(
      input({ measured: [lasting(300), failed('server_error'), failed('unsent'), failed('rate_limited')] }),
    );
    expect(metrics).toMatchObject({ ok_rate: 0.25, compliance_rate: 0.25, e2e_mean_ms: 300, goodput_req_per_s: 1 });
  });

  it('are absent with a reason when nothing was answered', () => {
    const { metrics, missing } = trialMetrics(input({ measured: [failed('timeout_first_byte')] }));
    expect(metrics).toEqual({ ok_rate: 0, compliance_rate: 0 });
    expect(missing).toMatchObject({
      ttft_p50_ms: 'no request was answered',
      throughput_tok_per_s: 'no request was answered',
    });
  });

  it('leave one-token answers out of TPOT', () => {
    const { metrics, missing } = trialMetrics(input({ measured: [answered({ sentMs: 0, pieceMs: [50] })] }));
    expect(metrics['tpot_p50_ms']).toBeUndefined();
    expect(missing['tpot_p50_ms']).toBe('no answer had two tokens');
  });

  it('count tokens by arrival: those of the warm-up in, those of the drain out', () => {
    const carried = answered({ sentMs: -500, pieceMs: [-100, 100] });
    const draining = answered({ sentMs: 900, pieceMs: [950, 1050], tokens: 4 });
    expect(tokensInWindow([carried, draining], [0, 1000])).toBe(1 + 2);
  });

  it('take the cache hit rate from the server, else from usage, else say why not', () => {
    const reported = [answered({ sentMs: 0, pieceMs: [1], inputTokens: 100, cachedTokens: 25 })];
    expect(trialMetrics(input({ measured: reported, cacheHitRate: 0.5 })).metrics['prefix_cache_hit_rate']).toBe(0.5);
    expect(trialMetrics(input({ measured: reported })).metrics['prefix_cache_hit_rate']).toBe(0.25);
    expect(trialMetrics(input({ measured: two })).missing['prefix_cache_hit_rate']).toMatch(/neither/);
  });

  it('give energy only when it is valid', () => {
    const figures = { averageW: 500, peakW: 600, energyJ: 500, gpus: ['GPU-0'] };
    const valid = trialMetrics(input({ measured: two, power: { valid: true, figures } }));
    expect(valid.metrics).toMatchObject({ power_avg_w: 500, energy_joules_total: 500, joules_per_token: 500 / 8 });
    const doubtful = trialMetrics(input({ measured: two, power: { valid: false, problem: 'sampling_gap_exceeded' } }));
    expect(doubtful.missing['joules_per_token']).toBe('sampling_gap_exceeded');
  });
});

describe('goodput', () => {
  /** Requests of a run as any stop rule and concurrency may leave them, around a window of a second. */
  const runs = fc.record({
    measured: fc.array(fc.tuple(fc.integer({ min: 0, max: 999 }), fc.integer({ min: 1, max: 1500 }), fc.boolean()), {
      minLength: 1,
    }),
    carried: fc.array(fc.tuple(fc.integer({ min: -400, max: -1 }), fc.integer({ min: 401, max: 1500 }))),
  });
  type Run = typeof runs extends fc.Arbitrary<infer T> ? T : never;
  const figures = ({ measured, carried }: Run, slo: string): Readonly<Record<string, number>> =>
    trialMetrics(
      input({
        measured: measured.map(([at, ms, fails]) => (fails ? failed('dropped') : lasting(ms, at))),
        carried: carried.map(([at, ms]) => lasting(ms, at)),
        slo: parseSlo(slo),
      }),
    ).metrics;

  it('is requests per second where every request met its service level', () => {
    fc.assert(
      fc.property(runs, (run) => {
        const { goodput_req_per_s: goodput, req_per_s: rate } = figures(run, 'e2e:2000');
        expect(goodput).toBe(rate);
      }),
    );
  });

  it('is never more than requests per second, and falls with a harder level', () => {
    fc.assert(
      fc.property(runs, (run) => {
        const [hard, soft] = [figures(run, 'e2e:300'), figures(run, 'e2e:900')];
        expect(hard['goodput_req_per_s'] ?? 0).toBeLessThanOrEqual(soft['goodput_req_per_s'] ?? 0);
        expect(soft['goodput_req_per_s'] ?? 0).toBeLessThanOrEqual(soft['req_per_s'] ?? 0);
      }),
    );
  });

  it('leaves out an answer that ended after the window, and takes in one that began before it', () => {
    const [draining, carried] = [lasting(300, 900), lasting(300, -100)];
    const { metrics } = trialMetrics(
      input({ measured: [lasting(100), draining], carried: [carried], slo: parseSlo('e2e:300') }),
    );
    expect(metrics).toMatchObject({ req_per_s: 2, goodput_req_per_s: 2 });
  });
});

describe('occupancy', () => {
  it('is the mean number in flight over the window', () => {
    const records = [
      answered({ sentMs: -500, pieceMs: [500] }),
      answered({ sentMs: 500, pieceMs: [2000] }),
      failed('unsent'),
    ];
    expect(meanInFlight(records, [0, 1000])).toBe(1);
  });

  it('is never more than the number of requests', () => {
    const records = fc.array(fc.tuple(fc.integer({ min: -100, max: 1100 }), fc.integer({ min: 1, max: 500 })));
    fc.assert(
      fc.property(records, (spans) => {
        const inFlight = meanInFlight(
          spans.map(([at, ms]) => lasting(ms, at)),
          [0, 1000],
        );
        expect(inFlight).toBeGreaterThanOrEqual(0);
        expect(inFlight).toBeLessThanOrEqual(spans.length);
      }),
    );
  });
});

describe('token counts', () => {
  it('name their source, and say when it is mixed', () => {
    const byUsage = answered({ sentMs: 0, pieceMs: [1, 2], inputTokens: 12 });
    const byPieces = { ...byUsage, tokenSource: 'chunks' as const, inputTokens: 8 };
    expect(tokenFacts([byUsage])).toMatchObject({ source: 'usage', inputMean: 12 });
    expect(tokenFacts([byUsage, byPieces])).toMatchObject({
      source: 'mixed',
      inputMean: 10,
      inputMin: 8,
      inputMax: 12,
    });
    expect(tokenFacts([failed('dropped')])).toMatchObject({ source: null, inputMean: null, outputMean: null });
  });

  it('of failures come with the commonest first', () => {
    const counts = failureCounts([failed('dropped'), failed('rate_limited'), failed('rate_limited'), lasting(1)]);
    expect(Object.entries(counts)).toEqual([
      ['rate_limited', 2],
      ['dropped', 1],
    ]);
  });
});

describe('service levels', () => {
  it.each([
    ['ttft:200', ['ttft ≤ 200 ms at p95']],
    ['ttft:0.2s, tpot:50@p99', ['ttft ≤ 200 ms at p95', 'tpot ≤ 50 ms at p99']],
    ['itl<80ms,e2e=3s@p99.9', ['itl ≤ 80 ms at p95', 'e2e ≤ 3000 ms at p99.9']],
  ])('%s is read', (text, limits) => {
    expect(parseSlo(text).map((of) => `${of.metric} ≤ ${of.limitMs} ms at p${of.percentile}`)).toEqual(limits);
  });

  it.each(['', 'ttft', 'ttft:-5', 'latency:5', 'ttft:0', 'ttft:5@p101', 'ttft:5@p0'])('%j is refused', (text) => {
    expect(() => parseSlo(text)).toThrow();
  });

  it('are met by a request within every limit', () => {
    const record = answered({ sentMs: 0, pieceMs: [100, 150, 160] });
    expect(meetsSlo(record, parseSlo('ttft:100,e2e:160,tpot:30,itl:50'))).toBe(true);
    expect(meetsSlo(record, parseSlo('ttft:99'))).toBe(false);
    expect(meetsSlo(record, parseSlo('itl:49'))).toBe(false);
    expect(meetsSlo(failed('dropped'), parseSlo('ttft:100'))).toBe(false);
  });

  it('at a percentile that failures reach are not met, however fast the rest was', () => {
    const good = Array.from({ length: 90 }, () => lasting(100));
    const bad = Array.from({ length: 10 }, () => failed('server_error'));
    const [p95, p50] = sloVerdicts([...good, ...bad], parseSlo('e2e:200,e2e:200@p50'));
    expect(p95).toMatchObject({ observedMs: null, met: false });
    expect(p50).toMatchObject({ observedMs: 100, met: true });
  });
});
