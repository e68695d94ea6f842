// The command line as a person or a script uses it: its programs, its flags, its help, what it prints and where.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MANIFEST } from '../../src/catalog/verbs.generated.ts';
import { fullMeaning } from '../../src/verb/field-text.ts';
import { EXAMPLES, freshRoot, removeRoot, SERVER } from './connect.ts';
import { jsonOf, runCli, type CliOptions, type Finished } from './run-cli.ts';

const BASELINE = join(EXAMPLES, 'vllm-serve-baseline.json');
const REGRESSED = join(EXAMPLES, 'vllm-serve-regressed.json');

const root = freshRoot();
const cli = (args: readonly string[], options: Partial<CliOptions> = {}): Promise<Finished> =>
  runCli(args, { root, ...options });

beforeAll(async () => {
  await cli(['perf_baseline_record', '--family', 'llama', '--measurement', 'serve', '--source', BASELINE]);
});
afterAll(() => removeRoot(root));

describe('the main job', () => {
  it('prints the verdict first, the numbers that made it, and where the report lies', async () => {
    const { code, stdout, stderr } = await cli(['perf_baseline_diff', 'llama/serve@latest', REGRESSED]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^RED: llama\/serve\n/);
    expect(stdout).toMatch(/throughput_tok_per_s @ concurrency=16: 1658.88 -> 1459.81 tok\/s \(-12.0%\)/);
    const report = /^report: (.+)$/m.exec(stdout)?.[1] ?? '';
    expect(existsSync(report)).toBe(true);
  });

  const DIFF = ['--baseline', 'llama/serve@latest', '--current', REGRESSED, '--json'];

  it.each([
    ['snake_case', ['perf_baseline_diff', ...DIFF]],
    ['kebab-case', ['perf-baseline-diff', ...DIFF]],
    ['two words in snake_case', ['perf_baseline', 'diff', ...DIFF]],
    ['two words in kebab-case', ['perf-baseline', 'diff', ...DIFF]],
    ['positionals', ['perf_baseline_diff', 'llama/serve@latest', REGRESSED, '--json']],
    ['flags before positionals', ['perf_baseline_diff', '--json', 'llama/serve@latest', REGRESSED]],
    [
      'values after an equals sign',
      ['perf_baseline_diff', `--current=${REGRESSED}`, '--baseline=llama/serve', '--json'],
    ],
    ['the folder of the entry', ['perf_baseline_diff', '--json', 'ENTRY', REGRESSED]],
  ])('is reached by %s', async (_, args) => {
    const measurement = join(root, 'experiments/artifacts/perf-baselines/llama/serve');
    const slug = readdirSync(measurement).find((name) => /^\d{8}T/.test(name)) ?? '';
    const done = await cli(args.map((word) => (word === 'ENTRY' ? join(measurement, slug) : word)));
    expect(jsonOf(done)).toMatchObject({ tool: 'perf_baseline_diff', verdict: 'RED', repo_root: root });
  });

  it.each([
    ['perf_baseline_list', []],
    ['perf_baseline_list', ['llama', 'serve']],
    ['perf_baseline_show', ['llama/serve']],
    ['perf_baseline_verify', []],
    ['perf_baseline_tag', ['llama/serve', 'golden']],
    ['perf_baseline_diff', ['llama/serve', REGRESSED]],
    ['perf_baseline_record', ['--family', 'llama', '--measurement', 'other', BASELINE]],
    ['perf_baseline_diff', ['llama/serve', '/nowhere.json']],
    ['perf_baseline_diff', ['--nonsense']],
    ['perf_baseline_nonsense', []],
  ])('prints exactly one object for %s %j --json', async (verb, args) => {
    const done = await cli([verb, ...args, '--json']);
    expect(Object.keys(jsonOf(done))).not.toEqual([]);
    expect(done.stderr).toBe('');
    expect(done.stdout.trimEnd()).not.toContain('\n');
  });

  it('says the same with --json as to a client, whichever program was used', async () => {
    const args = ['perf_baseline_show', 'llama/serve', '--json'];
    const [byWord, byPath] = [await cli(args), await cli(args, { env: { TZ: 'Asia/Tokyo', LC_ALL: 'de_DE.UTF-8' } })];
    expect(jsonOf(byWord)).toEqual(jsonOf(byPath));
  });
});

