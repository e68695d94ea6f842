// The commands of the regression-check recipe as a person types them, against a server that streams: bench run, bench diff, bench compare,
// bench export, and bench_run as a job over MCP.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startStandIn, type StandIn } from '../load/stand-in-server.ts';
import { expectAnswer, expectSchema } from './answer.ts';
import { connect, freshRoot, removeRoot } from './connect.ts';
import { jsonOf, runCli, STACK_LINE, type CliOptions, type Finished } from './run-cli.ts';

const MODEL = 'meta-llama/Llama-3.1-8B-Instruct';
const SUITE = 'llm.inference.chatbot-short';
const SHORT = ['--requests', '8', '--warm-up-s', '0'];

let root: string;
let server: StandIn;
const at = (...names: string[]): string => join(root, ...names);
const bench = (args: readonly string[], options: Partial<CliOptions> = {}): Promise<Finished> =>
  runCli(args, { root, program: resolve('dist/bench.mjs'), ...options });
/** What `folder/c16-*.json` is to a shell. */
const envelopes = (folder: string, point = 'c16'): string[] =>
  readdirSync(at(folder))
    .filter((name) => name.startsWith(`${point}-`) && name.endsWith('.json'))
    .map((name) => `./${folder}/${name}`);

interface Envelope {
  metrics: Record<string, number | null>;
  trials: { metrics: Record<string, number>; replicate_level: string; validity: string[]; block: number | null }[];
  [field: string]: unknown;
}
const readEnvelope = (path: string): Envelope => JSON.parse(readFileSync(at(path), 'utf8'));

/** A copy of a measured envelope with some fields changed, so that a comparison does not depend on the speed of this machine. */
const variant = (name: string, change: (envelope: Envelope) => void): string => {
  const [source = ''] = envelopes('baseline');
  const envelope = readEnvelope(source);
  envelope.trials = [];
  change(envelope);
  mkdirSync(at(name), { recursive: true });
  writeFileSync(at(name, 'c16-0123456789ab.json'), JSON.stringify(envelope));
  return `./${name}/c16-0123456789ab.json`;
};

/** Trials of a metric around its median, all valid and of one process each. */
const withTrials = (envelope: Envelope, metric: string, values: readonly number[]): void => {
  envelope.metrics = { [metric]: values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0 };
  envelope.trials = values.map((value, index) => ({
    index,
    block: null,
    started_at: '2026-11-23T00:00:00.000Z',
    replicate_level: 'process',
    metrics: { [metric]: value },
    validity: [],
    gpu_uuids: null,
  }));
};

const FULL = ['--model', MODEL, '--engine', 'vllm', '--quant', 'fp16', '--concurrency', '16'];

let captured: Finished;
beforeAll(async () => {
  root = freshRoot();
  server = await startStandIn({ models: [MODEL], chunks: 6 });
  captured = await bench(['run', SUITE, ...FULL, '--base-url', server.baseUrl, '--output', './baseline']);
});
afterAll(async () => {
  await server.close();
  removeRoot(root);
});

