// The exit codes that scripts and CI rely on, each through a real call.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CLI, EXAMPLES, freshRoot, removeRoot } from './connect.ts';
import { jsonOf, runCli, STACK_LINE, type Finished } from './run-cli.ts';
import { endlessProfile, stagedFiles, until } from './sparse-file.ts';

const BASELINE = join(EXAMPLES, 'vllm-serve-baseline.json');
const REGRESSED = join(EXAMPLES, 'vllm-serve-regressed.json');

const root = freshRoot();
const cli = (args: readonly string[]): Promise<Finished> => runCli(args, { root });
const record = (...args: string[]): Promise<Finished> => cli(['perf_baseline_record', '--family', 'f', ...args]);

/** The example as another model's result. */
const otherModel = join(root, 'other-model.json');

beforeAll(async () => {
  const result: Record<string, unknown> = JSON.parse(readFileSync(BASELINE, 'utf8'));
  writeFileSync(otherModel, JSON.stringify({ ...result, model_id: 'another/model' }));
  await record('--measurement', 'serve', BASELINE);
  await record('--measurement', 'step', '--values', '40,50,45,42,47', '--unit', 'ms', BASELINE);
});
afterAll(() => removeRoot(root));

const diff = (...args: string[]): Promise<Finished> => cli(['perf_baseline_diff', ...args]);

describe('a comparison', () => {
  it.each([
    ['0 for an adverse result that nobody asked to gate on', 0, ['f/serve', REGRESSED]],
    ['0 under --strict when nothing is outside tolerance', 0, ['f/serve', BASELINE, '--strict']],
    ['1 under --strict when adverse', 1, ['f/serve', REGRESSED, '--strict']],
    ['1 for the colour that --fail-on names', 1, ['f/serve', REGRESSED, '--fail-on', 'red']],
    [
      '0 for a colour that --fail-on does not name',
      0,
      ['f/serve', BASELINE, '--fail-on', 'red', '--fail-on', 'yellow'],
    ],
    ['3 under --strict when repeats cannot decide', 3, ['f/step', '--current-value', '41,51,44,43,47.5', '--strict']],
    ['1 under --strict when repeats prove it', 1, ['f/step', '--current-value', '80,90,85,82,87', '--strict']],
    ['4 under --strict-context for another model', 4, ['f/serve', 'OTHER_MODEL', '--strict-context']],
    [
      '0 under --strict-context when the change is declared',
      0,
      ['f/serve', 'OTHER_MODEL', '--strict-context', '--axis', 'model'],
    ],
  ])('exits %s', async (_, code, args) => {
    const done = await diff(...args.map((word) => (word === 'OTHER_MODEL' ? otherModel : word)));
    expect(done).toMatchObject({ code, signal: null });
    expect(done.stdout + done.stderr).not.toMatch(STACK_LINE);
  });

  it('puts the code that it exits with into its result', async () => {
    const done = await diff('f/serve', REGRESSED, '--strict', '--json');
    expect(jsonOf(done)).toMatchObject({ exit_code: done.code, verdict: 'RED' });
  });

  it('names both contexts when it refuses to compare them', async () => {
    const { stderr } = await diff('f/serve', otherModel, '--strict-context');
    expect(stderr).toMatch(/INCOMPARABLE: model .*another\/model/);
    expect(stderr).toContain('axis');
  });
});

