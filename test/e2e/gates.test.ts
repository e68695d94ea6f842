// The gates as people, agents and cron jobs meet them: the ratchet's command as it is written in the guide, trends and sweeps over a
// registry, and plans that cannot decide.
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { expectAnswer, expectSchema } from './answer.ts';
import { connect, freshRoot, removeRoot, type CallResult, type Connection } from './connect.ts';
import { jsonOf, runCli, type Finished } from './run-cli.ts';
import { xmlProblem } from './well-formed.ts';

let root: string;
beforeEach(() => {
  root = freshRoot();
});
afterEach(() => removeRoot(root));

const at = (...names: string[]): string => join(root, ...names);
const put = (name: string, content: unknown): string => {
  mkdirSync(dirname(at(name)), { recursive: true });
  writeFileSync(at(name), typeof content === 'string' ? content : JSON.stringify(content));
  return at(name);
};
const read = (name: string): string => readFileSync(at(name), 'utf8');
const cli = (line: string, env: Record<string, string> = {}): Promise<Finished> =>
  runCli(line.split(' ').slice(1), { root, env });

const CHECK =
  'profile-and-optimize ratchet_check results/current.json --baseline results/baseline.json --regression-threshold -3.0 --improvement-threshold 5.0 --output-report results/ratchet_report.md';
const measured = (median_ms: number): string =>
  put('results/current.json', { name: 'training_512', performance: { median_ms } });
/** A result of the program, then one that is 32 percent slower, as the ratchet sees it with a profile command. */
const regressed = async (): Promise<Finished> => {
  measured(0.053);
  await cli(CHECK);
  measured(0.07);
  const line = `${CHECK} --profile-targets results/targets.json --profile-command`.split(' ').slice(1);
  return runCli([...line, 'python3 integrated_test.py --config {config}'], { root });
};
const best = (): unknown => JSON.parse(read('results/baseline.json')).configs.training_512.median_ms;

describe('ratchet_check as the guide writes it', () => {
  it('creates the baseline, says so, then finds nothing changed', async () => {
    measured(0.0612);
    const first = await cli(CHECK);
    expect(first).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('from this run, nothing was compared'),
    });
    expect(best()).toBe(0.0612);
    expect(await cli(CHECK)).toMatchObject({ code: 0, stdout: expect.stringMatching(/unchanged +training_512/) });
  });

  it('refuses a result that its own samples contradict, with both values, and leaves the baseline alone', async () => {
    measured(0.0612);
    await cli(CHECK);
    put('results/current.json', {
      name: 'training_512',
      performance: { median_ms: 0.03, samples_ms: [0.0531, 0.0528, 0.0533] },
    });
    const done = await cli(CHECK);
    expect(done).toMatchObject({ code: 2, stderr: expect.stringContaining('median_ms is 0.03') });
    expect(done.stderr).toContain('the median of its 3 samples is 0.0531');
    expect(best()).toBe(0.0612);
  });

  it('the same result can be recorded and compared, sample by sample', async () => {
    const samples = [0.0531, 0.0528, 0.0533, 0.053, 0.0529];
    const result = (factor: number) => ({
      name: 'training_512',
      performance: { samples_ms: samples.map((sample) => sample * factor) },
      gpu: 'NVIDIA L4',
    });
    put('a.json', result(1));
    put('b.json', result(1.5));
    const record = 'profile-and-optimize perf_baseline_record a.json --family kernels --measurement training';
    expect(await cli(record)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('ratchet_result'),
    });
    const diff = await cli('profile-and-optimize perf_baseline_diff kernels/training@latest b.json --strict');
    expect(diff).toMatchObject({ code: 1, stdout: expect.stringContaining('time_p50_ms @ config=training_512') });
  });

  it('prints +13.4% for 0.0612 to 0.0530 ms and moves the baseline', async () => {
    measured(0.0612);
    await cli(CHECK);
    measured(0.053);
    expect(await cli(CHECK)).toMatchObject({ code: 0, stdout: expect.stringMatching(/^GREEN: .*\n.*\+13\.4%/) });
    expect(read('results/ratchet_report.md')).toContain(
      [
        '# Performance Ratchet Report\n\n## Summary',
        '- **Total configs**: 1',
        '- **Regressions**: 0 ❌',
        '- **Improvements**: 1 ✅',
        '- **Unchanged**: 0\n\n## ✅ Improvements (Baseline Updated)\n',
      ].join('\n'),
    );
    expect(read('results/ratchet_report.md')).toContain('| training_512 | 0.0612 ms | 0.0530 ms | **+13.4%** |');
    expect(read('results/ratchet_report.md')).toContain('Baseline results/baseline.json updated: training_512.');
    expect(best()).toBe(0.053);
  });

  it('fails on a regression, keeps the baseline, and gives the ncu line and the next verb', async () => {
    const done = await regressed();
    expect(done.code).toBe(1);
    expect(done.stdout).toMatch(/^RED: Regression detected/);
    expect(done.stdout).toContain(
      'ncu --set full --export results/nsight/training_512_ours --force-overwrite python3 integrated_test.py --config training_512',
    );
    expect(done.stdout).toMatch(
      /^next: profile-and-optimize ratchet_profile --targets results\/targets\.json --dry-run$/m,
    );
    expect(best()).toBe(0.053);
    const planned = await cli('profile-and-optimize ratchet_profile results/targets.json --dry-run');
    expect(planned).toMatchObject({ code: 0, stdout: expect.stringContaining('ncu --set full') });
  });

  it('has nothing to fail on without a baseline, and only reads in a pull request', async () => {
    measured(0.0612);
    expect((await cli(`${CHECK} --strict`, { GITHUB_EVENT_NAME: 'pull_request' })).code).toBe(0);
    expect(existsSync(at('results/baseline.json'))).toBe(false);
    const done = await cli(`${CHECK} --json`);
    expectSchema('ratchet_check', jsonOf(done));
  });

  it('answers an agent with the verdict first and the next verb last', async () => {
    const client = await connect('2.x client, 2026-07-28', { root });
    const input = { current: measured(0.0612), baseline: at('results/baseline.json') };
    expectAnswer('ratchet_check', await client.call('ratchet_check', input), /^GREEN: /);
    measured(0.08);
    expectAnswer('ratchet_check', await client.call('ratchet_check', input), /^RED: Regression detected/);
    await client.close();
  });
});

