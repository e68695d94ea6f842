// What `bench run` writes down about servers that behave badly or report little, and what reads its envelopes and those of other tools:
// all through the built binaries.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startStandIn, type Behaviour, type StandIn, type StandInOptions } from '../load/stand-in-server.ts';
import { expectSchema } from './answer.ts';
import { freshRoot, removeRoot } from './connect.ts';
import { jsonOf, runCli, type Finished } from './run-cli.ts';

let root: string;
const open: StandIn[] = [];
const at = (...names: string[]): string => join(root, ...names);
const bench = (...args: string[]): Promise<Finished> => runCli(args, { root, program: resolve('dist/bench.mjs') });

beforeAll(() => {
  root = freshRoot();
});
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});
afterAll(() => removeRoot(root));

interface Envelope {
  readonly metrics: Record<string, number | null>;
  readonly metrics_missing: readonly { readonly field: string; readonly reason: string }[];
  readonly failures: Record<string, number>;
  readonly labels: Record<string, string>;
  readonly warnings: readonly string[];
  readonly slo: readonly { readonly metric: string; readonly percentile: number; readonly met: boolean }[];
  readonly driver_options: Record<string, unknown>;
  readonly dataset: { readonly hash: string };
  readonly seed: number;
  readonly trials: readonly {
    readonly validity: readonly string[];
    readonly requests: number;
    readonly occupancy: number | null;
    readonly waves: number | null;
    readonly seconds: number;
    readonly warm_up: { readonly requests: number; readonly steady: boolean };
    readonly achieved: { readonly isl_mean: number | null; readonly osl_mean: number | null };
  }[];
}

let folders = 0;
/** A run of four requests in flight against a server of its own, and its envelope. */
const measure = async (
  served: StandInOptions,
  flags: readonly string[],
): Promise<{ readonly done: Finished; readonly envelope: Envelope; readonly bodies: StandIn['bodies'] }> => {
  const server = await startStandIn({ gapMs: 0, firstMs: 1, ...served });
  open.push(server);
  const folder = `run-${(folders += 1)}`;
  const load = ['--concurrency', '4', '--base-url', server.baseUrl, '--output', folder];
  const done = await bench('run', 'chatbot-short', '--osl', '16', ...load, ...flags);
  expect(done.code, done.stderr).toBe(0);
  const [name = ''] = readdirSync(at(folder)).filter((each) => each.endsWith('.json'));
  return { done, envelope: JSON.parse(readFileSync(at(folder, name), 'utf8')), bodies: server.bodies };
};
const AT_ONCE = ['--warm-up-s', '0'];

describe('a server that misbehaves', () => {
  const BAD: readonly (readonly [Behaviour, string])[] = [
    ['hang', 'timeout_first_byte'],
    ['stall', 'timeout_stalled'],
    ['drop', 'dropped'],
    ['close_early', 'closed_early'],
    ['malformed_json', 'malformed_stream'],
    ['rate_limit', 'rate_limited'],
    ['server_error', 'server_error'],
    ['error_in_stream', 'error_in_stream'],
    ['empty', 'no_output'],
    ['usage_too_large', 'usage_implausible'],
  ];

  it('is counted under its reasons in ok_rate, and gives no latency', async () => {
    const good = 20;
    // The first streamed request is the one that finds out what the server takes.
    const behave = (n: number): Behaviour => (n === 0 || n > BAD.length ? 'good' : (BAD[n - 1]?.[0] ?? 'good'));
    const flags = [...AT_ONCE, '--requests', String(BAD.length + good), '--timeout-s', '0.5'];
    const { done, envelope } = await measure({ behave }, flags);
    const counted = Object.fromEntries(BAD.map(([, reason]) => [reason, 1]));
    expect(envelope.failures).toEqual(counted);
    expect(envelope.metrics['ok_rate']).toBeCloseTo(good / (good + BAD.length));
    expect(done.stdout).toContain('1 timeout_first_byte');
    // Requests that hung for half a second are in no latency.
    expect(envelope.metrics['e2e_p99_ms']).toBeLessThan(500);
    const lines = readFileSync(
      at(`run-${folders}`, readdirSync(at(`run-${folders}`)).find((name) => name.endsWith('l')) ?? ''),
      'utf8',
    );
    const failed = lines
      .trim()
      .split('\n')
      .map((line): Record<string, unknown> => JSON.parse(line))
      .filter(({ failure }) => failure !== null);
    expect(failed).toHaveLength(BAD.length);
    for (const record of failed) expect(record).toMatchObject({ ttft_ms: null, e2e_ms: null });
    expect(lines).not.toContain('sk-abcdefghijklmnopqrstuv');
  });
});

