import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { autoProfile, type AutoProfileOptions } from '../../src/ratchet/auto-profile.ts';
import type { RunResult } from '../../src/exec/run-process.ts';
import { toolMissing } from '../../src/exec/tool-fault.ts';
import type { RatchetRow } from '../../src/ratchet/judge-config.ts';
import { checkCapturePlan, commandWords, profileTargets, type CapturePlan } from '../../src/ratchet/profile-target.ts';
import { shellLine } from '../../src/text/shell-line.ts';

const row = (config: string, is_regression: boolean, delta_pct: number, profile = true): RatchetRow => ({
  config,
  status: is_regression ? 'regression' : 'improvement',
  baseline_ms: 1,
  current_ms: 1 - delta_pct / 100,
  delta_pct,
  is_regression,
  is_improvement: !is_regression,
  keep_baseline: is_regression,
  profile,
  decision: null,
  waiver: null,
  notes: [],
});

const ended = (code: number, stderr: string): RunResult => ({
  code,
  signal: null,
  stdout: '',
  stderr,
  timedOut: false,
  cancelled: false,
  truncated: false,
  durationMs: 1,
});

const plan: CapturePlan = {
  command: ['python3', 'integrated_test.py', '--config', '{config}'],
  folder: 'results/nsight',
};
const line =
  'ncu --set full --export results/nsight/training_512_ours --force-overwrite python3 integrated_test.py --config training_512';

describe('profile targets', () => {
  test('the command names exactly the configuration that changed', () => {
    const [target] = profileTargets([row('training_512', true, -8), row('other', false, 1, false)], plan);
    expect(target).toMatchObject({ config: 'training_512', reason: 'regression', delta_pct: -8, problem: null });
    expect(shellLine(target?.capture?.argv ?? [])).toBe(line);
  });

  test('without a benchmark command the names stand alone', () => {
    expect(profileTargets([row('a b', false, 12)], null)).toEqual([
      { config: 'a b', reason: 'improvement', delta_pct: 12, capture: null, problem: null },
    ]);
  });

  test.each(['a; rm -rf /', '$(id)', '../../etc/x', 'a..b', '-o', 'a b', 'a\nb', '`id`', '', 'é', 'x'.repeat(129)])(
    'the name %j gets no command',
    (name) => {
      expect(profileTargets([row(name, true, -5)], plan)).toMatchObject([
        { capture: null, problem: 'config_name_unsafe' },
      ]);
    },
  );

  test('a command that ignores the configuration is refused', () => {
    expect(() => checkCapturePlan({ ...plan, command: ['python3', 'integrated_test.py'] })).toThrow(
      expect.objectContaining({ code: 'command_ignores_config' }),
    );
  });

  test.each([
    [['a', 'b c'], `a 'b c'`],
    [['sh', '-c', "echo 'x' $HOME"], `sh -c 'echo '\\''x'\\'' $HOME'`],
    [['a', ''], `a ''`],
  ])('the shell line of %j', (argv, text) => {
    expect(shellLine(argv)).toBe(text);
  });
});

describe('a command in one field', () => {
  test.each([
    ['python3  bench.py --config {config}', ['python3', 'bench.py', '--config', '{config}']],
    ['["sh", "-c", "x; y"]', ['sh', '-c', 'x; y']],
    ['', []],
  ])('%s', (text, words) => {
    expect(commandWords(text)).toEqual(words);
  });

  test.each(['a; b', 'a "b c"', 'a $HOME', 'a | b', '[1, 2]', '["a"'])('%s is refused', (text) => {
    expect(() => commandWords(text)).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/command_words|json_/) }),
    );
  });
});

describe('automatic profiling', () => {
  const targets = profileTargets(
    [row('training_512', true, -8), row('a b', true, -9), row('inference_1', false, 20)],
    plan,
  );
  const cwd = mkdtempSync(join(tmpdir(), 'auto-profile-'));
  const options: AutoProfileOptions = { run: null, timeoutMs: 1000, cwd };

  test('unacknowledged, the commands are printed and nothing runs', async () => {
    const done = await autoProfile(targets, options);
    expect(done.map(({ status }) => status)).toEqual(['printed', 'no_command', 'printed']);
    expect(done[0]?.command).toBe(line);
  });

  test('acknowledged, each capture runs as an argument list and carries its attribution', async () => {
    const started: (readonly string[])[] = [];
    const done = await autoProfile(targets, {
      ...options,
      run: (argv) => {
        started.push(argv);
        return Promise.resolve(ended(0, ''));
      },
      attribute: ({ config }, path) => Promise.resolve({ config, path }),
    });
    expect(started.map((argv) => argv.at(-1))).toEqual(['training_512', 'inference_1']);
    expect(done[0]).toMatchObject({
      status: 'captured',
      capture: join(cwd, 'results/nsight/training_512_ours.ncu-rep'),
      attribution: { config: 'training_512', path: join(cwd, 'results/nsight/training_512_ours.ncu-rep') },
    });
    expect(existsSync(join(cwd, 'results/nsight'))).toBe(true); // ncu does not make it
  });

  test('a capture that fails says why and the next one still runs', async () => {
    const done = await autoProfile(targets, {
      ...options,
      run: (argv) =>
        Promise.resolve(
          argv.includes('training_512') ? ended(1, 'banner\n==ERROR== ERR_NVGPUCTRPERM\n') : ended(0, ''),
        ),
    });
    expect(done.map(({ status, problem }) => [status, problem])).toEqual([
      ['failed', 'exit code 1: ==ERROR== ERR_NVGPUCTRPERM'],
      ['no_command', 'config_name_unsafe'],
      ['captured', null],
    ]);
  });

  test('a machine without the profiler is a reason, not an error', async () => {
    const done = await autoProfile(targets, { ...options, run: () => Promise.reject(toolMissing('ncu')) });
    expect(done[0]).toMatchObject({ status: 'failed', problem: 'ncu is not on PATH' });
  });
});
