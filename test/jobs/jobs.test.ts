import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { isAlive } from '../../src/exec/process-identity.ts';
import { answerOf, jobExitCode, renderJob } from '../../src/jobs/job-answer.ts';
import { cancelJob } from '../../src/jobs/cancel-job.ts';
import type { JobWork } from '../../src/jobs/job-context.ts';
import { jobFiles, jobsFolder, newJobId } from '../../src/jobs/job-folder.ts';
import { hasEnded, identityOf, type TaskHandle } from '../../src/jobs/job-state.ts';
import { lineRedactor } from '../../src/jobs/job-log.ts';
import { listJobs, readJob, type JobView } from '../../src/jobs/read-job.ts';
import { startJob } from '../../src/jobs/start-job.ts';
import { waitForJob } from '../../src/jobs/wait-for-job.ts';
import { Fault } from '../../src/text/fault.ts';
import { isoSeconds, presentMoment } from '../../src/text/time.ts';

/** The process that leads a command on this machine. */
const leaderOf = (handle: TaskHandle | undefined) =>
  handle?.executor === 'local_process' ? handle.process : undefined;

const livesOn = async (handle: TaskHandle | undefined): Promise<boolean> => {
  const leader = leaderOf(handle);
  return leader !== undefined && (await isAlive(identityOf(leader)));
};

const module = fileURLToPath(new URL('./bodies.ts', import.meta.url));
const env = { PATH: process.env['PATH'], HOME: tmpdir() };
const newRoot = (): string => mkdtempSync(join(tmpdir(), 'jobs-'));
const body = (name: string, input: null | string = null): JobWork => ({ module, export: name, input });

interface Asked {
  readonly root?: string;
  readonly env?: Record<string, string | undefined>;
  readonly timeLimitS?: number;
}

const start = (work: JobWork, asked: Asked = {}): Promise<JobView> =>
  startJob({ root: newRoot(), verb: 'test_verb', input: { x: 1 }, work, env, now: presentMoment(), ...asked });

const finish = async (job: JobView): Promise<JobView> => {
  const ended = await waitForJob({ root: job.root, id: job.id, waitS: 30 });
  if (!hasEnded(ended.state)) throw new Error(`still ${ended.state}`);
  return ended;
};

/** Polls a job until the test likes what it sees. */
const until = async (job: JobView, wanted: (view: JobView) => boolean): Promise<JobView> => {
  for (let turn = 0; turn < 1000; turn += 1) {
    const view = await readJob(job.root, job.id);
    if (wanted(view)) return view;
    await sleep(10);
  }
  throw new Error('the job never got there');
};

