// Long work over MCP: refused without an acknowledgement, planned without a trace, started as a job that outlives its server, found again,
// cancelled, and reported when it was killed. The work is a real tuning of a program that gcc builds.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { expectAnswer, expectSchema } from './answer.ts';
import { connect, freshRoot, removeRoot, type Connection } from './connect.ts';
import { jsonOf, runCli } from './run-cli.ts';

const hasGcc = spawnSync('gcc', ['--version']).status === 0;
if (!hasGcc) console.log('skipped: tuning a real program needs gcc');

/** Prints a time in proportion to PASSES, after a pause of PAUSE milliseconds. */
const PROGRAM = `
#include <stdio.h>
#include <time.h>
static volatile float cells[4096];
static double now_ms(void) { struct timespec t; clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t); return t.tv_sec * 1e3 + t.tv_nsec / 1e6; }
static double measure(void) {
  double began = now_ms();
  for (int pass = 0; pass < PASSES * 100; pass++)
    for (int i = 0; i < 4096; i++) cells[i] = cells[i] * 0.5f + 1.0f;
  return now_ms() - began;
}
int main(void) {
  struct timespec pause = { PAUSE / 1000, (PAUSE % 1000) * 1000000L };
  nanosleep(&pause, NULL);
  double best = measure();
  for (int repeat = 0; repeat < 4; repeat++) { double ms = measure(); if (ms < best) best = ms; }
  printf("{\\"performance\\": {\\"median_ms\\": %.6f}}\\n", best);
  return 0;
}
`;

const spec = (pauseMs: number): string => `
config: training_512
parameters:
  PASSES: [8, 1]
baseline: { PASSES: 8 }
build:
  command: [gcc, -O1, -DPAUSE=${pauseMs}, '{defines}', -o, '{artifact}', work.c]
  artifact: build/{key}/work
bench:
  command: ['{artifact}']
  value: performance.median_ms
trials: { screen: 3, confirm: 5 }
`;

let root: string;
let client: Connection;
const at = (...names: string[]): string => join(root, ...names);
/** Every file below the root with what is in it. */
const tree = (): Record<string, string> =>
  Object.fromEntries(
    readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [path, readFileSync(path, 'utf8')]),
  );
const open = (): Promise<Connection> => connect('2.x client, 2026-07-28', { root });

beforeEach(async () => {
  root = freshRoot();
  writeFileSync(at('work.c'), PROGRAM);
  writeFileSync(at('tune.yaml'), spec(0));
  writeFileSync(at('slow.yaml'), spec(60_000));
  client = await open();
});
afterEach(async () => {
  await client.close();
  const { structured } = await open().then(async (last) => {
    const listed = await last.call('job_list', {});
    for (const job of Object(listed.structured['jobs']) as { job_id: string }[])
      await last.call('job_cancel', { job_id: job.job_id });
    await last.close();
    return listed;
  });
  expectSchema('job_list', structured);
  removeRoot(root);
});

const tune = (): Record<string, unknown> => ({ time_budget: 1, cwd: root, i_understand_this_submits_jobs: true });
interface Recorded {
  process: { pid: number };
  children: { process: { pid: number }; argv: string[] }[];
}
const stateOf = (id: string): Recorded =>
  JSON.parse(readFileSync(at('experiments/artifacts/jobs', id, 'state.json'), 'utf8'));

/** Starts the tuning that pauses for a minute in each trial; the job, its supervisor, and the program that pauses. */
const startSlow = async (): Promise<{ id: string; supervisor: number; program: number }> => {
  const input = { ...tune(), config: at('slow.yaml'), output: at('slow'), wait_s: 0 };
  const { structured } = await client.call('autotune_run', input);
  const id = String(structured['job_id']);
  return vi.waitFor(
    () => {
      const { process: supervisor, children } = stateOf(id);
      const [pausing] = children.filter(({ argv }) => argv[0]?.endsWith('/work') === true);
      if (pausing === undefined) throw new TypeError('the program does not run yet');
      return { id, supervisor: supervisor.pid, program: pausing.process.pid };
    },
    { timeout: 20_000, interval: 50 },
  );
};

