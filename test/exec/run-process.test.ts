import { mkdtempSync, readFileSync, writeFileSync, chmodSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { identifyProcess, isAlive } from '../../src/exec/process-identity.ts';
import { watchProcesses } from '../../src/exec/process-watch.ts';
import { runProcess } from '../../src/exec/run-process.ts';
import { Fault } from '../../src/text/fault.ts';
import { runTool } from './run-tool.ts';

const env = { PATH: process.env['PATH'] ?? '/usr/bin:/bin' };
const sh = (script: string): string[] => ['sh', '-c', script];
const folder = (): string => mkdtempSync(join(tmpdir(), 'exec-'));

const faultOf = async (work: Promise<unknown>): Promise<Fault> => {
  const outcome = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (outcome instanceof Fault) return outcome;
  throw new Error(`expected a Fault, got ${String(outcome)}`);
};

const pidIn = (path: string): number | undefined => {
  const text = existsSync(path) ? readFileSync(path, 'utf8').trim() : '';
  return text === '' ? undefined : Number(text);
};

describe('a finished process', () => {
  test('reports its streams and exit code apart, whatever the code', async () => {
    const result = await runProcess(sh('echo out; echo err >&2; exit 7'), { env });
    expect(result).toMatchObject({ code: 7, signal: null, stdout: 'out\n', stderr: 'err\n' });
    expect(result).toMatchObject({ timedOut: false, cancelled: false, truncated: false });
  });

  test('reports the signal that ended it', async () => {
    expect(await runProcess(sh('kill -9 $$'), { env })).toMatchObject({ code: null, signal: 'SIGKILL' });
  });

  test('gets its input, and an empty one when none is given', async () => {
    expect((await runProcess(['cat'], { env, stdin: 'grüß' })).stdout).toBe('grüß');
    expect((await runProcess(['cat'], { env })).stdout).toBe('');
  });

  test('does not mind a program that never reads its input', async () => {
    expect(await runProcess(['true'], { env, stdin: 'x'.repeat(4_000_000) })).toMatchObject({ code: 0 });
  });

  test('sees only the environment that was passed', async () => {
    const { stdout } = await runProcess(['env'], { env: { ...env, SHOWN: 'yes', GONE: undefined } });
    expect(stdout.trim().split('\n').sort()).toEqual([`PATH=${env.PATH}`, 'SHOWN=yes']);
  });

  test('gets its arguments as they are, without a shell', async () => {
    const nasty = ['a b', '$HOME', '`id`', '"quoted"', ';ls', '*'];
    const { stdout } = await runProcess(['printf', '%s\\n', ...nasty], { env });
    expect(stdout.trimEnd().split('\n')).toEqual(nasty);
  });

  test('that leaves a daemon with the pipe open does not hold the caller', async () => {
    const file = join(folder(), 'pid');
    const result = await runProcess(sh(`sleep 30 & echo $! > ${file}; echo done`), { env });
    expect(result).toMatchObject({ code: 0, stdout: 'done\n' });
    process.kill(pidIn(file) ?? 0);
  });
});

describe('output', () => {
  test('beyond the limit keeps the front of stdout and the end of stderr', async () => {
    const script = 'i=0; while [ $i -lt 2000 ]; do echo out$i; echo err$i >&2; i=$((i+1)); done';
    const result = await runProcess(sh(script), { env, maxOutputBytes: 1000 });
    expect(result.truncated).toBe(true);
    expect(result.stdout.length).toBe(1000);
    expect(result.stdout.startsWith('out0\nout1\n')).toBe(true);
    expect(result.stderr.endsWith('err1999\n')).toBe(true);
    expect(result.stderr.length).toBe(1000);
  });

  test('is handed on line by line, carriage returns of progress bars included, also beyond the limit', async () => {
    const lines: string[] = [];
    await runProcess(sh("printf 'one\\ntwo\\r50%%\\r100%%\\nlast'"), {
      env,
      maxOutputBytes: 3,
      onLine: (line, stream) => lines.push(`${stream}:${line}`),
    });
    expect(lines).toEqual(['stdout:one', 'stdout:two', 'stdout:50%', 'stdout:100%', 'stdout:last']);
  });
});

describe('stopping', () => {
  test('a time limit ends the whole group, also members that ignore SIGTERM', async () => {
    const file = join(folder(), 'pid');
    const script = `trap '' TERM; sh -c 'trap "" TERM; echo $$ > ${file}; while :; do sleep 1; done' & wait`;
    const fault = await faultOf(runTool(sh(script), { env, timeoutMs: 400, graceMs: 100 }));
    expect(fault).toMatchObject({ kind: 'timeout', code: 'tool_timeout' });
    expect(fault.message).toContain('0.4 s');
    const identity = await identifyProcess(pidIn(file) ?? 0);
    expect(identity === null || !(await isAlive(identity))).toBe(true);
  });

  test.skipIf(process.platform !== 'linux')('a cancel ends servers that the program started in sessions of their own', async () => {
    const [pid, stop] = [join(folder(), 'pid'), new AbortController()];
    const run = runProcess(sh(`setsid sh -c 'echo $$ > ${pid}; exec sleep 600' & wait`), { env, signal: stop.signal });
    await expect.poll(() => pidIn(pid)).toBeDefined();
    const server = await identifyProcess(pidIn(pid) ?? 0);
    stop.abort();
    expect(await run).toMatchObject({ cancelled: true });
    await expect.poll(async () => server !== null && (await isAlive(server))).toBe(false);
  }); // prettier-ignore

  test('a cancel lets the program end by itself within the grace time', async () => {
    const stop = new AbortController();
    const lines: string[] = [];
    const run = runProcess(sh("trap 'echo bye; exit 3' TERM; echo up; while :; do sleep 0.05; done"), {
      env,
      signal: stop.signal,
      onLine: (line, stream) => {
        if (stream === 'stdout') lines.push(line);
        if (line === 'up') stop.abort();
      },
    });
    expect(await run).toMatchObject({ code: 3, cancelled: true, timedOut: false });
    expect(lines).toEqual(['up', 'bye']);
  });

  test('nothing is started once the signal is aborted', async () => {
    const file = join(folder(), 'made');
    const fault = await faultOf(runProcess(['touch', file], { env, signal: AbortSignal.abort() }));
    expect(fault).toMatchObject({ kind: 'interrupted', code: 'cancelled' });
    expect(existsSync(file)).toBe(false);
  });
});

describe('faults', () => {
  test('a missing program names itself and the way to get it', async () => {
    const fault = await faultOf(runTool(['nsys', '--version'], { env: { PATH: folder() } }));
    expect(fault).toMatchObject({ kind: 'input', code: 'tool_missing' });
    expect(fault.message).toContain('nsys');
    expect(fault.details.fix).toContain('Nsight Systems');
  });

  test.each([
    [
      'a script whose interpreter is gone',
      () => {
        const path = join(folder(), 'script');
        writeFileSync(path, '#!/nonexistent/interpreter\n');
        chmodSync(path, 0o755);
        return { argv: [path], cwd: '/' };
      },
    ],
    ['a working folder that is gone', () => ({ argv: ['true'], cwd: '/nonexistent/folder' })],
  ])('%s is said, not thrown raw', async (_name, make) => {
    const { argv, cwd } = make();
    expect(await faultOf(runProcess(argv, { env, cwd }))).toMatchObject({ kind: 'input', code: 'tool_not_started' });
  });

  test('a failed program shows its last line and keeps secrets out of message and data', async () => {
    const secret = 'canary-value-12345';
    const argv = ['sh', '-c', 'echo "auth failed for $HF_TOKEN" >&2; exit 2', '--api-key', secret];
    const fault = await faultOf(runTool(argv, { env: { ...env, HF_TOKEN: secret } }));
    expect(fault).toMatchObject({ kind: 'input', code: 'tool_failed', details: { data: { code: 2 } } });
    expect(fault.message).toContain('exit code 2: auth failed for [redacted]');
    expect(JSON.stringify([fault.message, fault.details.data])).not.toContain(secret);
  });
});

test('watchers hear of every process that starts and ends', async () => {
  const heard: string[] = [];
  const stop = watchProcesses({
    started: (pid, argv) => heard.push(`start ${pid > 1} ${argv.join(' ')}`),
    ended: () => heard.push('end'),
  });
  await runProcess(['true'], { env });
  stop();
  await runProcess(['true'], { env });
  expect(heard).toEqual(['start true true', 'end']);
});

test('a process number that is used again is not the same process', async () => {
  const self = await identifyProcess(process.pid);
  if (self === null) throw new Error('this process has no identity');
  expect(await isAlive(self)).toBe(true);
  expect(await isAlive({ ...self, started: '1' })).toBe(false);
  expect(await identifyProcess(2 ** 22 + 1)).toBeNull();
});
