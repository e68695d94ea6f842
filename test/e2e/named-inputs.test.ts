// Files that a caller names for reading: URIs and globs are understood, pipes and devices hold nothing up.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect, EXAMPLES, freshRoot, removeRoot, type Connection } from './connect.ts';
import { runCli } from './run-cli.ts';

const BASELINE = join(EXAMPLES, 'vllm-serve-baseline.json');
const REGRESSED = join(EXAMPLES, 'vllm-serve-regressed.json');

let client: Connection;
let root: string;
const at = (name: string): string => join(root, name);

beforeAll(async () => {
  root = freshRoot();
  execFileSync('mkfifo', [at('pipe')]);
  execFileSync('mkfifo', [at('pipe.jsonl')]);
  mkdirSync(at('my runs'));
  mkdirSync(at('campaigns/piped/cells/base'), { recursive: true });
  for (const index of [1, 2, 3])
    writeFileSync(at(`my runs/run-${index}.json`), `${readFileSync(REGRESSED, 'utf8')}${' '.repeat(index)}`);
  writeFileSync(at('serve.json'), readFileSync(BASELINE));
  writeFileSync(at('result.json'), JSON.stringify({ configs: { a: { median_ms: 10 } } }));
  client = await connect('2.x client, 2025-11-25', { root });
  await client.call('perf_baseline_record', { family: 'f', measurement: 'm', source: BASELINE });
});
afterAll(async () => {
  await client.close();
  removeRoot(root);
});

const ACK = { i_understand_this_submits_jobs: true };

const CALLS: readonly (readonly [verb: string, field: string, input: Record<string, unknown>])[] = [
  ['perf_baseline_record', 'source', { family: 'f', measurement: 'n' }],
  ['perf_baseline_record', 'schema', { family: 'f', measurement: 'n', source: BASELINE }],
  ['perf_baseline_diff', 'baseline', { current: BASELINE }],
  ['perf_baseline_diff', 'current', { baseline: 'f/m' }],
  ['perf_baseline_diff', 'policy', { baseline: 'f/m', current: BASELINE }],
  ['perf_baseline_show', 'entry', {}],
  ['perf_baseline_sweep', 'current', {}],
  ['bench_diff', 'baseline', { candidate: BASELINE }],
  ['bench_diff', 'candidate', { baseline: BASELINE }],
  ['bench_diff', 'policy', { baseline: BASELINE, candidate: BASELINE }],
  ['bench_compare', 'results', {}],
  ['bench_export', 'results', {}],
  ['bench_run', 'suite', { base_url: 'http://localhost:9/v1', output: 'o', concurrency: 1, ...ACK }],
  [
    'bench_run',
    'provenance',
    { suite: 'random', base_url: 'http://localhost:9/v1', output: 'o', concurrency: 1, ...ACK },
  ],
  ['profile_profile_diff', 'baseline', { candidate: 'x.sqlite' }],
  ['profile_summary', 'profile', {}],
  ['perf_tune_report_dcgm_correlate', 'frozen_yaml', { campaign: 'piped', cell_id: 'base' }],
  ['ratchet_check', 'current', { baseline: '/tmp/absent-baseline.json' }],
  ['ratchet_check', 'baseline', { current: 'result.json' }],
  ['ratchet_check', 'waivers', { current: 'result.json', baseline: '/tmp/absent-baseline.json' }],
  ['ratchet_profile', 'targets', ACK],
  ['sota_compare', 'config', ACK],
  ['autotune_run', 'config', ACK],
];

describe('a pipe that nobody writes to', () => {
  it.each(CALLS)('as %s %s is refused at once', async (verb, field, input) => {
    const path = field === 'suite' ? 'pipe.jsonl' : 'pipe';
    const { isError, structured } = await client.call(verb, { ...input, [field]: path, time_limit_s: 20 });
    expect(isError).toBe(true);
    expect(structured['error']).toMatchObject({ code: 'not_a_file' });
  });

  it('leaves the server serving, and ending', async () => {
    expect((await client.call('perf_baseline_list', {})).structured).toMatchObject({ total: 1 });
  });

  it.each([
    ['a value', ['perf_baseline_diff', 'f/m', BASELINE, '--tolerances', '@pipe']],
    ['a source', ['perf_baseline_record', '--family', 'f', '--measurement', 'n', '--source', 'pipe']],
    ['a schema', ['perf_baseline_record', '--family', 'f', '--measurement', 'n', BASELINE, '--schema', 'pipe']],
    ['one of several files', ['bench_diff', BASELINE, REGRESSED, '--candidate', 'pipe']],
  ])('as %s of the command line ends by the time limit', async (_, args) => {
    const { code, stdout, stderr } = await runCli([...args, '--time-limit-s', '1'], { root });
    expect({ code, stdout }).toEqual({ code: 124, stdout: '' });
    expect(stderr).toMatch(/^error time_limit: .*pipe brought nothing within the time limit\nfix: .*writer/);
  });

  it('is refused for a job, which reads its files again', async () => {
    const args = ['ratchet_profile', '--targets', 'pipe', '--dry-run'];
    const { code, stderr } = await runCli(args, { root });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error not_a_file: targets/);
  });

  it('named inside a file is refused too', async () => {
    const implementation = (name: string) => ({ name, results: at('pipe') });
    const matrix = {
      title: 'T',
      reference: 'a',
      scenarios: [{ name: 's', value: 'ms', unit: 'ms' }],
      implementations: [implementation('a'), implementation('b')],
    };
    writeFileSync(at('matrix.yaml'), JSON.stringify(matrix));
    const { isError } = await client.call('sota_compare', { config: 'matrix.yaml', wait_s: 30, ...ACK });
    expect(isError).toBe(true);
  });
});

describe('names that are understood', () => {
  const n = async (current: unknown): Promise<unknown> => {
    const { isError, text, structured } = await client.call('bench_diff', { baseline: BASELINE, candidate: current });
    expect(isError, text).toBe(false);
    return Object(structured['counts']).regression;
  };

  it('are file:// URIs', async () => {
    expect(await n(pathToFileURL(at('my runs/run-1.json')).href)).toBeGreaterThan(0);
    expect(await n([pathToFileURL(at('my runs/run-1.json')).href])).toBeGreaterThan(0);
  });

  it('are globs, each file a trial', async () => {
    const { structured } = await client.call('perf_baseline_diff', { baseline: 'f/m', current: 'my runs/run-*.json' });
    expect(structured['trials']).toMatchObject({ current: { valid: 3 } });
    const none = await client.call('perf_baseline_diff', { baseline: 'f/m', current: 'my runs/none-*.json' });
    expect(none.structured['error']).toMatchObject({ code: 'glob_unfit' });
  });

  it('are paths relative to the root, from another working folder', async () => {
    const options = { root, cwd: EXAMPLES };
    const { code, stdout } = await runCli(['bench_diff', 'serve.json', 'my runs/run-1.json', '--json'], options);
    expect(code, stdout).toBe(0);
    const here = await runCli(['bench_diff', 'serve.json', 'vllm-serve-regressed.json', '--json'], options);
    expect(here.code).toBe(0);
  });
});