describe('a search', () => {
  /** Prints 10 for X=1; for X=2 first 5, and from its fourth trial on `later`. */
  const search = (later: number): string => {
    const folder = join(root, `search-${later}`);
    mkdirSync(folder);
    const script = `echo trial >> "${folder}/$1"
count=$(wc -l < "${folder}/$1")
ms=10
[ "$1" = 2 ] && ms=5 && [ "$count" -gt 3 ] && ms=${later}
echo "{\\"ms\\": $ms.$((count % 3))}"
`;
    writeFileSync(join(folder, 'bench.sh'), script);
    writeFileSync(
      join(folder, 'tune.yaml'),
      `config: x\nparameters: { X: [1, 2] }\nbaseline: { X: 1 }\nbench: { command: [sh, bench.sh, '{X}'], value: ms }\n`,
    );
    return folder;
  };
  const tune = (folder: string, ...gate: string[]): Promise<Finished> =>
    runCli(
      [
        ...['autotune_run', '--config', join(folder, 'tune.yaml'), '--cwd', folder, ...gate],
        ...['--wait-s', '60', '--i-understand-this-submits-jobs'],
      ],
      { root },
    );

  it('exits 0 where the winner is better on fresh trials, and 1 under --strict where it is worse there', async () => {
    const good = await tune(search(5), '--strict');
    expect(good.stdout).toMatch(/^x: improved.*\n {2}GREEN; decision: PASS \(rule V8\), exit 0$/m);
    expect(good.code).toBe(0);
    const folder = search(20);
    expect((await tune(folder)).code).toBe(0);
    const bad = await tune(folder, '--strict', '--junit', join(folder, 'gate.xml'));
    expect(bad.stdout).toMatch(/^x: not confirmed.*\n {2}RED; decision: FAIL proven \(rule V6\), exit 1$/m);
    expect(bad.code).toBe(1);
    expect(readFileSync(join(folder, 'gate.xml'), 'utf8')).toContain('<failure message="x: not confirmed');
  });
});

describe('a call', () => {
  it.each([
    ['an unknown verb', ['perf_baseline_nonsense']],
    ['an unknown flag', ['perf_baseline_list', '--nonsense']],
    ['a missing file', ['perf_baseline_diff', 'f/serve', '/nowhere.json']],
    ['a missing entry', ['perf_baseline_show', 'f/serve@nonsense']],
    ['a missing field', ['perf_baseline_record', '--family', 'f']],
  ])('exits 2 for %s', async (_, args) => {
    expect(await cli(args)).toMatchObject({ code: 2, stdout: '' });
  });

  it('exits 5 for a broken installation, with a message and without a stack trace', async () => {
    const broken = join(root, 'broken');
    cpSync(dirname(CLI), broken, { recursive: true });
    const chunks = join(broken, 'chunks');
    for (const name of readdirSync(chunks)) if (name.startsWith('perf-baseline-list')) rmSync(join(chunks, name));
    const program = join(broken, 'profile-and-optimize.mjs');
    const done = await runCli(['perf_baseline_list'], { root, program });
    expect(done).toMatchObject({ code: 5, stdout: '' });
    expect(done.stderr).toMatch(/^error internal_error: .*perf-baseline-list/m);
    expect(done.stderr).not.toMatch(/\bat .+:\d+:\d+/);
  });

  it('exits 124 at its time limit and leaves nothing of what it had begun', async () => {
    const done = await record('--measurement', 'limit', endlessProfile(root), '--time-limit-s', '0.5');
    expect(done).toMatchObject({ code: 124, stdout: '' });
    expect(done.stderr).toMatch(/time_limit/);
    expect(stagedFiles(root)).toEqual([]);
    expect(jsonOf(await cli(['perf_baseline_verify', 'f', '--json']))).toMatchObject({ ok: true, entries: 2 });
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('exits 130 on %s and leaves nothing of what it had begun', async (signal) => {
    let pid = 0;
    const source = endlessProfile(root);
    const running = runCli(['perf_baseline_record', '--family', 'f', '--measurement', 'stop', source], {
      root,
      onStart: (started) => (pid = started),
    });
    await until(() => stagedFiles(root).length > 0);
    process.kill(pid, signal);
    expect(await running).toMatchObject({ code: 130, signal: null, stdout: '' });
    expect(stagedFiles(root)).toEqual([]);
    expect(existsSync(join(root, 'experiments/artifacts/perf-baselines/f/stop'))).toBe(false);
  });
});
