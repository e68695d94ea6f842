// Every path that a verb writes because a caller named it: what is there already, and is not ours, stays as it is.
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect, EXAMPLES, freshRoot, removeRoot, type CallResult, type Connection } from './connect.ts';

const BASELINE = join(EXAMPLES, 'vllm-serve-baseline.json');
const MINE = 'int main(void) { return 0; } /* mine */\n';

const RATCHET_RESULT = JSON.stringify({
  configs: { a: { median_ms: 10, samples_ms: [10, 10.1, 9.9, 10, 10.2, 9.8] } },
});

const KERNELS = [
  'Time (%),Total Time (ns),Instances,Avg (ns),Med (ns),Min (ns),Max (ns),StdDev (ns),Name',
  '100.0,1000,10,100.0,100.0,90,110,5.0,gemm',
].join('\n');

let client: Connection;
let root: string;

beforeAll(async () => {
  root = freshRoot();
  writeFileSync(join(root, 'result.json'), RATCHET_RESULT);
  writeFileSync(join(root, 'serve.json'), readFileSync(BASELINE));
  writeFileSync(join(root, 'ms.json'), '{"ms": 1}\n');
  for (const setting of [1, 2]) writeFileSync(join(root, `${setting}.bin`), `program ${setting}`);
  mkdirSync(join(root, 'archive', 'kimi', 'cells'), { recursive: true });
  writeFileSync(join(root, 'archive', 'kimi', 'SOURCE.md'), '# Source\n');
  for (const side of ['before', 'after']) {
    mkdirSync(join(root, side));
    writeFileSync(join(root, side, 'x_cuda_gpu_kern_sum.csv'), KERNELS);
  }
  client = await connect('2.x client, 2025-11-25', { root });
  await client.call('perf_baseline_record', { family: 'f', measurement: 'm', source: BASELINE });
});
afterAll(async () => {
  await client.close();
  removeRoot(root);
});

const at = (...parts: string[]): string => join(root, ...parts);
const codeOf = ({ structured }: CallResult): unknown => Object(structured['error']).code;

/** Field by field: the call with that field naming `path`. */
const FILES: Readonly<Record<string, (path: string) => Promise<CallResult>>> = {
  'bench_export output': (output) => client.call('bench_export', { results: 'serve.json', output }),
  'profile_profile_diff out': (out) =>
    client.call('profile_profile_diff', { baseline: 'before', candidate: 'after', out }),
  'profile_profile_diff json_out': (path) =>
    client.call('profile_profile_diff', { baseline: 'before', candidate: 'after', json_out: path }),
  'ratchet_check output_report': (path) =>
    client.call('ratchet_check', {
      current: 'result.json',
      baseline: at('b.json'),
      output_report: path,
      no_write: true,
    }),
  'ratchet_check profile_targets': (path) =>
    client.call('ratchet_check', {
      current: 'result.json',
      baseline: at('b.json'),
      profile_targets: path,
      no_write: true,
    }),
  'ratchet_check baseline': (path) => client.call('ratchet_check', { current: 'result.json', baseline: path }),
};

const ACK = { i_understand_this_submits_jobs: true };

const TUNE = (artifact: string): string => `
config: t
parameters: { A: [1, 2] }
baseline: { A: 1 }
build: { command: [cp, '{A}.bin', '{artifact}'], artifact: ${artifact} }
bench: { command: [cat, ms.json], value: ms }
`;

const FOLDERS: Readonly<Record<string, (path: string) => Promise<CallResult>>> = {
  'bench_run output': (output) =>
    client.call('bench_run', { suite: 'random', base_url: 'http://localhost:9/v1', concurrency: 1, output, ...ACK }),
  'autotune_run output': (output) => {
    writeFileSync(at('tune.yaml'), TUNE('build/{key}/program'));
    return client.call('autotune_run', { config: at('tune.yaml'), cwd: root, output, wait_s: 0, ...ACK });
  },
  'sota_compare output': (output) => client.call('sota_compare', { config: 'serve.json', output, wait_s: 0, ...ACK }),
  'profile_capture out': (out) =>
    client.call('profile_capture', { mode: 'launch', command: ['true'], name: 'mine', out, wait_s: 0, ...ACK }),
};

describe.each(Object.entries(FILES))('%s', (name, call) => {
  const file = (label: string): string => at(`${name.replaceAll(' ', '-')}-${label}.c`);

  it('leaves a source file of the user alone', async () => {
    const path = file('source');
    writeFileSync(path, MINE);
    const answer = await call(path);
    expect(answer.isError).toBe(true);
    expect(answer.text).toMatch(/\nfix: /);
    expect(readFileSync(path, 'utf8')).toBe(MINE);
  });

  it('does not write through a link, nor in its place', async () => {
    const [target, link] = [file('target'), file('link')];
    writeFileSync(target, MINE);
    symlinkSync(target, link);
    expect(codeOf(await call(link))).toBe('path_is_link');
    symlinkSync(file('absent'), file('dangling'));
    expect(codeOf(await call(file('dangling')))).toBe('path_is_link');
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(readFileSync(target, 'utf8')).toBe(MINE);
    expect(existsSync(file('absent'))).toBe(false);
  });

  it('does not replace an input of the same call', async () => {
    const input = name.startsWith('bench') ? at('serve.json') : at('result.json');
    const used = name.startsWith('profile') ? at('before', 'x_cuda_gpu_kern_sum.csv') : input;
    const before = readFileSync(used, 'utf8');
    expect((await call(used)).isError).toBe(true);
    expect(readFileSync(used, 'utf8')).toBe(before);
  });

  it.each([
    ['the registry', 'experiments/artifacts/perf-baselines/f/m/chain.jsonl'],
    ['the registry, under a new name', 'experiments/artifacts/perf-baselines/f/new.md'],
    ['the jobs', 'experiments/artifacts/jobs/x/state.json'],
    ['the campaigns', 'campaigns/one/HANDOFF.md'],
    ['the repository', '.git/config'],
    ['the registry of another root', 'other/experiments/artifacts/perf-baselines/f/m/chain.jsonl'],
    ['the repository of another root', 'other/.git/config'],
    ['a campaign that lies elsewhere', 'archive/kimi/report.md'],
  ])('writes nothing into %s', async (_, path) => {
    expect(codeOf(await call(at(path)))).toBe('path_protected');
  });

  it('does not write over a folder or a device', async () => {
    expect(codeOf(await call(at('before')))).toBe('not_a_file');
    expect(codeOf(await call('/dev/null'))).toBe('not_a_file');
  });

  it('may lie below a folder that is a link', async () => {
    const [real, link] = [at(`${name}-real`), at(`${name}-linked`)];
    mkdirSync(real);
    symlinkSync(real, link);
    expect((await call(join(link, 'new.md'))).isError).toBe(false);
  });
});