const events = (job: JobView): Record<string, unknown>[] =>
  readFileSync(job.events_path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

const kill = (job: JobView, signal: NodeJS.Signals = 'SIGKILL'): void => {
  if (job.process === null) throw new Error('the job has no supervisor yet');
  try {
    process.kill(job.process.pid, signal);
  } catch {
    // it has ended by itself
  }
};

const faultOf = async (work: Promise<unknown>): Promise<Fault> => {
  const outcome = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (outcome instanceof Fault) return outcome;
  throw new Error(`expected a Fault, got ${String(outcome)}`);
};

afterEach(() => void vi.useRealTimers());

describe('a job that runs to its end', () => {
  test('keeps result, progress, events, log lines and the supervisor that ran it', async () => {
    const started = await start(body('echo', 'hello'));
    expect(started).toMatchObject({ verb: 'test_verb', input: { x: 1 }, argv: null });
    const ended = await finish(started);
    expect(ended).toMatchObject({ state: 'succeeded', error: null, children: [], orphans: [] });
    expect(ended.progress).toEqual({ done: 1, total: 2, message: 'half way' });
    expect(ended.process?.pid).not.toBe(process.pid);
    expect(JSON.parse(readFileSync(ended.result_path ?? '', 'utf8'))).toEqual({ input: 'hello', id: ended.id });
    expect(readFileSync(ended.stdout_path, 'utf8')).toBe('a line\n');
    expect(events(ended).map(({ type }) => type)).toEqual(['state', 'note', 'state']);
  });

  test('has ended for nobody before its last event is on file', async () => {
    const started = await start(body('piped'));
    await until(started, ({ events_path }) => statSync(events_path, { throwIfNoEntry: false })?.isFIFO() === true);
    await sleep(500);
    expect((await readJob(started.root, started.id)).state).toBe('running');
    expect(readFileSync(started.events_path, 'utf8')).toContain('"state":"succeeded"');
    expect(await finish(started)).toMatchObject({ state: 'succeeded' });
  });

  test('as a list of commands keeps their output and exit code', async () => {
    const steps = [
      { name: 'one', argv: ['sh', '-c', 'echo out; echo err >&2'] },
      { name: 'two', argv: ['pwd'] },
    ];
    const ended = await finish(await start({ steps }));
    expect(ended).toMatchObject({
      state: 'succeeded',
      exit: { code: 0, signal: null },
      argv: [steps[0]?.argv, ['pwd']],
    });
    expect(readFileSync(ended.stdout_path, 'utf8')).toBe(`out\n${ended.root}\n`);
    expect(readFileSync(ended.stderr_path, 'utf8')).toBe('err\n');
  });
});

describe('a job that fails', () => {
  test.each([
    [
      'with the code and fix of its Fault',
      body('faulty'),
      { code: 'bench_url_wrong', fix: 'check base_url', path: '/a/b' },
    ],
    ['with an internal error when it is broken', body('broken'), { code: 'internal_error', kind: 'internal' }],
    ['also when it breaks where nobody catches', body('crashing'), { code: 'internal_error', kind: 'internal' }],
    ['when the module has no such body', body('notABody'), { code: 'job_body_missing' }],
    ['when the module is gone', { module: '/gone.mjs', export: 'x', input: null }, { kind: 'internal' }],
    [
      'at the first command that fails',
      {
        steps: [
          { name: 'a', argv: ['sh', '-c', 'exit 4'] },
          { name: 'b', argv: ['touch', 'made'] },
        ],
      },
      { code: 'tool_failed' },
    ],
    ['when a program is missing', { steps: [{ name: 'a', argv: ['no-such-program'] }] }, { code: 'tool_missing' }],
  ])('%s', async (_name, work, error) => {
    const ended = await finish(await start(work));
    expect(ended).toMatchObject({ state: 'failed', error });
    expect(JSON.stringify(ended.error)).not.toMatch(/\n\s+at /);
    expect(readdirSync(ended.root)).toEqual(['experiments']);
  });

  test('at its time limit, with its processes ended', async () => {
    const job = await start(body('waiting'), { timeLimitS: 0.7 });
    const { children } = await until(job, (view) => view.children.length === 1);
    expect(await finish(job)).toMatchObject({ state: 'failed', error: { code: 'job_time_limit', kind: 'timeout' } });
    expect(await livesOn(children[0])).toBe(false);
  });
});

describe('cancel', () => {
  test('ends the work and every process of it', async () => {
    const job = await start(body('waiting'));
    const { children } = await until(job, (view) => view.children.length === 1);
    const cancelled = await cancelJob({ root: job.root, id: job.id });
    expect(cancelled).toMatchObject({ state: 'cancelled', reason: 'cancel was requested', children: [], orphans: [] });
    expect(await livesOn(children[0])).toBe(false);
    expect(await cancelJob({ root: job.root, id: job.id })).toEqual(cancelled);
  });

  test.each([
    ['by a cancel', {}, { state: 'cancelled', reason: 'cancel was requested', error: null }],
    ['at its time limit', { timeLimitS: 0.7 }, { state: 'failed', error: { code: 'job_time_limit' } }],
  ])('a body that is stopped %s and returns has not succeeded; what it returns is kept', async (_name, limits, how) => {
    const job = await start(body('keeping'), limits);
    await until(job, (view) => view.children.length === 1);
    if (how.state === 'cancelled') await cancelJob({ root: job.root, id: job.id });
    const ended = await finish(job);
    expect(ended).toMatchObject(how);
    const answer = await answerOf(ended);
    expect(answer.result).toMatchObject({ points: 3 });
    expect(renderJob(answer)).toMatch(
      new RegExp(`^job .* is ${how.state}[^]*what it had until then: half of the points`),
    );
    expect(jobExitCode(answer)).toBe(how.state === 'cancelled' ? 130 : 124);
  });

  test('ends a body that takes no notice, by force', async () => {
    const job = await start(body('stubborn'));
    const { children, process: supervisor } = await until(job, (view) => view.children.length === 1);
    const cancelled = await cancelJob({ root: job.root, id: job.id, graceS: 0.3 });
    expect(cancelled).toMatchObject({ state: 'cancelled', orphans: [] });
    expect(await livesOn(children[0])).toBe(false);
    expect(supervisor && (await isAlive(identityOf(supervisor)))).toBe(false);
  });

  test('of a job that has ended changes nothing', async () => {
    const ended = await finish(await start(body('echo')));
    expect(await cancelJob({ root: ended.root, id: ended.id })).toEqual(ended);
  });

  test('by a signal to the supervisor is distinguished', async () => {
    const job = await start(body('waiting'));
    kill(job, 'SIGTERM');
    expect(await finish(job)).toMatchObject({ state: 'cancelled', reason: 'ended by SIGTERM' });
  });
});

describe('after a kill the state says so:', () => {
  test('a killed supervisor makes the job lost, and nothing of it goes on', async () => {
    const job = await start(body('family'));
    const grandchild = (): number => Number(readFileSync(job.stdout_path, 'utf8'));
    await until(job, (view) => view.children.length === 1 && grandchild() > 0);
    kill(job);
    const lost = await finish(job);
    expect(lost).toMatchObject({ state: 'lost' });
    expect(lost.reason).toMatch(/^its supervisor \(process \d+\) is gone, last sign of life \d{4}-/);
    const [command] = lost.children;
    expect(command).toMatchObject({ executor: 'local_process', argv: ['sh', '-c', expect.any(String)] });
    await until(job, ({ orphans }) => orphans.length === 0);
    expect(await livesOn(command)).toBe(false);
    expect(isRunning(grandchild())).toBe(false);
  });

  test('what its guard did not end is shown, and a cancel ends it', async () => {
    const job = await start(body('family'));
    const { children } = await until(job, (view) => view.children.length === 1);
    for (const guard of guardsOf(job)) process.kill(guard, 'SIGKILL');
    kill(job);
    expect(await finish(job)).toMatchObject({ state: 'lost', orphans: children });
    expect(await cancelJob({ root: job.root, id: job.id })).toMatchObject({ state: 'lost', orphans: [] });
    expect(await livesOn(children[0])).toBe(false);
  });

  test.each([0, 15, 60, 150])(
    'a supervisor killed %i ms into its work leaves a job that is lost or had ended',
    async (delayMs) => {
      const steps = Array.from({ length: 12 }, (_, index) => ({ name: `step ${index}`, argv: ['sleep', '0.01'] }));
      const job = await start({ steps });
      await sleep(delayMs);
      kill(job);
      const ended = await finish(job);
      expect(['lost', 'succeeded']).toContain(ended.state);
      await cancelJob({ root: job.root, id: job.id });
      expect((await readJob(job.root, job.id)).orphans).toEqual([]);
    },
  );

  test.each([
    ['taken by a supervisor that is gone', { claimed: true, ageS: 1 }, /its supervisor took it and is gone/],
    ['taken by nobody in time', { claimed: false, ageS: 61 }, /no supervisor took it within 60 s/],
  ])('a job that is queued, %s, is lost though its starter lives', async (_name, { claimed, ageS }, reason) => {
    const ended = await finish(await start({ steps: [{ name: 'a', argv: ['true'] }] }));
    const files = jobFiles(ended.root, ended.id);
    const { orphans: _orphans, ...state } = ended;
    const queued = { state: 'queued', process: null, ended_at: null, created_at: isoSeconds(Date.now() - ageS * 1000) };
    writeFileSync(files.state, JSON.stringify({ ...state, ...queued }));
    if (!claimed) rmSync(files.claim);
    // The supervisor of the ended job may still be on its way out.
    await expect
      .poll(() => readJob(ended.root, ended.id), { timeout: 10_000 })
      .toMatchObject({ state: 'lost', reason: expect.stringMatching(reason) });
  });

  test('a killed child makes its command fail with the signal', async () => {
    const job = await start({ steps: [{ name: 'sleep', argv: ['sleep', '60'] }] });
    const { children } = await until(job, (view) => view.children.length === 1);
    process.kill(leaderOf(children[0])?.pid ?? 0, 'SIGKILL');
    expect(await finish(job)).toMatchObject({
      state: 'failed',
      exit: { code: null, signal: 'SIGKILL' },
      error: { code: 'tool_failed', message: 'sleep ended with signal SIGKILL' },
    });
  });

  test('a supervisor killed before it took the job makes a job that failed to start', async () => {
    const root = newRoot();
    const killer = setInterval(() => {
      for (const pid of supervisorsOf(root)) process.kill(pid, 'SIGKILL');
    }, 1);
    const job = await start(body('short'), { root });
    clearInterval(killer);
    expect(['failed', 'lost']).toContain(job.state);
    if (job.state === 'failed') expect(job.error).toMatchObject({ code: 'job_not_started' });
  });

  test.each([0, 60, 150, 300, 450, 700])('a server killed %i ms into starting a job', async (delayMs) => {
    const root = newRoot();
    const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
    const script = fileURLToPath(new URL('./start-one.ts', import.meta.url));
    const server = spawn(process.execPath, ['--import', loader, script, root], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await new Promise((resolve) => server.stdout.once('data', resolve));
    await sleep(delayMs);
    server.kill('SIGKILL');
    await new Promise((resolve) => server.once('exit', resolve));
    while (supervisorsOf(root).length > 0) await sleep(20);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_000 });
    const { jobs } = await listJobs({ root });
    const states = jobs.map(({ state, error }) => (state === 'failed' ? String(error?.code) : state));
    expect(['', 'succeeded', 'lost', 'job_request_incomplete']).toContain(states.join());
  });
});