describe('a server that reports little', () => {
  it('without usage and tokenizer: pieces are counted, lengths estimated, and both are said', async () => {
    const { envelope, done } = await measure({ behave: () => 'no_usage', tokenize: null }, [
      ...AT_ONCE,
      '--requests',
      '12',
    ]);
    expect(envelope.labels).toMatchObject({ token_source: 'chunks' });
    expect(envelope.warnings.join('\n')).toMatch(/does not report usage: output tokens are pieces of text/);
    expect(done.stdout).toContain('pieces of text');
  });

  it('without tokenizer but with usage: prompts are fitted by it', async () => {
    const { envelope } = await measure({ tokenize: null }, [...AT_ONCE, '--requests', '12']);
    expect(envelope.labels).toMatchObject({ token_source: 'usage', isl_counted_by: 'usage' });
    expect(envelope.trials[0]?.achieved.isl_mean).toBeCloseTo(128, -1);
  });

  it('names every figure that it could not have, with the reason', async () => {
    const { envelope } = await measure({}, [...AT_ONCE, '--requests', '12']);
    const reasons = Object.fromEntries(envelope.metrics_missing.map(({ field, reason }) => [field, reason]));
    expect(reasons).toMatchObject({
      joules_per_token: 'no power source named',
      output_tps_per_gpu: 'number of GPUs not given',
      prefix_cache_hit_rate: expect.any(String),
    });
    for (const field of Object.keys(reasons)) expect(envelope.metrics[field]).toBeNull();
  });
});

describe('a run', () => {
  it('honours the seed: the same prompts in other words of beginning, the same hash, other prompts for another seed', async () => {
    const flags = [...AT_ONCE, '--requests', '8'];
    const runs = [];
    for (const seed of ['7', '7', '8']) runs.push(await measure({}, [...flags, '--seed', seed]));
    const hashes = runs.map(({ envelope }) => envelope.dataset.hash);
    expect(hashes[0]).toBe(hashes[1]);
    expect(hashes[0]).not.toBe(hashes[2]);
    expect(runs.map(({ envelope }) => envelope.seed)).toEqual([7, 7, 8]);
    // The first streamed request is the one that finds out what the server takes.
    const [first, second] = runs.map(
      ({ bodies }) => new Set(bodies.slice(1).map((body) => JSON.stringify(body['messages']))),
    );
    expect([...(first ?? [])].filter((prompt) => second?.has(prompt))).toEqual([]);
  });

  it('warms up until two windows agree, fills its places, and judges the service level asked for', async () => {
    const slo = ['--slo', 'ttft:5000,e2e:0.001@p50'];
    const { envelope } = await measure({ gapMs: 1 }, ['--warm-up-s', '30', '--requests', '40', ...slo]);
    const [trial] = envelope.trials;
    expect(trial?.warm_up.requests).toBeGreaterThanOrEqual(16);
    expect(trial?.waves).toBe(10);
    expect(trial?.occupancy).toBeGreaterThan(0.5);
    expect(envelope.slo).toMatchObject([
      { metric: 'ttft', percentile: 95, met: true },
      { metric: 'e2e', percentile: 50, met: false },
    ]);
    expect(envelope.metrics).toMatchObject({ compliance_rate: 0, goodput_req_per_s: 0 });
  });

  it('is not steady when warm-up ran out of its time', async () => {
    const { envelope, done } = await measure({ gapMs: 20 }, ['--warm-up-s', '0.05', '--requests', '12']);
    expect(envelope.trials[0]).toMatchObject({ validity: expect.arrayContaining(['not_steady']) });
    expect(done.stdout).toMatch(/^! c4: not_steady in 1 of 1 trials$/m);
  });

  it('ends its window after the time asked for', async () => {
    const { envelope } = await measure({}, [...AT_ONCE, '--duration', '1']);
    expect(envelope.trials[0]?.seconds).toBeCloseTo(1, 1);
    expect(envelope.driver_options).toMatchObject({ duration_s: 1, requests: null });
  });

  it('takes the cache hit rate from the counters before and after, and doubts a warm cache', async () => {
    let hits = 0;
    const metrics = (): string =>
      `# TYPE x counter\nvllm:prefix_cache_hits_total ${(hits += 90)}\nvllm:prefix_cache_queries_total ${(hits / 90) * 100}`;
    const { envelope } = await measure({ metrics }, [...AT_ONCE, '--requests', '12']);
    expect(envelope.metrics['prefix_cache_hit_rate']).toBeCloseTo(0.9);
    expect(envelope.trials[0]?.validity).toContain('cache_state');
  });

  it('has energy per token only from a power source, with its scope', async () => {
    const start = Date.now() / 1000 - 5;
    const samples = Array.from({ length: 120 }, (_, second) => ({
      timestamp: start + second,
      power_w: 400,
      gpu: 'GPU-a',
    }));
    writeFileSync(at('power.jsonl'), samples.map((sample) => JSON.stringify(sample)).join('\n'));
    const power = ['--power-source', 'power.jsonl', '--power-scope', 'one board', '--n-gpus', '1'];
    const { envelope } = await measure({ gapMs: 2 }, [...AT_ONCE, '--requests', '12', ...power]);
    expect(envelope.metrics['power_avg_w']).toBeCloseTo(400);
    expect(envelope.metrics['joules_per_token']).toBeGreaterThan(0);
    expect(envelope.labels).toMatchObject({ power_scope: 'one board' });
  });

  it('asks a JSONL file as a suite', async () => {
    const lines = ['alpha', 'beta', 'gamma'].map((prompt) => JSON.stringify({ prompt, max_tokens: 16 }));
    writeFileSync(at('prompts.jsonl'), lines.join('\n'));
    const server = await startStandIn({ gapMs: 0, firstMs: 1 });
    open.push(server);
    const load = [
      '--concurrency',
      '1',
      '--requests',
      '3',
      '--base-url',
      server.baseUrl,
      '--output',
      'file',
      ...AT_ONCE,
    ];
    const done = await bench('run', 'prompts.jsonl', ...load);
    expect(done.code, done.stderr).toBe(0);
    const asked = server.bodies.slice(-3).map(({ messages }) => Object(messages)[0].content);
    expect(asked.toSorted()).toEqual(['alpha', 'beta', 'gamma']);
  });
});

