import { afterEach, describe, expect, it } from 'vitest';
import { runBench, type RunHooks, type RunPlan, type Side } from '../../src/load/bench-run.ts';
import type { ServerPlan } from '../../src/load/prepare.ts';
import { latenciesOf } from '../../src/load/request-record.ts';
import type { LoadShape } from '../../src/load/session.ts';
import { findSuite, resolveSlo } from '../../src/load/suites.ts';
import type { TrialResult } from '../../src/load/trial.ts';
import { startStandIn, type StandIn, type StandInOptions } from './stand-in-server.ts';

const open: StandIn[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

const serve = async (options: StandInOptions = {}): Promise<StandIn> => {
  const server = await startStandIn({ gapMs: 0, firstMs: 1, ...options });
  open.push(server);
  return server;
};

const serverPlan = (baseUrl: string, given: Partial<ServerPlan> = {}): ServerPlan => ({
  baseUrl,
  apiKey: null,
  endpoint: 'chat',
  model: null,
  source: { kind: 'suite', suite: findSuite('chatbot-short') },
  isl: null,
  osl: 16,
  seed: 42,
  trials: 1,
  runNonce: 'test',
  limits: { firstByteMs: 2000, stallMs: 500, totalMs: null },
  ...given,
});

const side = (baseUrl: string, given: Partial<Side> = {}, server: Partial<ServerPlan> = {}): Side => ({
  server: serverPlan(baseUrl, server),
  nGpus: 1,
  sampleGpus: null,
  power: null,
  restart: null,
  ...given,
});

const plan = (sides: RunPlan['sides'], given: Partial<RunPlan> = {}): RunPlan => ({
  sides,
  points: [{ kind: 'closed', concurrency: 4 }],
  trials: 1,
  stop: { requests: 40, durationS: null },
  warmUp: { kind: 'none' },
  slo: resolveSlo('llm.relaxed').slo,
  maxInFlight: 1000,
  readyLimitMs: 5000,
  ...given,
});

const hooks = (given: Partial<RunHooks> = {}): RunHooks => ({
  signal: new AbortController().signal,
  onProgress: () => undefined,
  ...given,
});

const trialOf = async (server: StandIn, given: Partial<RunPlan> = {}): Promise<TrialResult> => {
  const result = await runBench(plan([side(server.baseUrl)], given), hooks());
  const trial = result.sides[0]?.points[0]?.trials[0];
  if (trial === undefined) throw new Error('no trial');
  return trial;
};

describe('a closed loop', () => {
  it('sends exactly the requests asked for, each with a prompt of its own and of the asked length', async () => {
    const server = await serve();
    const trial = await trialOf(server);
    expect(trial).toMatchObject({ requests: 40, waves: 10, failures: {}, replicateLevel: 'window' });
    expect(trial.tokens).toMatchObject({ source: 'usage', outputMean: 8 });
    expect(Math.abs((trial.tokens.inputMean ?? 0) - 128)).toBeLessThan(2);
    const prompts = server.bodies.map((body) => JSON.stringify(body['messages']));
    expect(new Set(prompts).size).toBe(prompts.length);
    expect(server.bodies[0]).toMatchObject({ model: 'stand-in', temperature: 0, ignore_eos: true, stream: true });
  });

  it('never has more in flight than asked for', async () => {
    const trial = await trialOf(await serve({ gapMs: 1 }));
    expect(trial.occupancy).toBeLessThanOrEqual(1.001);
    expect(trial.occupancy).toBeGreaterThan(0.1);
  });

  it('counts failures with their reasons and takes no latency from them', async () => {
    const behave: StandInOptions['behave'] = (n) => (n % 4 === 1 ? 'rate_limit' : n % 4 === 2 ? 'drop' : 'good');
    const trial = await trialOf(await serve({ behave }));
    expect(trial.metrics['ok_rate']).toBeCloseTo(0.5, 1);
    expect(Object.keys(trial.failures).sort()).toEqual(['dropped', 'rate_limited']);
    expect(trial.records.filter((record) => latenciesOf(record) !== null)).toHaveLength(
      trial.records.filter(({ failure }) => failure === null).length,
    );
  });

  it('of a server that answers nothing is no measurement', async () => {
    const trial = await trialOf(await serve({ behave: () => 'server_error' }), {
      stop: { requests: 8, durationS: null },
    });
    expect(trial.validity).toContain('no_measurement');
    expect(trial.metrics).toEqual({ ok_rate: 0, compliance_rate: 0 });
  });

  it('does not go on warming up a server that answers nothing', async () => {
    const server = await serve({ behave: () => 'server_error' });
    const trial = await trialOf(server, {
      warmUp: { kind: 'auto', maxSeconds: 600 },
      stop: { requests: 4, durationS: null },
    });
    expect(trial.warmUp).toMatchObject({ steady: false });
    expect(trial.warmUp.requests).toBeLessThan(20);
  });

  it('ends its window after the duration, and still waits for the answers', async () => {
    const trial = await trialOf(await serve({ gapMs: 10 }), { stop: { requests: null, durationS: 0.3 } });
    expect(trial.seconds).toBeCloseTo(0.3, 6);
    expect(trial.requests).toBeGreaterThanOrEqual(4);
    expect(trial.failures).toEqual({});
  });

  it('measures after a warm-up that does not count', async () => {
    const server = await serve();
    const trial = await trialOf(server, { warmUp: { kind: 'requests', requests: 10 } });
    expect(trial.warmUp.requests).toBeGreaterThanOrEqual(10);
    expect(trial.requests).toBe(40);
  });

  it('is not steady when warm-up ran out of time', async () => {
    const trial = await trialOf(await serve(), { warmUp: { kind: 'auto', maxSeconds: 0 } });
    expect(trial.warmUp.steady).toBe(false);
    expect(trial.validity).toContain('not_steady');
  });
});

describe('an open loop', () => {
  const OPEN: LoadShape = { kind: 'open', ratePerS: 100, arrival: 'constant' };

  it('keeps to its schedule while the server stands still, and counts the wait', async () => {
    // Every answer takes 150 ms to begin; a client that waited for it would send nothing meanwhile.
    const server = await serve({ firstMs: 150, chunks: 2 });
    const trial = await trialOf(server, { points: [OPEN], stop: { requests: 30, durationS: null } });
    const due = trial.records.map(({ intendedMs }) => intendedMs).toSorted((a, b) => a - b);
    const gaps = due.slice(1).map((ms, index) => ms - (due[index] ?? 0));
    for (const gap of gaps) expect(gap).toBeCloseTo(10, 6);
    expect(trial.metrics['ttft_p50_ms']).toBeGreaterThanOrEqual(149);
    expect(trial).toMatchObject({ occupancy: null, waves: null, requests: 30 });
    expect(trial.scheduleLag?.p50Ms).toBeGreaterThanOrEqual(0);
  });

  it('counts what it could not send as a miss', async () => {
    const server = await serve({ firstMs: 100, chunks: 1 });
    const trial = await trialOf(server, { points: [OPEN], stop: { requests: 20, durationS: null }, maxInFlight: 3 });
    expect(trial.failures.unsent).toBeGreaterThan(0);
    expect(trial.metrics['ok_rate']).toBeCloseTo(1 - (trial.failures.unsent ?? 0) / 20);
  });
});

describe('an interruption', () => {
  it('keeps what was measured until then, and marks it', async () => {
    const abort = new AbortController();
    const server = await serve({ behave: (n) => (n === 30 ? (abort.abort(), 'good') : 'good') });
    const result = await runBench(
      plan([side(server.baseUrl)], { stop: { requests: 10_000, durationS: null }, trials: 3 }),
      hooks({ signal: abort.signal }),
    );
    const trials = result.sides[0]?.points[0]?.trials ?? [];
    expect(result.interrupted).toBe(true);
    expect(trials).toHaveLength(1);
    expect(trials[0]?.requests).toBeGreaterThan(10);
    expect(trials[0]?.failures).toEqual({});
    expect(trials[0]?.validity).toContain('undercount');
  });
});

describe('getting ready', () => {
  it('learns what the server reports', async () => {
    const result = await runBench(plan([side((await serve()).baseUrl)]), hooks());
    expect(result.sides[0]?.server).toMatchObject({
      facts: {
        models: ['stand-in'],
        modelRoot: 'org/stand-in',
        maxModelLen: 16384,
        engine: 'vllm',
        engineVersion: '0.11.0',
      },
      promptPlan: { isl: 128, osl: 16, countMethod: 'tokenize', fittedIsl: 128, cacheMode: 'cold' },
      style: { ignoreEos: true, includeUsage: true },
    });
  });

  it('counts prompts by usage where the server has no tokenizer', async () => {
    const result = await runBench(plan([side((await serve({ tokenize: null, version: null })).baseUrl)]), hooks());
    expect(result.sides[0]?.server.promptPlan).toMatchObject({ countMethod: 'usage', fittedIsl: 128 });
  });

  it.each([
    ['ignore_eos', { ignoreEos: false, includeUsage: true }],
    ['stream_options', { ignoreEos: false, includeUsage: false }],
  ])('does without %s where the server refuses it', async (refuseField, style) => {
    const result = await runBench(plan([side((await serve({ refuseField })).baseUrl)]), hooks());
    expect(result.sides[0]?.server.style).toMatchObject(style);
    expect(result.sides[0]?.points[0]?.trials[0]?.failures).toEqual({});
  });

  it('names the fallback when there is no usage', async () => {
    const trial = await trialOf(await serve({ behave: () => 'no_usage' }));
    expect(trial.tokens).toMatchObject({ source: 'chunks', outputMean: 8, inputMean: null });
  });

  it.each([
    ['a server that is not there', 'http://127.0.0.1:9/v1', { model: 'x' }, 'endpoint_unreachable'],
    ['no address', 'localhost:8000', { model: 'x' }, 'base_url_invalid'],
    ['a user that cannot be read', 'http://a%zz:b@127.0.0.1:9/v1', { model: 'x' }, 'base_url_invalid'],
  ])('refuses %s', async (_, baseUrl, given, code) => {
    await expect(runBench(plan([side(baseUrl, {}, given)]), hooks())).rejects.toMatchObject({ code });
  });

  it('refuses prompts that the server cannot take', async () => {
    const server = await serve();
    await expect(runBench(plan([side(server.baseUrl, {}, { isl: 16_000, osl: 1000 })]), hooks())).rejects.toMatchObject(
      { code: 'prompt_too_long' },
    );
  });
});

describe('caches', () => {
  it('that help prompts which should be new make the trial invalid', async () => {
    let hits = 0;
    const metrics = (): string =>
      `# TYPE x counter\nvllm:prefix_cache_hits_total ${(hits += 90)}\nvllm:prefix_cache_queries_total ${(hits / 90) * 100}`;
    const trial = await trialOf(await serve({ metrics }));
    expect(trial.metrics['prefix_cache_hit_rate']).toBeCloseTo(0.9);
    expect(trial.validity).toContain('cache_state');
  });
});

describe('telemetry and power', () => {
  const gpu = { uuid: 'GPU-0', powerW: 400, smClockMhz: 1980, clockReasons: 0, eccUncorrected: 0, processes: null };

  it('give energy per token with its scope, from the source that was named', async () => {
    const server = await serve({ gapMs: 5 });
    const sides: RunPlan['sides'] = [
      side(server.baseUrl, {
        sampleGpus: () => Promise.resolve([gpu]),
        power: { kind: 'telemetry', scope: 'one GPU' },
      }),
    ];
    const result = await runBench(plan(sides, { stop: { requests: null, durationS: 0.5 } }), hooks());
    const trial = result.sides[0]?.points[0]?.trials[0];
    expect(trial?.metrics['power_avg_w']).toBeCloseTo(400);
    expect(trial?.metrics['energy_joules_total']).toBeCloseTo(200);
    expect(trial?.metrics['joules_per_token']).toBeCloseTo(400 / (trial?.metrics['throughput_tok_per_s'] ?? 0));
    expect(trial?.gpuUuids).toEqual(['GPU-0']);
  });

  it('say why there is no energy', async () => {
    const server = await serve();
    const power = { kind: 'log' as const, scope: 'rack', path: 'p.jsonl', read: () => Promise.resolve('') };
    const result = await runBench(plan([side(server.baseUrl, { power })]), hooks());
    const trial = result.sides[0]?.points[0]?.trials[0];
    expect(trial?.metrics['joules_per_token']).toBeUndefined();
    expect(trial).toMatchObject({
      powerProblem: 'insufficient_power_samples',
      missing: { joules_per_token: 'insufficient_power_samples' },
    });
  });
});

describe('two servers', () => {
  it('are measured in turn, in blocks', async () => {
    const [a, b] = [await serve(), await serve()];
    const order: number[] = [];
    const result = await runBench(
      plan([side(a.baseUrl, {}, { trials: 2 }), side(b.baseUrl, {}, { trials: 2 })], { trials: 2 }),
      hooks({ onProgress: (progress) => order.push(progress.side) }),
    );
    expect(order.filter((each, index) => each !== order[index - 1])).toEqual([0, 1, 0]);
    expect(result.sides.map(({ points }) => points[0]?.trials.map(({ block }) => block))).toEqual([
      [0, 1],
      [0, 1],
    ]);
  });

  it('are started anew before every trial where a restart is given, and trials are processes then', async () => {
    const server = await serve();
    let starts = 0;
    const restart = (): Promise<void> => {
      starts += 1;
      return Promise.resolve();
    };
    const result = await runBench(
      plan([side(server.baseUrl, { restart })], { trials: 3, stop: { requests: 8, durationS: null } }),
      hooks(),
    );
    expect(starts).toBe(3);
    expect(result.sides[0]?.points[0]?.trials.map(({ replicateLevel }) => replicateLevel)).toEqual([
      'process',
      'process',
      'process',
    ]);
  });
});