const isRunning = (pid: number): boolean => {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};

/** The shells that wait for the end of the job's supervisor, from /proc. */
const guardsOf = (job: JobView): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const parent = / (?:\S) (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1];
        return (
          Number(parent) === job.process?.pid && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('while read')
        );
      } catch {
        return false;
      }
    })
    .map(Number);

/** Supervisors of jobs in `root`, from the command lines in /proc. */
const supervisorsOf = (root: string): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        return line.includes('supervisor.ts') && line.includes(root);
      } catch {
        return false;
      }
    })
    .map(Number);

test('no secret reaches a file of the job', async () => {
  const canary = 'canary-7f3a91-secret';
  const root = newRoot();
  const job = await startJob({
    root,
    verb: 'test_verb',
    input: { api_key: canary, url: `https://x?token=${canary}`, note: `uses ${canary}` },
    work: { module, export: 'leaky', input: { password: canary } },
    env: { ...env, HF_TOKEN: canary },
    now: presentMoment(),
  });
  expect((await finish(job)).state).toBe('succeeded');
  const { folder } = jobFiles(root, job.id);
  const files = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
  expect(files.join('\n')).toContain('[redacted]');
  expect(files.join('\n')).not.toContain(canary);
});

test('a private key that spans lines is left out as a whole', () => {
  const clean = lineRedactor([]);
  const lines = ['before', '-----BEGIN RSA PRIVATE KEY-----', 'MIIEabc', '-----END RSA PRIVATE KEY-----', 'after'];
  expect(lines.map(clean)).toEqual(['before', '[redacted]', '[redacted]', '[redacted]', 'after']);
});