describe.skipIf(!hasGcc)('autotune_run', () => {
  it('is refused without the acknowledgement, naming the field and the dry run', async () => {
    const before = tree();
    const { isError, text, structured } = await client.call('autotune_run', { config: at('tune.yaml') });
    expect(isError).toBe(true);
    expect(structured['error']).toMatchObject({
      code: 'ack_required',
      fix: expect.stringMatching(/i_understand_this_submits_jobs: true.*dry_run/),
    });
    expect(text).toContain('i_understand_this_submits_jobs');
    expect(tree()).toEqual(before);
  });

  it('as a dry run says what would be started, and writes nothing anywhere', async () => {
    const before = tree();
    const planned = await client.call('autotune_run', {
      cwd: root,
      config: 'tune.yaml',
      output: at('tuning'),
      dry_run: true,
    });
    expectAnswer('autotune_run', planned, /^would start:/);
    expect(planned.text).toContain(`space of ${at('tune.yaml')} for at most 20 minutes`);
    const lines = planned.structured['plan'];
    const build = 'gcc -O1 -DPAUSE=0 -DPASSES=1 -o build/PASSES-1/work work.c';
    expect(lines).toEqual(expect.arrayContaining([build, 'build/PASSES-8/work']));
    for (const file of ['tune.yaml', 'work.c']) {
      const hash = createHash('sha256')
        .update(readFileSync(at(file)))
        .digest('hex');
      expect(lines).toContain(`sha256 ${hash}  ${at(file)}`);
    }
    expect(planned.structured['plan_sha256']).toMatch(/^[0-9a-f]{64}$/);
    expect(tree()).toEqual(before);
  });

  it('starts only the plan that was shown, where that is asked for', async () => {
    const asked = { cwd: root, time_budget: 1, config: at('tune.yaml'), output: at('tuning'), wait_s: 60 };
    const input = { ...asked, i_understand_this_submits_jobs: true };
    const shown = await client.call('autotune_run', { ...asked, dry_run: true });
    const plan = shown.structured['plan_sha256'];
    expect((await client.call('autotune_run', { ...asked, dry_run: true })).structured['plan_sha256']).toBe(plan);
    writeFileSync(at('work.c'), `${PROGRAM}\n`);
    const refused = await client.call('autotune_run', { ...input, expect_plan: plan });
    expect(refused.structured['error']).toMatchObject({
      code: 'plan_changed',
      fix: expect.stringContaining('dry_run'),
    });
    expect(existsSync(at('experiments'))).toBe(false);
    writeFileSync(at('work.c'), PROGRAM);
    const done = await client.call('autotune_run', { ...input, expect_plan: plan });
    expectAnswer('autotune_run', done, /^training_512: improved/);
  });

  it('as a dry run refuses a tuning file that the job could not use', async () => {
    writeFileSync(at('tune.yaml'), 'config: x\nparameters: 7\n');
    const planned = await client.call('autotune_run', { cwd: root, config: 'tune.yaml', dry_run: true });
    expect(planned).toMatchObject({ isError: true, structured: { error: { code: 'tuning_spec' } } });
  });

  it('finds the faster build, says so first, links the suggestions, and applies nothing', async () => {
    const config = at('tune.yaml');
    const done = await runCli(
      [
        ...['autotune_run', '--config', config, '--time-budget', '1'],
        '--wait-s',
        '60',
        '--json',
        '--i-understand-this-submits-jobs',
      ],
      { root },
    );
    expect(done.code, done.stderr).toBe(0);
    const result = jsonOf(done);
    expectSchema('autotune_run', result);
    expect(result).toMatchObject({
      state: 'succeeded',
      result: { status: 'improved', winner: { parameters: { PASSES: 1 } } },
    });
    const report = readFileSync(at('tuning', 'suggestions.md'), 'utf8');
    for (const heading of [
      '# Autotune Report: training_512',
      '## Best Configuration Found',
      '## How to Apply',
      '## All Results',
    ])
      expect(report).toContain(heading);
    expect(report).toContain('gcc -DPASSES=1 work.c');
    expect(readFileSync(at('work.c'), 'utf8')).toBe(PROGRAM);
  });

  it('fails as a job with the reason where nothing can be built', async () => {
    writeFileSync(at('tune.yaml'), spec(0).replace('work.c]', 'absent.c]'));
    const input = { ...tune(), config: at('tune.yaml'), output: at('tuning'), wait_s: 60 };
    const { text, structured, isError } = await client.call('autotune_run', input);
    expect(isError).toBe(true);
    expectSchema('autotune_run', structured);
    expect(structured).toMatchObject({
      state: 'failed',
      error: { code: expect.any(String), message: expect.any(String) },
    });
    expect(text).toMatch(/^job \S+ is failed\nerror /);
    const later = await client.call('job_status', { job_id: structured['job_id'] });
    expect(later).toMatchObject({ isError: true, structured: { state: 'failed', error: structured['error'] } });
    const typed = await runCli(['job_status', String(structured['job_id']), '--json'], { root });
    expect(typed.code).not.toBe(0);
    expect(jsonOf(typed)).toMatchObject({ state: 'failed' });
    expect(existsSync(at('tuning', 'suggestions.md'))).toBe(false);
  });
});