describe('files of other tools', () => {
  it.each([
    'vllm-serve.json',
    'sglang-serve.jsonl',
    'profile_export_aiperf.json',
    'guidellm-v1.json',
    'inferencex-multinode.json',
  ])('%s is read by bench diff as it is, and differs in nothing from itself', async (name) => {
    const path = resolve('test/fixtures/measurements', name);
    const done = await bench('diff', path, path, '--strict', '--json');
    const result = jsonOf(done);
    expectSchema('bench_diff', result);
    expect(result, done.stderr).toMatchObject({ exit_code: 0, counts: { regression: 0, improvement: 0, missing: 0 } });
    expect(result['metrics_count']).toBeGreaterThan(0);
  });
});

describe('serving, compared end to end', () => {
  it('sota_compare reads the trials that bench run wrote of two servers in turn', async () => {
    const pair = [await startStandIn({ gapMs: 0 }), await startStandIn({ gapMs: 0 })];
    open.push(...pair);
    const places = pair.flatMap(({ baseUrl }, index) => ['--base-url', baseUrl, '--output', `results/s${index}/chat`]);
    const load = ['--concurrency', '2', '--requests', '8', '--trials', '5', ...AT_ONCE];
    const done = await bench('run', 'chatbot-short', '--osl', '8', ...load, ...places);
    expect(done.code, done.stderr).toBe(0);
    const implementation = (name: string): unknown => ({
      name,
      pinned: '0.11.0',
      version: { field: 'engine.version' },
      results: `results/${name}/{scenario}`,
    });
    const scenario = {
      name: 'chat',
      parameters: { concurrency: 2 },
      value: 'trials.*.requests',
      unit: 'requests',
      direction: 'higher-is-better',
    };
    const config = {
      title: 'Serving',
      reference: 's0',
      same: ['model.id', 'dataset.hash'],
      scenarios: [scenario],
      implementations: [implementation('s0'), implementation('s1')],
    };
    writeFileSync(at('serving.json'), JSON.stringify(config));
    const compared = await runCli(
      ['sota_compare', '--config', 'serving.json', '--i-understand-this-submits-jobs', '--wait-s', '60', '--json'],
      { root },
    );
    expect(compared.code, compared.stderr + compared.stdout).toBe(0);
    expect(existsSync(at('sota', 'BENCHMARKS_SOTA_COMPARISON.md'))).toBe(true);
    const report = readFileSync(at('sota', 'BENCHMARKS_SOTA_COMPARISON.md'), 'utf8');
    expect(report).toContain('| s0 | 0.11.0 | 0.11.0 |');
    expect(report).toMatch(/### chat/);
  });
});