describe('bench run', () => {
  it('writes one envelope with everything that was said and learned', () => {
    expect(captured, captured.stderr).toMatchObject({ code: 0, stderr: '' });
    expect(captured.stdout).toMatch(/^c16: [\d.]+ tok\/s, .*, ok rate 1, n 1$/m);
    const [path = '', ...more] = envelopes('baseline');
    expect(more).toEqual([]);
    expect(path).toMatch(/c16-[0-9a-f]{12}\.json$/);
    expect(readEnvelope(path)).toMatchObject({
      envelope_version: 'v1.1',
      context: { model: MODEL, engine: 'vllm', quant: 'fp16', concurrency: 16, isl: 128, osl: 128, n_gpus: null },
      metrics: { ok_rate: 1, joules_per_token: null },
    });
  });

  it('needs no acknowledgement and no model where the server lists one; what cannot be learned is null with a reason', async () => {
    const done = await bench([
      ...['run', SUITE, '--concurrency', '16', '--base-url', server.baseUrl, '--output', './candidate', ...SHORT],
      '--json',
    ]);
    expect(done.code, done.stderr).toBe(0);
    const result = jsonOf(done);
    expectSchema('bench_run', result);
    expect(result).toMatchObject({ tool: 'bench_run', state: 'succeeded', result: { interrupted: false } });
    const envelope = readEnvelope(envelopes('candidate')[0] ?? '');
    expect(envelope).toMatchObject({ context: { model: MODEL, quant: null, engine_version: '0.11.0' } });
    expect(envelope['provenance_missing']).toContainEqual({
      field: 'hardware_fingerprint',
      reason: expect.any(String),
    });
  });

  it('refuses a folder that holds the point before it sends anything, and takes it with --append', async () => {
    const line = ['run', SUITE, '--concurrency', '2', '--base-url', server.baseUrl, '--output', './twice', ...SHORT];
    expect((await bench(line)).code).toBe(0);
    const sent = server.bodies.length;
    const again = await bench(line);
    expect(again).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(/point_exists.*[^]*--append/) });
    expect(server.bodies).toHaveLength(sent);
    expect((await bench([...line, '--append'])).code).toBe(0);
    expect(envelopes('twice', 'c2')).toHaveLength(2);
  });

  it('sweeps, one envelope a load point, and compares and exports them', async () => {
    const load = ['--sweep', '1,2,4', '--n-gpus', '2', '--base-url', server.baseUrl];
    const done = await bench(['run', 'code', ...load, '--output', './sweep', ...SHORT]);
    expect(done.code, done.stderr).toBe(0);
    for (const point of ['c1', 'c2', 'c4']) expect(envelopes('sweep', point)).toHaveLength(1);

    const compared = jsonOf(await bench(['compare', './sweep', '--json']));
    expectSchema('bench_compare', compared);
    expect(compared['runs']).toHaveLength(3);
    const pictures = Object(compared['pictures']) as string[]; // the schema was checked above
    expect(pictures.map((path) => readFileSync(path, 'utf8').slice(0, 4))).toContain('<svg');

    const exported = await bench([
      'export',
      './sweep',
      '--format',
      'csv',
      '--metrics',
      'ttft_p50_ms,throughput_tok_per_s',
      '--output',
      'out.csv',
    ]);
    expect(exported.code, exported.stderr).toBe(0);
    expect(readFileSync(at('out.csv'), 'utf8').trim().split('\r\n')).toHaveLength(7);
    const summary = { GITHUB_STEP_SUMMARY: at('summary.md') };
    await bench(['export', './sweep', '--format', 'github-summary'], { env: summary });
    expect(readFileSync(at('summary.md'), 'utf8')).toContain('ttft_p50_ms');
  });

  it('measures two servers in turn, blocks recorded on both sides', async () => {
    const other = await startStandIn({ models: [MODEL], chunks: 6, gapMs: 4 });
    const places = ['--base-url', server.baseUrl, '--base-url', other.baseUrl, '--output', 'a', '--output', 'b'];
    const done = await bench(['run', 'code', '--concurrency', '2', '--trials', '3', ...places, ...SHORT]);
    await other.close();
    expect(done.code, done.stderr).toBe(0);
    for (const side of ['a', 'b'])
      expect(readEnvelope(envelopes(side, 'c2')[0] ?? '').trials.map(({ block }) => block)).toEqual([0, 1, 2]);
  });

  it.each([
    ['no load', ['--output', 'x'], 'load_missing'],
    ['a load twice', ['--output', 'x', '--concurrency', '2', '--rps', '4'], 'load_given_twice'],
    [
      'one folder for two servers',
      ['--output', 'x', '--concurrency', '2', '--base-url', 'http://127.0.0.1:9/v1'],
      'output_missing',
    ],
    ['a suite that is none', ['--output', 'x', '--concurrency', '2', '--suite', 'cod'], ''],
    ['no address', ['--output', 'x', '--concurrency', '2', '--base-url', 'localhost'], 'base_url_invalid'],
  ])('refuses %s and writes nothing', async (_, args, code) => {
    const done = await bench(['run', 'code', '--base-url', server.baseUrl, ...args]);
    expect(done).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(`error ${code}`) });
    expect(done.stderr).not.toMatch(STACK_LINE);
    expect(existsSync(at('x'))).toBe(false);
  });

  it('refuses a key that no header can carry, without showing it', async () => {
    const load = ['--concurrency', '2', '--base-url', server.baseUrl, '--output', 'x', '--api-key-env', 'KEY'];
    const env = { KEY: 'correct-horse\n' };
    const done = await bench(['run', 'code', ...load], { env });
    expect(done).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('error api_key_invalid: KEY') });
    expect(done.stderr).not.toContain('horse');
  });

  it('learns that nothing answered, with the reason, and writes no envelope', async () => {
    const broken = await startStandIn({ models: [MODEL], behave: () => 'server_error' });
    const load = ['--concurrency', '2', '--base-url', broken.baseUrl, '--output', './none', ...SHORT];
    const done = await bench(['run', 'code', ...load, '--json']);
    await broken.close();
    expect(done.code).toBe(2);
    expect(jsonOf(done)).toMatchObject({
      error: { code: 'no_measurement', message: expect.stringContaining('8 server_error') },
    });
    expect(existsSync(at('none')) ? readdirSync(at('none')) : []).toEqual([]);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('keeps what was measured at %s and exits 130', async (signal) => {
    const folder = `cut-${signal}`;
    const load = ['--concurrency', '2', '--duration', '60', '--warm-up-s', '0', '--base-url', server.baseUrl];
    const sent = server.bodies.length;
    const done = await bench(['run', 'code', ...load, '--output', folder], {
      onStart: (pid) => {
        const poll = setInterval(() => {
          if (server.bodies.length < sent + 12) return;
          clearInterval(poll);
          process.kill(pid, signal);
        }, 20);
      },
    });
    expect(done.code).toBe(130);
    expect(done.stdout).toMatch(/^interrupted: what was measured is kept\nc2: /);
    const envelope = readEnvelope(envelopes(folder, 'c2')[0] ?? '');
    expect(envelope.trials).toMatchObject([{ interrupted: true, validity: expect.arrayContaining(['undercount']) }]);
  });
});