describe.each(Object.entries(FILES).filter(([name]) => name !== 'ratchet_check baseline'))('%s', (name, call) => {
  const path = (label: string): string => at(`${name.replaceAll(' ', '-')}-${label}.md`);

  it('replaces what it wrote itself, but not while that is read-only', async () => {
    expect((await call(path('again'))).isError).toBe(false);
    const answer = await call(path('again'));
    expect(answer.isError, answer.text).toBe(false);
    chmodSync(path('again'), 0o444);
    expect(codeOf(await call(path('again')))).toBe('path_read_only');
  });

  it('says how to replace what is not ours', async () => {
    writeFileSync(path('forced'), MINE);
    const refused = await call(path('forced'));
    expect(refused.structured['error']).toMatchObject({
      code: 'path_not_ours',
      fix: expect.stringContaining('overwrite: true'),
    });
  });
});

it('replaces a file that is not ours when asked to', async () => {
  writeFileSync(at('forced.md'), MINE);
  const { isError } = await client.call('bench_export', {
    results: 'serve.json',
    output: 'forced.md',
    overwrite: true,
  });
  expect(isError).toBe(false);
  expect(readFileSync(at('forced.md'), 'utf8')).toContain('| Point | Metric | Value |');
});

it('refuses a picture or JSON beside the report that is not ours', async () => {
  writeFileSync(at('report.svg'), '<svg>mine</svg>');
  const input = { baseline: 'before', candidate: 'after', out: at('report.md') };
  expect(codeOf(await client.call('profile_profile_diff', input))).toBe('path_not_ours');
  expect(existsSync(at('report.md'))).toBe(false);
});

describe.each(Object.entries(FOLDERS))('%s', (name, call) => {
  it('is refused within the registry, as a link, or where a file is', async () => {
    expect(codeOf(await call(at('experiments/artifacts/perf-baselines/f')))).toBe('path_protected');
    expect(codeOf(await call(at('result.json')))).toBe('not_a_folder');
    const link = at(`${name.replaceAll(' ', '-')}-folder-link`);
    symlinkSync(at('before'), link);
    expect(codeOf(await call(link))).toBe('path_is_link');
  });
});

it.each([
  ['autotune_run output', 'suggestions.md'],
  ['autotune_run output', 'result.json'],
  ['sota_compare output', 'ratios.svg'],
  ['profile_capture out', 'mine.nsys-rep'],
])('%s leaves a %s of the user alone', async (name, file) => {
  const folder = at(`mine-${file}`);
  mkdirSync(folder);
  writeFileSync(join(folder, file), MINE);
  expect(codeOf((await (FOLDERS[name] ?? FOLDERS['autotune_run output'])?.(folder)) ?? Object())).toBe('path_not_ours');
  expect(readFileSync(join(folder, file), 'utf8')).toBe(MINE);
});

describe('the artifact of autotune_run', () => {
  const tune = (config: string, more: Record<string, unknown> = ACK): Promise<CallResult> =>
    client.call('autotune_run', { config: at(config), cwd: root, output: at(`out-${config}`), wait_s: 60, ...more });

  it('is refused where it names a file that the search did not make, before anything is built', async () => {
    writeFileSync(at('kernel.cu'), MINE);
    writeFileSync(at('source.yaml'), TUNE('kernel.cu'));
    expect(codeOf(await tune('source.yaml'))).toBe('artifact_exists');
    expect(codeOf(await tune('source.yaml', { dry_run: true }))).toBe('artifact_exists');
    expect(readFileSync(at('kernel.cu'), 'utf8')).toBe(MINE);
    expect(existsSync(at('out-source.yaml'))).toBe(false);
  });

  it('is replaced where the same search made it, not where it was changed since', async () => {
    writeFileSync(at('made.yaml'), TUNE('made-program'));
    const first = await tune('made.yaml');
    expect(first.isError, first.text).toBe(false);
    expect(readdirSync(at('out-made.yaml'))).toContain('artifacts.jsonl');
    const again = await tune('made.yaml');
    expect(again.isError, again.text).toBe(false);
    writeFileSync(at('made-program'), MINE);
    expect(codeOf(await tune('made.yaml'))).toBe('artifact_exists');
    expect(readFileSync(at('made-program'), 'utf8')).toBe(MINE);
  });
});