describe('flags', () => {
  it.each([
    ['one metric', ['--tolerance.ttft_* 40', '--tolerance.* 40%'].flatMap((flag) => flag.split(' '))],
    ['JSON', ['--tolerances', '{"*": {"percent": 40}}']],
  ])('take a tolerance of %s', async (_, flags) => {
    const done = await cli(['perf_baseline_diff', 'llama/serve', REGRESSED, '--json', ...flags]);
    expect(jsonOf(done)).toMatchObject({ verdict: 'GREEN', adverse: [] });
  });

  it.each([
    ['kebab-case', ['--tolerance-percent', '40']],
    ['snake_case', ['--tolerance_percent', '40']],
    ['an old name', ['--tolerance', '40']],
  ])('take a tolerance for all as %s; metrics with one of their own keep it', async (_, flags) => {
    const done = await cli(['perf_baseline_diff', 'llama/serve', REGRESSED, '--json', ...flags]);
    const { adverse } = jsonOf(done);
    expect(adverse).toMatchObject([
      { key: 'ttft_p99_ms[concurrency=16]', tolerance: { percent: 20 } },
      { key: 'ttft_p99_9_ms[concurrency=16]', tolerance: { percent: 20 } },
    ]);
  });

  it.each([
    ['--no-strict', 0],
    ['--strict false', 0],
    ['--strict=no', 0],
    ['--strict', 1],
    ['--strict yes', 1],
  ])('switch as %s: exit code %i', async (flag, code) => {
    expect(await cli(['--json', 'perf_baseline_diff', 'llama/serve', ...flag.split(' '), REGRESSED])).toMatchObject({
      code,
    });
  });

  it('take repeats separated by commas, as JSON, or one by one', async () => {
    for (const [index, flags] of [
      ['--values', '310,309.2,311'],
      ['--values', '[310, 309.2, 311]'],
      ['--values', '310', '--values', '309.2', '--values', '311'],
    ].entries()) {
      const args = ['--family', 'nccl', '--measurement', `busbw${index}`, '--unit', 'GB/s', BASELINE, '--json'];
      expect(jsonOf(await cli(['perf_baseline_record', ...args, ...flags]))).toMatchObject({ n: 3, median: 310 });
    }
  });

  it.each([
    ['perf_baseline_diff', ['--tolernce', '5'], 'did you mean --tolerance?'],
    ['perf_baseline_record', ['--familly', 'x'], 'did you mean --family?'],
    ['perf_baseline_dif', [], 'did you mean perf_baseline_diff?'],
    ['perf_baseline_list', ['a', 'b', 'c'], 'unexpected "c"'],
    ['perf_baseline_list', ['--limit'], '--limit wants a value'],
    ['perf_baseline_diff', ['--strict=perhaps'], 'write --strict, or --no-strict'],
    ['perf_baseline_diff', [], 'give --baseline: '],
    ['perf_baseline_list', ['--limit', 'many'], '"many"'],
  ])('that are wrong in %s %j are named with the nearest right one', async (verb, args, expected) => {
    const { code, stdout, stderr } = await cli([verb, ...args]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(expected);
  });
});

describe('help', () => {
  it('lists every verb of the program', async () => {
    const { code, stdout } = await cli(['--help']);
    expect(code).toBe(0);
    for (const { name } of MANIFEST) expect(stdout).toContain(name);
  });

  it.each(MANIFEST.map(({ name }) => name))('of %s shows every flag and what it is for', async (name) => {
    const entry = MANIFEST.find((known) => known.name === name);
    const { code, stdout } = await cli([name, '--help']);
    expect(code).toBe(0);
    for (const [field, schema] of Object.entries(entry?.input_schema.properties ?? {})) {
      expect(stdout).toContain(`--${field.replaceAll('_', '-')}`);
      expect(stdout).toContain(fullMeaning(field, schema));
      expect(schema.description, field).toMatch(/\w/);
    }
  });

  it('is also reached through the word help', async () => {
    const [byWord, byFlag] = await Promise.all([
      cli(['help', 'perf_baseline', 'diff']),
      cli(['perf-baseline-diff', '--help']),
    ]);
    expect(byWord.stdout).toBe(byFlag.stdout);
  });

  it('is what a call without a verb prints, as a usage error', async () => {
    const { code, stdout, stderr } = await cli([]);
    expect(code).toBe(2);
    expect(stdout + stderr).toContain('usage: profile-and-optimize');
  });

  it('prints the version and the commit', async () => {
    const { stdout } = await cli(['--version']);
    expect(stdout).toMatch(/^profile-and-optimize \d+\.\d+\.\d+ \((?:[0-9a-f]{12}|source)\)\n$/);
  });
});

describe('programs', () => {
  it('serve MCP as profile-and-optimize-mcp and as profile-and-optimize mcp', async () => {
    for (const options of [{ program: SERVER }, {}]) {
      const done = await cli(options.program === undefined ? ['mcp'] : [], options);
      expect(done).toMatchObject({ code: 0, stdout: '', stderr: '' });
    }
  });

  const programAt = (program: string): string => join(SERVER, '..', `${program}.mjs`);

  it.each(['perftunereport', 'bench'])('%s answers --help with its own name', async (program) => {
    const { code, stdout } = await cli(['--help'], { program: programAt(program) });
    expect(code).toBe(0);
    expect(stdout).toContain(`usage: ${program} <verb>`);
  });

  it.skipIf(MANIFEST.some(({ name }) => name.startsWith('perf_tune_report_')))(
    'perftunereport says that this version has no verb of it, and where verbs are listed',
    async () => {
      expect((await cli(['--help'], { program: programAt('perftunereport') })).stdout).toMatch(/no verb .* yet/);
      const { code, stderr } = await cli(['cell_run'], { program: programAt('perftunereport') });
      expect(code).toBe(2);
      expect(stderr).toMatch(/no verb perf_tune_report_cell_run yet\nfix: see profile-and-optimize --help/);
      expect((await cli(['mcp', '--help'])).stdout).toMatch(/no verb in this version: .*report/);
    },
  );
});

describe('the root', () => {
  it('is the nearest folder that holds experiments/, when nothing names one', async () => {
    const done = await runCli(['perf_baseline_list', '--json'], {
      root,
      cwd: join(root, 'experiments/artifacts'),
      env: { PROFILE_AND_OPTIMIZE_REPO_ROOT: '' },
    });
    expect(jsonOf(done)).toMatchObject({ repo_root: root });
  });

  it('is the one that --repo-root names, before the environment', async () => {
    const other = freshRoot();
    const done = await cli(['perf_baseline_list', '--repo-root', other, '--json']);
    expect(jsonOf(done)).toMatchObject({ repo_root: other, items: [] });
    expect(readdirSync(other)).toEqual([]);
    removeRoot(other);
  });

  it('is the home folder of the product where no other is found, and is made by the first record', async () => {
    const home = freshRoot();
    const options = { root: home, env: { PROFILE_AND_OPTIMIZE_REPO_ROOT: '' } };
    const args = ['perf_baseline_record', '--family', 'f', '--measurement', 'm', BASELINE, '--json'];
    const expected = join(home, '.local/share/profile-and-optimize');
    expect(jsonOf(await runCli(args, options))).toMatchObject({ repo_root: expected });
    expect(existsSync(expected)).toBe(true);
    removeRoot(home);
  });
});