describe('ratchet_profile', () => {
  /** With an `ncu` of the given shell lines, run in the root. */
  const profiledBy = (ncu: string) => {
    put('bin/ncu', `#!/bin/sh\n${ncu}\n`);
    chmodSync(at('bin/ncu'), 0o755);
    const acknowledged = '--cwd . --i-understand-this-submits-jobs --wait-s 60 --json';
    return cli(`profile-and-optimize ratchet_profile results/targets.json ${acknowledged}`, {
      PATH: `${at('bin')}:${process.env['PATH'] ?? ''}`,
    });
  };

  it('runs the ncu line of each target as a job, and keeps a capture that cannot be read', async () => {
    await regressed();
    const done = await profiledBy('echo "$@" >>calls\ntouch "$4.ncu-rep"');
    expect(done.code, done.stderr + done.stdout).toBe(0);
    const result = jsonOf(done);
    expectSchema('ratchet_profile', result);
    expect(read('calls').split('\n')[0]).toBe(
      '--set full --export results/nsight/training_512_ours --force-overwrite python3 integrated_test.py --config training_512',
    );
    expect(result).toMatchObject({
      state: 'succeeded',
      result: {
        targets: [
          {
            config: 'training_512',
            status: 'captured',
            capture: at('results/nsight/training_512_ours.ncu-rep'),
            attribution: { problem: expect.stringContaining('ncu') },
          },
        ],
      },
    });
  });

  it('fails, with the words of ncu, where not one capture was made', async () => {
    await regressed();
    const done = await profiledBy('echo "==ERROR== Unable to write to file training_512_ours.ncu-rep."\nexit 1');
    expect(done.code).toBe(2);
    expect(jsonOf(done)).toMatchObject({
      state: 'failed',
      error: { code: 'nothing_captured', message: expect.stringContaining('==ERROR== Unable to write to file') },
    });
  });
});

