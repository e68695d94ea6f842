// The command line in front of a person: on a pseudo terminal (util-linux `script`), and completing in real shells.
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cellWidth } from '../../src/render/cell-width.ts';
import { shellLine } from '../../src/text/shell-line.ts';
import { EXAMPLES, freshRoot, removeRoot, SERVER } from './connect.ts';
import { jsonOf, runCli, type CliOptions, type Finished } from './run-cli.ts';

const BASELINE = join(EXAMPLES, 'vllm-serve-baseline.json');
const REGRESSED = join(EXAMPLES, 'vllm-serve-regressed.json');
const ESCAPE = '\u001b';

const root = freshRoot();
const bin = join(root, 'bin');
const cli = (args: readonly string[], options: Partial<CliOptions> = {}): Promise<Finished> =>
  runCli(args, { root, ...options });

const program = (name: string, lines: readonly string[]): string => {
  const path = join(bin, name);
  writeFileSync(path, ['#!/bin/sh', ...lines, ''].join('\n'));
  chmodSync(path, 0o755);
  return path;
};

beforeAll(async () => {
  mkdirSync(bin);
  for (const name of ['profile-and-optimize', 'bench']) symlinkSync(join(SERVER, '..', `${name}.mjs`), join(bin, name));
  await cli(['perf_baseline_record', '--family', 'llama', '--measurement', 'serve', '--source', BASELINE]);
});
afterAll(() => removeRoot(root));

const hasTool = (tool: string): boolean => spawnSync('which', [tool]).status === 0;
const needs = (tool: string): boolean => {
  const missing = !hasTool(tool);
  if (missing) process.stderr.write(`skipped: ${tool} is not installed\n`);
  return missing;
};

const environment = (env: Readonly<Record<string, string>>): Record<string, string> => ({
  PATH: `${bin}:${process.env['PATH'] ?? ''}`,
  HOME: root,
  USER: 'tester',
  PROFILE_AND_OPTIMIZE_REPO_ROOT: root,
  TERM: 'xterm-256color',
  PAGER: '',
  ...env,
});