describe.skipIf(!hasGcc)('a job', () => {
  it('goes on when its server is killed, and another server finds its result', async () => {
    const input = { ...tune(), config: at('tune.yaml'), output: at('tuning'), wait_s: 0 };
    const started = await client.call('autotune_run', input);
    expectAnswer('autotune_run', started, /^job \S+ is (queued|running)/);
    const id = started.structured['job_id'];
    expect(started.text).toContain(`job_status {"job_id":"${String(id)}"`);
    const pid = client.pid();
    if (pid === null) throw new TypeError('the server has no process');
    process.kill(pid, 'SIGKILL');

    client = await open();
    const status = await client.call('job_status', { job_id: id, wait_s: 60 });
    expectAnswer('job_status', status, /^autotune_run: training_512: improved, [\d.]+×/);
    expect(status.links.map((link) => fileURLToPath(link))).toContain(at('tuning', 'suggestions.md'));
    const listed = await client.call('job_list', { limit: 1 });
    expect(listed.structured['jobs']).toMatchObject([{ job_id: id, verb: 'autotune_run', state: 'succeeded' }]);
  });

  it('is cancelled with all its processes, and can be distinguished from one that failed', async () => {
    const { id, program } = await startSlow();
    expect(() => process.kill(program, 0)).not.toThrow();
    const cancelled = await client.call('job_cancel', { job_id: id });
    expectAnswer('job_cancel', cancelled, /^autotune_run: job \S+ is cancelled: cancel was requested/);
    expect(() => process.kill(program, 0)).toThrow('ESRCH');
    expect((await client.call('job_status', { job_id: id })).structured).toMatchObject({
      state: 'cancelled',
      error: null,
    });
    expect(existsSync(at('slow', 'suggestions.md'))).toBe(false);
  });

  it('whose supervisor was killed is lost, and its program ends without a further call', async () => {
    const { id, supervisor, program } = await startSlow();
    process.kill(supervisor, 'SIGKILL');
    const lost = await client.call('job_status', { job_id: id, wait_s: 5 });
    expect(lost.isError).toBe(true);
    expect(lost.text).toMatch(/^autotune_run: job \S+ is lost: its supervisor \(process \d+\) is gone/);
    expect(lost.text).toContain(`job_cancel {"job_id":"${id}"}`);
    await vi.waitFor(() => expect(() => process.kill(program, 0)).toThrow('ESRCH'), { timeout: 5000 });
    await client.call('job_cancel', { job_id: id });
  });

  it('is read by its links and addresses: state, logs, events, result', async () => {
    const input = { ...tune(), config: at('tune.yaml'), output: at('tuning'), wait_s: 60 };
    const done = await client.call('autotune_run', input);
    const id = String(done.structured['job_id']);
    const read = async (uri: string): Promise<string> => {
      const { contents } = await client.request('resources/read', { uri });
      return String((contents as { text?: unknown }[])[0]?.text);
    };
    const logs = done.links.filter((link) => link.includes('/jobs/'));
    expect(logs.map((link) => link.split('/').at(-1))).toEqual(['stdout.log', 'stderr.log']);
    for (const link of logs) expect(await read(link)).toBe(readFileSync(fileURLToPath(link), 'utf8'));
    expect(await read(`perf://jobs/${id}/stdout`)).toContain('median_ms');
    expect(await read(`perf://jobs/${id}/events`)).toContain('process_started');
    expect(JSON.parse(await read(`perf://jobs/${id}/result`))).toMatchObject({ status: 'improved' });
    expect(JSON.parse(await read(`perf://jobs/${id}`))).toMatchObject({ id, state: 'succeeded' });
    for (const uri of [`perf://jobs/${id}/claim`, 'perf://jobs/..%2F..', 'perf://jobs/x', `file://${at('work.c')}`])
      await expect(read(uri), uri).rejects.toThrow();
  });

  it('with a damaged state keeps no other from being listed', async () => {
    const input = { ...tune(), config: at('tune.yaml'), output: at('tuning'), wait_s: 60 };
    const whole = String((await client.call('autotune_run', input)).structured['job_id']);
    const torn = String((await client.call('autotune_run', input)).structured['job_id']);
    const kept = readFileSync(at('experiments/artifacts/jobs', torn, 'state.json'), 'utf8');
    writeFileSync(at('experiments/artifacts/jobs', torn, 'state.json'), kept.slice(0, 100));
    const listed = await client.call('job_list', {});
    expectAnswer('job_list', listed, new RegExp(`^${whole} autotune_run: succeeded`));
    expect(listed.structured).toMatchObject({ jobs: [{ job_id: whole }], damaged: [{ job_id: torn }] });
    expect(listed.text).toContain(`! ${torn} cannot be read: `);
  });

  it('that does not exist is an error that names job_list', async () => {
    const { structured } = await client.call('job_status', { job_id: '20261122T020816992331Z-a1b2c3' });
    expect(structured['error']).toMatchObject({ code: 'job_not_found', fix: expect.stringContaining('job_list') });
  });

  it('shows its progress to the call that waits for it', async () => {
    writeFileSync(at('tune.yaml'), spec(150));
    const seen: { progress: number; message?: string | undefined }[] = [];
    const input = { ...tune(), config: at('tune.yaml'), wait_s: 60 };
    const done = await client.call('autotune_run', input, { onprogress: (each) => seen.push(each) });
    expectAnswer('autotune_run', done, /^training_512: improved/);
    expect(seen.some(({ message }) => /^confirming PASSES-1, pair \d of 5$/.test(message ?? ''))).toBe(true);
    const steps = seen.map(({ progress }) => progress);
    expect(steps).toEqual(steps.toSorted((a, b) => a - b));
  });
});