describe('listing', () => {
  test('gives the newest first, page by page, and leaves out what is no job', async () => {
    const root = newRoot();
    const ids: string[] = [];
    for (const name of ['a', 'b', 'c']) {
      const steps = [{ name, argv: ['true'] }];
      ids.unshift((await start({ steps }, { root })).id);
    }
    mkdirSync(join(jobsFolder(root), 'notes'));
    const first = await listJobs({ root, limit: 2 });
    expect(first.jobs.map(({ id }) => id)).toEqual(ids.slice(0, 2));
    const second = await listJobs({ root, limit: 2, cursor: first.next_cursor });
    expect(second).toMatchObject({ jobs: [{ id: ids[2] }], next_cursor: null });
    for (const id of ids) await waitForJob({ root, id, waitS: 20 });
  });

  test('of a root without jobs is empty', async () => {
    expect(await listJobs({ root: newRoot() })).toEqual({ jobs: [], damaged: [], next_cursor: null });
  });

  test.each([
    ['cut off', (state: string): string => state.slice(0, 40), 'json_syntax'],
    ['empty', () => '', 'json_empty'],
    ['of another version', () => '{"schema_version": 9}', 'job_state_invalid'],
    ['gone', null, 'job_not_found'],
  ])('names a job whose state is %s, and shows the others', async (_name, damage, code) => {
    const root = newRoot();
    const [good, bad] = [
      await start({ steps: [{ name: 'a', argv: ['true'] }] }, { root }),
      await start({ steps: [{ name: 'b', argv: ['true'] }] }, { root }),
    ];
    for (const job of [good, bad]) await finish(job);
    const { state, folder } = jobFiles(root, bad.id);
    if (damage === null) rmSync(state);
    else writeFileSync(state, damage(readFileSync(state, 'utf8')));
    const page = await listJobs({ root });
    expect(page).toMatchObject({ jobs: [{ id: good.id }], damaged: [{ id: bad.id, path: folder, code }] });
    expect(page.damaged[0]?.problem).not.toBe('');
  });
});

test.each(['../../etc', '', 'x', '20261123T012044123456Z-abcdef/..'])('%j is no job id', async (id) => {
  expect(await faultOf((async () => readJob(newRoot(), id))())).toMatchObject({
    kind: 'usage',
    code: 'job_id_invalid',
  });
});

test('a job that is not there, and a state that is none, are said', async () => {
  const root = newRoot();
  const id = newJobId(presentMoment());
  expect(await faultOf(readJob(root, id))).toMatchObject({ code: 'job_not_found' });
  mkdirSync(jobFiles(root, id).folder, { recursive: true });
  writeFileSync(jobFiles(root, id).state, '{"schema_version": 2}');
  expect(await faultOf(readJob(root, id))).toMatchObject({ code: 'job_state_invalid' });
});

test('a wait ends with the time, and the job goes on', async () => {
  const job = await start(body('waiting'));
  expect((await waitForJob({ root: job.root, id: job.id, waitS: 0.1 })).state).toBe('running');
  expect((await waitForJob({ root: job.root, id: job.id, waitS: 60, signal: AbortSignal.abort() })).state).toBe(
    'running',
  );
  await cancelJob({ root: job.root, id: job.id });
});