interface Terminal {
  readonly rows?: number;
  readonly columns?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** What a terminal of that size shows of one command line, both streams together. */
const onTerminal = (words: readonly string[], { rows = 50, columns = 100, env = {} }: Terminal = {}): string => {
  const line = `stty rows ${rows} cols ${columns}; exec ${shellLine(words)}`;
  return execFileSync('script', ['-qec', line, '/dev/null'], {
    env: environment(env),
    cwd: root,
    input: '',
    encoding: 'utf8',
  }).replaceAll('\r\n', '\n');
};
const DIFF = ['profile-and-optimize', 'perf_baseline_diff', 'llama/serve', REGRESSED] as const;

describe.skipIf(needs('script'))('on a terminal', () => {
  it('verdicts have colours', () => {
    expect(onTerminal(DIFF)).toContain(`${ESCAPE}[31mRED${ESCAPE}[39m: llama/serve`);
  });

  it.each([
    ['NO_COLOR', DIFF, { NO_COLOR: '1' }],
    ['--color never', [...DIFF, '--color', 'never'], {}],
    ['a terminal without colours', DIFF, { TERM: 'dumb' }],
    ['--json', [...DIFF, '--json'], {}],
    ['--csv', [...DIFF, '--csv'], {}],
  ] as const)('there is no colour with %s', (_, words, env) => {
    expect(onTerminal(words, { env })).not.toContain(ESCAPE);
  });

  it('a long answer goes through the pager, and a short one does not', () => {
    const PAGER = program('pager', ['echo PAGED "$@"', 'cat']);
    const env = { PAGER: `${PAGER} --some-flag` };
    const help = ['profile-and-optimize', 'perf_baseline_diff', '--help'];
    expect(onTerminal(help, { rows: 20, env })).toMatch(/^PAGED --some-flag\nCompare with a baseline/);
    expect(onTerminal(help, { rows: 20, env })).toContain('environment:');
    expect(onTerminal(['profile-and-optimize', '--version'], { rows: 20, env })).not.toContain('PAGED');
    expect(onTerminal([...help, '--no-pager'], { rows: 20, env })).not.toContain('PAGED');
  });

  it('an answer is shown even where the pager is missing, leaves at once, or needs a shell', () => {
    const help = ['profile-and-optimize', 'perf_baseline_list', '--help'];
    for (const PAGER of ['/nowhere/pager', 'less | tee x', ''])
      expect(onTerminal(help, { rows: 10, env: { PAGER } })).toContain('environment:');
    expect(onTerminal(help, { rows: 10, env: { PAGER: program('leaves', ['exit 0']) } })).toBe('');
  });

  it.skipIf(needs('less'))('the pager is less where PAGER says nothing', () => {
    const unset = ['env', '-u', 'PAGER', 'LESS=FRXE', 'profile-and-optimize', 'perf_baseline_list', '--help'];
    expect(onTerminal(unset, { rows: 200 })).toContain('environment:');
  });

  it.each([60, 100])('help fits %i columns, except lines that are to be copied', (columns) => {
    const shown = onTerminal(['profile-and-optimize', 'perf_baseline_diff', '--help'], { columns, rows: 500 });
    const flags = shown.slice(shown.indexOf('  --baseline'), shown.indexOf('examples:'));
    for (const line of flags.split('\n')) expect(cellWidth(line), line).toBeLessThanOrEqual(columns);
  });
});

describe.skipIf(needs('script'))('tables on a terminal', () => {
  it.each([74, 80])('of bench diff fit %i columns with every number whole', (columns) => {
    const shown = onTerminal(['bench', 'diff', BASELINE, REGRESSED, '--no-color'], { columns, rows: 500 });
    const [table = ''] = shown.slice(shown.indexOf('Metric ')).split('\n\n');
    expect(table).toContain('…');
    expect(table).toContain('1,658.9');
    for (const line of table.split('\n')) expect(cellWidth(line), line).toBeLessThanOrEqual(columns);
  });

  it('are whole inside of JSON', () => {
    const shown = onTerminal(['bench', 'diff', BASELINE, REGRESSED, '--json'], { columns: 60, rows: 500 });
    expect(JSON.parse(shown).text).not.toContain('…');
  });
});

describe('in a pipe', () => {
  it('nothing has colours or a pager, whatever PAGER says', async () => {
    const { stdout, stderr } = await cli(['perf_baseline_diff', 'llama/serve', REGRESSED], {
      env: { PAGER: '/bin/false', TERM: 'xterm-256color' },
    });
    expect(stdout + stderr).not.toContain(ESCAPE);
    expect(stdout).toMatch(/^RED/);
  });

  it('colours come when they are forced, and never into JSON', async () => {
    const args = ['perf_baseline_diff', 'llama/serve', REGRESSED, '--color', 'always'];
    expect((await cli(args)).stdout).toContain(`${ESCAPE}[31mRED`);
    expect(jsonOf(await cli([...args, '--json']))).toMatchObject({ verdict: 'RED' });
    expect((await cli([...args, '--json'])).stdout).not.toContain(ESCAPE);
  });
});

describe('rows of an answer', () => {
  const csv = ({ stdout }: Finished): Record<string, string>[] => parse(stdout, { columns: true });

  it('of a diff are every metric, not only the adverse ones', async () => {
    const rows = csv(await cli(['perf_baseline_diff', 'llama/serve', REGRESSED, '--csv']));
    const { deltas_count: count } = jsonOf(await cli(['perf_baseline_diff', 'llama/serve', REGRESSED, '--json']));
    expect(rows).toHaveLength(Number(count));
    const row = rows.find(({ metric }) => metric === 'throughput_tok_per_s[concurrency=16]');
    expect(row).toMatchObject({ unit: 'tok/s', direction: 'higher-is-better', tolerance: '5%', standing: 'suspect' });
    expect(Number(row?.['baseline'])).toBeCloseTo(1658.88, 2);
  });

  it('of a record are every metric that was recorded', async () => {
    const args = ['perf_baseline_record', '--family', 'llama', '--measurement', 'rows', BASELINE, '--dry-run'];
    const { metrics_count: count } = jsonOf(await cli([...args, '--json']));
    expect(csv(await cli([...args, '--csv']))).toHaveLength(Number(count));
  });

  it('of a list are the entries with their numbers', async () => {
    const [row] = csv(await cli(['perf_baseline_list', 'llama', 'serve', '--csv']));
    expect(row).toMatchObject({ tier: 'DRAFT', n: '1' });
  });

  it('of bench diff stand in a Markdown table below the verdict', async () => {
    const { stdout } = await cli(['diff', BASELINE, REGRESSED, '--markdown'], {
      program: join(SERVER, '..', 'bench.mjs'),
    });
    expect(stdout).toMatch(/^RED: .*\n\n\| point \| metric \| baseline \|/);
  });

  it('change neither the exit code nor where errors go', async () => {
    const gate = await cli(['perf_baseline_diff', 'llama/serve', REGRESSED, '--csv', '--strict']);
    expect(gate.code).toBe(1);
    const wrong = await cli(['perf_baseline_diff', 'llama/nothing', REGRESSED, '--csv']);
    expect(wrong).toMatchObject({ code: 2, stdout: '' });
  });

  it.each([
    ['perf_baseline_verify', ['--csv'], 'no_rows'],
    ['perf_baseline_list', ['--csv', '--json'], 'two_forms'],
  ])('are refused for %s %j: %s', async (verb, flags, code) => {
    const done = await cli([verb, ...flags]);
    expect(done.code).toBe(2);
    expect(done.stdout + done.stderr).toContain(code);
  });
});

describe('completion', () => {
  const script = async (shell: string): Promise<string> => (await cli(['completion', shell])).stdout;
  const run = (shell: string, args: readonly string[]): string[] =>
    execFileSync(shell, args, { env: environment({}), cwd: root, encoding: 'utf8' })
      .trim()
      .split('\n');

  it.skipIf(needs('bash')).each([
    [['perf_baseline_di'], ['perf_baseline_diff']],
    [['perf_baseline_diff', 'llama/'], ['llama/serve']],
    [['bench_diff', '--report', 'ma'], ['markdown']],
    [['bench_diff', '--report', '=', 'ma'], ['markdown']],
    [['perf_baseline_record', '--source', 'bi'], ['bin']],
  ])('works in bash for %j', async (words, expected) => {
    const typed = [
      await script('bash'),
      `COMP_WORDS=(profile-and-optimize ${shellLine(words)}); COMP_CWORD=${words.length}`,
      '_profile_and_optimize_complete; printf "%s\\n" "${COMPREPLY[@]}"',
    ];
    expect(run('bash', ['--norc', '-c', typed.join('\n')])).toEqual(expected);
  });

  it.skipIf(needs('zsh')).each([
    [['perf_baseline_di'], ['perf_baseline_diff:Compare with a baseline']],
    [['bench_diff', '--report', 'ma'], ['markdown']],
    [['perf_baseline_record', '--source', 'bi'], ['files']],
  ])('works in zsh for %j', async (words, expected) => {
    const typed = [
      'compdef() { : }; _describe() { print -l -- "${(@P)2}" }; _files() { print files }',
      await script('zsh'),
      `words=(profile-and-optimize ${shellLine(words)}); CURRENT=${words.length + 1}`,
      '_profile_and_optimize_complete',
    ];
    expect(run('zsh', ['-f', '-c', typed.join('\n')])).toEqual(expected);
  });

  it.skipIf(needs('fish')).each([
    ['profile-and-optimize perf_baseline_di', ['perf_baseline_diff\tCompare with a baseline']],
    ['profile-and-optimize bench_diff --report ma', ['markdown']],
    ['profile-and-optimize perf_baseline_record --source bi', ['bin/']],
  ])('works in fish for %j', async (line, expected) => {
    const typed = `${await script('fish')}\ncomplete -C ${shellLine([line])}`;
    expect(run('fish', ['--no-config', '-c', typed])).toEqual(expected);
  });

  it('has a script for each program, and names the shells for one that it does not know', async () => {
    const bench = await cli(['completion', 'bash'], { program: join(SERVER, '..', 'bench.mjs') });
    expect(bench.stdout).toContain('complete -F _bench_complete bench');
    const { code, stderr } = await cli(['completion', 'zs']);
    expect(code).toBe(2);
    expect(stderr).toContain('did you mean zsh?');
  });
});

describe('open', () => {
  const open = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Finished> =>
    cli(['open', ...args], { env: { PATH: environment({})['PATH'] ?? '', ...env } });

  it('prints where the page of an entry lies where there is no display', async () => {
    const { code, stdout, stderr } = await open(['llama/serve']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/\/llama\/serve\/[^/]+\/SOURCE\.md\n$/);
    expect(stderr).toContain('not opened');
  });

  it.skipIf(process.platform !== 'linux')('hands the file to xdg-open as one word', async () => {
    program('xdg-open', [`printf '%s\\n' "$#" "$1" > ${join(root, 'opened')}`]);
    const picture = join(root, 'a $(touch pwned) picture.svg');
    writeFileSync(picture, '<svg/>');
    const done = await open([picture, '--json'], { DISPLAY: ':0' });
    expect(jsonOf(done)).toEqual({ path: picture, opened: true });
    await expect
      .poll(() => spawnSync('cat', [join(root, 'opened')], { encoding: 'utf8' }).stdout)
      .toBe(`1\n${picture}\n`);
  });

  it.each([
    [['/nowhere.svg'], 'open_not_found'],
    [['llama/nothing'], 'measurement_not_found'],
    [[], 'open_target_needed'],
  ])('refuses %j: %s', async (args, code) => {
    const done = await open(args);
    expect(done.code).toBe(2);
    expect(done.stderr).toContain(code);
  });
});

describe('help of a verb', () => {
  it('has its examples as command lines, its exit codes and its variables', async () => {
    const { stdout } = await cli(['perf_baseline_diff', '--help']);
    expect(stdout).toContain(
      'profile-and-optimize perf_baseline_diff --baseline llama31_8b/vllm_serve@latest --current new-results.json',
    );
    expect(stdout).toMatch(/exit codes:\n {2}0 .*\n {2}1 .*\n {2}2 .*\n {2}3 .*\n {2}4 /);
    expect(stdout).toMatch(/environment:\n {2}PROFILE_AND_OPTIMIZE_REPO_ROOT/);
  });

  it('of bench has them for bench', async () => {
    const { stdout } = await cli(['diff', '--help'], { program: join(SERVER, '..', 'bench.mjs') });
    expect(stdout).toMatch(/^ {2}bench diff --baseline /m);
  });

  it.each([
    ['--colr', 'did you mean --color?'],
    ['--no-pagr', 'did you mean --no-pager?'],
    ['--markdwn', 'did you mean --markdown?'],
  ])('%s is named with the nearest right flag', async (flag, expected) => {
    expect((await cli(['perf_baseline_list', flag])).stderr).toContain(expected);
  });
});