describe('sota_compare', () => {
  it('shows its plan, then compares existing results and writes the report with plots', async () => {
    for (const [name, level] of [
      ['ours', 12],
      ['theirs', 10],
    ] as const)
      for (let trial = 0; trial < 6; trial += 1)
        put(`results/${name}/chat/${trial}.json`, { version: '1.0', tok_per_s: level + 0.01 * trial });
    const implementation = (name: string): unknown => ({
      name,
      pinned: '1.0',
      version: { field: 'version' },
      results: `results/${name}/{scenario}`,
    });
    const scenario = {
      name: 'chat',
      parameters: { concurrency: 16 },
      value: 'tok_per_s',
      unit: 'tok/s',
      direction: 'higher-is-better',
    };
    const config = put('matrix.json', {
      title: 'Serving',
      reference: 'ours',
      scenarios: [scenario],
      implementations: [implementation('ours'), implementation('theirs')],
    });
    const client = await connect('2.x client, 2026-07-28', { root });
    const planned = await client.call('sota_compare', { config, cwd: root, dry_run: true });
    expectAnswer('sota_compare', planned, /^would start/);
    expect(planned.text).toContain(`read ${at('results', 'theirs', 'chat')}`);
    expect(existsSync(at('sota'))).toBe(false);
    const acknowledged = { config, cwd: root, i_understand_this_submits_jobs: true, wait_s: 60 };
    const done = await client.call('sota_compare', acknowledged);
    expectAnswer('sota_compare', done, /^GREEN: compared: 1 better$/);
    expect(read('sota/BENCHMARKS_SOTA_COMPARISON.md')).toContain('| theirs | 1.20× |');
    for (const name of ['ratios.svg', 'trials-chat.svg']) expect(xmlProblem(read(`sota/${name}`))).toBeNull();
    await client.close();
  });
});