describe('bench diff', () => {
  const diff = (...args: string[]): Promise<Finished> => bench(['diff', ...args]);

  it('of a run with itself finds nothing, also with --strict', async () => {
    const same = variant('same', () => undefined);
    const done = await diff(
      variant('base', () => undefined),
      same,
      '--strict',
    );
    expect(done).toMatchObject({ code: 0, stdout: expect.stringMatching(/^GREEN: 0 regressions/) });
  });

  it('exits 1 with --strict the moment a metric regresses, and 0 without; regressions come first', async () => {
    const base = variant('base', () => undefined);
    mkdirSync(at('benchmarks/baselines'), { recursive: true });
    cpSync(at(base), at('benchmarks/baselines/llama-3.1-8b-conc16.json'));
    const worse = variant('worse', ({ metrics }) => {
      metrics['ttft_p99_ms'] = Number(metrics['ttft_p99_ms']) * 1.05;
      metrics['e2e_p99_ms'] = Number(metrics['e2e_p99_ms']) * 0.9;
    });
    const plain = await diff('./benchmarks/baselines/llama-3.1-8b-conc16.json', worse);
    expect(plain.code).toBe(0);
    const lines = plain.stdout.split('\n');
    expect(lines[0]).toMatch(/1 regression, first ttft_p99_ms \+5\.0%, 1 improvement,/);
    expect(lines[1]).toMatch(/^decision: INCONCLUSIVE: one value a side proves nothing \(rule V1\), exit 0/);
    expect(lines[3]).toMatch(/^ttft_p99_ms .* \+5\.00% +2% {2}↑ regression/);
    expect(lines[4]).toMatch(/^e2e_p99_ms .* -10\.00% +2% {2}↓ improvement/);
    expect((await diff('./benchmarks/baselines/llama-3.1-8b-conc16.json', worse, '--strict')).code).toBe(1);
    expect((await diff(base, worse, '--strict', '--tolerance', '0.06')).code).toBe(0);
  });

  it.each([
    ['ok_rate slips by a thousandth', { ok_rate: 0.999 }],
    ['throughput drops', { throughput_tok_per_s: 1 }],
    ['joules_per_token vanished', { joules_per_token: null }],
  ])('fails under --strict when %s', async (_, changed) => {
    const base = variant('with-power', ({ metrics }) => Object.assign(metrics, { joules_per_token: 2 }));
    const cand = variant('slipped', ({ metrics }) => Object.assign(metrics, { joules_per_token: 2 }, changed));
    expect((await diff(base, cand, '--strict')).code).toBe(1);
  });

  it('warns of another model under --strict, refuses with --strict-context, and takes a change on purpose', async () => {
    const base = variant('base', () => undefined);
    const fp8 = variant('fp8', (envelope) => {
      Object.assign(Object(envelope['context']), { quant: 'fp8' });
      Object.assign(Object(envelope['quantization']), { format: 'fp8' });
    });
    const warned = await diff(base, fp8, '--strict');
    expect(warned).toMatchObject({ code: 0, stderr: expect.stringMatching(/^WARNING: .*quant/) });
    const result = jsonOf(await diff(base, fp8, '--strict', '--json'));
    expectSchema('bench_diff', result);
    expect(result).toMatchObject({ context_differs: true, warnings: [expect.stringContaining('quant')] });
    expect((await diff(base, fp8, '--strict-context')).code).toBe(4);
    expect((await diff(base, fp8, '--strict-context', '--axis', 'quant')).code).toBe(0);
  });

  it('with trials decides by the interval: pass, proven failure, and exit 3 where they settle nothing', async () => {
    const trials = (name: string, values: readonly number[]): string =>
      variant(name, (envelope) => withTrials(envelope, 'throughput_tok_per_s', values));
    const base = trials('t-base', [1000, 1001, 999, 1002, 998, 1000]);
    const same = trials('t-same', [1001, 1000, 1002, 999, 1000, 998]);
    const slow = trials('t-slow', [900, 901, 899, 902, 898, 900]);
    const noisy = trials('t-noisy', [1040, 930, 990, 1100, 900, 960]);
    const codes = [];
    for (const each of [same, slow, noisy]) codes.push((await diff(base, each, '--strict')).code);
    expect(codes).toEqual([0, 1, 3]);
    expect(jsonOf(await diff(base, slow, '--strict', '--json'))).toMatchObject({
      exit_code: 1,
      decision: { status: 'FAIL', strength: 'proven', basis: 'interval' },
    });
  });

  it('reads the files that vLLM writes', async () => {
    const [before, after] = ['baseline', 'regressed'].map((name) =>
      resolve(`examples/measurements/vllm-serve-${name}.json`),
    );
    const done = await diff(before ?? '', after ?? '', '--strict', '--report', 'markdown');
    expect(done).toMatchObject({ code: 1, stdout: expect.stringMatching(/^### Benchmark comparison[^]*↑ regression/) });
  });

  it('refuses a load point that the baseline lacks, by name', async () => {
    const base = variant('base', () => undefined);
    const done = await diff(base, ...envelopes('sweep', 'c4'));
    expect(done).toMatchObject({ code: 4, stderr: expect.stringContaining('load_point_without_baseline') });
  });
});

describe('bench_run over MCP', () => {
  it('needs the acknowledgement, shows the plan without it, and is a job that job_status reports', async () => {
    const client = await connect('2.x client, 2026-07-28', { root: at() });
    const output = at('by-job');
    const input = { suite: 'code', concurrency: 2, requests: 8, warm_up_s: 0, base_url: server.baseUrl, output };
    const refused = await client.call('bench_run', input);
    expect(Object(refused.structured['error']).code).toBe('ack_required');
    const planned = await client.call('bench_run', { ...input, dry_run: true });
    expectAnswer('bench_run', planned, /^would start:/);
    expect(planned.text).toContain(server.baseUrl);
    expect(existsSync(output)).toBe(false);

    const started = await client.call('bench_run', { ...input, i_understand_this_submits_jobs: true, wait_s: 40 });
    expectAnswer('bench_run', started, /^c2: [\d.]+ tok\/s/);
    expect(started.links[0]).toMatch(/by-job\/c2-[0-9a-f]{12}\.json$/);
    const status = await client.call('job_status', { job_id: started.structured['job_id'] });
    expectAnswer('job_status', status, /^bench_run: c2: [\d.]+ tok\/s/);

    const [baseline, candidate] = ['before', 'after'].map((name) =>
      join(
        root,
        variant(name, () => undefined),
      ),
    );
    const diffed = await client.call('bench_diff', { baseline, candidate });
    expectAnswer('bench_diff', diffed, /^GREEN: 0 regressions/);
    const compared = await client.call('bench_compare', { results: [at('sweep'), output] });
    expectAnswer('bench_compare', compared, /^\d+ on the front of throughput_vs_/);
    const exported = await client.call('bench_export', { results: output, metrics: ['ttft_p50_ms'], format: 'csv' });
    expectSchema('bench_export', exported.structured);
    expect(exported.text).toMatch(/^path,point,metric,unit,value,trials,minimum,maximum\n/);
    await client.close();
  });
});