describe('over a registry of many nights', () => {
  let client: Connection;
  beforeEach(async () => {
    client = await connect('2.x client, 2026-07-28', { root });
  });
  afterEach(() => client.close());

  const record = async (measurement: string, value: number, unit = 'ms'): Promise<string> => {
    const source = put('nightly.txt', `${value}\n`);
    const input = { family: 'llama31_8b', measurement, source, value, unit, direction: 'lower-is-better' };
    const { isError, text, structured } = await client.call('perf_baseline_record', input);
    expect(isError, text).toBe(false);
    return String(structured['slug']);
  };
  /** A spread of half a percent around a level, the same in every run of the test. */
  const night = (level: number, index: number): number => level * (1 + 0.005 * Math.sin(7 * index));

  it('perf_baseline_trend finds the step, names it, and draws it', async () => {
    const slugs: string[] = [];
    for (let index = 0; index < 30; index += 1) slugs.push(await record('ttft', night(index < 18 ? 100 : 112, index)));
    const answer: CallResult = await client.call('perf_baseline_trend', { measurement: 'llama31_8b/ttft' });
    expectAnswer('perf_baseline_trend', answer, /^RED: .*the level changed for the worse/);
    expect(answer.structured['changes']).toMatchObject([{ index: 18, first_after: slugs[18], adverse: true }]);
    expect(answer.text).toContain(`worse at ${slugs[18]}: `);
    expect(answer.text).toMatch(
      /^next: perf_baseline_diff \{"baseline":"llama31_8b\/ttft@\w+","current":"llama31_8b\/ttft@\w+"\}$/m,
    );
    const [picture = ''] = answer.links;
    expect(xmlProblem(readFileSync(fileURLToPath(picture), 'utf8'))).toBeNull();

    const accepted = await client.call('perf_baseline_trend', {
      measurement: 'llama31_8b/ttft',
      accepted: [slugs[18]],
    });
    expect(accepted.structured['verdict']).not.toBe('RED');
    const strict = await cli('profile-and-optimize perf_baseline_trend llama31_8b/ttft --strict');
    expect(strict.code).toBe(1);
  });

  it('perf_baseline_trend of a steady history is GREEN', async () => {
    for (let index = 0; index < 12; index += 1) await record('steady', night(100, index));
    const answer = await client.call('perf_baseline_trend', { measurement: 'llama31_8b/steady', dry_run: true });
    expectAnswer('perf_baseline_trend', answer, /^GREEN: /);
    expect(answer.structured['trend_dir']).toBeNull();
  });

  it('perf_baseline_sweep judges a folder, hides nothing, and has one exit code', async () => {
    const document = (ttft: number): unknown => ({ ttft_p50_ms: ttft, ttft_p99_ms: 3 * ttft });
    for (const measurement of ['good', 'bad', 'torn']) {
      const source = put('first.json', document(100));
      await client.call('perf_baseline_record', { family: 'llama31_8b', measurement, source });
      put(`nightly/llama31_8b/${measurement}.json`, document(measurement === 'bad' ? 130 : 100));
    }
    put('nightly/llama31_8b/unknown.json', document(100));
    put('nightly/stray.json', document(100));
    put('nightly/llama31_8b/torn.json', '{"ttft_p50_ms": 1');
    const answer = await client.call('perf_baseline_sweep', { current: at('nightly'), strict: true });
    expectAnswer('perf_baseline_sweep', answer, /^\*\*(RED|YELLOW)\*\* over 4 measurements/);
    const items = new Map(
      (Object(answer.structured['items']) as { measurement: string }[]).map((item) => [item.measurement, item]),
    );
    expect(items.get('llama31_8b/bad')).toMatchObject({ exit_code: 1 });
    expect(items.get('llama31_8b/good')).toMatchObject({ verdict: 'GREEN' });
    expect(items.get('llama31_8b/torn')).toMatchObject({ exit_code: 2, error: { code: expect.any(String) } });
    expect(items.get('llama31_8b/unknown')).toMatchObject({ error: { code: 'measurement_not_found' } });
    expect(answer.structured['misplaced']).toEqual(['stray.json']);
    expect(answer.text).toContain('not compared, no <family>/<measurement>: stray.json');
    expect((await cli('profile-and-optimize perf_baseline_sweep nightly --strict')).code).toBe(1);
    expect((await cli('profile-and-optimize perf_baseline_sweep nightly')).code).toBe(2);
  });

  it('follows one metric of a result file over its entries', async () => {
    const source = resolve('examples/measurements/vllm-serve-baseline.json');
    for (let index = 0; index < 6; index += 1)
      await client.call('perf_baseline_record', { family: 'llama31_8b', measurement: 'serve', source });
    const measurement = 'llama31_8b/serve';
    const answer = await client.call('perf_baseline_trend', { measurement, metric: 'throughput_tok_per_s' });
    expectAnswer('perf_baseline_trend', answer, /throughput_tok_per_s/);
    expect(answer.structured).toMatchObject({ points_count: 6, skipped: [], unit: 'tok/s' });
    for (const [input, code] of [
      [{ measurement, metric: 'throughput' }, 'metric_needed'],
      [{ measurement: 'llama31_8b/serv' }, 'measurement_not_found'],
      [{ measurement: 'llama31_8b/serve@latest' }, 'measurement_unreadable'],
    ] as const)
      expect(Object((await client.call('perf_baseline_trend', input)).structured['error']).code).toBe(code);
  });

  it.each([
    ['a folder that is not there', 'absent', 'file_not_found'],
    ['an empty folder', 'empty', 'sweep_empty'],
  ])('perf_baseline_sweep refuses %s', async (_, current, code) => {
    mkdirSync(at('empty'));
    expect(await cli(`profile-and-optimize perf_baseline_sweep ${current}`)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(code),
    });
  });

  it('plan_trials takes the noise from a history', async () => {
    for (let index = 0; index < 12; index += 1) await record('noise', night(100, index));
    const answer = await client.call('plan_trials', {
      tolerance_percent: 2,
      measurement: 'llama31_8b/noise',
      paired: true,
    });
    expectAnswer('plan_trials', answer, /^\d+ pairs, \d+ minutes, in the order ABBA/);
  });
});

describe('plan_trials', () => {
  it.each([
    ['3 trials with two gating metrics', '--trials 3 --gating-metrics 2', /3 trials a side with 2 gating metrics/],
    ['a single pair', '--trials 1 --paired', /1 pair/],
  ])('refuses %s before time is spent', async (_, flags, message) => {
    const done = await cli(`profile-and-optimize plan_trials --tolerance-percent 2 --cv-percent 4 ${flags}`);
    expect(done).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(/design_cannot_decide/) });
    expect(done.stderr).toMatch(message);
  });
});
